"""``pyorch doctor``: look at everything a verdict depends on, and say what to do about it."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass

from pyorch.errors import PyorchError
from pyorch.lean import daemon, selftest
from pyorch.lean.install import diagnose
from pyorch.lean.node import EmbeddedToolchain
from pyorch.lean.workbench import Workbench
from pyorch.resources import lean_dir

__all__ = ["Finding", "examine"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``text`` says how it is; where not ``fine``, what to do."""

    name: str
    fine: bool
    text: str


def examine(bench: Workbench, say: Callable[[str], None]) -> tuple[Finding, ...]:
    """Look at everything; a later check that needs an earlier one is left out where that failed."""
    findings = [
        Finding("python", sys.version_info >= (3, 11), platform.python_version()),
        _cache(bench),
    ]
    say("looking at the toolchain")
    try:
        chosen = bench.toolchain
    except PyorchError as error:
        return (*findings, Finding("toolchain", False, str(error)))
    findings.append(Finding("toolchain", True, f"{chosen.id}; {chosen.reason}"))
    if isinstance(chosen.chosen, EmbeddedToolchain):
        say("checking every file of the toolchain")
        problem = diagnose(bench.config.cache, lean_dir())
        findings.append(
            Finding(
                "integrity",
                problem is None,
                "all files are as installed"
                if problem is None
                else f"{problem}; run `pyorch toolchain install --force`",
            )
        )
    state = daemon.status(bench.socket)
    findings.append(
        Finding("warm server", True, f"process {state.pid}" if state else "not running")
    )
    try:
        say("self-test")
        result = selftest.run(bench.server())
        passed = f"{result.accepted} truths accepted, {result.rejected} falsehoods rejected"
        findings.append(Finding("self-test", True, passed))
        say("building the library")
        built = bench.build()
        findings.append(
            Finding(
                "library",
                built.environment is not None,
                f"{len(built.compiled) + len(built.cached)} modules"
                if built.environment is not None
                else str(built.diagnostics[0]),
            )
        )
    except PyorchError as error:
        findings.append(Finding("server", False, str(error)))
    return tuple(findings)


def _cache(bench: Workbench) -> Finding:
    folder = bench.config.cache
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free / 1e9
    except OSError as error:
        return Finding("cache", False, f"{folder}: {error}; set PYORCH_CACHE to another folder")
    return Finding("cache", True, f"{folder} ({free:.0f} GB free)")
