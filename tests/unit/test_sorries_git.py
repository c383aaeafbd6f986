"""Git: commits, and Lean files as they were. With the real git."""

from __future__ import annotations

import subprocess
from pathlib import Path, PurePosixPath

import pytest

from pyorch.errors import UsageError
from pyorch.sorries.git import Repository, find_repository

EVERYTHING = [PurePosixPath()]


def git(folder: Path, *arguments: str) -> str:
    settings = ("user.name=T", "user.email=t@example.org", "commit.gpgsign=false")
    flags = [part for setting in settings for part in ("-c", setting)]
    command = ["git", "-C", str(folder), *flags, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "A.lean").write_text("theorem a : True := trivial\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=first\n\nand a body")
    (folder / "lean").mkdir()
    (folder / "lean" / "B é.lean").write_text("-- β\n")
    (folder / "lakefile.lean").write_text("import Lake\n")
    (folder / "A.lean").write_bytes(b"-- \r\n\xff")
    (folder / "L.lean").symlink_to("A.lean")
    (folder / ".gitattributes").write_text("*.lean export-ignore export-subst\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=second: «x»\tand more")
    found = find_repository(folder / "lean")
    assert found is not None
    return found


def test_no_repository(tmp_path: Path) -> None:
    assert find_repository(tmp_path) is None
    assert find_repository(tmp_path / "missing" / "file.lean") is None


def test_commits_the_oldest_first(repository: Repository) -> None:
    first, second = repository.commits()
    assert (first.subject, second.subject) == ("first", "second: «x»\tand more")
    assert len(first.id) == 40
    assert first.time <= second.time
    assert repository.commits(most=1) == (second,) == (repository.head(),)
    assert repository.commits("HEAD~1..HEAD") == (second,)
    assert repository.commit("main~1") == first


@pytest.mark.parametrize(
    "name", ["nope", "-x", "--output=written", "HEAD~9", "", "HEAD..HEAD", "a b", "--all"]
)
def test_what_names_no_commit(repository: Repository, name: str) -> None:
    with pytest.raises(UsageError, match="names no commit"):
        repository.commit(name)
    assert not (repository.root / "written").exists()


def test_a_repository_without_commits(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    found = find_repository(tmp_path)
    assert found is not None
    assert found.head() is None
    (tmp_path / "A.lean").touch()
    assert not found.is_clean(EVERYTHING)


def test_edited_lean_files(repository: Repository) -> None:
    assert repository.is_clean(EVERYTHING)
    (repository.root / "notes.txt").write_text("not Lean")
    assert repository.is_clean(EVERYTHING)
    (repository.root / "lean" / "C.lean").touch()
    assert not repository.is_clean(EVERYTHING)
    assert not repository.is_clean([PurePosixPath("lean")])
    assert repository.is_clean([PurePosixPath("A.lean")])


def test_files_as_they_were(repository: Repository, tmp_path: Path) -> None:
    first, second = repository.commits()
    old, new = tmp_path / "old", tmp_path / "new"
    assert repository.extract(first, EVERYTHING, old) == (old,)
    assert (old / "A.lean").read_text() == "theorem a : True := trivial\n"
    assert repository.extract(second, EVERYTHING, new) == (new,)
    assert {p.relative_to(new).as_posix() for p in new.rglob("*") if p.is_file()} == {
        "A.lean",
        "lean/B é.lean",
    }
    assert (new / "A.lean").read_bytes() == b"-- \r\n\xff"
    part = tmp_path / "part"
    lean = PurePosixPath("lean")
    assert repository.extract(second, [lean], part) == (part / "lean",)
    assert not (part / "A.lean").exists()
    assert repository.extract(first, [lean], tmp_path / "none") == ()


def test_inside_and_outside(repository: Repository, tmp_path: Path) -> None:
    assert repository.inner(repository.root / "lean") == PurePosixPath("lean")
    with pytest.raises(UsageError, match="is not in the repository"):
        repository.inner(tmp_path)


def test_a_shallow_clone_says_so(repository: Repository, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=1", repository.root.as_uri(), "shallow")
    clone = find_repository(tmp_path / "shallow")
    assert clone is not None
    assert clone.is_shallow
    assert not repository.is_shallow
    assert len(clone.commits()) == 1
    with pytest.raises(UsageError, match="shallow clone"):
        clone.commit("HEAD~1")


def test_hooks_do_not_confuse(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert find_repository(repository.root) == repository
    assert len(repository.commits()) == 2
