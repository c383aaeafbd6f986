"""Properties of following declarations, of the history file, and of the reports."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from pyorch.report.chart import burndown_svg
from pyorch.report.json import dumps
from pyorch.report.junit import junit
from pyorch.report.sarif import sarif
from pyorch.report.sorries_json import sorries_json
from pyorch.report.sorries_markdown import sorries_markdown
from pyorch.sorries.compare import compare, follow, gate, threads
from pyorch.sorries.history import History
from pyorch.sorries.model import OpenGoal, Problem, Reach, Run, Scan, Sorry, count
from tests.unit.sorries_values import burndown

FEW = st.sampled_from(["a", "b", "N.a", "example"])
WORDS = st.text(max_size=8)
ENCODABLE = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def sorries(words: st.SearchStrategy[str] = FEW) -> st.SearchStrategy[Sorry]:
    return st.builds(
        Sorry,
        name=words,
        kind=st.sampled_from(["theorem", "definition", "example"]),
        file=words,
        line=st.integers(1, 5),
        column=st.just(0),
        statement=st.sampled_from(["0" * 16, "1" * 16, "2" * 16]),
        type=words,
        reach=st.sampled_from(Reach),
        chain=st.lists(words, max_size=2).map(tuple),
        goals=st.lists(st.builds(OpenGoal, st.integers(0, 5), st.just(0), words), max_size=2).map(
            tuple
        ),
    )


def scans(words: st.SearchStrategy[str] = FEW) -> st.SearchStrategy[Scan]:
    problems = st.lists(st.builds(Problem, words, st.integers(0, 3), words), max_size=1)
    return st.builds(
        Scan, st.lists(sorries(words), max_size=6).map(tuple), st.just(()), problems.map(tuple)
    )


def runs(words: st.SearchStrategy[str] = FEW) -> st.SearchStrategy[Run]:
    return st.builds(
        Run,
        commit=st.none() | st.integers(0, 9).map(lambda n: f"{n:040x}"),
        time=st.integers(0, 2**33),
        sorries=st.lists(sorries(words), max_size=5).map(tuple),
        subject=words,
        problem=st.none() | words,
    )


LISTS = st.lists(sorries(), max_size=8)


@given(LISTS, LISTS)
def test_following_is_a_matching(before: list[Sorry], after: list[Sorry]) -> None:
    pairs = follow(before, after)
    assert Counter(o for o, _ in pairs if o) == Counter(before)
    assert [n for _, n in pairs if n] == after
    assert all(o or n for o, n in pairs)
    for old, new in pairs:
        if old and new:  # whatever is followed has its name or its statement in common
            assert old.name == new.name or old.statement == new.statement


@given(LISTS, LISTS)
def test_following_is_greedy(before: list[Sorry], after: list[Sorry]) -> None:
    pairs = follow(before, after)
    lost = [o for o, n in pairs if o and not n and o.is_proposition]
    new = [n for o, n in pairs if n and not o and n.is_proposition]
    assert not {o.statement for o in lost} & {n.statement for n in new}


@given(st.lists(sorries(), max_size=8, unique_by=lambda s: (s.file, s.name, s.statement, s.line)),
       st.randoms())  # fmt: skip
def test_nothing_changes_where_nothing_has(before: list[Sorry], random: object) -> None:
    after = list(before)
    random.shuffle(after)  # type: ignore[attr-defined]
    assert all(c.kinds == () for c in compare(before, Scan(tuple(after))).changes)


@given(LISTS, LISTS)
def test_counts_add_up(before: list[Sorry], after: list[Sorry]) -> None:
    comparison = compare(before, Scan(tuple(after)))
    added, closed = len(comparison.of("added")), len(comparison.of("closed"))
    assert len(after) == len(before) + added - closed
    assert sum(comparison.before.values()) == len(before)
    assert sum(comparison.after.values()) == len(after)
    if comparison.increase > 0:
        assert len(comparison.newly_direct) >= comparison.increase


@given(scans(), LISTS, st.booleans(), st.booleans())
def test_the_gate(scan: Scan, before: list[Sorry], any_: bool, increase: bool) -> None:
    comparison = compare(before, scan)
    result = gate(scan, comparison, fail_on_any=any_, fail_on_increase=increase)
    assert (result.exit_code == 0) == (not result.reasons)
    if scan.problems:
        assert result.exit_code == 2
    elif any_ and scan.sorries:
        assert result.exit_code == 1
    assert set(result.blamed) <= set(scan.sorries)


@given(st.lists(runs(), max_size=6))
def test_threads_are_as_many_as_are_open(history: list[Run]) -> None:
    known = [r for r in history if r.problem is None]
    found = threads(history)
    still = [t for t in found if t.closed is None]
    assert Counter(t.latest for t in still) == Counter(known[-1].sorries if known else ())
    for reach in Reach:
        assert sum(t.latest.reach is reach for t in still) == (
            count(known[-1].sorries)[reach] if known else 0
        )
    assert all(t.since in known and (t.closed is None or t.closed in known) for t in found)


@given(st.lists(runs(ENCODABLE), max_size=4, unique_by=lambda r: r.commit or object()))
def test_the_history_gives_back_what_it_got(given_runs: list[Run]) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "h.db"
        with History(file) as history:
            for run in given_runs:
                history.record(run, "[]")
        with History(file) as history:
            assert history.runs("[]") == tuple(sorted(given_runs, key=lambda r: r.time))


@given(scans(WORDS), st.lists(runs(WORDS), max_size=3), WORDS)
def test_reports_hold_any_text(scan: Scan, before: list[Run], title: str) -> None:
    before = [r for r in before if r.commit is not None]
    result = burndown(scan, *before)
    root = ElementTree.fromstring(junit(result).encode())
    assert int(root.attrib["tests"]) == len(scan.sorries) + len(scan.problems)
    dumps(sarif(result)).encode()
    dumps(sorries_json(result)).encode()
    sorries_markdown(result).encode()
    ElementTree.fromstring(burndown_svg(result.runs, title).encode())
