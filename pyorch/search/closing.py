"""Closing the ``sorry``s of a Lean file: text goes in, text without them comes out, audited.

    file ─► holes ─► disproof, search ─► script ─► splice ─► audit ─► file

Nothing is written before the whole new text has been elaborated afresh and audited against the old
one: every theorem in it says what it said, and those that are reported as closed rest on no
``sorry``. A theorem that is found to be false is reported as refuted when the audit has accepted
a proof of its negation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

from pyorch.audit import audit
from pyorch.errors import NoSorry, PyorchError
from pyorch.lean.build import split_header
from pyorch.lean.progress import Progress
from pyorch.lean.protocol import Environment, Limits, Server
from pyorch.lean.values import OpenHole
from pyorch.lean.workbench import Workbench
from pyorch.model import (
    Declaration,
    Elaboration,
    Status,
)
from pyorch.output import read_text
from pyorch.search.explicit import make_explicit
from pyorch.search.log import OutcomeLog
from pyorch.search.mcts import search
from pyorch.search.model import Closed, ProofState, Suggester
from pyorch.search.proofs import ProofStep, gaps
from pyorch.search.prover import LeanProver
from pyorch.search.puct import TreeSettings
from pyorch.search.report import Closing, HoleReport, SearchOptions
from pyorch.search.result import Budget, SearchProgress, SearchResult, Stop
from pyorch.search.script import prune, render
from pyorch.search.splice import Edit, apply_edits, candidates, offset, together
from pyorch.search.suggest.combined import CombinedSuggester
from pyorch.search.suggest.earlier import with_earlier
from pyorch.search.suggest.witnesses import WitnessSuggester
from pyorch.search.theorems import theorems_above
from pyorch.search.verdict import judge_closed

__all__ = ["close_file", "close_text"]

#: Of one tactic by itself.
_TACTIC = Limits(seconds=20.0, heartbeats=15_000)
#: Before anything is done to show that a theorem is false: most are true, and many are easy.
_FIRST_TACTICS = 128
_FIRST = 0.1
"""The part of a hole's seconds for these."""
#: The part that may go into showing that its theorem is false.
_DISPROOF = 0.2
#: Why a declaration whose name begins with that is passed over: an audit goes by names.
_WITHOUT_NAME = {
    "_private": "it stands in a private declaration, which has no name for an audit",
    "_example": "it stands in an example, which has no name for an audit",
}
#: Most calls that making a script shorter may take.
_PRUNING = 48


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
        NoSorry: it has none.
        InputError: the file cannot be read, or does not elaborate.
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
            raise NoSorry(self.file)
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
            judged, problem, unsound = judge_closed(
                self.server, self.body, text, self._rested_on_sorry(closed), closed,
                environment=self.environment, file=self.file, required=self.options.trust,
                limits=self.limits,
            )  # fmt: skip
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
        budget, suggester = self.options.budget, self._earlier(declaration, refuted)
        above = self._above(declaration)
        if not self.options.disprove:
            result = self._search(state, suggester, budget, above)
        else:
            result = self._search(state, suggester, _first(budget), above)
            if result.proof is None:
                negation = self._disprove(declaration, budget)
                if negation is not None:
                    refuted[hole.declaration] = negation
                    return replace(
                        report, status=Status.REFUTED, script=negation,
                        reason="its theorem is false",
                    )  # fmt: skip
                left = _left(budget, result.statistics.tactics)
                result = self._search(state, suggester, left, above, goes_on=True)
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
        return with_earlier(self.suggester, settled, doubtful, seed=self.options.seed)

    def _above(self, declaration: Declaration) -> str:
        """A fingerprint of what stands above: what tactics make of a state may depend on it."""
        above = self.body[: offset(self.body, declaration.start)]
        return hashlib.sha256(above.encode()).hexdigest()

    def _search(
        self,
        state: ProofState,
        suggester: Suggester,
        budget: Budget,
        above: str,
        *,
        goes_on: bool = False,
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
            if self.options.fresh and not goes_on:
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
        for script in together(scripts):
            for edit in candidates(self.body, hole.start, hole.end, script):
                result = self._elaborate(apply_edits(self.body, [*edits, edit]))
                if not result.errors and not result.refused:
                    return edit
        return None

    def _rested_on_sorry(self, closed: Collection[str]) -> tuple[str, ...]:
        """The theorems that rested on ``sorry``, or had a hole that was closed."""
        theorems = (d for d in self.declared if d.kind == "theorem")
        return tuple(d.name for d in theorems if d.uses_sorry or d.name in closed)

    def _tell(self, what: str) -> None:
        if self.progress is not None:
            self.progress(Progress(what, 0, 0))


def _first(budget: Budget) -> Budget:
    """For the short search that comes first."""
    seconds = None if budget.seconds is None else budget.seconds * _FIRST
    tactics = _FIRST_TACTICS if budget.tactics is None else min(budget.tactics, _FIRST_TACTICS)
    return replace(budget, seconds=seconds, tactics=tactics)


def _left(budget: Budget, tactics: int) -> Budget:
    """What is left after the short search, which ran so many tactics, and the disproof."""
    return replace(
        budget,
        seconds=None if budget.seconds is None else budget.seconds * (1 - _FIRST - _DISPROOF),
        tactics=None if budget.tactics is None else budget.tactics - tactics,
    )


def _reopened(report: HoleReport, why: str) -> HoleReport:
    """What was proved, and yet cannot stand."""
    if report.status is not Status.PROVED:
        return report
    return replace(report, status=Status.OPEN, reason=why)
