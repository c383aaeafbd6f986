"""Names that may be pasted into a tactic.

What a goal says is text from outside. A name is written into a tactic only if it is a Lean
identifier, which is tested here; whatever else stands where a name is expected is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

__all__ = ["IDENTIFIER", "fresh_names", "inaccessible", "local_name", "qualified_name"]

# `isLetterLike`, `isIdRest` and `isSubScriptAlnum` of Lean's Init/Prelude and Init/Meta
_LETTER = (
    "A-Za-z_\u0391-\u039f\u03a1\u03a2\u03a4-\u03a9\u03b1-\u03ba\u03bc-\u03c9\u03ca-\u03fb"
    "\u1f00-\u1ffe\u2100-\u214f\U0001d49c-\U0001d59f"
)
_REST = _LETTER + "0-9'!?\u2080-\u2089\u2090-\u209c\u1d62-\u1d6a\u2c7c"
_PLAIN = rf"[{_LETTER}][{_REST}]*"
_QUOTED = r"«[^«»\s\x00-\x1f\x7f]+»"

#: A regular expression for an identifier as Lean prints it, an inaccessible one (``a✝``) included.
IDENTIFIER = rf"(?:{_PLAIN}|{_QUOTED})(?:\.(?:{_PLAIN}|{_QUOTED}|\d+))*(?:✝[⁰¹²³⁴⁵⁶⁷⁸⁹]*)?"

# between « and » Lean takes nearly anything; letters, digits and these few are enough for us
_INSIDE = r"[\w'!?-]{1,60}"
_ATOM = re.compile(rf"(?:{_PLAIN}|«{_INSIDE}»)\Z")
_QUOTABLE = re.compile(rf"{_INSIDE}\Z")

#: Tokens of Lean's grammar that look like an identifier; as names they need «».
_KEYWORDS = frozenset(
    """
    abbrev at attribute axiom by calc class decreasing_by def deriving do else end example exists
    export extends for forall from fun generalizing have haveI hiding if import in include
    inductive infix infixl infixr instance let letI local macro match mutual namespace nofun
    nomatch noncomputable notation omit only opaque open partial postfix prefix private protected
    public renaming return scoped section set_option show structure suffices syntax termination_by
    then theorem try universe unless unsafe using variable where while with Prop Sort Type meta
    """.split()  # noqa: SIM905
)

#: Never part of a name that is pasted: nothing good is called so.
_REFUSED = re.compile(r"sorry|\badmit\b|\bnative_decide\b|\brun_\w+|\bofReduceBool\b|\b_\w*@|_hyg")


def inaccessible(name: str) -> bool:
    """Does Lean not let one refer to a local declaration of this name?"""
    return not name or "✝" in name or "._@" in name or "_hyg" in name or name.startswith("_@")


def _atom(text: str) -> str | None:
    if _REFUSED.search(text):
        return None
    if _ATOM.match(text):
        return f"«{text}»" if text in _KEYWORDS else text
    return f"«{text}»" if _QUOTABLE.match(text) else None


def local_name(name: str) -> str | None:
    """A hypothesis' name as it is written in a tactic; None if it cannot or must not be."""
    if inaccessible(name) or name == "_" or "." in name:
        return None
    return _atom(name)


@lru_cache(maxsize=1 << 14)
def qualified_name(name: str) -> str | None:
    """A constant's name as it is written in a tactic; None if it cannot or must not be.

    Private constants and those that Lean made for its own use are left out.
    """
    if len(name) > 200 or inaccessible(name) or name.startswith("_"):
        return None
    atoms: list[str] = []
    for part in re.findall(r"«[^»]*»|[^.]+|(?<=\.)(?=\.|\Z)", name):
        # `match_1`, `_eq_1`, `_proof_2`, `_cstage1` …
        if part.startswith("_") or part.isdigit() or not part:
            return None
        atom = _atom(part)
        if atom is None:
            return None
        atoms.append(atom)
    # a keyword needs its quotes only where it stands alone, but they never hurt
    return ".".join(atoms) if atoms else None


def fresh_names(count: int, taken: Iterable[str], stem: str = "h") -> tuple[str, ...]:
    """``count`` names that are not ``taken``: h, h_1, h_2 … The same for the same arguments."""
    used, number = set(taken), 0
    made: list[str] = []
    while len(made) < count:
        name = stem if number == 0 else f"{stem}_{number}"
        number += 1
        if name not in used:
            made.append(name)
    return tuple(made)
