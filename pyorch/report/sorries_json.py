"""``pyorch sorries`` as JSON, schema ``pyorch-sorries-1``::

{
  "schema": "pyorch-sorries-1",
  "files": 3, "declarations": 40,
  "direct": 2, "definition": 1, "transitive": 3,
  "sorries": [{"name": ..., "kind": ..., "file": ..., "line": 1, "column": 0,
               "statement": "16 hexadecimal digits", "type": ...,
               "reach": "direct" | "definition" | "transitive", "chain": [...],
               "goals": [{"line": 1, "column": 0, "text": ...}],
               "since": {"commit": ... | null, "time": 0} | null}],
  "problems": [{"file": ..., "line": 0, "text": ...}],
  "baseline": "...",
  "changes": [{"kinds": [...], "proved": false, "before": {"name": ..., "file": ..., "line": 1}
               | null, "after": {...} | null}] | null,
  "history": [{"commit": ... | null, "time": 0, "subject": ..., "direct": 0, "definition": 0,
               "transitive": 0, "problem": ... | null}],
  "gate": {"exit_code": 0, "reasons": []}
}
"""

from __future__ import annotations

from dataclasses import asdict

from pyorch.report.json import Json
from pyorch.sorries.burndown import Burndown
from pyorch.sorries.compare import Change
from pyorch.sorries.model import Run, Sorry, count

__all__ = ["sorries_json"]


def sorries_json(burndown: Burndown) -> Json:
    """Everything, as JSON values."""
    scan, comparison = burndown.scan, burndown.comparison
    since = {t.latest: t.since for t in burndown.threads if t.closed is None}
    return {
        "schema": "pyorch-sorries-1",
        "files": scan.files,
        "declarations": scan.declarations,
        **{reach.value: number for reach, number in count(scan.sorries).items()},
        "sorries": [_sorry(s, since.get(s)) for s in scan.sorries],
        "problems": [asdict(p) for p in scan.problems],
        "baseline": burndown.baseline,
        "changes": (
            None if comparison is None else [_change(c) for c in comparison.changes if c.kinds]
        ),
        "history": [_run(run) for run in burndown.runs],
        "gate": {
            "exit_code": burndown.gate.exit_code,
            "reasons": list(burndown.gate.reasons),
        },
    }


def _sorry(sorry: Sorry, since: Run | None) -> Json:
    first = None if since is None else {"commit": since.commit, "time": since.time}
    return {
        **asdict(sorry),
        "reach": sorry.reach.value,
        "chain": list(sorry.chain),
        "goals": [asdict(g) for g in sorry.goals],
        "since": first,
    }


def _change(change: Change) -> Json:
    return {
        "kinds": list(change.kinds),
        "proved": change.proved,
        "before": _place(change.before),
        "after": _place(change.after),
    }


def _place(sorry: Sorry | None) -> Json | None:
    if sorry is None:
        return None
    return {"name": sorry.name, "file": sorry.file, "line": sorry.line}


def _run(run: Run) -> Json:
    return {
        "commit": run.commit,
        "time": run.time,
        "subject": run.subject,
        **{reach.value: number for reach, number in count(run.sorries).items()},
        "problem": run.problem,
    }
