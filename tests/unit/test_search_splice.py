"""Where scripts are put, and what of the file stays as it is."""

from __future__ import annotations

import pytest

from pyorch.model import Position
from pyorch.search.splice import Edit, apply_edits, candidates, offset


def place(text: str) -> tuple[Position, Position]:
    at = text.index("sorry")
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1)
    return Position(line, column), Position(line, column + len("sorry"))


def first(text: str, script: str) -> str:
    return apply_edits(text, [candidates(text, *place(text), script)[0]])


@pytest.mark.parametrize(
    ("text", "script", "result"),
    [
        ("theorem a : P := by\n  sorry -- why\n", "simp", "theorem a : P := by\n  simp -- why\n"),
        ("theorem a : P := sorry\n", "simp", "theorem a : P := by simp\n"),
        ("theorem a : P := sorry\n", "intro x\nsimp", "theorem a : P := by\n  intro x\n  simp\n"),
        (
            "theorem a : P := by sorry\n",
            "intro x\n· simp",
            "theorem a : P := by\n  intro x\n  · simp\n",
        ),
        (
            "  constructor\n  · sorry\n  · rfl\n",
            "intro x\nsimp",
            "  constructor\n  · intro x\n    simp\n  · rfl\n",
        ),
        ("  | zero => sorry\n", "intro x\nsimp", "  | zero => intro x\n            simp\n"),
        ("-- größe ∀\n  sorry", "omega", "-- größe ∀\n  omega"),
    ],
)
def test_the_form_that_reads_best_comes_first(text: str, script: str, result: str) -> None:
    assert first(text, script) == result


@pytest.mark.parametrize(
    ("text", "script", "wanted"),
    [
        ("exact f sorry 3", "simp", "exact f (by simp) 3"),
        ("  simp <;> sorry\n", "simp at h; omega", "  simp <;> (simp at h; omega)\n"),
        ("fun x => sorry", "simp", "fun x => by simp"),
        ("⟨1, sorry⟩", "constructor\n· rfl\n· rfl", "⟨1, (by\n  constructor\n  · rfl\n  · rfl)⟩"),
    ],
)
def test_other_forms_are_among_the_candidates(text: str, script: str, wanted: str) -> None:
    edits = candidates(text, *place(text), script)
    assert wanted in [apply_edits(text, [edit]) for edit in edits]
    assert len(set(edits)) == len(edits)


def test_empty_lines_stay_empty() -> None:
    assert "   \n" not in first("  sorry", "intro x\n\nsimp")


def test_edits_do_not_move_each_other() -> None:
    text = "a sorry b sorry c"
    edits = [Edit(2, 7, "long long long"), Edit(10, 15, "x")]
    assert apply_edits(text, edits) == apply_edits(text, edits[::-1]) == "a long long long b x c"


def test_offsets_count_code_points() -> None:
    assert offset("𝔸∀\nβ sorry", Position(2, 2)) == 5
