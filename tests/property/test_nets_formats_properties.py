"""Networks written to each format are read back exactly, ONNX graphs mean what they compute, and
whatever a file holds, its reader answers with a network or with one line."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

pytest.importorskip("onnx")

from onnx.reference import ReferenceEvaluator  # noqa: TID253

from pyorch.errors import InputError
from pyorch.nets.formats.exact_array import ExactArray
from pyorch.nets.formats.files import InputFile
from pyorch.nets.network import Activation, Box, Layer, Network
from pyorch.nets.reader import parse_box, parse_network
from tests.property import nets_formats_writers as writers
from tests.property.nets_formats_strategies import WIDTHS, dtypes, graphs, networks, numbers


def read(data: bytes, suffix: str, **options: Any) -> Network:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return parse_network(InputFile(f"net{suffix}", data, suffix), **options)


@given(st.data(), dtypes)
def test_exact_arrays_are_the_floats(data: st.DataObject, dtype: str) -> None:
    every = st.floats(allow_nan=False, allow_infinity=False, width=WIDTHS[dtype])
    values = np.array(data.draw(st.lists(every, min_size=1, max_size=6)), dtype)
    try:
        exact = ExactArray.of(values)
    except ValueError:
        assert dtype == "float64"
        return
    fractions = [Fraction(v) for v in values.tolist()]
    assert [Fraction(n, 2**exact.exponent) for n in exact.numerators] == fractions
    assert exact.exponent == max(f.denominator.bit_length() - 1 for f in fractions)
    assert exact.floats().tolist() == values.tolist()


@given(st.data(), st.floats(-4, 4, width=32))
def test_exact_arithmetic(data: st.DataObject, factor: float) -> None:
    vector = st.lists(numbers("float32"), min_size=3, max_size=3)
    rows = [data.draw(vector) for _ in range(2)]
    x, y = (np.array(data.draw(vector), np.float32) for _ in range(2))
    matrix = np.array(rows, np.float32)

    def values(array: ExactArray) -> list[Fraction]:
        return [Fraction(n, 2**array.exponent) for n in array.numerators.reshape(-1)]

    exact_x, exact_y, exact_matrix = (ExactArray.of(a) for a in (x, y, matrix))
    fraction_x, fraction_y, fraction_matrix = (writers.exactly(a) for a in (x, y, matrix))
    assert values(exact_x.plus(exact_y)) == list(fraction_x + fraction_y)
    assert values(exact_matrix.times(exact_x)) == list(fraction_matrix @ fraction_x)
    assert values(exact_x.scaled(factor).negated()) == list(-fraction_x * Fraction(factor))


@given(networks("float64"))
def test_json_round_trip(network: Network) -> None:
    assert read(writers.json_network(network), ".json") == network


@given(st.data(), dtypes, st.booleans(), st.booleans())
def test_npz_round_trip(
    data: st.DataObject, dtype: str, is_named: bool, is_compressed: bool
) -> None:
    network = data.draw(networks(dtype))
    content = writers.npz_network(network, dtype, named=is_named, compressed=is_compressed)
    activations = tuple(layer.activation for layer in network.layers)
    assert read(content, ".npz", activations=None if is_named else activations) == network


@given(networks("float64", like_nnet=True))
def test_nnet_round_trip(network: Network) -> None:
    assert read(writers.nnet_network(network), ".nnet") == network


@given(st.data(), dtypes, st.sampled_from(["gemm", "add", "sub"]))
@settings(deadline=None)
def test_onnx_round_trip(data: st.DataObject, dtype: str, style: str) -> None:
    network = data.draw(networks(dtype))
    content = writers.onnx_network(network, dtype, style).data()
    assert read(content, ".onnx") == network


@given(st.data(), networks("float16", like_nnet=True))
def test_nnet_normalization(data: st.DataObject, network: Network) -> None:
    ordinary = st.floats(-1000, 1000).filter(lambda x: x == 0 or abs(x) > 1e-3)
    size = network.input_dim + 1
    means = data.draw(st.lists(ordinary, min_size=size, max_size=size))
    ranges = data.draw(st.lists(ordinary.filter(bool), min_size=size, max_size=size))
    normalized = read(writers.nnet_network(network, means, ranges), ".nnet", normalize=True)
    # the network with its first weights as `normalizeNNet` divides them, at x − mean
    first, *others = network.layers
    weights, bias = writers.arrays(first)
    divided = Layer.exact(
        (weights / np.array(ranges[:-1])).tolist(), bias.tolist(), first.activation
    )
    point = [
        Fraction(v) for v in data.draw(st.lists(ordinary, min_size=size - 1, max_size=size - 1))
    ]
    shifted = [x - Fraction(mean) for x, mean in zip(point, means, strict=False)]
    expected = [
        y * Fraction(ranges[-1]) + Fraction(means[-1])
        for y in Network((divided, *others)).evaluate_exact(shifted)
    ]
    assert list(normalized.evaluate_exact(point)) == expected


@given(st.data(), dtypes)
@settings(deadline=None)
def test_an_onnx_graph_means_what_it_computes(data: st.DataObject, dtype: str) -> None:
    graph = data.draw(graphs(dtype))
    model = graph.model()
    network = read(model.SerializeToString(), ".onnx")
    small = st.floats(-8, 8, width=16)
    size = network.input_dim
    point = np.array(data.draw(st.lists(small, min_size=size, max_size=size)), dtype)
    exact, error = writers.evaluate_graph(graph, point.reshape(graph.batch_one))
    fractions = [Fraction(v) for v in point.tolist()]
    assert network.evaluate_exact(fractions) == tuple(exact.reshape(-1))
    (computed,) = ReferenceEvaluator(model).run(None, {"x0": point.reshape(graph.batch_one)})
    distance = abs(writers.exactly(computed) - exact)
    assert computed.dtype == dtype
    assert (distance <= error).all()
    floats = writers.exactly(network.evaluate_float(point))
    bound = np.array(writers.float64_bound(network, fractions))
    assert (abs(floats - exact.reshape(-1)) <= bound).all()


sides = st.lists(
    st.tuples(
        st.decimals(-50, 50, places=6).map(Fraction), st.decimals(0, 50, places=6).map(Fraction)
    ),
    min_size=1,
    max_size=5,
)


@given(sides)
def test_box_round_trips(pairs: list[tuple[Fraction, Fraction]]) -> None:
    box = Box.exact([lo for lo, _ in pairs], [lo + width for lo, width in pairs])
    text = {"lower": list(map(str, box.lower)), "upper": list(map(str, box.upper))}
    data = json.dumps({"format": "pyorch-box-1", **text}).encode()
    assert parse_box(InputFile("box.json", data, ".json"), box.dim) == box
    data = writers.vnnlib_box(box, decimals=6)
    assert parse_box(InputFile("box.vnnlib", data, ".vnnlib"), box.dim) == box


# ---- whatever the bytes --------------------------------------------------------------------------

SMALL = Network(
    (
        Layer.exact([[1, 2.5], [3, -0.125], [0, 1]], [0.5, 0, 1], Activation.RELU),
        Layer.exact([[1, 2, 3]], [0.5], Activation.IDENTITY),
    )
)
FILES = {
    ".json": writers.json_network(SMALL),
    ".nnet": writers.nnet_network(SMALL),
    ".npz": writers.npz_network(SMALL),
    ".onnx": writers.onnx_network(SMALL, style="add").data(),
    ".vnnlib": writers.vnnlib_box(Box.exact([Fraction(0)] * 2, [Fraction(1, 8)] * 2)),
}


def is_answered(data: bytes, suffix: str) -> None:
    name = f"net{suffix}"
    try:
        if suffix == ".vnnlib":
            parse_box(InputFile(name, data, suffix), 2)
        else:
            read(data, suffix)
    except InputError as e:
        assert str(e).isprintable()
        assert str(e).startswith(f"{name}: ")


@given(st.data(), st.sampled_from(sorted(FILES)))
@settings(max_examples=300, deadline=None)
def test_a_file_with_bytes_changed(data: st.DataObject, suffix: str) -> None:
    content = bytearray(FILES[suffix])
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(start + 8, len(content))))
        content[start:end] = data.draw(st.binary(max_size=6))
    is_answered(bytes(content), suffix)


@given(st.data(), st.sampled_from(sorted(FILES)))
@settings(deadline=None)
def test_a_truncated_file(data: st.DataObject, suffix: str) -> None:
    content = FILES[suffix]
    is_answered(content[: data.draw(st.integers(0, len(content)))], suffix)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_an_npz_file_with_an_array_changed(data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(FILES[".npz"])) as archive:
        members = {name: bytearray(archive.read(name)) for name in archive.namelist()}
    content = members[data.draw(st.sampled_from(sorted(members)))]
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, min(len(content), 130)))
        end = data.draw(st.integers(start, min(start + 3, len(content))))
        noise = st.one_of(
            st.sampled_from([b"(", b"-", b"'", b",", b"O", b"U", b"9", b"<f2", b"True", b"{["]),
            st.binary(max_size=3),
        )
        content[start:end] = data.draw(noise)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in members.items():
            archive.writestr(name, bytes(part))
    is_answered(file.getvalue(), ".npz")


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_an_onnx_model_with_fields_changed(data: st.DataObject) -> None:
    model = writers.onnx_network(SMALL, style=data.draw(st.sampled_from(["gemm", "add"]))).model()
    for _ in range(data.draw(st.integers(1, 3))):
        _change(data, model.graph)
    is_answered(model.SerializeToString(), ".onnx")


def _change(data: st.DataObject, message: Any) -> None:
    """Changes, removes or repeats a field somewhere below a message."""
    present = [(field.name, value) for field, value in message.ListFields()]
    if not present:
        return
    name, value = data.draw(st.sampled_from(present))
    if isinstance(value, int | float | str | bytes):
        others: dict[type, st.SearchStrategy[Any]] = {
            int: st.sampled_from([0, 1, 2, 7, 10, 11, 2**31 - 1]),
            float: st.floats(width=32),
            str: st.sampled_from(["", "x0", "W0", "b1", "r0", "Relu", "Conv", "Constant", "é\n"]),
            bytes: st.binary(max_size=24),
        }
        changed = data.draw(others[type(value)])
        try:
            setattr(message, name, changed)
        except ValueError:  # a number that is none of an enumeration
            message.ClearField(name)
    elif hasattr(value, "ListFields"):
        _change(data, value)
    else:
        index = data.draw(st.integers(0, len(value) - 1))
        how = data.draw(st.sampled_from(["below", "below", "remove", "repeat"]))
        if how == "remove":
            del value[index]
        elif how == "repeat":
            value.append(value[index])
        elif hasattr(value[index], "ListFields"):
            _change(data, value[index])
