"""Rational numbers between two bounds."""

from __future__ import annotations

import math
from fractions import Fraction

from hypothesis import strategies as st


@st.composite
def fractions_between(
    draw: st.DrawFn, least: Fraction | int, most: Fraction | int, max_denominator: int = 10**6
) -> Fraction:
    """As `st.fractions`, which makes several strategies for each number and takes five times as
    long. There must be a number for each denominator."""
    den = draw(st.integers(1, max_denominator))
    return Fraction(draw(st.integers(math.ceil(least * den), math.floor(most * den))), den)
