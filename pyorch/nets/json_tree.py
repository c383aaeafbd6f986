"""JSON read strictly, with the path of every value kept for error messages.

Numbers stay the text that was written, so that each field decides what it means (a weight is the
float64 nearest to it, a bound is the decimal itself). Duplicate keys, which `json` resolves in
silence, are refused.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction

from pyorch.errors import InputError

__all__ = ["MAX_NUMBER_LENGTH", "Node", "display", "parse_json", "parse_rational"]

MAX_NUMBER_LENGTH = 400
"""Characters of one exact number; its decimal exponent has the same limit."""

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]+))?")
_RATIO = re.compile(r"[+-]?[0-9]+/[0-9]+")
_SHOWN = 40


def parse_rational(text: str) -> Fraction:
    """The number that `text` writes, exactly: a decimal such as 0.1 or 1e-3, or a ratio 1/3.

    Raises:
        ValueError: with a one-line message that names the value.
    """
    shown = display(text)
    if len(text) > MAX_NUMBER_LENGTH:
        raise ValueError(f"{shown} has {len(text)} characters (limit {MAX_NUMBER_LENGTH})")
    if decimal := _DECIMAL.fullmatch(text):
        if abs(int(decimal[1] or 0)) > MAX_NUMBER_LENGTH:
            raise ValueError(f"the exponent of {shown} is beyond ±{MAX_NUMBER_LENGTH}")
    elif not _RATIO.fullmatch(text):
        raise ValueError(f"{shown} is not a decimal number or a ratio such as 1/3")
    elif int(text.partition("/")[2]) == 0:
        raise ValueError(f"{shown} divides by zero")
    return Fraction(text)


@dataclass(frozen=True, slots=True)
class _Number:
    """A JSON number (or NaN, Infinity) as it was written."""

    text: str


@dataclass(frozen=True, slots=True)
class _Object:
    """A JSON object, and the first key that it has twice."""

    fields: dict[str, object]
    duplicate: str | None


def _object(pairs: list[tuple[str, object]]) -> _Object:
    fields: dict[str, object] = {}
    duplicate = None
    for key, value in pairs:
        if key in fields and duplicate is None:
            duplicate = key
        fields[key] = value
    return _Object(fields, duplicate)


def parse_json(data: bytes, source: str) -> Node:
    """The root of a JSON document in UTF-8.

    Raises:
        InputError: for other encodings, malformed JSON (with line and column) or nesting deeper
            than Python's parser goes.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise InputError(source, "", f"not UTF-8 text: byte {e.start} ({e.reason})") from None
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_Number,
            parse_int=_Number,
            parse_constant=_Number,
        )
    except json.JSONDecodeError as e:
        raise InputError(
            source, "", f"not valid JSON: {e.msg} (line {e.lineno}, column {e.colno})"
        ) from None
    except RecursionError:
        raise InputError(source, "", "not a weights file: nested too deeply") from None
    return Node(source, "", value)


def display(value: object) -> str:
    """A JSON value for a message: one line, printable, short."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case _Number(text):
            return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
        case str():
            # repr escapes whatever could break the line or the terminal
            return repr(value if len(value) <= _SHOWN else value[:_SHOWN] + "…")
        case list():
            return "an array" if value else "an empty array"
        case _:
            return "an object"


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON value, the file it is from and its path there, such as ``teacher.layers[0].bias``."""

    source: str
    path: str
    value: object

    def error(self, problem: str) -> InputError:
        """An error about this value; the caller raises it."""
        return InputError(self.source, self.path, problem)

    def fields(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Node]:
        """The fields of an object: all of `required`, any of `optional`, no others.

        Raises:
            InputError: for another kind of value, a missing, unknown or repeated field.
        """
        if not isinstance(self.value, _Object):
            raise self.error(f"expected an object, not {display(self.value)}")
        if self.value.duplicate is not None:
            raise self.error(f"the field {display(self.value.duplicate)} is there twice")
        known = (*required, *optional)
        for name in self.value.fields:
            if name not in known:
                raise self.error(f"unknown field {display(name)}{suggestion(name, known)}")
        for name in required:
            if name not in self.value.fields:
                raise self.error(f"the field {name!r} is missing")
        prefix = f"{self.path}." if self.path else ""
        return {
            name: Node(self.source, prefix + name, value)
            for name, value in self.value.fields.items()
        }

    def has(self, name: str) -> bool:
        """Whether this is an object with that field."""
        return isinstance(self.value, _Object) and name in self.value.fields

    def items(self) -> Iterator[Node]:
        """The elements of an array of one or more.

        Raises:
            InputError: for another kind of value or an empty array.
        """
        if not isinstance(self.value, list) or not self.value:
            raise self.error(f"expected a non-empty array, not {display(self.value)}")
        return (
            Node(self.source, f"{self.path}[{index}]", item)
            for index, item in enumerate(self.value)
        )

    def text(self) -> str:
        """A string.

        Raises:
            InputError: for another kind of value.
        """
        if not isinstance(self.value, str):
            raise self.error(f"expected a string, not {display(self.value)}")
        return self.value

    def choice(self, known: Collection[str]) -> str:
        """One of the strings `known`.

        Raises:
            InputError: for anything else, with the nearest known one.
        """
        name = self.text()
        if name not in known:
            raise self.error(
                f"{display(name)} is not one of {', '.join(known)}{suggestion(name, known)}"
            )
        return name

    def float64(self) -> int | float:
        """A number as floating-point software stores it: an integer exactly, else the nearest
        float64.

        Raises:
            InputError: for another kind of value, NaN, infinity (1e999 included) or an integer of
                more than `MAX_NUMBER_LENGTH` digits.
        """
        if not isinstance(self.value, _Number):
            raise self.error(f"expected a number, not {display(self.value)}")
        text = self.value.text
        if text.lstrip("-").isdigit():
            if len(text) > MAX_NUMBER_LENGTH:
                raise self.error(f"{display(self.value)} has more than {MAX_NUMBER_LENGTH} digits")
            return int(text)
        number = float(text)
        if not math.isfinite(number):
            raise self.error(f"{display(self.value)} is not a finite float64")
        return number

    def integer(self) -> int:
        """An integer, as it is written.

        Raises:
            InputError: for another kind of value, or one with a point or an exponent.
        """
        value = self.float64()
        if not isinstance(value, int):
            raise self.error(f"expected an integer, not {display(self.value)}")
        return value

    def natural(self, most: int) -> int:
        """An integer from 0 to `most`.

        Raises:
            InputError: for anything else.
        """
        value = self.integer()
        if not 0 <= value <= most:
            raise self.error(f"{display(self.value)} is not an integer from 0 to {most}")
        return value

    def rational(self) -> Fraction:
        """A number exactly as it is written, as a JSON number or a string such as "1/3".

        Raises:
            InputError: for another kind of value or what `parse_rational` refuses.
        """
        match self.value:
            case _Number(text) | str(text):
                try:
                    return parse_rational(text)
                except ValueError as e:
                    raise self.error(str(e)) from None
            case _:
                raise self.error(
                    f"expected a number or a string such as '1/3', not {display(self.value)}"
                )


def suggestion(name: str, known: Collection[str]) -> str:
    """The known name nearest to `name`, as the tail of a message; empty where none is near."""
    near = difflib.get_close_matches(name[:_SHOWN].lower(), known, n=1)
    return f"; did you mean {str(near[0])!r}?" if near else ""
