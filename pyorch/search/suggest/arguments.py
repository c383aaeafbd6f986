"""Tactics whose arguments are drawn from the goal: hypotheses, constants, names and numerals.

Only names are pasted, after `names` has found them to be identifiers; never other text of a goal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from pyorch.model import Goal
from pyorch.search.model import ProofState, Suggestion
from pyorch.search.suggest.locals import (
    DATA,
    INDUCTIVE,
    SPLIT,
    Local,
    first_parts,
    locals_of,
    unfoldable,
)
from pyorch.search.suggest.names import fresh_names, inaccessible, local_name
from pyorch.search.suggest.rank import ranked
from pyorch.search.suggest.shape import Shape, Symbol, shape_of

__all__ = ["ArgumentSuggester"]

#: At most so many numerals are tried as a witness, and of so many digits.
_MOST_NUMERALS, _MOST_DIGITS = 8, 40
#: Hypotheses used: the newest ones.
_MOST_PROOFS = 12

_RELATIONS = frozenset({Symbol.EQ, Symbol.IFF})
_ORDERS = frozenset({Symbol.LE, Symbol.LT})
_COUNTS = frozenset({"Nat", "ℕ", "Int", "ℤ"})
_OPAQUE = frozenset({Symbol.APP, Symbol.BLOCK, Symbol.OTHER, Symbol.RELATION})
_FUNCTIONS = frozenset({Symbol.FORALL, Symbol.IMP, Symbol.NOT, Symbol.NE})

#: Witnesses that are no numerals, by type.
_VALUES = {"List": ("[]",), "Array": ("#[]",), "Bool": ("true", "false"), "Option": ("none",)}


#: How what wraps a list, and the like, is unwrapped with names that can be said afterwards.
_PATTERNS = {"Array": "⟨{}⟩", "Vector": "⟨⟨{}⟩, rfl⟩"}


class ArgumentSuggester:
    """Suggests tactics with arguments from the goal."""

    name = "arguments"

    def suggest(self, state: ProofState) -> Sequence[Suggestion]:
        """See `Suggester.suggest`."""
        if not state.goals:
            return ()
        goal = state.goals[0]
        shape = shape_of(goal)
        named = locals_of(goal, shape)
        return ranked(self._all(state, goal, shape, named), self.name)

    def _all(
        self, state: ProofState, goal: Goal, shape: Shape, named: Sequence[Local]
    ) -> Iterator[tuple[str, float]]:
        yield from _introductions(goal, shape)
        yield from _accessible(goal)
        proofs = [local for local in named if not local.data][:_MOST_PROOFS]
        for age, local in enumerate(proofs):
            # the newest hypothesis is the likeliest to be meant
            for tactic, prior in _of_proof(local, proofs, shape, goal):
                yield tactic, prior / (1.0 + 0.1 * age)
        order = [i.split(".")[0] for i in shape.target.identifiers]
        for local in named:
            if local.data:
                # recursion is on the first argument more often than not
                place = order.index(local.name) if local.name in order else len(order)
                for tactic, prior in _of_data(local, named, goal, shape.target.symbol):
                    yield tactic, prior / (1.0 + 0.1 * place)
        yield from _together(named)
        if shape.target.symbol is Symbol.EXISTS:
            yield from _witnesses(state, shape, named)
        yield from _by_order(shape, named)
        yield from _unfoldings(state)


def _taken(goal: Goal) -> frozenset[str]:
    """Names that a new one had better not hide."""
    shape = shape_of(goal)
    return frozenset(h.name for h in goal.hypotheses) | first_parts(shape.target.identifiers)


def _like(binders: Sequence[str], used: Collection[str], taken: Collection[str]) -> list[str]:
    """The names of binders, or new ones where Lean could not tell them from those ``used``."""
    names: list[str] = []
    for binder in binders:
        name = local_name(binder)
        if name is None or binder in used or name in names:
            stem = "inst" if binder == "inst" else "x" if binder else "h"
            name = fresh_names(1, {*taken, *names}, stem)[0]
        names.append(name)
    return names


def _introductions(goal: Goal, shape: Shape) -> Iterator[tuple[str, float]]:
    target, taken = shape.target, _taken(goal)
    here = frozenset(h.name for h in goal.hypotheses)
    if len(target.premises) > 1:
        yield f"intro {' '.join(_like(target.premises[:24], here, taken))}", 0.5
    if target.symbol is Symbol.FORALL:
        names = _like(target.binders[:12], here, taken)
        if names:
            yield f"intro {' '.join(names)}", 0.1
            yield f"intro {names[0]}", 0.02
    elif target.symbol in (Symbol.IMP, Symbol.NOT, Symbol.NE):
        weight = {Symbol.IMP: 0.3, Symbol.NOT: 0.4, Symbol.NE: 0.15}[target.symbol]
        yield f"intro {fresh_names(1, taken)[0]}", weight
        a, b = fresh_names(2, taken)
        yield f"rintro ⟨{a}, {b}⟩", weight * 0.2
        yield f"rintro ({a} | {b})", weight * 0.1
    elif target.symbol is Symbol.APP or target.symbol is Symbol.SUBSET:
        # a definition that unfolds to a ∀, such as Function.Injective
        yield f"intro {fresh_names(1, taken, 'x')[0]}", 0.02
    elif target.symbol is Symbol.BLOCK and goal.target.lstrip().startswith(("let", "have")):
        yield f"intro {fresh_names(1, taken, 'x')[0]}", 0.2
    elif target.symbol is Symbol.EQ:
        x = fresh_names(1, taken, "x")[0]
        yield f"funext {x}", 0.01
        yield f"ext {x}", 0.02
    if target.symbol is Symbol.IFF:
        h = fresh_names(1, taken)[0]
        yield f"refine ⟨fun {h} => ?_, fun {h} => ?_⟩", 0.15


def _accessible(goal: Goal) -> Iterator[tuple[str, float]]:
    """Give names to local declarations that have none."""
    names = [h.name for h in goal.hypotheses]
    hidden = [n for i, n in enumerate(names) if inaccessible(n) or n in names[i + 1 :]]
    # instances are inaccessible too, nearly always come first, and nobody needs their names
    while hidden and hidden[0].startswith("inst"):
        hidden.pop(0)
    if hidden:
        new = fresh_names(min(len(hidden), 6), _taken(goal))
        yield f"rename_i {' '.join(new)}", 0.05


def _of_proof(
    local: Local, proofs: Sequence[Local], shape: Shape, goal: Goal
) -> Iterator[tuple[str, float]]:
    h, symbol = local.name, local.reading.symbol
    target = shape.target.symbol
    # what the definitions on either side unfold to is not known
    opaque = _OPAQUE & {symbol, target, local.reading.conclusion}
    alike = symbol is target and local.reading.head == shape.target.head
    if alike or opaque:
        yield f"exact {h}", 0.08 if alike else 0.005
    shares = not set(local.reading.identifiers).isdisjoint(shape.target.identifiers)
    yield f"simp [{h}]", 0.03 if shares else 0.005
    yield f"simp at {h}", 0.03
    yield f"simp_all [{h}]", 0.002
    if symbol in (Symbol.FORALL, Symbol.IMP):
        fits = local.reading.conclusion is target
        if fits or opaque:
            yield f"apply {h}", 0.08 if fits else 0.02
        yield f"specialize {h} _", 0.003
    if symbol in (Symbol.NOT, Symbol.NE):
        yield f"apply {h}", 0.15 if target is Symbol.FALSE else 0.0
        yield f"exact absurd rfl {h}", 0.01 if symbol is Symbol.NE else 0.0
    if local.reading.conclusion in _RELATIONS:
        yield from _rewrites(local, proofs, shares)
    if symbol in _RELATIONS | {Symbol.NE} and target is symbol:
        yield f"exact {h}.symm", 0.02
    if symbol is Symbol.EQ:
        yield f"subst {h}", 0.05
        yield f"cases {h}", 0.01
    if symbol is Symbol.IFF:
        yield f"apply {h}.mp", 0.02
        yield f"apply {h}.mpr", 0.02
    yield from _taken_apart(local, goal)


def _rewrites(local: Local, proofs: Sequence[Local], shares: bool) -> Iterator[tuple[str, float]]:
    h, weight = local.name, 0.06 if shares else 0.01
    yield f"rw [{h}]", weight
    yield f"rw [← {h}]", weight * 0.5
    for other in proofs:
        if other.name == h or set(other.reading.identifiers).isdisjoint(local.reading.identifiers):
            continue
        yield f"rw [{h}] at {other.name}", 0.006
        if local.reading.symbol is Symbol.EQ:
            yield f"exact {h} ▸ {other.name}", 0.004


def _taken_apart(local: Local, goal: Goal) -> Iterator[tuple[str, float]]:
    h, symbol, taken = local.name, local.reading.symbol, _taken(goal)
    if symbol is Symbol.AND or symbol is Symbol.IFF:
        a, b = fresh_names(2, taken)
        yield f"rcases {h} with ⟨{a}, {b}⟩", 0.15 if symbol is Symbol.AND else 0.03
        if symbol is Symbol.AND:
            yield f"exact {h}.1", 0.02
            yield f"exact {h}.2", 0.02
    elif symbol is Symbol.OR:
        a = fresh_names(1, taken)[0]
        yield f"rcases {h} with {a} | {a}", 0.2
        yield f"cases {h} <;> simp_all", 0.04
        yield f"cases {h}", 0.05
    elif symbol is Symbol.EXISTS:
        names = _like(local.reading.binders[:6], taken, taken)
        last = fresh_names(1, {*taken, *names})[0]
        yield f"rcases {h} with ⟨{', '.join([*names, last])}⟩", 0.2
    elif symbol is Symbol.FALSE:
        yield f"exact {h}.elim", 0.9
    elif symbol is Symbol.BLOCK:
        yield f"split at {h}", 0.1
    elif symbol in (Symbol.APP, Symbol.MEM, Symbol.LE, Symbol.LT, Symbol.RELATION):
        yield f"cases {h}", 0.015
        if symbol in (Symbol.APP, Symbol.RELATION):
            yield f"induction {h}", 0.01
        if symbol is Symbol.RELATION:
            # permutations and sublists are inductive, prefixes say that there is the rest
            a = fresh_names(1, taken, "x")[0]
            yield f"induction {h} <;> simp_all", 0.03
            yield f"induction {h} <;> grind", 0.01
            yield f"rcases {h} with ⟨{a}, rfl⟩", 0.03


def _of_data(
    local: Local, named: Sequence[Local], goal: Goal, target: Symbol
) -> Iterator[tuple[str, float]]:
    x, head = local.name, local.reading.head
    weight = 1.0 if local.used else 0.3
    induct, split = INDUCTIVE.get(head, 0.0), SPLIT.get(head, 0.0)
    taken = _taken(goal)
    if induct:
        yield f"induction {x}", 0.01 * induct * weight
        yield f"induction {x} <;> simp_all", 0.015 * induct * weight
        yield f"induction {x} <;> grind", 0.01 * induct * weight
        others = [o.name for o in named if o.data and o.used and o is not local and _varies(o)]
        yield from _named_induction(x, head, taken, others[:4], 0.03 * induct * weight)
    pattern = _PATTERNS.get(head)
    if pattern is not None:
        yield f"rcases {x} with {pattern.format(x)}", 0.04 * weight
    if split:
        yield f"cases {x}", 0.02 * split * weight
        for finish in (
            ("rfl", "simp_all", "grind") if target in _RELATIONS else ("simp_all", "grind")
        ):
            yield f"cases {x} <;> {finish}", 0.006 * split * weight
    if head == "Prop":
        yield f"by_cases {fresh_names(1, taken)[0]} : {x}", 0.05 * weight
    elif head not in DATA and head[:1].isupper() and len(head) > 1:
        # an inductive type of the user's
        yield f"cases {x}", 0.02 * weight
        yield f"induction {x}", 0.02 * weight
    if head in ("Nat", "ℕ"):
        yield f"rcases Nat.eq_zero_or_pos {x} with rfl | {fresh_names(1, taken)[0]}", 0.005 * weight


def _varies(local: Local) -> bool:
    """May an induction hypothesis speak of another value of it? Types stay as they are."""
    return local.reading.head not in ("Type", "Sort", "Prop") and local.reading.symbol is Symbol.APP


def _named_induction(
    x: str, head: str, taken: frozenset[str], others: Sequence[str], prior: float
) -> Iterator[tuple[str, float]]:
    """Induction whose cases can be referred to by name, on one line."""
    used = taken - {x}
    ih = fresh_names(1, used, "ih")[0]
    if head in ("Nat", "ℕ"):
        cases = f"| zero => ?_ | succ {x} {ih} => ?_"
    elif head == "List":
        a = fresh_names(1, used, "a")[0]
        cases = f"| nil => ?_ | cons {a} {x} {ih} => ?_"
    else:
        return
    if head in ("Nat", "ℕ"):
        strong = f"induction {x} using Nat.strongRecOn with | ind {x} {ih} => ?_"
        yield strong, prior * 0.1
    yield f"induction {x} with {cases}", prior
    if others:
        yield f"induction {x} generalizing {' '.join(reversed(others))} with {cases}", prior * 0.7


def _together(named: Sequence[Local]) -> Iterator[tuple[str, float]]:
    """Hypotheses two by two, the newest ones."""
    proofs = [local for local in named if not local.data][:6]
    for first in proofs:
        for second in proofs:
            if first is second:
                continue
            if first.reading.symbol in (Symbol.NOT, Symbol.NE):
                yield f"exact absurd {second.name} {first.name}", 0.006
            elif first.reading.symbol in _FUNCTIONS:
                yield f"exact {first.name} {second.name}", 0.01
                yield f"have := {first.name} {second.name}", 0.004
            if first.reading.symbol in _RELATIONS and second.reading.symbol in _RELATIONS:
                yield f"rw [{first.name}, {second.name}]", 0.006
    names = [local.name for local in proofs]
    if len(names) > 1:
        yield f"simp [{', '.join(names[:4])}]", 0.01
    functions = [local for local in proofs if local.reading.symbol is Symbol.FORALL][:4]
    data = [local for local in named if local.data and _varies(local)][:4]
    for function in functions:
        for value in data:
            yield f"have := {function.name} {value.name}", 0.003
            yield f"exact {function.name} {value.name}", 0.003


def _witnesses(
    state: ProofState, shape: Shape, named: Sequence[Local]
) -> Iterator[tuple[str, float]]:
    yield "refine ⟨?_, ?_⟩", 0.02
    for local in named:
        if local.data and local.reading.head not in ("Type", "Prop", "Sort"):
            yield f"exists {local.name}", 0.08 if _varies(local) else 0.01
            if local.reading.head in _COUNTS:
                yield f"exists {local.name} + 1", 0.03
                yield f"exists 2 * {local.name}", 0.01
        elif not local.data:
            yield f"exact ⟨_, {local.name}⟩", 0.02
    numerals = dict.fromkeys(("0", "1", *shape.target.numerals, "2"))
    short = [n for n in numerals if len(n) <= _MOST_DIGITS]
    for numeral in short[:_MOST_NUMERALS]:
        yield f"exists {numeral}", 0.04
    mentioned = {*state.constants, *shape.target.identifiers}
    for type_, values in _VALUES.items():
        if type_ in mentioned:
            for value in values:
                yield f"exists {value}", 0.03


def _by_order(shape: Shape, named: Sequence[Local]) -> Iterator[tuple[str, float]]:
    """Distinguish cases by the order of two numbers of the target."""
    numbers = [local for local in named if local.used and local.reading.head in _COUNTS]
    if shape.target.symbol not in _RELATIONS | _ORDERS:
        return
    taken = {name for name, _ in shape.hypotheses}
    h = fresh_names(1, taken)[0]
    for i, first in enumerate(numbers[:4]):
        for second in numbers[i + 1 : 4]:
            yield f"by_cases {h} : {first.name} ≤ {second.name}", 0.004
            yield f"by_cases {h} : {first.name} = {second.name}", 0.004


def _unfoldings(state: ProofState) -> Iterator[tuple[str, float]]:
    constants = unfoldable(state)
    for rank, constant in enumerate(constants):
        name = constant.name
        weight = 1.0 / (1.0 + 0.3 * rank) * (1.0 if constant.shown else 0.2)
        yield f"simp [{name}]", 0.05 * weight
        yield f"grind [{name}]", 0.04 * weight
        yield f"simp_all [{name}]", 0.015 * weight
        if not constant.shown:
            continue
        yield f"unfold {name}", 0.03 * weight
        yield f"rw [{name}]", 0.01 * weight
        yield f"delta {name}", 0.002 * weight
        for call in ("", *(f" {arguments}" for arguments in constant.calls)):
            yield f"fun_induction {name}{call}", 0.015 * weight
            yield f"fun_induction {name}{call} <;> simp_all", 0.015 * weight
            yield f"fun_cases {name}{call}", 0.008 * weight
    names = [constant.name for constant in constants[:4]]
    if len(names) > 1:
        yield f"simp [{', '.join(names)}]", 0.03
        yield f"grind [{', '.join(names)}]", 0.02
