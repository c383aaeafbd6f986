"""Two's complement numbers, exactly, and arithmetic that wraps around."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["greatest", "least", "width", "wrap", "wrap_int64"]


def least(bits: int) -> int:
    """The least number of that width: -2^(bits - 1)."""
    return -(1 << (bits - 1))


def greatest(bits: int) -> int:
    """The greatest number of that width: 2^(bits - 1) - 1."""
    return (1 << (bits - 1)) - 1


def width(value: int) -> int:
    """The least width that holds `value`; 0 for 0, as `PyOrch.FitsSigned` counts."""
    return 0 if value == 0 else (value if value >= 0 else ~value).bit_length() + 1


def wrap(value: int, bits: int) -> int:
    """What a register of so many bits holds after `value` was stored in it; 0 for no bits."""
    half = 1 << bits >> 1
    return ((value + half) & ((1 << bits) - 1)) - half


def wrap_int64(values: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    """`wrap` of each value for 1 to 64 bits, by shifting the bits above out and the sign in."""
    import numpy as np

    shift = np.int64(64 - bits)
    wrapped: NDArray[np.int64] = (values << shift) >> shift
    return wrapped
