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
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from pyorch.errors import ProtocolError, ServerCrashed, ServerTimeout, ToolchainError

__all__ = ["LeanProcess"]

#: A longer line is an answer that we would not want, or garbage without a newline.
_MAX_LINE = 256 * 1024 * 1024


class LeanProcess:
    """A running proof server. Not thread-safe: one request at a time.

    Args:
        command: argument vector of the server.
        start_timeout: seconds until it has to introduce itself.

    Raises:
        ToolchainError: it cannot be started, or does not introduce itself.
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
        self._requests = 0
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
        self._threads = [
            threading.Thread(target=self._read_frames, daemon=True),
            threading.Thread(target=self._read_chatter, daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        try:
            self._write(self._marker)
            self.info = self._next(start_timeout)
        except (ServerCrashed, ServerTimeout, ProtocolError) as error:
            self.kill()
            raise ToolchainError(f"the proof server does not start: {error}") from error
        except BaseException:
            self.kill()
            raise

    # ---- the conversation ------------------------------------------------------------------

    def request(self, payload: Mapping[str, Any], timeout: float | None) -> dict[str, Any]:
        """Send one request and wait for its answer.

        Args:
            payload: the fields of the request (``op`` and its arguments), without ``id``.
            timeout: seconds; None waits for ever. Past it the process is killed.

        Raises:
            ServerCrashed, ServerTimeout, ProtocolError: the process is ended in each case.
        """
        self._requests += 1
        number = self._requests
        try:
            self._write(json.dumps({**payload, "id": number}, ensure_ascii=False))
            answer = self._next(timeout)
        except BaseException:  # KeyboardInterrupt too: the conversation is out of step now
            self.kill()
            raise
        if answer.get("id") != number:
            self.kill()
            raise ProtocolError(f"answer {answer.get('id')!r} to request {number}")
        return answer

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError) as error:
            raise ServerCrashed(self._epitaph()) from error

    def _next(self, timeout: float | None) -> dict[str, Any]:
        try:
            frame = self._frames.get(timeout=timeout)
        except queue.Empty:
            raise ServerTimeout(f"no answer within {timeout:g} s; Lean was stopped") from None
        if frame is None:
            raise ServerCrashed(self._epitaph())
        try:
            answer = json.loads(frame)
        except ValueError as error:
            raise ProtocolError(f"malformed answer of the proof server: {error}") from error
        if not isinstance(answer, dict):
            raise ProtocolError("malformed answer of the proof server: not an object")
        return answer

    def _read_frames(self) -> None:
        assert self._process.stdout is not None
        marker = self._marker.encode()
        stream = self._process.stdout
        while line := stream.readline(_MAX_LINE):
            if line.startswith(marker):
                self._frames.put(line[len(marker) :])
            else:
                self._note(line)
        self._frames.put(None)

    def _read_chatter(self) -> None:
        assert self._process.stderr is not None
        while line := self._process.stderr.readline(_MAX_LINE):
            self._note(line)

    def _note(self, line: bytes) -> None:
        text = line[:400].decode(errors="replace").strip()
        if text and not text.startswith("[DEBUG"):
            self._chatter.append(text)

    def _epitaph(self) -> str:
        """What is known of why the process ended, in one line."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=2)
        self._threads[1].join(timeout=1)
        words = " | ".join(self._chatter)
        if "out of memory" in words or "Aborted(OOM)" in words or "Cannot enlarge memory" in words:
            return "Lean ran out of memory (the embedded toolchain has 2 GB in all)"
        if "Maximum call stack size exceeded" in words or "tack overflow" in words:
            return "Lean overflowed its stack"
        code = self._process.returncode
        if code is not None and code < 0:
            with contextlib.suppress(ValueError):
                return f"Lean was ended by {signal.Signals(-code).name}"
        telling = [t for t in self._chatter if "Error" in t or "panic" in t.lower()]
        words = f": {telling[-1]}" if telling else ""
        return f"Lean ended unexpectedly (exit code {code}){words}"

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
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        deadline = time.monotonic() + grace
        while self.alive and time.monotonic() < deadline:
            time.sleep(0.01)
        self.kill()

    def kill(self) -> None:
        """End the process and all it started, now."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for thread in self._threads:  # they end with the pipes
            thread.join(timeout=1)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def __enter__(self) -> LeanProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
