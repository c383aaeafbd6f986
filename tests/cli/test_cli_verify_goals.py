"""``verify`` of certificates for classes and for tolerances by output, on the real Lean."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from pyorch.certification import verify
from pyorch.lean.workbench import Workbench
from pyorch.nets.certificate_file import (
    CertificateFile,
    problem_sha256,
    read_certificate,
    write_certificate,
)
from pyorch.nets.dual_steps import DualCertificate, Multipliers
from pyorch.nets.goal_certificate import (
    ChosenClass,
    GoalCertificate,
    GoalClaim,
    OneTolerance,
    OutputTolerances,
)
from pyorch.nets.reader import read_problem
from pyorch.nets.split import LEAF, Leaf, Split
from tests.cli.runner import Cli
from tests.cli.test_cli_certify_goals import CLASS, GOLDEN, TOLERANCES, absolute_values
from tests.cli.test_cli_verify import EXAMPLES

SEED = EXAMPLES / "seed" / "leancert.json"
ONE = GOLDEN / "tolerance_for_one_output" / "weights.json"


def made(lean: Cli, weights: Path, *options: object) -> Path:
    """The certificate of what holds."""
    result = lean("certify", "-w", weights, "--json", *options)
    assert (result.code, result.err) == (0, "")
    return lean.folder / result.json["details"]["certificate"]


@pytest.mark.parametrize(
    ("weights", "theorem"),
    [(TOLERANCES, "CloseEach"), (ONE, "CloseAt"), (CLASS, "SameClass")],
    ids=["each", "one", "class"],
)
def test_a_goal_is_checked_again(lean: Cli, weights: Path, theorem: str) -> None:
    certificate = made(lean, weights, "--emit-lean", "project")
    before = lean.files
    result = lean("verify", certificate, "-w", weights, "--json", "-o", "again")
    assert (result.code, result.err) == (0, "")
    verdict = result.json
    assert (verdict["status"], verdict["trust"]) == ("proved", "kernel")
    assert theorem in verdict["theorems"][0]["type"]
    assert set(lean.files) - set(before) == {verdict["file"]}
    text = (lean.folder / "project" / "Certificate.lean").read_text()
    assert theorem in text and "#print axioms" in text
    other = lean("verify", certificate, "-w", SEED, "--json")
    assert (other.code, other.json["status"]) == (1, "open")
    assert "other networks or another box" in other.json["reason"]


@pytest.mark.parametrize(
    ("weights", "claim"),
    [
        (TOLERANCES, OutputTolerances((Fraction(1, 8), Fraction(1, 2), Fraction(1, 100)))),
        (TOLERANCES, OutputTolerances((Fraction(1, 8),), 1)),
        (TOLERANCES, OneTolerance(Fraction(1, 8))),
        (ONE, OutputTolerances((Fraction(1, 9**9),) * 3)),
        (CLASS, ChosenClass(1)),
        (CLASS, OutputTolerances((Fraction(1, 9**9),), 1)),
    ],
    ids=str,
)
def test_a_goal_that_is_not_proved(lean: Cli, weights: Path, claim: GoalClaim) -> None:
    """All digests fit; the claim is false or at least not proved."""
    problem = read_problem(weights)
    path = lean.folder / "false.cert"
    write_certificate(path, CertificateFile.of(problem, GoalCertificate(claim, 24)))
    result = lean("verify", path, "--json")
    assert (result.code, result.json["status"], result.json["trust"]) == (1, "open", None)
    assert "do not prove what it claims on box 1 of 1" in result.json["reason"]


def test_a_goal_with_another_box(lean: Cli) -> None:
    """What is proved of a box is not proved of a larger one."""
    content = read_certificate(made(lean, CLASS))
    box = content.problem.box
    wide = replace(box, lo=tuple(v - 100 * box.den for v in box.lo))
    problem = replace(content.problem, box=wide)
    problem = replace(problem, sha256=problem_sha256(problem))
    path = lean.folder / "wide.cert"
    write_certificate(path, replace(content, problem=problem))
    assert lean("verify", path, "--json").code == 1


def test_equal_networks(lean: Cli) -> None:
    """Their ε is 0."""
    layers = '{"layers": [{"weights": [[1]], "bias": [0], "activation": "identity"}]}'
    (lean.folder / "equal.json").write_text(
        f'{{"format": "pyorch-pair-1", "teacher": {layers}, "student": {layers},'
        ' "box": {"lower": [0], "upper": [1]}}'
    )
    for options in ([], ["-e", "each"]):
        certificate = made(lean, lean.folder / "equal.json", *options)
        assert lean("verify", certificate, "-q").code == 0


def test_multipliers_of_other_outputs(lean: Cli) -> None:
    """Any multipliers prove some bound, but hardly this one; nor do those of the other network."""
    (lean.folder / "pair.json").write_text(json.dumps(absolute_values(1.25, [1])))
    certificate = made(lean, lean.folder / "pair.json")
    content = read_certificate(certificate)
    old = content.certificate
    assert isinstance(old, GoalCertificate)
    assert isinstance(old.tree, Leaf)
    assert old.tree.dual is not None
    wrong = tuple(Multipliers((10**6,) * 2, (10**6,) * 2) for _ in range(2))
    duals = (
        replace(old.tree.dual, upper=((), wrong)),
        replace(old.tree.dual, lower=((), wrong)),
        None,
    )
    for dual in duals:
        write_certificate(certificate, replace(content, certificate=replace(old, tree=Leaf(dual))))
        result = lean("verify", certificate, "--json")
        assert (result.code, result.json["status"], result.json["trust"]) == (1, "open", None)


def test_a_tree_that_was_altered(lean: Cli) -> None:
    """Every part has to be proved, by the method that the tree names for it."""
    (lean.folder / "pair.json").write_text(json.dumps(absolute_values(2.25, [1, 1], [1, -1])))
    certificate = made(lean, lean.folder / "pair.json")
    content = read_certificate(certificate)
    old = content.certificate
    assert isinstance(old, GoalCertificate)
    assert isinstance(old.tree, Split)
    for tree, box in (
        (replace(old.tree, above=LEAF), "9 of 9"),
        (replace(old.tree, below=Leaf(DualCertificate(24))), "1 of 9"),
        (old.tree.below, "5 of 8"),
    ):
        write_certificate(certificate, replace(content, certificate=replace(old, tree=tree)))
        result = lean("verify", certificate, "--json")
        assert (result.code, result.json["status"], result.json["trust"]) == (1, "open", None)
        assert f"do not prove what it claims on box {box}" in result.json["reason"]


ABS = OutputTolerances((Fraction(1, 8),), 0)


@pytest.mark.parametrize(
    ("weights", "certificate"),
    [
        (TOLERANCES, GoalCertificate(OutputTolerances((Fraction(1, 8),), 1), 24)),
        (TOLERANCES, GoalCertificate(OutputTolerances((Fraction(1, 8),) * 3), 24)),
        (TOLERANCES, GoalCertificate(OutputTolerances((Fraction(1),) * 2), 24)),
        (TOLERANCES, GoalCertificate(ABS, 24, tree=Leaf(DualCertificate(24)))),
        (TOLERANCES, GoalCertificate(ABS, 24, 1, Split(0, 1, Leaf(DualCertificate(24)), LEAF))),
        (TOLERANCES, GoalCertificate(ABS, 24, 1, Split(0, 1, LEAF, Leaf(DualCertificate(24))))),
        (CLASS, GoalCertificate(ChosenClass(1), 24)),
        (CLASS, GoalCertificate(ChosenClass(1), 24, tree=Leaf(DualCertificate(24)))),
        (CLASS, GoalCertificate(ChosenClass(9), 24)),
    ],
    ids=lambda value: str(value.claim) if isinstance(value, GoalCertificate) else "",
)
def test_lean_has_the_last_word(
    bench: Workbench,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    weights: Path,
    certificate: GoalCertificate,
) -> None:
    """Our own check is no more than a courtesy: whatever it lets through, Lean rejects. The trees
    are right on the part below the cut only."""
    monkeypatch.setattr(GoalCertificate, "first_failure", lambda *_: None)
    monkeypatch.setattr("pyorch.nets.certificate_file._claim", lambda *_: certificate.claim)
    path = tmp_path / "false.cert"
    write_certificate(path, CertificateFile.of(read_problem(weights), certificate))
    verdict = verify(path, None, bench, lambda _: None)
    assert (verdict.status.value, verdict.trust) == ("open", None)
    assert verdict.audit is not None
    assert not verdict.audit.passed


@pytest.mark.slow
def test_what_lean_has_no_time_for(lean: Cli) -> None:
    """Exact arithmetic stands in for Lean only where that is accepted, and it is said."""
    (lean.folder / "pair.json").write_text(json.dumps(absolute_values(1.25, [1])))
    options = ("certify", "-w", "pair.json", "--timeout", "0.05", "--json")
    result = lean(*options)
    assert (result.code, result.json["status"], result.json["trust"]) == (4, "open", None)
    assert "accept --trust exact" in result.json["reason"]
    result = lean(*options, "--trust", "exact")
    assert (result.code, result.json["status"], result.json["trust"]) == (0, "proved", "exact")
