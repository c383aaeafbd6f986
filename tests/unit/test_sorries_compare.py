"""Following declarations over time, and the gate."""

from __future__ import annotations

from pyorch.sorries.compare import compare, follow, gate, threads
from pyorch.sorries.model import Declared, Problem, Reach, Scan, Sorry, count
from tests.unit.sorries_values import run, sorry


def kinds(before: list[Sorry], after: list[Sorry]) -> list[tuple[str, ...]]:
    return [c.kinds for c in compare(before, Scan(tuple(after))).changes]


def test_what_stays_is_no_change() -> None:
    assert kinds([sorry()], [sorry(line=7)]) == [()]


def test_added_and_closed() -> None:
    assert kinds([sorry("a", statement=1)], [sorry("b", statement=2)]) == [("added",), ("closed",)]


def test_unchanged_statements_are_followed() -> None:
    assert kinds([sorry("a")], [sorry("b")]) == [("renamed",)]
    assert kinds([sorry("a", "A.lean")], [sorry("a", "B.lean")]) == [("moved",)]
    assert kinds([sorry("a", "A.lean")], [sorry("N.b", "B.lean")]) == [("moved", "renamed")]


def test_names_are_followed_where_the_statement_changes() -> None:
    assert kinds([sorry("a", statement=1)], [sorry("a", statement=2)]) == [("changed",)]
    assert kinds([sorry("a", "A.lean", 1)], [sorry("a", "B.lean", 2)]) == [("moved", "changed")]


def test_the_type_of_a_definition_says_little() -> None:
    f = sorry("f", "A.lean", kind="definition")
    assert kinds([f], [sorry("g", "B.lean", kind="definition")]) == [("added",), ("closed",)]
    assert kinds([f], [sorry("g", "A.lean", kind="definition")]) == [("renamed",)]


def test_examples_have_no_name() -> None:
    one = sorry("example", statement=1, kind="example")
    other = sorry("example", statement=2, kind="example")
    assert kinds([one], [other]) == [("added",), ("closed",)]
    assert kinds([one, other], [other, one]) == [(), ()]


def test_equal_statements_are_not_mixed_up() -> None:
    before = [sorry("a"), sorry("b"), sorry("c")]
    pairs = follow(before, [sorry("c"), sorry("d"), sorry("a")])
    assert [(o and o.name, n and n.name) for o, n in pairs] == [("c", "c"), ("b", "d"), ("a", "a")]


def test_closed_by_a_proof_or_gone() -> None:
    before = [sorry("a", statement=1), sorry("b", statement=2), sorry("f", kind="definition")]
    clean = (
        Declared("renamed", "theorem", "B.lean", f"{1:016x}"),
        Declared("g", "definition", "B.lean", f"{1:016x}"),
    )
    closed = compare(before, Scan(clean=clean)).of("closed")
    assert [(c.before.name, c.proved) for c in closed if c.before] == [
        ("a", True), ("b", False), ("f", False),
    ]  # fmt: skip


def test_counts_and_increase() -> None:
    before = [sorry("a", statement=1), sorry("b", statement=2, reach=Reach.TRANSITIVE)]
    after = (sorry("a", statement=1), sorry("b", statement=2), sorry("c", statement=3))
    comparison = compare(before, Scan(after))
    assert comparison.before == {Reach.DIRECT: 1, Reach.DEFINITION: 0, Reach.TRANSITIVE: 1}
    assert comparison.after == count(after)
    assert comparison.increase == 2
    assert [s.name for s in comparison.newly_direct] == ["b", "c"]


def test_the_gate_lets_pass_what_nobody_asked_about() -> None:
    assert gate(Scan((sorry(),))).exit_code == 0


def test_the_gate_on_any() -> None:
    assert gate(Scan(), fail_on_any=True).exit_code == 0
    found = gate(Scan((sorry(), sorry("b", reach=Reach.TRANSITIVE))), fail_on_any=True)
    assert (found.exit_code, found.reasons) == (
        1,
        ("2 declarations rest on sorry, 1 of them directly",),
    )


def test_the_gate_on_an_increase() -> None:
    new = Scan((sorry("a"), sorry("b", statement=2)))
    failed = gate(new, compare([sorry("a")], new), fail_on_increase=True)
    assert (failed.exit_code, failed.reasons) == (1, ("declarations that use sorry: 2, up from 1",))
    assert [s.name for s in failed.blamed] == ["b"]
    exchanged = Scan((sorry("b", statement=2),))
    assert gate(exchanged, compare([sorry("a")], exchanged), fail_on_increase=True).exit_code == 0
    more_below = Scan((sorry("a"), sorry("b", statement=2, reach=Reach.TRANSITIVE)))
    assert gate(more_below, compare([sorry("a")], more_below), fail_on_increase=True).exit_code == 0
    assert gate(new, None, fail_on_increase=True).exit_code == 0


def test_a_file_that_does_not_elaborate_never_passes() -> None:
    scan = Scan(problems=(Problem("A.lean", 1, "?"), Problem("A.lean", 2, "?")), files=1)
    assert gate(scan).exit_code == 2
    assert gate(scan, fail_on_any=True, fail_on_increase=True).reasons == (
        "1 file does not elaborate",
    )


def test_threads_know_since_when() -> None:
    a, b = sorry("a", statement=1), sorry("b", statement=2)
    runs = [
        run(a, commit=1),
        run(commit=2, problem="does not elaborate"),
        run(sorry("a'", statement=1), b, commit=3),
        run(b, commit=4),
        run(b, commit=5),
    ]
    told = {
        t.latest.name: (t.since.subject, t.closed.subject if t.closed else None)
        for t in threads(runs)
    }
    assert told == {"a'": ("step 1", "step 4"), "b": ("step 3", None)}
