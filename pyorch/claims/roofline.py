"""roofline_latency: how long a computation takes at least, limited by memory or by arithmetic.

Seed document 003 divides 19 GiB by 80 GiB/s and reads the 0.2375 as milliseconds; they are seconds.
So units are types in the theorem (`lean/PyOrch/Roofline.lean`), and SymPy's in the cross-check.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.claims.base import (
    Family,
    FiniteForm,
    Form,
    FormDefaults,
    Point,
    SeedClaim,
    require,
)
from pyorch.claims.parameters import RationalParameter, Values
from pyorch.model import Claim
from pyorch.names import identifier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ROOFLINE_LATENCY", "EnoughTime", "Latency", "Roofline", "RooflineLatency"]


@dataclass(frozen=True)
class Roofline:
    """Data to be moved and operations to be executed, both at once, at given rates.

    Attributes:
        bytes: of data.
        bytes_per_second: bandwidth of the memory.
        operations: of work, of the kind that the throughput counts.
        operations_per_second: throughput.
    """

    bytes: Fraction
    bytes_per_second: Fraction
    operations: Fraction
    operations_per_second: Fraction

    @property
    def memory_seconds(self) -> Fraction:
        """Seconds to move the data."""
        return self.bytes / self.bytes_per_second

    @property
    def compute_seconds(self) -> Fraction:
        """Seconds to execute the operations."""
        return self.operations / self.operations_per_second

    @property
    def seconds(self) -> Fraction:
        """The longer of the two: the roofline bound."""
        return max(self.memory_seconds, self.compute_seconds)

    @property
    def limit(self) -> str:
        """What limits: memory, compute, or both."""
        if self.memory_seconds == self.compute_seconds:
            return "both"
        return "memory" if self.memory_seconds > self.compute_seconds else "compute"

    def is_enough(self, seconds: Fraction) -> bool:
        """Whether the data can be moved and the operations be executed in that time."""
        moved = self.bytes_per_second * seconds
        executed = self.operations_per_second * seconds
        return self.bytes <= moved and self.operations <= executed


@dataclass(frozen=True)
class Latency(FiniteForm):
    """The roofline bound in seconds, with SymPy's units as the second opinion."""

    roofline: Roofline

    @staticmethod
    def of(roofline: Roofline, bound: Fraction, description: str) -> Latency:
        point = tuple(vars(roofline).values())
        return Latency(
            description=description,
            inputs=tuple(vars(roofline)),
            bound=bound,
            points=(point,),
            evaluate=lambda point: Roofline(*point).seconds,
            show=_explain,
            roofline=roofline,
        )

    def symbolic_bound(self) -> Fraction:
        """The two times as quantities with units, converted to seconds."""
        import sympy
        from sympy.physics import units

        operation = units.Quantity("operation")
        r = {
            name: sympy.Rational(value.numerator, value.denominator)
            for name, value in vars(self.roofline).items()
        }
        rate = r["bytes_per_second"] * units.byte / units.second
        throughput = r["operations_per_second"] * operation / units.second
        times = (r["bytes"] * units.byte / rate, r["operations"] * operation / throughput)
        # a time that is not a pure multiple of a second leaves a unit here, and `int` fails
        longest = sympy.Max(*(units.convert_to(t, units.second) / units.second for t in times))
        return Fraction(int(longest.p), int(longest.q))


def _explain(point: Point) -> str:
    r = Roofline(*point)
    return (
        f"max({r.bytes}/{r.bytes_per_second}, {r.operations}/{r.operations_per_second}) s"
        f" = {r.seconds}"
    )


@dataclass(frozen=True)
class EnoughTime(FormDefaults):
    """A time is enough for both if and only if it is at least the roofline bound: 1 where not."""

    roofline: Roofline

    description = "times that are enough, but shorter than the bound, or the other way round"
    inputs = ("seconds",)
    bound = Fraction(0)

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        """In multiples of the bound."""
        import numpy as np

        sign = rng.choice([-1.0, 1.0], count)
        close = 1 + sign * 10.0 ** rng.uniform(-15, 0, count)
        far = sign * 10.0 ** rng.uniform(-6, 6, count)
        samples: NDArray[np.float64] = np.where(rng.random(count) < 0.7, close, far)
        return samples.reshape(count, 1)

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        r = self.roofline
        # in units in which the longer time is 1: rounding decides only right at the bound
        times = np.array([float(t / r.seconds) for t in (r.memory_seconds, r.compute_seconds)])
        enough = (times <= samples).all(axis=1)
        defects: NDArray[np.float64] = (enough != (samples[:, 0] >= 1)) * 1.0
        return defects

    def exact_point(self, sample: Sequence[float]) -> Point:
        return (self.roofline.seconds * Fraction(sample[0]),)

    def corners(self) -> tuple[Point, ...]:
        r = self.roofline
        tiny = r.seconds / 10**30
        marks = (Fraction(0), r.memory_seconds, r.compute_seconds)
        return tuple((mark + step,) for mark in marks for step in (-tiny, Fraction(0), tiny))

    def quantity(self, point: Point) -> Fraction:
        (seconds,) = point
        return Fraction(self.roofline.is_enough(seconds) != (seconds >= self.roofline.seconds))

    def explain(self, point: Point) -> str:
        (seconds,) = point
        enough = "enough" if self.roofline.is_enough(seconds) else "not enough"
        return f"{seconds} s is {enough}, the bound {self.roofline.seconds} s: 1"


@dataclass(frozen=True)
class RooflineLatency:
    """The claim that a latency is at most so many seconds."""

    roofline: Roofline
    seconds: Fraction

    @property
    def family(self) -> Family:
        return ROOFLINE_LATENCY

    @property
    def claim(self) -> Claim:
        r = self.roofline
        values = Values(vars(r) | {"seconds": self.seconds})
        limit = {"both": "by memory and compute alike"}.get(r.limit, f"by {r.limit}")
        return Claim(
            name=self.family.name,
            title=f"Roofline latency, limited {limit}",
            formula=(
                f"max({r.bytes} bytes / {r.bytes_per_second} bytes/s, {r.operations} operations /"
                f" {r.operations_per_second} operations/s) = {r.seconds} s ≤ {self.seconds} s"
            ),
            parameters=tuple((p.name, p.show(values[p])) for p in self.family.parameters),
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        latency = Latency.of(self.roofline, self.seconds, "the roofline bound in seconds")
        return latency, EnoughTime(self.roofline)

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        milliseconds = Latency.of(
            self.roofline,
            self.seconds / 1000,
            "the seed's form: the roofline bound in seconds, against as many milliseconds",
        )
        return ((SEED, milliseconds),)

    @property
    def namespace(self) -> tuple[str, ...]:
        r = self.roofline
        numbers = "_".join(map(identifier, vars(r).values()))
        return (f"roofline_{numbers}_within_{identifier(self.seconds)}",)


BYTES = RationalParameter(
    "bytes", "data to be moved; the seed's 19 GiB", Fraction(19 * 1024**3), positive=True
)
BYTES_PER_SECOND = RationalParameter(
    "bytes_per_second", "bandwidth; the seed's 80 GiB/s", Fraction(80 * 1024**3), positive=True
)
OPERATIONS = RationalParameter(
    "operations",
    "operations to be executed; the seed's 80·8192²·2 multiply-accumulates",
    Fraction(80 * 8192**2 * 2),
    positive=True,
)
OPERATIONS_PER_SECOND = RationalParameter(
    "operations_per_second",
    "throughput; the seed's 750 TOPS",
    Fraction(750 * 10**12),
    positive=True,
)
SECONDS = RationalParameter(
    "seconds",
    "the latency claimed, in seconds (not milliseconds)",
    Fraction(24, 100),
    positive=True,
)

SEED = SeedClaim(
    name="llama70b_groq_latency",
    source="003",
    formula="max(operations/throughput, bytes/bandwidth) ≤ 0.24·10⁻³ s",
    why_false="19 GiB / 80 GiB/s = 0.2375 s, not 0.2375 ms.",
    refutation="not_llama70b_groq_latency",
)


def _build(values: Values) -> RooflineLatency:
    roofline = Roofline(
        bytes=values[BYTES],
        bytes_per_second=values[BYTES_PER_SECOND],
        operations=values[OPERATIONS],
        operations_per_second=values[OPERATIONS_PER_SECOND],
    )
    seconds = values[SECONDS]
    require(
        roofline.seconds <= seconds,
        "roofline_latency",
        "seconds ≥ max(bytes/bytes_per_second, operations/operations_per_second)",
        f"that is at least {roofline.seconds} s > {seconds} s",
    )
    return RooflineLatency(roofline, seconds)


ROOFLINE_LATENCY = Family(
    name="roofline_latency",
    topic="roofline",
    title="A latency in seconds, limited by memory or by compute",
    formula=(
        "max(bytes/bytes_per_second, operations/operations_per_second) ≤ seconds, which is the"
        " larger of the two; and no shorter time is enough for both"
    ),
    parameters=(BYTES, BYTES_PER_SECOND, OPERATIONS, OPERATIONS_PER_SECOND, SECONDS),
    build=_build,
    theorems=(
        "roofline_latency",
        "roofline_latency_exact",
        "roofline_latency_limit",
        "roofline_latency_enough_iff",
    ),
    library=("PyOrch.enough_iff_of_roofline_eq", "PyOrch.Seconds.eq_of_seconds_eq"),
    seeds=(SEED,),
)
