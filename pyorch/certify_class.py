"""The path of `certification.certify` for the question whether both choose the same class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pyorch.emit_properties import emit_class_refutation
from pyorch.errors import InputError
from pyorch.goal_claims import (
    advice,
    check_goal,
    class_claim,
    how_far,
    how_proved,
    split_for,
    why_proved,
    witness,
)
from pyorch.lean.progress import Progress
from pyorch.lean.workbench import Workbench
from pyorch.model import Evidence, Status, Verdict
from pyorch.nets.branch import Splitting
from pyorch.nets.goal_certificate import ChosenClass, GoalCertificate
from pyorch.nets.goal_search import DualMargin, dual_margin
from pyorch.nets.split import Leaf
from pyorch.stages import Clock, Say, above, below, establish, library_for, save_certificate

if TYPE_CHECKING:
    from pyorch.nets.class_attack import ClassAttack
    from pyorch.nets.margins import ClassPoint
    from pyorch.nets.network import CertificationProblem

__all__ = ["certify_class"]


def certify_class(
    problem: CertificationProblem,
    bench: Workbench,
    say: Say,
    *,
    time_limit: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Verdict:
    """Certify that teacher and student choose the same class on a box, or refute it.

    Args:
        problem: one whose goal is `SameClass`.
        time_limit: seconds for the attack, for each network.
        progress: told how far the search for a way to split the box is.

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
        splitting = split_for(problem, claim, least, bench, clock, progress)
    certificate = _certificate(claim, prec, dual, splitting, is_proved=margin > 0)
    verdict = replace(
        verdict,
        reason=why_proved(claim),
        details=(
            ("class", f"{chosen} (from 0)"),
            *how_proved(certificate),
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
                f" not above 0{how_far(splitting)}; the least margin found is {above(least)}:"
                f" {advice(splitting)}try a smaller box"
            ),
            timings=tuple(clock.timings),
        )
    verdict = check_goal(verdict, problem, certificate, attack.least, bench, clock)
    return save_certificate(verdict, problem, certificate)


def _certificate(
    claim: ChosenClass,
    prec: int,
    dual: DualMargin | None,
    splitting: Splitting[GoalCertificate] | None,
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
        counterexample=None if point is None else witness(point, _why_refuted(point)),
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
