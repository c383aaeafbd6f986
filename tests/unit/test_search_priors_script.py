"""The script that makes the priors' table, on a benchmark of a few theorems."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from pyorch.model import Hypothesis
from pyorch.search.suggest.priors import UNKNOWN, load_priors
from scripts import tactic_priors


def step(tactic: str, before: str, after: str = "no goals") -> dict[str, str]:
    return {"tactic": tactic, "state_before": before, "state_after": after}


SPLIT = [
    {
        "traced_tactics": [
            step("intro h", "p q : Prop\n⊢ p → q ∧ q", "p q : Prop\nh : p\n⊢ q ∧ q"),
            step("refine ⟨?_, ?_⟩", "p q : Prop\nh : p\n⊢ q ∧ q"),
            step("frobnicate", "⊢ p"),
        ]
    },
    {"traced_tactics": []},
    *({"traced_tactics": [step("linarith", "x : ℕ\nh : x ≤ 3\n⊢ x < 4")]} for _ in range(4)),
]


def test_goals_of_leandojo_are_read() -> None:
    goal = tactic_priors.read_goal(
        "case inl\nα : Type u_1\na b : α\nh : f a\n  = f b\n⊢ a =\n    b\n\ncase inr\n⊢ False"
    )
    assert goal.target == "a = b"
    assert goal.hypotheses[1:3] == (Hypothesis("a", "α"), Hypothesis("b", "α"))
    assert goal.hypotheses[3] == Hypothesis("h", "f a = f b")


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1000])
def test_long_arrays_are_read_in_pieces(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(tactic_priors, "CHUNK", chunk)
    for value in ([], [1], SPLIT, ["∀x", {"a": "]"}]):
        text = json.dumps(value, ensure_ascii=False, indent=1)
        assert list(tactic_priors.items(io.BytesIO(text.encode()))) == value


def test_a_torn_array_is_an_error() -> None:
    with pytest.raises(json.JSONDecodeError):
        list(tactic_priors.items(io.BytesIO(b'[{"a": 1}, {"b"')))


@pytest.fixture
def sdist(tmp_path: Path) -> Path:
    path = tmp_path / "sdist.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name in ("test", "train", "val"):
            data = json.dumps(SPLIT, ensure_ascii=False).encode()
            info = tarfile.TarInfo(f"{tactic_priors.FOLDER}/{name}.json")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def test_a_table_is_made_from_the_distribution(
    sdist: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sha256 = hashlib.sha256(sdist.read_bytes()).hexdigest()
    monkeypatch.setattr(tactic_priors, "SHA256", sha256)
    output = tmp_path / "table.json"
    monkeypatch.setattr(
        "sys.argv", ["tactic_priors", "--sdist", str(sdist), "--output", str(output)]
    )
    tactic_priors.main()
    assert "with all contexts" in capsys.readouterr().out
    found = load_priors(output).probabilities("and", "intro", "")
    assert max(found, key=lambda family: found[family]) == "constructor"
    order = load_priors(output).probabilities("lt", UNKNOWN, "≤")
    assert order["omega"] == order["grind"] > order["rfl"]


def test_another_file_is_refused(sdist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["tactic_priors", "--sdist", str(sdist)])
    with pytest.raises(SystemExit, match="sha256"):
        tactic_priors.main()
