"""Emitted Lean, letter by letter, and what may not get into it.

``PYORCH_UPDATE_GOLDEN=1 pytest tests/unit/test_emit.py`` writes the expected files anew.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from pyorch import claims, emit
from pyorch.model import Emitted, Witness

GOLDEN = Path(__file__).parents[1] / "golden" / "emit"


def emit_case(case: Path) -> Emitted:
    params = json.loads((case / "params.json").read_text())
    counterexamples = {
        seed: Witness(tuple((name, Fraction(text)) for name, text in point.items()), "")
        for seed, point in params["counterexamples"].items()
    }
    instance = claims.get(params["claim"]).instantiate(params["parameters"])
    return emit.emit(instance, counterexamples)


def declared(text: str) -> Iterator[str]:
    """Full names of the theorems of a file that is one namespace."""
    namespace = re.search(r"^namespace (\S+)$", text, re.MULTILINE)
    assert namespace
    assert text.endswith(f"\nend {namespace[1]}\n")
    for name in re.findall(r"^theorem (\S+)", text, re.MULTILINE):
        yield f"{namespace[1]}.{name}"


CASES = sorted(p.name for p in GOLDEN.iterdir())


@pytest.mark.parametrize("name", CASES)
def test_the_file_is_as_expected(name: str) -> None:
    text = emit_case(GOLDEN / name).text
    expected = GOLDEN / name / "expected.lean"
    if os.environ.get("PYORCH_UPDATE_GOLDEN"):
        expected.write_text(text)
    assert text == expected.read_text()


@pytest.mark.parametrize("name", CASES)
def test_asked_is_the_file_with_sorry_for_each_proof(name: str) -> None:
    emitted = emit_case(GOLDEN / name)
    text, asked = (
        re.split(r"^theorem ", t, flags=re.MULTILINE) for t in (emitted.text, emitted.asked)
    )
    assert len(text) == len(asked)
    assert asked[0] == text[0]
    for proved, open_ in zip(text[1:], asked[1:], strict=True):
        statement, sorry, rest = open_.partition("sorry")
        assert sorry
        assert "sorry" not in rest
        assert statement.rstrip().endswith(":=")
        assert proved.startswith(statement)
        assert proved.endswith(rest)
    assert "sorry" not in emitted.text


@pytest.mark.parametrize("name", CASES)
def test_the_theorems_named_are_there(name: str) -> None:
    emitted = emit_case(GOLDEN / name)
    names = list(declared(emitted.text))
    assert set(emitted.theorems) <= set(names)
    assert len(set(names)) == len(names)
    assert set(emitted.refutations) <= set(emitted.theorems)
    family = json.loads((GOLDEN / name / "params.json").read_text())["claim"]
    assert emitted.theorems[0].endswith(f".{family}")
    assert emitted.text.startswith("import PyOrch.")


def test_no_counterexample_no_refutation() -> None:
    emitted = emit_case(GOLDEN / "int1_unrefuted")
    assert emitted.refutations == ()
    assert "not_unguarded" not in emitted.text


def test_the_same_input_gives_the_same_text() -> None:
    assert emit_case(GOLDEN / "int4") == emit_case(GOLDEN / "int4")


@pytest.mark.parametrize(
    ("value", "rat", "arg"),
    [
        (3, "3", "3"),
        (0, "0", "0"),
        (-2, "-2", "(-2)"),
        (Fraction(1, 8), "1/8", "(1/8)"),
        (Fraction(-17, 16), "-17/16", "(-17/16)"),
        (Fraction(6, 2), "3", "3"),
        (2**200, str(2**200), str(2**200)),
    ],
)
def test_numbers_are_exact(value: Fraction | int, rat: str, arg: str) -> None:
    assert emit.lean_rat(value) == rat
    assert emit.lean_arg(value) == arg


@pytest.mark.parametrize("value", [0.5, "1/8", True, None, "0) := sorry --"])
def test_only_exact_numbers_are_numbers(value: object) -> None:
    with pytest.raises(TypeError, match="not an exact number"):
        emit.lean_rat(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", "1a", "a b", "a.b", "a\n", "α", "«a»", "x := sorry", "a'"])
def test_only_identifiers_are_names(name: str) -> None:
    with pytest.raises(ValueError, match="not an identifier"):
        emit.lean_name(name)


def render(source: str, **context: object) -> str:
    return emit._environment().from_string(source).render(**context)


@pytest.mark.parametrize(
    "source",
    [
        "{{ x }}",
        "{{ 'literal' }}",
        "{{ 3 }}",
        "{{ x|lean_comment ~ '' }}",
        "{{ (x|lean_comment)|upper }}",
        "{{ x|lean_comment|replace('a', 'b') }}",
        "{% macro m() %}text{% endmacro %}{{ m() }}",
        "{% set s %}text{% endset %}{{ s }}",
        "{{ none }}",
    ],
)
def test_a_template_cannot_print_what_no_filter_made(source: str) -> None:
    with pytest.raises(TypeError, match="without a filter for Lean text"):
        render(source, x="-/ axiom evil : False /-")


def test_a_template_cannot_print_what_is_not_there() -> None:
    with pytest.raises(UndefinedError, match="missing"):
        render("{{ missing }}")
    with pytest.raises(UndefinedError, match="missing"):
        render("{{ claim.missing }}", claim=claims.get("quantization_error_bound").instantiate())


def test_comments_cannot_be_left() -> None:
    shown = render("/-- {{ x|lean_comment }} -/", x="a -/ axiom evil : False /-\n#eval 1")
    assert shown == "/-- a - / axiom evil : False / -\\u000a#eval 1 -/"


def test_a_proof_is_left_out_where_only_the_statement_is_asked() -> None:
    source = "theorem t : True := {% filter proof %}by\n  trivial{% endfilter %}\n"
    assert render(source, asked=False) == "theorem t : True := by\n  trivial\n"
    assert render(source, asked=True) == "theorem t : True := sorry\n"
