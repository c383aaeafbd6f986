"""What a suggested tactic may not contain.

The first of three defences, and the coarse one: it looks at text, before anything is parsed, and
refuses more than it has to, since a suggestion that is dropped costs nothing but itself. Lean's
own policy (``lean/PyOrchServer/Policy.lean``) looks at parsed syntax, and the audit at what was
proved; neither relies on this one.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["LONGEST", "refusal"]

LONGEST = 300
"""Characters of a tactic."""

#: Assume what was to be proved, or prove it by something else than Lean's kernel.
_UNPROVED = """
    sorry sorryAx admit stop axiom native_decide native bv_decide bv_check ofReduceBool
    ofReduceNat reduceBool reduceNat trustCompiler lcProof lcUnreachable
"""
#: Run code of the text while it is elaborated, reach outside, or change how Lean reads text.
_CODE = """
    run_tac run_cmd run_elab run_meta by_elab elab_stx eval include_str initialize
    builtin_initialize implemented_by extern IO EIO BaseIO FS System sleep dbg_sleep set_option
"""
#: Begin a command: in a file, a tactic ends where one of these stands, on the same line too.
_COMMANDS = """
    theorem lemma def abbrev example instance structure inductive class opaque mutual namespace
    section end variable universe open export include omit attribute import notation infix infixl
    infixr prefix postfix macro macro_rules elab elab_rules syntax declare_syntax_cat
    declare_simp_like_tactic register_simp_attr register_option deriving compile_inductive
    add_decl_doc suppress_compilation
"""
_WORDS = frozenset((_UNPROVED + _CODE + _COMMANDS).split())

_RUN = re.compile(r"[A-Za-z0-9_]+")
_NUMERAL = re.compile(
    r"0[xX][0-9A-Fa-f_]+|0[bB][01_]+|0[oO][0-7_]+|[0-9][0-9_]*(?:[eE][0-9]+)?", re.ASCII
)
#: Comments could hide or swallow text, quotations and attributes are of metaprograms, ``#`` begins
#: commands, and ``apply?`` assumes what it could not find.
_SIGNS = re.compile(r"--|/-|-/|`|@\[|#(?=[A-Za-z])|apply\?|%%")

_PAIRS = {")": "(", "]": "[", "}": "{", "⟩": "⟨", "⟫": "⟪", "»": "«", "›": "‹"}

#: Beyond ASCII: the blocks of Lean's letters, indices, arrows, brackets and operators.
_BLOCKS = (
    range(0x00A1, 0x0180),  # Latin-1 and Latin Extended-A
    range(0x02B0, 0x0300),  # modifier letters
    range(0x0370, 0x0400),  # Greek
    range(0x1D2C, 0x1DC0),  # phonetic extensions: further indices
    range(0x1F00, 0x2000),  # Greek Extended
    range(0x2010, 0x2060),  # dashes, bullets, bars, angle quotes
    range(0x2070, 0x20A0),  # superscripts and subscripts
    range(0x2100, 0x2150),  # letterlike symbols
    range(0x2190, 0x2400),  # arrows, mathematical operators, technical signs
    range(0x25A0, 0x2600),  # geometric shapes
    range(0x27C0, 0x2800),  # brackets, long arrows
    range(0x2900, 0x2C00),  # further arrows and operators
    range(0x1D400, 0x1D800),  # mathematical alphabets
)


def refusal(tactic: str) -> str | None:
    """Why a search does not try ``tactic``; None if it may."""
    if not tactic.strip():
        return "is empty"
    if len(tactic) > LONGEST:
        return f"has more than {LONGEST} characters"
    return _character(tactic) or _word(tactic) or _bracket(tactic)


def _character(text: str) -> str | None:
    """Line breaks, controls, what is invisible or reverses the text, and letters of other scripts.

    Lean has no use for them in a tactic, and they would mislead who reads the proof.
    """
    for char in text:
        code = ord(char)
        if 0x20 <= code < 0x7F:
            continue
        known = any(code in block for block in _BLOCKS)
        if not known or unicodedata.category(char)[0] in "CMZ":
            return f"contains the character U+{code:04X}"
    return None


def _word(text: str) -> str | None:
    """Words are compared as they stand and with their compatibility letters made plain."""
    sign = _SIGNS.search(text)
    if sign is not None:
        return f"contains {sign[0]!r}"
    for run in _RUN.findall(text):
        # Lean reads `0x1sorry` as two tokens, 0x1 and sorry.
        if run[0].isdigit() and not _NUMERAL.fullmatch(run):
            return "joins a number to a word"
    for run in (*_RUN.findall(text), *_RUN.findall(unicodedata.normalize("NFKC", text))):
        if run in _WORDS or run.startswith("unsafe"):
            return f"contains {run!r}"
    return None


def _bracket(text: str) -> str | None:
    """What is open at the end would swallow the text after the tactic."""
    waiting: list[str] = []
    for char in text:
        if char in _PAIRS.values():
            waiting.append(char)
        elif char in _PAIRS and (not waiting or waiting.pop() != _PAIRS[char]):
            return f"has a {char!r} that closes nothing"
    if waiting:
        return f"does not close {waiting[-1]!r}"
    return "has an odd number of quotation marks" if text.count('"') % 2 else None
