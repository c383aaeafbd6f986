"""Networks in packed form, with lanes wide enough for Lean's relaxation to be quick.

Too narrow a stride would not be unsound: Lean's `PackedLayer.rowsBounds` and `PackedLayer.combine`
then fall back to lists, and take a hundred times as long.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyorch.nets.bounds import Interval, common_factors
from pyorch.nets.dual import DualBounds, DualCertificate
from pyorch.nets.dual_forms import Forms
from pyorch.nets.network import Layer
from pyorch.nets.packed import PackedLayer, lane_bits, pack_layer, weight_bits

__all__ = ["pack_dual", "pack_used"]


def pack_dual(
    relaxation: DualBounds, certificate: DualCertificate
) -> tuple[tuple[PackedLayer, ...], tuple[PackedLayer, ...]]:
    """Teacher and student with the strides that the certificate's check needs."""
    relaxation.bounds(certificate)
    return pack_used(relaxation)


def pack_used(relaxation: DualBounds) -> tuple[tuple[PackedLayer, ...], tuple[PackedLayer, ...]]:
    """Teacher and student with the strides that the passes need that were made; paired layers share
    one."""
    inputs = relaxation.inputs
    t, s, delta = inputs, inputs, (Interval(0, 0),) * len(inputs)
    teacher, student = [], []
    forms = iter(relaxation.forms)
    for step in reversed(relaxation.steps):
        t_stride = _stride(step.teacher, t, relaxation) if step.teacher else 0
        s_stride = _stride(step.student, s, relaxation) if step.student else 0
        if step.teacher and step.student:
            t_stride = s_stride = max(
                t_stride, s_stride, _difference_stride(step.teacher, step.student, s, delta),
                _forms_stride(step.teacher, step.student, next(forms, None)),
            )  # fmt: skip
        if step.teacher:
            teacher.append(pack_layer(step.teacher, t_stride))
        if step.student:
            student.append(pack_layer(step.student, s_stride))
        after = step.after
        t, s, delta = after[0] or t, after[1] or s, after[2]
    return tuple(teacher), tuple(student)


def _stride(layer: Layer, x: Sequence[Interval], relaxation: DualBounds) -> int:
    """For the layer's bounds (Lean's `hasRoom`) and combinations (`combineRoom`)."""
    bits, rows = weight_bits(layer), layer.output_dim
    total = (rows << bits) * (relaxation.combined.get(id(layer), 0) + rows)
    return max(lane_bits(bits - 1, x), total.bit_length(), bits)


def _forms_stride(layer: Layer, other: Layer, forms: Forms | None) -> int:
    """For the rest and for the symbols of affine forms of the inputs of two layers that pair."""
    if forms is None:
        return 0
    bits, other_bits = weight_bits(layer), weight_bits(other)
    t, s, delta = forms.rest
    return max(
        lane_bits(bits - 1, t),
        lane_bits(other_bits - 1, s),
        _difference_stride(layer, other, s, delta),
        *(_dots_stride(bits, a) for a, _ in forms.symbols),
        *(_dots_stride(other_bits, b) for _, b in forms.symbols),
    )


def _dots_stride(bits: int, c: Sequence[int]) -> int:
    """For the inner products of rows with coefficients (Lean's `PackedLayer.dots`)."""
    return 1 + max(bits, (sum(map(abs, c)) << (bits - 1)).bit_length())


def _difference_stride(
    layer: Layer, other: Layer, s: Sequence[Interval], delta: Sequence[Interval]
) -> int:
    """For the bounds of the difference of two layers that pair."""
    k1, k2 = common_factors(layer.den, other.den)
    bits, other_bits = weight_bits(layer), weight_bits(other)
    offset = (k1 << (bits - 1)) + (k2 << (other_bits - 1))
    return max(lane_bits(bits - 1, delta), lane_bits(offset.bit_length(), s))
