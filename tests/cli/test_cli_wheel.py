"""The wheel, installed into a new virtual environment, with nothing of the checkout near it."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyorch.lean.workbench import Workbench
from tests.cli.runner import PATIENCE, Cli

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "examples" / "seed" / "leancert_distinct.json"


def pip(*arguments: str | Path) -> None:
    """Let pip do something; what it says is shown where it fails."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    command = [sys.executable, "-m", "pip", "--quiet", *map(str, arguments)]
    subprocess.run(command, env=environment, check=True, timeout=PATIENCE)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, bench: Workbench) -> Iterator[Cli]:
    """``pyorch`` of the wheel, in an unrelated folder.

    It has a run folder of its own, since another installation would end the session's server.
    """
    folder = tmp_path_factory.mktemp("wheel")
    venv.create(folder / "venv", symlinks=True)
    pip("wheel", ROOT, "--no-deps", "--wheel-dir", folder)
    (wheel,) = folder.glob("*.whl")
    pip("--python", folder / "venv" / "bin" / "python", "install", "--no-compile", wheel)
    cache = folder / "c"
    cache.mkdir()
    for shared in ("toolchains", "modules"):
        (cache / shared).symlink_to(bench.config.cache / shared)
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    cli = Cli(
        elsewhere,
        {"PYORCH_CACHE": str(cache), "PYTHONPATH": ""},
        (str(folder / "venv" / "bin" / "pyorch"),),
    )
    yield cli
    cli("server", "stop")


@pytest.mark.slow
def test_it_finds_what_it_carries(installed: Cli, bench: Workbench) -> None:
    bench.library()  # compiled where both find it
    listed = installed("list", "--json")
    assert (listed.code, listed.err) == (0, "")
    assert listed.json["claims"]
    proved = installed("prove", "quantization_error_bound", "--json")
    assert (proved.code, proved.err) == (0, "")
    assert (proved.json["status"], proved.json["trust"]) == ("proved", "kernel")
    certified = installed("certify", "--weights", EXAMPLE, "--json")
    assert (certified.code, certified.err) == (0, "")
    assert certified.json["status"] == "proved"
    built = installed("build", "--json")
    assert built.json["compiled"] == []  # the wheel's library is the checkout's
    saved = certified.json["details"]["certificate"]
    assert set(installed.files) == {proved.json["file"], certified.json["file"], saved}
