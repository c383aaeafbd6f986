"""One Lean process: its frames among other output, its typed errors, and its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pyorch.errors import (
    ProtocolError,
    PyorchError,
    ServerCrashed,
    ServerError,
    ServerOutOfMemory,
    ServerTimeout,
    ToolchainError,
)
from pyorch.lean.process import LeanProcess
from tests.unit.fakes import PATIENCE, FakeLean, is_running, wait_until

LOAD = {"op": "load", "env": "e", "modules": ["Init"], "path": []}


def started(lean: FakeLean, start: str = "proper") -> LeanProcess:
    process = LeanProcess(lean.command(start))
    assert process.request(LOAD, PATIENCE)["ms"] == 1
    return process


def elab(process: LeanProcess, text: str, timeout: float | None = PATIENCE) -> str:
    answer = process.request({"op": "elab", "env": "e", "text": text}, timeout)
    said: str = answer["messages"][0]["text"]
    return said


def assert_one_line(error: PyorchError) -> None:
    assert len(str(error).splitlines()) == 1 and len(str(error)) < 300


def test_introduces_itself_and_ends_at_the_end_of_input(lean: FakeLean) -> None:
    with LeanProcess(lean.command()) as process:
        assert process.info["version"] == "4.28.0, embedded"
        assert process.alive and is_running(process.pid)
    assert not process.alive and not is_running(process.pid)


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("die", "exit code 1"),
        ("garbage", "Lean ended unexpectedly"),
        ("malformed", "malformed answer"),
    ],
)
def test_a_server_that_does_not_introduce_itself(lean: FakeLean, start: str, words: str) -> None:
    with pytest.raises(ToolchainError, match=words) as error:
        assert LeanProcess(lean.command(start)).info
    assert_one_line(error.value)
    assert lean.all_gone()


def test_a_server_that_is_silent_at_the_start(lean: FakeLean) -> None:
    with pytest.raises(ToolchainError, match=r"no answer within 0\.5 s"):
        assert LeanProcess(lean.command("silent"), start_timeout=0.5).info
    assert lean.all_gone()


def test_the_reason_for_a_failed_start_is_told(lean: FakeLean) -> None:
    with pytest.raises(ToolchainError, match=r"libnode\.so: Error: cannot"):
        assert LeanProcess(lean.command("die")).info


@pytest.mark.parametrize("command", [["/no/such/lean"], ["/"]])
def test_a_command_that_cannot_be_run(command: list[str]) -> None:
    with pytest.raises(ToolchainError, match="cannot start Lean") as error:
        LeanProcess(command)
    assert_one_line(error.value)


@pytest.mark.parametrize("text", ["chatter", "forge", "twice", "huge"])
def test_frames_are_found_among_other_output(lean: FakeLean, text: str) -> None:
    with started(lean, "noisy") as process:
        assert elab(process, text)
        assert len(elab(process, "huge")) == 5_000_000 if text != "twice" else True


def test_chatter_is_kept_in_lines(lean: FakeLean) -> None:
    with started(lean) as process:
        elab(process, "chatter")
        elab(process, "again")
        assert "before" in process.chatter and "after" in process.chatter
    with started(lean, "noisy") as process:
        wait_until(lambda: len(process.chatter) == 40)  # of 10,000 lines
        assert not any(line.startswith("[DEBUG") for line in process.chatter)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("crash", ServerCrashed, "exit code 3"),
        ("panic", ServerCrashed, "INTERNAL PANIC: out of luck"),
        ("memory", ServerOutOfMemory, "ran out of memory"),
        ("stack", ServerCrashed, "overflowed its stack"),
        ("killed", ServerCrashed, "ended by SIGKILL"),
        ("unfinished", ProtocolError, "malformed answer"),
        ("malformed", ProtocolError, "malformed answer"),
        ("latin", ProtocolError, "malformed answer"),
        ("nested", ProtocolError, "malformed answer"),
        ("list", ProtocolError, "not an object"),
        ("stranger", ProtocolError, "answer 99 to request 2"),
        ("anonymous", ProtocolError, "answer None to request 2"),
    ],
)
def test_every_misdeed_has_its_error(
    lean: FakeLean, text: str, kind: type[PyorchError], words: str
) -> None:
    process = started(lean)
    with pytest.raises(kind, match=words) as error:
        elab(process, text)
    assert_one_line(error.value)
    assert not process.alive
    with pytest.raises(ServerError):
        elab(process, "once more")


def test_a_second_answer_is_not_taken_for_that_to_the_next_request(lean: FakeLean) -> None:
    process = started(lean)
    elab(process, "twice")
    with pytest.raises(ProtocolError, match="answer 2 to request 3"):
        elab(process, "next")


def test_an_exit_after_an_answer_is_noticed_with_the_next_request(lean: FakeLean) -> None:
    process = started(lean)
    assert elab(process, "exit")
    with pytest.raises(ServerCrashed):
        elab(process, "next")


@pytest.mark.parametrize("text", ["stall", "grandchild"])
def test_a_timeout_ends_the_whole_process_group(lean: FakeLean, text: str) -> None:
    process = started(lean)
    with pytest.raises(ServerTimeout, match=r"no answer within 1\.5 s") as error:
        elab(process, text, timeout=1.5)
    assert_one_line(error.value)
    assert not process.alive
    wait_until(lean.all_gone)


@pytest.mark.parametrize("text", ["hoard", "child hoards"])
def test_too_much_memory_ends_the_whole_process_group(lean: FakeLean, text: str) -> None:
    process = started(lean)
    request = {"op": "elab", "env": "", "text": text}
    with pytest.raises(ServerOutOfMemory, match=r"Lean held \d+ MiB, 200 are allowed") as error:
        process.request(request, PATIENCE, memory=200)
    assert_one_line(error.value)
    assert not process.alive
    wait_until(lean.all_gone)


def test_lean_that_does_not_read_runs_into_the_timeout(lean: FakeLean) -> None:
    process = started(lean)
    elab(process, "deaf")
    with pytest.raises(ServerTimeout):
        elab(process, "long " * 1_000_000, timeout=0.5)
    assert not process.alive


def test_a_long_request_arrives_whole(lean: FakeLean) -> None:
    with started(lean) as process:
        text = "∀ε " * 1_000_000
        assert text in elab(process, text).encode().decode("unicode_escape")


def test_a_process_that_ran_away_does_not_hold_us_up(lean: FakeLean) -> None:
    process = started(lean)
    with pytest.raises(ServerTimeout):
        elab(process, "runaway", timeout=3)
    assert not process.alive
    (escaped,) = lean.grandchildren  # in a session of its own: out of our reach
    os.kill(escaped, signal.SIGKILL)


@pytest.mark.parametrize("end", ["close", "kill"])
def test_close_and_kill_end_grandchildren_and_may_be_repeated(lean: FakeLean, end: str) -> None:
    process = started(lean)
    seen: list[BaseException] = []

    def ask() -> None:
        try:
            elab(process, "grandchild", timeout=None)
        except ServerCrashed as error:
            seen.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    wait_until(lambda: lean.grandchildren)
    process.abort()
    thread.join(PATIENCE)
    assert len(seen) == 1
    getattr(process, end)()
    getattr(process, end)()
    process.abort()
    wait_until(lean.all_gone)


def test_a_number_that_is_not_ours_any_more_is_not_signalled(
    lean: FakeLean, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = started(lean)
    process.kill()
    monkeypatch.setattr(os, "killpg", lambda *_: pytest.fail("signalled"))
    process.kill()
    process.abort()
    process.close()


CLIENT = """
import sys
from pyorch.lean.process import LeanProcess
process = LeanProcess(sys.argv[1:])
process.request({"op": "load", "env": "e", "modules": ["Init"], "path": []}, None)
try:
    process.request({"op": "elab", "env": "e", "text": "grandchild"}, None)
except KeyboardInterrupt:
    print("interrupted", process.alive)
"""


def test_ctrl_c_ends_lean_and_all_it_started(lean: FakeLean, checkout: Path) -> None:
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, *lean.command()], cwd=checkout, stdout=subprocess.PIPE
    )
    wait_until(lambda: lean.grandchildren)
    client.send_signal(signal.SIGINT)
    output, _ = client.communicate(timeout=PATIENCE)
    assert output.split() == [b"interrupted", b"False"]
    wait_until(lean.all_gone)


def test_text_with_lone_surrogates_reaches_lean(lean: FakeLean) -> None:
    with started(lean) as process:
        assert '"text": "a?b"' in elab(process, "a\udcffb")
