"""What `pyorch search` found as JSON, schema ``pyorch-search-1``.

::

    {"schema": "pyorch-search-1", "file": ..., "written": "..." | null,
     "holes": [{"declaration": ..., "start": {"line": 1, "column": 0},
                "goals": [{"target": ..., "hypotheses": [{"name": ..., "type": ...}]}],
                "status": "proved" | "refuted" | "open" | "error", "script": ..., "left": [goals],
                "reason": ..., "stop": ... | null,
                "statistics": {"tactics": 12, "seconds": 0.3, ...} | null}],
     "refutations": ["theorem ..."], "audit": {...} | null, "toolchain": {...}}

Of several files, schema ``pyorch-search-files-1``::

    {"schema": "pyorch-search-files-1", "files": [as above], "without_sorry": ["..."],
     "problems": ["..."]}
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pyorch.model import Goal
from pyorch.report.json import audit_json
from pyorch.search.report import Closing, HoleReport, Searched

__all__ = ["closing_json", "files_json"]


def closing_json(closing: Closing, where: str | None) -> dict[str, Any]:
    """See the module's description."""
    return {
        "schema": "pyorch-search-1",
        "file": closing.file,
        "written": where,
        "holes": [_hole(hole) for hole in closing.holes],
        "refutations": list(closing.refutations),
        "audit": None if closing.audit is None else audit_json(closing.audit),
        "toolchain": asdict(closing.toolchain),
    }


def files_json(done: Searched) -> dict[str, Any]:
    """See the module's description."""
    return {
        "schema": "pyorch-search-files-1",
        "files": [closing_json(closing, where) for closing, where in done.closings],
        "without_sorry": done.without,
        "problems": done.problems,
    }


def _hole(hole: HoleReport) -> dict[str, Any]:
    result = hole.result
    return {
        "declaration": hole.declaration,
        "start": asdict(hole.start),
        "goals": [_goal(goal) for goal in hole.goals],
        "status": str(hole.status),
        "script": hole.script,
        "left": [_goal(goal) for goal in hole.left],
        "reason": hole.reason,
        "stop": None if result is None else result.stop.value,
        "statistics": None if result is None else asdict(result.statistics),
    }


def _goal(goal: Goal) -> dict[str, Any]:
    hypotheses = [{"name": h.name, "type": h.type} for h in goal.hypotheses]
    return {"target": goal.target, "hypotheses": hypotheses}
