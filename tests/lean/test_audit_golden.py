"""Files from outside that must be accepted or rejected, each with the reason (real Lean).

`tests/golden/audit/Asked.lean` is what was asked; each case is an answer to it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pyorch import pipeline
from pyorch.lean.workbench import Workbench
from pyorch.model import Trust

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "audit"
CASES = sorted(path.parent.name for path in GOLDEN.glob("*/Given.lean"))


def test_there_are_cases() -> None:
    assert len(CASES) >= 25


@pytest.mark.parametrize("case", CASES)
def test_a_file_from_outside(case: str, bench: Workbench) -> None:
    expected = json.loads((GOLDEN / case / "expected.json").read_text(encoding="utf-8"))
    report = pipeline.audit_file(
        GOLDEN / case / "Given.lean", GOLDEN / "Asked.lean", (), bench, lambda _: None
    )
    assert report.passed is expected["passes"], report.problems
    if expected["passes"]:
        assert report.trust is Trust.KERNEL
    else:
        assert any(expected["problem"] in problem for problem in report.problems), report.problems
