"""The exact functions that claims are sampled with are the definitions that theorems are about."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice

import pytest

from pyorch.claims.activation import ActivationQuantizer
from pyorch.claims.quantizer import ROUNDINGS, Quantizer, round_half
from pyorch.claims.stochastic_rounding import StochasticGrid
from pyorch.emit import lean_arg
from pyorch.lean.protocol import Server
from pyorch.lean.workbench import Workbench

ROUND = {"half_even": "roundHalfEven", "half_up": "roundHalfUp"}


def batched(items: Iterator[str], count: int) -> Iterator[list[str]]:
    while some := list(islice(items, count)):
        yield some


def number(rng: random.Random) -> Fraction:
    """A tie, a plain fraction or one with many digits."""
    return rng.choice(
        [
            Fraction(rng.randint(-40, 40), 2),
            Fraction(rng.randint(-400, 400), rng.randint(1, 12)),
            Fraction(rng.randint(-(10**20), 10**20), rng.randint(1, 10**18)),
        ]
    )


def quantizers(rng: random.Random) -> Iterator[Quantizer]:
    for signed, narrow in ((True, False), (True, True), (False, False)):
        step = abs(number(rng)) or Fraction(1)
        for rounding in ROUNDINGS:
            bits = rng.randint(2, 10)
            yield Quantizer(bits, step, number(rng), signed, rounding, narrow)


def facts(rng: random.Random) -> Iterator[str]:
    for q in quantizers(rng):
        s, x = lean_arg(q.scale), number(rng)
        round_ = ROUND[q.rounding]
        params = f"(QuantParams.{q.kind} {q.bits} {s} {lean_arg(q.zero_point)} : QuantParams Rat)"
        tie = q.dequantize(rng.randint(q.q_min - 2, q.q_max + 2)) + q.half_step
        yield f"{round_} {lean_arg(x)} = {round_half(x, q.rounding)}"
        for number_ in (x, tie):
            code = q.quantize(number_)
            yield f"quantize {round_} {params} {lean_arg(number_)} = {code}"
            yield f"dequantize {params} ({code}) = {lean_arg(q.dequantize(code))}"
        activation = ActivationQuantizer(q.bits, q.scale)
        code = activation.codes(x)[ROUNDINGS.index(q.rounding)]
        limit = activation.limit
        yield f"clampInt (-{limit}) {limit} ({round_} ({lean_arg(x)} * {s})) = {code}"
        grid = StochasticGrid(q.scale)
        for number_ in (x, q.scale * rng.randint(-5, 5)):
            (_, down), (probability, up) = grid.outcomes(number_)
            for name, value in (
                ("Down", down),
                ("Up", up),
                ("Prob", probability),
                ("Mean", grid.mean(number_)),
                ("Variance", grid.variance(number_)),
            ):
                yield f"stochastic{name} Rat.floor {s} {lean_arg(number_)} = {lean_arg(value)}"


@pytest.mark.parametrize("seed", range(3))
def test_lean_computes_what_python_computes(seed: int, bench: Workbench, server: Server) -> None:
    environment = bench.library(("PyOrch.Quantization", "PyOrch.StochasticRounding"))
    examples = (
        "example :\n    " + " ∧\n    ".join(some) + " := by\n  decide +kernel\n"
        for some in batched(facts(random.Random(seed)), 16)
    )
    result = server.elaborate("\n".join(("open PyOrch", *examples)), environment)
    assert not result.errors, [str(e)[:500] for e in result.errors]
