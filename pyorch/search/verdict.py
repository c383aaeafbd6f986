"""The judgement over a file in which holes were closed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from pyorch.audit import judge, refused_axioms
from pyorch.lean.build import split_header
from pyorch.lean.protocol import Environment, Limits, Server
from pyorch.model import Audit, TheoremAudit, Trust

__all__ = ["judge_closed"]


def judge_closed(
    server: Server,
    before: str,
    after: str,
    theorems: tuple[str, ...],
    closed: Collection[str],
    *,
    environment: Environment,
    file: str,
    required: Trust,
    limits: Limits,
) -> tuple[Audit | None, str | None, Mapping[str, str]]:
    """Audit theorems of a file. Those that still rest on a ``sorry``, or on an axiom, have to be in
    order but for that.

    Args:
        before: the text with the holes, without its header.
        after: the complete new file.
        theorems: those that rested on ``sorry`` or had a hole that was closed.
        closed: names of the latter.
        required: the weakest tier that is accepted.

    Returns:
        The audit of those that rest on nothing of the kind, None if there are none; what is wrong,
        if anything is; and what each of the others rests on.
    """
    imports, body = split_header(after, file)
    raw = server.audit(before, body, theorems, environment, file=file, limits=limits)

    def judged(theorems: Iterable[TheoremAudit]) -> Audit:
        found = tuple(theorems)
        return judge(
            replace(raw, theorems=found), tuple(t.name for t in found), imports=imports,
            environment=environment, required=required,
        )  # fmt: skip

    refused = {t.name: refused_axioms(t) for t in raw.theorems}
    whole = [t for t in raw.theorems if not refused[t.name]]
    but_for = [
        replace(t, axioms=tuple(a for a in t.axioms if a not in refused[t.name]))
        for t in raw.theorems
        if refused[t.name] and t.name in closed
    ]
    problems = [p for some in (whole, but_for) if some for p in judged(some).problems]
    problems += [f"'{t}' was not audited" for t in theorems if t not in refused]
    report = judged(whole) if whole else None
    unsound = {name: _foundation(axioms, environment) for name, axioms in refused.items() if axioms}
    return report, problems[0] if problems else None, unsound


def _foundation(axioms: Sequence[str], environment: Environment) -> str:
    others = [name for name in axioms if name != "sorryAx"]
    if others:
        return f"the axiom {', '.join(others)}"
    where = ", here or in a module that is imported" if environment.foreign else ""
    return f"another sorry{where}"
