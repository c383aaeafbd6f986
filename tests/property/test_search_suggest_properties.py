"""Suggesters take any text for a goal, and what they write is always harmless."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from pyorch.model import Goal, Hypothesis
from pyorch.search.model import ProofState
from pyorch.search.suggest.arguments import ArgumentSuggester
from pyorch.search.suggest.combined import CombinedSuggester
from pyorch.search.suggest.families import FAMILIES, families_of
from pyorch.search.suggest.names import fresh_names, local_name, qualified_name
from pyorch.search.suggest.policy import refusal
from pyorch.search.suggest.portfolio import PortfolioSuggester
from pyorch.search.suggest.premises import Conclusion, PremiseIndex, PremiseSuggester, Theorem
from pyorch.search.suggest.priors import PriorSuggester, load_priors
from pyorch.search.suggest.shape import Symbol, read_statement

# pieces that mean something to the readers, and arbitrary text
PIECES = st.sampled_from(
    """∀ ∃ ∃! λ fun → ↔ ∧ ∨ ¬ = ≠ ≤ < ∈ ⊆ ∣ , : ( ) [ ] { } ⟨ ⟩ « » ✝ . · | ; -- /- sorry end x y h
    Nat List Prop Type xs.length a✝ if then else match with let 0 1 37 + * ↑ // × 'a' " `
    """.split()  # noqa: SIM905
)
TEXT = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=25).map(" ".join))
NAME = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["h", "x", "n", "inst✝", "a✝", "end", "sorry", "x y", "h); sorry", "α", "n₁"]),
)
GOALS = st.builds(
    Goal, TEXT, st.lists(st.builds(Hypothesis, NAME, TEXT), max_size=8).map(tuple), st.just("")
)
CONSTANTS = st.lists(st.one_of(TEXT, st.sampled_from(["Eq", "Nat", "Foo.bar"])), max_size=6)
STATES = st.builds(
    ProofState, st.text(max_size=4), st.lists(GOALS, max_size=2).map(tuple), CONSTANTS.map(tuple)
)
THEOREMS = st.lists(
    st.builds(Theorem, TEXT, CONSTANTS.map(tuple), TEXT, st.sampled_from(Conclusion)), max_size=10
)
PRIORS = load_priors()


def harmless(tactic: str) -> bool:
    return (
        "\n" not in tactic
        and refusal(tactic) is None
        and not re.search(r"sorry|admit|native_decide|--|✝", tactic)
    )


@given(STATES, THEOREMS)
def test_no_goal_makes_a_suggester_fail_or_write_harm(
    state: ProofState, theorems: list[Theorem]
) -> None:
    single = (PortfolioSuggester(), ArgumentSuggester(), PremiseSuggester(PremiseIndex(theorems)))
    mixed = CombinedSuggester([(s, 1.0) for s in single], most=40)
    for suggester in (*single, mixed, PriorSuggester(mixed, PRIORS)):
        found = list(suggester.suggest(state))
        assert all(harmless(s.tactic) for s in found)
        assert all(s.prior > 0 for s in found)
        assert [s.prior for s in found] == sorted((s.prior for s in found), reverse=True)
        assert len({s.tactic for s in found}) == len(found)
        # the same question has the same answer
        assert list(suggester.suggest(state)) == found
    if found:
        assert abs(sum(s.prior for s in mixed.suggest(state)) - 1) < 1e-9


@given(st.one_of(st.text(max_size=30), NAME))
def test_a_written_name_is_one_token(name: str) -> None:
    written = local_name(name)
    if written is not None:
        assert not re.search(r"[\s()\[\]{};⟨⟩]", written)
        assert written == name or written == f"«{name}»"
        assert local_name(written) == written


@given(TEXT)
def test_a_written_constant_has_the_parts_of_the_name(name: str) -> None:
    written = qualified_name(name)
    if written is not None:
        assert re.sub("[«»]", "", written) == re.sub("[«»]", "", name)
        assert not re.search(r"[\s()\[\]{};⟨⟩]", written)


@given(st.integers(0, 20), st.frozensets(st.sampled_from(["h", "h_1", "h_2", "h_4"])))
def test_fresh_names_differ(count: int, taken: frozenset[str]) -> None:
    made = fresh_names(count, taken)
    assert len(set(made)) == count and not taken & set(made)


@given(TEXT)
def test_any_text_has_a_symbol(text: str) -> None:
    found = read_statement(text)
    assert isinstance(found.symbol, Symbol)
    assert found == read_statement(text)


@given(TEXT, st.frozensets(NAME), st.sampled_from(Symbol))
def test_families_are_known(tactic: str, local: frozenset[str], target: Symbol) -> None:
    assert set(families_of(tactic, local, target)) <= FAMILIES


@given(THEOREMS, CONSTANTS, st.integers(1, 12))
def test_a_query_finds_the_best_that_are_not_excluded(
    theorems: list[Theorem], constants: list[str], most: int
) -> None:
    index = PremiseIndex(theorems)
    everything = index.find(constants, 1000)
    assert index.find(constants, most) == everything[:most]
    kept = tuple(p for p in everything if len(p.theorem.name) % 2)
    assert index.find(constants, 1000, lambda name: len(name) % 2 == 0) == kept
