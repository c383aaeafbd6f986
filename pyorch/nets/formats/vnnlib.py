"""Boxes of inputs in VNN-LIB, of which the part that writes a box is read.

    (declare-const X_0 Real)
    (declare-const Y_0 Real)
    (assert (>= X_0 -0.5))
    (assert (<= X_0 0.25))

Bounds may be joined by ``and``. Inputs are X_0, X_1, … without a gap, each with a lower and an
upper bound; of several, the tightest holds. A number is the decimal as it is written, ``(- 0.5)``
is −0.5. Assertions about outputs Y_j alone are ignored: they say which outputs somebody else's
property is about, and without them the claim is about more inputs. Whatever else is there is
refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from pyorch.nets.formats.files import MAX_WIDTH, InputFile
from pyorch.nets.formats.json_reader import short
from pyorch.nets.json_tree import display, parse_rational
from pyorch.nets.network import Box

__all__ = ["parse_box"]

MAX_DEPTH = 64
_TOKEN = re.compile(
    r"""(?P<space>\s+|;[^\n]*)|(?P<open>\()|(?P<close>\))|(?P<atom>[^\s();"|]+)|(?P<other>.)""",
    re.DOTALL,
)
_INPUT = re.compile(r"X_(0|[1-9][0-9]*)")
_OUTPUT = re.compile(r"Y_(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_OPERATORS = frozenset({"and", "or", "not", "=>", "<=", ">=", "<", ">", "=", "+", "-", "*"})


@dataclass(frozen=True, slots=True)
class _List:
    """An expression in parentheses and the line of its opening one."""

    line: int
    items: list[_List | str] = field(default_factory=list)

    @property
    def head(self) -> str:
        first = self.items[0] if self.items else ""
        return first if isinstance(first, str) else ""


def parse_box(file: InputFile, dim: int) -> Box:
    """The box that the assertions about inputs write, of `dim` coordinates.

    Raises:
        InputError: one line that names file, line and expression.
    """
    reader = _Reader(file)
    for command in _commands(file):
        reader.read(command)
    return reader.box(dim)


def _commands(file: InputFile) -> Iterator[_List]:
    """The expressions of the outermost level."""
    line = 1
    open_lists: list[_List] = []
    for match in _TOKEN.finditer(file.text()):
        where = f"line {line}"
        if match["space"]:
            line += match["space"].count("\n")
        elif match["other"]:
            raise file.error(where, f"{display(match['other'])} has no place in a box")
        elif match["open"]:
            if len(open_lists) == MAX_DEPTH:
                raise file.error(where, f"nested deeper than {MAX_DEPTH}")
            open_lists.append(_List(line))
        elif not open_lists:
            raise file.error(where, f"{display(match[0])} outside of parentheses")
        elif match["close"]:
            done = open_lists.pop()
            if open_lists:
                open_lists[-1].items.append(done)
            else:
                yield done
        else:
            open_lists[-1].items.append(match["atom"])
    if open_lists:
        raise file.error(f"line {open_lists[-1].line}", "'(' is never closed")


class _Reader:
    """The declarations and bounds so far."""

    def __init__(self, file: InputFile) -> None:
        self._file = file
        self._declared: set[str] = set()
        self._inputs: set[int] = set()
        self._lower: dict[int, Fraction] = {}
        self._upper: dict[int, Fraction] = {}

    def read(self, command: _List) -> None:
        match command.items:
            case ["declare-const", str(name), str(sort)]:
                self._declare(command, name, sort)
            case ["assert", _List() as formula]:
                self._assert(formula)
            case _:
                shown = display(command.head) if command.head else "a list"
                raise self._error(
                    command, f"{shown} is not (declare-const NAME Real) or (assert (…))"
                )

    def box(self, dim: int) -> Box:
        if len(self._inputs) != dim:
            raise self._file.error(
                "", f"declares {len(self._inputs)} inputs X_i, the network has {dim}"
            )
        for index in range(dim):
            name = f"X_{index}"
            if index not in self._inputs:
                raise self._file.error(name, "is not declared")
            for bounds, what in ((self._lower, "lower"), (self._upper, "upper")):
                if index not in bounds:
                    raise self._file.error(name, f"has no {what} bound")
            lo, hi = self._lower[index], self._upper[index]
            if lo > hi:
                raise self._file.error(name, f"no input is inside: from {short(lo)} to {short(hi)}")
        try:
            return Box.exact(
                [self._lower[i] for i in range(dim)], [self._upper[i] for i in range(dim)]
            )
        except ValueError as e:
            raise self._file.error("", str(e)) from None

    def _declare(self, command: _List, name: str, sort: str) -> None:
        is_input = _INPUT.fullmatch(name)
        if not is_input and not _OUTPUT.fullmatch(name):
            raise self._error(command, f"{display(name)} is neither an input X_i nor an output Y_j")
        if sort != "Real":
            raise self._error(command, f"{name:.40} is of the sort {display(sort)}, not Real")
        if name in self._declared:
            raise self._error(command, f"{name:.40} is declared twice")
        if is_input:
            if len(name) > 8 or int(is_input[1]) >= MAX_WIDTH:
                raise self._error(command, f"{name:.40} is beyond the limit of {MAX_WIDTH} inputs")
            self._inputs.add(int(is_input[1]))
        self._declared.add(name)

    def _assert(self, formula: _List) -> None:
        names = self._names(formula)
        of_inputs = {name for name in names if _INPUT.fullmatch(name)}
        if names and not of_inputs:
            return
        if names != of_inputs:
            raise self._error(formula, "an assertion about inputs and outputs together is not read")
        conjuncts = [formula]
        while conjuncts:
            part = conjuncts.pop()
            match part.items:
                case ["and", *parts] if parts and all(isinstance(p, _List) for p in parts):
                    conjuncts += [p for p in parts if isinstance(p, _List)]
                case ["<=" | ">=" as relation, left, right]:
                    self._bound(part, relation, left, right)
                case _:
                    raise self._error(
                        part,
                        f"{display(part.head) if part.head else 'a list'} is not a bound"
                        " (<= X_i c), (>= X_i c), or an (and …) of bounds",
                    )

    def _bound(self, part: _List, relation: str, left: _List | str, right: _List | str) -> None:
        if self._is_input(left) == self._is_input(right):
            raise self._error(part, f"{relation} does not compare an input X_i with a number")
        if self._is_input(right):
            left, right = right, left
            relation = {"<=": ">=", ">=": "<="}[relation]
        index, value = int(str(left)[2:]), self._number(part, right)
        if relation == "<=":
            self._upper[index] = min(value, self._upper.get(index, value))
        else:
            self._lower[index] = max(value, self._lower.get(index, value))

    def _is_input(self, term: _List | str) -> bool:
        return isinstance(term, str) and _INPUT.fullmatch(term) is not None

    def _number(self, part: _List, term: _List | str) -> Fraction:
        match term:
            case _List(items=["-", str(text)]) if not text.startswith(("-", "+")):
                sign = -1
            case str(text):
                sign = 1
            case _:
                raise self._error(part, "the bound is not a decimal number")
        if not _DECIMAL.fullmatch(text):
            raise self._error(part, f"{display(text)} is not a decimal number")
        try:
            return sign * parse_rational(text)
        except ValueError as e:
            raise self._error(part, str(e)) from None

    def _names(self, formula: _List) -> set[str]:
        """The constants that occur in a formula."""
        names = set()
        pending = [formula]
        while pending:
            part = pending.pop()
            for item in part.items:
                if isinstance(item, _List):
                    pending.append(item)
                elif item in self._declared:
                    names.add(item)
                elif item not in _OPERATORS and not (item[0].isdigit() or item[0] in "+-."):
                    raise self._error(part, f"{display(item)} is not declared")
        return names

    def _error(self, part: _List, problem: str) -> Exception:
        return self._file.error(f"line {part.line}", problem)
