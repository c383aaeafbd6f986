"""activation_quantization_bounded: codes of activations lie in a symmetric range.

Seed document 003 multiplies an activation x by 127, rounds, and clamps to -127, …, 127; its
hypothesis |x| ≤ 1 is not needed for that, but keeps the code from saturating, which bounds the
error. Proofs are in `lean/PyOrch/SymmetricQuantization.lean`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.claims.base import Family, Form, FormDefaults, Point, SeedClaim
from pyorch.claims.parameters import IntParameter, RationalParameter, Values
from pyorch.claims.quantizer import ROUNDINGS, round_floats, round_half
from pyorch.claims.sampling import steps
from pyorch.model import Claim
from pyorch.names import identifier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "ACTIVATION_QUANTIZATION_BOUNDED",
    "ActivationQuantizationBounded",
    "ActivationQuantizer",
    "CodeSize",
    "RestoredError",
]


@dataclass(frozen=True)
class ActivationQuantizer:
    """x ↦ clamp(round(x·factor), -limit, limit), exactly, limit = 2^(bits-1) - 1.

    Attributes:
        bits: width of a code.
        factor: what activations are multiplied by, above 0.
    """

    bits: int
    factor: Fraction

    @property
    def limit(self) -> int:
        """The greatest code."""
        return (1 << (self.bits - 1)) - 1

    @property
    def reach(self) -> Fraction:
        """The greatest activation that does not saturate."""
        return self.limit / self.factor

    @property
    def half_step(self) -> Fraction:
        return 1 / (2 * self.factor)

    @property
    def shown_factor(self) -> str:
        """The factor as an operand of a product or quotient."""
        return str(self.factor) if self.factor.denominator == 1 else f"({self.factor})"

    def codes(self, x: Fraction) -> tuple[int, ...]:
        """The code of x for each of `ROUNDINGS`."""
        rounded = (round_half(x * self.factor, rounding) for rounding in ROUNDINGS)
        return tuple(max(-self.limit, min(code, self.limit)) for code in rounded)


@dataclass(frozen=True)
class _OfActivation(FormDefaults):
    """A form in one activation x, for both ways to round ties; samples are x·factor."""

    quantizer: ActivationQuantizer

    inputs = ("x",)

    def _float_codes(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        """Codes, shape (number of roundings, number of samples)."""
        import numpy as np

        limit = float(self.quantizer.limit)
        rounded = np.stack([round_floats(samples[:, 0], rounding) for rounding in ROUNDINGS])
        clipped: NDArray[np.float64] = np.clip(rounded, -limit, limit)
        return clipped

    def exact_point(self, sample: Sequence[float]) -> Point:
        return (Fraction(sample[0]) / self.quantizer.factor,)

    def corners(self) -> tuple[Point, ...]:
        q = self.quantizer
        tiny = Fraction(1, 10**30)
        codes = (-q.limit, -1, 0, 1, q.limit, 10**30)
        scaled = (code + d for code in codes for d in (-Fraction(1, 2), -tiny, 0, tiny))
        return tuple((place / q.factor,) for place in scaled)


@dataclass(frozen=True)
class CodeSize(_OfActivation):
    """|code| ≤ limit for every x."""

    description = "the size of the code, for every x"

    @property
    def bound(self) -> Fraction:
        return Fraction(self.quantizer.limit)

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        limit = self.quantizer.limit
        return steps(rng, count, -limit - 0.5, limit + 0.5, beyond=True).reshape(count, 1)

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        size: NDArray[np.float64] = np.abs(self._float_codes(samples)).max(axis=0)
        return size

    def quantity(self, point: Point) -> Fraction:
        return Fraction(max(map(abs, self.quantizer.codes(point[0]))))

    def explain(self, point: Point) -> str:
        return f"{point[0]} has code {self.quantizer.codes(point[0])[0]}"


@dataclass(frozen=True)
class RestoredError(_OfActivation):
    """|x - code/factor| ≤ 1/(2·factor) for |x| ≤ limit/factor."""

    @property
    def description(self) -> str:
        return f"the error of code/{self.quantizer.shown_factor}, for |x| ≤ {self.quantizer.reach}"

    @property
    def bound(self) -> Fraction:
        return self.quantizer.half_step

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        limit = self.quantizer.limit
        return steps(rng, count, -limit, limit, beyond=False).reshape(count, 1)

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        error: NDArray[np.float64] = np.abs(samples[:, 0] - self._float_codes(samples)).max(axis=0)
        return error

    def contains(self, point: Point) -> bool:
        return abs(point[0]) <= self.quantizer.reach

    def quantity(self, point: Point) -> Fraction:
        codes = self.quantizer.codes(point[0])
        return max(abs(point[0] - code / self.quantizer.factor) for code in codes)

    def explain(self, point: Point) -> str:
        codes = self.quantizer.codes(point[0])
        return f"{point[0]} has code {codes[0]}, {self.quantity(point)} away"

    def symbolic_bound(self) -> Fraction | None:
        """The greatest error over the activations nearest to one code, for a symbolic factor."""
        import sympy
        from sympy.calculus.util import maximum

        factor = sympy.Symbol("f", positive=True)
        t = sympy.Symbol("t", real=True)
        q = sympy.Symbol("q", integer=True)
        half = sympy.Rational(1, 2)
        error = sympy.simplify(sympy.Abs((q + t) / factor - q / factor))
        greatest = maximum(error, t, sympy.Interval(-half, half))
        value = greatest.subs(factor, sympy.Rational(*self.quantizer.factor.as_integer_ratio()))
        return Fraction(int(value.p), int(value.q))


@dataclass(frozen=True)
class ActivationQuantizationBounded:
    """The claim for one width and factor."""

    quantizer: ActivationQuantizer

    @property
    def family(self) -> Family:
        return ACTIVATION_QUANTIZATION_BOUNDED

    @property
    def claim(self) -> Claim:
        q = self.quantizer
        m = q.limit
        return Claim(
            name=self.family.name,
            title=f"Symmetric {q.bits}-bit codes of activations",
            formula=(
                f"-{m} ≤ clamp(round(x·{q.shown_factor}), -{m}, {m}) ≤ {m} for every x; the error"
                f" is at most {q.half_step} for |x| ≤ {q.reach}"
            ),
            parameters=(("bits", str(q.bits)), ("scale", str(q.factor))),
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        return (CodeSize(self.quantizer), RestoredError(self.quantizer))

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        return ()

    @property
    def namespace(self) -> tuple[str, ...]:
        return (f"activation_int{self.quantizer.bits}_times_{identifier(self.quantizer.factor)}",)


BITS = IntParameter("bits", "width of a code", 8, least=2, greatest=64)
SCALE = RationalParameter(
    "scale",
    "what an activation is multiplied by before it is rounded",
    Fraction(127),
    positive=True,
)


def _build(values: Values) -> ActivationQuantizationBounded:
    return ActivationQuantizationBounded(ActivationQuantizer(values[BITS], values[SCALE]))


ACTIVATION_QUANTIZATION_BOUNDED = Family(
    name="activation_quantization_bounded",
    topic="affine quantization",
    title="Codes of activations lie in the symmetric range",
    formula=(
        "-m ≤ clamp(round(x·s), -m, m) ≤ m for every x, where m = 2^(bits-1) - 1; and"
        " |x - clamp(round(x·s), -m, m)/s| ≤ 1/(2s) for |x| ≤ m/s"
    ),
    parameters=(BITS, SCALE),
    build=_build,
    theorems=(
        "activation_quantization_bounded",
        "activation_quantization_unsaturated",
        "activation_quantization_error",
        "activation_quantization_attained",
    ),
    library=(
        "PyOrch.clampInt_mem",
        "PyOrch.activation_code_unsaturated",
        "PyOrch.activation_error_bound",
        "PyOrch.activation_code_attained",
    ),
    seeds=(
        SeedClaim(
            "activation_quantization_bounded",
            "003",
            "|x| ≤ 1 → -127 ≤ max(-127, min(127, ⌊127x⌉)) ≤ 127",
        ),
    ),
)
