"""Work on modules by several Lean servers at once, each after what it imports.

The calling thread works with the server that it has anyway, so that Ctrl-C meets its request as
ever. Helpers are servers of our own, in threads. None of them has to succeed: what one of them
could not do is done, or reported, by the calling thread.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from graphlib import TopologicalSorter
from heapq import heapify, heappop, heappush
from typing import Protocol

import psutil

from pyorch.lean.protocol import Environment, Limits
from pyorch.model import Elaboration

__all__ = ["Compiler", "Helper", "Schedule", "room", "work"]

#: How many modules have to be left for it to pay to start another Lean, which takes seconds.
_LEAST = 8
#: Memory that a Lean may come to hold, in bytes.
_MEMORY = 2560 * 2**20
#: As many work at once, at most: half of the work on the library lies on one chain of imports.
_MOST = 3
#: Seconds until a helper is ended once more; it may just have been starting its process again.
_AGAIN = 0.1


class Compiler(Protocol):
    """The part of `Server` that a build needs."""

    def compile(
        self,
        text: str,
        module: str,
        environment: Environment,
        destination: str,
        *,
        file: str = "<input>",
        limits: Limits = Limits(),
    ) -> Elaboration: ...


class Helper(Compiler, Protocol):
    """The part of `LeanServer`: it starts when it is first asked."""

    def abort(self) -> None: ...

    def close(self) -> None: ...


class Schedule:
    """Hands out names, those first on which the longest chains of others rest. Thread-safe.

    When one has failed, those before it in the order are still handed out, and none after it. So
    the first failure in the order is the same however many work, and what is before it is done.

    Args:
        imports: the names in an order in which imports come first, each with what it imports.
            Imports that are no names of the mapping are there already.
    """

    def __init__(self, imports: Mapping[str, Iterable[str]]) -> None:
        graph = {name: {i for i in below if i in imports} for name, below in imports.items()}
        height = dict.fromkeys(graph, 0)
        for name in reversed(graph):
            for below in graph[name]:
                height[below] = max(height[below], height[name] + 1)
        self._urgency = {name: -height[name] for name in graph}
        self._place = {name: place for place, name in enumerate(graph)}
        self._end = len(graph)  # only what is before it is handed out
        self._left = len(graph)
        self._working = 0
        self._ready: list[tuple[int, int, str]] = []
        self._change = threading.Condition()
        self._sorter = TopologicalSorter(graph)
        self._sorter.prepare()
        self._offer(self._sorter.get_ready())

    def take(self, least: int = 1) -> str | None:
        """The next one, as soon as there is one; None when there will be none.

        Args:
            least: wait until the end unless so many are left.
        """
        with self._change:
            self._change.wait_for(lambda: self._over or (self._ready and self._left >= least))
            name = None
            if not self._over:
                name = heappop(self._ready)[-1]
                self._left -= 1
                self._working += 1
            self._change.notify_all()
            return name

    def done(self, name: str, *, good: bool) -> str | None:
        """The next one for who has done ``name``. Nobody else is waked before it has one: a chain
        stays with one worker."""
        with self._change:
            self._working -= 1
            if good:
                self._sorter.done(name)
                self._offer(self._sorter.get_ready())
            else:
                self._stop_at(self._place[name])
            return self.take()

    def give_back(self, name: str) -> None:
        """Somebody else has to do it."""
        with self._change:
            self._working -= 1
            self._left += 1
            self._offer([name])
            self._change.notify_all()

    def stop(self) -> None:
        """Hand out nothing any more."""
        with self._change:
            self._stop_at(0)
            self._change.notify_all()

    @property
    def _over(self) -> bool:
        return not (self._ready or self._working) or not self._end

    def _offer(self, names: Iterable[str]) -> None:
        for name in names:
            if self._place[name] < self._end:
                heappush(self._ready, (self._urgency[name], self._place[name], name))

    def _stop_at(self, place: int) -> None:
        self._end = min(self._end, place)
        self._ready = [entry for entry in self._ready if entry[1] < self._end]
        heapify(self._ready)


def room() -> int:
    """How many Leans can work on this machine now, at least 1."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, min(_MOST, cores, psutil.virtual_memory().available // _MEMORY))


def work(
    schedule: Schedule,
    do: Callable[[Compiler, str], bool],
    server: Callable[[], Compiler],
    helpers: Sequence[Helper],
) -> None:
    """Do all of ``schedule``. At the end, however it comes, the helpers are closed.

    Args:
        do: does one and says whether it is good. What it raises on the calling thread ends all.
        server: gives that of the calling thread.
    """

    def help_out(helper: Helper) -> None:
        try:
            name = schedule.take(_LEAST)
            while name is not None:
                try:
                    good = do(helper, name)
                except Exception:  # if it is the module's fault, the calling thread will say so
                    schedule.give_back(name)
                    return
                name = schedule.done(name, good=good)
        finally:
            helper.close()

    threads = [threading.Thread(target=help_out, args=(helper,)) for helper in helpers]
    try:
        name = schedule.take()
        for thread in threads:
            thread.start()
        while name is not None:
            name = schedule.done(name, good=do(server(), name))
    finally:
        schedule.stop()
        for helper, thread in zip(helpers, threads, strict=True):
            while thread.is_alive():
                helper.abort()
                thread.join(_AGAIN)
