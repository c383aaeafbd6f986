"""Reports for people and programs."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from fractions import Fraction

import pytest
from rich.console import Console, RenderableType

from pyorch import claims
from pyorch.errors import InputError, PyorchError, ServerTimeout, UsageError
from pyorch.model import Status, Trust, Verdict, Witness
from pyorch.report import words
from pyorch.report.json import SCHEMA, dumps, error_json, verdict_json
from pyorch.report.markdown import verdict_markdown
from pyorch.report.text import render_families, render_family, render_verdict
from tests.unit.report_verdicts import MAIN, OPEN, PROVED, REFUTED_FORM


def shown(renderable: RenderableType, width: int = 100) -> str:
    """What a file or pipe gets, without the spaces that fill up lines."""
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    console.print(renderable)
    assert isinstance(console.file, io.StringIO)
    return "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().splitlines())


# ---- text ----------------------------------------------------------------------------------------


def test_a_proved_verdict_says_what_it_rests_on() -> None:
    text = shown(render_verdict(PROVED))
    for part in (
        "PROVED by Lean's kernel",
        "with bits = 4, scale = 1/8",
        "In Lean, namespace PyOrch.Emitted.int4:",
        "  theorem quantization_error_bound :\n    ∀ (x : Rat),\n      AbsLE x (1 / 16)\n",
        "points   100,024 (seed 0)",
        "fails at  x = 1: |1 - 7/8| = 1/8 > 1/16",
        "ratio      1",
        "axioms     Quot.sound, propext",
        "standard-library theorems without bodies: 157",
        "embedded Lean 4.28.0-pre (38f3c0c45b)",
        "emit 0.01 s, elaborate 1.20 s; 1.21 s in all",
    ):
        assert part in text
    assert "Lean said" not in text
    assert "The audit found" not in text


def test_nothing_is_said_of_bodies_where_all_are_there() -> None:
    complete = replace(PROVED, theorems=tuple(replace(t, bodyless=0) for t in PROVED.theorems))
    assert "bodies" not in shown(render_verdict(complete))


def test_an_open_verdict_shows_the_errors_as_they_are() -> None:
    text = shown(render_verdict(OPEN))
    assert "OPEN" in text
    assert "The audit found:\n  - it does not elaborate\n" in text
    assert "- a.lean:7:2: error: [red]odd[/red] | \\u001b[31m\\u202e" in text
    assert "unused" not in text
    assert "\x1b" not in text


def test_theorems_of_several_namespaces_keep_their_names() -> None:
    mixed = replace(
        PROVED, theorems=(*PROVED.theorems, replace(PROVED.theorems[0], name="Other.t"))
    )
    text = shown(render_verdict(mixed))
    assert f"theorem {MAIN} :" in text
    assert "theorem Other.t :" in text


@pytest.mark.parametrize("width", [20, 40, 200])
def test_any_width_will_do(width: int) -> None:
    lines = shown(render_verdict(PROVED), width).splitlines()
    assert max(map(len, lines)) <= width


def test_claims_are_listed_with_their_parameters() -> None:
    assert "quantization_error_bound" in shown(render_families(claims.all_families()))
    for family in claims.all_families():
        text = " ".join(shown(render_family(family)).split())
        assert all(p.name in text and p.default_text in text for p in family.parameters)
        assert all(" ".join(seed.why_false.split()) in text for seed in family.seeds)


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("trust", [None, *Trust])
def test_every_status_and_tier_has_a_headline(status: Status, trust: Trust | None) -> None:
    verdict = replace(PROVED, status=status, trust=trust)
    headline = words.headline(verdict)
    assert headline.startswith(status.upper())
    assert ("kernel" in headline) == (trust in (Trust.KERNEL, Trust.COMPILED))
    shown(render_verdict(verdict))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(1, 16), "1/16"),
        (Fraction(-(10**22)), "-1" + "0" * 22),
        (Fraction(10**30), "≈ 1.00e+30"),
        (Fraction(1, 3 * 10**29), "≈ 3.33e-30"),
        (Fraction(-(10**400), 3), "≈ -3.33e+399"),
        (Fraction(1, 7 * 10**400), "≈ 1.43e-401"),
        (Fraction(0), "0"),
    ],
)
def test_long_numbers_are_abbreviated(value: Fraction, text: str) -> None:
    assert words.short(value) == text


def test_long_witnesses_are_abbreviated() -> None:
    witness = Witness(tuple((f"x[{i}]", Fraction(i)) for i in range(64)), "too far")
    text = words.counterexample(witness)
    assert text.startswith("x[0] = 0, x[1] = 1, ")
    assert text.endswith("x[7] = 7 and 56 more: too far")


# ---- JSON ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", [PROVED, OPEN])
def test_json_reads_back(verdict: Verdict) -> None:
    value = verdict_json(verdict)
    assert json.loads(dumps(value)) == value
    assert value["schema"] == SCHEMA == "pyorch-verdict-1"


def test_json_has_exact_numbers_as_text() -> None:
    value = json.loads(dumps(verdict_json(PROVED)))
    assert value["status"] == "proved"
    assert value["trust"] == "kernel"
    assert value["claim"]["parameters"] == {"bits": "4", "scale": "1/8"}
    assert value["theorems"][0]["bodyless"] == 157
    assert value["evidence"][1] == {
        "checked": REFUTED_FORM.checked,
        "samples": 100046,
        "seed": 0,
        "largest": str(10**30),
        "bound": "1/16",
        "counterexample": {"inputs": {"x": "1"}, "explanation": "|1 - 7/8| = 1/8 > 1/16"},
    }
    assert value["toolchain"]["kind"] == "embedded"
    assert value["audit"]["passed"] is True
    assert value["timings"] == [
        {"stage": "emit", "seconds": 0.01},
        {"stage": "elaborate", "seconds": 1.2},
    ]


def test_json_of_an_open_verdict_has_nulls() -> None:
    value = json.loads(dumps(verdict_json(OPEN)))
    assert (value["trust"], value["toolchain"], value["file"]) == (None, None, None)
    assert value["audit"]["passed"] is False
    assert value["diagnostics"][1]["end"] is None


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (UsageError("no claim is called 'x'"), "UsageError", 2),
        (InputError("w.json", "box.lower", "NaN is not finite"), "InputError", 2),
        (ServerTimeout("60 s"), "ServerTimeout", 3),
    ],
)
def test_errors_have_their_kind_and_exit_code(error: PyorchError, kind: str, code: int) -> None:
    assert json.loads(dumps(error_json(error))) == {
        "schema": SCHEMA,
        "error": {"kind": kind, "message": str(error), "exit_code": code},
    }


def test_text_without_utf8_stays_ascii() -> None:
    text = dumps({"file": "\udcff α"})
    text.encode()
    assert json.loads(text) == {"file": "\udcff α"}
    assert dumps({"file": "α"}) == '{\n  "file": "α"\n}\n'


# ---- Markdown ------------------------------------------------------------------------------------


def test_markdown_has_the_theorems_as_code_and_the_rest_as_tables() -> None:
    text = verdict_markdown(PROVED)
    assert text.startswith("## quantization_error_bound: PROVED by Lean's kernel\n\n")
    assert f"```lean\ntheorem {MAIN} :\n  ∀ (x : Rat),\n    AbsLE x (1 / 16)\n```\n" in text
    assert "| bits | 4 |\n" in text
    assert "| x = 1: \\|1 - 7/8\\| = 1/8 \\> 1/16 |\n" in text


def test_markdown_cells_keep_their_columns() -> None:
    for line in verdict_markdown(PROVED).splitlines():
        if line.startswith("| the "):
            assert line.replace("\\|", "").count("|") == 6


def test_code_cannot_end_its_fence() -> None:
    hostile = replace(PROVED.theorems[0], type="x\n```\n<script>")
    text = verdict_markdown(replace(PROVED, theorems=(hostile,)))
    assert "\n````lean\n" in text
    assert text.count("\n````\n") == 1
