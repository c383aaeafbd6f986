"""Rows of mixed precision, groups, blocks and their sizes, over arbitrary parameters."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyorch import claims
from pyorch.claims.base import Instance
from pyorch.claims.mixed_precision import MixedPrecision
from pyorch.claims.packed_row import PackedRow
from pyorch.claims.quantizer import ROUNDINGS
from pyorch.claims.row import EntryErrorBound, UnguardedErrorBound
from pyorch.claims.shared_scale import SharedScale, SharedScaleCost
from pyorch.numeric import cross_check
from tests.property.claims_strategies import (
    assert_screen_agrees,
    assert_text_is_plain,
    positive,
    rationals,
)
from tests.property.fraction_strategies import fractions_between

counts = st.integers(1, 6)


def texts(values: list[object]) -> str:
    return ",".join(map(str, values))


@st.composite
def mixed(draw: st.DrawFn) -> Instance:
    size = draw(counts)
    widths = draw(st.lists(st.integers(1, 64), min_size=size, max_size=size))
    scales = draw(st.lists(positive, min_size=size, max_size=size) | positive.map(lambda s: [s]))
    return claims.get("mixed_precision_error_bound").instantiate(
        [
            f"bits={texts(widths)}",
            f"scales={texts(scales)}",
            f"zero_point={draw(rationals)}",
            f"signed={draw(st.booleans())}",
            f"rounding={draw(st.sampled_from(ROUNDINGS))}",
        ]
    )


@st.composite
def groupwise(draw: st.DrawFn) -> Instance:
    size = draw(counts)
    zeros = st.lists(rationals, min_size=size, max_size=size) | rationals.map(lambda z: [z])
    return claims.get("groupwise_error_bound").instantiate(
        [
            f"bits={draw(st.integers(1, 64))}",
            f"group_size={draw(st.integers(1, 10**6))}",
            f"scales={texts(draw(st.lists(positive, min_size=size, max_size=size)))}",
            f"zero_points={texts(draw(zeros))}",
            f"signed={draw(st.booleans())}",
            f"scale_bits={draw(st.integers(0, 256))}",
        ]
    )


@st.composite
def shared(draw: st.DrawFn) -> Instance:
    exponents = draw(st.lists(st.integers(-300, 300), min_size=1, max_size=6))
    return claims.get("shared_scale_error_bound").instantiate(
        [
            f"bits={draw(st.integers(2, 64))}",
            f"exponents={texts(exponents)}",
            f"block_size={draw(st.integers(1, 10**6))}",
            f"exponent_bits={draw(st.integers(0, 256))}",
        ]
    )


packed = st.builds(
    PackedRow,
    widths=st.lists(st.integers(1, 64), min_size=1, max_size=32).map(tuple),
    length=st.integers(1, 10**15),
)

FAMILIES: dict[str, st.SearchStrategy[Instance]] = {
    "mixed_precision_error_bound": mixed(),
    "packed_row_size": packed,
    "groupwise_error_bound": groupwise(),
    "shared_scale_error_bound": shared(),
}
anything = pytest.mark.parametrize("name", FAMILIES)


@anything
@settings(max_examples=15)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_nothing_sampled_is_a_counterexample(name: str, data: st.DataObject, seed: int) -> None:
    instance = data.draw(FAMILIES[name])
    checks = cross_check(instance, seed=seed, samples=200, symbolic=False)
    assert checks.failure is None
    assert all(e.largest is not None and e.bound is not None for e in checks.asked)


@anything
@settings(max_examples=15)
@given(data=st.data())
def test_the_text_is_plain(name: str, data: st.DataObject) -> None:
    assert_text_is_plain(data.draw(FAMILIES[name]))


@anything
@settings(max_examples=15)
@given(data=st.data())
def test_namespaces_tell_parameters_apart(name: str, data: st.DataObject) -> None:
    one, other = data.draw(FAMILIES[name]), data.draw(FAMILIES[name])
    assert (one.namespace == other.namespace) == (one == other)


@settings(max_examples=15)
@given(mixed(), st.integers(0, 2**32))
def test_the_seeds_bound_always_fails(instance: MixedPrecision, seed: int) -> None:
    checks = cross_check(instance, seed=seed, samples=100, symbolic=False)
    found = dict(checks.counterexamples["quantization_3p5bit_error_bound"].inputs)
    assert instance.row.at(found["i"]).error(found["x"]) > instance.greatest_half_step


@settings(max_examples=25)
@given(mixed() | groupwise() | shared(), st.integers(0, 2**32))
def test_the_screen_of_entries_agrees(instance: Instance, seed: int) -> None:
    form = instance.forms[0]
    assert isinstance(form, EntryErrorBound)
    assert_screen_agrees(form, Fraction(2), seed=seed)
    unguarded = UnguardedErrorBound(form.row)
    assert_screen_agrees(unguarded, max(q.scale for q in form.row.quantizers), seed=seed)


@settings(max_examples=25)
@given(shared(), st.integers(0, 2**32))
def test_the_screen_of_costs_agrees(instance: SharedScale, seed: int) -> None:
    assert_screen_agrees(SharedScaleCost(instance.row), Fraction(1), seed=seed)


@given(mixed(), st.integers(0, 10**9), fractions_between(0, 1))
def test_every_entry_in_range_errs_by_half_a_step_at_most(
    instance: MixedPrecision, index: int, place: Fraction
) -> None:
    q = instance.row.quantizers[index % len(instance.row.quantizers)]
    assert instance.row.at(index) == q
    assert q.error(q.lowest + place * (q.highest - q.lowest)) <= q.half_step


@given(
    shared(),
    fractions_between(0, 1).filter(bool),
    fractions_between(-1, 1),
)
def test_a_power_of_two_costs_less_than_a_bit(
    instance: SharedScale, place: Fraction, of: Fraction
) -> None:
    """The scale that the formats choose, the least power of two that fits, against the finest."""
    q = instance.row.quantizers[0]
    amax = q.upper / 2 * (1 + place)
    finest = amax / q.q_max
    assert finest <= q.scale < 2 * finest
    assert q.error(of * amax) <= q.half_step < finest


@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=8).map(tuple), st.integers(1, 300), st.data()
)
def test_a_row_packs_into_its_bytes_and_unpacks(
    widths: tuple[int, ...], length: int, data: st.DataObject
) -> None:
    row = PackedRow(widths, length)
    each = [widths[i % len(widths)] for i in range(length)]
    codes = [data.draw(st.integers(0, (1 << width) - 1)) for width in each]
    stream = sum(
        code << offset
        for code, offset in zip(codes, np.cumsum([0, *each[:-1]]).tolist(), strict=True)
    )
    stored = stream.to_bytes(row.bytes, "little")
    assert row.bits == sum(each) <= 8 * len(stored) < row.bits + 8
    read = int.from_bytes(stored, "little")
    unpacked = []
    for width in each:
        unpacked.append(read & ((1 << width) - 1))
        read >>= width
    assert unpacked == codes
