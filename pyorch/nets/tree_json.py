"""A tree of bisections as JSON: in preorder, ``[dim, cut]`` for a box that is cut, 0 for a leaf
that is proved by intervals, and `pyorch.nets.dual_emit.dual_to_json` for one that is by duality."""

from __future__ import annotations

from typing import Any

from pyorch.nets.dual_emit import dual_from_json, dual_to_json
from pyorch.nets.json_tree import Node
from pyorch.nets.split import LEAF, Leaf, Split, SplitTree

__all__ = ["tree_from_json", "tree_to_json"]

MAX_DEPTH = 1000
"""Bisections on the way to one leaf."""


def tree_to_json(tree: SplitTree) -> list[Any]:
    """The tree in preorder; `tree_from_json` reads it."""
    found: list[Any] = []
    todo = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, Leaf):
            found.append(0 if node.dual is None else dual_to_json(node.dual))
        else:
            found.append([node.dim, node.cut])
            todo += [node.above, node.below]
    return found


def tree_from_json(node: Node, box_dim: int, *, duals: bool) -> SplitTree:
    """What `tree_to_json` wrote, from anywhere; without recursion.

    Args:
        duals: leaves may be proved by duality.

    Raises:
        InputError: names the element and what is wrong with it.
    """
    items = list(node.items())
    done: list[SplitTree] = []
    # from the end: a leaf is a tree, a cut takes the two trees after it
    depths: list[int] = []
    for item in reversed(items):
        if not isinstance(item.value, list):
            if duals and item.has("prec"):
                done.append(Leaf(dual_from_json(item)))
            elif item.integer() == 0:
                done.append(LEAF)
            else:
                raise item.error("expected [dim, cut] or 0")
            depths.append(0)
            continue
        entries = list(item.items())
        if len(entries) != 2:
            raise item.error("expected [dim, cut] or 0")
        if len(done) < 2:
            raise item.error("the tree is not complete")
        dim = entries[0].natural(box_dim - 1)
        below, above = done.pop(), done.pop()
        depth = 1 + max(depths.pop(), depths.pop())
        if depth > MAX_DEPTH:
            raise item.error(f"more than {MAX_DEPTH} bisections of one box")
        done.append(Split(dim, entries[1].integer(), below, above))
        depths.append(depth)
    if len(done) != 1:
        raise node.error("is not one tree")
    return done[0]
