"""Lean from elan: finding ``lean`` and ``lake``, running them, reading what they print."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyorch.errors import ToolchainError
from pyorch.model import Diagnostic, Position, Severity

__all__ = [
    "NativeToolchain",
    "find_native",
    "has_lakefile",
    "parse_json_messages",
    "parse_output",
    "parse_version",
]

#: ``Lean (version 4.28.0, x86_64-unknown-linux-gnu, commit 7d01a1bf…, Release)``
_VERSION = re.compile(r"Lean \(version ([\w.+-]+),(?:[^()]*,)? commit ([0-9a-f]+)[,)]")


@dataclass(frozen=True)
class NativeToolchain:
    """An installed Lean.

    Attributes:
        lake: the ``lake`` binary.
        version: of Lean, such as ``4.28.0``.
        commit: of Lean's repository.
    """

    lake: Path
    version: str
    commit: str

    def build_command(
        self, project: Path, target: str | None = None, *, wfail: bool = False
    ) -> list[str]:
        """``lake build`` of a target, by default of the project's own; with ``wfail`` warnings
        fail it."""
        flags = ["--wfail"] if wfail else []
        targets = [] if target is None else [target]
        return [str(self.lake), "--dir", str(project), "build", *flags, *targets]

    def server_command(self, project: Path) -> list[str]:
        """Runs the proof server, built before as target ``pyorch-server``."""
        server = project / ".lake" / "build" / "bin" / "pyorch-server"
        return [str(self.lake), "--dir", str(project), "env", str(server)]

    def build(
        self, project: Path, target: str | None = None, *, wfail: bool = False
    ) -> tuple[Diagnostic, ...]:
        """Run ``lake build`` and give its messages.

        A build that fails has an error among them; or with ``wfail`` a warning.

        Raises:
            ToolchainError: it fails, and no such message about a source says why.
        """
        project = project.absolute()  # elan goes by the working directory, Lake by --dir
        code, output = _run(self.build_command(project, target, wfail=wfail), project, None)
        messages = parse_output(output)
        failing = {Severity.ERROR, Severity.WARNING} if wfail else {Severity.ERROR}
        if code != 0 and not any(m.severity in failing for m in messages):
            name = "" if target is None else f" {target}"
            raise ToolchainError(f"lake build{name} failed: {_last_words(output)}")
        return messages


def _last_words(output: str) -> str:
    """The last line of Lake's that says why, and not only that, the build failed."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("error: ") and line not in _NO_REASON]
    return (errors or lines or ["no output"])[-1]


def has_lakefile(folder: Path) -> bool:
    """Is ``folder`` a project of Lake's?"""
    return any((folder / name).is_file() for name in ("lakefile.lean", "lakefile.toml"))


def parse_version(text: str) -> tuple[str, str] | None:
    """Version and commit from the output of ``lean --version``; None if it is something else."""
    match = _VERSION.search(text)
    return (match[1], match[2]) if match else None


def find_native(
    project: Path,
    *,
    download: bool,
    environ: Mapping[str, str] = os.environ,
) -> NativeToolchain | str:
    """The native toolchain for a project, or in words why there is none.

    Args:
        project: folder with ``lean-toolchain``, by which elan chooses.
        download: may elan fetch that toolchain if it lacks it?
    """
    home = Path(environ.get("ELAN_HOME") or Path(environ.get("HOME", "")) / ".elan")
    path = os.pathsep.join([environ.get("PATH", ""), str(home / "bin")])
    found = {name: shutil.which(name, path=path) for name in ("lake", "lean")}
    lake, lean = found["lake"], found["lean"]
    if lake is None or lean is None:
        missing = " and ".join(name for name, where in found.items() if where is None)
        return f"no {missing} on PATH or in {home / 'bin'}"
    elan = shutil.which("elan", path=str(Path(lean).parent))
    try:
        if elan is not None and not download:
            # Through elan, `lean --version` would start a download of hundreds of megabytes.
            pinned = (project / "lean-toolchain").read_text(encoding="utf-8").strip()
            _, listed = _run([elan, "toolchain", "list"], project, 30)
            if pinned not in listed.split():
                return f"elan has no {pinned}; get it with `elan toolchain install {pinned}`"
        code, output = _run([lean, "--version"], project, None if download else 60)
    except (ToolchainError, OSError) as error:
        return str(error)
    version = parse_version(output)
    if code != 0 or version is None:
        return f"{lean} --version says {(output.strip().splitlines() or ['nothing'])[-1]!r}"
    return NativeToolchain(Path(lake), *version)


def _run(command: list[str], folder: Path, timeout: float | None) -> tuple[int, str]:
    """Exit code and both output streams."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ToolchainError(f"{command[0]} did not answer within {timeout:g} s") from error
    except OSError as error:
        raise ToolchainError(f"cannot run {command[0]}: {error.strerror}") from error
    return done.returncode, done.stdout.decode(errors="replace")


# ---- what Lake and Lean print ------------------------------------------------------------------

_SEVERITY = r"(?P<severity>error|warning|info)(?:\([\w.]+\))?"
_PLACE = r"(?P<file>[^:\n]+):(?P<line>\d+):(?P<column>\d+)"
#: Lake puts the severity first, Lean the place.
_LAKE = re.compile(rf"{_SEVERITY}: {_PLACE}: (?P<text>.*)")
_LEAN = re.compile(rf"{_PLACE}: {_SEVERITY}: (?P<text>.*)")
#: What Lake says after the reason.
_NO_REASON = frozenset({"error: build failed", "error: Lean exited with code 1"})
#: A line of Lake's own ends a message that goes over several lines.
_OTHER = re.compile(
    r"(?:error|warning|info|trace): |[✔⚠✖ℹ] \[\d+/\d+\]|Some required |Build completed"
)


def parse_output(text: str) -> tuple[Diagnostic, ...]:
    """Messages about sources in the output of ``lake build`` or ``lean``."""
    return tuple(_messages(text))


def _messages(text: str) -> Iterator[Diagnostic]:
    match: re.Match[str] | None = None
    lines: list[str] = []
    for line in [*text.splitlines(), "trace: end"]:
        start = _LAKE.fullmatch(line) or _LEAN.fullmatch(line)
        if start is None and not _OTHER.match(line):
            lines.append(line)
            continue
        if match is not None:
            yield Diagnostic(
                severity=Severity(match["severity"]),
                file=os.path.normpath(match["file"]),
                start=Position(int(match["line"]), int(match["column"])),
                end=None,
                text="\n".join(lines).rstrip(),
            )
        match, lines = start, [start["text"]] if start else []


_JSON_SEVERITY = {
    "information": Severity.INFO,
    "warning": Severity.WARNING,
    "error": Severity.ERROR,
}


def parse_json_messages(text: str) -> tuple[Diagnostic, ...]:
    """Messages in the output of ``lean --json``: an object a line; other lines are skipped."""
    messages = []
    for line in text.splitlines():
        try:
            data = json.loads(line)
            end = data["endPos"]
            messages.append(
                Diagnostic(
                    severity=_JSON_SEVERITY[data["severity"]],
                    file=str(data["fileName"]),
                    start=Position(int(data["pos"]["line"]), int(data["pos"]["column"])),
                    end=None if end is None else Position(int(end["line"]), int(end["column"])),
                    text=str(data["data"]),
                )
            )
        except (ValueError, TypeError, KeyError):
            continue  # what a program printed
    return tuple(messages)
