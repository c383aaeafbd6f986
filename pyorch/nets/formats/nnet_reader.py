"""Networks in NNet, the text format of the ACAS Xu networks.

After comments (lines that start with //), lines of numbers separated by commas:

1. the number of layers, the inputs, the outputs, the largest width;
2. the widths, the inputs first;
3. a flag, no longer in use: 0;
4. to 7. for each input its minimum, its maximum, its mean and its range; the lines of means and
   ranges have one number more, for all outputs;
8. and so on: for each layer a line of weights for each output, then a line with each one's bias.

All layers but the last end with a ReLU. A number is the float64 nearest to the decimal, as software
has it in memory.

The network proper works on (x − mean)/range, and its outputs are to be multiplied by the outputs'
range, after which the outputs' mean is added. With `normalize`, this is a part of the network: the
first layer's weights are divided by the ranges, each quotient being the nearest float64 as in the
format's own tool `normalizeNNet`; everything else is exact. Without, inputs and outputs are those
of the network proper. Inputs are not cut off at minimum and maximum.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pyorch.errors import InputError
from pyorch.nets.formats.exact_array import ExactArray, exact_layer
from pyorch.nets.formats.files import InputFile, check_widths
from pyorch.nets.json_tree import display
from pyorch.nets.network import Activation, Network

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["parse_network"]

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_COUNT = re.compile(r"[0-9]{1,9}")
_MAX_LENGTH = 400


def parse_network(file: InputFile, *, normalize: bool = False) -> Network:
    """The network in an NNet file.

    Args:
        normalize: make the normalization of inputs and outputs a part of the network.

    Raises:
        InputError: one line that names file, line and value.
    """
    lines = _Lines(file)
    inputs, widths = _widths(lines)
    lines.numbers(inputs, "minimums")
    lines.numbers(inputs, "maximums")
    means = lines.numbers(inputs + 1, "means")
    ranges = lines.numbers(inputs + 1, "ranges")
    scale_line = lines.number
    layers = [_layer(file, lines, index, widths) for index in range(1, len(widths))]
    lines.end()
    if normalize:
        try:
            layers[0] = _with_inputs(*layers[0], np.array(means[:-1]), np.array(ranges[:-1]))
            layers[-1] = _with_outputs(*layers[-1], means[-1], ranges[-1])
        except ValueError as e:
            raise file.error(f"line {scale_line}", str(e)) from None
    activations = [Activation.RELU] * (len(layers) - 1) + [Activation.IDENTITY]
    try:
        return Network(
            tuple(
                exact_layer(weights, bias, activation)
                for (weights, bias), activation in zip(layers, activations, strict=True)
            )
        )
    except ValueError as e:
        raise file.error("", str(e)) from None


def _layer(
    file: InputFile, lines: _Lines, index: int, widths: Sequence[int]
) -> tuple[ExactArray, ExactArray]:
    """Weights and biases of layer `index`, counted from 1."""
    inputs, outputs = widths[index - 1], widths[index]
    rows = [lines.numbers(inputs, f"weights of layer {index}") for _ in range(outputs)]
    bias = [lines.numbers(1, f"bias of layer {index}")[0] for _ in range(outputs)]
    try:
        return ExactArray.of(np.array(rows)), ExactArray.of(np.array(bias))
    except ValueError as e:
        raise file.error(f"layer {index}", str(e)) from None


def _widths(lines: _Lines) -> tuple[int, list[int]]:
    count, inputs, outputs, largest = lines.counts(4, "layers, inputs, outputs, largest width")
    where = lines.number
    if count < 1:
        raise lines.error("0 layers")
    widths = lines.counts(count + 1, "widths")
    for what, given, width in (("inputs", inputs, widths[0]), ("outputs", outputs, widths[-1])):
        if given != width:
            raise lines.error(f"the widths say {width} {what}, line {where} says {given}")
    if largest < max(widths):
        raise lines.error(f"a width is {max(widths)}, line {where} says {largest} at most")
    try:
        check_widths(widths)
    except ValueError as e:
        raise lines.error(str(e)) from None
    (flag,) = lines.numbers(1, "flag")
    if flag != 0:
        raise lines.error(f"the flag is {flag}; symmetric networks are not read")
    return inputs, widths


def _with_inputs(
    weights: ExactArray, bias: ExactArray, means: NDArray[Any], ranges: NDArray[Any]
) -> tuple[ExactArray, ExactArray]:
    """W·((x − mean)/range) + b = W'·x + (b − W'·mean), with W' = W/range to the nearest float64."""
    if not ranges.all():
        raise ValueError(f"the range of input {ranges.tolist().index(0)} is 0")
    with np.errstate(over="ignore", under="ignore"):
        scaled = ExactArray.of(weights.floats() / ranges)
    return scaled, bias.plus(scaled.times(ExactArray.of(means)).negated())


def _with_outputs(
    weights: ExactArray, bias: ExactArray, mean: float, scale: float
) -> tuple[ExactArray, ExactArray]:
    """(W·x + b)·range + mean."""
    means = ExactArray.of(np.full(bias.shape, mean))
    return weights.scaled(scale), bias.scaled(scale).plus(means)


class _Lines:
    """The lines of an NNet file, one after another."""

    def __init__(self, file: InputFile) -> None:
        self._file = file
        self._lines = file.text().split("\n")
        self.number = 0
        while self.number < len(self._lines) and self._lines[self.number].startswith("//"):
            self.number += 1

    def error(self, problem: str) -> InputError:
        """An error about the last line that was read."""
        return self._file.error(f"line {self.number}", problem)

    def numbers(self, count: int, what: str) -> list[float]:
        """The next line's numbers, each the nearest float64."""
        return [self._number(text) for text in self._entries(count, what)]

    def counts(self, count: int, what: str) -> list[int]:
        """The next line's natural numbers."""
        entries = self._entries(count, what)
        for text in entries:
            if not _COUNT.fullmatch(text):
                raise self.error(f"{display(text)} is not a count")
        return [int(text) for text in entries]

    def end(self) -> None:
        """Nothing but blank lines may follow."""
        for index in range(self.number, len(self._lines)):
            if self._lines[index].strip():
                self.number = index + 1
                raise self.error("follows the last bias")

    def _entries(self, count: int, what: str) -> list[str]:
        if self.number >= len(self._lines) or (
            self.number == len(self._lines) - 1 and not self._lines[self.number].strip()
        ):
            raise self._file.error("", f"ends after line {self.number}, before the {what}")
        entries = [text.strip() for text in self._lines[self.number].split(",")]
        self.number += 1
        if entries[-1] == "":  # lines end with a comma
            entries.pop()
        if len(entries) != count:
            raise self.error(f"has {len(entries)} numbers, expected {count} ({what})")
        return entries

    def _number(self, text: str) -> float:
        if not _NUMBER.fullmatch(text):
            raise self.error(f"{display(text)} is not a decimal number")
        if len(text) > _MAX_LENGTH:
            raise self.error(f"{display(text)} has {len(text)} characters (limit {_MAX_LENGTH})")
        value = float(text)
        if not math.isfinite(value):
            raise self.error(f"{display(text)} is not a finite float64")
        return value
