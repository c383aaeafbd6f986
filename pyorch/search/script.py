"""From a proof to a Lean tactic script, and from that to the shortest one that still works.

    intro x h
    constructor
    · simp
    · cases h with
      | inl h => exact h

A tactic that leaves one state is followed by the next line; one that leaves several, by a bullet
for each. A state of several goals, which are proved together, has no bullet: `·` focuses on one
goal, and the next tactic acts on the first goal anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from pyorch.search.proofs import Gap, Proof, ProofStep, length
from pyorch.search.wrap import wrap

__all__ = ["prune", "render"]

_BULLET = "· "


def render(proof: Proof, *, width: int | None = 100, indent: int = 0) -> str:
    """The script, without a newline at its end.

    Args:
        width: longest line, where it can be kept; None never breaks lines.
        indent: column at which each line begins.
    """
    return "\n".join(_lines(proof, " " * indent, width))


def prune(
    proof: ProofStep,
    works: Callable[[str], bool],
    *,
    limit: int = 64,
    width: int | None = 100,
) -> ProofStep:
    """A proof with fewer tactics, or shorter ones, which still works.

    Tried are, in this order at each step: one closing tactic for all that it does; going on
    without it; `<;>` for branches that end alike; a shorter tactic that leaves the same states.
    What works is kept, and all is tried again.

    Args:
        proof: one that works.
        works: does Lean accept this script for the goal?
        limit: most calls of ``works``.
    """
    asked: set[str] = set()
    improved = True
    while improved:
        improved = False
        for shorter in _edits(proof, width):
            script = render(shorter, width=width)
            if script in asked:
                continue
            if len(asked) == limit:
                return proof
            asked.add(script)
            if works(script):
                proof, improved = shorter, True
                break
    return proof


def _lines(proof: Proof, margin: str, width: int | None) -> Iterator[str]:
    if isinstance(proof, Gap):
        yield from [f"{margin}sorry"] * max(1, len(proof.goals))
        return
    first, *rest = wrap(proof.tactic, None if width is None else width - len(margin))
    yield margin + first
    yield from (margin + line if line else "" for line in rest)
    for branch in proof.branches:
        if len(proof.branches) == 1 or len(branch.goals) > 1:
            yield from _lines(branch, margin, width)
        else:
            inner = margin + " " * len(_BULLET)
            head, *tail = _lines(branch, inner, width)
            yield margin + _BULLET + head.removeprefix(inner)
            yield from tail


def _edits(step: ProofStep, width: int | None) -> Iterator[ProofStep]:
    """Proofs that cost less than this one, the most saving ones first."""
    yield from _edits_here(step, width)
    for number, branch in enumerate(step.branches):
        if isinstance(branch, ProofStep):
            for edited in _edits(branch, width):
                branches = (*step.branches[:number], edited, *step.branches[number + 1 :])
                yield replace(step, branches=branches)


def _edits_here(step: ProofStep, width: int | None) -> Iterator[ProofStep]:
    if step.branches:
        for tactic in sorted(dict.fromkeys(_closers(step)), key=len):
            yield ProofStep(tactic, (), step.goals)
    if len(step.branches) == 1 and isinstance(step.branches[0], ProofStep):
        yield replace(step.branches[0], goals=step.goals)
    if len(step.branches) > 1 and length(step) == 1 + len(step.branches):
        for tactic in _common(step.branches):
            joined = f"{step.tactic} <;> {tactic}"
            if "\n" not in joined and (width is None or len(joined) <= width):
                yield ProofStep(joined, (), step.goals)
    for number, tactic in enumerate(step.alternatives):
        if len(tactic) < len(step.tactic):
            others = (*step.alternatives[:number], *step.alternatives[number + 1 :])
            yield replace(step, tactic=tactic, alternatives=others)


def _closers(proof: Proof) -> Iterator[str]:
    """The tactics that end branches."""
    if isinstance(proof, ProofStep):
        if not proof.branches:
            yield proof.tactic
        for branch in proof.branches:
            yield from _closers(branch)


def _common(branches: Iterable[Proof]) -> list[str]:
    """Tactics each of which is known to end all of these branches, the shortest first."""
    known = [
        {branch.tactic: None} | dict.fromkeys(branch.alternatives)
        for branch in branches
        if isinstance(branch, ProofStep)
    ]
    return sorted((t for t in known[0] if all(t in tactics for tactics in known)), key=len)
