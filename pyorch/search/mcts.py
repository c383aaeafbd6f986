"""The search: Monte Carlo tree search over the tactics that a suggester proposes and a prover runs.

It is anytime: whenever it stops, for whatever reason, it has the best it found. It is a function
of the suggestions, the outcomes and the seed; the clock only says when to stop (and with several
provers, which of them is first).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from pyorch.errors import PyorchError
from pyorch.search.experience import Experience
from pyorch.search.graph import Standing
from pyorch.search.log import OutcomeLog
from pyorch.search.model import Closed, Failed, Outcome, ProofState, Prover, Suggester
from pyorch.search.proofs import best_partial, smallest
from pyorch.search.puct import TreeSettings
from pyorch.search.result import Budget, SearchProgress, SearchResult, Statistics, Stop
from pyorch.search.tree import Batch, Tree
from pyorch.search.value import Value
from pyorch.search.worker import Report, Worker

__all__ = ["Budget", "SearchProgress", "SearchResult", "Statistics", "Stop", "search"]

#: Seconds between two reports of progress.
_REPORT_EVERY = 0.25
#: ... but this often the time that one takes, as that grows with the tree.
_REPORT_SHARE = 20


def search(
    root: ProofState,
    prover: Prover,
    suggester: Suggester,
    *,
    others: Sequence[tuple[Prover, ProofState]] = (),
    budget: Budget | None = None,
    settings: TreeSettings | None = None,
    value: Value | None = None,
    log: OutcomeLog | None = None,
    progress: Callable[[SearchProgress], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> SearchResult:
    """Look for a proof of ``root``.

    Args:
        root: as ``prover`` knows it; it is not released.
        others: more provers, each with the same state as it knows it. Each works in a thread of
            its own; without any, all happens in the caller's.
        log: for the outcomes; one that has some spares running those tactics again.
        progress: called now and then.

    A KeyboardInterrupt ends the search as `Stop.INTERRUPTED`.
    """
    run = _Run(root, prover, suggester, others, budget or Budget(), settings, value, log, clock)
    return run.result(progress)


class _Run:
    def __init__(
        self,
        root: ProofState,
        prover: Prover,
        suggester: Suggester,
        others: Sequence[tuple[Prover, ProofState]],
        budget: Budget,
        settings: TreeSettings | None,
        value: Value | None,
        log: OutcomeLog | None,
        clock: Callable[[], float],
    ) -> None:
        self._suggester, self._budget, self._log, self._clock = suggester, budget, log, clock
        self._tree = Tree(root, value, settings)
        self._experience = Experience()
        self._idle = [Worker(p, self._tree, state) for p, state in ((prover, root), *others)]
        self._workers = tuple(self._idle)
        self._pool = ThreadPoolExecutor(len(self._workers)) if others else None
        self._running: dict[Future[Report], Worker] = {}
        self._begin = self._next_report = clock()
        self._tactics = self._replayed = self._recalled = self._failed = 0

    def result(self, progress: Callable[[SearchProgress], None] | None) -> SearchResult:
        stop, fault = Stop.INTERRUPTED, ""
        try:
            stop = self._loop(progress)
        except PyorchError as error:
            stop, fault = Stop.FAULT, str(error)
        except KeyboardInterrupt:
            pass
        with contextlib.suppress(KeyboardInterrupt):
            self._close(wait_for_running=stop is not Stop.INTERRUPTED)
        root = self._tree.root
        if root.status is Standing.PROVED:
            stop, fault = Stop.PROVED, ""
        return SearchResult(smallest(root), best_partial(root), stop, self._statistics(), fault)

    def _loop(self, progress: Callable[[SearchProgress], None] | None) -> Stop:
        while (stop := self._stop()) is None:
            if progress is not None and self._clock() >= self._next_report:
                begin = self._clock()
                progress(SearchProgress(self._statistics(), best_partial(self._tree.root)))
                now = self._clock()
                self._next_report = now + max(_REPORT_EVERY, _REPORT_SHARE * (now - begin))
            stop = self._step() if self._idle else None
            if stop is not None and not self._running:
                return stop
            if stop is not None or not self._idle:
                self._collect()
        return stop

    def _stop(self) -> Stop | None:
        budget, status = self._budget, self._tree.root.status
        if status is not Standing.OPEN:
            return Stop.PROVED if status is Standing.PROVED else Stop.EXHAUSTED
        if self._out_of_time():
            return Stop.SECONDS
        if budget.nodes is not None and len(self._tree.nodes) >= budget.nodes:
            return Stop.NODES
        return None

    def _out_of_time(self) -> bool:
        seconds = self._budget.seconds
        return seconds is not None and self._clock() - self._begin >= seconds

    def _step(self) -> Stop | None:
        """Try the next few suggestions. What this returns is a reason to stop unless something
        under way changes the matter."""
        visit = self._tree.select()
        if visit is None:
            return Stop.EXHAUSTED
        node = visit.node
        if node.untried is None:
            suggestions = self._suggester.suggest(node.state)
            self._tree.expand(node, self._experience.weigh(suggestions))
        if not node.untried:
            return None
        batch = self._tree.take(visit)
        known = self._log.recall(node.key, batch.tactics) if self._log is not None else {}
        missing = [tactic for tactic in batch.tactics if tactic not in known]
        worker = min(self._idle, key=lambda worker: worker.distance(batch))
        if missing and self._budget.tactics is not None:
            left = self._budget.tactics - self._tactics - worker.distance(batch)
            if left < len(missing):
                most = batch.tactics.index(missing[max(0, left)])
                self._tree.cancel(batch)
                if left <= 0:
                    return Stop.TACTICS
                batch, missing = self._tree.take(visit, most), missing[:left]
        recalled = {tactic: known[tactic] for tactic in batch.tactics if tactic in known}
        self._recalled += len(recalled)
        if not missing or any(isinstance(outcome, Closed) for outcome in recalled.values()):
            self._record(batch, recalled)
            return None
        job = worker.job(batch, missing, recalled, self._out_of_time)
        self._tactics += len(job.route) + len(missing)
        self._replayed += len(job.route)
        if self._pool is None:
            self._absorb(worker, job.run())
        else:
            self._idle.remove(worker)
            self._running[self._pool.submit(job.run)] = worker
        return None

    def _collect(self) -> None:
        """Take in the reports of at least one worker."""
        wait(self._running, return_when=FIRST_COMPLETED)
        for future in [future for future in self._running if future.done()]:
            worker = self._running.pop(future)
            self._idle.append(worker)
            self._absorb(worker, future.result())

    def _absorb(self, worker: Worker, report: Report) -> None:
        job = report.job
        if report.outcomes is None:
            leg = job.route[len(report.replayed) - 1]
            self._tree.cancel(job.batch)
            self._tree.kill(leg.edge, leg.tactic)
            if self._log is not None:
                self._log.forget(leg.edge.parent.key, leg.tactic)
            not_run = len(job.route) - len(report.replayed)
            self._replayed -= not_run
            self._tactics -= not_run + len(job.tactics)
        else:
            new = dict(zip(job.tactics, report.outcomes, strict=False))
            self._tactics -= len(job.tactics) - len(new)
            if self._log is not None:
                self._log.record(job.batch.visit.node.key, new.items())
            self._record(job.batch, {**job.recalled, **new})
        worker.keep((*report.replayed, *(report.outcomes or ())))
        decided = self._tree.decided()
        for each in self._workers:
            each.drop(decided)
        worker.sweep()

    def _record(self, batch: Batch, outcomes: dict[str, Outcome]) -> None:
        self._experience.learn(outcomes.items())
        self._failed += sum(isinstance(outcome, Failed) for outcome in outcomes.values())
        self._tree.record(batch, [outcomes.get(tactic) for tactic in batch.tactics])

    def _statistics(self) -> Statistics:
        return Statistics(
            tactics=self._tactics,
            replayed=self._replayed,
            recalled=self._recalled,
            failed=self._failed,
            nodes=len(self._tree.nodes),
            proved=self._tree.proved,
            depth=self._tree.depth,
            seconds=self._clock() - self._begin,
        )

    def _close(self, *, wait_for_running: bool) -> None:
        """Let what is under way end, and provers forget all states but the root."""
        while self._running and wait_for_running:
            with contextlib.suppress(PyorchError):
                self._collect()
        for worker in self._idle:
            with contextlib.suppress(PyorchError):
                worker.close()
        if self._pool is not None:
            self._pool.shutdown(wait=wait_for_running, cancel_futures=True)
