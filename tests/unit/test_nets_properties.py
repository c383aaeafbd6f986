"""Tolerances by output, margins of a class, and the search for points that violate them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from pyorch.nets.bounds import bound_pair
from pyorch.nets.class_attack import attack_class
from pyorch.nets.margins import (
    ClassPoint,
    against,
    choose_class_prec,
    class_margin,
    evaluate_class,
    is_classifier,
    margin_bounds,
    proves_class,
)
from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network
from pyorch.nets.properties import (
    Kind,
    OneOutput,
    PerOutput,
    Property,
    SameClass,
    choose_property,
)
from pyorch.nets.tolerances import (
    choose_tolerances,
    closest_gap,
    proves_tolerances,
)

IDENTITY, RELU = Activation.IDENTITY, Activation.RELU


def single(*rows: tuple[int, ...], bias: tuple[int, ...]) -> Network:
    return Network((Layer(rows, bias, 4, IDENTITY),))


#: Outputs x, 1 - x and -1, on [0, 1]: classes change at 1/2.
RIVALS = single((4,), (-4,), (0,), bias=(0, 4, -4))


def pair(
    teacher: Network, student: Network, lo: tuple[int, ...], hi: tuple[int, ...], den: int = 12
) -> CertificationProblem:
    return CertificationProblem(teacher, student, Box(lo, hi, den), None, "0" * 64, "test")


# ---- margins -------------------------------------------------------------------------------------


def test_margins_are_outputs_of_a_network() -> None:
    point = (Fraction(1, 3),)
    outputs = RIVALS.evaluate_exact(point)
    for c in range(3):
        assert against(RIVALS, c).evaluate_exact(point) == tuple(outputs[c] - y for y in outputs)


def test_margins_are_bounded_tighter_than_outputs() -> None:
    far = single((4,), (4,), bias=(4, 0))  # x + 1 and x: the margin is 1 whatever x is
    problem = pair(far, far, (0,), (1200,))
    assert class_margin(margin_bounds(problem, 0, 8), 0) == 1
    outputs = bound_pair(problem, 8).teacher
    assert outputs[0].lo < outputs[1].hi
    assert proves_class(problem, 0, 8)
    assert not proves_class(problem, 1, 8)


def test_a_student_is_bounded_by_the_teacher_and_their_difference() -> None:
    # margins x + 1 of the teacher, x + 2 of the student after one more layer, on [0, 1]
    teacher = Network((Layer(((1,),), (0,), 1, RELU), Layer(((1,), (0,)), (1, 0), 1, IDENTITY)))
    student = Network((Layer(((1,),), (0,), 1, RELU), Layer(((1,), (0,)), (2, 0), 1, IDENTITY)))
    problem = pair(teacher, student, (0,), (12,))
    bounds = margin_bounds(problem, 0, 8)
    assert bounds.difference[1] == (-256, -256)
    cut = replace(bounds, student=tuple(x.shift(-600) for x in bounds.student))
    assert class_margin(cut, 0) == 1  # the teacher's own, and 2 for the student


def test_only_networks_without_a_last_activation_are_classifiers() -> None:
    problem = pair(RIVALS, RIVALS, (0,), (1,))
    assert is_classifier(problem)
    relu = Network((replace(RIVALS.layers[0], activation=RELU),))
    assert not is_classifier(replace(problem, teacher=relu))
    assert not is_classifier(replace(problem, student=relu))
    assert not proves_class(replace(problem, student=relu), 1, 8)
    one = single((4,), bias=(0,))
    assert not is_classifier(pair(one, one, (0,), (1,)))
    assert not proves_class(problem, 3, 8)


@pytest.mark.parametrize(
    ("teacher", "student", "chosen", "rivals", "is_tie"),
    [
        ((1, 2, 0), (0, 3, 1), 1, None, False),
        ((1, 2, 0), (3, 2, 0), None, (1, 0), False),
        ((2, 2, 0), (1, 2, 0), None, (0, 1), True),
        ((1, 2, 0), (2, 2, 0), None, (1, 0), False),
        ((2, 1, 2), (0, 1, 0), None, (0, 2), True),
    ],
)
def test_a_class_is_chosen_where_one_output_is_greatest_in_both(
    teacher: tuple[int, ...],
    student: tuple[int, ...],
    chosen: int | None,
    rivals: tuple[int, int] | None,
    is_tie: bool,
) -> None:
    point = ClassPoint(tuple(map(Fraction, teacher)), tuple(map(Fraction, student)), (0,), 1)
    assert (point.chosen, point.rivals, point.is_tie) == (chosen, rivals, is_tie)


def test_the_least_margin_is_over_both_networks() -> None:
    point = ClassPoint(tuple(map(Fraction, (1, 5, 2))), tuple(map(Fraction, (1, 3, 2))), (0,), 1)
    assert point.margin(1) == 1
    assert point.margin(2) == -3


def test_the_precision_is_the_least_that_is_enough() -> None:
    problem = pair(RIVALS, RIVALS, (8,), (12,))
    assert choose_class_prec(problem, 0) == 8
    near = pair(RIVALS, RIVALS, (2**20 + 1,), (2**20 + 1,), 2**21)  # a margin of 2^-20
    prec = choose_class_prec(near, 0)
    assert proves_class(near, 0, prec)
    assert prec == 20
    assert not proves_class(near, 0, 16)
    # nothing to be proved there: a precision that says by how much it fails
    assert choose_class_prec(pair(RIVALS, RIVALS, (0,), (12,)), 0) == 8


# ---- classes attacked ----------------------------------------------------------------------------


def test_a_class_that_is_safe_is_not_refuted() -> None:
    found = attack_class(pair(RIVALS, RIVALS, (8,), (12,)))
    assert found.refutation is None
    assert found.middle.chosen == 0
    assert found.least.margin(0) == Fraction(1, 3)  # x - (1 - x) at 2/3, a corner
    assert found.least.coordinates == (Fraction(2, 3),)


def test_a_tie_in_the_middle_is_a_refutation() -> None:
    found = attack_class(pair(RIVALS, RIVALS, (0,), (12,)))
    assert found.refutation is found.middle
    assert found.middle.rivals == (0, 1)


def test_classes_that_differ_are_a_refutation() -> None:
    shifted = single((4,), (-4,), (0,), bias=(-1, 4, -4))  # x - 1/4: changes at 5/8
    found = attack_class(pair(RIVALS, shifted, (0,), (10,)))
    assert found.middle.chosen == 1
    assert found.refutation is not None
    assert found.refutation.rivals == (0, 1)


def test_a_change_of_class_has_a_tie_on_the_way() -> None:
    # equal networks never differ, but at 1/2 neither chooses
    problem = pair(RIVALS, RIVALS, (0,), (8,))
    found = attack_class(problem)
    assert found.middle.chosen == 1
    assert found.least.chosen == 0
    assert found.refutation is not None
    assert found.refutation.coordinates == (Fraction(1, 2),)
    assert found.refutation.rivals == (0, 1)
    assert found.refutation.is_tie


def test_a_tie_behind_a_kink_is_found_exactly() -> None:
    # max(x - 1/3, 0) * 3 against 1/7: equal at 8/21, which no bisection meets
    network = Network((Layer(((3,),), (-1,), 1, RELU), Layer(((7,), (0,)), (0, 1), 1, IDENTITY)))
    found = attack_class(pair(network, network, (0,), (8,)))
    assert found.refutation is not None
    assert found.refutation.coordinates == (Fraction(8, 21),)


# ---- tolerances ----------------------------------------------------------------------------------

NEAR = single((5,), (-4,), (0,), bias=(0, 2, -4))  # off by x/4, 1/2 and 0


def test_every_output_has_its_own_gap() -> None:
    problem = pair(RIVALS, NEAR, (0,), (12,))
    found = choose_tolerances(problem, PerOutput(None))
    assert found.epsilons == {0: Fraction(1, 4), 1: Fraction(1, 2), 2: 0}
    assert found.missed == ()
    assert proves_tolerances(problem, found.epsilons, found.prec)


def test_given_tolerances_are_proved_or_missed() -> None:
    problem = pair(RIVALS, NEAR, (0,), (12,))
    wanted = (Fraction(1, 3), Fraction(1, 3), Fraction(1, 100))
    found = choose_tolerances(problem, PerOutput(wanted))
    assert found.epsilons == dict(enumerate(wanted))
    assert found.provable[1] == Fraction(1, 2)
    assert found.missed == (1,)
    assert not proves_tolerances(problem, found.epsilons, found.prec)


def test_one_output_is_enough_where_one_is_asked_for() -> None:
    problem = pair(RIVALS, NEAR, (0,), (12,))
    found = choose_tolerances(problem, OneOutput(0, Fraction(1, 4)))
    assert (dict(found.epsilons), found.missed) == ({0: Fraction(1, 4)}, ())
    assert choose_tolerances(problem, OneOutput(1, None)).epsilons == {1: Fraction(1, 2)}


def test_the_attack_weighs_outputs_by_their_tolerances() -> None:
    problem = pair(RIVALS, NEAR, (0,), (12,))
    some = {0: Fraction(1, 10), 1: Fraction(10), 2: Fraction(1)}
    found = closest_gap(problem, some)
    assert (found.output, found.gap) == (0, Fraction(1, 4))
    assert found.teacher - found.student == -found.gap
    assert found.coordinates == (1,)
    found = closest_gap(problem, {0: Fraction(100), 1: Fraction(1)})
    assert (found.output, found.gap) == (1, Fraction(1, 2))
    found = closest_gap(problem, {2: Fraction(0)})
    assert (found.output, found.gap) == (2, 0)
    found = closest_gap(problem, {1: Fraction(0), 0: Fraction(1, 1000)})
    assert found.output == 1  # no gap is within 0


@pytest.mark.parametrize(
    ("goal", "problem"),
    [
        (OneOutput(3, None), "no output 3: they count from 0 to 2"),
        (OneOutput(-1, None), "no output -1"),
        (PerOutput((Fraction(1),)), "1 tolerances for 3 outputs"),
    ],
)
def test_what_the_networks_do_not_have(goal: PerOutput | OneOutput, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        replace(pair(RIVALS, NEAR, (0,), (1,)), goal=goal)


def test_a_class_needs_outputs_and_no_last_activation() -> None:
    relu = Network((replace(RIVALS.layers[0], activation=RELU),))
    for teacher, student, problem in (
        (relu, RIVALS, "the teacher's has relu"),
        (RIVALS, relu, "the student's has relu"),
        (single((4,), bias=(0,)), single((4,), bias=(0,)), "one output is no choice"),
    ):
        with pytest.raises(ValueError, match=problem):
            replace(pair(teacher, student, (0,), (1,)), goal=SameClass())


def test_what_is_no_property() -> None:
    with pytest.raises(ValueError, match="epsilon 0 of output 1 is not positive"):
        PerOutput((Fraction(1), Fraction(0)))
    with pytest.raises(ValueError, match="epsilon -1 is not positive"):
        OneOutput(0, Fraction(-1))


ONE, TWO = Fraction(1), Fraction(2)


@pytest.mark.parametrize(
    ("kind", "output", "epsilons", "each", "expected"),
    [
        (Kind.CLOSE, None, None, False, (None, None)),
        (Kind.CLOSE, None, [ONE], False, (None, ONE)),
        (Kind.CLOSE, None, [ONE], True, (PerOutput((ONE,)), None)),
        (Kind.CLOSE, None, [ONE, TWO], True, (PerOutput((ONE, TWO)), None)),
        (Kind.CLOSE, None, None, True, (PerOutput(None), None)),
        (Kind.CLOSE, 2, None, False, (OneOutput(2, None), None)),
        (Kind.CLOSE, 2, [ONE], False, (OneOutput(2, ONE), None)),
        (Kind.CLASS, None, None, False, (SameClass(), None)),
    ],
)
def test_what_is_asked_for(
    kind: Kind,
    output: int | None,
    epsilons: list[Fraction] | None,
    each: bool,
    expected: tuple[Property | None, Fraction | None],
) -> None:
    assert choose_property(kind, output, epsilons, each=each) == expected


@pytest.mark.parametrize(
    ("kind", "output", "epsilons", "each"),
    [
        (Kind.CLASS, 0, None, False),
        (Kind.CLASS, None, [ONE], False),
        (Kind.CLASS, None, None, True),
        (Kind.CLOSE, 0, [ONE, TWO], True),
        (Kind.CLOSE, 0, None, True),
    ],
)
def test_what_does_not_go_together(
    kind: Kind, output: int | None, epsilons: list[Fraction] | None, each: bool
) -> None:
    with pytest.raises(ValueError, match=r"a class has neither|one output has one epsilon"):
        choose_property(kind, output, epsilons, each=each)


def test_exact_outputs_at_a_point() -> None:
    found = evaluate_class(pair(RIVALS, NEAR, (0,), (12,)), (1,), 3)
    assert found.coordinates == (Fraction(1, 3),)
    assert found.teacher == (Fraction(1, 3), Fraction(2, 3), -1)
    assert found.student == (Fraction(5, 12), Fraction(1, 6), -1)
