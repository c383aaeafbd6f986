"""Emitted certificates of teacher and student."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from pyorch.emit import PART_COORDINATES, emit_certificate
from pyorch.nets.attack import Witness
from pyorch.nets.bounds import smallest_epsilon
from pyorch.nets.dual_steps import DualCertificate
from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network
from pyorch.nets.split import LEAF, Split, SplitCertificate, SplitTree

SMALL = CertificationProblem(
    teacher=Network(
        (
            Layer(((1, -2), (3, 1)), (0, 1), 4, Activation.RELU),
            Layer(((2, 0),), (-1,), 2, Activation.IDENTITY),
        )
    ),
    student=Network((Layer(((1, 0),), (0,), 1, Activation.IDENTITY),)),
    box=Box((0, 0), (1, 1), 2),
    epsilon=None,
    sha256="0123456789abcdef" * 4,
    source="somewhere/small.json",
)
WIDE = replace(
    SMALL,
    teacher=Network((Layer(((1,) * 40,), (0,), 1, Activation.IDENTITY),)),
    student=Network((Layer(((-1,) * 40,), (0,), 2, Activation.IDENTITY),)),
    box=Box((0,) * 40, (1,) * 40, 1),
)
NAMESPACE = "PyOrch.Emitted.weights_0123456789abcdef_within_31_100"
GAP = Witness(
    output=0, teacher=Fraction(1), student=Fraction(0), point=(1, 0), den=2, evaluations=9
)


def test_a_small_certificate_letter_by_letter() -> None:
    emitted = emit_certificate(SMALL, epsilon=Fraction(31, 100), prec=12)
    assert (
        emitted.text
        == f"""\
import PyOrch.Net.Exact

/-! # Distillation certificate: teacher 2 → 2 → 1, student 2 → 1

Weights file: small.json, SHA-256 {SMALL.sha256}.
-/

set_option maxRecDepth 100000
set_option maxHeartbeats 0

namespace {NAMESPACE}

universe u

/-- The teacher, layer by layer: 2 inputs, 2 outputs (relu), 1 output (identity). -/
def teacher : Network := [
  {{ weights := [[1, -2], [3, 1]], bias := [0, 1], den := 4, activation := .relu }},
  {{ weights := [[2, 0]], bias := [-1], den := 2, activation := .identity }}]

/-- The student, layer by layer: 2 inputs, 1 output (identity). -/
def student : Network := [
  {{ weights := [[1, 0]], bias := [0], den := 1, activation := .identity }}]

/-- The inputs in question: 2 coordinates, each between two bounds. -/
def box : Box := {{ lo := [0, 0], hi := [1, 1], den := 2 }}

/-- At every input in the box, real or rational, teacher and student have equally many outputs, and
each output of theirs differs by at most 31/100. -/
theorem distillation_certificate {{α : Type u}} [OrderedField α] (x : List α) (hx : box.Mem x) :
    Close (teacher.eval x) (student.eval x) (31/100) :=
  close_of_check 12 (by decide +kernel) hx

end {NAMESPACE}
"""
    )
    assert emitted.asked == emitted.text.replace(
        "close_of_check 12 (by decide +kernel) hx", "sorry"
    )
    assert emitted.theorems == (f"{NAMESPACE}.distillation_certificate",)
    assert emitted.refutations == ()


def test_a_refutation_states_the_negation_only() -> None:
    emitted = emit_certificate(SMALL, epsilon=Fraction(31, 100), prec=12, refutation=GAP)
    assert emitted.theorems == emitted.refutations == (f"{NAMESPACE}.not_distillation_certificate",)
    assert "theorem distillation_certificate" not in emitted.text
    assert (
        "    ¬ ∀ x : List Rat, box.Mem x → Close (teacher.eval x) (student.eval x) (31/100) :=\n"
        "  not_close_of_refutes [1, 0] 2 (by decide +kernel)\n"
    ) in emitted.text
    assert " :=\n  sorry\n" in emitted.asked


@pytest.mark.parametrize("refutation", [None, GAP])
def test_many_weights_are_packed(refutation: Witness | None) -> None:
    emitted = emit_certificate(WIDE, epsilon=Fraction(60), prec=4, refutation=refutation)
    for text in (emitted.text, emitted.asked):
        assert "def teacherData : PackedNetwork := [\n" in text
        assert "def teacher : Network := teacherData.toNetwork\n" in text
        assert "def student : Network := studentData.toNetwork\n" in text
        assert "weights := " not in text
    if refutation is None:
        assert "  close_of_splitCheck 4 4 (F := { size := 1, width := " in emitted.text


def test_a_box_that_may_not_be_rounded_is_checked_as_it_is() -> None:
    problem = replace(WIDE, box=Box((1,) * 40, (2,) * 40, 3))
    tight = emit_certificate(problem, epsilon=smallest_epsilon(problem, 4), prec=4)
    assert "  close_of_packedCheck 4 (T := teacherData) (S := studentData) (" in tight.text
    assert tight.text.startswith("import PyOrch.Net.PackedCertificate\n")
    loose = emit_certificate(problem, epsilon=Fraction(60), prec=4)
    assert "  close_of_splitCheck " in loose.text
    assert loose.text.startswith("import PyOrch.Net.SplitCertificate\n")


@pytest.mark.parametrize("epsilon", [Fraction(0), Fraction(3)])
def test_the_tolerance_is_written_as_a_ratio(epsilon: Fraction) -> None:
    text = emit_certificate(SMALL, epsilon=epsilon, prec=4).text
    assert f"({epsilon}/1) :=" in text


def test_a_file_name_stays_in_its_comment() -> None:
    hostile = replace(SMALL, source="-/ axiom evil : False /-\n#eval 1.json")
    text = emit_certificate(hostile, epsilon=Fraction(1), prec=4).text
    shown = Path(hostile.source).name.replace("/-", "/ -").replace("\n", "\\u000a")
    assert f"Weights file: {shown}, SHA-256" in text
    assert text.count("-/") == emit_certificate(SMALL, epsilon=Fraction(1), prec=4).text.count("-/")
    assert "\n#eval" not in text


HALVED = SplitCertificate(Fraction(3), 12, 1, Split(0, 1, LEAF, Split(1, 1, LEAF, LEAF)))


def test_a_small_certificate_in_parts_letter_by_letter() -> None:
    """The networks are listed, for people to read, and packed, for the kernel."""
    assert HALVED.proves(SMALL)
    whole = emit_certificate(SMALL, epsilon=HALVED.epsilon, prec=12)
    emitted = emit_certificate(SMALL, epsilon=HALVED.epsilon, prec=12, split=HALVED)
    definitions, _, _ = whole.text.partition("/-- At every input")
    definitions = definitions.replace("Exact", "SplitCertificate\nimport PyOrch.Net.Exact", 1)
    assert (
        emitted.text
        == f"""\
{definitions}/-- The teacher's numbers, packed into large ones. -/
def teacherData : PackedNetwork := [
  {{ outputs := 2, bits := 3, stride := 120,
    blocks := [
      (2, 0x2f000000000000000000000000000015)],
    biasBits := 2, bias := 0xe,
    den := 4, activation := .relu }},
  {{ outputs := 1, bits := 3, stride := 120,
    blocks := [
      (2, 0x26)],
    biasBits := 1, bias := 0x0,
    den := 2, activation := .identity }}]

/-- The student's numbers, packed into large ones. -/
def studentData : PackedNetwork := [
  {{ outputs := 1, bits := 2, stride := 120,
    blocks := [
      (2, 0xb)],
    biasBits := 1, bias := 0x1,
    den := 1, activation := .identity }}]

/-- They are the teacher's. -/
theorem teacherData_eq : teacherData.toNetwork = teacher := by decide +kernel

/-- They are the student's. -/
theorem studentData_eq : studentData.toNetwork = student := by decide +kernel

/-- How many boxes are checked at once, in which lanes of large numbers. -/
def batch : Batch := {{ size := 3, width := 20, bits := 15 }}

/-- How the box of part 0 is bisected: 3 boxes. -/
def tree_0 : SplitTree :=
    (.split 0 1 .leaf (.split 1 1 .leaf .leaf))

/-- The bounds suffice on every box of part 0. -/
theorem part_0 : CloseOn.{{u}} teacherData.toNetwork studentData.toNetwork 3 1
    (box.refine 1) :=
  closeOn_of_splitCheck (F := batch) (grid := 12) (prec := 12) (tree := tree_0)
    (by decide +kernel)

/-- At every input in the box, real or rational, teacher and student have equally many outputs, and
each output of theirs differs by at most 3. -/
theorem distillation_certificate {{α : Type u}} [OrderedField α] (x : List α) (hx : box.Mem x) :
    Close (teacher.eval x) (student.eval x) (3/1) :=
  teacherData_eq ▸ studentData_eq ▸ CloseOn.close (k := 1)
    part_0 (by decide +kernel) hx

end {NAMESPACE.replace("31_100", "3")}
"""
    )
    asked = whole.asked.replace("Exact", "SplitCertificate\nimport PyOrch.Net.Exact", 1)
    assert emitted.asked == asked


def test_a_wide_certificate_in_many_parts() -> None:
    tree: SplitTree = LEAF
    for dim in range(10):
        tree = Split(dim, 0, tree, tree)
    split = SplitCertificate(Fraction(120), 8, 0, tree)
    assert split.leaves == 1024
    text = emit_certificate(WIDE, epsilon=split.epsilon, prec=8, split=split).text
    assert "def teacher : Network := teacherData.toNetwork" in text and "▸" not in text
    (size,) = re.findall(r"def batch : Batch := { size := (\d+),", text)
    leaves = [int(n) for n in re.findall(r"is bisected: (\d+) boxes\.", text)]
    assert sum(leaves) == 1024 and max(leaves) <= 8 * int(size)
    assert text.count("\ntheorem part_") == len(leaves) > 1
    boxes = re.findall(r"theorem part_\d+ : CloseOn[^:]*\n    (.*) :=\n", text)
    assert len(set(boxes)) == len(boxes) == len(leaves)
    (proof,) = re.findall(r"CloseOn\.close \(k := 0\)\n    (.*?) \(by decide", text, re.S)
    assert re.findall(r"part_(\d+)", proof) == [str(n) for n in range(len(leaves))]


def test_lemmas_about_wide_boxes_are_small() -> None:
    """Lean's stack and memory bear so many coordinates in one lemma."""
    inputs = 784
    wide = replace(
        SMALL,
        teacher=Network((Layer(((1,) * inputs,), (0,), 1, Activation.IDENTITY),)),
        student=Network((Layer(((-1,) * inputs,), (0,), 2, Activation.IDENTITY),)),
        box=Box((0,) * inputs, (1,) * inputs, 1),
    )

    def tree(depth: int) -> SplitTree:
        return Split(depth, 1, tree(depth - 1), tree(depth - 1)) if depth else LEAF

    split = SplitCertificate(Fraction(2000), 8, 1, tree(4))
    text = emit_certificate(wide, epsilon=Fraction(2000), prec=8, split=split).text
    leaves = [int(n) for n in re.findall(r"is bisected: (\d+) boxes", text)]
    assert sum(leaves) == 16
    assert max(leaves) * inputs <= PART_COORDINATES
    (batch,) = re.findall(r"\{ size := (\d+)", text)
    assert int(batch) * inputs <= 2000


def test_a_certificate_by_affine_forms_letter_by_letter() -> None:
    dual = DualCertificate(8, symbols=(3, 1))
    problem = replace(SMALL, student=SMALL.teacher)
    text = emit_certificate(problem, epsilon=Fraction(31, 100), prec=8, dual=dual).text
    assert text.startswith("import PyOrch.Net.DualPackedCertificate\n")
    assert text.endswith(
        f"""\
/-- Which bounds are computed, and multipliers for them: whatever they are, they prove some bound. -/
def certificate : DualCertificate := {{ prec := 8, tighten := false, symbols := [3, 1], upper := [], lower := [] }}

/-- At every input in the box, real or rational, teacher and student have equally many outputs, and
each output of theirs differs by at most 31/100. -/
theorem distillation_certificate {{α : Type u}} [OrderedField α] (x : List α) (hx : box.Mem x) :
    Close (teacher.eval x) (student.eval x) (31/100) :=
  close_of_dualCheck certificate (by decide +kernel) hx

end {NAMESPACE}
"""  # noqa: E501
    )
