"""The little of git that a history of ``sorry`` needs: commits, and Lean files as they were.

Only plumbing is called, which runs no hooks and no filters, and never a shell.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pyorch.errors import InputError, UsageError
from pyorch.output import write_bytes

__all__ = ["Commit", "Repository", "find_repository"]

#: Set while git runs a hook; they would send us to another repository or index.
_CONFINING = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")
_FILE_MODES = frozenset({"100644", "100755", "100664"})


@dataclass(frozen=True)
class Commit:
    """Its full id, its time in seconds since 1970, and the first line of its message."""

    id: str
    time: int
    subject: str


def find_repository(path: Path) -> Repository | None:
    """The repository that a file or folder lies in; None without one, or without git."""
    folder = path if path.is_dir() else path.parent
    try:
        top = _git(folder, "rev-parse", "--show-toplevel")
    except (OSError, subprocess.CalledProcessError):
        return None
    return Repository(Path(os.fsdecode(top.rstrip(b"\n"))))


@dataclass(frozen=True)
class Repository:
    """A working tree of git.

    Attributes:
        root: its top folder.
    """

    root: Path

    def _run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        try:
            return _git(self.root, *arguments, stdin=stdin)
        except OSError as error:
            raise UsageError(f"git cannot be run: {error.strerror}") from error
        except subprocess.CalledProcessError as error:
            words = " ".join(error.stderr.decode(errors="replace").split())
            raise UsageError(f"git {arguments[0]} fails in {self.root}: {words}") from error

    @property
    def is_shallow(self) -> bool:
        return self._run("rev-parse", "--is-shallow-repository").strip() == b"true"

    def commit(self, revision: str) -> Commit:
        """The commit that a revision names.

        Raises:
            UsageError: there is none.
        """
        try:
            self._run(
                "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
            )
        except UsageError:
            why = "; the repository is a shallow clone" if self.is_shallow else ""
            raise UsageError(f"{revision!r} names no commit of {self.root}{why}") from None
        return self.commits(revision, 1)[0]

    def head(self) -> Commit | None:
        """The commit that is checked out; None before the first one."""
        try:
            return self.commit("HEAD")
        except UsageError:
            return None

    def commits(self, revision: str = "HEAD", most: int | None = None) -> tuple[Commit, ...]:
        """The first-parent line that ends at ``revision``, the oldest first.

        Args:
            revision: a commit, or a range ``a..b``.
            most: only so many of the latest.
        """
        limit = () if most is None else (f"--max-count={most}",)
        out = self._run(
            "log", "-z", "--first-parent", "--no-show-signature", "--format=%H%n%ct%n%s", *limit,
            "--end-of-options", revision, "--",
        )  # fmt: skip
        records = [r.decode(errors="replace").split("\n", 2) for r in out.split(b"\0") if r]
        return tuple(Commit(i, int(time), subject) for i, time, subject in reversed(records))

    def is_clean(self, paths: Sequence[PurePosixPath]) -> bool:
        """Are all Lean files at ``paths`` as the commit has them?"""
        out = self._run(
            "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--",
            *map(_literal, paths),
        )  # fmt: skip
        return not any(entry.endswith(b".lean") for entry in out.split(b"\0"))

    def inner(self, path: Path) -> PurePosixPath:
        """A path relative to the root.

        Raises:
            UsageError: it lies elsewhere.
        """
        resolved = path.resolve()
        if not resolved.is_relative_to(self.root.resolve()):
            raise UsageError(f"{path} is not in the repository {self.root}")
        return PurePosixPath(resolved.relative_to(self.root.resolve()).as_posix())

    def extract(
        self, commit: Commit, paths: Sequence[PurePosixPath], target: Path
    ) -> tuple[Path, ...]:
        """Write the Lean files at ``paths``, as they were in ``commit``, below ``target``.

        Symbolic links and submodules are left out.

        Returns:
            Those of ``paths``, now below ``target``, that have any.
        """
        out = self._run("ls-tree", "-r", "-z", "--full-tree", commit.id)
        blobs: dict[PurePosixPath, bytes] = {}
        for entry in out.split(b"\0"):
            about, _, name = entry.partition(b"\t")
            if not name.endswith(b".lean") or about.split()[0].decode() not in _FILE_MODES:
                continue
            path = PurePosixPath(os.fsdecode(name))
            if path.name == "lakefile.lean":  # a program of Lake's, no module
                continue
            if path.is_absolute() or ".." in path.parts:
                raise InputError(commit.id[:10], "", f"holds a file named {str(path)!r}")
            if any(path.is_relative_to(p) for p in paths):
                blobs[path] = about.split()[2]
        for path, content in zip(blobs, self._contents(list(blobs.values())), strict=True):
            write_bytes(target / path, content)
        return tuple(target / p for p in paths if any(b.is_relative_to(p) for b in blobs))

    def _contents(self, blobs: Sequence[bytes]) -> list[bytes]:
        out = self._run("cat-file", "--batch", stdin=b"".join(b + b"\n" for b in blobs))
        contents, at = [], 0
        for blob in blobs:
            end = out.index(b"\n", at)
            name, kind, size = out[at:end].split()
            if (name, kind) != (blob, b"blob"):
                raise UsageError(f"git gives {out[at:end]!r} for {blob.decode()}")
            at = end + 1 + int(size)
            contents.append(out[end + 1 : at])
            at += 1
        return contents


def _literal(path: PurePosixPath) -> str:
    return f":(top,literal){path}" if path.parts else ":(top)"


def _git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    environment = {k: v for k, v in os.environ.items() if k not in _CONFINING}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    result = subprocess.run(
        ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments],
        input=stdin, capture_output=True, check=True, env=environment,
    )  # fmt: skip
    return result.stdout
