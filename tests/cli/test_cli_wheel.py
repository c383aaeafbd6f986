"""pyorch in a new virtual environment, with nothing of the checkout near it.

The installation is that of ``action.yml``, with pip and the package index, as on GitHub: pip builds
the wheel and installs it with all that it needs.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator

import pytest

from pyorch.lean.workbench import Workbench
from tests.cli.gate import ROOT, Runner
from tests.cli.runner import Cli

PAIR = ROOT / "examples" / "seed" / "leancert_distinct.json"


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """A job that has installed it."""
    runner = Runner(tmp_path_factory.mktemp("wheel"))
    (runner.folder / "bin" / "python").symlink_to(sys.executable)
    result = runner.run("Install pyorch")
    assert result.code == 0, result
    return runner


@pytest.fixture(scope="module")
def installed(runner: Runner, bench: Workbench) -> Iterator[Cli]:
    """Its ``pyorch``, in an unrelated folder.

    It has a run folder of its own, since another installation would end the session's server.
    """
    cache = runner.folder / "c"
    cache.mkdir()
    for shared in ("toolchains", "modules"):
        (cache / shared).symlink_to(bench.config.cache / shared)
    elsewhere = runner.folder / "elsewhere"
    elsewhere.mkdir()
    command = runner.temp / "pyorch" / "bin" / "pyorch"
    cli = Cli(elsewhere, {"PYORCH_CACHE": str(cache), "PYTHONPATH": ""}, (str(command),))
    yield cli
    cli("server", "stop")


@pytest.mark.slow
def test_later_steps_find_it(runner: Runner) -> None:
    assert set(runner.outputs) == {"cache", "version", "key"}
    assert re.fullmatch(r"[0-9a-f]{16}", runner.outputs["key"])
    found = shutil.which("pyorch", path=runner.env["PATH"])
    assert found == str(runner.temp / "pyorch-bin" / "pyorch")
    said = Cli(runner.folder, {"PYTHONPATH": ""}, (found,))("--version")
    assert (said.code, said.out) == (0, f"pyorch {runner.outputs['version']}\n")


@pytest.mark.slow
def test_it_finds_what_it_carries(installed: Cli, bench: Workbench) -> None:
    bench.library()  # compiled where both find it
    listed = installed("list", "--json")
    assert (listed.code, listed.err) == (0, "")
    assert listed.json["claims"]
    proved = installed("prove", "quantization_error_bound", "--json")
    assert (proved.code, proved.err) == (0, "")
    assert (proved.json["status"], proved.json["trust"]) == ("proved", "kernel")
    certified = installed("certify", "--weights", PAIR, "--json")
    assert (certified.code, certified.err) == (0, "")
    assert certified.json["status"] == "proved"
    built = installed("build", "--json")
    assert built.json["compiled"] == []  # the wheel's library is the checkout's
    saved = certified.json["details"]["certificate"]
    assert set(installed.files) == {proved.json["file"], certified.json["file"], saved}
