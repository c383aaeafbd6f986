"""The native toolchain, by recorded output and stand-ins for elan's programs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pyorch.config import Config
from pyorch.errors import InputError, ToolchainError
from pyorch.lean.build import Built, Module
from pyorch.lean.native import (
    NativeToolchain,
    find_native,
    has_lakefile,
    parse_json_messages,
    parse_output,
    parse_version,
)
from pyorch.lean.toolchain import Toolchain
from pyorch.lean.workbench import Workbench
from pyorch.model import Diagnostic, Position, Severity

COMMIT = "7d01a1bf83ea12ad1e4ddcd9ec5ef1e5d6d0c3f4"
VERSION = f"Lean (version 4.28.0, x86_64-unknown-linux-gnu, commit {COMMIT}, Release)"
PIN = "leanprover/lean4:v4.28.0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (VERSION, ("4.28.0", COMMIT)),
        (f"info: syncing\n{VERSION}\n", ("4.28.0", COMMIT)),
        ("Lean (version 4.28.0-rc1, arm64-apple-darwin, commit abc123, Release)",
         ("4.28.0-rc1", "abc123")),
        ("Lean (version 4.0.0, commit 7dbfaf9b7519, Release)", ("4.0.0", "7dbfaf9b7519")),
        ("Lake version 5.0.0-src (Lean version 4.28.0)", None),
        ("", None),
    ],
)  # fmt: skip
def test_version(text: str, expected: tuple[str, str] | None) -> None:
    assert parse_version(text) == expected


LAKE = """\
ℹ [2/6] Built PyOrch.Field
info: ././lean/PyOrch/Field.lean:3:0: 5
⚠ [3/6] Built PyOrch.Rounding
warning: lean/PyOrch/Rounding.lean:12:8: declaration uses `sorry`
✖ [4/6] Building PyOrch.Foo (1.2s)
trace: .> LEAN_PATH=.lake/build/lib/lean lean lean/PyOrch/Foo.lean -o Foo.olean
error: ././lean/PyOrch/Foo.lean:7:2: unsolved goals
a b : Nat
⊢ a = b

error(lean.unknownIdentifier): lean/PyOrch/Foo.lean:9:4: Unknown identifier `foo`
error: Lean exited with code 1
Some required targets logged failures:
- PyOrch.Foo
error: build failed
"""


def diagnostic(severity: Severity, file: str, line: int, column: int, text: str) -> Diagnostic:
    return Diagnostic(severity, file, Position(line, column), None, text)


def test_output_of_lake() -> None:
    assert parse_output(LAKE) == (
        diagnostic(Severity.INFO, "lean/PyOrch/Field.lean", 3, 0, "5"),
        diagnostic(
            Severity.WARNING, "lean/PyOrch/Rounding.lean", 12, 8, "declaration uses `sorry`"
        ),
        diagnostic(
            Severity.ERROR, "lean/PyOrch/Foo.lean", 7, 2, "unsolved goals\na b : Nat\n⊢ a = b"
        ),
        diagnostic(Severity.ERROR, "lean/PyOrch/Foo.lean", 9, 4, "Unknown identifier `foo`"),
    )


def test_output_of_lean() -> None:
    text = "a b.lean:1:4: warning: one\n  two: three\na b.lean:2:0: error: four\n"
    assert parse_output(text) == (
        diagnostic(Severity.WARNING, "a b.lean", 1, 4, "one\n  two: three"),
        diagnostic(Severity.ERROR, "a b.lean", 2, 0, "four"),
    )


def test_no_messages() -> None:
    assert parse_output("") == ()
    assert parse_output("Build completed successfully (6 jobs).\n") == ()


def test_json_messages() -> None:
    text = (
        '{"severity":"error","pos":{"line":1,"column":18},"keepFullRange":false,"kind":"[anonymous]"'
        ',"isSilent":false,"fileName":"t.lean","endPos":{"line":1,"column":20},"data":"no","caption"'
        ':""}\nhello\n[1]\n{"severity":"odd"}\n'
        '{"severity":"information","pos":{"line":2,"column":0},"fileName":"t.lean","endPos":null,'
        '"data":"5","caption":""}\n'
    )
    assert parse_json_messages(text) == (
        Diagnostic(Severity.ERROR, "t.lean", Position(1, 18), Position(1, 20), "no"),
        Diagnostic(Severity.INFO, "t.lean", Position(2, 0), None, "5"),
    )


# ---- finding -------------------------------------------------------------------------------------


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "lean-toolchain").write_text(f"{PIN}\n")
    return folder


def environ(tmp_path: Path) -> dict[str, str]:
    return {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)}


def test_none_installed(project: Path, tmp_path: Path) -> None:
    found = find_native(project, download=False, environ=environ(tmp_path))
    assert found == f"no lake and lean on PATH or in {tmp_path / '.elan' / 'bin'}"


@pytest.mark.parametrize("folder", ["bin", ".elan/bin"])
def test_on_path_or_below_elan(project: Path, tmp_path: Path, folder: str) -> None:
    lake = script(tmp_path / folder / "lake", "")
    script(tmp_path / folder / "lean", f"echo '{VERSION}'")
    found = find_native(project, download=False, environ=environ(tmp_path))
    assert found == NativeToolchain(lake, "4.28.0", COMMIT)


def test_elan_home(project: Path, tmp_path: Path) -> None:
    script(tmp_path / "e/bin/lake", "")
    script(tmp_path / "e/bin/lean", f"echo '{VERSION}'")
    found = find_native(
        project, download=False, environ={**environ(tmp_path), "ELAN_HOME": str(tmp_path / "e")}
    )
    assert isinstance(found, NativeToolchain)


def test_a_lean_that_does_not_answer(project: Path, tmp_path: Path) -> None:
    script(tmp_path / "bin/lake", "")
    lean = script(tmp_path / "bin/lean", "echo 'error: no default toolchain' >&2; exit 1")
    found = find_native(project, download=False, environ=environ(tmp_path))
    assert found == f"{lean} --version says 'error: no default toolchain'"


@pytest.mark.parametrize("has", [True, False])
def test_elan_downloads_only_when_asked(project: Path, tmp_path: Path, has: bool) -> None:
    script(tmp_path / "bin/lake", "")
    script(tmp_path / "bin/lean", f"touch ran; echo '{VERSION}'")
    script(tmp_path / "bin/elan", f"echo 'other (default)'; {f'echo {PIN}' if has else ':'}")
    found = find_native(project, download=False, environ=environ(tmp_path))
    assert (project / "ran").exists() == has
    if not has:
        assert found == f"elan has no {PIN}; get it with `elan toolchain install {PIN}`"
    assert isinstance(
        find_native(project, download=True, environ=environ(tmp_path)), NativeToolchain
    )


# ---- building ------------------------------------------------------------------------------------


def test_commands(project: Path) -> None:
    native = NativeToolchain(Path("/bin/lake"), "4.28.0", COMMIT)
    assert native.build_command(project, "PyOrch") == [
        "/bin/lake", "--dir", str(project), "build", "PyOrch",
    ]  # fmt: skip
    assert native.build_command(project, "PyOrch", wfail=True)[-2:] == ["--wfail", "PyOrch"]
    assert native.build_command(project, wfail=True)[-2:] == ["build", "--wfail"]
    assert native.server_command(project) == [
        "/bin/lake", "--dir", str(project), "env", f"{project}/.lake/build/bin/pyorch-server",
    ]  # fmt: skip


def test_build_gives_messages(project: Path, tmp_path: Path) -> None:
    (tmp_path / "output").write_text(LAKE)
    lake = script(tmp_path / "bin/lake", f"cat {tmp_path / 'output'}; exit 1")
    messages = NativeToolchain(lake, "4.28.0", COMMIT).build(project, "PyOrch")
    assert [m.severity.value for m in messages] == ["info", "warning", "error", "error"]


def test_build_failing_without_a_message(project: Path, tmp_path: Path) -> None:
    lake = script(tmp_path / "bin/lake", "echo 'error: unknown target `PyOrch`'; exit 1")
    with pytest.raises(ToolchainError, match="lake build PyOrch failed: error: unknown target"):
        NativeToolchain(lake, "4.28.0", COMMIT).build(project, "PyOrch")


# What Lake 5 says with --wfail where a theorem has a `sorry`: no error about a source, exit code 1.
WARNED = """\
⚠ [2/3] Building Gate.Open (412ms)
trace: .> LEAN_PATH=.lake/build/lib/lean lean Gate/Open.lean -o Gate/Open.olean
warning: Gate/Open.lean:7:8: declaration uses `sorry`
Some required targets logged failures:
- Gate.Open
error: build failed
"""


def recorded(tmp_path: Path, output: str, code: int) -> NativeToolchain:
    """A Lake that notes its arguments, says ``output`` and ends with ``code``."""
    (tmp_path / "output").write_text(output)
    text = f'echo "$@" > {tmp_path / "asked"}; cat {tmp_path / "output"}; exit {code}'
    return NativeToolchain(script(tmp_path / "bin/lake", text), "4.28.0", COMMIT)


def test_warnings_fail_where_asked(project: Path, tmp_path: Path) -> None:
    native = recorded(tmp_path, WARNED, 1)
    (message,) = native.build(project, wfail=True)
    assert message == diagnostic(
        Severity.WARNING, "Gate/Open.lean", 7, 8, "declaration uses `sorry`"
    )
    assert (tmp_path / "asked").read_text() == f"--dir {project} build --wfail\n"
    with pytest.raises(ToolchainError, match=r"lake build failed: "):
        native.build(project)  # nothing then says why


def test_the_reason_of_lake_is_given(project: Path, tmp_path: Path) -> None:
    output = "error: no such package: mathlib\nSome required targets logged failures:\n- Gate\n"
    with pytest.raises(ToolchainError, match="lake build failed: error: no such package: mathlib"):
        recorded(tmp_path, output + "error: build failed\n", 1).build(project, wfail=True)


@pytest.mark.parametrize(("wfail", "code"), [(False, 0), (True, 1)])
def test_a_project_of_the_users_is_lakes(
    tmp_path: Path, wfail: bool, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    native = recorded(tmp_path, WARNED if code else WARNED.split("Some")[0], code)
    folder = tmp_path / "gate"
    folder.mkdir()
    (folder / "lakefile.toml").write_text('name = "gate"\n')
    (folder / "Gate.lean").write_text("import Mathlib\n")
    bench = Workbench(Config(cache=tmp_path / "cache", daemon=False), lambda _: None)
    monkeypatch.setattr(Workbench, "toolchain", Toolchain(native, "asked for"))
    monkeypatch.chdir(tmp_path)
    built = bench.build_project(Path("gate"), wfail=wfail)
    asked = ["--dir", str(folder), "build", *["--wfail"] * wfail]
    assert (tmp_path / "asked").read_text().split() == asked
    assert built.environment is not None and len(built.warnings) == 1
    assert built.cached == ("Gate",)


def test_a_project_without_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files are compiled by pyorch, with those modules of the library that they need."""
    folder = tmp_path / "gate"
    folder.mkdir()
    (folder / "Gate.lean").write_text("import PyOrch.Rounding\nimport Nowhere\n")
    asked: list[str] = []

    def build(bench: Workbench, modules: tuple[Module, ...]) -> Built:
        asked.extend(m.name for m in modules)
        return Built(None, (), (), ())

    monkeypatch.setattr(Workbench, "build", build)
    native = NativeToolchain(tmp_path / "lake", "4.28.0", COMMIT)
    monkeypatch.setattr(Workbench, "toolchain", Toolchain(native, "asked for"))
    bench = Workbench(Config(cache=tmp_path / "cache", daemon=False), lambda _: None)
    bench.build_project(folder, wfail=True)
    assert asked == ["PyOrch.Field", "PyOrch.Rounding", "Gate"]


def test_a_folder_without_lean_is_no_project(tmp_path: Path) -> None:
    assert not has_lakefile(tmp_path)
    bench = Workbench(Config(cache=tmp_path / "cache", daemon=False), lambda _: None)
    with pytest.raises(InputError, match="holds no Lean file"):
        bench.build_project(tmp_path)


def test_a_lake_that_is_gone(project: Path, tmp_path: Path) -> None:
    with pytest.raises(ToolchainError, match=r"cannot run .*lake: No such file"):
        NativeToolchain(tmp_path / "lake", "4.28.0", COMMIT).build(project, "PyOrch")


@pytest.mark.native
@pytest.mark.skipif(shutil.which("lake") is None, reason="no lake on PATH")
def test_the_real_thing(project: Path) -> None:
    found = find_native(project, download=False, environ=os.environ)
    assert isinstance(found, NativeToolchain)
    assert found.version == "4.28.0"
