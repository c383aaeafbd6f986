"""The audit: was exactly what was asked proved, and on what does it rest?

The server gathers the facts in environments that no search has touched (`RemoteServer.audit`):
both texts are elaborated afresh on the library, the statements are compared term by term with all
local definitions below them, every declaration is replayed through the kernel on top of the
imports, and the axioms are collected. Here they are judged. Every reason not to accept is listed;
nothing is accepted while there is one.
"""

from __future__ import annotations

from pyorch.lean.build import split_header
from pyorch.lean.protocol import Environment, Limits, Server
from pyorch.lean.values import RawAudit
from pyorch.model import STANDARD_AXIOMS, Audit, Elaboration, TheoremAudit, Trust

__all__ = ["NO_THEOREM", "audit", "judge", "refused_axioms"]

#: The problem of an audit of nothing.
NO_THEOREM = "no theorem was asked for"

#: What ``native_decide`` rests on: Lean's compiler.
COMPILER_AXIOMS = frozenset({"Lean.ofReduceBool", "Lean.ofReduceNat", "Lean.trustCompiler"})

#: Modules that text from outside may import: no metaprogramming library among them.
_IMPORTABLE = ("Init", "Std", "PyOrch")


def audit(
    server: Server,
    *,
    asked: str,
    given: str,
    theorems: tuple[str, ...] | None,
    environment: Environment,
    file: str = "<given>",
    required: Trust = Trust.KERNEL,
    limits: Limits = Limits(),
    kernel_once: bool = False,
) -> tuple[Audit, Elaboration]:
    """Check that the file ``given`` proves the ``theorems`` that ``asked`` states.

    Args:
        asked: complete Lean file with the statements; its proofs may be ``sorry``. Trusted.
        given: complete Lean file with the proofs. From anywhere.
        theorems: fully qualified names; None for all that ``asked`` declares.
        environment: the modules on which both are elaborated, whatever their headers say.
        file: name of ``given`` in messages.
        required: the weakest tier that is accepted.
        kernel_once: see `Server.audit`; for texts of our own making.

    Returns:
        The judgement, and what Lean said of ``given`` when it elaborated it for that.

    Raises:
        ServerError: Lean did not answer; never taken for a pass.
    """
    imports, body = split_header(given, file)
    _, asked_body = split_header(asked, "<asked>")
    raw = server.audit(
        asked_body, body, theorems, environment, file=file, limits=limits, kernel_once=kernel_once
    )
    if theorems is None:
        theorems = tuple(d.name for d in raw.asked.declarations if d.kind == "theorem")
    report = judge(raw, theorems, imports=imports, environment=environment, required=required)
    return report, raw.given


def judge(
    raw: RawAudit,
    theorems: tuple[str, ...],
    *,
    imports: tuple[str, ...] = (),
    environment: Environment = Environment(),
    required: Trust = Trust.KERNEL,
) -> Audit:
    """The judgement over facts; pure."""
    problems: list[str] = []
    for module in imports:
        if module in environment.modules or module == "Init":
            continue  # whoever asks has it there
        if module.split(".")[0] not in _IMPORTABLE:
            problems.append(f"it imports '{module}'")
        else:
            problems.append(f"it imports '{module}', which is not part of what was asked")
    problems += [f"what was asked does not elaborate: {d}" for d in raw.asked.errors]
    problems += [f"what was asked contains {why}" for _, why in raw.asked.refused]
    problems += [
        f"line {position.line} contains {reason}, which a proof may not"
        for position, reason in raw.given.refused
    ]
    problems += [f"it does not elaborate: {d}" for d in raw.given.errors]
    if raw.kernel is not None:
        problems.append(f"replay through the kernel fails: {raw.kernel}")
    if not theorems:
        problems.append(NO_THEOREM)
    reported = {t.name for t in raw.theorems}
    problems += [f"the server did not report on '{t}'" for t in theorems if t not in reported]
    tiers: list[Trust] = []
    for theorem in raw.theorems:
        tier, complaints = _theorem(theorem)
        problems += complaints
        if tier is not None:
            tiers.append(tier)
    weakest = max(tiers, key=list(Trust).index, default=None)
    if weakest is not None and not weakest.at_least(required):
        problems.append(
            f"it rests on the compiler ({weakest} tier), and {required} tier was required"
        )
    return Audit(raw.theorems, raw.kernel, tuple(problems), None if problems else weakest)


def refused_axioms(theorem: TheoremAudit) -> list[str]:
    """What the theorem rests on and no proof may: ``sorryAx``, or an axiom of somebody's."""
    return sorted(set(theorem.axioms) - STANDARD_AXIOMS - COMPILER_AXIOMS)


def _theorem(theorem: TheoremAudit) -> tuple[Trust | None, list[str]]:
    complaints: list[str] = []
    if theorem.difference is not None:
        complaints.append(theorem.difference)
    foreign = refused_axioms(theorem)
    if "sorryAx" in foreign:
        complaints.append(f"'{theorem.name}' rests on sorry")
        foreign.remove("sorryAx")
    if foreign:
        complaints.append(f"'{theorem.name}' rests on the axiom {', '.join(foreign)}")
    if complaints:
        return None, complaints
    return (Trust.COMPILED if COMPILER_AXIOMS.intersection(theorem.axioms) else Trust.KERNEL), []
