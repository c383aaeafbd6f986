"""The registry of claims. A new family is a module here and a line in `_FAMILIES`."""

from __future__ import annotations

from pyorch.claims.base import Family, Instance, SeedClaim
from pyorch.claims.quantization import QUANTIZATION_ERROR_BOUND
from pyorch.errors import UsageError
from pyorch.nets.json_tree import display, suggestion

__all__ = ["Family", "Instance", "all_families", "false_seeds", "get"]

_FAMILIES = (QUANTIZATION_ERROR_BOUND,)
"""In the order of the catalogue, topic by topic."""

_BY_NAME = {seed.name: family for family in _FAMILIES for seed in family.seeds} | {
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
    return tuple(seed for seed in family.false_seeds if seed.name == name)
