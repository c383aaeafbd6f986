"""One Lean process and its framed conversation (``docs/protocol.md``).

The process prints other things beside frames: the embedded build chatters, and elaborated code may
print. A frame is a line that begins with a marker which we draw at random for each process, so
nothing that Lean code prints can be taken for one.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import selectors
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any

import psutil

from pyorch.errors import (
    ProtocolError,
    ServerCrashed,
    ServerError,
    ServerOutOfMemory,
    ServerTimeout,
    ToolchainError,
)

__all__ = ["LeanProcess"]

#: A longer line is an answer that we would not want, or garbage without a newline.
_MAX_LINE = 256 * 1024 * 1024
#: Seconds between two looks at the memory of a process that works.
_WATCH = 0.2


class LeanProcess:
    """A running proof server. Not thread-safe: one request at a time.

    Args:
        command: argument vector of the server.
        start_timeout: seconds until it has to introduce itself.

    Raises:
        ToolchainError: it cannot be started.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        start_timeout: float = 180.0,
    ) -> None:
        self._marker = f"#pyorch-{secrets.token_hex(8)} "
        self._frames: queue.Queue[bytes | None] = queue.Queue()
        self._chatter: deque[str] = deque(maxlen=40)
        self._start_timeout = start_timeout
        self._info: dict[str, Any] | None = None
        self._requests = 0
        self._ended = False
        try:
            # its own session: Ctrl-C in a terminal reaches us first, and we end the whole group
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=None if env is None else dict(env),
                start_new_session=True,
            )
        except OSError as error:
            raise ToolchainError(f"cannot start Lean ({command[0]}): {error}") from error
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._stdin = self._process.stdin
        os.set_blocking(self._stdin.fileno(), False)  # Lean that does not read must not hold us up
        self._threads = [
            threading.Thread(target=self._read_frames, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=self._read_chatter, args=(self._process.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def info(self) -> dict[str, Any]:
        """How it introduces itself. The first look waits for that.

        Raises:
            ToolchainError: it does not introduce itself; it is ended.
        """
        if self._info is None:
            self._info = self._introduction()
        return self._info

    def _introduction(self) -> dict[str, Any]:
        try:
            return self._exchange(self._marker, self._start_timeout)
        except (ServerCrashed, ServerTimeout, ProtocolError) as error:
            self.kill()
            raise ToolchainError(f"the proof server does not start: {error}") from error
        except BaseException:
            self.kill()
            raise

    # ---- the conversation ------------------------------------------------------------------

    def request(
        self,
        payload: Mapping[str, Any],
        timeout: float | None,
        memory: int | None = None,
        part: Callable[[Any], None] | None = None,
    ) -> dict[str, Any]:
        """Send one request and wait for its answer; the first waits for the introduction, too.

        Args:
            payload: the fields of the request (``op`` and its arguments), without ``id``.
            timeout: seconds until each frame of the answer; None waits for ever. Past it the
                process is killed.
            memory: MiB that the process and its children may hold; past it they are killed.
            part: told each part of an answer that comes in parts, as it comes.

        Raises:
            ServerCrashed, ServerTimeout, ServerOutOfMemory, ProtocolError: the process is ended in
                each case.
        """
        _ = self.info  # nothing is asked before it has introduced itself
        self._requests += 1
        number = self._requests
        try:
            line = json.dumps({**payload, "id": number}, ensure_ascii=False)
            answer = self._exchange(line, timeout, memory)
            while "part" in answer and part is not None and answer.get("id") == number:
                part(answer["part"])
                answer = self._next_answer(timeout, memory)
            if answer.get("id") != number:
                raise ProtocolError(f"answer {answer.get('id')!r} to request {number}")
        except BaseException:  # KeyboardInterrupt too: the conversation is out of step now
            self.kill()
            raise
        return answer

    def _exchange(
        self, line: str, timeout: float | None, memory: int | None = None
    ) -> dict[str, Any]:
        left = _countdown(timeout)
        # file names of other encodings reach us as lone surrogates
        data = memoryview(line.encode(errors="replace") + b"\n")
        try:
            with selectors.PollSelector() as room:
                room.register(self._stdin, selectors.EVENT_WRITE)
                while data:
                    if not room.select(left()):
                        raise _late(timeout)
                    data = data[os.write(self._stdin.fileno(), data) :]
        except (BrokenPipeError, ValueError) as error:
            raise self._epitaph() from error
        return self._next_answer(timeout, memory, left)

    def _next_answer(
        self,
        timeout: float | None,
        memory: int | None,
        left: Callable[[], float | None] | None = None,
    ) -> dict[str, Any]:
        frame = self._next_frame(left or _countdown(timeout), _late(timeout), memory)
        if frame is None:
            raise self._epitaph()
        try:
            answer = json.loads(frame)
        except (ValueError, RecursionError) as error:
            raise ProtocolError(f"malformed answer of the proof server: {error}") from error
        if not isinstance(answer, dict):
            raise ProtocolError("malformed answer of the proof server: not an object")
        return answer

    def _next_frame(
        self, left: Callable[[], float | None], late: ServerTimeout, memory: int | None
    ) -> bytes | None:
        while True:
            remaining = left()
            watch = memory is not None and (remaining is None or remaining > _WATCH)
            try:
                return self._frames.get(timeout=_WATCH if watch else remaining)
            except queue.Empty:
                if not watch:
                    raise late from None
            if memory is not None and (held := self._resident()) > memory:
                raise ServerOutOfMemory(f"Lean held {held} MiB, {memory} are allowed; it was ended")

    def _resident(self) -> int:
        """MiB of memory that the process and its children hold."""
        total = 0
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self._process.pid)
            for each in (process, *process.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    total += each.memory_info().rss
        return total // 2**20

    def _read_frames(self, stream: IO[bytes]) -> None:
        marker = self._marker.encode()
        while line := stream.readline(_MAX_LINE):
            if line.startswith(marker):
                self._frames.put(line[len(marker) :])
            else:
                self._note(line)
        self._frames.put(None)

    def _read_chatter(self, stream: IO[bytes]) -> None:
        while line := stream.readline(_MAX_LINE):
            self._note(line)

    def _note(self, line: bytes) -> None:
        text = " ".join(line[:400].decode(errors="replace").split())
        if text and not text.startswith("[DEBUG"):
            self._chatter.append(text)

    def _epitaph(self) -> ServerError:
        """What is known of why the process ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=2)
        self._threads[1].join(timeout=1)
        chatter = self.chatter
        words = " | ".join(chatter)
        if "out of memory" in words or "Aborted(OOM)" in words or "Cannot enlarge memory" in words:
            return ServerOutOfMemory("Lean ran out of memory (the embedded toolchain has 2 GB)")
        if "Maximum call stack size exceeded" in words or "tack overflow" in words:
            return ServerCrashed("Lean overflowed its stack")
        code = self._process.returncode
        if code is not None and code < 0:
            with contextlib.suppress(ValueError):
                return ServerCrashed(f"Lean was ended by {signal.Signals(-code).name}")
        telling = [t for t in chatter if "Error" in t or "panic" in t.lower()]
        words = f": {telling[-1]}" if telling else ""
        return ServerCrashed(f"Lean ended unexpectedly (exit code {code}){words}")

    # ---- life and death --------------------------------------------------------------------

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def chatter(self) -> tuple[str, ...]:
        """The last lines that were not frames."""
        return tuple(self._chatter)

    def close(self, grace: float = 2.0) -> None:
        """End the process in good order: end of input, then force."""
        with contextlib.suppress(OSError):
            self._stdin.close()
        deadline = time.monotonic() + grace
        while self.alive and time.monotonic() < deadline:
            time.sleep(0.01)
        self.kill()

    def abort(self) -> None:
        """End the process from another thread: a request under way raises `ServerCrashed`, and
        waiting for the introduction `ToolchainError`."""
        if self.alive:
            self._signal()
            self._process.wait()

    def kill(self) -> None:
        """End the process and all it started, now."""
        if self._ended:  # its number may belong to somebody else by now
            return
        self._signal()
        self._process.wait()
        self._ended = True
        self._stdin.close()
        for thread, stream in zip(
            self._threads, (self._process.stdout, self._process.stderr), strict=True
        ):
            thread.join(timeout=1)
            # a process in a session of its own may hold the pipe, and closing would wait for it
            if stream is not None and not thread.is_alive():
                stream.close()

    def _signal(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def __enter__(self) -> LeanProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _countdown(timeout: float | None) -> Callable[[], float | None]:
    """Tells how many seconds are left, beginning now."""
    deadline = None if timeout is None else time.monotonic() + timeout
    return lambda: None if deadline is None else max(0.0, deadline - time.monotonic())


def _late(timeout: float | None) -> ServerTimeout:
    return ServerTimeout(f"no answer within {timeout or 0:g} s; Lean was stopped")
