"""The portfolio: tactics of core Lean that need no argument, where they have a chance.

Each has a prior, for a goal about which nothing else is known, and a condition on the goal's
shape; outside of it the tactic is not suggested, since it would fail or lead nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyorch.search.model import ProofState, Suggestion
from pyorch.search.suggest.rank import ranked
from pyorch.search.suggest.shape import Shape, Symbol, shape_of

__all__ = ["PORTFOLIO", "PORTFOLIO_SEQUENCE", "PortfolioSuggester", "Tactic"]

#: The baseline of the benchmark: one after the other on the goal, after `intros`, until one
#: closes it. The order of Lean's own users: what is quick and likely first.
PORTFOLIO_SEQUENCE: tuple[str, ...] = (
    "rfl",
    "simp_all",
    "exact?",
    "grind",
    "omega",
    "decide",
    "simp",
    "ac_rfl",
    "contradiction",
    "bv_omega",
)

Condition = Callable[[Shape, ProofState], float]
"""How much better or worse than its prior a tactic is on a goal: 1 as usual, 0 not at all."""

_EQUALITIES = frozenset({Symbol.EQ, Symbol.IFF})
_ORDERS = frozenset({Symbol.LE, Symbol.LT})
_ARITHMETIC = _ORDERS | {Symbol.EQ, Symbol.NE, Symbol.DVD, Symbol.FALSE}
_NUMBERS = frozenset(
    {"Nat", "Int", "Fin", "BitVec", "UInt8", "UInt16", "UInt32", "UInt64", "ℕ", "ℤ"}
)
_FINITE = frozenset({"Bool", "Fin", "BitVec"})
_OPERATIONS = re.compile(r"[+*∩∪]|max |min |gcd|lcm|&&|\|\||&&&|\|\|\||\^\^\^| ∧ | ∨ ")
_FUNCTIONS = re.compile(r"fun |∘|\bid\b|\.map\b|→")
_CASTS = re.compile(r"↑")
_BRANCHES = re.compile(r"\bif\b|\bmatch\b")


def _target(**weights: float) -> Condition:
    """The weight by the symbol of the target; ``rest`` for those that are not named."""
    rest = weights.pop("rest", 0.0)
    by_symbol = {Symbol(name): weight for name, weight in weights.items()}
    return lambda shape, _: by_symbol.get(shape.target.symbol, rest)


def _mentions_numbers(shape: Shape, state: ProofState) -> bool:
    if not _NUMBERS.isdisjoint(state.constants):
        return True
    readings = [shape.target, *(s for _, s in shape.hypotheses)]
    return any(s.numerals or not _NUMBERS.isdisjoint(s.identifiers) for s in readings)


def _arithmetic(shape: Shape, state: ProofState) -> float:
    """For `omega`: a target it reads, or hypotheses that may contradict each other."""
    if not _mentions_numbers(shape, state):
        return 0.0
    if shape.target.symbol in _ARITHMETIC:
        return 2.0 if shape.target.symbol in _ORDERS else 1.0
    if shape.target.symbol in (Symbol.AND, Symbol.OR, Symbol.IFF, Symbol.NOT, Symbol.IMP):
        return 0.7
    return 0.4 if shape.kinds & _ARITHMETIC else 0.0


def _closed(shape: Shape, _: ProofState) -> float:
    """For `decide`: nothing of the context in the target."""
    if _locals_in_target(shape) or shape.target.symbol is Symbol.FALSE:
        return 0.0
    # a bound variable is decided only over a small finite type
    if shape.target.symbol in (Symbol.FORALL, Symbol.EXISTS):
        return 0.1 if _FINITE.isdisjoint(shape.target.identifiers) else 0.7
    return 2.0


def _finite(shape: Shape, _: ProofState) -> float:
    """For `decide +revert`: all that the target mentions of the context is of finite type."""
    types = dict(shape.hypotheses)
    found = [types[name].head for name in _locals_in_target(shape)]
    return 1.0 if found and all(head in _FINITE for head in found) else 0.0


def _locals_in_target(shape: Shape) -> list[str]:
    target = {part for i in shape.target.identifiers for part in (i, i.split(".")[0])}
    return [name for name, _ in shape.hypotheses if name in target]


def _types(shape: Shape) -> frozenset[str]:
    """The heads of the types of the hypotheses."""
    return frozenset(s.head for _, s in shape.hypotheses)


def _where(pattern: re.Pattern[str], *symbols: Symbol) -> Condition:
    """Where the printed target contains something, and is one of ``symbols`` (any if none)."""

    def condition(shape: Shape, state: ProofState) -> float:
        if symbols and shape.target.symbol not in symbols:
            return 0.0
        return 1.0 if pattern.search(state.goals[0].target) else 0.0

    return condition


def _contradiction(shape: Shape, _: ProofState) -> float:
    kinds = shape.kinds
    if Symbol.FALSE in kinds:
        return 20.0
    suspects = {Symbol.NOT, Symbol.NE, Symbol.EQ, Symbol.MEM}
    found = 1.0 if kinds & suspects else 0.0
    return 2 * found if shape.target.symbol is Symbol.FALSE else found


def _assumption(shape: Shape, _: ProofState) -> float:
    target = shape.target
    same = (s for _, s in shape.hypotheses if s.symbol is target.symbol and s.head == target.head)
    if any(set(s.identifiers) >= set(target.identifiers) for s in same):
        return 3.0
    return 0.3 if target.symbol in shape.kinds else 0.0


def _with_proofs(otherwise: float) -> Condition:
    """There is a proposition among the hypotheses that could be used."""
    return lambda shape, _: 1.0 if shape.kinds - {Symbol.APP, Symbol.OTHER} else otherwise


def _exfalso(shape: Shape, _: ProofState) -> float:
    useful = shape.kinds & {Symbol.NOT, Symbol.NE, Symbol.FALSE}
    return 1.0 if useful and shape.target.symbol is not Symbol.FALSE else 0.0


def _about(*types: str, symbols: frozenset[Symbol] = frozenset({Symbol.EQ})) -> Condition:
    """The target is one of ``symbols``, and the goal is about one of ``types``."""

    def condition(shape: Shape, state: ProofState) -> float:
        if shape.target.symbol not in symbols:
            return 0.0
        mentioned = {*state.constants, *shape.target.identifiers, *_types(shape)}
        return 0.0 if mentioned.isdisjoint(types) else 1.0

    return condition


@dataclass(frozen=True)
class Tactic:
    """A tactic of the portfolio, its prior, and where it has a chance."""

    text: str
    prior: float
    condition: Condition


_FINISH = {"forall": 0.4, "exists": 0.3, "imp": 0.5}

PORTFOLIO: tuple[Tactic, ...] = (
    # they close the goal or fail
    Tactic("rfl", 0.06, _target(eq=1.5, iff=0.8, le=0.5, forall=0.2, relation=0.5, app=0.2)),
    Tactic("assumption", 0.05, _assumption),
    Tactic("trivial", 0.02, _target(true=20.0)),
    Tactic("contradiction", 0.03, _contradiction),
    Tactic("omega", 0.10, _arithmetic),
    Tactic("decide", 0.05, _closed),
    Tactic("decide +revert", 0.05, _finite),
    Tactic("grind", 0.10, _target(**_FINISH, rest=1.0)),
    Tactic("simp_all", 0.08, _with_proofs(0.3)),
    Tactic("ac_rfl", 0.03, _where(_OPERATIONS, Symbol.EQ, Symbol.IFF)),
    Tactic("bv_omega", 0.04, _about("BitVec", "Fin", symbols=_ARITHMETIC)),
    # it takes a hundred times as long as the others
    Tactic("exact?", 0.003, _target(rest=1.0)),
    Tactic("nofun", 0.01, _target(imp=1.0, forall=0.5, **{"not": 2.0}, ne=2.0)),
    # they may leave goals
    Tactic("simp", 0.10, _target(forall=0.4, imp=0.6, rest=1.0, false=0.0)),
    Tactic("simp [*]", 0.03, _with_proofs(0.0)),
    Tactic("simp at *", 0.02, _with_proofs(0.0)),
    Tactic("simp +arith", 0.02, _arithmetic),
    Tactic("dsimp", 0.01, _target(eq=1.0, iff=1.0, app=1.0, block=2.0, rest=0.3, false=0.0)),
    Tactic("constructor", 0.03, _target(iff=12.0, true=5.0, app=0.5, **{"and": 12.0})),
    Tactic("and_intros", 0.02, _target(**{"and": 3.0})),
    Tactic("left", 0.10, _target(**{"or": 1.0})),
    Tactic("right", 0.10, _target(**{"or": 1.0})),
    Tactic("intros", 0.005, _target(forall=1.0, imp=1.0, ne=0.5, **{"not": 2.0})),
    Tactic("exfalso", 0.01, _exfalso),
    Tactic("split", 0.12, _where(_BRANCHES)),
    Tactic("funext", 0.02, _where(_FUNCTIONS, Symbol.EQ)),
    Tactic("ext", 0.02, _target(eq=1.0)),
    Tactic("congr", 0.01, _target(eq=1.0, iff=0.3)),
    # extensionality that `ext` does not know, or knows only element by element
    Tactic("apply BitVec.eq_of_toNat_eq", 0.03, _about("BitVec")),
    Tactic("apply Fin.ext", 0.02, _about("Fin")),
    Tactic("apply List.ext_getElem", 0.01, _about("List")),
    Tactic("apply Array.ext", 0.01, _about("Array")),
    Tactic("apply Subtype.ext", 0.01, _about("Subtype")),
    Tactic("apply Nat.le_antisymm", 0.004, _about("Nat")),
    Tactic("apply Int.le_antisymm", 0.004, _about("Int")),
    Tactic("rw [Bool.eq_iff_iff]", 0.01, _about("Bool")),
    Tactic("split <;> simp_all", 0.06, _where(_BRANCHES)),
    Tactic("ext <;> simp", 0.01, _target(eq=1.0)),
    Tactic("symm", 0.005, _target(eq=1.0, ne=1.0, iff=1.0)),
    Tactic("subst_vars", 0.01, lambda shape, _: 1.0 if Symbol.EQ in shape.kinds else 0.0),
    Tactic("injections", 0.005, lambda shape, _: 1.0 if Symbol.EQ in shape.kinds else 0.0),
    Tactic("push_cast", 0.02, _where(_CASTS)),
    Tactic("norm_cast", 0.02, _where(_CASTS)),
)


class PortfolioSuggester:
    """Suggests the tactics of `PORTFOLIO` that have a chance, the likeliest first."""

    name = "portfolio"

    def suggest(self, state: ProofState) -> Sequence[Suggestion]:
        """See `Suggester.suggest`."""
        if not state.goals:
            return ()
        shape = shape_of(state.goals[0])
        weighted = ((t.text, t.prior * t.condition(shape, state)) for t in PORTFOLIO)
        return ranked(weighted, self.name)
