"""layer_error_bound: the error of a network from the errors of its layers.

Seed document 003 adds up the errors of 80 layers, which needs layers that do not enlarge
differences; in general each error is multiplied by the Lipschitz constants of all later layers. The
proof is `lean/PyOrch/LayerBounds.lean`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from pyorch.claims.affine_layers import AffineLayers, LayerBounds, UnboundedLipschitz
from pyorch.claims.base import Family, Form, SeedClaim, require
from pyorch.claims.parameters import IntParameter, ListParameter, RationalParameter, Values
from pyorch.model import Claim
from pyorch.names import identifier
from pyorch.nets.bounds import round_down, round_up

__all__ = ["LAYER_ERROR_BOUND", "LayerErrorBound"]

MOST_LAYERS = 256
MOST_LISTED = 32
"""Layers that may differ from each other: Lean is slow at reading longer lists of fractions."""
MOST_DIGITS = 10_000
"""Decimal digits of all numbers together: so many may the exact bound have."""


@dataclass(frozen=True)
class LayerErrorBound:
    """The claim for concrete layers."""

    bounds: LayerBounds

    @property
    def family(self) -> Family:
        return LAYER_ERROR_BOUND

    @cached_property
    def bound(self) -> Fraction:
        """The least bound, rounded up if it is long."""
        return self.bounds.rounded(self.bounds.total, round_up)

    @cached_property
    def attained(self) -> Fraction:
        """The least bound, rounded down if it is long."""
        return self.bounds.rounded(self.bounds.total, round_down)

    @property
    def claim(self) -> Claim:
        b = self.bounds
        values = Values({"layers": b.layers, "error": b.errors, "lipschitz": b.lipschitz})
        return Claim(
            name=self.family.name,
            title=f"Error through {b.layers} layer{'' if b.layers == 1 else 's'}",
            formula=(
                f"the outputs of the exact and of the computed layers differ by at most"
                f" Σ_l e_l Π_{{j>l}} L_j {'=' if self.bound == b.total else '≤'} {self.bound}"
            ),
            parameters=tuple((p.name, p.show(values[p])) for p in self.family.parameters),
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        return (AffineLayers(self.bounds, self.bound),)

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        return ((SEED, UnboundedLipschitz(self.bounds.layers, self.bounds.largest_error)),)

    @property
    def namespace(self) -> tuple[str, ...]:
        b = self.bounds
        lists = (f"{identifier(v)}" for values in (b.errors, b.lipschitz) for v in values)
        return (f"layers_{b.layers}_{len(b.errors)}_{'_and_'.join(lists)}",)


LAYERS = IntParameter("layers", "number of layers", 80, least=1, greatest=MOST_LAYERS)
ERROR = ListParameter(
    "error",
    "bound on each layer's own error, one for all or one for each; the seed's is 8192·0.01",
    (Fraction(8192, 100),),
    element=RationalParameter("error", "", Fraction(0)),
    most=MOST_LISTED,
)
LIPSCHITZ = ListParameter(
    "lipschitz",
    "Lipschitz constant of each layer, one for all or one for each",
    (Fraction(1),),
    element=RationalParameter("lipschitz", "", Fraction(1)),
    most=MOST_LISTED,
)

SEED = SeedClaim(
    name="llama70b_error_bounded",
    source="003",
    formula="layers that each err by at most e err together by at most layers·e",
    why_false="Later layers enlarge the errors of earlier ones by their Lipschitz constants.",
    refutation="not_llama70b_error_bounded",
)


def _build(values: Values) -> LayerErrorBound:
    name, count = "layer_error_bound", values[LAYERS]
    for parameter in (ERROR, LIPSCHITZ):
        given = values[parameter]
        require(
            len(given) in (1, count),
            name,
            f"one {parameter.name} for all layers or one for each",
            f"there are {len(given)} for {count} layers",
        )
        require(min(given) >= 0, name, f"{parameter.name} ≥ 0", f"{min(given)} < 0")
    bounds = LayerBounds(count, values[ERROR], values[LIPSCHITZ])
    digits = sum(len(str(x.numerator * x.denominator)) for pair in bounds.pairs for x in pair)
    require(
        digits <= MOST_DIGITS,
        name,
        f"at most {MOST_DIGITS} digits in all layers' errors and Lipschitz constants together",
        f"there are {digits}",
    )
    return LayerErrorBound(bounds)


LAYER_ERROR_BOUND = Family(
    name="layer_error_bound",
    topic="error through layers",
    title="The error of a network is bounded by those of its layers and Lipschitz constants",
    formula=(
        "|F(x) - F'(x)| ≤ Σ_l e_l Π_{j>l} L_j for layers F_l with Lipschitz constants L_l, computed"
        " with errors of at most e_l; if every L_l ≤ 1, layers·max e_l"
    ),
    parameters=(LAYERS, ERROR, LIPSCHITZ),
    build=_build,
    theorems=("layer_error_bound", "layer_error_attained", "layer_error_linear"),
    library=(
        "PyOrch.layers_error_le",
        "PyOrch.exists_layers_error_ge",
        "PyOrch.layers_error_linear_of_length",
        "PyOrch.not_errors_add_up",
    ),
    seeds=(SEED,),
)
