"""A search for parts of a box that was killed goes on where it was."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

from tests.cli.runner import PATIENCE, Cli

ENOUGH = 40  # leaves


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


def test_a_search_that_was_killed_goes_on(cli: Cli) -> None:
    wavy(cli.folder / "pair.json", 1)
    cache = cli.folder / "cache"
    arguments = ("certify", "-w", "pair.json", "-e", "1/25", "--workers", "1",
                 "--budget", "300", "--timeout", "1", "--trust", "exact", "--json")  # fmt: skip
    process = cli.start(*arguments, PYORCH_CACHE=str(cache))
    try:
        deadline = time.monotonic() + PATIENCE
        while len(proved(cache)) < ENOUGH:
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
    assert len(after) == leaves > len(before) >= ENOUGH
    assert after[: len(before)] == before
    assert len(set(after)) == leaves  # none was checked twice
