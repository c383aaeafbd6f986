"""The shape of a goal, read from the text that Lean prints for it.

A reading of text is a guess, and nothing rests on it: it decides which tactics are tried first.
It never fails; text that makes no sense has the symbol `Symbol.OTHER`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from pyorch.model import Goal
from pyorch.search.suggest.names import IDENTIFIER

__all__ = ["Shape", "Statement", "Symbol", "read_statement", "shape_of"]

#: Text past this is not looked at: the connective of a statement comes early or hardly matters.
_LONGEST = 4000


class Symbol(StrEnum):
    """The loosest connective or relation of a proposition, or what else it is."""

    FORALL = "forall"
    IMP = "imp"
    IFF = "iff"
    OR = "or"
    AND = "and"
    NOT = "not"
    EXISTS = "exists"
    EQ = "eq"
    NE = "ne"
    LE = "le"
    LT = "lt"
    MEM = "mem"
    SUBSET = "subset"
    DVD = "dvd"
    RELATION = "relation"
    FALSE = "false"
    TRUE = "true"
    BLOCK = "block"
    """``if``, ``match``, ``let`` or ``fun`` at the head."""
    APP = "app"
    OTHER = "other"


# the lower the level, the looser the connective binds; as in Lean's `Init/Prelude.lean` and Core
_LEVELS = {
    "↔": (20, Symbol.IFF),
    "→": (25, Symbol.IMP),
    "∨": (30, Symbol.OR),
    "∧": (35, Symbol.AND),
    "¬": (40, Symbol.NOT),
    **{
        sign: (50, symbol)
        for symbol, signs in {
            Symbol.EQ: ("=", "=="),
            Symbol.NE: ("≠", "!="),
            Symbol.LE: ("≤", "≥"),
            Symbol.LT: ("<", ">"),
            Symbol.MEM: ("∈", "∉"),
            Symbol.SUBSET: ("⊆", "⊂", "⊇", "⊃"),
            Symbol.DVD: ("∣",),
            Symbol.RELATION: ("≡", "≈", "≃", "≅", "~", "≍", "<+", "<+:", "<:+", "<:+:", "∼", "≺"),
        }.items()
        for sign in signs
    },
}
# a binder or a block reaches as far to the right as it can
_BINDERS = {"∀": Symbol.FORALL, "∃": Symbol.EXISTS, "∃!": Symbol.EXISTS}
_BLOCKS = {"if", "match", "let", "have", "fun", "λ", "do", "∑", "∏", "⨆", "⨅", "∫"}
# notation for types, by the constant that it stands for
_TYPES = {"×": "Prod", "⊕": "Sum", "//": "Subtype"}

_TOKEN = re.compile(
    rf"(?P<ident>{IDENTIFIER})|(?P<number>\d+)|(?P<open>[(\[{{⟨⦃⌊⌈‹⟦])|(?P<close>[)\]}}⟩⦄⌋⌉›⟧])"
    r"|(?P<sign>∃!|<:\+:|<\+:|<:\+|<\+|!=|==|:=|&&&|\|\|\||<<<|>>>|&&|\|\||<\||\|>|<=|>=|=>"
    r"|<\$>|<\*>|>>=|//|\S)"
)


@dataclass(frozen=True)
class Statement:
    """What a printed type looks like.

    Attributes:
        symbol: its loosest connective.
        head: the identifier that it begins with, if it is an application; else empty.
        conclusion: the symbol of what is left when premises and bound names are taken off.
        binders: names that it binds at its head.
        premises: what `intro` would take, through to the conclusion: the names that are bound, and
            an empty one for each hypothesis without a name.
        identifiers: those that occur, each once, in order.
        numerals: those that occur, each once, in order.
    """

    symbol: Symbol
    head: str
    conclusion: Symbol
    binders: tuple[str, ...]
    premises: tuple[str, ...]
    identifiers: tuple[str, ...]
    numerals: tuple[str, ...]


_Token = tuple[str, str]


@lru_cache(maxsize=8192)
def read_statement(text: str) -> Statement:
    """Read a type as Lean prints it."""
    tokens = [(m.lastgroup or "", m.group()) for m in _TOKEN.finditer(text[:_LONGEST])]
    tokens = _without_outer_brackets(tokens)
    symbol = _symbol(tokens)
    return Statement(
        symbol=symbol,
        head=_head(tokens) if symbol is Symbol.APP else "",
        conclusion=_conclusion(tokens, symbol),
        binders=_binders(tokens) if tokens and tokens[0][1] in _BINDERS else (),
        premises=_premises(tokens, symbol),
        identifiers=tuple(dict.fromkeys(t for kind, t in tokens if kind == "ident")),
        numerals=tuple(dict.fromkeys(t for kind, t in tokens if kind == "number")),
    )


def _head(tokens: list[_Token]) -> str:
    depth = 0
    for kind, text in tokens:
        depth += (kind == "open") - (kind == "close")
        # `{x // p x}` is one pair of brackets
        if text in _TYPES and depth == (text == "//"):
            return _TYPES[text]
    return tokens[0][1] if tokens[0][0] == "ident" else ""


def _conclusion(tokens: list[_Token], symbol: Symbol) -> Symbol:
    *_, (symbol, _) = _unfold(tokens, symbol)
    return symbol


def _premises(tokens: list[_Token], symbol: Symbol) -> tuple[str, ...]:
    names: list[str] = []
    for found, part in _unfold(tokens, symbol):
        if found is Symbol.FORALL:
            names += _binders(part)
            names += [""] * _bounds(part)
        elif found is Symbol.IMP:
            names.append("")
    return tuple(names)


def _unfold(tokens: list[_Token], symbol: Symbol) -> Iterator[tuple[Symbol, list[_Token]]]:
    """The statement, what it says after its first binders or premise, and so on."""
    for _ in range(32):
        yield symbol, tokens
        if symbol not in (Symbol.FORALL, Symbol.IMP):
            return
        end = _first(tokens, "," if symbol is Symbol.FORALL else "→")
        tokens = _without_outer_brackets(tokens[end + 1 :])
        symbol = _symbol(tokens)
    yield symbol, tokens


def _first(tokens: list[_Token], text: str) -> int:
    """Where ``text`` first stands outside of brackets; the last place if nowhere."""
    depth = 0
    for i, (kind, found) in enumerate(tokens):
        depth += (kind == "open") - (kind == "close")
        if depth == 0 and found == text:
            return i
    return len(tokens) - 1


def _without_outer_brackets(tokens: list[_Token]) -> list[_Token]:
    for _ in range(8):
        if not tokens or tokens[0][1] != "(" or _closing(tokens, 0) != len(tokens) - 1:
            break
        tokens = tokens[1:-1]
    return tokens


def _closing(tokens: list[_Token], start: int) -> int:
    depth = 0
    for i in range(start, len(tokens)):
        kind = tokens[i][0]
        depth += (kind == "open") - (kind == "close")
        if depth == 0:
            return i
    return -1


def _symbol(tokens: list[_Token]) -> Symbol:
    if not tokens:
        return Symbol.OTHER
    first = tokens[0][1]
    if first in _BINDERS:
        return _BINDERS[first]
    if first in _BLOCKS:
        return Symbol.BLOCK
    best, depth = (100, Symbol.APP if tokens[0][0] in ("ident", "open") else Symbol.OTHER), 0
    for kind, text in tokens:
        depth += (kind == "open") - (kind == "close")
        if depth:
            continue
        if text in _BINDERS or text in _BLOCKS:
            break
        level = _LEVELS.get(text)
        if level is not None and level[0] < best[0]:
            best = level
    if best[1] is Symbol.APP and len(tokens) == 1:
        return {"False": Symbol.FALSE, "True": Symbol.TRUE}.get(first, Symbol.APP)
    return best[1]


def _binders(tokens: list[_Token]) -> tuple[str, ...]:
    """The names bound by the binder at the start: ``∀ (x y : α) {z : β} w, …`` or ``∃ x, …``.

    An instance without a name, ``[C α]``, is called ``inst``.
    """
    names: list[str] = []
    naming, depth = True, 0
    for i, (kind, text) in enumerate(tokens[1:], 1):
        if kind == "open":
            depth += 1
            anonymous = text == "[" and [t for _, t in tokens[i + 2 : i + 3]] != [":"]
            if depth == 1:
                naming = not anonymous
                names += ["inst"] * anonymous
        elif kind == "close":
            depth -= 1
            naming = naming or depth <= 0
        elif text == "," and depth <= 0:
            break
        elif text == ":" or text in _LEVELS:
            naming = False
        elif naming and (kind == "ident" or text == "_"):
            names.append(text)
    return tuple(names)


def _bounds(tokens: list[_Token]) -> int:
    """How many hypotheses ``∀ x ∈ s, …`` or ``∀ x < n, …`` bind beside the names."""
    depth = found = 0
    for kind, text in tokens[1 : _first(tokens, ",")]:
        depth += (kind == "open") - (kind == "close")
        found += depth == 0 and text in _LEVELS
    return found


@dataclass(frozen=True)
class Shape:
    """The shape of a goal.

    Attributes:
        target: of what is to be proved.
        hypotheses: name and reading of each local declaration, in Lean's order.
    """

    target: Statement
    hypotheses: tuple[tuple[str, Statement], ...]

    @property
    def kinds(self) -> frozenset[Symbol]:
        """The symbols of the hypotheses."""
        return frozenset(s.symbol for _, s in self.hypotheses)


def shape_of(goal: Goal) -> Shape:
    """Read a goal."""
    return Shape(
        read_statement(goal.target),
        tuple((h.name, read_statement(h.type)) for h in goal.hypotheses),
    )
