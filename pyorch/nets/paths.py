"""Names of the boxes that repeated halving makes of a box.

A path says how a box is reached: `3b0a` is the half below in coordinate 3, and of that the half
above in coordinate 0. Since a cut is always in the middle, a path determines its box.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pyorch.nets.network import Box
from pyorch.nets.split import LEAF, Corners, Leaf, Split, SplitTree, refine

__all__ = ["ROOT", "above", "below", "corners", "is_path", "leaf_paths", "tree_of"]

ROOT = "-"
"""The path of the whole box."""

_PATH = re.compile(r"-|([0-9]{1,9}[ab])+")
_STEP = re.compile(r"([0-9]+)([ab])")


def is_path(text: str) -> bool:
    return _PATH.fullmatch(text) is not None


def below(path: str, dim: int) -> str:
    return f"{'' if path == ROOT else path}{dim}b"


def above(path: str, dim: int) -> str:
    return f"{'' if path == ROOT else path}{dim}a"


def corners(box: Box, path: str) -> Corners:
    """The box of a path, over a denominator as fine as it needs."""
    steps = _STEP.findall(path)
    return _descend(refine(box, _finest(path)), [(int(dim), side) for dim, side in steps])


def leaf_paths(splits: Mapping[str, int]) -> Iterator[str]:
    """The leaves of the tree in which the boxes of these paths are halved in these coordinates."""
    todo = [ROOT]
    while todo:
        path = todo.pop()
        if path in splits:
            dim = splits[path]
            todo += [above(path, dim), below(path, dim)]
        else:
            yield path


def tree_of(
    box: Box, splits: Mapping[str, int], leaves: Mapping[str, Leaf] | None = None
) -> tuple[SplitTree, int]:
    """That tree with its cuts, and the refinement over which they are written.

    Args:
        leaves: by paths, those that are not proved by intervals.
    """
    refinement = max(map(_finest, leaf_paths(splits)))

    def tree(path: str, part: Corners) -> SplitTree:
        if path not in splits:
            return (leaves or {}).get(path, LEAF)
        dim = splits[path]
        cut = _middle(part, dim)
        return Split(
            dim,
            cut,
            tree(below(path, dim), part.below(dim, cut)),
            tree(above(path, dim), part.above(dim, cut)),
        )

    return tree(ROOT, refine(box, refinement)), refinement


def _finest(path: str) -> int:
    """How often the path halves the coordinate that it halves most."""
    dims = [dim for dim, _ in _STEP.findall(path)]
    return max(map(dims.count, set(dims)), default=0)


def _middle(part: Corners, dim: int) -> int:
    return (part.lo[dim] + part.hi[dim]) // 2


def _descend(part: Corners, steps: list[tuple[int, str]]) -> Corners:
    for dim, side in steps:
        cut = _middle(part, dim)
        part = part.below(dim, cut) if side == "b" else part.above(dim, cut)
    return part
