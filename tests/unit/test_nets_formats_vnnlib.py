"""VNN-LIB boxes: what they mean, and one line for what is not read."""

from __future__ import annotations

from fractions import Fraction

import pytest

from pyorch.errors import InputError
from pyorch.nets.formats.files import InputFile
from pyorch.nets.network import Box
from pyorch.nets.reader import parse_box

VALID = """\
; a property
(declare-const X_0 Real)
(declare-const X_1 Real)
(declare-const Y_0 Real)
(declare-const Y_1 Real)

(assert (>= X_0 -0.1))  ; from below
(assert (<= X_0 1e-1))
(assert (and (<= 0 X_1) (and (<= X_1 2.5) (<= X_1 7))))
(assert (or (and (<= Y_0 Y_1) (>= (+ Y_0 1) (* 2.0 Y_1))) (< Y_0 (- 3.5))))
"""


def read(text: str | bytes, dim: int = 2) -> Box:
    data = text.encode() if isinstance(text, str) else text
    return parse_box(InputFile("box.vnnlib", data, ".vnnlib"), dim)


def error(text: str | bytes, dim: int = 2) -> str:
    with pytest.raises(InputError) as caught:
        read(text, dim)
    message = str(caught.value)
    assert message.isprintable()
    assert message.startswith("box.vnnlib: ")
    return message.removeprefix("box.vnnlib: ")


def test_a_valid_file() -> None:
    box = read(VALID)
    assert box.lower == (Fraction(-1, 10), Fraction(0))
    assert box.upper == (Fraction(1, 10), Fraction(5, 2))


@pytest.mark.parametrize(
    ("bound", "value"),
    [
        ("(<= X_0 0.3)", Fraction(3, 10)),
        ("(>= 0.3 X_0)", Fraction(3, 10)),
        ("(<= X_0 (- 0.05))", Fraction(-1, 20)),
        ("(<= X_0 -.05)", Fraction(-1, 20)),
        ("(<= X_0 5.e-2)", Fraction(1, 20)),
        ("(<= X_0 0.679857769)", Fraction(679857769, 10**9)),
        ("(<=\n  X_0 ; here\n 0)", Fraction(0)),
        ("(<= X_0 -0.0)", Fraction(0)),
    ],
)
def test_bounds_are_the_decimals(bound: str, value: Fraction) -> None:
    assert read(VALID.replace("(<= X_0 1e-1)", bound)).upper[0] == value


def test_of_several_bounds_the_tightest_holds() -> None:
    more = "(assert (<= X_0 0.05)) (assert (<= X_0 0.3)) (assert (>= X_0 0)) (assert (>= X_0 -9))"
    box = read(VALID + more)
    assert (box.lower[0], box.upper[0]) == (0, Fraction(1, 20))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("(assert (>= X_0 -0.1))", "", "X_0: has no lower bound"),
        ("(assert (<= X_0 1e-1))", "", "X_0: has no upper bound"),
        ("(<= X_0 1e-1)", "(<= X_0 -0.2)", "X_0: no input is inside: from -1/10 to -1/5"),
        ("(<= X_0 1e-1)", "(< X_0 0.1)", "line 8: '<' is not a bound (<= X_i c), (>= X_i c), or"),
        ("(<= X_0 1e-1)", "(= X_0 0.1)", "line 8: '=' is not a bound"),
        ("(<= X_0 1e-1)", "(or (<= X_0 0.1))", "line 8: 'or' is not a bound"),
        ("(<= X_0 1e-1)", "(not (<= X_0 0.1))", "line 8: 'not' is not a bound"),
        ("(<= X_0 1e-1)", "(and X_0 0.1)", "line 8: 'and' is not a bound"),
        ("(<= X_0 1e-1)", "(<= X_0 0.1 0.2)", "line 8: '<=' is not a bound"),
        ("(<= X_0 1e-1)", "((<= X_0 0.1))", "line 8: a list is not a bound"),
        ("(<= X_0 1e-1)", "(and)", "line 8: 'and' is not a bound"),
        ("(<= X_0 1e-1)", "()", "line 8: a list is not a bound"),
        ("(<= X_0 1e-1)", "(<= 0 1)", "line 8: <= does not compare an input X_i with a number"),
        ("(<= X_0 1e-1)", "(<= X_0 X_1)", "line 8: <= does not compare an input X_i with a"),
        ("(<= X_0 1e-1)", "(<= X_0 (+ 0.1 1))", "line 8: the bound is not a decimal number"),
        ("(<= X_0 1e-1)", "(<= X_0 (- (- 1)))", "line 8: the bound is not a decimal number"),
        ("(<= X_0 1e-1)", "(<= X_0 (- -1))", "line 8: the bound is not a decimal number"),
        ("(<= X_0 1e-1)", "(<= (* 2 X_0) 1)", "line 8: <= does not compare an input X_i with a"),
        ("(<= X_0 1e-1)", "(<= X_0 1/10)", "line 8: '1/10' is not a decimal number"),
        ("(<= X_0 1e-1)", "(<= X_0 0x10)", "line 8: '0x10' is not a decimal number"),
        ("(<= X_0 1e-1)", "(<= X_0 nan)", "line 8: 'nan' is not declared"),
        ("(<= X_0 1e-1)", "(<= X_0 +inf)", "line 8: '+inf' is not a decimal number"),
        ("(<= X_0 1e-1)", "(<= X_0 1e999)", "line 8: the exponent of '1e999' is beyond ±400"),
        ("(<= X_0 1e-1)", "(<= X_0 1e-399)", "the bounds have no common denominator of 320 bits"),
        ("(<= X_0 1e-1)", "(<= X_0 Y_0)", "line 8: an assertion about inputs and outputs"),
        ("(<= X_0 1e-1)", "(or (<= X_0 1) (<= Y_0 1))", "line 8: an assertion about inputs and"),
        ("(<= X_0 1e-1)", "(<= X_2 0.1)", "line 8: 'X_2' is not declared"),
        ("(<= X_0 1e-1)", "(<= X_00 0.1)", "line 8: 'X_00' is not declared"),
        ("(assert (<= X_0 1e-1))", "(assert true)", "line 8: 'assert' is not (declare-const NAME"),
        ("(assert (<= X_0 1e-1))", "(check-sat)", "line 8: 'check-sat' is not (declare-const"),
        ("(assert (<= X_0 1e-1))", "()", "line 8: a list is not (declare-const NAME Real) or"),
        ("(assert (<= X_0 1e-1))", '(echo "x")', "line 8: '\"' has no place in a box"),
        ("(assert (<= X_0 1e-1))", "assert", "line 8: 'assert' outside of parentheses"),
        ("(assert (<= X_0 1e-1))", "(assert (<= X_0 1)))", "line 8: ')' outside of parentheses"),
        ("(< Y_0 (- 3.5))))", "(< Y_0 (- 3.5)))", "line 10: '(' is never closed"),
        ("Y_1 Real)", "Y_1 Real", "line 5: '(' is never closed"),
        ("Y_1 Real)", "Y_1 Int)", "line 5: Y_1 is of the sort 'Int', not Real"),
        ("Y_1 Real)", "Y_0 Real)", "line 5: Y_0 is declared twice"),
        ("Y_1 Real)", "Z Real)", "line 5: 'Z' is neither an input X_i nor an output Y_j"),
        ("(declare-const Y_1", "(declare-const X_2 Real) (declare-const Y_1", "declares 3 inputs"),
        ("Y_1 Real)", "X_65536 Real)", "line 5: X_65536 is beyond the limit of 65536 inputs"),
        ("Y_1 Real)", f"X_{'9' * 5000} Real)", "line 5: X_99999999999999999999999999999999999999 "),
        ("X_1 Real)", "X_2 Real)", "X_1: is not declared"),
        ("declare-const Y_1 Real", "declare-network N", "line 5: 'declare-network' is not (decl"),
        ("declare-const Y_1 Real", "declare-fun Y_1 () Real", "line 5: 'declare-fun' is not"),
    ],
)
def test_what_is_refused(old: str, new: str, message: str) -> None:
    assert VALID.count(old) == 1
    text = VALID.replace(old, new)
    if message.startswith("X_1: is not declared"):
        text = text.replace("X_1", "X_2")
    assert error(text).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "declares 0 inputs X_i, the network has 2"),
        ("(" * 10**6, "line 1: nested deeper than 64"),
        ("(assert " + "(and " * 10**5, "line 1: nested deeper than 64"),
        ("(" * 60 + ")" * 60, "line 1: a list is not (declare-const NAME Real) or (assert (…))"),
        (b"\xff", "not UTF-8 text: byte 0"),
        ("\0", "line 1: '\\x00' outside of parentheses"),
        ("(declare-const X_0 |Real|)", "line 1: '|' has no place in a box"),
    ],
)
def test_files_that_are_refused(text: str | bytes, message: str) -> None:
    assert error(text).startswith(message)


def test_the_number_of_inputs_is_the_networks() -> None:
    assert error(VALID, dim=3) == "declares 2 inputs X_i, the network has 3"
