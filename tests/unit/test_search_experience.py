"""Kinds of tactics that keep failing come later."""

from __future__ import annotations

import pytest

from pyorch.search.experience import Experience, kind
from pyorch.search.model import Closed, Failed, Outcome, Split, Suggestion

NO = Failed("no")


@pytest.mark.parametrize(
    ("tactic", "expected"),
    [
        ("simp", "simp"),
        ("simp [foo]", "simp []"),
        ("simp [foo, ← bar]", "simp []"),
        ("exact?", "exact?"),
        ("induction x <;> simp_all", "induction <;> simp_all"),
        ("induction x <;> simp_all [f]", "induction <;> simp_all"),
        ("· rfl", ""),
    ],
)
def test_kind(tactic: str, expected: str) -> None:
    assert kind(tactic) == expected


def prior(experience: Experience, tactic: str) -> float:
    (weighed,) = experience.weigh([Suggestion(tactic, 1.0, "test")])
    return weighed.prior


def test_what_fails_comes_later_and_what_works_does_not() -> None:
    experience = Experience()
    assert prior(experience, "grind") == 1.0
    outcomes: list[tuple[str, Outcome]] = [("grind [a]", NO), ("grind [b]", NO), ("rfl", Closed())]
    experience.learn([*outcomes, ("simp", Split(()))] * 10)
    assert prior(experience, "rfl") == prior(experience, "simp") == prior(experience, "grind") == 1
    assert 0 < prior(experience, "grind [c]") < 0.5
    before = prior(experience, "grind [c]")
    experience.learn([("grind [d]", Closed())] * 20)
    assert before < prior(experience, "grind [c]") < 1


def test_the_very_same_tactic_comes_later_still() -> None:
    experience = Experience()
    experience.learn([("simp [f]", NO), ("simp [g]", Closed()), ("simp [h]", Closed())])
    assert prior(experience, "simp [f]") < prior(experience, "simp [g]") < 1
    assert prior(experience, "simp [g]") == prior(experience, "simp [k]")
