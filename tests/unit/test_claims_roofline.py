"""roofline_latency: the seed's numbers, seconds and not milliseconds, hypotheses."""

from __future__ import annotations

from fractions import Fraction

import pytest

from pyorch import claims
from pyorch.claims.roofline import EnoughTime, Latency, Roofline, RooflineLatency
from pyorch.errors import UsageError
from pyorch.numeric import check_form, cross_check

NAME = "roofline_latency"
COMPUTE = [
    "bytes=1e3",
    "bytes_per_second=1e12",
    "operations=1e15",
    "operations_per_second=3e14",
    "seconds=4",
]
BALANCED = [
    "bytes=3",
    "bytes_per_second=4",
    "operations=1.5",
    "operations_per_second=2",
    "seconds=1",
]


def latency(*assignments: str) -> RooflineLatency:
    instance = claims.get(NAME).instantiate(assignments)
    assert isinstance(instance, RooflineLatency)
    return instance


def test_the_seeds_numbers_are_seconds() -> None:
    r = latency().roofline
    assert r.memory_seconds == r.seconds == Fraction(19, 80)
    assert Fraction("0.0143e-3") < r.compute_seconds < Fraction("0.0144e-3")
    assert r.limit == "memory"
    assert latency().claim.formula.endswith("= 19/80 s ≤ 6/25 s")


@pytest.mark.parametrize(
    ("assignments", "limit", "seconds"),
    [(COMPUTE, "compute", "10/3"), (BALANCED, "both", "3/4")],
)
def test_what_limits(assignments: list[str], limit: str, seconds: str) -> None:
    r = latency(*assignments).roofline
    assert (r.limit, r.seconds) == (limit, Fraction(seconds))


@pytest.mark.parametrize("assignments", [[], COMPUTE, BALANCED, ["bytes=1/3", "seconds=1e50"]])
def test_nothing_is_found_against_it_and_units_agree(assignments: list[str]) -> None:
    claim = latency(*assignments)
    checks = cross_check(claim, samples=5000)
    assert checks.failure is None
    assert checks.asked[0].largest == claim.roofline.seconds
    assert [e.largest for e in checks.symbolic] == [claim.roofline.seconds]


def test_the_seed_is_refuted_with_its_own_numbers() -> None:
    witness = cross_check(latency(), samples=10).counterexamples["llama70b_groq_latency"]
    assert witness.explanation == (
        "max(20401094656/85899345920, 10737418240/750000000000000) s = 19/80 > 3/12500"
    )
    assert dict(witness.inputs)["bytes"] == 19 * 2**30


def test_a_latency_below_a_thousandth_is_not_refuted() -> None:
    assert cross_check(latency("seconds=1000"), samples=10).counterexamples == {}


def test_a_shorter_bound_would_be_refuted() -> None:
    form = Latency.of(latency().roofline, Fraction(237, 1000), "too short")
    assert check_form(form).counterexample is not None


def test_a_wrong_bound_would_be_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    form = EnoughTime(latency(*COMPUTE).roofline)
    assert check_form(form, samples=5000).counterexample is None
    monkeypatch.setattr(Roofline, "seconds", Roofline.memory_seconds)
    evidence = check_form(form, samples=5000)
    assert evidence.counterexample is not None
    assert "s is not enough, the bound" in evidence.counterexample.explanation


@pytest.mark.parametrize(
    ("assignments", "message"),
    [
        (
            ["seconds=0.24e-3"],
            f"{NAME} needs seconds ≥ max(bytes/bytes_per_second,"
            " operations/operations_per_second), but that is at least 19/80 s > 3/12500 s",
        ),
        (["bytes=0"], f"parameter bytes of {NAME}: '0' is not positive"),
        (
            ["bytes_per_second=-1"],
            f"parameter bytes_per_second of {NAME}: '-1' is not positive",
        ),
        (
            ["byte=1"],
            f"{NAME} has no parameter 'byte'; did you mean 'bytes'?",
        ),
    ],
)
def test_hypotheses(assignments: list[str], message: str) -> None:
    with pytest.raises(UsageError) as error:
        claims.get(NAME).instantiate(assignments)
    assert str(error.value) == message
