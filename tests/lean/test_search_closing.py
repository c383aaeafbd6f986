"""`pyorch search` on the real Lean: closed, refuted, open; and what must not pass."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from pyorch.audit import audit
from pyorch.errors import InputError
from pyorch.lean.protocol import Environment, Server
from pyorch.lean.workbench import Workbench
from pyorch.model import Emitted, Status, Trust
from pyorch.search.closing import close_text
from pyorch.search.model import ProofState, Suggester, Suggestion
from pyorch.search.proposals import suggester_for
from pyorch.search.report import Closing, SearchOptions
from pyorch.search.result import Budget
from pyorch.stages import Clock, fill_holes

SORRIES = Path(__file__).parents[2] / "examples" / "search" / "Sorries.lean"
INIT = Environment()


@pytest.fixture(scope="module")
def suggester(bench: Workbench) -> Suggester:
    return suggester_for(INIT, bench, lambda _: None)


@pytest.fixture
def close(bench: Workbench, server: Server, suggester: Suggester, tmp_path: Path):  # type: ignore[no-untyped-def]
    def run(text: str, tactics: int = 400, disprove: bool = True) -> Closing:
        options = SearchOptions(Budget(60.0, tactics), disprove=disprove)
        return close_text(
            text, "File.lean", INIT, server, suggester, options,
            limits=bench.limits, logs=tmp_path / "logs",
        )  # fmt: skip

    return run


def test_a_hole_that_a_template_leaves(bench: Workbench) -> None:
    text = "theorem PyOrch.Emitted.a (n : Nat) : n * 1 + 0 = n := by\n  sorry\n"
    emitted = Emitted(text, text, ("PyOrch.Emitted.a",))
    filled = fill_holes(emitted, INIT, bench, Clock(lambda _: None))
    assert "sorry" not in filled.text
    assert (filled.asked, filled.theorems) == (text, emitted.theorems)


@pytest.mark.slow
def test_the_example(close, server: Server) -> None:  # type: ignore[no-untyped-def]
    text = SORRIES.read_text(encoding="utf-8")
    closing = close(text)
    status = {hole.declaration.removeprefix("Examples."): hole.status for hole in closing.holes}
    false = {"always_positive", "head_is_there", "sub_add_cancel_always"}
    assert len(status) == 10
    assert {name for name, s in status.items() if s is Status.REFUTED} == false
    assert {name for name, s in status.items() if s is Status.PROVED} == set(status) - false
    assert closing.audit is not None
    assert closing.audit.trust is Trust.KERNEL
    assert len(closing.refutations) == 3
    # what people wrote is still there
    assert "-- here one needs a lemma" in closing.text
    assert closing.text.count("sorry") == text.count("sorry") - 7
    names = tuple(f"Examples.{name}" for name in status if name not in false)
    report, _ = audit(server, asked=text, given=closing.text, theorems=names, environment=INIT)
    assert report.passed


@pytest.mark.parametrize(
    "text",
    [
        "theorem a (n : Nat) : n + 0 = n := sorry\n",
        "theorem a (p q : Prop) (hp : p) (hq : q) : p ∧ q := ⟨hp, sorry⟩\n",
        "theorem a (n : Nat) : n = n ∧ 0 ≤ n := by\n  constructor <;> sorry\n",
        "theorem a (n : Nat) : 0 < n + 1 ∧ ∃ m, m = n := by\n  constructor <;> sorry\n",
        "theorem a (n : Nat) : 0 ≤ n := by\n  cases n with\n  | zero => sorry\n  | succ => sorry\n",
        "theorem a : 2 < 3 := by\n  have h : 2 < 4 := sorry\n  omega\n",
        "namespace A.B\nvariable (n : Nat)\ntheorem a : n ≤ n + 1 := by sorry\nend A.B\n",
    ],
)
def test_every_place_of_a_sorry(close, text: str) -> None:  # type: ignore[no-untyped-def]
    closing = close(text, disprove=False)
    assert {hole.status for hole in closing.holes} == {Status.PROVED}, closing.holes
    assert "sorry" not in closing.text
    assert closing.audit is not None
    assert closing.audit.passed


def test_what_cannot_be_proved_stays_as_it_is(close) -> None:  # type: ignore[no-untyped-def]
    text = "theorem a (f : Nat → Nat) (n : Nat) : f n = f (n + 1) ∨ f 0 = f 0 + n := by\n  sorry\n"
    closing = close(text, tactics=60, disprove=False)
    (hole,) = closing.holes
    assert (hole.status, closing.text, closing.audit) == (Status.OPEN, text, None)
    assert hole.left
    assert "sorry" in hole.script


def test_data_and_definitions_are_passed_over(close) -> None:  # type: ignore[no-untyped-def]
    text = "def n : Nat := sorry\ndef f : Fin 3 := ⟨2, sorry⟩\ntheorem a : n = n := sorry\n"
    closing = close(text, disprove=False)
    data, field, theorem = closing.holes
    assert data.status is field.status is Status.ERROR
    assert "for data" in data.reason
    # its statement rests on a sorry, so whatever its proof is, it does not count
    assert (theorem.status, closing.audit) == (Status.OPEN, None)


def test_what_has_no_name_is_passed_over(close) -> None:  # type: ignore[no-untyped-def]
    text = "private theorem a : 1 = 1 := sorry\nexample : 1 = 1 := sorry\n"
    closing = close(text, disprove=False)
    assert [hole.status for hole in closing.holes] == [Status.ERROR, Status.ERROR]
    assert "private" in closing.holes[0].reason and "example" in closing.holes[1].reason
    assert not closing.changed


def test_one_of_two_sorries(close) -> None:  # type: ignore[no-untyped-def]
    text = (
        "theorem a (f : Nat → Nat) : f 0 = f 1 ∧ 1 ≤ 2 := by\n"
        "  constructor\n  · sorry\n  · sorry\n"
        "theorem b (f : Bool → Bool) : f true = f false := by\n  sorry\n"
    )
    closing = close(text, tactics=60, disprove=False)
    assert {hole.status for hole in closing.holes} == {Status.OPEN}
    second = closing.holes[1]
    assert "rests on another sorry" in second.reason
    assert closing.changed and closing.text.count("sorry") == 2
    assert (closing.audit, closing.closed) == (None, 0)


class Silent:
    """Suggests nothing."""

    def suggest(self, state: ProofState) -> Sequence[Suggestion]:
        return ()


def test_what_stands_above_is_quoted_and_nothing_else(bench: Workbench, tmp_path: Path) -> None:
    text = """namespace A
inductive Walk : Nat → Nat → Prop
  | by3 (a : Nat) : Walk a (a + 3)
  | then_ (a b c : Nat) : Walk a b → Walk b c → Walk a c
theorem trans (a b c : Nat) (h : Walk a b) (k : Walk b c) : Walk a c := .then_ a b c h k
theorem far (a b c : Nat) (h : Walk a b) (k : Walk b c) : Walk a c := by
  sorry
theorem six : Walk 0 6 := by
  sorry
theorem known : Walk 0 6 := .then_ 0 3 6 (.by3 0) (.by3 3)
theorem six_again : Walk 0 6 := by
  sorry
theorem false : Walk 0 1 := by
  sorry
theorem on_false : Walk 0 1 := by
  sorry
end A
"""
    closing = close_text(
        text, "File.lean", INIT, bench.server(), Silent(),
        SearchOptions(Budget(60.0, 60), disprove=False), limits=bench.limits, logs=tmp_path,
    )  # fmt: skip
    found = {hole.declaration: hole for hole in closing.holes}
    assert found["A.far"].status is Status.PROVED and "A.trans" in found["A.far"].script
    assert found["A.six"].status is Status.OPEN
    assert "A.known" not in found["A.six"].script
    assert found["A.six_again"].status is Status.PROVED, found["A.six_again"]
    assert "A.known" in found["A.six_again"].script
    assert found["A.on_false"].status is Status.OPEN
    assert "rests on another sorry" in found["A.on_false"].reason


def test_what_changes_above_is_searched_anew(bench: Workbench, tmp_path: Path) -> None:
    text = """@[irreducible] def three : Nat := 3
theorem three_eq : three = 3 := by unfold three; rfl
theorem a : three = 3 := by
  sorry
"""
    for lemma in (text.replace("three = 3 := by unfold", "0 + three = 3 := by unfold"), text):
        closing = close_text(
            lemma, "File.lean", INIT, bench.server(), Silent(),
            SearchOptions(Budget(60.0, 60), disprove=False), limits=bench.limits, logs=tmp_path,
        )  # fmt: skip
        assert closing.holes[0].result is not None
        assert closing.holes[0].result.statistics.recalled == 0
    assert closing.holes[0].status is Status.PROVED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("theorem a : 1 = 1 := rfl\n", "has no sorry"),
        ("theorem a : 1 = := sorry\n", "line 1"),
        ("run_cmd pure ()\ntheorem a : 1 = 1 := sorry\n", "not allowed"),
    ],
)
def test_files_that_cannot_be_searched(close, text: str, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=message):
        close(text)


def test_a_second_search_recalls_the_first(close) -> None:  # type: ignore[no-untyped-def]
    text = "theorem a (n : Nat) (h : n < 3) : n * n < 9 := by\n  sorry\n"
    first, second = close(text, disprove=False), close(text, disprove=False)
    assert first.text == second.text
    assert second.holes[0].result.statistics.tactics == 0
