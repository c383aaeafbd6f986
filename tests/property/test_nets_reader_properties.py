"""Whatever the file holds, the reader answers with a problem or with one line."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings

from pyorch.errors import InputError
from pyorch.nets.network import Box, CertificationProblem
from pyorch.nets.reader import parse_problem
from tests.property.fraction_strategies import fractions_between

VALID: dict[str, Any] = {
    "format": "pyorch-pair-1",
    "teacher": {
        "layers": [
            {"weights": [[1, 2], [3.5, 4]], "bias": [0, 0.5], "activation": "relu"},
            {"weights": [[1, -1]], "bias": [0], "activation": "identity"},
        ]
    },
    "student": {"layers": [{"weights": [[1, -1]], "bias": [0], "activation": "identity"}]},
    "box": {"center": [0, 0.1], "radius": 1, "clip": [0, "1/3"]},
    "epsilon": 0.1,
}

numbers = st.one_of(
    st.integers(-(10**450), 10**450),
    st.floats(),
    st.sampled_from([1e300, 1e-300, 5e-324, -0.0, 0, 1]),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(st.text(max_size=8), st.sampled_from(["layers", "weights", "bias", "lower"])),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


def outcome(data: bytes) -> CertificationProblem | str:
    try:
        return parse_problem(data, "pair.json")
    except InputError as e:
        message = str(e)
    assert message.isprintable()
    assert message.startswith("pair.json: ")
    return message


def places(document: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a JSON document."""
    keys = document if isinstance(document, dict) else range(len(document))
    below = [(document, key) for key in keys]
    for key in keys:
        if isinstance(document[key], dict | list):
            below += places(document[key])
    return below


@given(values)
def test_any_json_value(value: object) -> None:
    assert isinstance(outcome(json.dumps(value).encode()), str)


@given(st.data(), values, st.sampled_from(["replace", "remove", "append"]))
@settings(max_examples=400)
def test_a_valid_file_with_one_value_changed(data: st.DataObject, value: object, how: str) -> None:
    document = copy.deepcopy(VALID)
    container, key = data.draw(st.sampled_from(places(document)))
    if how == "replace":
        container[key] = value
    elif how == "remove":
        del container[key]
    elif isinstance(container, list):
        container.append(value)
    else:
        container[data.draw(st.text(max_size=9))] = value
    outcome(json.dumps(document).encode())


@given(st.data())
def test_a_valid_file_with_bytes_changed(data: st.DataObject) -> None:
    text = bytearray(json.dumps(VALID).encode())
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(start + 12, len(text))))
    text[start:end] = data.draw(st.binary(max_size=6))
    outcome(bytes(text))


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_float32_weight_is_read_unchanged(weight: float) -> None:
    document = copy.deepcopy(VALID)
    document["student"]["layers"][0]["weights"][0][0] = weight
    problem = outcome(json.dumps(document).encode())
    assert isinstance(problem, CertificationProblem)
    (layer,) = problem.student.layers
    assert Fraction(layer.weights[0][0], layer.den) == Fraction(weight)
    if weight != 0:
        assert np.float32(layer.weights[0][0] / layer.den) == np.float32(weight)


@given(
    st.lists(
        st.tuples(fractions_between(-5, 5, 99), fractions_between(0, 5, 99)),
        min_size=1,
        max_size=6,
    )
)
def test_a_box_has_the_bounds_it_was_made_of(sides: list[tuple[Fraction, Fraction]]) -> None:
    lower = tuple(lo for lo, _ in sides)
    upper = tuple(lo + width for lo, width in sides)
    box = Box.exact(lower, upper)
    assert (box.lower, box.upper) == (lower, upper)
    assert box.contains(lower)
    assert box.contains(upper)
