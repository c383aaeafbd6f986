"""Tiles in memory, over arbitrary formats and memories."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pyorch.claims.base import Instance
from pyorch.claims.sram import TileFits
from pyorch.claims.sram_maximal import ListedTiles, MaximalTiles, TileGrid
from pyorch.claims.tile_format import MOST, TileFormat
from pyorch.errors import UsageError
from pyorch.numeric import check_form, cross_check
from tests.property.claims_strategies import assert_text_is_plain

bits = st.integers(1, 64)
sizes = st.integers(1, 300) | st.integers(1, MOST)
formats = st.builds(
    TileFormat,
    activation_bits=bits,
    weight_bits=bits,
    accumulator_bits=bits,
    buffers=st.integers(1, 8),
    alignment=st.sampled_from([1, 2, 3, 32, 4096]) | st.integers(1, MOST),
)


@st.composite
def tiles(draw: st.DrawFn) -> TileFits:
    tile_format, m, n, k = (draw(x) for x in (formats, sizes, sizes, sizes))
    room = draw(st.integers(0, 3) | st.integers(0, 10**6))
    return TileFits(tile_format, m, n, k, tile_format.tile_bytes(m, n, k) + room)


@st.composite
def grids(draw: st.DrawFn) -> MaximalTiles:
    step = draw(st.integers(1, 40))
    counts = [draw(st.integers(1, 30)) for _ in range(2)]
    limits = [step * count + draw(st.integers(0, step - 1)) for count in counts]
    k = draw(sizes)
    tile_format = draw(formats)
    least, most = (
        tile_format.tile_bytes(step * a, step * b, k) for a, b in ((1, 1), tuple(counts))
    )
    capacity = draw(st.integers(least, most + 10))
    return MaximalTiles(TileGrid(tile_format, capacity, k, step, *limits))


@given(formats, sizes, sizes, sizes)
def test_bytes_are_the_least_multiples_that_hold_the_bits(
    f: TileFormat, m: int, n: int, k: int
) -> None:
    for entries, width in (
        (m * k, f.activation_bits),
        (k * n, f.weight_bits),
        (m * n, f.accumulator_bits),
    ):
        total = f.operand_bytes(entries, width)
        assert total % f.alignment == 0
        assert total * 8 >= entries * width
        assert (total - f.alignment) * 8 < math.ceil(entries * width / 8) * 8


@given(tiles(), st.data())
def test_smaller_tiles_fit(claim: TileFits, data: st.DataObject) -> None:
    smaller = [data.draw(st.integers(0, size)) for size in claim.sizes]
    assert claim.format.tile_bytes(*smaller) <= claim.bytes <= claim.capacity


@given(tiles(), st.data())
def test_nothing_larger_fits_where_the_tile_is_maximal(
    claim: TileFits, data: st.DataObject
) -> None:
    more = [data.draw(st.integers(0, 5)) for _ in claim.sizes]
    larger = [size + extra for size, extra in zip(claim.sizes, more, strict=True)]
    if claim.is_maximal and any(more):
        assert claim.format.tile_bytes(*larger) > claim.capacity


@given(tiles(), st.integers(0, 2**32))
def test_no_counterexample_and_the_screen_is_exact(claim: TileFits, seed: int) -> None:
    assert all(check_form(f, seed=seed, samples=50).counterexample is None for f in claim.forms)
    form = claim.forms[0]
    samples = form.sample(np.random.default_rng(seed), 50)
    exact = [form.quantity(form.exact_point(sample)) for sample in samples.tolist()]
    assert form.screen(samples).tolist() == exact
    assert all(form.contains(form.exact_point(sample)) for sample in samples.tolist())
    assert form.symbolic_bound() == claim.bytes


@given(grids(), st.integers(0, 2**32))
def test_the_lists_are_complete(claim: MaximalTiles, seed: int) -> None:
    assert claim.tiles
    assert all(
        m < a and n > b for (m, n), (a, b) in zip(claim.tiles, claim.tiles[1:], strict=False)
    )
    for form in claim.forms:
        assert check_form(form, seed=seed, samples=200).counterexample is None
        samples = form.sample(np.random.default_rng(seed), 50)
        points = [form.exact_point(sample) for sample in samples.tolist()]
        assert all(map(form.contains, points))
        assert form.screen(samples).tolist() == [0] * 50 == [form.quantity(p) for p in points]


@given(grids(), st.data())
def test_the_screen_sees_a_wrong_list(claim: MaximalTiles, data: st.DataObject) -> None:
    left_out = data.draw(st.sampled_from(claim.tiles))
    kept = tuple(tile for tile in claim.tiles if tile != left_out)
    for maximal in (True, False):
        wrong = ListedTiles(claim.grid, kept, maximal)
        assert wrong.quantity((Fraction(left_out[0]), Fraction(left_out[1]))) == 1
        assert wrong.screen(np.array([left_out], dtype=float)).tolist() == [1]


@given(tiles() | grids())
def test_texts_are_plain_and_parameters_parse_back(claim: Instance) -> None:
    try:
        assert_text_is_plain(claim)
    except UsageError as error:  # the strategies go beyond what a user may ask for
        assert "is not an integer from" in str(error) or "at most 64 tiles" in str(error)


@given(tiles())
def test_the_seeds_are_refuted_whatever_the_parameters(claim: TileFits) -> None:
    found = cross_check(claim, samples=5, symbolic=False).counterexamples
    assert set(found) == {seed.name for seed in claim.family.false_seeds}


@given(tiles(), tiles())
def test_namespaces_tell_parameters_apart(claim: TileFits, other: TileFits) -> None:
    assert (claim.namespace == other.namespace) == (claim == other)
