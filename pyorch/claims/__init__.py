"""The registry of claims. A new family is a module here and a line in `_FAMILIES`."""

from __future__ import annotations

from pyorch.claims.accumulator import ACCUMULATOR_NO_OVERFLOW, MINIMAL_ACCUMULATOR_WIDTH
from pyorch.claims.accumulator_aware import A2Q_L1_BOUND, A2Q_PLUS_L1_BOUND
from pyorch.claims.activation import ACTIVATION_QUANTIZATION_BOUNDED
from pyorch.claims.base import Family, Instance, SeedClaim
from pyorch.claims.channel_dot_product import CHANNEL_DOT_PRODUCT_ERROR_BOUND
from pyorch.claims.channel_width import CHANNEL_ACCUMULATOR_WIDTH
from pyorch.claims.clamping import CLAMP_IN_RANGE
from pyorch.claims.codes import QUANTIZE_DEQUANTIZE
from pyorch.claims.dot_product import DOT_PRODUCT_ERROR_BOUND
from pyorch.claims.groupwise import GROUPWISE_ERROR_BOUND
from pyorch.claims.layers import LAYER_ERROR_BOUND
from pyorch.claims.mixed_precision import MIXED_PRECISION_ERROR_BOUND
from pyorch.claims.monotone import QUANTIZE_MONOTONE
from pyorch.claims.packed_row import PACKED_ROW_SIZE
from pyorch.claims.quantization import QUANTIZATION_ERROR_BOUND
from pyorch.claims.roofline import ROOFLINE_LATENCY
from pyorch.claims.rounding import ROUND_ERROR
from pyorch.claims.scale_distrib import SCALE_DISTRIB
from pyorch.claims.shared_scale import SHARED_SCALE_ERROR_BOUND
from pyorch.claims.sram import SRAM_TILE_FITS
from pyorch.claims.sram_maximal import SRAM_MAXIMAL_TILES
from pyorch.claims.stochastic_rounding import STOCHASTIC_ROUNDING_ERROR
from pyorch.errors import UsageError
from pyorch.nets.json_tree import display, suggestion

__all__ = ["Family", "Instance", "all_families", "false_seeds", "get"]

_FAMILIES = (
    ROUND_ERROR,
    STOCHASTIC_ROUNDING_ERROR,
    CLAMP_IN_RANGE,
    SCALE_DISTRIB,
    QUANTIZATION_ERROR_BOUND,
    QUANTIZE_MONOTONE,
    QUANTIZE_DEQUANTIZE,
    ACTIVATION_QUANTIZATION_BOUNDED,
    MIXED_PRECISION_ERROR_BOUND,
    PACKED_ROW_SIZE,
    GROUPWISE_ERROR_BOUND,
    SHARED_SCALE_ERROR_BOUND,
    DOT_PRODUCT_ERROR_BOUND,
    CHANNEL_DOT_PRODUCT_ERROR_BOUND,
    ACCUMULATOR_NO_OVERFLOW,
    MINIMAL_ACCUMULATOR_WIDTH,
    CHANNEL_ACCUMULATOR_WIDTH,
    A2Q_L1_BOUND,
    A2Q_PLUS_L1_BOUND,
    SRAM_TILE_FITS,
    SRAM_MAXIMAL_TILES,
    LAYER_ERROR_BOUND,
    ROOFLINE_LATENCY,
)
"""In the order of the catalogue, topic by topic."""

_BY_NAME = {name: f for f in _FAMILIES for seed in f.seeds for name in seed.names} | {
    family.name: family for family in _FAMILIES
}


def all_families() -> tuple[Family, ...]:
    """Every family, topic by topic."""
    return _FAMILIES


def get(name: str) -> Family:
    """The family of that name, or the one that repairs the seed claim of that name.

    Raises:
        UsageError: if there is none, with the nearest name.
    """
    if name not in _BY_NAME:
        known = ", ".join(sorted(f.name for f in _FAMILIES))
        hint = suggestion(name, _BY_NAME) or f"; known: {known}"
        raise UsageError(f"no claim is called {display(name)}{hint}")
    return _BY_NAME[name]


def false_seeds(name: str) -> tuple[SeedClaim, ...]:
    """The false seed claims that `name` means: that one, or all of the family of that name.

    Raises:
        UsageError: if no claim is called so.
    """
    family = get(name)
    if name == family.name:
        return family.false_seeds
    return tuple(seed for seed in family.false_seeds if name in seed.names)
