"""What needs no Lean: help, version, the catalogue, completion, standard streams."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import pytest

import pyorch
from tests.cli.runner import Cli

COMMANDS = [("prove",), ("certify",), ("audit",), ("toolchain",), ("server", "status")]

#: Modules that cost start-up time, or that belong to extras.
HEAVY = ["jinja2", "lean_dojo", "numpy", "onnx", "openai", "rich.progress", "scipy", "sympy"]


def test_version(cli: Cli) -> None:
    result = cli("--version")
    assert (result.code, result.out, result.err) == (0, f"pyorch {pyorch.__version__}\n", "")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help(cli: Cli, command: tuple[str, ...]) -> None:
    result = cli(*command, "--help")
    assert (result.code, result.err) == (0, "")
    assert f"Usage: pyorch {' '.join(command)}" in result.out


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("prove", "--help")])
def test_help_imports_nothing_heavy(cli: Cli, arguments: tuple[str, ...]) -> None:
    code = f"""
import atexit, sys
atexit.register(lambda: sys.stderr.write(" ".join(m for m in {HEAVY} if m in sys.modules)))
from pyorch.cli import main
main()
"""
    result = Cli(cli.folder, command=(sys.executable, "-c", code))(*arguments)
    assert (result.code, result.err) == (0, "")
    assert result.out


def test_no_command_is_help(cli: Cli) -> None:
    result = cli()
    assert result.code == 2
    assert "Commands" in result.out + result.err


def test_list(cli: Cli) -> None:
    result = cli("list")
    assert (result.code, result.err) == (0, "")
    assert "quantization_error_bound" in result.out


def test_list_json(cli: Cli) -> None:
    result = cli("list", "--json")
    assert (result.code, result.err) == (0, "")
    assert result.json["schema"] == "pyorch-list-1"
    topics = [c["topic"] for c in result.json["claims"]]
    assert len(set(topics)) == sum(a != b for a, b in pairwise([None, *topics])), "topic by topic"


def test_the_parameters_of_a_claim(cli: Cli) -> None:
    human = cli("list", "quantization_error_bound")
    (claim,) = cli("list", "quantization_error_bound", "--json").json["claims"]
    assert human.code == 0
    assert claim["seeds"][0]["why_false"]
    names = [p["name"] for p in claim["parameters"]]
    assert {"bits", "scale", "zero_point", "signed", "rounding"} <= set(names)
    assert all(name in human.out for name in names)
    assert all(p["default"] and p["values"] and p["help"] for p in claim["parameters"])


@pytest.mark.parametrize("command", ["prove", "refute", "check", "list"])
def test_completion_of_claim_names(cli: Cli, command: str) -> None:
    result = cli(
        _PYORCH_COMPLETE="complete_bash", COMP_WORDS=f"pyorch {command} quant", COMP_CWORD="2"
    )
    assert result.code == 0
    assert "quantization_error_bound" in result.out.split()


def test_completion_of_a_name_that_is_none(cli: Cli) -> None:
    result = cli(_PYORCH_COMPLETE="complete_bash", COMP_WORDS="pyorch prove zz", COMP_CWORD="2")
    assert (result.code, result.out.strip()) == (0, "")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_other_encodings(cli: Cli, encoding: str) -> None:
    human = cli("list", "quantization_error_bound", PYTHONIOENCODING=encoding)
    assert (human.code, human.err) == (0, "")
    assert "quantization_error_bound" in human.out
    as_json = cli("list", "--json", PYTHONIOENCODING=encoding)
    assert (as_json.code, as_json.json) == (0, cli("list", "--json").json)


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_standard_output_on_a_full_disk(cli: Cli, options: tuple[str, ...]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    script = f'exec "{sys.executable}" -m pyorch list "$@" > /dev/full'
    result = Cli(cli.folder, command=("/bin/sh", "-c", script, "sh"))(*options)
    assert (result.code, result.err) == (2, "pyorch: No space left on device\n")


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_standard_output_that_is_closed(cli: Cli, options: tuple[str, ...]) -> None:
    script = f'exec "{sys.executable}" -m pyorch list "$@" >&-'
    result = Cli(cli.folder, command=("/bin/sh", "-c", script, "sh"))(*options)
    assert (result.code, result.err) == (2, "pyorch: standard output is closed\n")


def test_standard_error_that_is_closed(cli: Cli) -> None:
    script = f'exec "{sys.executable}" -m pyorch "$@" 2>&-'
    shell = Cli(cli.folder, command=("/bin/sh", "-c", script, "sh"))
    assert shell("list", "--json").json == cli("list", "--json").json
    assert shell("prove", "no_such_claim").code == 2


def test_a_folder_that_was_removed(cli: Cli) -> None:
    script = f'mkdir gone && cd gone && rmdir ../gone && exec "{sys.executable}" -m pyorch "$@"'
    result = Cli(cli.folder, command=("/bin/sh", "-c", script, "sh"))(
        "check", "quantization_error_bound", "--json"
    )
    assert (result.code, result.err) == (0, "")
    assert result.json["verdicts"][0]["status"] == "open"
