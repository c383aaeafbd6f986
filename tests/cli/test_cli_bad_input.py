"""Bad input: one line that names what is wrong, exit code 2, nothing written, no traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runner import Cli, Forked

CLAIM = "quantization_error_bound"


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """There are many of these tests."""
    return Forked(tmp_path)


def problem(**changes: Any) -> dict[str, Any]:
    """A small valid weights file, with fields replaced."""
    net = {"layers": [{"weights": [[1, 0.5]], "bias": [0.25], "activation": "relu"}]}
    whole = {
        "format": "pyorch-pair-1",
        "teacher": net,
        "student": net,
        "box": {"lower": [0, 0], "upper": [1, 1]},
        "epsilon": 0.5,
    }
    return whole | changes


def net(weights: object, bias: object = (0,), activation: str = "relu") -> dict[str, Any]:
    return {"layers": [{"weights": weights, "bias": bias, "activation": activation}]}


#: Name, the file's text, and what the message must name: the field and the value.
FILES: list[tuple[str, str, tuple[str, ...]]] = [
    ("empty", "", ("not valid JSON",)),
    ("malformed", '{"format": "pyorch-pair-1",\n "teacher": }', ("not valid JSON", "line 2")),
    ("cut off", json.dumps(problem())[:-40], ("not valid JSON",)),
    ("nested", "[" * 100_000, ("nested too deeply",)),
    ("not an object", "[1, 2]", ("an array",)),
    ("other format", json.dumps(problem(format="onnx")), ("format", "'onnx'")),
    ("NaN", json.dumps(problem(teacher=net([[1, float("nan")]]))), (
        "teacher.layers[0].weights[0][1]", "NaN")),
    ("infinite", json.dumps(problem(student=net([[float("-inf"), 1]]))), (
        "student.layers[0].weights[0][0]", "-Infinity")),
    ("too large", json.dumps(problem()).replace("0.25", "1e400", 1), (
        "teacher.layers[0].bias[0]", "1e400")),
    ("a word for a weight", json.dumps(problem(teacher=net([["one", 1]]))), (
        "teacher.layers[0].weights[0][0]", "'one'")),
    ("ragged", json.dumps(problem(teacher=net([[1, 2], [3]], [0, 0]))), (
        "teacher.layers[0].weights[1]", "1")),
    ("bias of another length", json.dumps(problem(teacher=net([[1, 2]], [0, 1]))), (
        "teacher.layers[0].bias", "2")),
    ("other inputs", json.dumps(problem(student=net([[1, 2, 3]]))), ("student", "3 inputs")),
    ("other outputs", json.dumps(problem(student=net([[1, 2], [3, 4]], [0, 0]))), (
        "student", "2 outputs")),
    ("no layer", json.dumps(problem(teacher={"layers": []})), ("teacher.layers", "empty")),
    ("unknown activation", json.dumps(problem(teacher=net([[1, 2]], [0], "gelu"))), (
        "teacher.layers[0].activation", "'gelu'")),
    ("lower above upper", json.dumps(problem(box={"lower": [0, 2], "upper": [1, 1]})), (
        "box", "coordinate 1", "2")),
    ("empty box", json.dumps(problem(box={"lower": [], "upper": []})), ("box.lower", "empty")),
    ("box of another dimension", json.dumps(problem(box={"lower": [0], "upper": [1]})), (
        "box.lower", "1")),
    ("negative radius", json.dumps(problem(box={"center": [0, 0], "radius": -1})), (
        "box.radius", "-1")),
    ("epsilon 0", json.dumps(problem(epsilon=0)), ("epsilon", "0")),
    ("negative epsilon", json.dumps(problem(epsilon="-1/3")), ("epsilon", "-1/3")),
    ("epsilon is an object", json.dumps(problem(epsilon={})), ("epsilon", "object")),
    ("too many epsilons", json.dumps(problem(epsilon=[1, 1, 1])), ("epsilon", "3")),
    ("misspelt field", json.dumps(problem(epsilom=1)), ("epsilom",)),
    ("field twice", '{"format": "pyorch-pair-1", "format": "pyorch-pair-1"}', ("format", "twice")),
]  # fmt: skip


def refused(cli: Cli, *arguments: str | Path, names: tuple[str, ...], **env: str) -> None:
    before = cli.files
    result = cli(*arguments, **env)
    assert result.code == 2, result
    assert result.out == ""
    assert result.err.startswith("pyorch: ") and result.err.endswith("\n")
    assert len(result.err.splitlines()) == 1, result.err
    for name in names:
        assert name in result.err
    assert cli.files == before


@pytest.mark.parametrize(("name", "text", "names"), FILES, ids=[f[0] for f in FILES])
def test_weights_files(cli: Cli, name: str, text: str, names: tuple[str, ...]) -> None:
    file = f"{name} ∀.json"
    (cli.folder / file).write_text(text, encoding="utf-8")
    refused(cli, "certify", "--weights", file, names=(file, *names))


def test_the_valid_file_is_valid(cli: Cli) -> None:
    (cli.folder / "w.json").write_text(json.dumps(problem()))
    refused(cli, "certify", "-w", "w.json", "--toolchain", "lean3", names=("--toolchain", "lean3"))


def test_weights_that_are_no_text(cli: Cli) -> None:
    (cli.folder / "w.json").write_bytes(b"\xff\xfe{}")
    refused(cli, "certify", "-w", "w.json", names=("w.json", "UTF-8", "byte 0"))


def test_weights_that_are_missing(cli: Cli) -> None:
    refused(cli, "certify", "-w", "größe ∀.json", names=("größe ∀.json: no such file",))


def test_weights_that_are_a_folder(cli: Cli) -> None:
    (cli.folder / "w").mkdir()
    refused(cli, "certify", "-w", "w", names=("w: is a directory",))


@pytest.mark.parametrize("value", ["0", "-1/2", "nan", "inf", "1/0", "a", "", "1e999999999"])
def test_epsilon(cli: Cli, value: str) -> None:
    (cli.folder / "w.json").write_text(json.dumps(problem()))
    refused(cli, "certify", "-w", "w.json", f"--epsilon={value}", names=("--epsilon", value))


@pytest.mark.parametrize(
    ("assignments", "names"),
    [
        (("bitz=4",), ("'bitz'", "did you mean 'bits'?")),
        (("speed=4",), ("'speed'", "bits, scale, zero_point")),
        (("bits=four",), ("bits", "'four'", "an integer from 1 to 64")),
        (("bits=0",), ("bits", "'0'")),
        (("bits=65",), ("bits", "'65'")),
        (("scale=0",), ("scale", "'0'", "not positive")),
        (("scale=1/0",), ("scale", "'1/0'")),
        (("scale=__import__('os')",), ("scale", "__import__")),
        (("signed=maybe",), ("signed", "'maybe'")),
        (("rounding=half_odd",), ("rounding", "'half_odd'")),
        (("bits=4", "bits=5"), ("bits", "twice")),
        (("bits",), ("'bits'", "name=value")),
        (("bits=4\nscale=1",), ("bits", r"\n")),
    ],
)
def test_parameters(cli: Cli, assignments: tuple[str, ...], names: tuple[str, ...]) -> None:
    options = [f"--param={a}" for a in assignments]
    refused(cli, "prove", CLAIM, *options, "--quiet", names=names)


@pytest.mark.parametrize("command", ["prove", "refute", "check", "list"])
def test_unknown_claims(cli: Cli, command: str) -> None:
    refused(
        cli, command, "quantisation_eror_bound",
        names=("'quantisation_eror_bound'", f"did you mean '{CLAIM}'?"),
    )  # fmt: skip
    refused(cli, command, "a\nb", names=(r"'a\nb'", CLAIM))


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--toolchain", "lean3"), ("--toolchain", "lean3", "embedded")),
        (("--trust", "proof"), ("--trust", "proof", "kernel")),
        (("--timeout", "-1"), ("--timeout", "-1")),
        (("--timeout", "soon"), ("--timeout", "soon")),
        (("--seed", "-1"), ("--seed", "-1")),
        (("--seed", "1.5"), ("--seed", "1.5")),
    ],
)
def test_options(cli: Cli, options: tuple[str, ...], names: tuple[str, ...]) -> None:
    refused(cli, "prove", CLAIM, *options, names=names)


@pytest.mark.parametrize("place", ["a file/x", "a file", "/proc/x", "/dev/null/x", "x" * 300])
def test_outputs_that_cannot_be_written(cli: Cli, place: str) -> None:
    (cli.folder / "a file").write_text("old")
    refused(cli, "prove", CLAIM, "--output", place, names=("--output", place))
    (cli.folder / "w.json").write_text(json.dumps(problem()))
    refused(cli, "certify", "-w", "w.json", "-o", place, names=("--output", place))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PYORCH_SEED", "abc"), ("PYORCH_TIMEOUT", "0"), ("PYORCH_TOOLCHAIN", "lean3"),
        ("PYORCH_TRUST", "none"), ("PYORCH_DAEMON", "perhaps"), ("PYORCH_SAMPLES", "-5"),
    ],
)  # fmt: skip
def test_the_environment(cli: Cli, variable: str, value: str) -> None:
    refused(cli, "prove", CLAIM, names=(variable, value), **{variable: value})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[tool.pyorch]\ntimeout = 'soon'\n", ("tool.pyorch.timeout", "soon")),
        ("[tool.pyorch]\ntimeuot = 5\n", ("tool.pyorch.timeuot",)),
        ("[tool.pyorch]\nseed = [1]\n", ("tool.pyorch.seed", "[1]")),
        ("[tool]\npyorch = 5\n", ("tool.pyorch",)),
        ("[tool.pyorch\n", ("cannot be read", "line 1")),
    ],
)
def test_the_project(cli: Cli, text: str, names: tuple[str, ...]) -> None:
    (cli.folder / "pyproject.toml").write_text(text)
    refused(cli, "prove", CLAIM, names=("pyproject.toml", *names))


@pytest.mark.parametrize("command", ["audit", "build"])
def test_lean_files_that_cannot_be_read(cli: Cli, command: str) -> None:
    refused(cli, command, "nowhere.lean", names=("nowhere.lean", "o such file"))
    (cli.folder / "latin.lean").write_bytes(b"-- gr\xf6\xdfe\n")
    refused(cli, command, "latin.lean", names=("latin.lean", "UTF-8", "byte 5"))


def test_an_audit_of_a_folder(cli: Cli) -> None:
    refused(cli, "audit", ".", names=(".: cannot be read",))


def test_a_build_of_nothing(cli: Cli) -> None:
    (cli.folder / "empty").mkdir()
    refused(cli, "build", "empty", names=("empty: holds no Lean file",))
    (cli.folder / "not-a-name.lean").write_text("")
    refused(cli, "build", "not-a-name.lean", names=("'not-a-name'",))


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (("prove", "nonsense"), "UsageError", "'nonsense'"),
        (("prove", CLAIM, "-p", "bits=0"), "UsageError", "bits"),
        (("prove", CLAIM, "-o", "/proc/x"), "OutputError", "/proc/x"),
        (("certify", "-w", "nowhere.json"), "InputError", "nowhere.json"),
        (("audit", "nowhere.lean"), "InputError", "nowhere.lean"),
        (("prove",), "UsageError", "--all"),
        (("prove", CLAIM, "--nonsense"), "UsageError", "--nonsense"),
        (("list", "nonsense"), "UsageError", "'nonsense'"),
    ],
)
def test_errors_as_json(cli: Cli, arguments: tuple[str, ...], kind: str, message: str) -> None:
    result = cli(*arguments, "--json")
    assert (result.code, result.err) == (2, "")
    assert set(result.json) == {"schema", "error"}
    error = result.json["error"]
    assert set(error) == {"kind", "message", "exit_code"}
    assert (error["kind"], error["exit_code"]) == (kind, 2)
    assert message in error["message"]
    assert cli.files == {}


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("certify", "-w", "größe ∀.json"), ("größe ∀.json: no such file",)),
        (("prove", CLAIM, "-p", "bits=four"), ("bits", "'four'")),
        (("build", "nowhere.lean"), ("nowhere.lean",)),
    ],
)
def test_a_process_of_its_own(
    tmp_path: Path, arguments: tuple[str, ...], names: tuple[str, ...]
) -> None:
    refused(Cli(tmp_path), *arguments, names=names)


def test_a_misspelt_option(cli: Cli) -> None:
    result = cli("prove", CLAIM, "--ouptut", "x")
    assert (result.code, result.out) == (2, "")
    (line,) = result.err.splitlines()
    assert line.startswith("pyorch: No such option: --ouptut")
    assert line.endswith("(see `pyorch prove --help`)")
