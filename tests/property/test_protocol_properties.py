"""Whatever comes over the wire parses or is a `ProtocolError`; what is sent comes back the same."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pyorch.errors import ProtocolError
from pyorch.lean.answers import parse_audit, parse_elaboration, parse_toolchain
from pyorch.model import (
    Declaration,
    Diagnostic,
    Elaboration,
    Goal,
    Hole,
    Hypothesis,
    Position,
    Severity,
    Step,
)

small = st.integers(0, 10**6)
words = st.text(max_size=8)
positions = st.builds(Position, small, small)
goals = st.builds(
    Goal,
    words,
    st.lists(st.builds(Hypothesis, words, words, st.none() | words), max_size=2).map(tuple),
    words,
)
some_goals = st.lists(goals, max_size=2).map(tuple)
declarations = st.builds(
    Declaration,
    words, words, words,
    st.integers(0, 2**64 - 1).map(lambda n: f"{n:016x}"),
    positions, positions,
    st.lists(words, max_size=3).map(tuple),
    small,
)  # fmt: skip
elaborations = st.builds(
    Elaboration,
    st.lists(
        st.builds(
            Diagnostic,
            st.sampled_from(Severity),
            st.just("f.lean"),
            positions,
            st.none() | positions,
            words,
        ),
        max_size=2,
    ).map(tuple),
    st.lists(declarations, max_size=2).map(tuple),
    st.lists(st.builds(Hole, words, positions, positions, some_goals), max_size=2).map(tuple),
    st.lists(st.builds(Step, words, positions, positions, some_goals, some_goals), max_size=2).map(
        tuple
    ),
    st.lists(st.tuples(positions, words), max_size=2).map(tuple),
    small,
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["line", "column", "text", "name", "start", "axioms"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)

#: Names of the wire that differ from those of the fields.
RENAMED = {"diagnostics": "messages", "milliseconds": "ms"}


def wire(value: Any) -> Any:
    """The value as the server would write it."""
    if isinstance(value, Declaration):
        return {**plain(value), "statement": str(int(value.statement, 16))}
    if is_dataclass(value):
        return plain(value)
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], Position):
        return {"start": wire(value[0]), "reason": value[1]}
    if isinstance(value, tuple):
        return [wire(item) for item in value]
    return value.value if isinstance(value, Enum) else value


def plain(value: Any) -> dict[str, Any]:
    return {RENAMED.get(f.name, f.name): wire(getattr(value, f.name)) for f in fields(value)}


def places(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value inside."""
    if at:
        yield at
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from places(value, (*at, key))


def put(data: Any, at: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(data)
    target = changed
    for key in at[:-1]:
        target = target[key]
    target[at[-1]] = value
    return changed


@given(elaborations)
def test_an_elaboration_comes_back_the_same(value: Elaboration) -> None:
    sent = json.loads(json.dumps(wire(value)))
    assert parse_elaboration(sent, "f.lean") == value


@given(elaborations, anything, st.data())
def test_any_value_in_place_of_any_field(value: Elaboration, odd: Any, data: st.DataObject) -> None:
    sent = wire(value)
    at = data.draw(st.sampled_from(list(places(sent))))
    try:
        parse_elaboration(put(sent, at, odd), "f.lean")
    except ProtocolError as error:
        assert len(str(error).splitlines()) == 1


@given(st.dictionaries(st.sampled_from(["theorems", "kernel", "asked", "given"]), anything))
def test_any_audit(answer: dict[str, Any]) -> None:
    try:
        parse_audit(answer)
    except ProtocolError as error:
        assert len(str(error).splitlines()) == 1


@given(elaborations, anything, st.sampled_from(["name", "difference", "axioms", "bodyless"]))
def test_any_field_of_a_theorem(value: Elaboration, odd: Any, name: str) -> None:
    theorem = {"name": "t", "difference": None, "axioms": [], "bodyless": 0, name: odd}
    answer = {"theorems": [theorem], "kernel": None, "asked": wire(value), "given": wire(value)}
    try:
        parsed = parse_audit(answer).theorems[0]
    except ProtocolError:
        return
    assert all(isinstance(axiom, str) for axiom in parsed.axioms)


@given(st.dictionaries(st.sampled_from(["version", "githash", "embedded"]), anything))
def test_any_introduction(info: dict[str, Any]) -> None:
    try:
        parse_toolchain(info)
    except ProtocolError as error:
        assert len(str(error).splitlines()) == 1
