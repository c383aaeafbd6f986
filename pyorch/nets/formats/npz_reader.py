"""Networks in NPZ: the arrays W0, b0, W1, b1, … and what follows each layer.

Wi has the shape outputs × inputs: a layer computes act(Wi·x + bi). This is the layout of PyTorch's
`Linear.weight`; scikit-learn's `coefs_` and Keras's kernels are transposed. Entries are float16,
float32, float64 or integers. The activations, `relu` or `identity` for each layer, are in the
string array `activations`, or given beside the file; they have no default.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pyorch.nets.formats.exact_array import ExactArray, exact_layer
from pyorch.nets.formats.files import MAX_PARAMETERS, InputFile, check_widths
from pyorch.nets.formats.npz_archive import read_arrays
from pyorch.nets.json_tree import display, suggestion
from pyorch.nets.network import Activation, Layer, Network

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["parse_network"]

_NAME = re.compile(r"[Wb](0|[1-9][0-9]{0,3})")
_ACTIVATIONS = "activations"


def parse_network(file: InputFile, activations: Sequence[Activation] | None = None) -> Network:
    """The network in an NPZ file.

    Args:
        activations: of each layer, for a file that does not have them.

    Raises:
        InputError: one line that names file, array and value.
    """
    arrays = read_arrays(file, 8 * MAX_PARAMETERS)
    for name in arrays:
        if name != _ACTIVATIONS and not _NAME.fullmatch(name):
            known = ("W0", "b0", _ACTIVATIONS)
            raise file.error(display(name), f"is not W0, b0, W1, b1, …{suggestion(name, known)}")
    count = sum(name.startswith("W") for name in arrays)
    indices = range(max(count, sum(name.startswith("b") for name in arrays), 1))
    for name in (f"{letter}{index}" for index in indices for letter in "Wb"):
        if name not in arrays:
            raise file.error("", f"has no array {name}")
    chosen = _activations(file, arrays.get(_ACTIVATIONS), activations, count)
    widths: list[int] = []
    for index in indices:
        widths = _checked(file, index, arrays[f"W{index}"], arrays[f"b{index}"], widths)
    return Network(
        tuple(
            _layer(file, index, arrays[f"W{index}"], arrays[f"b{index}"], chosen[index])
            for index in indices
        )
    )


def _checked(
    file: InputFile, index: int, weights: NDArray[Any], bias: NDArray[Any], widths: list[int]
) -> list[int]:
    """The widths up to this layer, if its arrays fit them and each other."""
    name = f"W{index}"
    if weights.ndim != 2:
        raise file.error(name, f"has {weights.ndim} axes, expected outputs × inputs")
    if bias.ndim != 1:
        raise file.error(f"b{index}", f"has {bias.ndim} axes, expected one")
    outputs, inputs = weights.shape
    shown = f"is {outputs} × {inputs}"
    if len(bias) != outputs:
        hint = "; weights are outputs × inputs" if len(bias) == inputs else ""
        raise file.error(name, f"{shown}, b{index} has {len(bias)} numbers{hint}")
    if widths and inputs != widths[-1]:
        raise file.error(name, f"{shown}, the layer before has {widths[-1]} outputs")
    widths = [*widths, outputs] if widths else [inputs, outputs]
    try:
        check_widths(widths)
    except ValueError as e:
        raise file.error(name, str(e)) from None
    return widths


def _layer(
    file: InputFile, index: int, weights: NDArray[Any], bias: NDArray[Any], activation: Activation
) -> Layer:
    name = f"W{index}"
    try:
        matrix = ExactArray.of(weights)
        name = f"b{index}"
        vector = ExactArray.of(bias)
        name = f"W{index}, b{index}"
        return exact_layer(matrix, vector, activation)
    except ValueError as e:
        raise file.error(name, str(e)) from None


def _activations(
    file: InputFile,
    array: NDArray[Any] | None,
    given: Sequence[Activation] | None,
    count: int,
) -> tuple[Activation, ...]:
    named = None if array is None else _named(file, array)
    if named is not None and given is not None and named != tuple(given):
        raise file.error(
            _ACTIVATIONS, f"is {', '.join(named)} in the file, {', '.join(given)} was given"
        )
    chosen = named if given is None else tuple(given)
    if chosen is None:
        raise file.error(
            "",
            f"does not say what follows its {count} layers: add an array {_ACTIVATIONS!r} of "
            "'relu' and 'identity', or give them",
        )
    if len(chosen) != count:
        raise file.error(_ACTIVATIONS, f"{len(chosen)} of them for {count} layers")
    return chosen


def _named(file: InputFile, array: NDArray[Any]) -> tuple[Activation, ...]:
    if array.dtype.kind != "U" or array.ndim != 1:
        raise file.error(_ACTIVATIONS, "is not a list of strings")
    names: list[str] = array.tolist()
    for index, name in enumerate(names):
        if name not in tuple(Activation):
            raise file.error(
                f"{_ACTIVATIONS}[{index}]",
                f"{display(name)} is not one of {', '.join(Activation)}"
                f"{suggestion(name, tuple(Activation))}",
            )
    return tuple(map(Activation, names))
