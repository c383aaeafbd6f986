"""Parts of Lean names."""

from __future__ import annotations

from fractions import Fraction

__all__ = ["identifier"]


def identifier(value: Fraction) -> str:
    """A number as a part of a Lean identifier: neg_5_3 for -5/3."""
    return str(value).replace("-", "neg_").replace("/", "_")
