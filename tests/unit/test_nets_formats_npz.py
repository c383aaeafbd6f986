"""NPZ files: what they mean, and one line for what is wrong with one. Nothing is unpickled."""

from __future__ import annotations

import io
import pickle
import zipfile
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from pyorch.errors import InputError
from pyorch.nets.formats import files
from pyorch.nets.formats.files import InputFile
from pyorch.nets.network import Activation, Layer, Network
from pyorch.nets.reader import parse_network

RELU, IDENTITY = Activation.RELU, Activation.IDENTITY
VALID: dict[str, Any] = {
    "W0": np.array([[1, 2.5], [-0.5, 0.25], [3, 0]], np.float32),
    "b0": np.array([0.5, -1, 0], np.float32),
    "W1": np.array([[1, 2, 3]], np.float16),
    "b1": np.array([0.1]),
    "activations": np.array(["relu", "identity"]),
}
NETWORK = Network(
    (
        Layer.exact([[1, 2.5], [-0.5, 0.25], [3, 0]], [0.5, -1, 0], RELU),
        Layer.exact([[1, 2, 3]], [0.1], IDENTITY),
    )
)


def npz(**changes: Any) -> bytes:
    content = {name: value for name, value in (VALID | changes).items() if value is not None}
    file = io.BytesIO()
    np.savez(file, **content)
    return file.getvalue()


def member(header: str | bytes, content: bytes = b"", version: tuple[int, int] = (1, 0)) -> bytes:
    text = header.encode() if isinstance(header, str) else header
    return b"\x93NUMPY" + bytes(version) + len(text).to_bytes(2, "little") + text + content


def archive(**members: bytes) -> bytes:
    """A valid archive but for these members, given as their bytes."""
    with zipfile.ZipFile(io.BytesIO(npz())) as valid:
        content = {name: valid.read(name) for name in valid.namelist()}
    content |= {f"{name}.npy": data for name, data in members.items()}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        for name, data in content.items():
            target.writestr(name, data)
    return file.getvalue()


def read(data: bytes, activations: Any = None) -> Network:
    return parse_network(InputFile("net.npz", data, ".npz"), activations=activations)


def error(data: bytes, activations: Any = None) -> str:
    with pytest.raises(InputError) as caught:
        read(data, activations)
    message = str(caught.value)
    assert message.isprintable()
    assert message.startswith("net.npz: ")
    return message.removeprefix("net.npz: ")


def test_a_valid_file() -> None:
    assert read(npz()) == NETWORK


def test_activations_beside_the_file() -> None:
    assert read(npz(activations=None), (RELU, IDENTITY)) == NETWORK
    assert read(npz(), (RELU, IDENTITY)) == NETWORK
    assert read(npz(activations=None), (RELU, RELU)) != NETWORK


@pytest.mark.parametrize(
    "dtype", ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "i1", "u1", "<i8", ">i4", "<u8"]
)
@pytest.mark.parametrize("order", ["C", "F"])
def test_types_and_orders(dtype: str, order: Any) -> None:
    weights = np.array([[1, 2], [3, 4], [5, 6]]).astype(dtype, order=order)
    layer = read(npz(W0=weights)).layers[0]
    rows = [[Fraction(v, layer.den) for v in row] for row in layer.weights]
    assert rows == [[1, 2], [3, 4], [5, 6]]


def test_large_integers_denormals_and_negative_zero() -> None:
    weights = np.array([[2**63 - 1], [2**53 + 1]])
    (layer,) = read(npz(W0=weights, b0=np.zeros(2), W1=None, b1=None, activations=["relu"])).layers
    assert layer.weights == ((2**63 - 1,), (2**53 + 1,))
    small = np.array([[5e-324], [-0.0]])
    (layer,) = read(npz(W0=small, b0=np.zeros(2), W1=None, b1=None, activations=["relu"])).layers
    assert (layer.weights, layer.den) == (((1,), (0,)), 2**1074)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"W0": None}, "has no array W0"),
        ({"b1": None}, "has no array b1"),
        ({"W1": None}, "has no array W1"),
        ({"W3": np.ones((1, 1)), "b3": np.ones(1)}, "has no array W2"),
        ({"activation": np.ones(1)}, "'activation': is not W0, b0, W1, b1, …; did you mean 'acti"),
        ({"extra": np.ones(1)}, "'extra': is not W0, b0, W1, b1, …"),
        ({"W00": np.ones(1)}, "'W00': is not W0, b0"),
        ({"W0": np.ones(3)}, "W0: has 1 axes, expected outputs × inputs"),
        ({"W0": np.ones((3, 2, 1))}, "W0: has 3 axes, expected outputs × inputs"),
        ({"W0": np.ones((0, 2))}, "'W0': has the shape 0 × 2: nothing in it"),
        ({"b0": np.ones((3, 1))}, "b0: has 2 axes, expected one"),
        ({"b0": np.float64(1)}, "b0: has 0 axes, expected one"),
        ({"b0": np.ones(4)}, "W0: is 3 × 2, b0 has 4 numbers"),
        ({"W0": np.ones((2, 3))}, "W0: is 2 × 3, b0 has 3 numbers; weights are outputs × inputs"),
        ({"W1": np.ones((1, 4))}, "W1: is 1 × 4, the layer before has 3 outputs"),
        ({"b0": np.array([1, np.nan, 2])}, "b0: nan at [1] is not finite"),
        ({"W0": np.full((3, 2), -np.inf)}, "W0: -inf at [0][0] is not finite"),
        ({"W0": np.array([[1e300, 1e-300]] * 3)}, "W0: the values mix too many magnitudes"),
        ({"b0": np.array([1e-320, 0, 0]), "W0": np.full((3, 2), 1e9)}, "W0, b0: the values mix"),
        ({"W0": np.ones((3, 2), bool)}, "'W0': has entries of type bool"),
        ({"W0": np.ones((3, 2), complex)}, "'W0': has entries of type complex128"),
        ({"W0": np.array([["1", "2"]] * 3)}, "W0: entries of type <U1, not float16,"),
        ({"W0": np.ones((3, 2), "M8[s]")}, "'W0': has entries of type datetime64[s]"),
        ({"W0": np.ones(3, [("a", "f8")])}, "'W0': has entries of type [('a', '<f8')]"),
        ({"W0": np.array([[print]])}, "'W0': holds pickled Python objects, which are not loaded"),
        ({"activations": None}, "does not say what follows its 2 layers: add an array 'activ"),
        ({"activations": ["relu"]}, "activations: 1 of them for 2 layers"),
        ({"activations": ["relu", "rely"]}, "activations[1]: 'rely' is not one of relu, identity;"),
        ({"activations": ["relu", "ReLU\n"]}, "activations[1]: 'ReLU\\n' is not one of relu"),
        ({"activations": ["relu", "é"]}, "'activations': has the character 0xe9, which is not"),
        ({"activations": [1, 0]}, "activations: is not a list of strings"),
        ({"activations": "relu"}, "activations: is not a list of strings"),
        ({"activations": [b"relu", b"relu"]}, "'activations': has entries of type |S4"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], message: str) -> None:
    assert error(npz(**changes)).startswith(message)


@pytest.mark.skipif(np.dtype(np.longdouble).itemsize == 8, reason="long double is float64 here")
def test_extended_precision_is_refused() -> None:
    wide = np.ones((3, 2), np.longdouble)
    assert (
        error(npz(W0=wide)) == f"W0: entries of type {wide.dtype}, not float16, float32 or float64"
    )


def test_activations_that_contradict_the_file() -> None:
    message = "activations: is relu, identity in the file, relu, relu was given"
    assert error(npz(), (RELU, RELU)) == message
    assert error(npz(activations=None), (RELU,)) == "activations: 1 of them for 2 layers"


class Unpickled:
    """Says so when it is."""

    def __reduce__(self) -> tuple[Any, ...]:
        return pytest.fail, ("unpickled",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pickle.dumps(Unpickled()), "'W0': is not an array"),
        (
            member("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n")
            + pickle.dumps([Unpickled()]),
            "'W0': holds pickled Python objects, which are not loaded",
        ),
        (b"", "'W0': is not an array"),
        (b"\x93NUMPY", "'W0': is not an array"),
        (member("", version=(3, 0)), "'W0': is in version 3.0 of the array format"),
        (member("{'descr': '<f8'"), "'W0': is not an array: its header cannot be read"),
        (member("-" * 9000 + "1"), "'W0': is not an array: its header cannot be read"),
        (member("(" * 9000), "'W0': is not an array: its header cannot be read"),
        (member("(" * 60000), "'W0': is not an array: its header cannot be read"),
        (member("{[]: 1}"), "'W0': is not an array: its header cannot be read"),
        (
            member("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 1000000), }\n"),
            "'W0': has 0 bytes for the shape 1000000 × 1000000 of float64",
        ),
        (
            member("{'descr': '<f8', 'fortran_order': False, 'shape': (-3, -2), }\n", bytes(48)),
            "'W0': has the shape -3 × -2: nothing in it",
        ),
        (
            member("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }\n", bytes(47)),
            "'W0': has 47 bytes for the shape 3 × 2 of float64",
        ),
        (
            member("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }\n", bytes(49)),
            "'W0': has 49 bytes for the shape 3 × 2 of float64",
        ),
    ],
)
def test_arrays_that_are_none(content: bytes, message: str) -> None:
    assert error(archive(W0=content)) == message


def test_strings_that_numpy_would_make_of_anything() -> None:
    header = "{'descr': '<U1', 'fortran_order': False, 'shape': (2,), }\n"
    message = "'activations': has the character 0xffffffff, which is not ASCII"
    assert error(archive(activations=member(header, b"\xff" * 8))) == message


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"garbage" * 9, npz()[:-30], npz()[40:]])
def test_garbage(data: bytes) -> None:
    assert error(data).startswith("not an NPZ file: ")


def test_a_changed_byte_is_noticed() -> None:
    data = bytearray(npz())
    data[200] ^= 1
    assert error(bytes(data)).startswith("not an NPZ file: Bad CRC-32 for file 'W0.npy'")


def test_members_that_have_no_place() -> None:
    file = io.BytesIO(npz())
    with zipfile.ZipFile(file, "a") as target:
        target.writestr("code.py", "import os")
    assert error(file.getvalue()) == "'code.py': is not an array (.npy)"
    file = io.BytesIO(npz())
    with (
        zipfile.ZipFile(file, "a") as target,
        pytest.warns(UserWarning, match="Duplicate"),
    ):
        target.writestr("W0.npy", "")
    assert error(file.getvalue()) == "'W0': is there twice"


def test_a_bomb() -> None:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target,
        target.open("W0.npy", "w") as w,
    ):
        for _ in range(40):
            w.write(bytes(2**20))
    assert len(file.getvalue()) < 2**17
    assert error(file.getvalue()) == f"unpacks to {40 * 2**20} bytes (limit {2**25})"


def test_a_bomb_that_states_a_small_size() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("W0.npy", bytes(2**20))
    size = (2**20).to_bytes(4, "little")
    data = file.getvalue().replace(size, (100).to_bytes(4, "little"))
    assert error(data).startswith("not an NPZ file: ")


def test_many_arrays_and_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    many = {f"b{i}": np.ones(1) for i in range(5000)}
    assert error(npz(**many)) == "has 5003 arrays (limit 4096)"
    wide = npz(W0=np.ones((3, 10**6), np.int8))
    assert error(wide) == "W0: 1000000 inputs or outputs of a layer (limit 65536)"
    monkeypatch.setattr(files, "MAX_PARAMETERS", 12)
    assert error(npz()) == "W1: 13 weights and biases (limit 12)"
