"""dot_product_error_bound: how far a dot product of quantized vectors is from the exact one.

An entry of a matrix product is a dot product of K (activation, weight) pairs. Seed document 003
quantizes both with one scale s, restores the integer result with that one scale, and claims an
error of at most K·s; its introduction even claims less than every ε. Both are false: see
`pyorch.claims.dot_product_seeds`. Proofs: `lean/PyOrch/DotProduct.lean` and `DotBound.lean`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.claims.base import Family, Form, FormDefaults, Point, SeedClaim
from pyorch.claims.dot_product_seeds import (
    MATMUL_APPROXIMATE,
    MATMUL_INT4,
    EveryEpsilon,
    SeedMatmul,
)
from pyorch.claims.operand import Operand, OperandParameters
from pyorch.claims.parameters import IntParameter, Values
from pyorch.claims.quantizer import ROUNDING
from pyorch.claims.row import identifiers
from pyorch.model import Claim

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DOT_PRODUCT_ERROR_BOUND", "LENGTH", "DotErrorBound", "DotProduct"]

LENGTH = IntParameter("length", "number K of products", 8192, least=1, greatest=10**12)
ACTIVATION = OperandParameters.named("activation", bits=4, scale=Fraction(1, 7))
WEIGHT = OperandParameters.named("weight", bits=4, scale=Fraction(1, 7))

_SAMPLED = 4
"""Pairs that are sampled; they repeat along the vectors."""


@dataclass(frozen=True)
class DotErrorBound(FormDefaults):
    """|Σ a·w - Σ D(Q(a))·D(Q(w))| ≤ K(s_a w_max/2 + s_w a_max/2 + s_a s_w/4) over K pairs.

    A few pairs are sampled; they repeat along the vectors, so that constant vectors are among
    the samples. Samples are in steps from the zero points.
    """

    length: int
    activations: Operand
    weights: Operand

    @property
    def pairs(self) -> int:
        """Pairs of a point: first all activations, then all weights."""
        return min(self.length, _SAMPLED)

    @property
    def description(self) -> str:
        return f"the repaired form, for vectors that repeat {self.pairs} pairs in range"

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(f"{name}{k}" for name in "aw" for k in range(self.pairs))

    @property
    def bound(self) -> Fraction:
        a, w = self.activations, self.weights
        s_a, s_w = a.quantizer.scale, w.quantizer.scale
        return self.length * (s_a * w.abs_max / 2 + s_w * a.abs_max / 2 + s_a * s_w / 4)

    @property
    def unit(self) -> Fraction:
        """What screened quantities are multiples of."""
        return self.activations.quantizer.scale * self.weights.quantizer.scale

    @property
    def _counts(self) -> list[int]:
        """How often each pair occurs."""
        return [len(range(k, self.length, self.pairs)) for k in range(self.pairs)]

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        sides = [self.activations] * self.pairs + [self.weights] * self.pairs
        columns = np.column_stack([side.sample(rng, count) for side in sides])
        constant = rng.random(count) < 0.5
        for first in (0, self.pairs):
            same = columns[:, first : first + self.pairs]
            same[constant] = same[constant, :1]
        return columns

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        # in multiples of the unit, and from the errors e and f of the factors: no digits cancel
        a, e = self.activations.in_steps(samples[:, : self.pairs])
        w, f = self.weights.in_steps(samples[:, self.pairs :])
        counts = np.array(self._counts, float)
        with np.errstate(over="ignore", invalid="ignore"):
            errors = a * f + w * e - e * f
            total: NDArray[np.float64] = np.abs((errors * counts).sum(axis=1))
        return total

    def exact_point(self, sample: Sequence[float]) -> Point:
        a, w = self.activations.quantizer, self.weights.quantizer
        return (
            *(a.at_steps(x) for x in sample[: self.pairs]),
            *(w.at_steps(x) for x in sample[self.pairs :]),
        )

    def corners(self) -> tuple[Point, ...]:
        """Constant vectors, at the ends and next to them, at 0 and at ties."""
        return tuple(
            (a,) * self.pairs + (w,) * self.pairs
            for a in self.activations.corners()
            for w in self.weights.corners()
        )

    def contains(self, point: Point) -> bool:
        return all(a in self.activations for a in point[: self.pairs]) and all(
            w in self.weights for w in point[self.pairs :]
        )

    def _products(self, point: Point) -> tuple[Fraction, Fraction]:
        """The exact dot product, and that of the restored numbers."""
        exact = restored = Fraction(0)
        for count, a, w in zip(self._counts, point[: self.pairs], point[self.pairs :], strict=True):
            exact += count * a * w
            restored += (
                count * self.activations.quantizer.restore(a) * self.weights.quantizer.restore(w)
            )
        return exact, restored

    def quantity(self, point: Point) -> Fraction:
        exact, restored = self._products(point)
        return abs(exact - restored)

    def explain(self, point: Point) -> str:
        exact, restored = self._products(point)
        shown = f"({restored})" if restored < 0 else str(restored)
        return f"|{exact} - {shown}| = {self.quantity(point)}"


@dataclass(frozen=True)
class DotProduct:
    """The error bound for one pair of quantizers, their ranges and a length."""

    length: int
    activations: Operand
    weights: Operand

    @property
    def family(self) -> Family:
        return DOT_PRODUCT_ERROR_BOUND

    @property
    def rounding(self) -> str:
        return self.activations.quantizer.rounding

    @property
    def bound(self) -> Fraction:
        return self._form.bound

    @property
    def _form(self) -> DotErrorBound:
        return DotErrorBound(self.length, self.activations, self.weights)

    @property
    def seed_form(self) -> SeedMatmul:
        """The seed has one quantizer for both; that of the activations is taken."""
        return SeedMatmul(self.length, self.activations.quantizer)

    @property
    def epsilon_form(self) -> EveryEpsilon:
        return EveryEpsilon(self.length, self.activations, self.weights)

    @property
    def terms(self) -> tuple[Fraction, Fraction, Fraction, Fraction]:
        """Factors of Σ q_a q_w, Σ q_a and Σ q_w, and the constant, of the restored dot product."""
        a, w = self.activations.quantizer, self.weights.quantizer
        return (
            a.scale * w.scale,
            a.scale * w.zero_point,
            a.zero_point * w.scale,
            self.length * a.zero_point * w.zero_point,
        )

    @property
    def beside_seed(self) -> str:
        """How the bound compares with the seed's."""
        seed = self.seed_form.bound
        order = "above" if self.bound > seed else "below" if self.bound < seed else "equal to"
        return f"{order} {seed}, which is K·s with the activations' scale s, as seed 003 has it"

    @property
    def claim(self) -> Claim:
        a, w = self.activations, self.weights
        return Claim(
            name=self.family.name,
            title=f"Error of a dot product of {self.length} quantized pairs",
            formula=(
                f"|Σ a·w - Σ D(Q(a))·D(Q(w))| ≤ {self.bound} for {self.length} pairs with"
                f" {a.least} ≤ a ≤ {a.greatest} and {w.least} ≤ w ≤ {w.greatest};"
                f" that is {self.beside_seed}"
            ),
            parameters=(
                (LENGTH.name, str(self.length)),
                *ACTIVATION.show(a),
                *WEIGHT.show(w),
                (ROUNDING.name, self.rounding),
            ),
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        return (self._form,)

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        return ((MATMUL_INT4, self.seed_form), (MATMUL_APPROXIMATE, self.epsilon_form))

    @property
    def namespace(self) -> tuple[str, ...]:
        sides = "_".join(
            f"{name}_int{o.quantizer.bits}_"
            + identifiers([o.quantizer.scale, o.quantizer.zero_point, o.least, o.greatest])
            for name, o in (("a", self.activations), ("w", self.weights))
        )
        return (f"length_{self.length}_{sides}_{self.rounding}",)


def _build(values: Values) -> DotProduct:
    claim, rounding = DOT_PRODUCT_ERROR_BOUND.name, values[ROUNDING]
    return DotProduct(
        length=values[LENGTH],
        activations=ACTIVATION.build(values, claim, rounding),
        weights=WEIGHT.build(values, claim, rounding),
    )


DOT_PRODUCT_ERROR_BOUND = Family(
    name="dot_product_error_bound",
    topic="dot product",
    title="A dot product of quantized vectors is close to the exact one",
    formula=(
        "|Σ a·w - Σ D(Q(a))·D(Q(w))| ≤ K(s_a·w_max/2 + s_w·a_max/2 + s_a·s_w/4) for K pairs in the"
        " ranges of their quantizers with |a| ≤ a_max and |w| ≤ w_max; the second sum is"
        " s_a·s_w·Σ q_a·q_w + s_a·z_w·Σ q_a + z_a·s_w·Σ q_w + K·z_a·z_w"
    ),
    parameters=(LENGTH, *ACTIVATION.parameters, *WEIGHT.parameters, ROUNDING),
    build=_build,
    theorems=("dot_product_error_bound", "dot_product_integer_formula", "ranges_and_bound"),
    library=(
        "PyOrch.DotBound.error_bound",
        "PyOrch.dot_restored_of_rat",
        "PyOrch.dot_restored_of_rat_zero",
    ),
    seeds=(MATMUL_INT4, MATMUL_APPROXIMATE),
)
