"""Numbers and comments in Lean text, over arbitrary input."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pyorch.emit import lean_arg, lean_comment, lean_rat


@given(st.fractions())
def test_numbers_read_back_exactly(value: Fraction) -> None:
    assert Fraction(lean_rat(value)) == value
    assert Fraction(lean_arg(value).removeprefix("(").removesuffix(")")) == value


@given(st.fractions())
def test_arguments_are_one_token_or_in_parentheses(value: Fraction) -> None:
    text = lean_arg(value)
    assert text.isdigit() or (text[0], text[-1]) == ("(", ")")


@given(st.text(st.sampled_from("-/ \n!a")) | st.text())
def test_a_comment_ends_where_it_should(text: str) -> None:
    comment = f"/-- {lean_comment(text)} -/"
    assert depth_at_each_end(comment) == [len(comment)]


def depth_at_each_end(text: str) -> list[int]:
    """Where nested block comments are closed, read as Lean reads them."""
    ends, depth, at = [], 0, 0
    while at < len(text):
        if text.startswith("/-", at):
            depth, at = depth + 1, at + 2
        elif text.startswith("-/", at):
            depth, at = depth - 1, at + 2
            if depth == 0:
                ends.append(at)
        else:
            at += 1
    return ends
