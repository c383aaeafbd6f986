"""``certify`` on the real Lean."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runner import Cli

ROOT = Path(__file__).resolve().parent.parent.parent
SEED = ROOT / "examples" / "seed"
DIGITS = ROOT / "examples" / "digits"
GOLDEN = ROOT / "tests" / "golden" / "certify"
CASES = sorted(path.parent.name for path in GOLDEN.glob("*/weights.json"))

#: File, whether it leaves ε open, and what ε and the largest gap may not be worse than.
EXAMPLES = [
    (SEED / "leancert.json", "3", "0"),
    (SEED / "leancert_distinct.json", "1/4", "0.0285"),
    pytest.param(DIGITS / "digits.json", "0.45", "0.4489", marks=pytest.mark.slow),
    pytest.param(DIGITS / "digits_fp16.json", "0.00204", "0.002", marks=pytest.mark.slow),
]


def outputs(net: Any, x: list[Fraction]) -> list[Fraction]:
    """A network's outputs in exact arithmetic, straight from the file."""
    for layer in net["layers"]:
        x = [
            sum((Fraction(w) * v for w, v in zip(row, x, strict=True)), Fraction(bias))
            for row, bias in zip(layer["weights"], layer["bias"], strict=True)
        ]
        if layer["activation"] == "relu":
            x = [max(v, Fraction(0)) for v in x]
    return x


def is_far(file: Path, witness: dict[str, str], epsilon: Fraction) -> bool:
    """Is the witness in the box, with a gap above ε?"""
    pair = json.loads(file.read_text(encoding="utf-8"))
    x = [Fraction(value) for value in witness.values()]
    lower, upper = (pair["box"][side] for side in ("lower", "upper"))
    assert all(lo <= v <= hi for lo, v, hi in zip(lower, x, upper, strict=True))
    teacher, student = outputs(pair["teacher"], x), outputs(pair["student"], x)
    return max(abs(t - s) for t, s in zip(teacher, student, strict=True)) > epsilon


@pytest.mark.parametrize(("file", "epsilon", "gap"), EXAMPLES)
def test_examples(lean: Cli, file: Path, epsilon: str, gap: str) -> None:
    result = lean("certify", "--weights", file, "--json")
    assert (result.code, result.err) == (0, "")
    verdict = result.json
    assert (verdict["status"], verdict["trust"]) == ("proved", "kernel")
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    given = verdict["claim"]["parameters"]
    assert (given["weights"], given["sha256"]) == (file.name, sha256)
    proved = Fraction(given["epsilon"])
    (evidence,) = verdict["evidence"]
    largest = Fraction(evidence["largest"])
    assert Fraction(gap) <= largest <= proved <= Fraction(epsilon)
    assert evidence["counterexample"] is None
    details = verdict["details"]
    on_the_whole_box = Fraction(details["provable by intervals"])
    if "boxes by tier" in details:
        assert proved < on_the_whole_box
        assert details["boxes by tier"].endswith("compiled 0, exact 0")
    else:
        assert on_the_whole_box <= proved
    assert float(details["epsilon"]) == pytest.approx(float(proved), rel=1e-5)
    assert float(details["largest gap found"]) == pytest.approx(float(largest), rel=1e-5)
    if largest:
        assert float(details["ratio"]) == pytest.approx(float(proved / largest), rel=1e-2)
    assert details["weights sha256"] == sha256
    assert details["agreement"].startswith("Lean, exact and NumPy evaluation agree")
    (theorem,) = verdict["theorems"]
    assert theorem["name"].endswith(".distillation_certificate")
    assert sha256[:16] in theorem["name"]
    assert set(theorem["axioms"]) <= {"propext", "Classical.choice", "Quot.sound"}
    assert set(lean.files) == {verdict["file"], details["certificate"]}
    audited = lean("audit", verdict["file"], "--json")
    assert (audited.code, audited.json["trust"]) == (0, "kernel")


@pytest.mark.parametrize("case", CASES)
def test_golden(lean: Cli, case: str) -> None:
    file = GOLDEN / case / "weights.json"
    expected = json.loads((GOLDEN / case / "expected.json").read_text(encoding="utf-8"))
    result = lean("certify", "-w", file, "--json")
    assert (result.code, result.err) == (expected["exit_code"], "")
    verdict = result.json
    assert (verdict["status"], verdict["trust"]) == (expected["status"], expected["trust"])
    assert verdict["audit"]["passed"]
    (evidence,) = verdict["evidence"]
    if verdict["status"] == "proved":
        assert evidence["counterexample"] is None
        return
    epsilon = Fraction(verdict["claim"]["parameters"]["epsilon"])
    assert is_far(file, evidence["counterexample"]["inputs"], epsilon)
    (theorem,) = verdict["theorems"]
    assert theorem["type"].startswith("¬")
    assert verdict["reason"].startswith("an input in the box has a gap of ")


def test_there_are_golden_cases() -> None:
    assert len(CASES) >= 4


def test_an_epsilon_above_the_gap_that_intervals_do_not_prove(lean: Cli) -> None:
    result = lean("certify", "-w", SEED / "leancert_distinct.json", "-e", "1/20", "--json",
                  "--max-leaves", "1")  # fmt: skip
    assert (result.code, result.err) == (4, "")
    verdict = result.json
    assert (verdict["status"], verdict["trust"], verdict["file"]) == ("open", None, None)
    assert verdict["theorems"] == [] and verdict["audit"] is None
    assert verdict["claim"]["parameters"]["epsilon"] == "1/20"
    assert "not 0.05" in verdict["reason"]
    assert lean.files == {}


def test_an_epsilon_below_the_gap(lean: Cli) -> None:
    file = SEED / "leancert_distinct.json"
    result = lean("certify", "-w", file, "-e", "0.01", COLUMNS="200")
    assert result.code == 1
    assert "REFUTED by Lean's kernel" in result.out
    assert "fails at" in result.out
    verdict = lean("certify", "-w", file, "-e", "0.01", "--json").json
    assert (verdict["status"], verdict["trust"]) == ("refuted", "kernel")
    witness = verdict["evidence"][0]["counterexample"]["inputs"]
    assert is_far(file, witness, Fraction("0.01"))


def test_weights_changed_after_certification(lean: Cli) -> None:
    file = lean.folder / "w.json"
    text = (SEED / "leancert_distinct.json").read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    before = lean("certify", "-w", file, "--json").json
    pair = json.loads(text)
    pair["student"]["layers"][0]["weights"][0][0] += 2**-30
    file.write_text(json.dumps(pair), encoding="utf-8")
    after = lean("certify", "-w", file, "--json").json
    assert before["status"] == after["status"] == "proved"
    for field in ("name", "statement"):
        assert before["theorems"][0][field] != after["theorems"][0][field]
    assert before["details"]["weights sha256"] != after["details"]["weights sha256"]
    assert before["file"] != after["file"]
    assert {before["file"], after["file"]} < set(lean.files)
    # neither certificate passes for the other, even under the other's name
    old = (lean.folder / before["file"]).read_text(encoding="utf-8")
    spaces = [v["theorems"][0]["name"].rpartition(".")[0] for v in (before, after)]
    (lean.folder / "Old.lean").write_text(old.replace(*spaces), encoding="utf-8")
    for forged in (before["file"], "Old.lean"):
        audited = lean("audit", forged, "--asked", after["file"], "--json")
        assert (audited.code, audited.json["passed"]) == (1, False)
        assert audited.json["problems"]


def test_text_of_the_file_does_not_become_lean(lean: Cli) -> None:
    pair = json.loads((SEED / "leancert.json").read_text(encoding="utf-8"))
    pair["description"] = "-/ axiom evil : False /-\n\naxiom evil : False"
    file = lean.folder / "größe ∀ -- axiom evil : False.json"
    file.write_text(json.dumps(pair), encoding="utf-8")
    result = lean("certify", "-w", file.name, "--output", "a b/ψ", "--json")
    assert (result.code, result.err) == (0, "")
    verdict = result.json
    assert verdict["claim"]["parameters"]["weights"] == file.name
    assert verdict["file"].startswith("a b/ψ/")
    assert verdict["audit"]["theorems"][0]["axioms"] == []
    lines = lean.files[verdict["file"]].decode().splitlines()
    assert not [line for line in lines if line.lstrip().startswith("axiom")]
    assert lean("audit", verdict["file"]).code == 0


def test_an_epsilon_that_takes_splitting(lean: Cli) -> None:
    file = SEED / "leancert_distinct.json"
    result = lean("certify", "-w", file, "-e", "1/20", "--workers", "1", "--json")
    assert (result.code, result.err) == (0, "")
    verdict = result.json
    assert (verdict["status"], verdict["trust"]) == ("proved", "kernel")
    assert verdict["claim"]["parameters"]["epsilon"] == "1/20"
    kernel, _, others = verdict["details"]["boxes by tier"].partition(", ")
    assert others == "compiled 0, exact 0"
    assert int(kernel.removeprefix("kernel ")) > 1
    (theorem,) = verdict["theorems"]
    assert theorem["name"].endswith(".distillation_certificate")
    assert lean("audit", verdict["file"]).code == 0
    assert lean("verify", verdict["details"]["certificate"], "-w", file).code == 0
