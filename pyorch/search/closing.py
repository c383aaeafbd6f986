"""Closing the ``sorry``s of a Lean file: text goes in, text without them comes out, audited.

    file ─► holes ─► disproof, search ─► script ─► splice ─► audit ─► file

Nothing is written before the whole new text has been elaborated afresh and audited against the old
one: every theorem in it says what it said, and those that are reported as closed rest on no
``sorry``. A theorem that is found to be false is reported as refuted when the audit has accepted
a proof of its negation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

from pyorch.audit import audit, judge, refused_axioms
from pyorch.errors import InputError, PyorchError
from pyorch.lean.build import split_header
from pyorch.lean.progress import Progress
from pyorch.lean.protocol import Environment, Limits, OpenHole, Server
from pyorch.lean.workbench import Workbench
from pyorch.model import (
    Audit,
    Declaration,
    Elaboration,
    Goal,
    Position,
    Status,
    TheoremAudit,
    ToolchainId,
    Trust,
)
from pyorch.output import read_text
from pyorch.search.explicit import make_explicit
from pyorch.search.log import OutcomeLog
from pyorch.search.mcts import search
from pyorch.search.model import Closed, ProofState, Suggester
from pyorch.search.proofs import ProofStep, gaps
from pyorch.search.prover import LeanProver
from pyorch.search.puct import TreeSettings
from pyorch.search.result import Budget, SearchProgress, SearchResult, Stop
from pyorch.search.script import prune, render
from pyorch.search.splice import Edit, apply_edits, candidates, offset
from pyorch.search.suggest.combined import CombinedSuggester
from pyorch.search.suggest.premises import PremiseIndex, PremiseSuggester
from pyorch.search.suggest.witnesses import WitnessSuggester
from pyorch.search.theorems import theorems_above

__all__ = ["SECONDS", "Closing", "HoleReport", "SearchOptions", "close_file", "close_text"]

#: What is usual for each hole.
SECONDS = 30.0

#: Of one tactic by itself.
_TACTIC = Limits(seconds=20.0, heartbeats=15_000)
#: The part of a hole's seconds that may go into showing that its theorem is false.
_DISPROOF = 0.2
#: How likely it is that a theorem of the same file helps, one that is proved and one that is still
#: open, if it is 1 that something else does.
_EARLIER, _DOUBTFUL = 0.25, 0.05
#: Why a declaration whose name begins with that is passed over: an audit goes by names.
_WITHOUT_NAME = {
    "_private": "it stands in a private declaration, which has no name for an audit",
    "_example": "it stands in an example, which has no name for an audit",
}
#: Most calls that making a script shorter may take.
_PRUNING = 48


@dataclass(frozen=True)
class SearchOptions:
    """How to search.

    Attributes:
        budget: for each hole.
        seed: of all random choices.
        disprove: also look for a proof that a theorem is false.
        fresh: forget what earlier searches learned.
        trust: the weakest tier that is accepted.
    """

    budget: Budget = field(default_factory=lambda: Budget(SECONDS))
    seed: int = 0
    disprove: bool = True
    fresh: bool = False
    trust: Trust = Trust.KERNEL


@dataclass(frozen=True)
class HoleReport:
    """What became of a ``sorry``.

    Attributes:
        declaration: in which it stands.
        start: where.
        goals: what was to be proved.
        status: proved, refuted (the theorem is false), open, or error (it cannot be searched for).
        script: the proof; for open the best partial one, with ``sorry`` in it.
        left: the goals that the partial script leaves.
        reason: one line.
        result: of the search for a proof; None where there was none.
    """

    declaration: str
    start: Position
    goals: tuple[Goal, ...]
    status: Status
    script: str = ""
    left: tuple[Goal, ...] = ()
    reason: str = ""
    result: SearchResult | None = None


@dataclass(frozen=True)
class Closing:
    """The outcome for a file.

    Attributes:
        text: the file with what was proved in place; the same as before if nothing was.
        audit: of the theorems that have no ``sorry`` any more; None if there are none.
        refutations: proved negations of theorems, each a complete Lean theorem.
        changed: is `text` another one?
    """

    file: str
    holes: tuple[HoleReport, ...]
    text: str
    audit: Audit | None
    refutations: tuple[str, ...]
    toolchain: ToolchainId
    changed: bool

    @property
    def closed(self) -> int:
        return sum(hole.status is Status.PROVED for hole in self.holes)


def close_file(
    file: Path,
    bench: Workbench,
    suggester: Callable[[Environment], Suggester],
    options: SearchOptions,
    *,
    say: Callable[[str], None],
    progress: Callable[[Progress], None] | None = None,
) -> Closing:
    """Close the holes of a Lean file. The file itself is not touched.

    Args:
        suggester: makes what proposes tactics for files in an environment.

    Raises:
        InputError: the file cannot be read, does not elaborate, or has no ``sorry``.
        ServerError: Lean failed outside of a tactic.
    """
    text = read_text(file)
    imports, _ = split_header(text, str(file))
    say("making the library ready")
    server = bench.server()
    environment = bench.environment_of(file, imports)
    say("looking for holes")
    return close_text(
        text, str(file), environment, server, suggester(environment), options,
        limits=bench.limits, logs=bench.config.cache / "search", say=say, progress=progress,
    )  # fmt: skip


def close_text(
    text: str,
    file: str,
    environment: Environment,
    server: Server,
    suggester: Suggester,
    options: SearchOptions,
    *,
    limits: Limits,
    logs: Path,
    say: Callable[[str], None] = lambda _: None,
    progress: Callable[[Progress], None] | None = None,
) -> Closing:
    """`close_file` of a text that was read, on an environment that is loaded."""
    with LeanProver(server, limits=_TACTIC) as prover:
        job = _Job(
            text, file, environment, server, suggester, options, limits, logs, prover, say, progress
        )
        return job.run()


@dataclass
class _Job:
    text: str
    file: str
    environment: Environment
    server: Server
    suggester: Suggester
    options: SearchOptions
    limits: Limits
    logs: Path
    prover: LeanProver
    say: Callable[[str], None]
    progress: Callable[[Progress], None] | None

    declared: tuple[Declaration, ...] = ()
    reports: list[HoleReport] = field(default_factory=list)
    place: str = ""

    def run(self) -> Closing:
        _, self.body = split_header(self.text, self.file)
        opened = self.prover.open(self.body, self.environment, file=self.file, limits=self.limits)
        if not opened:
            raise InputError(self.file, "", "has no sorry")
        self.declared = self._elaborate(self.body).declarations
        declared = {d.name: d for d in self.declared}
        refuted: dict[str, str] = {}
        reports = self.reports
        edits: list[Edit] = []
        # one `sorry` can stand for several goals, as in `constructor <;> sorry`
        places = [tuple(g) for _, g in groupby(opened, key=lambda hole: (hole.start, hole.end))]
        for number, holes in enumerate(places):
            self.place = f"{number + 1} of {len(places)}, {holes[0].declaration}"
            self._tell(self.place)
            here = [self._hole(h, declared.get(h.declaration), refuted) for h in holes]
            if all(report.status is Status.PROVED for report in here):
                scripts = tuple(dict.fromkeys(report.script for report in here))
                edit = self._fitting(holes[0], scripts, edits)
                if edit is not None:
                    edits.append(edit)
                else:
                    here = [_reopened(r, "the proof found does not fit its place") for r in here]
            elif len(here) > 1:
                here = [_reopened(r, "another goal of the same sorry is open") for r in here]
            reports += here
        text, judged = apply_edits(self.text, edits), None
        if edits:
            self.say("auditing")
            closed = {r.declaration for r in reports if r.status is Status.PROVED}
            judged, problem, unsound = self._judge(text, declared.values(), closed)
            if problem is not None:
                text = self.text
                reports = [
                    _reopened(r, f"the audit rejects the new file: {problem}") for r in reports
                ]
            reports = [
                _reopened(r, f"closed, but its theorem rests on {unsound[r.declaration]}")
                if r.declaration in unsound
                else r
                for r in reports
            ]
        return Closing(
            self.file,
            tuple(reports),
            text,
            judged,
            tuple(refuted.values()),
            self.server.toolchain,
            changed=text != self.text,
        )

    # ---- one hole ------------------------------------------------------------------------------

    def _hole(
        self, hole: OpenHole, declaration: Declaration | None, refuted: dict[str, str]
    ) -> HoleReport:
        state = hole.state
        report = HoleReport(hole.declaration, hole.start, state.goals, Status.ERROR)
        if not hole.proposition:
            return replace(report, reason="it stands for data, not for a proof")
        if declaration is None or declaration.kind != "theorem":
            return replace(
                report,
                reason=_WITHOUT_NAME.get(
                    hole.declaration.split(".")[0], "it does not stand in a theorem"
                ),
            )
        if hole.declaration in refuted:
            return replace(report, status=Status.REFUTED, reason="its theorem is false")
        budget = self.options.budget
        if self.options.disprove:
            negation = self._disprove(declaration, budget)
            if negation is not None:
                refuted[hole.declaration] = negation
                return replace(
                    report, status=Status.REFUTED, script=negation, reason="its theorem is false"
                )
            if budget.seconds is not None:
                budget = replace(budget, seconds=budget.seconds * (1 - _DISPROOF))
        earlier = self._earlier(declaration, refuted)
        result = self._search(state, earlier, budget, self._above(declaration))
        if result.proof is None:
            return replace(
                report,
                status=Status.OPEN,
                script=render(result.partial),
                left=tuple(goal for gap in gaps(result.partial) for goal in gap.goals),
                reason=result.fault or result.stop.value,
                result=result,
            )
        return replace(
            report, status=Status.PROVED, script=self._polish(result.proof, state), result=result
        )

    def _earlier(self, declaration: Declaration, refuted: Collection[str]) -> Suggester:
        """The suggester, and with it the theorems that stand above: nothing else knows them. Those
        that are still open come late: what is closed by them is not closed yet."""
        still_open = {d.name for d in self.declared if d.uses_sorry}
        still_open -= {r.declaration for r in self.reports}
        still_open |= {r.declaration for r in self.reports if r.status is not Status.PROVED}
        above = theorems_above(self.declared, declaration.start)
        settled = [t for t in above if t.name not in still_open]
        doubtful = [t for t in above if t.name in still_open and t.name not in refuted]
        earlier = [
            (PremiseSuggester(PremiseIndex(theorems)), weight)
            for theorems, weight in ((settled, _EARLIER), (doubtful, _DOUBTFUL))
            if theorems
        ]
        if not earlier:
            return self.suggester
        return CombinedSuggester([(self.suggester, 1.0), *earlier], seed=self.options.seed)

    def _above(self, declaration: Declaration) -> str:
        """A fingerprint of what stands above: what tactics make of a state may depend on it."""
        above = self.body[: offset(self.body, declaration.start)]
        return hashlib.sha256(above.encode()).hexdigest()

    def _search(
        self, state: ProofState, suggester: Suggester, budget: Budget, above: str
    ) -> SearchResult:
        def report(found: SearchProgress) -> None:
            done = found.statistics
            left = sum(len(gap.goals) for gap in gaps(found.partial))
            tried = done.tactics + done.recalled
            if tried:
                self._tell(f"{self.place}: {tried} tactics, {left} left, depth {done.depth}")

        toolchain = str(self.server.toolchain)
        statement = f"{state.key} {above}"
        with OutcomeLog(self.logs, statement, self.environment.key, toolchain) as log:
            if self.options.fresh:
                log.clear()
            result = search(
                state, self.prover, suggester,
                budget=budget, settings=TreeSettings(seed=self.options.seed), log=log,
                progress=report if self.progress else None,
            )  # fmt: skip
        if result.stop is Stop.INTERRUPTED:
            raise KeyboardInterrupt
        return result

    def _polish(self, proof: ProofStep, state: ProofState) -> str:
        """A short script that says what it does."""

        def works(script: str) -> bool:
            return isinstance(self.prover.apply(state, [script])[0], Closed)

        short = prune(proof, works, limit=_PRUNING)
        try:
            clear = render(make_explicit(short, state, self.prover))
        except PyorchError:
            return render(short)
        return clear if works(clear) else render(short)

    # ---- disproof ------------------------------------------------------------------------------

    def _disprove(self, declaration: Declaration, budget: Budget) -> str | None:
        """The negation of a theorem with its proof, audited; None if it is not found."""
        name = declaration.name
        if "_private" in name:
            return None
        stated = f"theorem _root_.PyOrchRefuted.{name} : ¬ (type_of% @_root_.{name}) := by\n  "
        at = offset(self.body, declaration.end)
        asked = f"{self.body[:at]}\n\n{stated}sorry\n{self.body[at:]}"
        try:
            holes = self.prover.open(asked, self.environment, limits=self.limits)
        except PyorchError:
            return None  # it cannot be stated this way
        mine = [h for h in holes if h.declaration == f"PyOrchRefuted.{name}"]
        if len(mine) != 1:
            return None
        seconds = None if budget.seconds is None else budget.seconds * _DISPROOF
        suggester = CombinedSuggester(
            [(WitnessSuggester(), 0.8), (self.suggester, 0.2)], seed=self.options.seed
        )
        result = self._search(
            mine[0].state, suggester, replace(budget, seconds=seconds), self._above(declaration)
        )
        self.prover.release([hole.state for hole in holes])
        if result.proof is None:
            return None
        script = render(result.proof, indent=2).lstrip()
        given = asked.replace(f"{stated}sorry\n", f"{stated}{script}\n")
        report, _ = audit(
            self.server, asked=asked, given=given, theorems=(f"PyOrchRefuted.{name}",),
            environment=self.environment, file=self.file, required=self.options.trust,
            limits=self.limits,
        )  # fmt: skip
        return stated + script if report.passed else None

    # ---- the whole -----------------------------------------------------------------------------

    def _elaborate(self, body: str) -> Elaboration:
        return self.server.elaborate(body, self.environment, file=self.file, limits=self.limits)

    def _fitting(self, hole: OpenHole, scripts: Sequence[str], edits: list[Edit]) -> Edit | None:
        """The first way to write one of ``scripts``, or all, that Lean accepts, beside the edits so
        far."""
        for script in _together(scripts):
            for edit in candidates(self.body, hole.start, hole.end, script):
                result = self._elaborate(apply_edits(self.body, [*edits, edit]))
                if not result.errors and not result.refused:
                    return edit
        return None

    def _judge(
        self, text: str, declared: Iterable[Declaration], closed: Collection[str]
    ) -> tuple[Audit | None, str | None, Mapping[str, str]]:
        """Audit the theorems that rested on ``sorry`` or had a hole that was closed. Those that
        still rest on a ``sorry``, or on an axiom, have to be in order but for that.

        Returns:
            The audit of the others, None if there are none; what is wrong, if anything is; and what
            each of the former rests on.
        """
        theorems = tuple(
            d.name for d in declared if d.kind == "theorem" and (d.uses_sorry or d.name in closed)
        )
        imports, body = split_header(text, self.file)
        raw = self.server.audit(
            self.body, body, theorems, self.environment, file=self.file, limits=self.limits
        )

        def judged(theorems: Iterable[TheoremAudit]) -> Audit:
            found = tuple(theorems)
            return judge(
                replace(raw, theorems=found), tuple(t.name for t in found), imports=imports,
                environment=self.environment, required=self.options.trust,
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
        unsound = {name: self._foundation(axioms) for name, axioms in refused.items() if axioms}
        report = judged(whole) if whole else None
        return report, problems[0] if problems else None, unsound

    def _foundation(self, axioms: Sequence[str]) -> str:
        others = [name for name in axioms if name != "sorryAx"]
        if others:
            return f"the axiom {', '.join(others)}"
        where = ", here or in a module that is imported" if self.environment.foreign else ""
        return f"another sorry{where}"

    def _tell(self, what: str) -> None:
        if self.progress is not None:
            self.progress(Progress(what, 0, 0))


def _reopened(report: HoleReport, why: str) -> HoleReport:
    """What was proved, and yet cannot stand."""
    if report.status is not Status.PROVED:
        return report
    return replace(report, status=Status.OPEN, reason=why)


def _together(scripts: Sequence[str]) -> Iterator[str]:
    """Ways to have one script for all goals of a place."""
    yield from scripts
    if len(scripts) > 1:
        alternatives = (script.replace("\n", "\n    ") for script in scripts)
        yield "\n".join(["first", *(f"  | {each}" for each in alternatives)])
