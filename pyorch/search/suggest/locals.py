"""What of a goal a tactic can name: local declarations, and constants that may be unfolded."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pyorch.model import Goal
from pyorch.search.model import ProofState
from pyorch.search.suggest.names import IDENTIFIER, local_name, qualified_name
from pyorch.search.suggest.shape import Shape, Statement, Symbol, shape_of

__all__ = [
    "DATA",
    "INDUCTIVE",
    "SPLIT",
    "Constant",
    "Local",
    "first_parts",
    "locals_of",
    "unfoldable",
]

#: At most so many local declarations and constants are used; Lean lists the newest local last,
#: and those are the ones used.
_MOST_LOCALS, _MOST_CONSTANTS = 24, 12
#: Text past this is not looked at for calls.
_LONGEST = 4000

#: Types over which one argues by induction, or by cases.
INDUCTIVE = {
    "Nat": 3.0, "ℕ": 3.0, "List": 3.0, "Int": 0.5, "ℤ": 0.5, "Array": 0.4, "Vector": 0.4,
    "Fin": 0.3, "Option": 0.2,
}  # fmt: skip
SPLIT = {
    "Bool": 3.0, "Option": 3.0, "Sum": 3.0, "Except": 3.0, "Prod": 1.0, "Sigma": 1.0,
    "Subtype": 1.0, "Fin": 0.5, "Nat": 0.7, "ℕ": 0.7, "List": 1.0, "Int": 0.5, "ℤ": 0.5,
    "Array": 0.7, "Char": 0.3, "String": 0.5, "Ordering": 3.0, "Decidable": 2.0,
    "Or": 3.0, "And": 3.0,
}  # fmt: skip

#: Heads of types that are data or structure, not propositions: no `simp [h]` or `exact h` for them.
DATA = frozenset(SPLIT) | frozenset(INDUCTIVE) | {
    "Type", "Prop", "Sort", "BitVec", "Rat", "Float", "Unit", "UInt8", "UInt16", "UInt32", "UInt64",
    "USize", "Int8", "Int16", "Int32", "Int64", "DecidableEq", "BEq", "LawfulBEq", "Hashable",
    "LE", "LT", "Ord", "Inhabited", "Nonempty", "Monad", "LawfulMonad", "Functor", "Substring",
}  # fmt: skip


@dataclass(frozen=True)
class Local:
    """A local declaration that a tactic can name.

    Attributes:
        name: as it is written in a tactic.
        reading: its type.
        data: is it, as far as one can tell, a value and not a proof?
        used: does the target mention it?
    """

    name: str
    reading: Statement
    data: bool
    used: bool


def locals_of(goal: Goal, shape: Shape) -> tuple[Local, ...]:
    """Those local declarations that can be named, the newest first.

    Of two with the same name only the newer one can; one that Lean prints with a dagger cannot.
    """
    in_target = first_parts(shape.target.identifiers)
    types = dict(shape.hypotheses)
    seen: set[str] = set()
    found: list[Local] = []
    for hypothesis, (_, reading) in zip(
        reversed(goal.hypotheses), reversed(shape.hypotheses), strict=True
    ):
        name = local_name(hypothesis.name)
        if hypothesis.name in seen:
            continue
        seen.add(hypothesis.name)
        if name is not None:
            used = hypothesis.name in in_target
            found.append(Local(name, reading, _is_data(reading, types), used))
    return tuple(found[:_MOST_LOCALS])


def first_parts(identifiers: Sequence[str]) -> frozenset[str]:
    """`xs` of `xs.length`: Lean prints functions of a local that way."""
    return frozenset(identifiers) | frozenset(i.split(".")[0] for i in identifiers)


def _is_data(reading: Statement, types: Mapping[str, Statement]) -> bool:
    """Is this the type of a value? ``types`` are those of the local declarations."""
    if reading.symbol is Symbol.APP:
        if reading.head in DATA:
            return True
        own = types.get(reading.head)
        if own is not None:
            # `p x` for `p : α → Prop`, or `x : α` for `α : Type`
            return "Prop" not in own.identifiers
        # `Tree α`, but not `l.Nodup` nor `Even n`
        others = reading.identifiers[1:]
        return "." not in reading.head and all(_is_type(types.get(i)) for i in others)
    if reading.symbol is Symbol.IMP:
        return all(i in DATA or _is_type(types.get(i)) for i in reading.identifiers)
    return reading.symbol is Symbol.OTHER


def _is_type(reading: Statement | None) -> bool:
    return reading is not None and reading.head in ("Type", "Sort")


@dataclass(frozen=True)
class Constant:
    """A constant of the goal whose definition may matter.

    Attributes:
        name: as it is written in a tactic.
        shown: does the printed target show it? Else notation or a hypothesis hides it.
        calls: arguments that it is applied to in the target, where these are names and numerals.
    """

    name: str
    shown: bool
    calls: tuple[str, ...]


def unfoldable(state: ProofState) -> tuple[Constant, ...]:
    """Constants of the first goal that may have an unfolding worth trying, those shown first.

    Instances, classes' operations, types, constructors and logic are left out.
    """
    if not state.goals:
        return ()
    goal = state.goals[0]
    shown = shape_of(goal).target.identifiers
    # `xs.length` shows List.length
    last = {i.rsplit(".", 1)[-1] for i in shown} | first_parts(shown)
    found: list[Constant] = []
    for constant in state.constants:
        name = qualified_name(constant)
        if name is None or not _may_unfold(constant):
            continue
        is_shown = constant.rsplit(".", 1)[-1] in last
        found.append(Constant(name, is_shown, _calls(constant, goal) if is_shown else ()))
    return tuple(sorted(found, key=lambda c: not c.shown)[:_MOST_CONSTANTS])


def _calls(constant: str, goal: Goal) -> tuple[str, ...]:
    """At most three argument lists, each as it is written after the constant's name."""
    names = {h.name for h in goal.hypotheses}
    found: dict[str, None] = {}
    pattern = _call(constant.rsplit(".", 1)[-1])
    for match in pattern.finditer(goal.target[:_LONGEST]):
        arguments: list[str] = []
        # `xs.take n` is `List.take … xs`; which place it takes is not known, the last is usual
        receiver = match["receiver"]
        for word in match["arguments"].split():
            name = word if word.isdigit() else local_name(word) if word in names else None
            if name is None:
                break
            arguments.append(name)
        if receiver in names and (name := local_name(receiver)) is not None:
            arguments.append(name)
        if arguments:
            found[" ".join(arguments)] = None
    return tuple(found)[:3]


@lru_cache(maxsize=1024)
def _call(last: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w.])(?:(?P<receiver>[\w']+)\.|(?:[\w']+\.)+)?{re.escape(last)}"
        rf"(?![\w'.])(?P<arguments>(?: (?:{IDENTIFIER}|\d+)(?![\w.]))*)"
    )


_LOGIC = frozenset(
    """
    Eq Ne Iff And Or Not True False Exists HEq Nonempty ite dite id letFun outParam autoParam
    Membership.mem GetElem.getElem Nat.succ Nat.zero Int.ofNat Int.negSucc List.nil List.cons
    Option.some Option.none Prod.mk Prod.fst Prod.snd Bool.true Bool.false Fin.mk Fin.val
    Subtype.mk Subtype.val Decidable.decide Array.mk Array.toList Sum.inl Sum.inr Eq.mpr Eq.mp
    Quot.mk Nat.cast Int.cast Nat.lt Nat.le Nat.add Nat.mul Nat.sub BitVec.ofFin Empty PUnit Unit
    """.split()  # noqa: SIM905
)


def _may_unfold(constant: str) -> bool:
    parts = constant.split(".")
    last = parts[-1]
    if constant in _LOGIC or last.startswith(("inst", "_", "match_", "proof_", "rec")):
        return False
    # an operation of a class is called like it: HAdd.hAdd, OfNat.ofNat, LE.le, Functor.map not
    if len(parts) > 1 and parts[-2].rstrip("?").lower() == last.lower():
        return False
    # a type; a definition of a proposition such as Function.Injective stays
    return not (len(parts) == 1 and last[:1].isupper())
