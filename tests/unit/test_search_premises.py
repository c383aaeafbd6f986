"""Retrieval of lemmas."""

from __future__ import annotations

from pyorch.model import Goal
from pyorch.search.model import ProofState
from pyorch.search.suggest.premises import (
    Conclusion,
    PremiseIndex,
    PremiseSuggester,
    Theorem,
    excluding,
)

EQ, IFF, OTHER = Conclusion.EQ, Conclusion.IFF, Conclusion.OTHER

THEOREMS = [
    Theorem(
        "List.length_append", ("Eq", "List", "List.length", "HAppend.hAppend"), "List.length", EQ
    ),
    Theorem("List.length_map", ("Eq", "List", "List.length", "List.map"), "List.length", EQ),
    Theorem("List.map_append", ("Eq", "List", "List.map", "HAppend.hAppend"), "List.map", EQ),
    Theorem(
        "List.long",
        ("Eq", "List", "List.length", "HAppend.hAppend", "List.foldl", "List.zip", "Option"),
        "List.length",
        EQ,
    ),
    Theorem("Nat.add_comm", ("Eq", "Nat", "HAdd.hAdd"), "HAdd.hAdd", EQ),
    Theorem("Nat.lt_irrefl", ("Not", "Nat", "LT.lt"), "Not", OTHER),
    Theorem("and_comm", ("Iff", "And"), "And", IFF),
    Theorem("List.length.eq_1", ("Eq", "List.length"), "List.length", EQ),
    Theorem("List.cons.injEq", ("Eq", "List.length"), "List.length", EQ),
    Theorem("a; sorry", ("Eq", "List.length"), "List.length", EQ),
]
GOAL = ("Eq", "List", "List.length", "HAppend.hAppend", "Nat")


def found(constants: tuple[str, ...], **options: object) -> list[str]:
    premises = PremiseIndex(THEOREMS).find(constants, **options)  # type: ignore[arg-type]
    return [p.theorem.name for p in premises]


def state(*constants: str) -> ProofState:
    return ProofState("key", (Goal("p"),), constants)


def test_what_fits_comes_first() -> None:
    assert found(GOAL)[0] == "List.length_append"
    assert found(GOAL).index("List.length_append") < found(GOAL).index("List.long")
    assert found(("And", "Iff")) == ["and_comm"]


def test_what_lean_generates_or_cannot_be_written_is_no_premise() -> None:
    assert len(PremiseIndex(THEOREMS)) == 7


def test_nothing_shared_nothing_found() -> None:
    assert found(()) == found(("Foo",)) == []
    assert PremiseIndex([]).find(GOAL) == ()
    assert not PremiseSuggester(PremiseIndex([])).suggest(state(*GOAL))


def test_excluded_theorems_are_never_suggested() -> None:
    excluded = excluding(["List.length_append"])
    assert excluded("List.length_append") and excluded("List.length_append.match_1")
    assert not excluded("List.length_append_comm")
    suggester = PremiseSuggester(PremiseIndex(THEOREMS), excluded)
    assert "List.length_append" not in " ".join(s.tactic for s in suggester.suggest(state(*GOAL)))


def test_exclusion_leaves_as_many_as_there_are() -> None:
    many = [Theorem(f"t{i:04}", ("C", f"D{i % 7}"), "C", EQ) for i in range(1000)]
    index = PremiseIndex([*many, Theorem("x", ("E",), "", OTHER)])
    first = [p.theorem.name for p in index.find(("D3",), 5)]
    assert first == ["t0003", "t0010", "t0017", "t0024", "t0031"]
    late = index.find(("D3",), 5, lambda name: name < "t0900")
    assert [p.theorem.name for p in late] == ["t0906", "t0913", "t0920", "t0927", "t0934"]


def test_tactics_follow_the_conclusion() -> None:
    suggester = PremiseSuggester(PremiseIndex(THEOREMS))
    equation = [s.tactic for s in suggester.suggest(state(*GOAL))]
    assert equation[0] == "rw [List.length_append]"
    for tactic in ("rw [← List.length_append]", "simp [List.length_append]",
                   "exact List.length_append .."):  # fmt: skip
        assert tactic in equation
    equivalence = [s.tactic for s in suggester.suggest(state("And", "Iff"))]
    assert "apply and_comm.mpr" in equivalence
    order = [s.tactic for s in suggester.suggest(state("LT.lt", "Nat"))]
    assert order[0] == "apply Nat.lt_irrefl"
    assert "rw [Nat.lt_irrefl]" not in order
