"""Hypothesis strategies for networks, boxes and points in them."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import strategies as st

from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network

weights = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 0.5, -0.0, 5e-324]),
    st.floats(-4, 4, width=16),
    st.floats(-4, 4).map(lambda x: x if abs(x) > 1e-9 else 0.0),
).map(lambda x: x if abs(x) > 1e-30 else 0.0)


@st.composite
def layers(draw: st.DrawFn, inputs: int, outputs: int) -> Layer:
    def row(length: int) -> list[float]:
        return draw(st.lists(weights, min_size=length, max_size=length))

    return Layer.exact(
        [row(inputs) for _ in range(outputs)], row(outputs), draw(st.sampled_from(Activation))
    )


@st.composite
def networks(draw: st.DrawFn, inputs: int, outputs: int) -> Network:
    widths = [inputs, *draw(st.lists(st.integers(1, 4), max_size=2)), outputs]
    return Network(tuple(draw(layers(n, m)) for n, m in pairwise(widths)))


@st.composite
def boxes(draw: st.DrawFn, dim: int) -> Box:
    bounds = st.fractions(-3, 3, max_denominator=12)
    sides = [sorted([draw(bounds), draw(bounds)]) for _ in range(dim)]
    return Box.exact([lo for lo, _ in sides], [hi for _, hi in sides])


@st.composite
def nearby(draw: st.DrawFn, network: Network) -> Network:
    """A network of the same widths and activations, some weights changed a little."""
    changes = st.one_of(st.just(0.0), st.floats(-1 / 64, 1 / 64, width=16))

    def moved(row: tuple[int, ...], den: int) -> list[float]:
        return [v / den + draw(changes) for v in row]

    return Network(
        tuple(
            Layer.exact(
                [moved(row, layer.den) for row in layer.weights],
                moved(layer.bias, layer.den),
                layer.activation,
            )
            for layer in network.layers
        )
    )


@st.composite
def problems(draw: st.DrawFn, paired: bool | None = None) -> CertificationProblem:
    """Pairs of any shapes; with `paired`, of the same shape and near each other (or never so)."""
    inputs, outputs = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    teacher = draw(networks(inputs, outputs))
    is_near = draw(st.booleans()) if paired is None else paired
    student = draw(nearby(teacher)) if is_near else draw(networks(inputs, outputs))
    return CertificationProblem(teacher, student, draw(boxes(inputs)), None, "", "test")


def points_of(box: Box, count: int) -> st.SearchStrategy[list[tuple[Fraction, ...]]]:
    """Rational points of a box, its corners among them."""
    scales = st.one_of(st.sampled_from([Fraction(0), Fraction(1)]), st.fractions(0, 1))
    point = st.tuples(*(scales for _ in range(box.dim))).map(
        lambda ts: tuple(
            lo + t * (hi - lo) for lo, hi, t in zip(box.lower, box.upper, ts, strict=True)
        )
    )
    return st.lists(point, min_size=count, max_size=count)
