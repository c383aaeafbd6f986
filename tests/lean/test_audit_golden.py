"""Files from outside that must be accepted or rejected, each with the reason (real Lean).

`tests/golden/audit/Asked.lean` is what was asked; each case is an answer to it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pyorch import pipeline
from pyorch.audit import audit
from pyorch.lean.build import split_header
from pyorch.lean.workbench import Workbench
from pyorch.model import Audit, Trust

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "audit"
CASES = sorted(path.parent.name for path in GOLDEN.glob("*/Given.lean"))


def test_there_are_cases() -> None:
    assert len(CASES) >= 25


@pytest.fixture(params=[False, True], ids=["outside", "ours"])
def kernel_once(request: pytest.FixtureRequest) -> bool:
    """Does the kernel see the file in the replay only, as one of our own making?"""
    return bool(request.param)


def audited(given: str, bench: Workbench, kernel_once: bool) -> Audit:
    asked = (GOLDEN / "Asked.lean").read_text(encoding="utf-8")
    imports, _ = split_header(asked, "Asked.lean")
    report, _ = audit(
        bench.server(), asked=asked, given=given, theorems=("goal",),
        environment=bench.library(imports), kernel_once=kernel_once,
    )  # fmt: skip
    return report


@pytest.mark.parametrize("case", CASES)
def test_it_is_judged_alike_where_the_kernel_sees_it_once(case: str, bench: Workbench) -> None:
    given = (GOLDEN / case / "Given.lean").read_text(encoding="utf-8")
    expected = json.loads((GOLDEN / case / "expected.json").read_text(encoding="utf-8"))
    report = audited(given, bench, kernel_once=True)
    assert report.passed is expected["passes"], report.problems


@pytest.mark.parametrize(
    "proof",
    [
        "by\n  have h : (2 : Nat) + 2 = 5 := by decide +kernel\n  omega",
        "absurd (show 1 < (1 : Nat) by decide +kernel) (Nat.lt_irrefl 1)",
        "by\n  first | exact absurd (show 1 < 1 by decide +kernel) (Nat.lt_irrefl 1) | rfl",
    ],
)
def test_a_falsehood_for_the_kernel_to_find(
    proof: str, kernel_once: bool, bench: Workbench
) -> None:
    asked = (GOLDEN / "Asked.lean").read_text(encoding="utf-8")
    report = audited(asked.replace("sorry", proof), bench, kernel_once)
    assert not report.passed
    if kernel_once:
        assert any("replay through the kernel" in problem for problem in report.problems)


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
