"""Work on many tasks: in this process, in others of this machine, or on a Ray cluster.

A worker is a function of one task; it is sent to each process once, the tasks one by one. Results
come as they are finished.
"""

from __future__ import annotations

import importlib.util
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import islice
from multiprocessing.connection import wait as wait_for
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar

from pyorch.errors import UsageError

__all__ = ["Pool", "ProcessPool", "RayPool", "SerialPool", "open_pool"]

Task = TypeVar("Task")
Result = TypeVar("Result")
TaskIn = TypeVar("TaskIn", contravariant=True)
ResultOut = TypeVar("ResultOut", covariant=True)

_PATIENCE = 1.0  # seconds of work that are not worth a process


class Pool(Protocol[TaskIn, ResultOut]):
    """Somewhere to work."""

    def results(self, tasks: Iterable[TaskIn]) -> Iterator[ResultOut]:
        """The results of all tasks, in any order. An iterator that has no task left is asked again
        after each result, for what that has given rise to."""
        ...


def open_pool(
    worker: Callable[[Task], Result], workers: str
) -> AbstractContextManager[Pool[Task, Result]]:
    """A pool, which ends with the context.

    Args:
        worker: picklable.
        workers: a number of processes, ``auto`` for one a processor, or ``ray``.

    Raises:
        UsageError: Ray is not installed.
    """
    if workers == "ray":
        if importlib.util.find_spec("ray") is None:
            raise UsageError("--workers ray: Ray is not installed; try `pip install pyorch[ray]`")
        return nullcontext(RayPool(worker))
    processes = _processors() if workers == "auto" else int(workers)
    return nullcontext(SerialPool(worker)) if processes == 1 else ProcessPool(worker, processes)


def _processors() -> int:
    """As many as this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class SerialPool(Generic[Task, Result]):
    """This process."""

    def __init__(self, worker: Callable[[Task], Result]) -> None:
        self._worker = worker

    def results(self, tasks: Iterable[Task]) -> Iterator[Result]:
        return map(self._worker, tasks)  # a task is asked for when the last result is dealt with


class ProcessPool(Generic[Task, Result]):
    """Processes of this machine, which are started once this one has worked for a while."""

    def __init__(
        self, worker: Callable[[Task], Result], processes: int, *, patience: float = _PATIENCE
    ) -> None:
        self._worker, self._processes, self._patience = worker, processes, patience
        self._executor: ProcessPoolExecutor | None = None

    def results(self, tasks: Iterable[Task]) -> Iterator[Result]:
        todo = iter(tasks)
        while self._executor is None:
            if self._patience <= 0:
                self._executor = ProcessPoolExecutor(
                    self._processes,
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=_become,
                    initargs=(self._worker,),
                )
                break
            for task in islice(todo, 1):
                start = time.perf_counter()
                result = self._worker(task)
                self._patience -= time.perf_counter() - start
                yield result
                break
            else:
                return
        running: set[Future[Any]] = set()
        while True:
            # a task in line for each process, however many tasks there are
            for task in islice(todo, 2 * self._processes - len(running)):
                with _uninterrupted():  # the first task starts the processes
                    running.add(self._executor.submit(_work, task))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()

    def __enter__(self) -> ProcessPool[Task, Result]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._executor is None:
            return
        if error is not None:  # nobody waits for what they are at
            for child in multiprocessing.active_children():
                child.terminate()
        self._executor.shutdown(cancel_futures=True)


class RayPool(Generic[Task, Result]):
    """A Ray cluster: that of the environment variable RAY_ADDRESS, else one on this machine."""

    def __init__(self, worker: Callable[[Task], Result]) -> None:
        self._worker = worker
        self._sent: Any = None

    def results(self, tasks: Iterable[Task]) -> Iterator[Result]:
        import ray

        if not ray.is_initialized():
            ray.init(log_to_driver=False, include_dashboard=False, logging_level=logging.ERROR)
        if self._sent is None:
            self._sent = ray.put(self._worker)
        work = ray.remote(_apply)
        processors = int(ray.cluster_resources().get("CPU", 1))
        todo = iter(tasks)
        running: list[Any] = []
        while True:
            for task in islice(todo, 2 * processors - len(running)):
                running.append(work.remote(self._sent, task))
            if not running:
                return
            done, running = ray.wait(running)
            yield from ray.get(done)


def _apply(worker: Callable[[Task], Result], task: Task) -> Result:
    return worker(task)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits; and processes that are started meanwhile never hear of it, since the one that
    started them ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_worker: Callable[[Any], Any] | None = None


def _become(worker: Callable[[Any], Any]) -> None:
    global _worker
    _worker = worker
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that is killed cannot end its processes, and they would wait for tasks for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)


def _work(task: Any) -> Any:
    assert _worker is not None
    return _worker(task)
