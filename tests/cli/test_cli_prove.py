"""``prove``, ``refute`` and ``check`` on the real Lean."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests.cli.runner import Cli

CLAIM = "quantization_error_bound"

PARAMETERS: list[dict[str, str]] = [
    {},
    {"bits": "8", "scale": "0.1", "zero_point": "-3/7"},
    {"bits": "3", "signed": "false", "rounding": "half_up"},
    {"bits": "64", "scale": "1e-30", "zero_point": "1e20", "signed": "false"},
]

VERDICT = {
    "schema", "claim", "status", "trust", "reason", "theorems", "evidence", "diagnostics", "audit",
    "toolchain", "file", "timings", "details",
}  # fmt: skip
THEOREM = {"name", "kind", "type", "statement", "axioms", "bodyless", "start", "end"}

PROGRESS = [f"checking {CLAIM} numerically", "writing Lean", "making the library ready"]
PROGRESS_END = ["Lean is checking", "saving"]


def assignments(parameters: dict[str, str]) -> list[str]:
    return [f"--param={name}={value}" for name, value in parameters.items()]


def stands_alone(lean: Cli, file: str, theorems: set[str]) -> None:
    """The file, taken as it is, passes the audit, and declares the theorems."""
    audited = lean("audit", file, "--json")
    assert (audited.code, audited.err) == (0, "")
    assert (audited.json["passed"], audited.json["trust"]) == (True, "kernel")
    assert theorems <= {t["name"] for t in audited.json["theorems"]}


@pytest.mark.parametrize("parameters", PARAMETERS, ids=str)
def test_prove(lean: Cli, parameters: dict[str, str]) -> None:
    result = lean("prove", CLAIM, *assignments(parameters), "--json")
    assert (result.code, result.err) == (0, "")
    verdict: dict[str, Any] = result.json
    assert set(verdict) == VERDICT
    assert (verdict["status"], verdict["trust"]) == ("proved", "kernel")
    given = verdict["claim"]["parameters"]
    for name, value in parameters.items():
        exact = name in ("scale", "zero_point")
        assert given[name] == (str(Fraction(value)) if exact else value)
    half_step = Fraction(given["scale"]) / 2
    repaired, saturating, seed, derived = verdict["evidence"]
    assert saturating["counterexample"] is None
    assert Fraction(repaired["largest"]) == Fraction(repaired["bound"]) == half_step
    assert repaired["counterexample"] is derived["counterexample"] is None
    assert Fraction(derived["bound"]) == half_step
    assert seed["counterexample"]["explanation"]
    names = [t["name"] for t in verdict["theorems"]]
    assert names[0].endswith(".quantization_error_bound")
    assert names[-1].endswith(".not_unguarded_error_bound")
    for theorem in verdict["theorems"]:
        assert set(theorem) == THEOREM
        assert theorem["kind"] == "theorem"
        assert set(theorem["axioms"]) <= {"propext", "Classical.choice", "Quot.sound"}
    assert verdict["audit"]["passed"] and verdict["audit"]["problems"] == []
    assert [t["name"] for t in verdict["audit"]["theorems"]] == names
    assert verdict["diagnostics"] == []
    assert verdict["toolchain"]["version"].startswith("4.28.")
    assert list(lean.files) == [verdict["file"]]
    stands_alone(lean, verdict["file"], set(names))


def test_prove_for_people(lean: Cli) -> None:
    result = lean("prove", CLAIM, "--output", "größe ∀ x", COLUMNS="200")
    assert result.code == 0
    said = result.err.splitlines()
    assert said[:3] == PROGRESS and said[-2:] == PROGRESS_END
    assert all(line.startswith("compiling ") for line in said[3:-2])
    assert "PROVED by Lean's kernel" in result.out
    assert "fails at  x = 1: |1 - 7/8| = 1/8 > 1/16" in result.out
    assert "embedded Lean" in result.out or "native Lean" in result.out
    assert "\x1b" not in result.out
    assert not set(said) & set(result.out.splitlines())
    (file,) = lean.files
    assert file.startswith("größe ∀ x/") and file in result.out
    # the same again: silent, and the same file
    before = lean.files
    again = lean("prove", CLAIM, "--output", "größe ∀ x", "--quiet", COLUMNS="200")
    assert (again.code, again.err) == (0, "")
    assert lean.files == before


def test_refute(lean: Cli) -> None:
    result = lean("refute", CLAIM, "--param", "bits=5", "--json")
    assert (result.code, result.err) == (0, "")
    verdict = result.json
    assert (verdict["status"], verdict["trust"]) == ("refuted", "kernel")
    assert verdict["reason"].startswith("false: ")
    (theorem,) = verdict["theorems"]
    assert theorem["name"].endswith(".not_unguarded_error_bound")
    assert theorem["type"].startswith("¬")
    (evidence,) = verdict["evidence"]
    assert evidence["counterexample"]["inputs"]["x"]
    stands_alone(lean, verdict["file"], {theorem["name"]})


def test_check(cli: Cli) -> None:
    one = cli("check", CLAIM, "--param", "bits=6", "--seed", "7", "--json")
    assert (one.code, one.err) == (0, "")
    assert one.json["schema"] == "pyorch-check-1"
    (verdict,) = one.json["verdicts"]
    assert set(verdict) == VERDICT
    assert (verdict["status"], verdict["trust"], verdict["file"]) == ("open", None, None)
    assert all(e["seed"] == 7 for e in verdict["evidence"])
    human = cli("check", CLAIM)
    assert human.code == 0
    assert "OPEN" in human.out and "PROVED" not in human.out
    assert human.err == f"checking {CLAIM} numerically\n"
    assert cli.files == {}


def test_check_everything(cli: Cli) -> None:
    result = cli("check", "--json", PYORCH_SAMPLES="2000")
    assert (result.code, result.err) == (0, "")
    names = [v["claim"]["name"] for v in result.json["verdicts"]]
    assert names == [c["name"] for c in cli("list", "--json").json["claims"]]
    for verdict in result.json["verdicts"]:
        assert (verdict["status"], verdict["trust"]) == ("open", None)
    human = cli("check", PYORCH_SAMPLES="2000")
    assert human.code == 0
    assert human.err.splitlines() == names
    assert all(name in human.out for name in names)
    assert cli.files == {}


def test_refute_everything(lean: Cli) -> None:
    result = lean("refute", "--all", "--json")
    assert result.code == 0, result.out
    assert result.json["schema"] == "pyorch-catalogue-1"
    for verdict in result.json["verdicts"]:
        assert (verdict["status"], verdict["trust"]) == ("refuted", "kernel")
        assert verdict["reason"].startswith("false: ")
    wanted = [
        c
        for c in lean("list", "--json").json["claims"]
        if any(not seed["holds"] for seed in c["seeds"])
    ]
    assert [v["claim"]["name"] for v in result.json["verdicts"]] == [c["name"] for c in wanted]


def test_prove_everything(lean: Cli) -> None:
    result = lean("prove", "--all", "--quiet", COLUMNS="120")
    assert (result.code, result.err) == (0, "")
    names = [c["name"] for c in lean("list", "--json").json["claims"]]
    rows = {row.split()[0]: row.split()[1:3] for row in result.out.splitlines() if row.strip()}
    assert {name: rows[name] for name in names} == {name: ["proved", "kernel"] for name in names}
    assert len(lean.files) == len(names)


@pytest.mark.parametrize("command", ["prove", "refute"])
@pytest.mark.parametrize(
    "arguments", [("--all", CLAIM), ("--all", "--param", "bits=4"), ()], ids=str
)
def test_one_or_all(cli: Cli, command: str, arguments: tuple[str, ...]) -> None:
    result = cli(command, *arguments)
    assert (result.code, result.out) == (2, "")
    assert "--all" in result.err and len(result.err.splitlines()) == 1
    assert cli.files == {}


def test_a_seed_claim_by_its_own_name(lean: Cli) -> None:
    seed = "matmul_fits_groq_sram_corrected"
    result = lean("refute", seed, "--json")
    assert (result.code, result.err) == (0, "")
    (theorem,) = result.json["theorems"]
    assert theorem["name"].endswith(f".not_{seed}")
    assert "458752" in result.json["reason"].replace(",", "")
