"""Trees of bisections: what the search finds is proved, and what is altered is not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest

from pyorch.nets.branch import Budget
from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network
from pyorch.nets.split import LEAF, Leaf, Split, SplitCertificate, SplitTree
from pyorch.nets.splitting import split_box

BUDGET = Budget(seconds=60.0, leaves=500)


def network(rng: np.random.Generator, *widths: int) -> Network:
    layers = []
    for index, (inputs, outputs) in enumerate(pairwise(widths), 2):
        activation = Activation.IDENTITY if index == len(widths) else Activation.RELU
        weights = tuple(tuple(map(int, row)) for row in rng.integers(-8, 9, (outputs, inputs)))
        layers.append(Layer(weights, tuple(map(int, rng.integers(-4, 5, outputs))), 8, activation))
    return Network(tuple(layers))


def problem(seed: int, epsilon: Fraction | None = None) -> CertificationProblem:
    """Two networks of different depth: nothing pairs, so that the whole box is hard."""
    rng = np.random.default_rng(seed)
    teacher, student = network(rng, 2, 3, 1), network(rng, 2, 3, 2, 1)
    return CertificationProblem(teacher, student, Box((-4, -3), (4, 5), 4), epsilon, "", "random")


def largest_on_a_grid(pair: CertificationProblem) -> Fraction:
    axes = [
        [lo + (hi - lo) * Fraction(i, 8) for i in range(9)]
        for lo, hi in zip(pair.box.lower, pair.box.upper, strict=True)
    ]
    points = product(*axes)
    return max(abs(d) for point in points for d in pair.difference_at(point))


def found(pair: CertificationProblem, cache: Path, budget: Budget = BUDGET) -> SplitCertificate:
    splitting = split_box(pair, scale=Fraction(1), budget=budget, workers="1", cache=cache)
    assert splitting.certificate is not None
    return splitting.certificate


@pytest.mark.parametrize("seed", range(6))
def test_a_tree_that_is_found_proves_epsilon(seed: int, tmp_path: Path) -> None:
    without = found(problem(seed), tmp_path, Budget(seconds=60.0, leaves=24))
    assert without.proves(problem(seed))
    epsilon = without.epsilon
    assert largest_on_a_grid(problem(seed)) <= epsilon
    asked = found(problem(seed, epsilon), tmp_path)
    assert asked.epsilon == epsilon and asked.proves(problem(seed))
    assert not replace(asked, epsilon=largest_on_a_grid(problem(seed)) / 2).proves(problem(seed))


def altered(tree: SplitTree, change: str) -> SplitTree:
    """The tree with its first cut altered."""
    assert isinstance(tree, Split)
    if change == "no cut":
        return LEAF
    if change == "cut outside":
        return replace(tree, cut=10**9)
    if change == "no such coordinate":
        return replace(tree, dim=7)
    return replace(tree, below=tree.above, above=tree.below)


@pytest.mark.parametrize("change", ["no cut", "cut outside"])
@pytest.mark.parametrize("seed", range(3))
def test_an_altered_tree_proves_nothing(seed: int, change: str, tmp_path: Path) -> None:
    epsilon = found(problem(seed), tmp_path, Budget(seconds=60.0, leaves=24)).epsilon
    certificate = found(problem(seed, epsilon), tmp_path)
    if isinstance(certificate.tree, Leaf):
        pytest.fail("these networks are to need a cut")
    other = replace(certificate, tree=altered(certificate.tree, change))
    assert not other.proves(problem(seed))
    assert other.first_failure(problem(seed)) is not None


def test_swapped_networks_and_other_boxes(tmp_path: Path) -> None:
    pair = problem(1)
    certificate = found(pair, tmp_path, Budget(seconds=60.0, leaves=24))
    wider = replace(pair, box=Box((-16, -12), (16, 20), 4))
    assert not certificate.proves(wider)


def test_a_search_goes_on_where_it_was(tmp_path: Path) -> None:
    epsilon = found(problem(2), tmp_path, Budget(seconds=60.0, leaves=24)).epsilon
    pair = problem(2, epsilon)
    first = split_box(pair, scale=epsilon, budget=Budget(60.0, 4), workers="1", cache=tmp_path)
    assert first.certificate is None and first.open > 0
    second = split_box(pair, scale=epsilon, budget=BUDGET, workers="1", cache=tmp_path)
    assert second.certificate is not None and second.certificate.proves(pair)
    fresh = split_box(pair, scale=epsilon, budget=BUDGET, workers="1", cache=tmp_path / "new")
    assert fresh.certificate == second.certificate
    again = split_box(pair, scale=epsilon, budget=BUDGET, workers="1", cache=tmp_path)
    assert again.resumed == again.proved == second.certificate.leaves


def test_a_search_that_goes_on_has_no_more_leaves_than_allowed(tmp_path: Path) -> None:
    epsilon = found(problem(2), tmp_path, Budget(seconds=60.0, leaves=24)).epsilon
    pair = problem(2, epsilon)
    leaves = found(pair, tmp_path).leaves
    for most in range(1, leaves + 3):
        again = split_box(
            pair, scale=epsilon, budget=Budget(60.0, most), workers="1", cache=tmp_path
        )
        assert again.proved + again.open <= most
        assert (again.certificate is None) == (most < leaves)
        assert again.resumed == again.proved


def test_as_many_leaves_as_allowed(tmp_path: Path) -> None:
    pair = problem(2, found(problem(2), tmp_path, Budget(seconds=60.0, leaves=24)).epsilon / 2)
    for most in (1, 2, 7, 30, 100):
        some = split_box(
            pair, scale=Fraction(1), budget=Budget(60.0, most), workers="1", cache=tmp_path / "new"
        )
        assert some.certificate is None and some.proved + some.open == most


def test_a_torn_log_is_no_harm(tmp_path: Path) -> None:
    epsilon = found(problem(3), tmp_path, Budget(seconds=60.0, leaves=24)).epsilon
    pair = problem(3, epsilon)
    whole = found(pair, tmp_path)
    (log,) = (tmp_path / "splits").glob("*.log")
    text = log.read_bytes()
    log.write_bytes(text[: len(text) // 2 + 3] + b"\xff garbage\nproved 0b1a nonsense\n")
    assert found(pair, tmp_path) == whole
