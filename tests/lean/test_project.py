"""The Lean project that is written for others: complete, and its proof builds."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyorch import claims, emit
from pyorch.errors import OutputError
from pyorch.lean.build import build, read_module
from pyorch.lean.project import ROOT, write_project
from pyorch.lean.workbench import Workbench
from pyorch.model import Emitted


@pytest.fixture(scope="module")
def emitted() -> Emitted:
    return emit.emit(claims.get("clamp_in_range").instantiate())


def test_the_project_builds(
    emitted: Emitted, bench: Workbench, tmp_path: Path, checkout: Path
) -> None:
    folder = tmp_path / "a proof"
    files = write_project(folder, emitted.text, emitted.theorems)
    assert files[0] == folder / f"{ROOT}.lean"
    assert {p for p in folder.rglob("*") if p.is_file()} == set(files)
    assert (folder / "lean-toolchain").read_text() == (checkout / "lean-toolchain").read_text()
    assert f"lean_lib {ROOT}" in (folder / "lakefile.lean").read_text()
    modules = [
        read_module(".".join(p.relative_to(folder).with_suffix("").parts), p)
        for p in files
        if p.suffix == ".lean" and p.stem != "lakefile"
    ]
    built = build(
        modules, bench.server, bench.config.cache, bench.toolchain.key, limits=bench.limits
    )
    assert built.environment is not None, built.diagnostics
    printed = [d.text for d in built.diagnostics if "axioms" in d.text]
    assert len(printed) == len(emitted.theorems)
    assert not any("sorryAx" in text for text in printed)


def test_a_folder_with_something_in_it_is_left_alone(emitted: Emitted, tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(OutputError, match="not empty"):
        write_project(tmp_path, emitted.text, emitted.theorems)
    with pytest.raises(OutputError):
        write_project(tmp_path / "mine", emitted.text, emitted.theorems)
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]
