"""From what Lean says of a text to declarations that rest on sorry."""

from __future__ import annotations

from pyorch.model import Declaration, Elaboration, Goal, Hole, Hypothesis, Position
from pyorch.sorries.classify import Found, classify, display, findings
from pyorch.sorries.model import OpenGoal, Reach


def declaration(
    name: str,
    *through: str,
    direct: bool = False,
    kind: str = "theorem",
    line: int = 1,
    end: int | None = None,
    axioms: tuple[str, ...] | None = None,
) -> Declaration:
    if axioms is None:
        axioms = ("sorryAx",) if direct or through else ()
    stop = Position(line if end is None else end, 80)
    return Declaration(
        name, kind, "P", "00", Position(line, 8), stop, axioms, 0, direct, tuple(through)
    )


def hole(name: str, line: int, *goals: Goal) -> Hole:
    return Hole(name, Position(line, 20), Position(line, 25), goals)


def found(*declarations: Declaration, holes: tuple[Hole, ...] = ()) -> dict[str, Found]:
    return {f.name: f for f in findings(Elaboration((), declarations, holes))}


def test_names_as_a_person_wrote_them() -> None:
    assert display("_private.A.B.0.foo.bar") == "foo.bar"
    assert display("_private.0.foo") == "foo"
    assert display("A.foo") == "A.foo"
    assert display("_example") == display("A._example") == "example"


def test_direct_is_what_has_a_hole_or_no_other_reason() -> None:
    result = found(
        declaration("lemma", direct=True, line=1),
        declaration("by_hand", direct=True, line=2),  # sorryAx, without a place
        declaration("unfolded", "lemma", direct=True, line=3),  # a copy of another one's
        declaration("both", "lemma", direct=True, line=4),
        declaration("uses", "lemma", line=5),
        declaration("fine", line=6),
        holes=(hole("lemma", 1), hole("both", 4)),
    )
    assert {n for n, f in result.items() if f.direct} == {"lemma", "by_hand", "both"}
    assert {n for n, f in result.items() if f.rests} == set(result) - {"fine"}


def test_what_rests_on_sorry_without_a_known_reason_is_not_lost() -> None:
    odd = found(declaration("odd", axioms=("propext", "sorryAx")))["odd"]
    assert odd.rests
    assert odd.direct


def test_a_sorry_in_compiled_code_only_counts() -> None:
    assert found(declaration("loop", direct=True, axioms=(), kind="opaque"))["loop"].rests


def test_a_hole_that_was_given_up_counts_for_nothing() -> None:
    assert not found(declaration("a"), holes=(hole("a", 1),))["a"].rests


def test_examples_are_told_apart_by_their_places() -> None:
    first = declaration("_example", direct=True, kind="definition", line=3)
    second = declaration("_example", "f", kind="definition", line=5)
    result = findings(Elaboration((), (second, first), (hole("_example", 3, Goal("P")),)))
    assert [(f.kind, f.line, f.direct, len(f.goals)) for f in result] == [
        ("example", 3, True, 1),
        ("example", 5, False, 0),
    ]


def test_a_hole_in_an_auxiliary_belongs_to_its_owner() -> None:
    result = found(declaration("S", direct=True), holes=(hole("S.x._default", 2, Goal("Nat")),))
    assert result["S"].goals == (OpenGoal(2, 20, "⊢ Nat"),)


def test_goals_are_told_once_and_on_one_line() -> None:
    goal = Goal("a +\n  b = c", (Hypothesis("n", "Nat", "3"), Hypothesis("h._@.A.1._hyg.5", "P")))
    holes = (hole("a", 2, goal), hole("a", 2, goal), hole("a", 1, Goal("Q")), hole("a", 2))
    assert found(declaration("a", direct=True), holes=holes)["a"].goals == (
        OpenGoal(1, 20, "⊢ Q"),
        OpenGoal(2, 20, "n : Nat := 3, h✝ : P ⊢ a + b = c"),
    )


def reaches(*files: tuple[str, tuple[Found, ...]]) -> dict[str, tuple[Reach, tuple[str, ...]]]:
    return {s.name: (s.reach, s.chain) for s in classify(files)[0]}


def test_chains_go_through_other_files() -> None:
    base = findings(
        Elaboration(
            (),
            (
                declaration("_private.Base.0.f", direct=True, kind="definition"),
                declaration("lemma", direct=True, line=2),
            ),
        )
    )
    top = findings(
        Elaboration(
            (),
            (
                declaration("about", "_private.Base.0.f"),
                declaration("mid", "lemma"),
                declaration("top", "mid"),
                declaration("mixed", "mid", "about", "_private.Base.0.f"),
                declaration("far", "elsewhere"),
            ),
        )
    )
    assert reaches(("Top.lean", top), ("Base.lean", base)) == {
        "f": (Reach.DIRECT, ()),
        "lemma": (Reach.DIRECT, ()),
        "about": (Reach.DEFINITION, ("f",)),
        "mid": (Reach.TRANSITIVE, ("lemma",)),
        "top": (Reach.TRANSITIVE, ("mid", "lemma")),
        "mixed": (Reach.DEFINITION, ("f",)),
        "far": (Reach.TRANSITIVE, ("elsewhere",)),
    }
    explained = next(s for s in classify([("", top), ("", base)])[0] if s.name == "top")
    assert explained.explanation == "top uses mid, which uses lemma, which uses sorry"


def test_declarations_that_use_each_other_have_an_end() -> None:
    loop = findings(Elaboration((), (declaration("a", "b"), declaration("b", "a"))))
    assert reaches(("A.lean", loop)) == {
        "a": (Reach.TRANSITIVE, ("b",)),
        "b": (Reach.TRANSITIVE, ("a",)),
    }
