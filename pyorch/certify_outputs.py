"""The path of `certification.certify` for a tolerance for each output, or for one output."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.emit_properties import emit_output_refutation
from pyorch.goal_claims import (
    advice,
    check_goal,
    goal_claim,
    how_far,
    how_proved,
    split_for,
    why_proved,
    witness,
)
from pyorch.lean.progress import Progress
from pyorch.lean.workbench import Workbench
from pyorch.model import Evidence, Status, Verdict
from pyorch.nets.bounds import round_up
from pyorch.nets.branch import Splitting
from pyorch.nets.goal_certificate import GoalCertificate, OutputTolerances
from pyorch.nets.goal_search import dual_gaps
from pyorch.nets.properties import OneOutput, PerOutput
from pyorch.nets.split import Leaf
from pyorch.stages import (
    Clock,
    Say,
    above,
    below,
    establish,
    exact,
    library_for,
    save_certificate,
)

if TYPE_CHECKING:
    from pyorch.nets.attack import Witness as Gap
    from pyorch.nets.network import CertificationProblem
    from pyorch.nets.tolerances import Tolerances

__all__ = ["certify_outputs"]

_WORTH = Fraction(10, 9)  # by which tolerances have to be smaller to be worth a longer check
_SHOWN = 16  # outputs of which a report tells the numbers


def certify_outputs(
    problem: CertificationProblem,
    goal: PerOutput | OneOutput,
    bench: Workbench,
    say: Say,
    *,
    time_limit: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Verdict:
    """Certify a tolerance for each output or for one, or refute it, or find ones that hold.

    Args:
        goal: the problem's.
        time_limit: seconds for the attack that looks for a large gap.
        progress: told how far the search for a way to split the box is.
    """
    from pyorch.nets.tolerances import choose_tolerances, closest_gap, requested

    clock = Clock(say)
    with clock.stage("bounds", "bounding the difference"):
        tolerances = choose_tolerances(problem, goal)
    if None in requested(problem, goal).values():
        tolerances = _smallest(problem, tolerances, clock)
    with clock.stage("attack", "looking for a large gap"):
        gap = closest_gap(
            problem, tolerances.epsilons, seed=bench.config.seed, time_limit=time_limit
        )
    if tolerances.missed and gap.gap <= tolerances.epsilons[gap.output]:
        tolerances = _within(problem, tolerances, clock)
    epsilon = tolerances.epsilons[gap.output]
    splitting = None
    claim = OutputTolerances(
        tuple(tolerances.epsilons.values()), goal.output if isinstance(goal, OneOutput) else None
    )
    if tolerances.dual and tolerances.missed and gap.gap <= epsilon:
        least = min(tolerances.epsilons.values())
        splitting = split_for(problem, claim, least, bench, clock, progress)
    if tolerances.missed:
        certificate = splitting.certificate if splitting else None
    else:
        certificate = GoalCertificate(claim, tolerances.prec, tree=Leaf(tolerances.dual))
    verdict = Verdict(
        claim=goal_claim(problem, claim),
        status=Status.PROVED,
        trust=None,
        reason=why_proved(claim),
        evidence=(_gap_evidence(gap, epsilon, bench.config.seed),),
        details=(
            ("epsilon", _listed(map(exact, tolerances.epsilons.values()))),
            *how_proved(certificate),
            ("provable by intervals", _listed(map(above, tolerances.by_intervals.values()))),
            ("closest gap found", f"{below(gap.gap)} in output {gap.output}, of {exact(epsilon)}"),
            ("weights sha256", problem.sha256),
        ),
    )
    if gap.gap > epsilon:
        verdict = replace(
            verdict,
            status=Status.REFUTED,
            reason=(
                f"an input in the box has a gap of {below(gap.gap)} > {exact(epsilon)} in output"
                f" {gap.output}"
            ),
        )
        with clock.stage("emit", "writing Lean"):
            emitted = emit_output_refutation(problem, claim, gap)
        environment = library_for(emitted, bench, clock)
        return establish(verdict, emitted, emitted.refutations, environment, bench, clock)
    if certificate is None:
        return replace(
            verdict,
            status=Status.OPEN,
            reason=_why_open(tolerances, splitting),
            timings=tuple(clock.timings),
        )
    verdict = check_goal(verdict, problem, certificate, gap, bench, clock)
    return save_certificate(verdict, problem, certificate)


def _smallest(problem: CertificationProblem, found: Tolerances, clock: Clock) -> Tolerances:
    """The tolerances by duality, where those are smaller on the whole."""
    if not any(found.provable.values()):
        return found  # nothing is smaller than 0
    with clock.stage("relaxation", "relaxing the networks linearly"):
        dual = dual_gaps(problem, found.provable, as_small_as_possible=True)
    if dual is None:
        return found
    ratios = [dual.gaps[i] / known if known else 1 + dual.gaps[i]
              for i, known in found.provable.items()]  # fmt: skip
    if sum(ratios) * _WORTH > len(ratios):
        return found
    return replace(
        found,
        epsilons={i: round_up(gap, 4) for i, gap in dual.gaps.items()},
        provable=dual.gaps,
        prec=dual.certificate.prec,
        dual=dual.certificate,
    )


def _within(problem: CertificationProblem, found: Tolerances, clock: Clock) -> Tolerances:
    """What duality proves of tolerances for which intervals are too wide."""
    with clock.stage("relaxation", "relaxing the networks linearly"):
        dual = dual_gaps(problem, found.epsilons, as_small_as_possible=False)
    if dual is None:
        return found
    return replace(found, provable=dual.gaps, prec=dual.certificate.prec, dual=dual.certificate)


def _gap_evidence(gap: Gap, epsilon: Fraction, seed: int) -> Evidence:
    explanation = (
        f"output {gap.output}: |{float(gap.teacher):.6g} − {float(gap.student):.6g}| ≈"
        f" {below(gap.gap)} > {exact(epsilon)}"
    )
    return Evidence(
        checked="random and gradient attack on the gap, by tolerance",
        samples=gap.evaluations,
        seed=seed,
        largest=gap.gap,
        bound=epsilon,
        counterexample=witness(gap, explanation) if gap.gap > epsilon else None,
    )


def _why_open(tolerances: Tolerances, splitting: Splitting[GoalCertificate] | None) -> str:
    worst = max(tolerances.missed, key=lambda i: tolerances.provable[i] / tolerances.epsilons[i])
    others = len(tolerances.missed) - 1
    more = f", and too little of {others} others" if others else ""
    duality = f", duality {above(tolerances.provable[worst])}" if tolerances.dual else ""
    return (
        f"interval bounds prove {above(tolerances.by_intervals[worst])}{duality} of output {worst},"
        f" not {exact(tolerances.epsilons[worst])}{more}{how_far(splitting)}:"
        f" {advice(splitting)}try a smaller box or a larger ε"
    )


def _listed(numbers: Iterable[str]) -> str:
    texts = list(numbers)
    more = [f"… ({len(texts)} in all)"] if len(texts) > _SHOWN else []
    return ", ".join([*texts[:_SHOWN], *more])
