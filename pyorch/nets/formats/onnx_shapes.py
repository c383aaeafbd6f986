"""Shapes of tensors as ONNX's operators change them, where all axes are known."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["Shape", "flatten", "reshape", "times"]

Shape = tuple[int, ...]


def times(shape: Sequence[int]) -> str:
    """A shape for a message."""
    return " × ".join(map(str, shape[:8])) + (" × …" if len(shape) > 8 else "") or "()"


def flatten(shape: Shape, axis: int) -> Shape:
    """The two axes that Flatten makes: of those before `axis`, and of the others.

    Raises:
        ValueError: for an axis that is not there.
    """
    rank = len(shape)
    if not -rank <= axis <= rank:
        raise ValueError(f"axis is {axis}, the value has {rank} axes")
    axis += rank if axis < 0 else 0
    return math.prod(shape[:axis]), math.prod(shape[axis:])


def reshape(shape: Shape, target: Sequence[int], *, allow_zero: bool) -> Shape:
    """The shape that Reshape makes of `target`, in which one −1 stands for what is left, and 0,
    unless allowed, for the axis as it is.

    Raises:
        ValueError: where the entries would not be the same number.
    """
    axes = list(target)
    if not allow_zero and 0 not in axes[len(shape) :]:
        axes = [shape[i] if extent == 0 else extent for i, extent in enumerate(axes)]
    size = math.prod(shape)
    if axes.count(-1) == 1:
        known = -math.prod(axes)
        if known > 0 and size % known == 0:
            axes[axes.index(-1)] = size // known
    if min(axes, default=1) < 1 or math.prod(axes) != size:
        raise ValueError(f"reshapes {times(shape)} to {times(target)}")
    return tuple(axes)
