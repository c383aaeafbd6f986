"""Pools of workers: this process, several, and a Ray cluster on this machine."""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest

from pyorch.errors import UsageError
from pyorch.nets.branch import Budget
from pyorch.nets.pool import Pool, ProcessPool, RayPool, SerialPool, open_pool
from pyorch.nets.splitting import split_box
from tests.unit.test_nets_split_search import problem

HAS_RAY = importlib.util.find_spec("ray") is not None
needs_ray = pytest.mark.skipif(not HAS_RAY, reason="Ray is not installed (pip install ray)")


#: 3 / task; processes elsewhere cannot import what a test defines.
WORKER = partial(Fraction, 3)


@pytest.fixture(params=["serial", "processes", pytest.param("ray", marks=needs_ray)])
def pool(request: pytest.FixtureRequest) -> Iterator[Pool[int, Fraction]]:
    if request.param == "serial":
        yield SerialPool(WORKER)
    elif request.param == "processes":
        with ProcessPool(WORKER, 2, patience=0) as made:
            yield made
    else:
        yield RayPool(WORKER)


def test_every_task_has_its_result(pool: Pool[int, Fraction]) -> None:
    assert sorted(pool.results(range(1, 40)), reverse=True) == [
        Fraction(3, n) for n in range(1, 40)
    ]
    assert list(pool.results([])) == []
    assert sorted(pool.results([5, 2])) == [Fraction(3, 5), Fraction(3, 2)]


def test_tasks_are_taken_as_they_are_needed(pool: Pool[int, Fraction]) -> None:
    results = pool.results(itertools.count(1))
    assert len({next(results) for _ in range(5)}) == 5


def test_an_error_of_the_worker_is_told(pool: Pool[int, Fraction]) -> None:
    with pytest.raises(ZeroDivisionError):
        list(pool.results([1, 0, 2]))


@pytest.mark.parametrize("workers", ["2", pytest.param("ray", marks=needs_ray)])
def test_a_box_is_bisected_as_in_one_process(workers: str, tmp_path: Path) -> None:
    pair = problem(0)
    scale, budget = Fraction(1), Budget(seconds=60.0, leaves=300)
    alone = split_box(pair, scale=scale, budget=budget, workers="1", cache=tmp_path / "a")
    assert alone.certificate is not None
    asked = problem(0, alone.certificate.epsilon)
    found = split_box(asked, scale=scale, budget=budget, workers=workers, cache=tmp_path / "b")
    assert found.certificate is not None
    assert found.certificate.proves(asked)


@pytest.mark.skipif(HAS_RAY, reason="Ray is installed")
def test_ray_that_is_not_installed() -> None:
    with pytest.raises(UsageError, match=r"Ray is not installed.*pyorch\[ray\]"):
        open_pool(WORKER, "ray")
