"""Emitted certificates of classes and of single outputs."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from pyorch.emit import emit_certificate
from pyorch.emit_properties import (
    emit_class_refutation,
    emit_goal_certificate,
    emit_output_refutation,
)
from pyorch.model import Emitted
from pyorch.nets.attack import Witness
from pyorch.nets.dual_steps import DualCertificate, Multipliers
from pyorch.nets.goal_certificate import (
    ChosenClass,
    GoalCertificate,
    GoalClaim,
    OneTolerance,
    OutputTolerances,
)
from pyorch.nets.margins import evaluate_class
from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network
from pyorch.nets.split import LEAF, Leaf, Split


def single(*rows: tuple[int, ...], bias: tuple[int, ...]) -> Network:
    return Network((Layer(rows, bias, 4, Activation.IDENTITY),))


SMALL = CertificationProblem(
    teacher=single((4,), (-4,), bias=(0, 4)),
    student=single((5,), (-4,), bias=(0, 4)),
    box=Box((8,), (12,), 12),
    epsilon=None,
    sha256="0123456789abcdef" * 4,
    source="somewhere/small.json",
)
WIDE = replace(
    SMALL,
    teacher=single((1,) * 40, (2,) * 40, bias=(0, 1)),
    student=single((1,) * 40, (3,) * 40, bias=(0, 1)),
    box=Box((0,) * 40, (1,) * 40, 1),
)
GAP = Witness(
    output=0, teacher=Fraction(1), student=Fraction(5, 4), point=(1,), den=1, evaluations=9
)


def emitted_for(
    problem: CertificationProblem,
    claim: GoalClaim,
    prec: int,
    dual: DualCertificate | None = None,
) -> Emitted:
    return emit_goal_certificate(problem, GoalCertificate(claim, prec, tree=Leaf(dual)))


def test_a_class_certificate_letter_by_letter() -> None:
    emitted = emitted_for(SMALL, ChosenClass(0), 8)
    namespace = "PyOrch.Emitted.weights_0123456789abcdef_class"
    assert (
        emitted.text
        == f"""\
import PyOrch.Net.SameClass

/-! # The same class: teacher 1 → 2, student 1 → 2

Weights file: small.json, SHA-256 {SMALL.sha256}.
-/

set_option maxRecDepth 100000
set_option maxHeartbeats 0

namespace {namespace}

universe u

/-- The teacher, layer by layer: 1 input, 2 outputs (identity). -/
def teacher : Network := [
  {{ weights := [[4], [-4]], bias := [0, 4], den := 4, activation := .identity }}]

/-- The student, layer by layer: 1 input, 2 outputs (identity). -/
def student : Network := [
  {{ weights := [[5], [-4]], bias := [0, 4], den := 4, activation := .identity }}]

/-- The inputs in question: 1 coordinates, each between two bounds. -/
def box : Box := {{ lo := [8], hi := [12], den := 12 }}

/-- At every input in the box, real or rational, output 0 (from 0) is strictly the greatest
of the teacher, and of the student. -/
theorem chosen_class {{α : Type u}} [OrderedField α] (x : List α) (hx : box.Mem x) :
    Wins 0 (teacher.eval x) ∧ Wins 0 (student.eval x) :=
  wins_of_checkClass 8 (by decide +kernel) hx

/-- At every input in the box, teacher and student choose the same class. -/
theorem same_class {{α : Type u}} [OrderedField α] (x : List α) (hx : box.Mem x) :
    SameClass (teacher.eval x) (student.eval x) :=
  ⟨0, chosen_class x hx⟩

end {namespace}
"""
    )
    assert emitted.theorems == (f"{namespace}.same_class", f"{namespace}.chosen_class")
    assert emitted.refutations == ()


def test_what_is_asked_has_no_proof() -> None:
    point = evaluate_class(SMALL, (1,), 2)
    within = OutputTolerances((Fraction(1), Fraction(2)))
    for emitted in (
        emitted_for(SMALL, ChosenClass(0), 8),
        emit_class_refutation(SMALL, replace(point, student=(Fraction(0), Fraction(1)))),
        emitted_for(SMALL, within, 8),
        emit_output_refutation(SMALL, replace(within, epsilons=(Fraction(1, 8), Fraction(2))), GAP),
    ):
        assert "decide" not in emitted.asked
        assert "sorry" not in emitted.text
        assert emitted.asked.count("sorry") == len(emitted.theorems)


def test_a_tie_and_a_difference_are_told_apart() -> None:
    tie = evaluate_class(SMALL, (1,), 2)
    emitted = emit_class_refutation(SMALL, tie)
    assert "output 0 (from 0) is greatest in the teacher, and\noutput 1 in it, too." in emitted.text
    assert "not_sameClass_of_refutesClass 0 1 [1] 2 (by decide +kernel)" in emitted.text
    assert emitted.refutations == emitted.theorems
    other = emit_class_refutation(
        SMALL, replace(tie, teacher=(Fraction(0), Fraction(1)), student=(Fraction(1), Fraction(0)))
    )
    assert "output 1 (from 0) is greatest in the teacher, and\noutput 0 in the student." in (
        other.text
    )


def test_a_tolerance_for_each_output() -> None:
    claim = OutputTolerances((Fraction(1, 4), Fraction(0)))
    emitted = emitted_for(SMALL, claim, 9)
    assert "CloseEach (teacher.eval x) (student.eval x) [1/4, 0/1] :=" in emitted.text
    assert "closeEach_of_check (εs := [(1, 4), (0, 1)]) 9 (by decide +kernel) hx" in emitted.text
    refuted = emit_output_refutation(SMALL, OutputTolerances((Fraction(1, 8), Fraction(1))), GAP)
    assert "differs by more\nthan 1/8:" in refuted.text
    assert "(εs := [(1, 8), (1, 1)]) (i := 0) rfl" in refuted.text


def test_a_tolerance_for_one_output() -> None:
    emitted = emitted_for(SMALL, OutputTolerances((Fraction(1, 4),), 1), 9)
    assert "CloseAt 1 (teacher.eval x) (student.eval x) (1/4) :=" in emitted.text
    assert "  closeAt_of_check 9 (by decide +kernel) hx" in emitted.text
    assert emitted.theorems[0].endswith("weights_0123456789abcdef_output_1.output_certificate")
    refuted = emit_output_refutation(
        SMALL, OutputTolerances((Fraction(1, 8),), 1), replace(GAP, output=1)
    )
    assert "not_closeAt_of_refutesAt [1] 1 (by decide +kernel)" in refuted.text


@pytest.mark.parametrize("name", ["class", "each", "one"])
def test_large_networks_are_packed(name: str) -> None:
    if name == "class":
        text = emitted_for(WIDE, ChosenClass(1), 8).text
        proof = "wins_of_packedCheckClass 8 (T := teacherData) (S := studentData)"
    elif name == "each":
        claim = OutputTolerances((Fraction(1), Fraction(10)))
        text = emitted_for(WIDE, claim, 8).text
        proof = "closeEach_of_packedCheck (εs := [(1, 1), (10, 1)]) 8 (T := teacherData)"
    else:
        text = emitted_for(WIDE, OutputTolerances((Fraction(1),), 0), 8).text
        proof = "closeAt_of_packedCheck 8 (T := teacherData)"
    assert proof in text
    assert "def teacher : Network := teacherData.toNetwork" in text


DUAL = DualCertificate(8, upper=((Multipliers((1, -2), ()),), ()))


def test_tolerances_by_duality() -> None:
    each = OutputTolerances((Fraction(1, 4), Fraction(0)))
    text = emitted_for(SMALL, each, 8, DUAL).text
    assert text.startswith("import PyOrch.Net.DualGoals\n")
    assert (
        "def certificate : DualCertificate := { prec := 8, tighten := false, symbols := [],"
        " upper := [[(signedLanes 2 1 2 0x3, [])], []], lower := [] }\n\n/-- At every input" in text
    )
    proof = "closeEach_of_dualCheck (εs := [(1, 4), (0, 1)]) certificate (by decide +kernel) hx"
    assert proof in text
    one = emitted_for(SMALL, OutputTolerances((Fraction(1),), 1), 8, DUAL)
    assert "closeAt_of_dualCheck certificate (by decide +kernel) hx" in one.text
    assert "certificate" not in one.asked.split("theorem output_certificate")[0].split("-/")[-1]
    wide = emitted_for(WIDE, each, 8, DUAL).text
    assert (
        "closeEach_of_packedDualCheck (εs := [(1, 4), (0, 1)]) certificate (T := teacherData)"
        " (S := studentData) (by decide +kernel) hx" in wide
    )


def test_a_class_by_duality() -> None:
    emitted = emitted_for(SMALL, ChosenClass(0), 8, DUAL)
    assert emitted.text.startswith("import PyOrch.Net.DualSameClass\n")
    assert "wins_of_dualCheckClass certificate (by decide +kernel) hx" in emitted.text
    assert "def certificate" not in emitted.asked
    assert emitted.asked.count("sorry") == len(emitted.theorems)
    wide = emitted_for(WIDE, ChosenClass(1), 8, DUAL).text
    assert "wins_of_packedDualCheckClass certificate (T := teacherData)" in wide


def test_parts_by_several_methods() -> None:
    tree = Split(0, 20, Leaf(DUAL), Split(0, 22, LEAF, Leaf(DualCertificate(4, True))))
    each = OutputTolerances((Fraction(1, 4), Fraction(0)))
    text = emit_goal_certificate(SMALL, GoalCertificate(each, 9, 1, tree)).text
    assert text.startswith("import PyOrch.Net.GoalTree\nimport PyOrch.Net.SplitCertificate\n")
    assert (
        """\
def tree_0 : GoalTree :=
    (.split 0 20
    (.duality { prec := 8, tighten := false, symbols := [],\
 upper := [[(signedLanes 2 1 2 0x3, [])], []], lower := [] })
    (.split 0 22
    .intervals
    (.duality { prec := 4, tighten := true, symbols := [], upper := [], lower := [] })))

/-- The bounds suffice on every box of part 0. -/
theorem part_0 : HoldsOn.{u} (WithinEach [(1, 4), (0, 1)]) teacherData.toNetwork\
 studentData.toNetwork
    (box.refine 1) :=
  withinEach_of_check (prec := 9) (tree := tree_0) (by decide +kernel)

/-- The parts make up the box. -/
theorem on_box : HoldsOn.{u} (WithinEach [(1, 4), (0, 1)]) teacher student (box.refine 1) :=
  teacherData_eq ▸ studentData_eq ▸ part_0
"""
        in text
    )
    assert "HoldsOn.of_refine on_box (by decide +kernel) hx" in text
    emitted = emit_goal_certificate(SMALL, GoalCertificate(ChosenClass(1), 9, 1, tree))
    assert "HoldsOn.{u} (BothChoose 1) teacher student (box.refine 1)" in emitted.text
    assert "bothChoose_of_check (prec := 9)" in emitted.text
    assert "GoalTree :=" not in emitted.asked
    assert emitted.asked.count("sorry") == len(emitted.theorems)
    one = OutputTolerances((Fraction(1, 3),), 1)
    text = emit_goal_certificate(WIDE, GoalCertificate(one, 9, 5, tree)).text
    assert "HoldsOn.{u} (WithinAt 1 1 3) teacher student (box.refine 5) :=\n  part_0\n" in text


def test_one_epsilon_in_parts() -> None:
    """The statement is that of the other proofs of it."""
    tree = Split(0, 20, Leaf(DUAL), LEAF)
    claim = OneTolerance(Fraction(1, 3))
    emitted = emit_goal_certificate(SMALL, GoalCertificate(claim, 9, 1, tree))
    plain = emit_certificate(SMALL, epsilon=claim.epsilon, prec=9)
    assert emitted.theorems == plain.theorems
    statement = "theorem distillation_certificate"
    asked, other = (each.asked[each.asked.index(statement) :] for each in (emitted, plain))
    assert asked == other
    assert emitted.text.startswith(
        "import PyOrch.Net.GoalTree\nimport PyOrch.Net.SplitCertificate\n"
    )
    assert "HoldsOn.{u} (WithinAll 1 3) teacher student (box.refine 1)" in emitted.text
    assert "withinAll_of_check (prec := 9)" in emitted.text
    assert "HoldsOn.of_refine on_box (by decide +kernel) hx" in emitted.text
    wide = emit_goal_certificate(WIDE, GoalCertificate(claim, 9, 5, tree)).text
    assert "HoldsOn.{u} (WithinAll 1 3) teacher student (box.refine 5) :=\n  part_0\n" in wide
    for problem in (SMALL, WIDE):
        leaf = emit_goal_certificate(problem, GoalCertificate(claim, 9))
        assert leaf.text == emit_certificate(problem, epsilon=claim.epsilon, prec=9).text


def test_many_parts_are_several_lemmas() -> None:
    tree: Leaf | Split = LEAF
    for cut in range(40):
        tree = Split(0, 1000 - cut, tree, LEAF)
    one = OutputTolerances((Fraction(9),), 1)
    text = emit_goal_certificate(SMALL, GoalCertificate(one, 9, 6, tree)).text
    assert text.count("theorem part_") > 2
    assert "▸ (.split (.split" in text
