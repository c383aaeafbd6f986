"""Whatever a model's server sends, what is left of it is a short list of harmless lines."""

from __future__ import annotations

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from pyorch.search.suggest.llm_answer import (
    MOST,
    Completion,
    Malformed,
    parse_completion,
    parse_tactics,
    select,
)
from pyorch.search.suggest.llm_budget import Budget, Prices, Spent, Tokens
from pyorch.search.suggest.policy import LONGEST, refusal

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
FORBIDDEN = ["sorry", "admit", "native_decide", "run_tac", "run_cmd", "axiom", "import", "IO",
             "unsafe", "#eval", "macro", "elab", "syntax", "set_option"]  # fmt: skip
#: What Lean ends a word at.
ENDS = ["", " ", "(", ")", "[", ";", ",", "<;>", ".", "·", "⟨", "1", "0x1", "α", "₁", "+", "\u00ac"]


def wrapped(value: object) -> dict[str, object]:
    """A chat completion around a value."""
    return {"choices": [{"message": {"content": value}}], "usage": value}


@given(st.binary() | values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_completion_or_malformed(body: bytes) -> None:
    try:
        completion = parse_completion(body)
    except Malformed as error:
        assert len(str(error)) < 60
    else:
        assert isinstance(completion, Completion)


@given(values | st.dictionaries(st.sampled_from(["prompt_tokens", "completion_tokens"]), values))
def test_any_content_and_any_count(value: object) -> None:
    body = json.dumps(wrapped(value)).encode()
    if value is None or isinstance(value, str):
        assert parse_completion(body).content == value
    data = json.dumps({**wrapped("x"), "usage": value}).encode()
    tokens = parse_completion(data).tokens
    assert tokens is None or (tokens.prompt >= 0 and tokens.answer >= 0)


@given(st.text() | values.map(json.dumps) | st.lists(st.text()).map(lambda t: str({"tactics": t})))
def test_any_text_is_tactics_or_malformed(content: str) -> None:
    try:
        tactics = parse_tactics(content)
    except Malformed as error:
        assert len(str(error)) < 60
    else:
        assert all(isinstance(tactic, str) for tactic in tactics)


@given(st.lists(st.text()), st.booleans())
def test_lists_of_texts_come_back(tactics: list[str], fenced: bool) -> None:
    text = json.dumps({"tactics": tactics})
    assert parse_tactics(f"```json\n{text}\n```" if fenced else text) == tuple(tactics)


@given(st.lists(st.text(min_size=1) | st.text("abcdefgh ", max_size=4), max_size=60), st.text())
def test_selected_tactics_are_few_different_and_harmless(tactics: list[str], secret: str) -> None:
    kept = select(tactics, secret)
    assert len(kept) == len(set(kept)) <= MOST
    assert select(kept, secret) == kept
    for tactic in kept:
        assert tactic == tactic.strip() and refusal(tactic) is None
        assert not secret or secret not in tactic


@given(st.text())
def test_what_passes_is_one_visible_line(tactic: str) -> None:
    if refusal(tactic) is None:
        assert 0 < len(tactic) <= LONGEST
        assert len(tactic.splitlines()) == 1
        assert tactic.encode("utf-8")
        assert all(unicodedata.category(char)[0] not in "CM" for char in tactic)


@given(st.sampled_from(FORBIDDEN), st.sampled_from(ENDS), st.sampled_from(ENDS), st.data())
def test_no_neighbour_hides_a_forbidden_word(
    word: str, before: str, after: str, data: st.DataObject
) -> None:
    # `sorry1` is another word, to Lean too.
    text = f"exact h {before}{word}{after}"
    if not after[:1].isascii() or not after[:1].isalnum():
        assert refusal(text) is not None
    hidden = data.draw(st.text(min_size=1))
    if refusal(f"{hidden} {word}") is None:
        raise AssertionError(f"{hidden!r} hides {word}")


amounts = st.builds(Tokens, st.integers(0, 1000), st.integers(0, 1000))


@given(st.lists(st.tuples(amounts, amounts)), st.integers(1, 5000), st.floats(0.001, 10))
def test_a_budget_holds(requests: list[tuple[Tokens, Tokens]], tokens: int, cost: float) -> None:
    budget = Budget(tokens, cost, Prices(1000.0, 2000.0))
    for most, taken in requests:
        before = budget.used
        try:
            budget.reserve(most)
        except Spent:
            assert budget.used == before
            continue
        assert budget.used.total <= tokens and (budget.cost or 0) <= cost
        least = Tokens(min(most.prompt, taken.prompt), min(most.answer, taken.answer))
        budget.settle(most, least)
        assert budget.used == before + least
