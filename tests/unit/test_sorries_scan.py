"""Scanning, with a scripted server in place of Lean."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pyorch.errors import InputError, ServerCrashed, ServerTimeout, UsageError
from pyorch.lean.remote import RemoteServer
from pyorch.sorries.burndown import track
from pyorch.sorries.model import Reach, Scan
from pyorch.sorries.scan import scan
from tests.unit.test_sorries_git import git


class Scripted(RemoteServer):
    """Reads a text a line a declaration: ``name``, ``name sorry``, ``name uses other``, ``error``,
    ``crash`` or ``timeout``."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    def call(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append((method, arguments["module"]))
        messages: list[dict[str, Any]] = []
        declarations: list[dict[str, Any]] = []
        for number, line in enumerate(arguments["text"].splitlines(), 1):
            start = {"line": number, "column": 0}
            match line.split():
                case ["error"]:
                    messages.append(
                        {"severity": "error", "start": start, "end": None, "text": "wrong\n  here"}
                    )
                case ["crash"]:
                    raise ServerCrashed("it ended")
                case ["timeout"]:
                    raise ServerTimeout("it took too long")
                case [name, *how]:
                    declarations.append(
                        {
                            "name": name, "kind": "theorem", "type": "P", "statement": "7",
                            "start": start, "end": start, "bodyless": 0,
                            "axioms": ["sorryAx"] if how else [], "direct": how == ["sorry"],
                            "through": how[1:],
                        }
                    )  # fmt: skip
        if arguments.get("destination") and not messages:
            Path(arguments["destination"]).write_text("compiled")
        return {
            "messages": messages, "declarations": declarations, "holes": [], "steps": [],
            "refused": [], "ms": 0,
        }  # fmt: skip


class Bench(SimpleNamespace):
    server_: Scripted

    def server(self) -> Scripted:
        return self.server_


@pytest.fixture
def bench(tmp_path: Path) -> Any:
    from pyorch.lean.protocol import Limits

    return Bench(
        server_=Scripted(),
        config=SimpleNamespace(cache=tmp_path / "cache"),
        toolchain=SimpleNamespace(key="scripted"),
        limits=Limits(),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "files"
    made.mkdir()
    return made


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder.joinpath(*name.split("__")).with_suffix(".lean")
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    return folder


def told(result: Scan) -> dict[str, tuple[str, Reach]]:
    return {s.name: (s.place, s.reach) for s in result.sorries}


def test_files_in_the_order_of_their_imports(bench: Any, folder: Path) -> None:
    write(folder, A="import Sub.B\ntop uses lemma\nfine\n", Sub__B="lemma sorry\n")
    result = scan([folder], bench, base=folder)
    assert told(result) == {
        "top": ("A.lean:2", Reach.TRANSITIVE),
        "lemma": ("Sub/B.lean:1", Reach.DIRECT),
    }
    assert [c.name for c in result.clean] == ["fine"]
    assert (result.files, result.declarations, result.problems) == (2, 3, ())
    assert bench.server_.calls == [("survey", "Sub.B"), ("survey", "A")]


def test_what_has_not_changed_is_not_elaborated_again(bench: Any, folder: Path) -> None:
    write(folder, A="import B\na uses b", B="b sorry", C="c sorry")
    first = scan([folder], bench, base=folder)
    bench.server_.calls.clear()
    assert scan([folder], bench, base=folder) == first
    assert bench.server_.calls == []
    write(folder, C="c\nd sorry")
    assert "d" in told(scan([folder], bench, base=folder))
    assert bench.server_.calls == [("survey", "C")]
    bench.server_.calls.clear()
    write(folder, B="b sorry\n")
    scan([folder], bench, base=folder)
    assert bench.server_.calls == [("survey", "B"), ("survey", "A")]


def test_a_damaged_cache_is_no_harm(bench: Any, folder: Path) -> None:
    write(folder, A="a sorry")
    first = scan([folder], bench)
    (kept,) = (bench.config.cache / "modules" / "surveys").iterdir()
    for content in (b"", b"{", b"[1]", b'[{"goals": []}]', b"\xff", b'{"a": 1}'):
        kept.write_bytes(content)
        assert scan([folder], bench) == first


def test_compiled_before_is_surveyed_all_the_same(bench: Any, folder: Path) -> None:
    write(folder, A="import B\na uses b", B="b sorry")
    first = scan([folder], bench)
    for kept in (bench.config.cache / "modules" / "surveys").iterdir():
        kept.unlink()
    assert scan([folder], bench) == first


def test_a_file_that_does_not_elaborate_is_a_problem(bench: Any, folder: Path) -> None:
    write(
        folder,
        Wrong="fine\nerror\nerror",
        Inner="error",
        Outer="import Inner\nouter",
        Top="import Outer",
        Math="import Mathlib.Tactic",
        Crash="crash",
        Late="timeout",
        Good="good sorry",
    )
    result = scan([folder], bench, base=folder)
    assert [str(p) for p in result.problems] == [
        "Crash.lean: it ended",
        "Inner.lean:1: wrong here",
        "Late.lean: it took too long",
        "Math.lean: imports 'Mathlib.Tactic', which is not here",
        "Outer.lean: imports 'Inner', which does not elaborate",
        "Top.lean: imports 'Outer', which does not elaborate",
        "Wrong.lean:2: wrong here (and 1 more)",
    ]
    assert told(result) == {"good": ("Good.lean:1", Reach.DIRECT)}
    assert result.files == 8
    again = scan([folder], bench, base=folder)
    assert again.problems == result.problems


def test_paths(bench: Any, folder: Path) -> None:
    write(folder, A="a sorry", Sub__B="b sorry")
    one = folder / "A.lean"
    assert told(scan([one, folder, one], bench, base=folder)).keys() == {"a", "b"}
    assert told(scan([one], bench))["a"][0] == f"{one.resolve()}:1"
    write(folder, Sub__A="other")
    with pytest.raises(InputError, match="is the module 'A', as"):
        scan([one, folder / "Sub"], bench)
    with pytest.raises(InputError, match="no such file"):
        scan([folder / "None.lean"], bench)
    write(folder, A="import B", B="import A")
    with pytest.raises(InputError, match="import each other"):
        scan([folder], bench)
    assert scan([], bench) == Scan()


# ---- the whole of `pyorch sorries` ---------------------------------------------------------------


def silent(_: object) -> None:
    pass


def commit(folder: Path, subject: str, **files: str) -> None:
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
    write(folder, **files)
    git(folder, "add", "--all", "*.lean")
    git(folder, "commit", "--quiet", "--message", subject)


def test_commits_are_scanned_and_compared(bench: Any, folder: Path) -> None:
    commit(folder, "one", A="a sorry\nb sorry")
    commit(folder, "two", A="a sorry\nerror")
    commit(folder, "three", A="a sorry\nb")
    steps: list[str] = []
    result = track([folder], bench, lambda p: steps.append(p.stage), commits=10)
    assert [(r.subject, len(r.sorries), r.problem) for r in result.runs] == [
        ("one", 2, None),
        ("two", 0, "A.lean:2: wrong here"),
        ("three", 1, None),
    ]
    assert result.recorded
    assert result.comparison is not None
    assert result.baseline.endswith(" one")  # the one between does not elaborate
    assert [c.proved for c in result.comparison.of("closed")] == [True]
    assert any(step.startswith("commit ") for step in steps)
    bench.server_.calls.clear()
    again = track([folder], bench, silent)
    assert len(again.runs) == 3
    assert (folder / ".pyorch" / "sorries.db").is_file()


def test_edits_are_compared_with_the_commit_and_not_recorded(bench: Any, folder: Path) -> None:
    commit(folder, "one", A="a sorry")
    write(folder, A="a sorry\nb sorry")
    result = track([folder], bench, silent, fail_on_increase=True)
    assert not result.recorded
    assert result.baseline.endswith(" one")
    assert result.gate.exit_code == 1
    assert [r.subject for r in result.runs] == ["one", "not committed"]
    commit(folder, "two")
    result = track([folder], bench, silent, fail_on_increase=True)
    assert result.gate.exit_code == 1
    assert [r.subject for r in result.runs] == ["one", "two"]
    commit(folder, "three", A="a sorry\nb sorry ", Readme="")
    assert track([folder], bench, silent, fail_on_increase=True).gate.exit_code == 0
    against = track([folder], bench, silent, against="HEAD~2", fail_on_increase=True)
    assert against.gate.exit_code == 1


def test_an_error_is_never_no_sorries(bench: Any, folder: Path) -> None:
    commit(folder, "one", A="a sorry")
    commit(folder, "two", A="error")
    result = track([folder], bench, silent)
    assert result.gate.exit_code == 2
    assert (result.comparison, result.recorded) == (None, False)


def test_the_gate_does_not_pass_for_want_of_a_baseline(bench: Any, folder: Path) -> None:
    commit(folder, "one", A="error")
    commit(folder, "two", A="a sorry")
    assert track([folder], bench, silent).comparison is None
    with pytest.raises(InputError, match="do not elaborate"):
        track([folder], bench, silent, fail_on_increase=True)
    with pytest.raises(InputError, match="and the 0 commits before it do not elaborate"):
        track([folder], bench, silent, against="HEAD~1")
    with pytest.raises(UsageError, match="names no commit"):
        track([folder], bench, silent, against="nope")


def test_a_commit_is_scanned_for_a_reason_only(bench: Any, folder: Path) -> None:
    commit(folder, "one", A="a sorry")
    commit(folder, "two", B="b sorry")
    alone = track([folder], bench, silent)
    assert (alone.comparison, alone.baseline) == (None, "no earlier commit was scanned")
    assert [r.subject for r in alone.runs] == ["two"]
    asked = track([folder], bench, silent, against="HEAD~1")
    assert asked.comparison is not None
    assert [r.subject for r in asked.runs] == ["one", "two"]
    remembered = track([folder], bench, silent)
    assert remembered.comparison == asked.comparison


def test_a_named_commit_that_does_not_elaborate_is_passed_over(bench: Any, folder: Path) -> None:
    commit(folder, "one", A="a sorry")
    commit(folder, "two", A="error")
    commit(folder, "three", A="a sorry\nb sorry")
    result = track([folder], bench, silent, against="HEAD~1", fail_on_increase=True)
    assert result.baseline.endswith(" one")
    assert result.gate.exit_code == 1


def test_a_shallow_clone_is_no_baseline(bench: Any, folder: Path, tmp_path: Path) -> None:
    commit(folder, "one", A="a")
    commit(folder, "two", A="a sorry")
    git(tmp_path, "clone", "--quiet", "--depth=1", folder.as_uri(), "shallow")
    clone = tmp_path / "shallow"
    assert track([clone], bench, silent).comparison is None
    with pytest.raises(UsageError, match="fetch-depth"):
        track([clone], bench, silent, fail_on_increase=True)


def test_the_first_commit_has_nothing_before(bench: Any, folder: Path) -> None:
    commit(folder, "one", A="a sorry")
    assert track([folder], bench, silent, fail_on_increase=True).gate.exit_code == 0


def test_a_folder_that_came_later_was_empty_before(bench: Any, folder: Path) -> None:
    commit(folder, "one", Other="x sorry")
    commit(folder, "two", lean__A="a sorry")
    result = track([folder / "lean"], bench, silent, commits=5, fail_on_increase=True)
    assert [(r.files, len(r.sorries)) for r in result.runs] == [(0, 0), (1, 1)]
    assert result.gate.exit_code == 1
    assert result.scan.sorries[0].file == "lean/A.lean"


def test_without_git_the_scan_before_counts(
    bench: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    write(folder, A="a sorry")
    first = track([Path()], bench, silent, fail_on_increase=True)
    assert (first.gate.exit_code, first.comparison) == (0, None)
    write(folder, A="a sorry\nb sorry")
    assert track([Path()], bench, silent, fail_on_increase=True).gate.exit_code == 1
    write(folder, A="error")
    assert track([Path()], bench, silent).gate.exit_code == 2
    write(folder, A="a")
    result = track([Path()], bench, silent, fail_on_any=True)
    assert (result.gate.exit_code, len(result.runs)) == (0, 3)
    with pytest.raises(UsageError, match="no git repository"):
        track([Path()], bench, silent, commits=3)
