"""The registry of claims. A new family is a module here and a line in `_FAMILIES`."""

from __future__ import annotations

from pyorch.claims.base import Family, Instance
from pyorch.claims.quantization import QUANTIZATION_ERROR_BOUND
from pyorch.errors import UsageError
from pyorch.nets.json_tree import display, suggestion

__all__ = ["Family", "Instance", "all_families", "get"]

_FAMILIES = {family.name: family for family in (QUANTIZATION_ERROR_BOUND,)}


def all_families() -> tuple[Family, ...]:
    """Every family, by name."""
    return tuple(_FAMILIES[name] for name in sorted(_FAMILIES))


def get(name: str) -> Family:
    """The family of that name.

    Raises:
        UsageError: if there is none, with the nearest name.
    """
    if name not in _FAMILIES:
        hint = suggestion(name, _FAMILIES) or f"; known: {', '.join(sorted(_FAMILIES))}"
        raise UsageError(f"no claim is called {display(name)}{hint}")
    return _FAMILIES[name]
