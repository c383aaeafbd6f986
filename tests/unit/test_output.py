"""Reading text files, and writing them whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest

from pyorch.errors import InputError, OutputError
from pyorch.output import read_text, require_writable, safe_name, write_text
from tests.unit.fakes import inside

NAMES = ["a.lean", "a b.lean", "größe ∀.lean", "日本語/ψ.lean", "-x.lean", "a\nb", "x" * 250]


def refuse(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_can_be_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / "new folder" / name
    write_text(path, "∀ε > 0\n")
    assert read_text(path) == "∀ε > 0\n"
    write_text(path, "second")
    assert path.read_bytes() == b"second"
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_permissions_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "a", "text")
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


@pytest.mark.parametrize("function", ["replace", "fdopen", "chmod"])
def test_a_failure_leaves_the_older_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    path = tmp_path / "a.lean"
    write_text(path, "old")
    monkeypatch.setattr(os, function, refuse)
    with pytest.raises(OutputError, match=r"cannot write .*a\.lean: Permission denied"):
        write_text(path, "new")
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert inside(tmp_path) == ["a.lean"]


def test_a_full_disk(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    with pytest.raises(OutputError, match="No space left"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "mkstemp", lambda **_: (os.open(full, os.O_WRONLY), "/nowhere/x"))
        write_text(tmp_path / "a", "text")
    assert inside(tmp_path) == []


def test_text_that_is_no_unicode(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="surrogates not allowed"):
        write_text(tmp_path / "a", "x\ud800")
    assert inside(tmp_path) == []


@pytest.mark.parametrize("place", ["file/a.lean", "file", "folder", "x" * 300])
def test_places_that_cannot_be_written(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "folder").mkdir()
    if place == "file":
        write_text(tmp_path / place, "new")
        return
    with pytest.raises(OutputError, match="cannot write") as error:
        write_text(tmp_path / place, "new")
    assert len(str(error.value).splitlines()) == 1
    assert inside(tmp_path) == ["file", "folder"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        write_text(closed / "a", "x")
    with pytest.raises(OutputError, match="Permission denied"):
        require_writable(closed)


def test_a_folder_is_probed_without_a_trace(tmp_path: Path) -> None:
    require_writable(tmp_path)
    require_writable(tmp_path / "new" / "größe ∀")
    assert inside(tmp_path) == []


def test_a_folder_that_is_refused_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    for folder in ("file", "file/below/it"):
        with pytest.raises(OutputError, match="is not a folder"):
            require_writable(tmp_path / folder)
    with pytest.raises(OutputError, match="File name too long"):
        require_writable(tmp_path / ("x" * 300) / "a")
    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    with pytest.raises(OutputError, match=r"--output .*: Permission denied"):
        require_writable(tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"ab\xff", "is not UTF-8 (byte 2)"), (None, "cannot be read: No such file"), ("", "")],
)
def test_files_that_cannot_be_read(tmp_path: Path, content: bytes | str | None, words: str) -> None:
    path = tmp_path / "in put.json"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        path.mkdir()
        words = "cannot be read: Is a directory"
    with pytest.raises(InputError) as error:
        read_text(path)
    assert str(error.value).startswith(f"{path}: {words}")


def test_safe_names() -> None:
    assert safe_name("no_overflow", ()) == Path("no_overflow.lean")
    assert safe_name("../a b/ö", ()) == Path("_a_b_.lean")
    named = [safe_name("t", p) for p in ([("k", "1")], [("k", "2")], [("k", "1"), ("l", "2")])]
    assert len(set(named)) == 3
    assert all(n.parent == Path() and n.name.startswith("t_") for n in named)
    assert safe_name("t", [("k", "1")]) == named[0]
