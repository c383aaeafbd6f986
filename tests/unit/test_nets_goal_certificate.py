"""Certificates of other goals: the claims, what proves them, and their files."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from pyorch.errors import InputError
from pyorch.nets.certificate_file import (
    FORMAT,
    GOAL_FORMAT,
    CertificateFile,
    read_certificate,
    write_certificate,
)
from pyorch.nets.dual_steps import DualCertificate, Multipliers
from pyorch.nets.goal_certificate import (
    ChosenClass,
    GoalCertificate,
    GoalClaim,
    OneTolerance,
    OutputTolerances,
)
from pyorch.nets.goal_json import goal_from_json, goal_to_json
from pyorch.nets.json_tree import parse_json
from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network
from pyorch.nets.properties import OneOutput
from pyorch.nets.split import LEAF, Leaf, Split, SplitCertificate
from tests.unit.test_nets_certificate_file import parts, put

#: Outputs x + 2, x and 0; and x + 2, x + 1/4 and 0: margins of class 0 are 7/4 or more on [0, 1],
#: the difference is 0, 1/4 and 0.
TEACHER, STUDENT = (
    Network((Layer(((4,), (4,), (0,)), (8, b, 0), 4, Activation.IDENTITY),)) for b in (0, 1)
)
PROBLEM = CertificationProblem(
    TEACHER, STUDENT, Box((0,), (3,), 3), Fraction(9), "ab" * 32, "pair.json", OneOutput(2, None)
)
QUARTERS = tuple(Fraction(i, 4) for i in (0, 1, 0))
EACH, ONE, CLASS = OutputTolerances(QUARTERS), OutputTolerances(QUARTERS[1:2], 1), ChosenClass(0)
ALL = OneTolerance(QUARTERS[1])
CLAIMS: tuple[GoalClaim, ...] = (ALL, EACH, ONE, CLASS)


@pytest.fixture(params=CLAIMS, ids=str)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    target = tmp_path / "goal.cert"
    write_certificate(target, CertificateFile.of(PROBLEM, GoalCertificate(request.param, 16)))
    return target


def test_what_is_written_is_read(path: Path, tmp_path: Path) -> None:
    content = read_certificate(path)
    certificate = content.certificate
    assert isinstance(certificate, GoalCertificate)
    assert certificate.claim in CLAIMS
    assert certificate.prec == 16
    assert (content.problem.goal, content.problem.epsilon) == (None, None)
    header, _ = parts(path)
    assert (header["format"], header["goal"]) == (GOAL_FORMAT, str(certificate.claim))
    write_certificate(tmp_path / "again", content)
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_multipliers_are_read(claim: GoalClaim, tmp_path: Path) -> None:
    rows = ((Multipliers((3, -1), ()),), ())
    dual = GoalCertificate(claim, 16, 0, Leaf(DualCertificate(16, True, rows, rows)))
    write_certificate(tmp_path / "dual", CertificateFile.of(PROBLEM, dual))
    assert read_certificate(tmp_path / "dual").certificate == dual
    header, body = parts(tmp_path / "dual")
    for leaf in ({"prec": 16}, {"prec": 16, "tighten": True, "upper": [[[1]]]}, {}, "0"):
        put(tmp_path / "dual", header, body | {"tree": [leaf]})
        with pytest.raises(InputError, match="tree"):
            read_certificate(tmp_path / "dual")


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_a_claim_as_json(claim: GoalClaim) -> None:
    text = json.dumps(goal_to_json(claim)).encode()
    assert goal_from_json(parse_json(text, "test")) == claim


def test_a_claim_in_words() -> None:
    assert str(EACH) == "each output within 0, 1/4, 0"
    assert str(ONE) == "output 1 within 1/4"
    assert str(ALL) == "every output within 1/4"
    assert str(OutputTolerances((Fraction(1),) * 40)).endswith("1, 1, … (40 in all)")


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
@pytest.mark.parametrize("prec", [0, 16])
def test_what_is_proved(claim: GoalClaim, prec: int) -> None:
    # a quarter is no multiple of 1
    proved = GoalCertificate(claim, prec).first_failure(PROBLEM) is None
    assert proved == (prec == 16 or claim == CLASS)
    dual = GoalCertificate(claim, prec, tree=Leaf(DualCertificate(prec)))
    assert (dual.first_failure(PROBLEM) is None) == proved


@pytest.mark.parametrize(
    "claim",
    [
        OneTolerance(Fraction(15, 64)),
        OneTolerance(Fraction(0)),
        OutputTolerances((Fraction(0), Fraction(15, 64), Fraction(0))),
        OutputTolerances((Fraction(15, 64),), 1),
        OutputTolerances((Fraction(1),) * 2),
        OutputTolerances((Fraction(1),) * 4),
        OutputTolerances((Fraction(1),), 3),
        ChosenClass(1),
        ChosenClass(3),
        ChosenClass(-1),
    ],
    ids=str,
)
def test_what_is_not_proved(claim: GoalClaim) -> None:
    for dual in (None, DualCertificate(16)):
        assert GoalCertificate(claim, 16, tree=Leaf(dual)).first_failure(PROBLEM) == 1


def test_a_class_of_networks_that_choose_none() -> None:
    *_, last = TEACHER.layers
    relu = Network((replace(last, activation=Activation.RELU),))
    assert GoalCertificate(CLASS, 16).first_failure(replace(PROBLEM, teacher=relu)) == 1


@pytest.mark.parametrize("epsilons", [(), (Fraction(-1),), (Fraction(1), Fraction(-1, 9))])
def test_tolerances_that_are_none(epsilons: tuple[Fraction, ...]) -> None:
    with pytest.raises(ValueError, match=r"0 tolerances|negative"):
        OutputTolerances(epsilons)
    with pytest.raises(ValueError, match="2 tolerances"):
        OutputTolerances((Fraction(1), Fraction(1)), 0)
    with pytest.raises(ValueError, match="negative"):
        OneTolerance(Fraction(-1, 9))


def test_every_byte_counts(path: Path) -> None:
    data = path.read_bytes()
    before = read_certificate(path)
    for index in range(len(data)):
        path.write_bytes(data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :])
        try:
            content = read_certificate(path)
        except InputError as error:
            assert len(str(error).splitlines()) == 1
        else:  # a changed letter where the header tells of the weights' origin
            assert content.certificate == before.certificate
            assert content.problem == before.problem


@pytest.mark.parametrize(
    ("goal", "field"),
    [
        (5, "goal"),
        ({}, "'property' is missing"),
        ({"property": "near"}, "is not one of close, class"),
        ({"property": "class"}, "'class' is missing"),
        ({"property": "class", "class": -1}, "goal.class"),
        ({"property": "class", "class": 3}, "goal: there is no class 3"),
        ({"property": "class", "class": 0.5}, "goal.class"),
        ({"property": "class", "class": 10**30}, "goal.class"),
        ({"property": "class", "class": 0, "epsilon": 1}, "epsilon"),
        ({"property": "close"}, "is missing"),
        ({"property": "close", "epsilon": "-1"}, "goal.epsilon"),
        ({"property": "close", "epsilon": ["1"]}, "goal.epsilon"),
        ({"property": "close", "epsilon": "1", "epsilons": ["1"]}, "epsilon"),
        ({"property": "close", "epsilon": "1", "class": 0}, "class"),
        ({"property": "close", "output": 1}, "'epsilon' is missing"),
        ({"property": "close", "output": 3, "epsilon": "1"}, "goal: there is no output 3"),
        ({"property": "close", "output": "1", "epsilon": "1"}, "goal.output"),
        ({"property": "close", "output": 1, "epsilon": "-1"}, "goal.epsilon"),
        ({"property": "close", "output": 1, "epsilon": "nan"}, "goal.epsilon"),
        ({"property": "close", "output": 1, "epsilons": ["1"]}, "output"),
        ({"property": "close", "epsilons": []}, "goal.epsilons"),
        ({"property": "close", "epsilons": ["1"]}, "goal: 1 tolerances for 3 outputs"),
        ({"property": "close", "epsilons": ["1", "-1/2", "1"]}, r"goal.epsilons\[1\]"),
        ({"property": "close", "epsilons": ["1"], "class": 0}, "class"),
    ],
    ids=str,
)
def test_goals_that_are_none(path: Path, goal: Any, field: str) -> None:
    header, body = parts(path)
    put(path, header, body | {"goal": goal})
    with pytest.raises(InputError, match=field) as error:
        read_certificate(path)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("other", CLAIMS, ids=str)
def test_another_goal_in_the_body(path: Path, other: GoalClaim) -> None:
    """The header says which goal it is, so that a swap of bodies is noticed."""
    header, body = parts(path)
    put(path, header, body | {"goal": goal_to_json(other)})
    if str(other) == header["goal"]:
        assert isinstance(read_certificate(path).certificate, GoalCertificate)
        return
    with pytest.raises(InputError, match="goal"):
        read_certificate(path)


def test_formats_have_their_fields(path: Path) -> None:
    header, body = parts(path)
    for change in ({"epsilon": "1"}, {"dual": {"prec": 8, "tighten": True}}):
        put(path, header, body | change)
        with pytest.raises(InputError, match=next(iter(change))):
            read_certificate(path)
    for changed in (
        header | {"format": FORMAT},
        header | {"epsilon": "1"},
        {k: v for k, v in header.items() if k != "goal"},
        {k: v for k, v in header.items() if k != "goal"} | {"epsilon": "1"},
    ):
        put(path, changed, body)
        with pytest.raises(InputError, match="format"):
            read_certificate(path)


#: Cuts at 1/2 and 3/4 of the box, over its denominator times 4.
TREE = Split(0, 6, Leaf(DualCertificate(20)), Split(0, 9, LEAF, Leaf(DualCertificate(16, True))))


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_parts_have_methods_of_their_own(claim: GoalClaim, tmp_path: Path) -> None:
    certificate = GoalCertificate(claim, 16, 2, TREE)
    write_certificate(tmp_path / "parts", CertificateFile.of(PROBLEM, certificate))
    assert read_certificate(tmp_path / "parts").certificate == certificate
    header, body = parts(tmp_path / "parts")
    assert header["leaves"] == 3
    assert body["tree"] == [
        [0, 6], {"prec": 20, "tighten": False}, [0, 9], 0, {"prec": 16, "tighten": True}
    ]  # fmt: skip
    assert certificate.first_failure(PROBLEM) is None
    assert certificate.methods() == {"linear relaxation": 2, "intervals": 1}


@pytest.mark.parametrize("number", [1, 2, 3])
def test_one_part_that_fails(number: int) -> None:
    """Without a digit after the point, nothing proves a quarter."""
    coarse = Leaf(DualCertificate(0))
    match number:
        case 1:
            tree = replace(TREE, below=coarse)
        case 2:
            tree = replace(TREE, above=Split(0, 9, coarse, LEAF))
        case _:
            tree = replace(TREE, above=Split(0, 9, LEAF, coarse))
    assert GoalCertificate(ONE, 16, 2, tree).first_failure(PROBLEM) == number
    # the same cuts with a refinement for which they lie outside of the box: nothing is a box there
    assert GoalCertificate(ONE, 16, 0, tree).first_failure(PROBLEM) in (1, 2, 3)


def test_duals_belong_to_goals(tmp_path: Path) -> None:
    one = CertificateFile.of(PROBLEM, SplitCertificate(Fraction(1), 16, 0, LEAF))
    write_certificate(tmp_path / "one", one)
    header, body = parts(tmp_path / "one")
    put(tmp_path / "one", header, body | {"tree": [{"prec": 16, "tighten": True}]})
    with pytest.raises(InputError, match="tree"):
        read_certificate(tmp_path / "one")
