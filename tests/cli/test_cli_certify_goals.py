"""``certify`` for classes and for tolerances by output, on the real Lean."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runner import Cli
from tests.cli.test_cli_certify import outputs
from tests.cli.test_cli_verify import deeper

ROOT = Path(__file__).resolve().parent.parent.parent
DIGITS = ROOT / "examples" / "digits"
SEED = ROOT / "examples" / "seed"
GOLDEN = ROOT / "tests" / "golden" / "certify_goals"
CASES = sorted(path.parent.name for path in GOLDEN.glob("*/weights.json"))
TOLERANCES = GOLDEN / "tolerance_for_each_output" / "weights.json"
CLASS = GOLDEN / "class_kept" / "weights.json"


def outputs_at(file: Path, witness: dict[str, str]) -> list[list[Fraction]]:
    """What the teacher and the student have at the witness, which is in the box."""
    pair = json.loads(file.read_text(encoding="utf-8"))
    x = [Fraction(value) for value in witness.values()]
    lower, upper = (map(Fraction, pair["box"][side]) for side in ("lower", "upper"))
    assert all(lo <= v <= hi for lo, v, hi in zip(lower, x, upper, strict=True))
    return [outputs(pair[name], x) for name in ("teacher", "student")]


def choice(values: list[Fraction]) -> int | None:
    top = [i for i, value in enumerate(values) if value == max(values)]
    return top[0] if len(top) == 1 else None


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
        assert verdict["details"]["agreement"].startswith("Lean, exact and NumPy")
        audited = lean("audit", verdict["file"], "--json")
        assert (audited.code, audited.json["trust"]) == (0, "kernel")
        return
    assert all(theorem["type"].startswith("¬") for theorem in verdict["theorems"])
    teacher, student = outputs_at(file, evidence["counterexample"]["inputs"])
    if case.startswith("class"):
        assert choice(teacher) is None or choice(teacher) != choice(student)
    else:
        given = verdict["claim"]["parameters"]
        tolerances = map(Fraction, given["epsilon"].split(", "))
        assert any(
            abs(teacher[int(i)] - student[int(i)]) > epsilon
            for i, epsilon in zip(given["outputs"].split(", "), tolerances, strict=True)
        )


def test_there_are_golden_cases() -> None:
    assert len(CASES) >= 6


@pytest.mark.slow
@pytest.mark.parametrize("name", ["digits", "digits_fp16", "digits_deeper"])
def test_digits_keep_their_class(lean: Cli, name: str) -> None:
    result = lean("certify", "-w", DIGITS / f"{name}.json", "--property", "class", "--json")
    assert (result.code, result.err) == (0, "")
    verdict = result.json
    assert (verdict["status"], verdict["trust"]) == ("proved", "kernel")
    assert verdict["details"]["class"] == "2 (from 0)"
    margin, least = (
        float(verdict["details"][row]) for row in ("margin by intervals", "least margin found")
    )
    assert 0 < margin <= least
    same, chosen = verdict["theorems"]
    assert same["name"].endswith(".same_class")
    assert "SameClass (teacher.eval x) (student.eval x)" in " ".join(same["type"].split())
    assert "Wins 2 (teacher.eval x) ∧ Wins 2 (student.eval x)" in " ".join(chosen["type"].split())


@pytest.mark.slow
def test_a_box_in_which_digits_change(lean: Cli) -> None:
    pair = json.loads((DIGITS / "digits_fp16.json").read_text(encoding="utf-8"))
    pair["box"]["radius"] = "1/2"
    (lean.folder / "wide.json").write_text(json.dumps(pair), encoding="utf-8")
    result = lean("certify", "-w", "wide.json", "--property", "class", "--json")
    assert (result.code, result.json["status"], result.json["trust"]) == (1, "refuted", "kernel")


def absolute_values(margin: float, *directions: list[int]) -> dict[str, Any]:
    """A network whose first output is the margin minus |d·x| for each direction d, with |z| as
    relu(z) + relu(-z), and whose second is 0; as teacher and as student, on [-1, 1]."""
    rows = [[s * v for v in d] for d in directions for s in (1, -1)]
    hidden = {"weights": rows, "bias": [0] * len(rows), "activation": "relu"}
    last = {
        "weights": [[-1] * len(rows), [0] * len(rows)],
        "bias": [margin, 0],
        "activation": "identity",
    }
    net = {"layers": [hidden, last]}
    inputs = len(directions[0])
    return {
        "format": "pyorch-pair-1",
        "teacher": net,
        "student": net,
        "box": {"lower": [-1] * inputs, "upper": [1] * inputs},
        "property": "class",
    }


def test_margins_that_duality_proves(lean: Cli) -> None:
    # 5/4 - |x|: intervals forget that it is the same x in both parts of |x|
    pair = absolute_values(1.25, [1])
    (lean.folder / "dual.json").write_text(json.dumps(pair), encoding="utf-8")
    result = lean("certify", "-w", "dual.json", "--json")
    assert (result.code, result.json["status"], result.json["trust"]) == (0, "proved", "kernel")
    details = result.json["details"]
    assert details["method"] == "linear relaxation"
    rows = ("margin by intervals", "margin by duality", "least margin found")
    assert [details[row] for row in rows] == ["-0.75", "0.25", "0.25"]
    assert "wins_of_dualCheckClass" in (lean.folder / result.json["file"]).read_text()
    assert lean("verify", details["certificate"], "-w", "dual.json", "-q").code == 0


def test_margins_that_need_parts_of_the_box(lean: Cli) -> None:
    # |x + y| + |x - y| is at most 2; at 0 the triangles of both are 2 high
    pair = absolute_values(2.25, [1, 1], [1, -1])
    (lean.folder / "parts.json").write_text(json.dumps(pair), encoding="utf-8")
    result = lean("certify", "-w", "parts.json", "--json")
    assert (result.code, result.json["status"], result.json["trust"]) == (0, "proved", "kernel")
    details = result.json["details"]
    assert details["method"] == "16 parts of the box"
    assert "linear relaxation 12" in details["boxes by method"]
    assert details["boxes by tier"] == "kernel 16, compiled 0, exact 0"
    again = lean("verify", details["certificate"], "-w", "parts.json", "--json")
    assert (again.code, again.json["trust"]) == (0, "kernel")
    assert again.json["details"]["boxes by method"] == details["boxes by method"]


def test_margins_that_nothing_proves(lean: Cli) -> None:
    pair = absolute_values(2.001, [1, 1], [1, -1])
    (lean.folder / "open.json").write_text(json.dumps(pair), encoding="utf-8")
    result = lean("certify", "-w", "open.json", "--max-leaves", "8", "--json")
    assert (result.code, result.json["status"]) == (4, "open")
    reason = "put the margins of class 0 above -6, and duality above -2, not above 0; on "
    assert reason in result.json["reason"]
    assert (
        "the least margin found is 0.001: run it again to go on, with a larger --budget"
        in result.json["reason"]
    )
    assert lean.files.keys() == {"open.json"}


def test_tolerances_by_duality(lean: Cli) -> None:
    (lean.folder / "pair.json").write_text(json.dumps(deeper()))
    result = lean("certify", "-w", "pair.json", "-e", "each", "--json")
    assert (result.code, result.json["trust"]) == (0, "kernel")
    details = result.json["details"]
    smallest = details["epsilon"]
    assert details["method"].startswith("linear")
    assert float(smallest) < float(details["provable by intervals"])
    assert "closeEach_of_dualCheck" in (lean.folder / result.json["file"]).read_text()
    # the same number, given; a smaller one, that parts of the box prove; and one that nothing does
    again = lean("certify", "-w", "pair.json", "--output-index", "0", "-e", smallest, "--json")
    assert (again.code, again.json["details"]["epsilon"]) == (0, smallest)
    assert lean("verify", again.json["details"]["certificate"], "-q").code == 0
    less = str(Fraction(smallest) * Fraction(99, 100))
    result = lean("certify", "-w", "pair.json", "--output-index", "0", "-e", less, "--json")
    assert (result.code, result.json["trust"]) == (0, "kernel")
    assert result.json["details"]["method"].endswith("parts of the box")
    assert "withinAt_of_check" in (lean.folder / result.json["file"]).read_text()
    least = str(Fraction(result.json["evidence"][0]["largest"]) * Fraction(1001, 1000))
    result = lean(
        "certify", "-w", "pair.json", "--output-index", "0", "-e", least, "--max-leaves", "4",
        "--json",
    )  # fmt: skip
    assert (result.code, result.json["status"]) == (4, "open")
    assert ", duality " in result.json["reason"]
    assert " parts of the box, " in result.json["reason"]


def test_an_epsilon_that_few_parts_prove_by_duality(lean: Cli) -> None:
    (lean.folder / "pair.json").write_text(json.dumps(deeper()))
    whole = lean("certify", "-w", "pair.json", "-e", "each", "--json").json["details"]
    assert whole["method"].startswith("linear")
    epsilon = str(Fraction(whole["epsilon"]) * Fraction(9, 10))
    options = ("certify", "-w", "pair.json", "-e", epsilon, "--json")
    by_intervals = lean(*options)
    assert by_intervals.json["details"]["method"].startswith("intervals on ")
    assert int(by_intervals.json["details"]["method"].split()[2]) > 12
    result = lean(*options, "--max-leaves", "12", "--emit-lean", "project")
    verdict, details = result.json, result.json["details"]
    assert (result.code, verdict["status"], verdict["trust"]) == (0, "proved", "kernel")
    # the same claim and the same theorem, by other means
    assert verdict["claim"] == by_intervals.json["claim"]
    (theorem,), (other,) = verdict["theorems"], by_intervals.json["theorems"]
    for field in ("name", "type", "statement"):
        assert theorem[field] == other[field]
    parts = int(details["method"].removesuffix(" parts of the box"))
    assert 2 <= parts <= 12
    assert "linear relaxation" in details["boxes by method"]
    assert details["boxes by tier"] == f"kernel {parts}, compiled 0, exact 0"
    assert "withinAll_of_check" in (lean.folder / verdict["file"]).read_text()
    assert "withinAll_of_check" in (lean.folder / "project" / "Certificate.lean").read_text()
    again = lean("verify", details["certificate"], "-w", "pair.json", "--json")
    assert (again.code, again.json["trust"]) == (0, "kernel")
    assert again.json["claim"]["parameters"]["epsilon"] == epsilon
    assert again.json["details"]["boxes by method"] == details["boxes by method"]
    least = str(Fraction(verdict["evidence"][0]["largest"]) * Fraction(1001, 1000))
    result = lean("certify", "-w", "pair.json", "-e", least, "--max-leaves", "3", "--json")
    assert (result.code, result.json["status"]) == (4, "open")
    assert " parts of the box, " in result.json["reason"]
    assert "duality does" in result.json["reason"]


@pytest.mark.slow
def test_digits_keep_their_class_on_a_larger_box(lean: Cli) -> None:
    pair = json.loads((DIGITS / "digits.json").read_text(encoding="utf-8"))
    pair["box"]["radius"] = "1/10"
    (lean.folder / "large.json").write_text(json.dumps(pair), encoding="utf-8")
    result = lean("certify", "-w", "large.json", "--property", "class", "--json")
    assert (result.code, result.json["trust"]) == (0, "kernel")
    margins = (f"margin by {how}" for how in ("intervals", "duality"))
    by_intervals, by_duality = (float(result.json["details"][row]) for row in margins)
    assert by_intervals < -3
    assert 3 < by_duality <= float(result.json["details"]["least margin found"])


def test_each_output_by_itself(lean: Cli) -> None:
    result = lean("certify", "-w", TOLERANCES, "-e", "each", "--json")
    assert (result.code, result.json["status"]) == (0, "proved")
    assert result.json["claim"]["parameters"]["epsilon"] == "1/4, 1/2, 0"
    assert result.json["details"]["provable by intervals"] == "0.25, 0.5, 0"
    (theorem,) = result.json["theorems"]
    assert "[1 / 4, 1 / 2, 0 / 1]" in theorem["type"]


def test_one_output_with_the_tolerance_of_the_file(lean: Cli) -> None:
    result = lean("certify", "-w", TOLERANCES, "--output-index", "1", "--json")
    assert (result.code, result.json["claim"]["parameters"]["epsilon"]) == (0, "1/2")
    assert "CloseAt 1" in result.json["theorems"][0]["type"]


def test_one_tolerance_on_the_command_line_is_for_all_outputs(lean: Cli) -> None:
    result = lean("certify", "-w", CLASS, "-e", "1/2", "--json")
    assert result.code == 0
    assert result.json["claim"]["name"] == "distillation_certificate"


def test_a_tolerance_that_only_parts_prove(lean: Cli) -> None:
    file = SEED / "leancert_distinct.json"
    options = ("certify", "-w", file, "--output-index", "0", "-e", "1/20", "--json")
    result = lean(*options)
    assert (result.code, result.json["trust"]) == (0, "kernel")
    result = lean(*options, "--max-leaves", "1")
    assert (result.code, result.json["status"]) == (4, "open")
    assert "of output 0, not 0.05" in result.json["reason"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--property", "clas"], "--property clas: is not one of close, class"),
        (
            ["--property", "class", "-e", "1"],
            "--property class --epsilon 1: a class has neither an epsilon nor an output",
        ),
        (["--output-index", "3"], "--output-index 3: there is no output 3: they count from 0 to 2"),
        (["--output-index", "-1"], "--output-index -1: is not the number of an output, from 0"),
        (["-e", "1,2"], "--epsilon 1,2: 2 tolerances for 3 outputs"),
        (["-e", "1,,2"], "--epsilon 1,,2: "),
        (["-e", "0,1,1"], "--epsilon 0,1,1: epsilon 0 of output 0 is not positive"),
        (["--output-index", "1", "-e", "each"], "one output has one epsilon"),
    ],
)
def test_options_that_ask_for_nothing(cli: Cli, options: list[str], message: str) -> None:
    result = cli("certify", "-w", TOLERANCES, *options)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert result.err.count("\n") == 1


def _with(field: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda pair: pair.update({field: value})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_with("property", "near"), "property: 'near' is not one of close, class"),
        (_with("property", "class"), "a class has neither an epsilon nor an output"),
        (_with("output", 1.5), "output: 1.5 is not a whole number"),
        (_with("output", "1"), "output: expected a number"),
        (_with("output", 7), "one output has one epsilon"),
        (_with("epsilon", [1, 2]), "epsilon: 2 tolerances for 3 outputs"),
        (_with("epsilon", []), "epsilon: expected a non-empty array"),
        (_with("epsilon", [1, 0, 1]), "epsilon[1]: 0 is not positive"),
    ],
)
def test_files_that_ask_for_nothing(
    cli: Cli, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    pair = json.loads(TOLERANCES.read_text(encoding="utf-8"))
    change(pair)
    (cli.folder / "bad.json").write_text(json.dumps(pair), encoding="utf-8")
    result = cli("certify", "-w", "bad.json")
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert result.err.startswith("pyorch: bad.json")
    assert result.err.count("\n") == 1


def test_a_class_of_networks_that_end_in_relu(cli: Cli) -> None:
    pair = json.loads(CLASS.read_text(encoding="utf-8"))
    pair["student"]["layers"][-1]["activation"] = "relu"
    (cli.folder / "relu.json").write_text(json.dumps(pair), encoding="utf-8")
    result = cli("certify", "-w", "relu.json")
    assert result.code == 2
    assert "relu.json: property: " in result.err
    assert "the student's has relu" in result.err


def test_more_inputs_than_are_listed(lean: Cli) -> None:
    """Weights and box are packed; so is the point of a refutation."""
    count = 70
    weights = {"weights": [[1] * count, [0] * count], "bias": [1, 0]}
    layer = {**weights, "activation": "identity"}
    pair = {
        "format": "pyorch-pair-1",
        "teacher": {"layers": [layer]},
        "student": {"layers": [{**layer, "bias": [0.75, 0]}]},
        "box": {"lower": [-1] * count, "upper": [i / 64 for i in range(count)]},
    }
    (lean.folder / "wide.json").write_text(json.dumps(pair), encoding="utf-8")

    def certify(*options: str) -> Any:
        return lean("certify", "-w", "wide.json", "--json", *options).json

    assert certify("--epsilon", "0.25")["status"] == "proved"
    text = Path(lean.folder / certify("--epsilon", "0.24")["file"]).read_text(encoding="utf-8")
    assert "not_distillation_certificate" in text and "not_close_of_refutes (signedLanes" in text
    for options in (["--epsilon", "0.24"], ["--property", "class"]):
        refuted = certify(*options)
        assert refuted["status"] == "refuted"
        assert refuted["audit"]["passed"]
