"""Emitted certificates of teacher and student."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from pyorch.emit import emit_certificate
from pyorch.nets.attack import Witness
from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network

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
        assert "  close_of_packedCheck 4 (T := teacherData) (S := studentData) (" in emitted.text


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
