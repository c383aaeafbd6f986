"""The burndown as a chart: a standalone SVG without scripts, readable on light and dark pages.

A stacked, stepped area: from each commit to the next, how many declarations use ``sorry`` and how
many rest on those.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pyorch.report.sorries_words import day
from pyorch.report.words import printable
from pyorch.resources import templates_dir
from pyorch.sorries.model import Reach, Run

__all__ = ["burndown_svg"]

_WIDTH, _HEIGHT = 860, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 836, 72, 268
_TICKS = 8  # names that fit below the axis
_NAMES = {
    Reach.DIRECT: "use sorry",
    Reach.DEFINITION: "rest on a definition that does",
    Reach.TRANSITIVE: "rest on a theorem that does",
}
_LEGEND_X = (_LEFT, _LEFT + 130, _LEFT + 375, _LEFT + 605)


@dataclass(frozen=True)
class _Scale:
    """Numbers of runs and of declarations as places."""

    runs: int
    most: int

    def x(self, run: float) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * run / max(self.runs, 1), 2)

    def y(self, value: float) -> float:
        return round(_BOTTOM - (_BOTTOM - _TOP) * value / self.most, 2)


def burndown_svg(runs: Sequence[Run], title: str = "Open sorries") -> str:
    """Draw the history, the oldest run first. Runs with a problem are grey: nothing is known."""
    known = [run for run in runs if run.problem is None]
    totals = [len(run.sorries) for run in known]
    step = _step(max(totals, default=0))
    scale = _Scale(len(runs), step * max(1, -(-max(totals, default=0) // step)))
    stretches = list(_stretches(runs))
    latest = known[-1] if known else None
    loader = FileSystemLoader(templates_dir())
    template = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True
    ).get_template("burndown.svg.j2")
    return template.render(
        width=_WIDTH, height=_HEIGHT, left=_LEFT, right=_RIGHT, top=_TOP, bottom=_BOTTOM,
        title=printable(title),
        summary=_summary(known),
        legend=[
            {
                "layer": reach.value,
                "x": x,
                "text": _NAMES[reach] + (f": {latest.count(reach)}" if latest else ""),
            }
            for reach, x in zip(Reach, _LEGEND_X, strict=False)
        ] + ([{"layer": "unknown", "x": _LEGEND_X[-1], "text": "does not elaborate"}]
             if len(known) < len(runs) else []),
        y_ticks=[
            {"value": value, "y": scale.y(value)} for value in range(0, scale.most + 1, step)
        ],
        x_ticks=list(_x_ticks(runs, scale)),
        x_label="commits, the latest on the right" if any(r.commit for r in runs) else "scans",
        unknown=[
            {"x": scale.x(i), "width": scale.x(i + 1) - scale.x(i),
             "text": printable(run.problem)[:300]}
            for i, run in enumerate(runs) if run.problem is not None
        ],
        areas=[area for start, some in stretches for area in _areas(start, some, scale)],
        edges=[
            _line(_steps(start, [run.count(Reach.DIRECT) for run in some]), scale)
            for start, some in stretches
        ],
    )  # fmt: skip


def _step(most: int) -> int:
    """Between grid lines: 1, 2 or 5 times a power of ten, for at most six of them."""
    power = 1
    while True:
        for digit in (1, 2, 5):
            if digit * power * 5 >= most:
                return digit * power
        power *= 10


def _stretches(runs: Sequence[Run]) -> Iterator[tuple[int, list[Run]]]:
    """Runs without a problem that follow each other, with the number of the first."""
    for fine, group in groupby(enumerate(runs), key=lambda item: item[1].problem is None):
        some = list(group)
        if fine:
            yield some[0][0], [run for _, run in some]


def _steps(start: int, values: Sequence[int]) -> list[tuple[int, int]]:
    """Corners of a line that stays at each value from its run to the next."""
    return [(start + i + side, value) for i, value in enumerate(values) for side in (0, 1)]


def _line(corners: Sequence[tuple[int, int]], scale: _Scale) -> str:
    return "M" + "L".join(f"{scale.x(x):g} {scale.y(y):g}" for x, y in corners)


def _areas(start: int, runs: Sequence[Run], scale: _Scale) -> Iterator[dict[str, str]]:
    """A band a reach, each on top of the one before."""
    heights = [list(accumulate((run.count(reach) for reach in Reach), initial=0)) for run in runs]
    for reach, (low, high) in zip(Reach, pairwise(zip(*heights, strict=True)), strict=True):
        if low != high:
            upper, lower = _steps(start, high), _steps(start, low)
            path = _line([*upper, *reversed(lower)], scale)
            yield {"layer": reach.value, "path": f"{path}Z"}


def _x_ticks(runs: Sequence[Run], scale: _Scale) -> Iterator[dict[str, object]]:
    every = max(1, -(-len(runs) // _TICKS))
    for i in range((len(runs) - 1) % every, len(runs), every):  # the latest has a name
        name = runs[i].commit
        yield {
            "x": scale.x(i + 0.5),
            "name": name[:7] if name else "now" if i == len(runs) - 1 else f"#{i + 1}",
            "day": day(runs[i].time),
        }


def _summary(known: Sequence[Run]) -> str:
    if not known:
        return "Nothing was scanned."
    first, last = known[0], known[-1]
    return (
        f"Declarations that use sorry: {first.count(Reach.DIRECT)} on {day(first.time)}, "
        f"{last.count(Reach.DIRECT)} on {day(last.time)}."
    )
