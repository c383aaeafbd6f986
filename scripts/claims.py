"""Proves the whole catalogue and writes docs/claims.md from it.

python scripts/claims.py
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from pyorch import claims, pipeline
from pyorch.config import load
from pyorch.lean.workbench import Workbench
from pyorch.model import Status
from pyorch.report.catalogue import catalogue_markdown
from pyorch.ui import Ui

PAGE = Path(__file__).parents[1] / "docs" / "claims.md"


def main() -> None:
    families = claims.all_families()
    with Ui(quiet=False) as ui, Workbench(load(), ui.progress) as bench:
        pipeline.ready(bench, ui.say)
        task = partial(pipeline.prove, parameters=(), bench=bench, say=lambda _: None)
        verdicts = list(pipeline.each(task, (f.name for f in families), ui.progress))
    for verdict in verdicts:
        if verdict.status is not Status.PROVED:
            sys.exit(f"{verdict.claim.name}: {verdict.reason}")
    PAGE.write_text(catalogue_markdown(families, verdicts), encoding="utf-8")


if __name__ == "__main__":
    main()
