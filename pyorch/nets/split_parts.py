"""A split certificate in parts that Lean checks one after the other, as Lean text.

A part is a subtree of so few leaves that the kernel is soon done with it: a lemma about the box
that the cuts above it leave. The final theorem puts the parts together.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyorch.nets.dual_emit import lean_dual_certificate
from pyorch.nets.lanes import Lanes
from pyorch.nets.split import Leaf, Split, SplitCertificate, SplitTree, count_leaves

if TYPE_CHECKING:
    from pyorch.nets.goal_certificate import GoalCertificate

__all__ = [
    "Part",
    "PartedTree",
    "cut_into_parts",
    "lean_batch",
    "lean_glue",
    "lean_goal_tree",
    "lean_part_box",
    "lean_tree",
]

Step = tuple[int, int, bool]
"""A cut on the way to a part: coordinate, numerator, and whether the part is above it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A subtree, and the cuts that lead to its box."""

    number: int
    tree: SplitTree
    refinement: int
    steps: tuple[Step, ...]

    @property
    def leaves(self) -> int:
        return count_leaves(self.tree)


PartedTree = Part | tuple["PartedTree", "PartedTree"]
"""How the parts, numbered from left to right, make up the tree."""


def cut_into_parts(
    certificate: SplitCertificate | GoalCertificate, most: int
) -> tuple[PartedTree, tuple[Part, ...]]:
    """The largest subtrees of at most so many leaves."""
    parts: list[Part] = []

    def parted(tree: SplitTree, steps: tuple[Step, ...]) -> PartedTree:
        if isinstance(tree, Leaf) or count_leaves(tree) <= most:
            parts.append(Part(len(parts), tree, certificate.refinement, steps))
            return parts[-1]
        return (
            parted(tree.below, (*steps, (tree.dim, tree.cut, False))),
            parted(tree.above, (*steps, (tree.dim, tree.cut, True))),
        )

    return parted(certificate.tree, ()), tuple(parts)


def lean_batch(lanes: Lanes) -> str:
    """A `PyOrch.Batch`."""
    return f"{{ size := {lanes.boxes}, width := {lanes.width}, bits := {lanes.bits} }}"


def lean_tree(tree: SplitTree) -> str:
    """A `PyOrch.SplitTree`."""
    return _wrapped(_tree(tree))


def lean_part_box(part: Part) -> str:
    """The box of a part: what the cuts leave of `box`."""
    text = f"(box.refine {part.refinement})"
    for dim, cut, above in part.steps:
        text = f"({text}.{'above' if above else 'below'} {dim} {_argument(cut)})"
    return _wrapped(text)


def lean_glue(parted: PartedTree) -> str:
    """The proof for the whole tree from the lemmas `part_0`, `part_1`, …."""
    return _wrapped(_glue(parted))


def _glue(parted: PartedTree) -> str:
    if isinstance(parted, Part):
        return f"part_{parted.number}"
    return f"(.split {_glue(parted[0])} {_glue(parted[1])})"


def _tree(tree: SplitTree) -> str:
    if isinstance(tree, Split):
        return f"(.split {tree.dim} {_argument(tree.cut)} {_tree(tree.below)} {_tree(tree.above)})"
    return ".leaf"


def lean_goal_tree(tree: SplitTree) -> str:
    """A `PyOrch.GoalTree`, with a line for each cut and each leaf: Lean wants no field of a
    certificate further left than its first."""
    if isinstance(tree, Split):
        parts = f"{lean_goal_tree(tree.below)}\n    {lean_goal_tree(tree.above)}"
        return f"(.split {tree.dim} {_argument(tree.cut)}\n    {parts})"
    return ".intervals" if tree.dual is None else f"(.duality {lean_dual_certificate(tree.dual)})"


def _argument(value: int) -> str:
    return str(value) if value >= 0 else f"({value})"


def _wrapped(text: str) -> str:
    """The text in lines of at most 100 columns, the later ones indented."""
    lines = textwrap.wrap(text, 94, break_long_words=False, break_on_hyphens=False)
    return "\n    ".join(lines)
