"""Text stays in its comment, and a term holds the numbers it was made of and nothing else."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from pyorch.nets.emit_data import (
    LITERAL_BITS,
    lean_box,
    lean_comment,
    lean_natural,
    lean_network,
)
from pyorch.nets.network import CertificationProblem
from tests.property.nets_strategies import problems


def comment_end(text: str) -> int:
    """Where the block comment that `text` starts with ends: they nest, as in Lean."""
    depth, place = 0, 0
    while True:
        match text[place : place + 2]:
            case "/-":
                depth, place = depth + 1, place + 2
            case "-/":
                depth, place = depth - 1, place + 2
            case _:
                place += 1
        if depth == 0 or place >= len(text):
            return place


@given(st.one_of(st.text(), st.text(alphabet="-/ \n")))
def test_a_comment_ends_where_it_should(text: str) -> None:
    comment = f"/-- {lean_comment(text)} -/"
    assert comment.isprintable()
    assert comment_end(comment + " after") == len(comment)


@given(problems())
def test_terms_hold_the_numbers(problem: CertificationProblem) -> None:
    teacher, box = problem.teacher, problem.box
    text = lean_network(teacher)
    assert re.fullmatch(
        r"(?:[-0-9\[\]{},\s]|:=|\.relu|\.identity|weights|bias|den|activation)*", text
    )
    expected = [
        v for layer in teacher.layers for row in (*layer.weights, layer.bias) for v in row
    ] + [layer.den for layer in teacher.layers]
    assert sorted(map(int, re.findall(r"-?[0-9]+", text))) == sorted(expected)
    assert [int(v) for v in re.findall(r"-?[0-9]+", lean_box(box))] == [*box.lo, *box.hi, box.den]


@given(st.integers(0, 5 * LITERAL_BITS).flatmap(lambda bits: st.integers(0, 2**bits)))
@example(2**LITERAL_BITS - 1)
@example(2**LITERAL_BITS)
@example(3 ** (LITERAL_BITS * 1500))  # more parts than Python's recursion has room for
def test_a_long_literal_is_put_together_again(value: int) -> None:
    parts = [int(part, 16) for part in re.findall(r"0x[0-9a-f]+", lean_natural(value))]
    assert all(part < 2**LITERAL_BITS for part in parts)
    assert sum(part << LITERAL_BITS * i for i, part in enumerate(parts)) == value
    assert lean_natural(value).count("(joined ") == len(parts) - 1
