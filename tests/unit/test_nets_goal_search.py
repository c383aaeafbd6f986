"""Trees for other goals than one ε: as the search for an ε, by one process or many, with a log."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pyorch.nets.branch import Budget, SearchProgress, Splitting
from pyorch.nets.goal_certificate import (
    ChosenClass,
    GoalCertificate,
    GoalClaim,
    OneTolerance,
    OutputTolerances,
)
from pyorch.nets.goal_splitting import split_goal
from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network
from pyorch.nets.pool import ProcessPool
from pyorch.nets.split import LEAF, leaves_of
from tests.unit.test_nets_split_search import largest_on_a_grid, network

pytest.importorskip("scipy")
HAS_RAY = importlib.util.find_spec("ray") is not None
needs_ray = pytest.mark.skipif(not HAS_RAY, reason="Ray is not installed (pip install ray)")
BUDGET = Budget(seconds=60.0, leaves=200)


def problem(seed: int) -> CertificationProblem:
    """Two networks of different depth with two outputs: nothing pairs, the whole box is hard."""
    rng = np.random.default_rng(seed)
    teacher, student = network(rng, 2, 4, 2), network(rng, 2, 3, 3, 2)
    return CertificationProblem(teacher, student, Box((-4, -3), (4, 5), 4), None, "", "random")


def tolerance(pair: CertificationProblem, part: Fraction = Fraction(65, 64)) -> GoalClaim:
    """Somewhat above the largest difference on a grid, so that it takes parts to prove it."""
    return OutputTolerances((largest_on_a_grid(pair) * part,) * 2)


def splitting(
    pair: CertificationProblem,
    claim: GoalClaim,
    cache: Path,
    budget: Budget = BUDGET,
    workers: str = "1",
) -> Splitting[GoalCertificate]:
    return split_goal(pair, claim, scale=Fraction(1), budget=budget, workers=workers, cache=cache)


def found(pair: CertificationProblem, claim: GoalClaim, cache: Path) -> GoalCertificate:
    certificate = splitting(pair, claim, cache).certificate
    assert certificate is not None
    return certificate


@pytest.mark.parametrize("seed", [0, 1, 4])
def test_a_tree_that_is_found_proves_the_claim(seed: int, tmp_path: Path) -> None:
    pair = problem(seed)
    certificate = found(pair, tolerance(pair), tmp_path)
    assert certificate.leaves > 2
    assert any(leaf.dual is not None for leaf in leaves_of(certificate.tree))
    assert certificate.first_failure(pair) is None
    less = replace(certificate, claim=tolerance(pair, Fraction(1, 2)))
    assert less.first_failure(pair) is not None
    wider = replace(pair, box=Box((-16, -12), (16, 20), 4))
    assert certificate.first_failure(wider) is not None


def test_one_tolerance_is_that_of_every_output(tmp_path: Path) -> None:
    pair = problem(4)
    each = tolerance(pair)
    assert isinstance(each, OutputTolerances)
    one = found(pair, OneTolerance(each.epsilons[0]), tmp_path)
    assert one.first_failure(pair) is None
    assert one.tree == found(pair, each, tmp_path).tree
    less = replace(one, claim=OneTolerance(largest_on_a_grid(pair) * Fraction(99, 100)))
    assert less.first_failure(pair) is not None


def test_what_does_not_hold_is_not_found(tmp_path: Path) -> None:
    pair = problem(1)
    result = splitting(pair, tolerance(pair, Fraction(99, 100)), tmp_path, Budget(60.0, 30))
    assert result.certificate is None and result.open > 0 and result.volume < 1
    assert result.proved + result.open <= 30


def test_a_class_in_parts(tmp_path: Path) -> None:
    """9/4 - |x + y| - |x - y| is above 0, but not by the triangles of the whole box."""
    hidden = Layer(((1, 1), (-1, -1), (1, -1), (-1, 1)), (0,) * 4, 1, Activation.RELU)
    last = Layer(((-4,) * 4, (0,) * 4), (9, 0), 4, Activation.IDENTITY)
    net = Network((hidden, last))
    pair = CertificationProblem(net, net, Box((-1, -1), (1, 1), 1), None, "", "class")
    certificate = found(pair, ChosenClass(0), tmp_path)
    assert certificate.leaves > 2 and certificate.first_failure(pair) is None
    assert splitting(pair, ChosenClass(1), tmp_path, Budget(60.0, 8)).certificate is None


@pytest.mark.parametrize("workers", ["2", pytest.param("ray", marks=needs_ray)])
def test_the_tree_is_that_of_one_process(
    workers: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = problem(4)
    alone = splitting(pair, tolerance(pair), tmp_path / "a")
    if workers == "2":  # from the first box on
        processes = partial(ProcessPool[Any, Any], processes=2, patience=0.0)
        monkeypatch.setattr(
            "pyorch.nets.goal_splitting.open_pool", lambda worker, _: processes(worker)
        )
    many = splitting(pair, tolerance(pair), tmp_path / "b", workers=workers)
    assert alone.certificate is not None
    assert (many.certificate, many.proved) == (alone.certificate, alone.proved)


def test_a_search_goes_on_where_it_was(tmp_path: Path) -> None:
    pair = problem(4)
    claim = tolerance(pair)
    whole = splitting(pair, claim, tmp_path / "new")
    assert whole.certificate is not None and whole.resumed == 0
    leaves = whole.certificate.leaves
    before = 0
    for most in (1, 3, leaves - 1, leaves, leaves + 1):
        again = splitting(pair, claim, tmp_path, Budget(60.0, most))
        assert again.resumed <= before and again.proved + again.open <= most
        assert again.certificate == (whole.certificate if most >= leaves else None)
        before = again.proved
    assert splitting(pair, claim, tmp_path).resumed == leaves
    # what is known of one claim is nothing for another
    assert splitting(pair, tolerance(pair, Fraction(2)), tmp_path).resumed == 0
    assert splitting(pair, replace_class(claim), tmp_path, Budget(60.0, 1)).resumed == 0


def replace_class(claim: GoalClaim) -> GoalClaim:
    assert isinstance(claim, OutputTolerances)
    return OutputTolerances(claim.epsilons[:1], 0)


def test_no_time_is_no_harm(tmp_path: Path) -> None:
    pair = problem(0)
    nothing = splitting(pair, tolerance(pair), tmp_path, Budget(0.0, 100))
    assert (nothing.certificate, nothing.proved, nothing.open) == (None, 0, 1)
    assert found(pair, tolerance(pair), tmp_path).first_failure(pair) is None


def test_a_torn_log_is_no_harm(tmp_path: Path) -> None:
    pair = problem(0)
    claim = tolerance(pair)
    whole = found(pair, claim, tmp_path)
    (log,) = (tmp_path / "splits").glob("*.log")
    text = log.read_bytes()
    for length in (len(text) // 3, len(text) // 2 + 3, len(text) - 1):
        log.write_bytes(text[:length] + b'\xff garbage\nproved 0b {"prec":1} nonsense\n')
        assert found(pair, claim, tmp_path) == whole


def test_a_log_that_lies_proves_nothing(tmp_path: Path) -> None:
    """Whatever a log says, the certificate is checked: here all of the box by intervals."""
    from pyorch.nets.goal_splitting import _PROOFS
    from pyorch.nets.search_log import SearchLog
    from pyorch.nets.splitting import log_subject

    pair = problem(0)
    claim = tolerance(pair)
    prec = found(pair, claim, tmp_path / "other").prec
    with SearchLog(tmp_path / "splits", log_subject(pair, prec, _PROOFS, claim)) as log:
        log.prove({"-": LEAF})
    lie = found(pair, claim, tmp_path)
    assert lie.leaves == 1 and lie.first_failure(pair) == 1


def test_progress_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyorch.nets.branch._EVERY", 0.0)
    pair = problem(0)
    seen: list[SearchProgress] = []
    split_goal(
        pair, tolerance(pair), scale=Fraction(1), budget=BUDGET, workers="1", cache=tmp_path,
        progress=seen.append,
    )  # fmt: skip
    assert len(seen) > 5
    assert all(p.proved <= q.proved and p.volume <= q.volume for p, q in pairwise(seen))
    assert (seen[-1].volume, seen[-1].open, seen[-1].epsilon) == (1, 0, None)
