"""What duality says of single outputs and of classes holds at the points of the box."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pyorch.nets.branch import Budget
from pyorch.nets.dual import DualBounds
from pyorch.nets.dual_goals import bound_targets, class_targets, gaps_of, output_targets
from pyorch.nets.dual_packed import pack_used
from pyorch.nets.dual_steps import DualCertificate
from pyorch.nets.goal_certificate import (
    ChosenClass,
    GoalCertificate,
    OutputTolerances,
    relax,
)
from pyorch.nets.goal_search import dual_gaps, dual_margin
from pyorch.nets.goal_splitting import split_goal
from pyorch.nets.network import CertificationProblem
from pyorch.nets.split import Leaf
from tests.property.fraction_strategies import fractions_between
from tests.property.nets_strategies import points_of, problems
from tests.property.test_nets_dual_properties import certificates
from tests.property.test_nets_properties_properties import classifiers

output_scales = fractions_between(0, 3, 8)


@given(classifiers, certificates(), st.data())
def test_margins_hold_for_any_multipliers(
    problem: CertificationProblem, certificate: DualCertificate, data: st.DataObject
) -> None:
    chosen = data.draw(st.integers(0, problem.teacher.output_dim - 1))
    claim = ChosenClass(chosen)
    relaxed = relax(problem, claim, certificate)
    proved = (
        GoalCertificate(claim, certificate.prec, tree=Leaf(certificate)).first_failure(problem)
        is None
    )
    for point in data.draw(points_of(problem.box, 3)):
        outputs = {
            True: problem.teacher.evaluate_exact(point),
            False: problem.student.evaluate_exact(point),
        }
        for (j, upper), top in relaxed.tops.items():
            rival = outputs[upper][j] - outputs[upper][chosen]
            assert rival * relaxed.bounds.unit <= top
            assert not proved or rival < 0


@given(problems(), certificates(), st.data())
def test_gaps_hold_for_any_multipliers(
    problem: CertificationProblem, certificate: DualCertificate, data: st.DataObject
) -> None:
    output = data.draw(st.integers(0, problem.teacher.output_dim - 1))
    one = OutputTolerances((Fraction(1),), output)
    relaxed = relax(problem, one, certificate)
    (gap,) = gaps_of(relaxed.tops, relaxed.bounds.unit).values()
    for point in data.draw(points_of(problem.box, 3)):
        assert abs(problem.difference_at(point)[output]) <= gap
    # an output alone has the bound that it has among all
    whole = OutputTolerances((Fraction(1),) * problem.teacher.output_dim)
    among = relax(problem, whole, certificate)
    assert gaps_of(among.tops, among.bounds.unit)[output] == gap
    assert relaxed.bounds.bounds(certificate)[output].hi == relaxed.tops[output, True]


@settings(max_examples=25, deadline=None)
@given(problems(), st.booleans(), st.data())
def test_a_search_reports_what_its_certificate_proves(
    problem: CertificationProblem, smallest: bool, data: st.DataObject
) -> None:
    pytest.importorskip("scipy")
    scales = {i: data.draw(output_scales) for i in range(problem.teacher.output_dim)}
    found = dual_gaps(problem, scales, as_small_as_possible=smallest)
    assert found is not None
    claim = OutputTolerances(tuple(found.gaps.values()))
    certificate = GoalCertificate(claim, found.certificate.prec, tree=Leaf(found.certificate))
    assert certificate.first_failure(problem) is None
    crown = DualBounds(problem, found.certificate.prec)
    plain = bound_targets(
        crown, output_targets(tuple(scales)), DualCertificate(found.certificate.prec)
    )
    if not (found.certificate.tighten or found.certificate.symbols):
        for i, gap in gaps_of(plain, crown.unit).items():
            assert found.gaps[i] <= gap


@settings(max_examples=25, deadline=None)
@given(classifiers, st.data())
def test_a_margin_is_what_its_certificate_proves(
    problem: CertificationProblem, data: st.DataObject
) -> None:
    pytest.importorskip("scipy")
    chosen = data.draw(st.integers(0, problem.teacher.output_dim - 1))
    found = dual_margin(problem, chosen)
    assert found is not None
    certificate = GoalCertificate(
        ChosenClass(chosen), found.certificate.prec, tree=Leaf(found.certificate)
    )
    assert (certificate.first_failure(problem) is None) == (found.margin > 0)
    tops = relax(problem, ChosenClass(chosen), found.certificate).tops
    assert found.margin == Fraction(-max(tops.values()), 1 << found.certificate.prec)


@given(classifiers, certificates(), st.data())
def test_packed_layers_are_the_layers(
    problem: CertificationProblem, certificate: DualCertificate, data: st.DataObject
) -> None:
    chosen = data.draw(st.integers(0, problem.teacher.output_dim - 1))
    packed = pack_used(relax(problem, ChosenClass(chosen), certificate).bounds)
    for layers, network in zip(packed, (problem.teacher, problem.student), strict=True):
        assert tuple(layer.unpack() for layer in layers) == network.layers


@given(st.integers(0, 5), st.integers(2, 6))
def test_a_class_has_a_target_for_every_rival_and_network(chosen: int, count: int) -> None:
    assume(chosen < count)
    targets = class_targets(chosen, count)
    assert len(targets) == 2 * (count - 1)
    for (j, upper), sides in targets.items():
        side, other = sides if upper else sides[::-1]
        assert other.row == ()
        assert [k for k, c in enumerate(side.row) if c] == sorted((j, chosen))
        assert (side.row[j], side.row[chosen], side.den) == (1, -1, 1)


@settings(max_examples=25, deadline=None)
@given(problems(), fractions_between(Fraction(1, 8), 4, 8), st.data())
def test_what_is_proved_in_parts_holds(
    tmp_path_factory: pytest.TempPathFactory,
    problem: CertificationProblem,
    epsilon: Fraction,
    data: st.DataObject,
) -> None:
    pytest.importorskip("scipy")
    claim = OutputTolerances((epsilon,) * problem.teacher.output_dim)
    cache = tmp_path_factory.mktemp("cache")
    found = split_goal(
        problem, claim, scale=epsilon, budget=Budget(0.5, 6), workers="1", cache=cache
    )
    assert (found.certificate is None) == (found.open > 0)
    if found.certificate is None:
        assert 0 <= found.volume < 1
        return
    assert (found.volume, found.certificate.leaves) == (1, found.proved)
    assert found.certificate.first_failure(problem) is None
    for point in data.draw(points_of(problem.box, 5)):
        assert max(map(abs, problem.difference_at(point))) <= epsilon
