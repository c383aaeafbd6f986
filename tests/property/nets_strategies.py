"""Hypothesis strategies for networks, boxes and points in them."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import strategies as st

from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network
from tests.property.fraction_strategies import fractions_between

weights = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 0.5, -0.0, 5e-324]),
    st.floats(-4, 4, width=16),
    st.floats(-4, 4).map(lambda x: x if abs(x) > 1e-9 else 0.0),
).map(lambda x: x if abs(x) > 1e-30 else 0.0)


# Made once: Hypothesis examines each strategy before it draws from it.
_activations = st.sampled_from(Activation)
_hidden = st.lists(st.integers(1, 4), max_size=2)
_bounds = fractions_between(-3, 3, 12)
_changes = st.one_of(st.just(0.0), st.floats(-1 / 64, 1 / 64, width=16))
_scales = st.one_of(st.sampled_from([Fraction(0), Fraction(1)]), fractions_between(0, 1))


@st.composite
def layers(draw: st.DrawFn, inputs: int, outputs: int) -> Layer:
    def row(length: int) -> list[float]:
        return [draw(weights) for _ in range(length)]

    return Layer.exact([row(inputs) for _ in range(outputs)], row(outputs), draw(_activations))


@st.composite
def networks(draw: st.DrawFn, inputs: int, outputs: int) -> Network:
    widths = [inputs, *draw(_hidden), outputs]
    return Network(tuple(draw(layers(n, m)) for n, m in pairwise(widths)))


@st.composite
def boxes(draw: st.DrawFn, dim: int) -> Box:
    sides = [sorted([draw(_bounds), draw(_bounds)]) for _ in range(dim)]
    return Box.exact([lo for lo, _ in sides], [hi for _, hi in sides])


@st.composite
def nearby(draw: st.DrawFn, network: Network) -> Network:
    """A network of the same widths and activations, some weights changed a little."""

    def moved(row: tuple[int, ...], den: int) -> list[float]:
        return [v / den + draw(_changes) for v in row]

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
    point = st.tuples(*(_scales for _ in range(box.dim))).map(
        lambda ts: tuple(
            lo + t * (hi - lo) for lo, hi, t in zip(box.lower, box.upper, ts, strict=True)
        )
    )
    return st.lists(point, min_size=count, max_size=count)
