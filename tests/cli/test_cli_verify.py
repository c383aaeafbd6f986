"""``verify`` and ``certify --emit-lean`` on the real Lean."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from pyorch.nets.certificate_file import CertificateFile, read_certificate, write_certificate
from pyorch.nets.dual import DualBounds
from pyorch.nets.dual_steps import DualCertificate, Multipliers
from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network
from pyorch.nets.split import LEAF, SplitCertificate
from tests.cli.runner import Cli

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
WEIGHTS = EXAMPLES / "seed" / "leancert_distinct.json"


def deeper() -> dict[str, Any]:
    """A pair of two depths: only the input is shared."""

    def layer(weights: object, bias: object, activation: str = "relu") -> dict[str, Any]:
        return {"weights": weights, "bias": bias, "activation": activation}

    teacher = [
        layer([[1, 0.5], [-0.75, 1]], [0.25, 0.5]),
        layer([[1, -1], [0.5, 1]], [0.5, 0.25]),
        layer([[1, 1]], [0], "identity"),
    ]
    student = [
        layer([[1.25, 0.25], [-0.5, 1.5]], [0.5, 0.5]),
        layer([[1.25, 0.25]], [0.25], "identity"),
    ]
    return {
        "format": "pyorch-pair-1",
        "teacher": {"layers": teacher},
        "student": {"layers": student},
        "box": {"lower": [-1, -1], "upper": [1, 1]},
    }


@pytest.fixture
def certificate(lean: Cli) -> Path:
    result = lean("certify", "--weights", WEIGHTS, "--json", "--emit-lean", "project")
    assert (result.code, result.err) == (0, "")
    return lean.folder / result.json["details"]["certificate"]


def test_a_certificate_is_checked_again(lean: Cli, certificate: Path) -> None:
    before = lean.files
    result = lean("verify", certificate, "--weights", WEIGHTS, "--json", "-o", "again")
    assert (result.code, result.err) == (0, "")
    verdict = result.json
    assert (verdict["status"], verdict["trust"]) == ("proved", "kernel")
    assert verdict["theorems"][0]["name"].endswith(".distillation_certificate")
    assert "leancert_distinct.json" in verdict["details"]["said to be made from"]
    assert set(lean.files) - set(before) == {verdict["file"]}
    # the project for others is there, and has the same theorem
    project = lean.folder / "project"
    text = (project / "Certificate.lean").read_text()
    assert "theorem distillation_certificate" in text and "#print axioms" in text
    assert {"lakefile.lean", "lean-toolchain", "PyOrch"} <= {p.name for p in project.iterdir()}


def test_for_people(lean: Cli, certificate: Path) -> None:
    result = lean("verify", certificate, "--quiet")
    assert (result.code, result.err) == (0, "")
    assert "PROVED by Lean's kernel" in result.out


def test_of_other_weights(lean: Cli, certificate: Path) -> None:
    result = lean("verify", certificate, "-w", EXAMPLES / "seed" / "leancert.json", "--json")
    assert result.code == 1
    assert result.json["status"] == "open"
    assert "other networks or another box" in result.json["reason"]


def test_of_a_smaller_epsilon(lean: Cli, certificate: Path) -> None:
    """All digests fit; the claim is false or at least not proved."""
    content = read_certificate(certificate)
    old = content.certificate
    smaller = SplitCertificate(old.epsilon / 1000, old.prec, old.refinement, old.tree)
    write_certificate(certificate, CertificateFile.of(content.problem, smaller))
    result = lean("verify", certificate, "--json")
    assert result.code == 1
    assert (result.json["status"], result.json["trust"]) == ("open", None)
    assert "do not prove what it claims on box 1 of 1" in result.json["reason"]


@pytest.fixture
def dual(lean: Cli) -> Path:
    """Of a pair whose layers do not match, so that intervals alone are loose."""
    (lean.folder / "pair.json").write_text(json.dumps(deeper()))
    result = lean("certify", "--weights", "pair.json", "--epsilon", "2", "--json")
    assert (result.code, result.err) == (0, "")
    verdict = result.json
    assert (verdict["status"], verdict["trust"]) == ("proved", "kernel")
    assert verdict["details"]["method"].startswith("linear")
    return lean.folder / verdict["details"]["certificate"]


def test_a_certificate_by_duality(lean: Cli, dual: Path) -> None:
    result = lean("verify", dual, "--json")
    assert (result.code, result.err) == (0, "")
    assert (result.json["status"], result.json["trust"]) == ("proved", "kernel")
    # any multipliers prove some bound, but hardly this one
    content = read_certificate(dual)
    old = content.certificate
    assert old.dual is not None
    steps = tuple(Multipliers((10**6,) * 2, (10**6,) * 2) for _ in range(3))
    wrong = replace(old, dual=replace(old.dual, upper=(steps,), lower=(steps,)))
    write_certificate(dual, CertificateFile.of(content.problem, wrong))
    result = lean("verify", dual, "--json")
    assert (result.code, result.json["status"]) == (1, "open")
    smaller = replace(old, epsilon=Fraction(17, 10))
    write_certificate(dual, CertificateFile.of(content.problem, smaller))
    assert lean("verify", dual, "-q").code == 1


def test_a_certificate_by_affine_forms(lean: Cli) -> None:
    """Of a pair for which intervals and forms with fewer symbols prove a tenfold ε."""
    relu, plain = Activation.RELU, Activation.IDENTITY
    teacher, student = (
        Network(
            (
                Layer(((a, 9), (-5, -4)), (8, -6), 8, relu),
                Layer(((8, 4), (6, 4)), (-9, 1), 8, relu),
                Layer(((2, -6), (-5, -8)), (-1, 1), 8, relu),
                Layer(((-8, 5),), (0,), 8, plain),
            )
        )
        for a in (2, 3)
    )
    problem = CertificationProblem(teacher, student, Box((-1, -1), (1, 1), 1), None, "", "pair")
    dual = DualCertificate(16, symbols=(3, 3, 3, 0))
    epsilon = DualBounds.of(problem, dual).epsilon(dual)
    asked = replace(problem, epsilon=epsilon)
    proof = SplitCertificate(epsilon, 16, 0, LEAF, dual)
    file = lean.folder / "forms.cert"
    write_certificate(file, CertificateFile.of(asked, proof))
    result = lean("verify", file, "--json")
    assert (result.code, result.err) == (0, "")
    assert (result.json["status"], result.json["trust"]) == ("proved", "kernel")
    for symbols in ((), (3, 3), (3, 0, 0, 0), (0, 3, 3, 0)):
        wrong = replace(proof, dual=replace(dual, symbols=symbols))
        write_certificate(file, CertificateFile.of(asked, wrong))
        assert lean("verify", file, "-q").code == 1
    smaller = replace(proof, epsilon=epsilon * Fraction(999, 1000))
    write_certificate(file, CertificateFile.of(asked, smaller))
    assert lean("verify", file, "-q").code == 1


def test_an_altered_file(lean: Cli, certificate: Path) -> None:
    data = bytearray(certificate.read_bytes())
    data[-20] ^= 1
    certificate.write_bytes(data)
    result = lean("verify", certificate)
    assert (result.code, result.out) == (2, "")
    assert "body_sha256" in result.err and len(result.err.splitlines()) == 1


def test_a_file_that_is_none(cli: Cli) -> None:
    shutil.copy(WEIGHTS, cli.folder / "a.cert")
    result = cli("verify", "a.cert", "--json")
    assert result.code == 2
    assert json.loads(result.out)["error"]["kind"] == "InputError"


def test_a_project_goes_to_an_empty_folder(cli: Cli) -> None:
    (cli.folder / "full").mkdir()
    (cli.folder / "full" / "mine").touch()
    result = cli("certify", "--weights", WEIGHTS, "--emit-lean", "full")
    assert (result.code, result.out) == (2, "")
    assert "not empty" in result.err
    assert set(cli.files) == {"full/mine"}
