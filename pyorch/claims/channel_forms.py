"""Forms about the accumulators of channels with known weights, and what they are computed from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from pyorch.claims.base import FormDefaults, Point
from pyorch.claims.twos_complement import width, wrap, wrap_int64
from pyorch.nets.integer_weights import IntegerWeights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ChannelSums", "Channels", "WitnessWraps"]

_SAMPLED = 2**20
"""Entries of all samples together: a wide channel gets fewer samples."""
_EVALUATED = 2**15
"""Entries of all points together that are evaluated exactly."""
_SHOWN = 6


@dataclass(frozen=True)
class Channels:
    """Channels of given weights, with inputs from a range that contains 0.

    Attributes:
        weights: shape (out_channels, in_features).
        x_min: the least input, at most 0.
        x_max: the greatest, at least 0.
    """

    weights: IntegerWeights
    x_min: int
    x_max: int

    @cached_property
    def sums(self) -> tuple[tuple[int, int], ...]:
        """Of the positive and of the negative weights of each channel."""
        return tuple(
            (sum(w for w in row if w > 0), sum(w for w in row if w < 0))
            for row in self.weights.rows
        )

    @cached_property
    def extremes(self) -> tuple[tuple[int, int], ...]:
        """The least and the greatest dot product of each channel."""
        lo, hi = self.x_min, self.x_max
        return tuple((lo * pos + hi * neg, hi * pos + lo * neg) for pos, neg in self.sums)

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """The least widths of the channels' accumulators; 0 where all products are 0."""
        return tuple(max(width(least), width(greatest)) for least, greatest in self.extremes)

    @property
    def widest(self) -> int:
        """The width that all channels can share."""
        return max(self.widths)

    def attaining(self, channel: int, *, greatest: bool) -> tuple[int, ...]:
        """The inputs with which a channel has its greatest, or its least, dot product."""
        first, second = (self.x_max, self.x_min) if greatest else (self.x_min, self.x_max)
        return tuple(first if w >= 0 else second for w in self.weights.rows[channel])

    def witness(self, channel: int) -> tuple[int, ...]:
        """Inputs whose dot product overflows one bit less than the channel needs."""
        overflows = width(self.extremes[channel][1]) >= self.widths[channel]
        return self.attaining(channel, greatest=overflows)

    def dot(self, channel: int, inputs: Sequence[int]) -> int:
        return sum(x * w for x, w in zip(inputs, self.weights.rows[channel], strict=True))

    def run(self, channel: int) -> tuple[int, int]:
        """The dot product of a channel with its witness, and what one bit less makes of it."""
        exact = self.dot(channel, self.witness(channel))
        return exact, wrap(exact, self.widths[channel] - 1)

    def shown(self, channel: int, inputs: Sequence[int]) -> str:
        """A dot product, such as ``255·3 + 0·(-8)``."""
        row = self.weights.rows[channel]
        terms = [f"{_factor(x)}·{_factor(w)}" for x, w in zip(inputs, row, strict=True)]
        return " + ".join(terms[:_SHOWN]) + (" + …" if len(terms) > _SHOWN else "")


@dataclass(frozen=True)
class ChannelSums(FormDefaults):
    """The bits that partial sums need beyond the widths of their channels, in every order.

    A point is the channel and its inputs.

    Attributes:
        widths: of the channels' accumulators.
    """

    channels: Channels
    widths: tuple[int, ...]

    bound = Fraction(0)

    @property
    def description(self) -> str:
        c = self.channels
        return (
            "bits that partial sums need beyond the width of their channel, in every order, for"
            f" inputs from {c.x_min} to {c.x_max}"
        )

    @property
    def inputs(self) -> tuple[str, ...]:
        return ("channel", *(f"x[{i}]" for i in range(self.channels.weights.in_features)))

    @cached_property
    def _matrix(self) -> NDArray[np.float64]:
        import numpy as np

        return np.array(self.channels.weights.rows, dtype=np.float64)

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        c = self.channels
        entries = c.weights.in_features + 1
        most = _SAMPLED // entries
        if 2 * entries > _EVALUATED // 256:  # then even the few that are confirmed are too many
            most = max(1, _EVALUATED // entries)
        count = min(count, most)
        channel = rng.integers(0, c.weights.out_channels, count)
        shape = (count, c.weights.in_features)
        uniform = rng.integers(c.x_min, c.x_max, shape, endpoint=True).astype(np.float64)
        # near the worst cases: the ends that fit the signs of the weights, a few of them changed
        sign = np.sign(self._matrix[channel]) * rng.choice([-1, 1], (count, 1))
        ends = np.where(sign >= 0, c.x_max, c.x_min)
        share = rng.choice([0.0, 0.1, 1.0], (count, 1))
        inputs = np.where(rng.random(shape) < share, uniform, ends)
        return np.column_stack([channel, inputs])

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        channel = samples[:, 0].astype(int)
        products = samples[:, 1:] * self._matrix[channel]
        above = np.maximum(products, 0).sum(axis=1)
        below = np.minimum(products, 0).sum(axis=1)
        # a sum s ≥ 0 needs a bit more than its digits, and so does -1 - s
        needed = np.frexp(np.maximum(above, -1 - below))[1] + 1
        excess: NDArray[np.float64] = (needed - np.array(self.widths)[channel]).astype(np.float64)
        return excess

    def exact_point(self, sample: Sequence[float]) -> Point:
        return tuple(Fraction(int(x)) for x in sample)

    def corners(self) -> tuple[Point, ...]:
        c = self.channels
        # the widest channels first, as many as can be evaluated at once
        order = sorted(range(c.weights.out_channels), key=lambda i: -c.widths[i])
        most = max(1, _EVALUATED // (4 * (c.weights.in_features + 1)))
        return tuple(
            (Fraction(i), *map(Fraction, inputs))
            for i in order[:most]
            for inputs in (
                c.attaining(i, greatest=True),
                c.attaining(i, greatest=False),
                (c.x_max,) * c.weights.in_features,
                (c.x_min,) * c.weights.in_features,
            )
        )

    def contains(self, point: Point) -> bool:
        c = self.channels
        return (
            all(x.denominator == 1 for x in point)
            and 0 <= point[0] < c.weights.out_channels
            and all(c.x_min <= x <= c.x_max for x in point[1:])
        )

    def _extremes(self, point: Point) -> tuple[int, int]:
        """The least and the greatest partial sum, over all orders of the products."""
        channel, *inputs = (x.numerator for x in point)
        row = self.channels.weights.rows[channel]
        products = sorted(x * w for x, w in zip(inputs, row, strict=True))
        return min(accumulate(products, initial=0)), max(accumulate(reversed(products), initial=0))

    def quantity(self, point: Point) -> Fraction:
        needed = max(map(width, self._extremes(point)))
        return Fraction(needed - self.widths[point[0].numerator])

    def explain(self, point: Point) -> str:
        channel, *inputs = (x.numerator for x in point)
        below, above = self._extremes(point)
        return (
            f"partial sums of {self.channels.shown(channel, inputs)} reach from {below} to {above}"
            f" and need {max(width(below), width(above))} bits, not {self.widths[channel]}:"
            f" {self.quantity(point)}"
        )


@dataclass(frozen=True)
class WitnessWraps(FormDefaults):
    """Each channel's witness, run: one bit less gives a wrong result.

    A point is the channel; the quantity is minus the error of the register's last content.
    """

    channels: Channels

    inputs = ("channel",)
    bound = Fraction(-1)

    @property
    def description(self) -> str:
        return "that one bit less is wrong for each channel's witness, -|wrapped - exact|"

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        return np.empty((0, 1))

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        return np.empty(0)

    def exact_point(self, sample: Sequence[float]) -> Point:
        return tuple(map(Fraction, sample))

    def corners(self) -> tuple[Point, ...]:
        return tuple((Fraction(i),) for i, bits in enumerate(self.channels.widths) if bits > 0)

    def contains(self, point: Point) -> bool:
        (channel,) = point
        c = self.channels
        inside = channel.denominator == 1 and 0 <= channel < c.weights.out_channels
        return inside and c.widths[channel.numerator] > 0

    def _run(self, channel: int) -> tuple[int, int]:
        """The exact sum, and a register's content after all products were added one by one."""
        import numpy as np

        c = self.channels
        bits = c.widths[channel] - 1
        inputs = c.witness(channel)
        exact = c.dot(channel, inputs)
        if bits == 0:
            return exact, 0
        weights = np.array(c.weights.rows[channel], dtype=np.int64)
        # to wrap around after each addition or at the end is the same
        register = wrap_int64(np.cumsum(np.array(inputs, dtype=np.int64) * weights), bits)
        return exact, int(register[-1])

    def quantity(self, point: Point) -> Fraction:
        exact, register = self._run(point[0].numerator)
        return Fraction(-abs(register - exact))

    def explain(self, point: Point) -> str:
        exact, register = self._run(point[0].numerator)
        return f"-|{register} - {_factor(exact)}| = {self.quantity(point)}"


def _factor(x: int) -> str:
    return f"({x})" if x < 0 else str(x)
