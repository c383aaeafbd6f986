"""Draw the picture of the README: what ``pyorch prove quantization_error_bound`` prints.

    python scripts/picture.py [FILE.svg]

It runs the real pipeline and exports what the terminal would show.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from rich.console import Console

from pyorch import pipeline
from pyorch.config import load
from pyorch.lean.workbench import Workbench
from pyorch.report.text import render_verdict

CLAIM = "quantization_error_bound"
DEFAULT = Path(__file__).parents[1] / "docs" / "pictures" / "prove.svg"


def main(target: Path) -> None:
    with Workbench(load(), lambda _: None) as bench:
        verdict = pipeline.prove(CLAIM, [], bench, lambda _: None)
    console = Console(record=True, width=100, file=io.StringIO(), highlight=False)
    console.print(render_verdict(verdict))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(console.export_svg(title=f"pyorch prove {CLAIM}"), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
