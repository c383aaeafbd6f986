"""The priors' table and what it does to suggestions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pyorch.errors import InputError
from pyorch.model import Goal, Hypothesis
from pyorch.search.model import ProofState, Suggestion
from pyorch.search.suggest.families import FAMILIES
from pyorch.search.suggest.priors import (
    START,
    UNKNOWN,
    PriorSuggester,
    TacticPriors,
    load_priors,
    parse_table,
)


def state(target: str, *hypotheses: str) -> ProofState:
    goal = Goal(target, tuple(Hypothesis(f"h{i}", h) for i, h in enumerate(hypotheses)))
    return ProofState("key", (goal,))


class Two:
    def suggest(self, state: ProofState) -> list[Suggestion]:
        return [Suggestion(t, 0.5, "two") for t in ("constructor", "rfl", "frobnicate")]


@pytest.fixture(scope="module")
def priors() -> TacticPriors:
    return load_priors()


def test_the_shipped_table_knows_mathlib(priors: TacticPriors) -> None:
    def likeliest(*context: str) -> str:
        found = priors.probabilities(*context)
        return max(found, key=lambda family: found[family])

    assert likeliest("and", "intro", "") == "constructor"
    assert likeliest("imp", START, "") == "intro"
    assert likeliest("exists", UNKNOWN, "") == "exists"
    assert likeliest("eq", "intro", "") in ("simp", "rw_lemma")


def test_probabilities_sum_to_one(priors: TacticPriors) -> None:
    for context in (("eq", UNKNOWN, ""), ("eq", "simp", "∧="), ("nonsense", "x", "y")):
        found = priors.probabilities(*context)
        assert sum(found.values()) == pytest.approx(1)
        assert set(found) == FAMILIES
        assert min(found.values()) > 0


def test_an_unseen_context_backs_off(priors: TacticPriors) -> None:
    assert priors.probabilities("eq", UNKNOWN, "never") == priors.probabilities("eq", UNKNOWN, "?")


def test_counts_outweigh_what_they_back_off_to() -> None:
    few = TacticPriors({"": {"rfl": 1e6}, "eq": {"simp": 6}})
    many = TacticPriors({"": {"rfl": 1e6}, "eq": {"simp": 6000}})
    assert few.probabilities("eq", UNKNOWN, "")["rfl"] > 0.8
    assert many.probabilities("eq", UNKNOWN, "")["simp"] > 0.9


def test_suggestions_are_reordered(priors: TacticPriors) -> None:
    suggester = PriorSuggester(Two(), priors, previous=lambda _: "")
    found = [s.tactic for s in suggester.suggest(state("p ∧ q"))]
    assert found.index("constructor") < found.index("rfl")
    # what has no family keeps its prior
    assert Suggestion("frobnicate", 0.5, "two") in suggester.suggest(state("p ∧ q"))


def test_the_tactic_before_counts(priors: TacticPriors) -> None:
    found = state("a = b", "a ≤ b")
    at_root, after, unknown = (
        priors.multipliers(found, previous) for previous in ("", "rw [foo]", None)
    )
    assert at_root["induction"] > 1 > after["induction"]
    assert unknown != at_root


def test_without_a_table_nothing_changes(tmp_path: Path) -> None:
    none = load_priors(tmp_path / "missing.json")
    assert PriorSuggester(Two(), none).suggest(state("p")) == Two().suggest(state("p"))
    assert set(none.probabilities("eq", START, "").values()) == {1 / len(FAMILIES)}


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("{", ""),
        ("[" * 100_000, ""),
        ("[]", "families"),
        ('{"families": ["nope"], "contexts": {}}', "families"),
        ('{"families": [3], "contexts": {}}', "families"),
        ('{"families": ["rfl"]}', "contexts"),
        ('{"families": ["rfl"], "contexts": {"eq": 3}}', "contexts['eq']"),
        ('{"families": ["rfl"], "contexts": {"eq": [-1]}}', "contexts['eq']"),
        ('{"families": ["rfl"], "contexts": {"eq": [1, 2]}}', "contexts['eq']"),
        ('{"families": ["rfl"], "contexts": {"eq": [true]}}', "contexts['eq']"),
    ],
)
def test_a_broken_table_is_refused(tmp_path: Path, text: str, field: str) -> None:
    file = tmp_path / "table.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"table\.json") as caught:
        load_priors(file)
    assert caught.value.field == field


def test_the_shipped_table_names_source_and_licence() -> None:
    file = Path(load_priors.__code__.co_filename).with_name("tactic_priors.json")
    text = file.read_text(encoding="utf-8")
    assert len(text.encode()) <= 60_000
    header = json.loads(text)
    assert "LeanDojo Benchmark 4" in header["source"]
    assert "MIT" in header["licence"] and "Apache-2.0" in header["licence"]
    assert len(parse_table(text, "table")) > 500
