"""A search for parts of a box that was killed goes on where it was."""

from __future__ import annotations

import contextlib
import json
import math
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.cli.runner import PATIENCE, Cli


def wavy(path: Path, shift: float) -> None:
    """Two networks of unequal width, so that it takes many parts to prove that they are close."""

    def network(units: int) -> dict[str, object]:
        angles = [2 * math.pi * k / units for k in range(units)]
        hidden = {
            "weights": [[math.cos(a), math.sin(a)] for a in angles],
            "bias": [shift / 4] * units,
            "activation": "relu",
        }
        output = {"weights": [[1 / units] * units], "bias": [0], "activation": "identity"}
        return {"layers": [hidden, output]}

    pair = {
        "format": "pyorch-pair-1",
        "teacher": network(24),
        "student": network(32),
        "box": {"lower": [-1, -1], "upper": [1, 1]},
    }
    path.write_text(json.dumps(pair), encoding="utf-8")


def proved(cache: Path) -> list[str]:
    """Lines of the log about leaves that are proved, the whole ones."""
    return [
        line
        for log in (cache / "splits").glob("*.log")
        for line in log.read_text().split("\n")[:-1]
        if line.startswith("proved ")
    ]


@pytest.mark.parametrize(
    ("tolerance", "enough"),
    [(["-e", "1/25"], 40), (["-e", "1/100", "--output-index", "0"], 10)],
    ids=["epsilon", "output"],
)
def test_a_search_that_was_killed_goes_on(cli: Cli, tolerance: list[str], enough: int) -> None:
    wavy(cli.folder / "pair.json", 1)
    cache = cli.folder / "cache"
    arguments = ("certify", "-w", "pair.json", *tolerance, "--workers", "1",
                 "--budget", "300", "--timeout", "1", "--trust", "exact", "--json")  # fmt: skip
    process = cli.start(*arguments, PYORCH_CACHE=str(cache))
    try:
        deadline = time.monotonic() + PATIENCE
        while len(proved(cache)) < enough:
            assert process.poll() is None, Cli.finish(process)
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        process.kill()
    Cli.finish(process)
    before = proved(cache)
    result = cli(*arguments, PYORCH_CACHE=str(cache))
    assert (result.code, result.err) == (0, "")
    after = proved(cache)
    leaves = int(result.json["details"]["boxes by tier"].rpartition(" ")[2])
    assert len(after) == leaves > len(before) >= enough
    assert after[: len(before)] == before
    # none was checked twice
    assert len({line.split()[1] for line in after}) == leaves


@pytest.mark.parametrize("tolerance", [["-e", "1/40"], ["-e", "1/200", "--output-index", "0"]],
                         ids=["epsilon", "output"])  # fmt: skip
def test_ctrl_c_ends_all_processes(cli: Cli, tolerance: list[str]) -> None:
    """As a terminal does it: everybody in the foreground is interrupted."""
    wavy(cli.folder / "pair.json", 1)
    cache = cli.folder / "cache"
    arguments = ("certify", "-w", "pair.json", *tolerance, "--workers", "2", "--budget", "300")
    process = cli.start(*arguments, PYORCH_CACHE=str(cache))
    children: list[psutil.Process] = []
    try:
        deadline = time.monotonic() + PATIENCE
        while len(proved(cache)) < 10 or len(children) < 2:
            assert process.poll() is None, Cli.finish(process)
            assert time.monotonic() < deadline
            time.sleep(0.01)
            children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        for each in children:
            # the parent may have ended it already
            with contextlib.suppress(psutil.NoSuchProcess):
                each.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert (process.returncode, out, err.splitlines()[-1]) == (130, "", "pyorch: interrupted")
    assert "Traceback" not in err
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
