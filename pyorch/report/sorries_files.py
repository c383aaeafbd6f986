"""Reports on ``sorry`` as files: the ending of the name says the format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pyorch.errors import UsageError
from pyorch.output import write_text
from pyorch.report.chart import burndown_svg
from pyorch.report.json import dumps
from pyorch.report.junit import junit
from pyorch.report.sarif import sarif
from pyorch.report.sorries_json import sorries_json
from pyorch.report.sorries_markdown import sorries_markdown
from pyorch.sorries.burndown import Burndown

__all__ = ["require_format", "write_report"]

_FORMATS: dict[str, Callable[[Burndown], str]] = {
    ".json": lambda b: dumps(sorries_json(b)),
    ".md": sorries_markdown,
    ".sarif": lambda b: dumps(sarif(b)),
    ".svg": lambda b: burndown_svg(b.runs),
    ".xml": junit,
}


def require_format(file: Path) -> None:
    """Refuse early, before long work, a name that says no format.

    Raises:
        UsageError: it ends with none of those that are known.
    """
    if file.suffix.lower() not in _FORMATS:
        known = ", ".join(_FORMATS)
        raise UsageError(f"--report {file}: the name has to end with one of {known}")


def write_report(burndown: Burndown, file: Path) -> None:
    """Write a report.

    Raises:
        UsageError: the name says no format.
        OutputError: the file cannot be written.
    """
    require_format(file)
    write_text(file, _FORMATS[file.suffix.lower()](burndown))
