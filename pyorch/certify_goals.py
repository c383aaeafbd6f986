"""The path of `certification.certify` for the other properties: a class, or outputs one by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.emit_properties import emit_class_refutation, emit_output_refutation
from pyorch.errors import InputError
from pyorch.goal_claims import by_method, check_goal, class_claim, goal_claim, why_proved
from pyorch.lean.workbench import Workbench
from pyorch.model import Evidence, Status, Verdict, Witness
from pyorch.nets.bounds import round_up
from pyorch.nets.branch import Budget
from pyorch.nets.goal_certificate import (
    ChosenClass,
    GoalCertificate,
    GoalClaim,
    OutputTolerances,
    method_of,
)
from pyorch.nets.goal_search import DualMargin, dual_gaps, dual_margin
from pyorch.nets.goal_splitting import GoalSplitting, most_leaves, split_goal
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
    from pyorch.nets.class_attack import ClassAttack
    from pyorch.nets.margins import ClassPoint
    from pyorch.nets.network import CertificationProblem
    from pyorch.nets.tolerances import Tolerances

__all__ = ["certify_class", "certify_outputs"]

_WORTH = Fraction(10, 9)  # by which tolerances have to be smaller to be worth a longer check
_BUDGET = 15.0  # seconds of search for a way to split the box
_SHOWN = 16  # outputs of which a report tells the numbers


def certify_class(
    problem: CertificationProblem,
    bench: Workbench,
    say: Say,
    *,
    time_limit: float | None = None,
) -> Verdict:
    """Certify that teacher and student choose the same class on a box, or refute it.

    Args:
        problem: one whose goal is `SameClass`.
        time_limit: seconds for the attack, for each network.

    Raises:
        InputError: the margins of a class do not fit our integers.
    """
    from pyorch.nets.class_attack import attack_class
    from pyorch.nets.margins import choose_class_prec, class_margin, margin_bounds

    clock = Clock(say)
    try:
        with clock.stage("attack", "looking for an input of another class"):
            attack = attack_class(problem, seed=bench.config.seed, time_limit=time_limit)
    except ValueError as error:
        raise InputError(problem.source, "", f"the margins of a class: {error}") from error
    verdict = Verdict(
        claim=class_claim(problem),
        status=Status.PROVED,
        trust=None,
        reason="",
        evidence=(_class_evidence(attack, bench.config.seed),),
        details=(("weights sha256", problem.sha256),),
    )
    if attack.refutation is not None:
        with clock.stage("emit", "writing Lean"):
            emitted = emit_class_refutation(problem, attack.refutation)
        verdict = replace(verdict, status=Status.REFUTED, reason=_why_refuted(attack.refutation))
        environment = library_for(emitted, bench, clock)
        return establish(verdict, emitted, emitted.refutations, environment, bench, clock)
    chosen = attack.middle.chosen
    assert chosen is not None
    claim = ChosenClass(chosen)
    with clock.stage("bounds", "bounding the margins"):
        prec = choose_class_prec(problem, chosen)
        margin = class_margin(margin_bounds(problem, chosen, prec), chosen)
    least = attack.least.margin(chosen)
    dual = None
    if margin <= 0:
        with clock.stage("relaxation", "relaxing the networks linearly"):
            dual = dual_margin(problem, chosen)
    splitting = None
    if dual is not None and dual.margin <= 0 < least:
        splitting = _split(problem, claim, least, bench, clock)
    certificate = _certificate(claim, prec, dual, splitting, is_proved=margin > 0)
    verdict = replace(
        verdict,
        reason=why_proved(claim),
        details=(
            ("class", f"{chosen} (from 0)"),
            *_method(certificate),
            ("margin by intervals", below(margin)),
            *([] if dual is None else [("margin by duality", below(dual.margin))]),
            ("least margin found", above(least)),
            *verdict.details,
        ),
    )
    if certificate is None:
        duality = "" if dual is None else f", and duality above {below(dual.margin)}"
        return replace(
            verdict,
            status=Status.OPEN,
            reason=(
                f"interval bounds put the margins of class {chosen} above {below(margin)}{duality},"
                f" not above 0{_progress(splitting)}; the least margin found is {above(least)}: try"
                f" {_advice(splitting)}a smaller box"
            ),
            timings=tuple(clock.timings),
        )
    verdict = check_goal(verdict, problem, certificate, attack.least, bench, clock)
    return save_certificate(verdict, problem, certificate)


def certify_outputs(
    problem: CertificationProblem,
    goal: PerOutput | OneOutput,
    bench: Workbench,
    say: Say,
    *,
    time_limit: float | None = None,
) -> Verdict:
    """Certify a tolerance for each output or for one, or refute it, or find ones that hold.

    Args:
        goal: the problem's.
        time_limit: seconds for the attack that looks for a large gap.
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
        splitting = _split(problem, claim, min(tolerances.epsilons.values()), bench, clock)
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
            *_method(certificate),
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


def _certificate(
    claim: ChosenClass,
    prec: int,
    dual: DualMargin | None,
    splitting: GoalSplitting | None,
    *,
    is_proved: bool,
) -> GoalCertificate | None:
    """By what proves the class: intervals, duality, or one of them on each part of the box."""
    if is_proved:
        return GoalCertificate(claim, prec)
    if dual is not None and dual.margin > 0:
        return GoalCertificate(claim, prec, tree=Leaf(dual.certificate))
    return splitting.certificate if splitting else None


def _class_evidence(attack: ClassAttack, seed: int) -> Evidence:
    point = attack.refutation
    return Evidence(
        checked="random and gradient attack on the margins of the class",
        samples=attack.evaluations,
        seed=seed,
        counterexample=None if point is None else _witness(point, _why_refuted(point)),
    )


def _why_refuted(point: ClassPoint) -> str:
    assert point.rivals is not None
    first, second = point.rivals
    if point.is_tie:
        return (
            f"at an input in the box the teacher's outputs {first} and {second} are equal and none"
            " is greater: it chooses no class"
        )
    return (
        f"at an input in the box the teacher's greatest output is {first}, and in the student"
        f" output {second} is as great as any"
    )


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
        counterexample=_witness(gap, explanation) if gap.gap > epsilon else None,
    )


def _witness(point: Gap | ClassPoint, explanation: str) -> Witness:
    return Witness(
        tuple((f"x[{i}]", value) for i, value in enumerate(point.coordinates)), explanation
    )


def _split(
    problem: CertificationProblem,
    claim: GoalClaim,
    scale: Fraction,
    bench: Workbench,
    clock: Clock,
) -> GoalSplitting:
    """Bisect the box where nothing proves the claim on the whole."""
    config = bench.config
    most = most_leaves(problem, claim, config.timeout)
    with clock.stage("split", "splitting the box"):
        budget = Budget(config.budget or _BUDGET, min(config.max_leaves or most, most))
        return split_goal(problem, claim, budget, scale=scale)


def _method(certificate: GoalCertificate | None) -> list[tuple[str, str]]:
    """What proves the claim, in words."""
    if certificate is None:
        return []
    if isinstance(certificate.tree, Leaf):
        return [("method", method_of(certificate.tree.dual))]
    parts = ("method", f"{certificate.leaves} parts of the box")
    return [parts, *by_method(certificate)]


def _progress(splitting: GoalSplitting | None) -> str:
    if splitting is None:
        return ""
    return (
        f"; on {splitting.proved} parts of the box, {100 * splitting.volume:.3g} % of it, they do,"
        f" on {splitting.open} not yet"
    )


def _advice(splitting: GoalSplitting | None) -> str:
    return "" if splitting is None else "a larger --budget or --timeout, or "


def _why_open(tolerances: Tolerances, splitting: GoalSplitting | None) -> str:
    worst = max(tolerances.missed, key=lambda i: tolerances.provable[i] / tolerances.epsilons[i])
    others = len(tolerances.missed) - 1
    more = f", and too little of {others} others" if others else ""
    duality = f", duality {above(tolerances.provable[worst])}" if tolerances.dual else ""
    return (
        f"interval bounds prove {above(tolerances.by_intervals[worst])}{duality} of output {worst},"
        f" not {exact(tolerances.epsilons[worst])}{more}{_progress(splitting)}: try"
        f" {_advice(splitting)}a smaller box or a larger ε"
    )


def _listed(numbers: Iterable[str]) -> str:
    texts = list(numbers)
    more = [f"… ({len(texts)} in all)"] if len(texts) > _SHOWN else []
    return ", ".join([*texts[:_SHOWN], *more])
