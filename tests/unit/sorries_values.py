"""Values for the tests of the tracking of ``sorry``."""

from __future__ import annotations

from pyorch.sorries.burndown import Burndown
from pyorch.sorries.compare import compare, gate
from pyorch.sorries.model import Declared, OpenGoal, Problem, Reach, Run, Scan, Sorry


def sorry(
    name: str = "a",
    file: str = "A.lean",
    statement: int = 1,
    *,
    line: int = 1,
    kind: str = "theorem",
    reach: Reach = Reach.DIRECT,
    chain: tuple[str, ...] = (),
    goals: tuple[OpenGoal, ...] = (),
    type: str = "1 = 1",
) -> Sorry:
    return Sorry(name, kind, file, line, 8, f"{statement:016x}", type, reach, chain, goals)


def run(*sorries: Sorry, commit: int | None = 1, problem: str | None = None) -> Run:
    name = None if commit is None else f"{commit:040x}"
    time = 1_767_258_000 + 86_400 * (commit or 0)
    return Run(name, time, sorries, 1, len(sorries), f"step {commit}", problem)


def burndown(scan: Scan, *before: Run, **fail: bool) -> Burndown:
    base = before[-1] if before else None
    comparison = compare(base.sorries, scan) if base and not scan.problems else None
    now = () if scan.problems else (run(*scan.sorries, commit=90),)
    return Burndown(
        scan,
        (*before, *now),
        comparison,
        f"{base.commit[:10]} {base.subject}" if base and base.commit else "nothing",
        gate(scan, comparison, **fail),
        recorded=True,
    )


def example() -> Burndown:
    """One of each: direct, through a definition, transitive, new, moved, closed."""
    goal = OpenGoal(9, 2, "x : Int, h : x ≤ 7 ⊢ x * x ≤ 64 | x < 0")
    lower = sorry("le_clamp", "Clamp.lean", 2, line=3)
    square = sorry("square_le", "Codes.lean", 3, line=8, goals=(goal,), type="∀ (x : Int), …")
    moved = sorry("add_le", "Old.lean", 4, line=5)
    gone = sorry("forgotten", "Old.lean", 5, line=9)
    proved = sorry("clamp_le", "Clamp.lean", 6, line=1)
    now = Scan(
        sorries=(
            sorry("width", "Codes.lean", 7, line=2, kind="definition", type="Nat"),
            sorry("width_pos", "Codes.lean", 8, line=4, reach=Reach.DEFINITION, chain=("width",)),
            square,
            sorry("add_le'", "Sums & more.lean", 4, line=5),
            sorry("le_code", "Sums & more.lean", 9, line=7, reach=Reach.TRANSITIVE,
                  chain=("mid", "add_le'")),
        ),
        clean=(
            Declared("clamp_le", "theorem", "Clamp.lean", f"{6:016x}"),
            Declared("le_clamp", "theorem", "Clamp.lean", f"{2:016x}"),
        ),
        files=3,
    )  # fmt: skip
    return burndown(now, run(lower, square, moved, gone, proved, commit=1), fail_on_increase=True)


def broken() -> Burndown:
    """A file that does not elaborate, beside one that does."""
    problem = Problem("B.lean", 7, 'unknown identifier `<x>` & "y"')
    scan = Scan((sorry(),), (), (problem, Problem("C.lean", 0, "imports 'B'")), 3)
    return burndown(scan, run(sorry(), commit=1))
