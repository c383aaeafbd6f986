"""Draw the burndown of the example in ``examples/burndown``.

    python scripts/picture_burndown.py [FILE.svg]

It makes the repository, scans every commit with Lean, and draws what was found.
"""

from __future__ import annotations

import runpy
import sys
import tempfile
from pathlib import Path

from pyorch.config import load
from pyorch.lean.workbench import Workbench
from pyorch.report.chart import burndown_svg
from pyorch.sorries.burndown import track

ROOT = Path(__file__).parents[1]
DEFAULT = ROOT / "docs" / "pictures" / "burndown.svg"


def main(target: Path) -> None:
    example = runpy.run_path(str(ROOT / "examples" / "burndown" / "make_history.py"))
    with tempfile.TemporaryDirectory() as folder, Workbench(load(), lambda _: None) as bench:
        repository = Path(folder)
        example["make_history"](repository)
        result = track([repository], bench, lambda _: None, commits=100)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(burndown_svg(result.runs), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
