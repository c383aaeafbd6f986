"""Reports on sorry. The goldens in ``tests/golden/sorries`` are what they should say."""

from __future__ import annotations

import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from pyorch import __version__
from pyorch.errors import OutputError, UsageError
from pyorch.report.chart import burndown_svg
from pyorch.report.json import dumps
from pyorch.report.junit import junit
from pyorch.report.sarif import sarif
from pyorch.report.sorries_files import require_format, write_report
from pyorch.report.sorries_json import sorries_json
from pyorch.report.sorries_markdown import append_step_summary, sorries_markdown
from pyorch.report.sorries_text import render_sorries
from pyorch.report.sorries_words import headline
from pyorch.sorries.burndown import Burndown
from pyorch.sorries.model import Declared, OpenGoal, Reach, Scan
from tests.unit.sorries_values import broken, burndown, example, run, sorry

GOLDEN = Path(__file__).parents[1] / "golden" / "sorries"
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert("x")</script> & |`*_[a](b) \x1b[31m\x00\u202e ]]> {{ x }}'


def text(result: Burndown) -> str:
    console = Console(width=150, file=io.StringIO(), highlight=False)
    console.print(render_sorries(result))
    assert isinstance(console.file, io.StringIO)
    return "".join(line.rstrip() + "\n" for line in console.file.getvalue().splitlines())


def sarif_text(result: Burndown) -> str:
    return dumps(sarif(result)).replace(f'"version": "{__version__}"', '"version": "VERSION"')


@pytest.mark.parametrize("name", ["example", "broken"])
@pytest.mark.parametrize(
    ("ending", "render"),
    [
        ("sarif", sarif_text),
        ("xml", junit),
        ("md", sorries_markdown),
        ("json", lambda b: dumps(sorries_json(b))),
        ("txt", text),
    ],
)
def test_goldens(name: str, ending: str, render) -> None:  # type: ignore[no-untyped-def]
    result = {"example": example, "broken": broken}[name]()
    assert render(result) == (GOLDEN / f"{name}.{ending}").read_text(encoding="utf-8")


@pytest.mark.parametrize("result", [example(), broken(), burndown(Scan())])
def test_sarif_has_what_the_standard_requires(result: Burndown) -> None:
    log = json.loads(dumps(sarif(result)))
    assert log["version"] == "2.1.0"
    (only,) = log["runs"]
    driver = only["tool"]["driver"]
    assert driver["name"]
    rules = {r["id"]: r for r in driver["rules"]}
    assert len(rules) == len(driver["rules"])
    assert all(i["executionSuccessful"] in (True, False) for i in only["invocations"])
    for found in only["results"]:
        assert found["ruleId"] in rules
        assert found["level"] in {"none", "note", "warning", "error"}
        assert found["message"]["text"]
        assert found.get("baselineState", "new") in {"new", "unchanged", "updated", "absent"}
        for place in [*found["locations"], *found.get("relatedLocations", [])]:
            physical = place["physicalLocation"]
            assert " " not in physical["artifactLocation"]["uri"]
            region = physical.get("region", {"startLine": 1, "startColumn": 1})
            assert region["startLine"] >= 1
            assert region["startColumn"] >= 1
    assert len(only["results"]) == len(result.scan.sorries) + len(result.scan.problems)


def test_junit_counts_add_up() -> None:
    root = ElementTree.fromstring(junit(example()))
    assert root.attrib["tests"] == str(len(root.findall(".//testcase"))) == "7"
    assert root.attrib["skipped"] == "5"
    failed = ElementTree.fromstring(junit(burndown(example().scan, fail_on_any=True)))
    assert (failed.attrib["failures"], failed.attrib["skipped"]) == ("5", "0")
    root = ElementTree.fromstring(junit(broken()))
    assert (root.attrib["errors"], root.attrib["failures"]) == ("2", "0")


def test_headlines() -> None:
    assert headline(burndown(Scan())) == "no sorry in 0 declarations"
    one = Scan((sorry(),))
    assert headline(burndown(one)) == "1 declaration uses sorry"
    more = Scan((*one.sorries, sorry("b"), sorry("c", reach=Reach.TRANSITIVE)))
    assert headline(burndown(more, run(sorry()))) == (
        "2 declarations use sorry (1 more), 1 more rests on that"
    )
    assert headline(burndown(one, run(sorry(), sorry("b"), sorry("c")))) == (
        "1 declaration uses sorry (2 fewer)"
    )
    assert "no sorry" not in headline(broken())
    assert headline(broken()) == "2 files do not elaborate: no count is complete"


def hostile() -> Burndown:
    bad = sorry(HOSTILE, HOSTILE, chain=(HOSTILE,), reach=Reach.TRANSITIVE)
    goal = sorry("g", HOSTILE, 2, goals=(OpenGoal(1, 1, HOSTILE),), kind=HOSTILE)
    clean = (Declared(HOSTILE, HOSTILE, HOSTILE, "0"),)
    return burndown(Scan((bad, goal), clean, (), 1), run(problem=HOSTILE), run(commit=2))


def test_hostile_text_stays_text() -> None:
    result = hostile()
    ElementTree.fromstring(junit(result))
    json.loads(dumps(sarif(result)))
    json.loads(dumps(sorries_json(result)))
    for shown in (sorries_markdown(result), text(result), junit(result)):
        assert "\x1b" not in shown
        assert "\x00" not in shown
        assert "\u202e" not in shown
    assert "<script" not in sorries_markdown(result).replace(r"\<script", "")
    assert all(line.count(" | ") == 4 for line in sorries_markdown(result).splitlines()
               if line.startswith("| ") and "---" not in line)  # fmt: skip
    assert "<script" not in burndown_svg(result.runs, title=HOSTILE)
    ElementTree.fromstring(burndown_svg(result.runs, title=HOSTILE))


def test_the_chart_draws_what_there_was() -> None:
    definition = sorry("d", reach=Reach.DEFINITION)
    runs = [
        run(sorry("a"), sorry("b"), definition, commit=1),
        run(sorry("a"), commit=2),
        run(commit=3, problem="broken"),
        run(commit=4),
    ]
    svg = ElementTree.fromstring(burndown_svg(runs))
    paths = {p.attrib["class"]: p.attrib["d"] for p in svg.iter(f"{SVG}path")}
    # 776 wide, 196 high, four runs, three declarations
    assert paths["direct"] == (
        "M60 137.33L254 137.33L254 202.67L448 202.67L448 268L254 268L254 268L60 268Z"
    )
    assert paths["definition"].startswith("M60 72L254 72L254 202.67")
    bands = [r for r in svg.iter(f"{SVG}rect") if r.attrib.get("class") == "unknown"]
    assert {"448.0"} == {b.attrib["x"] for b in bands if b.attrib["width"] == "194.0"}
    said = "".join(svg.itertext())
    assert "use sorry: 0" in said
    assert "does not elaborate" in said
    assert "2026-01-05" in said
    assert "2 on 2026-01-02, 0 on 2026-01-05" in said


def test_a_chart_of_nothing_and_of_much() -> None:
    ElementTree.fromstring(burndown_svg([]))
    ElementTree.fromstring(burndown_svg([run(commit=1, problem="?")]))
    many = [run(*(sorry(f"a{i}") for i in range(n)), commit=n) for n in range(1, 300)]
    svg = ElementTree.fromstring(burndown_svg(many))
    dates = [t for t in svg.iter(f"{SVG}text") if (t.text or "").startswith("202")]
    assert len(dates) == 8
    scans = burndown_svg([run(sorry(), commit=None), run(commit=None)])
    assert "scans" in scans
    assert "now" in scans


def test_the_summary_of_a_step(tmp_path: Path) -> None:
    file = tmp_path / "summary.md"
    environ = {"GITHUB_STEP_SUMMARY": str(file)}
    assert append_step_summary("one\n", environ)
    assert append_step_summary("two\n", environ)
    assert file.read_text() == "one\ntwo\n"
    assert not append_step_summary("three", {})
    with pytest.raises(OutputError):
        append_step_summary("", {"GITHUB_STEP_SUMMARY": str(tmp_path)})


def test_long_tables_are_cut() -> None:
    many = Scan(tuple(sorry(f"a{i}", type="x" * 1000) for i in range(700)))
    shown = sorries_markdown(burndown(many))
    assert "and 200 more." in shown
    assert len(shown) < 1_000_000


def test_reports_as_files(tmp_path: Path) -> None:
    for ending, start in (
        (".json", "{"), (".md", "## "), (".SARIF", "{"), (".svg", "<svg"), (".xml", "<?xml"),
    ):  # fmt: skip
        file = tmp_path / "new" / f"report{ending}"
        require_format(file)
        write_report(example(), file)
        assert file.read_text(encoding="utf-8").startswith(start)
    for name in ("report", "report.txt", ".svg"):
        with pytest.raises(UsageError, match=r"has to end with one of \.json"):
            require_format(tmp_path / name)
