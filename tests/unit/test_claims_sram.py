"""sram_tile_fits and sram_maximal_tiles: bytes by hand, the seed's tiles, hypotheses."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from pyorch import claims
from pyorch.claims.sram import SmallerTilesFit, TileFits
from pyorch.claims.sram_maximal import ListedTiles, MaximalTiles, TileGrid
from pyorch.claims.tile_format import SEED_CAPACITY, TileFormat
from pyorch.errors import UsageError
from pyorch.numeric import check_form, cross_check

SEED_FORMAT = TileFormat(8, 4, 32, 1, 1)


def tile(*assignments: str) -> TileFits:
    instance = claims.get("sram_tile_fits").instantiate(assignments)
    assert isinstance(instance, TileFits)
    return instance


def maximal(*assignments: str) -> MaximalTiles:
    instance = claims.get("sram_maximal_tiles").instantiate(assignments)
    assert isinstance(instance, MaximalTiles)
    return instance


@pytest.mark.parametrize(
    ("tile_format", "sizes", "parts"),
    [
        (SEED_FORMAT, (160, 160, 512), (81920, 40960, 102400)),
        (SEED_FORMAT, (320, 320, 512), (163840, 81920, 409600)),
        (SEED_FORMAT, (256, 256, 512), (131072, 65536, 262144)),
        # 3 · 4 bits are a byte and a half
        (SEED_FORMAT, (1, 1, 3), (3, 2, 4)),
        # 5·7 · 3 bits are 14 bytes, 7·2 · 1 bit are 2, 5·2 · 17 bits are 22
        (TileFormat(3, 1, 17, 1, 1), (5, 2, 7), (14, 2, 22)),
        # each copy by itself is rounded up
        (TileFormat(3, 1, 17, 2, 8), (5, 2, 7), (2 * 16, 2 * 8, 24)),
        (TileFormat(64, 64, 64, 8, 65536), (1, 1, 1), (8 * 65536, 8 * 65536, 65536)),
        (SEED_FORMAT, (0, 160, 512), (0, 40960, 0)),
    ],
)
def test_bytes(
    tile_format: TileFormat, sizes: tuple[int, int, int], parts: tuple[int, int, int]
) -> None:
    assert tile_format.parts(*sizes) == parts
    assert tile_format.tile_bytes(*sizes) == sum(parts)


def test_the_default_tile_fills_the_memory_and_is_maximal() -> None:
    default = tile()
    assert default.bytes == default.capacity == SEED_CAPACITY == 225280
    assert default.is_maximal
    assert [(s.m, s.n, s.k, s.bytes) for s in default.successors] == [
        (161, 160, 512, 226432),
        (160, 161, 512, 226176),
        (160, 160, 513, 225520),
    ]
    assert default.claim.formula == (
        "81920 + 40960 + 102400 = 225280 ≤ 225280 bytes for activations, weights and accumulators;"
        " no tile that contains it fits"
    )
    smaller = tile("k=511")
    assert not smaller.is_maximal
    assert [s.fits for s in smaller.successors] == [False, False, True]
    assert "no tile" not in smaller.claim.formula


@pytest.mark.parametrize(
    ("name", "bytes_"),
    [("matmul_fits_groq_sram", 655360), ("matmul_fits_groq_sram_corrected", 458752)],
)
def test_the_seeds_tiles_do_not_fit(name: str, bytes_: int) -> None:
    (seed,) = claims.false_seeds(name)
    assert str(bytes_) in seed.why_false
    witness = cross_check(tile(), samples=100).counterexamples[name]
    assert witness.explanation.endswith(f"= {bytes_} > 225280")


def test_nothing_is_found_against_it_and_the_bytes_are_derived() -> None:
    for instance in (
        tile(),
        tile("m=1", "n=1", "k=1", "capacity=6"),
        tile("m=33", "n=7", "k=9", "activation_bits=3", "weight_bits=5", "buffers=2"),
        tile("m=31", "n=30", "k=29", "alignment=192", "accumulator_bits=20"),
    ):
        checks = cross_check(instance, samples=2000)
        assert checks.failure is None
        assert checks.asked[0].largest == instance.bytes
        assert [e.largest for e in checks.symbolic] == [instance.bytes]


def test_a_smaller_memory_would_be_found_too_small() -> None:
    evidence = check_form(SmallerTilesFit(SEED_FORMAT, (160, 160, 512), 225279), samples=2000)
    assert evidence.counterexample is not None
    assert dict(evidence.counterexample.inputs) == {"m": 160, "n": 160, "k": 512}


def test_maximal_tiles_of_the_seeds_memory() -> None:
    claim = maximal()
    tiles = ((64, 320), (96, 256), (128, 192), (160, 160), (224, 96), (256, 64), (320, 32))
    assert claim.tiles == tiles
    assert claim.claim.formula.endswith("160×160, 224×96, 256×64, 320×32")
    assert cross_check(claim, samples=2000).failure is None


@pytest.mark.parametrize(
    ("step", "limits", "capacity"),
    [(1, (9, 7), 300), (3, (30, 20), 700), (4, (16, 17), 10**6), (5, (25, 25), 1200)],
)
def test_the_list_is_what_trying_all_tiles_gives(
    step: int, limits: tuple[int, int], capacity: int
) -> None:
    grid = TileGrid(TileFormat(7, 3, 18, 2, 4), capacity, 5, step, *limits)
    every = product(range(step, limits[0] + 1, step), range(step, limits[1] + 1, step))
    fitting = [(m, n) for m, n in every if grid.fits(m, n)]
    expected = [
        (m, n)
        for m, n in fitting
        if not any((m, n) != (a, b) and m <= a and n <= b for a, b in fitting)
    ]
    assert list(grid.maximal_tiles()) == sorted(expected)


@pytest.mark.parametrize("is_maximal", [True, False])
@pytest.mark.parametrize("change", ["missing", "added"])
def test_a_wrong_list_would_be_found(is_maximal: bool, change: str) -> None:
    claim = maximal()
    tiles = claim.tiles[1:] if change == "missing" else (*claim.tiles, (320, 64))
    evidence = check_form(ListedTiles(claim.grid, tiles, is_maximal), samples=2000)
    assert evidence.counterexample is not None
    assert "is the list wrong?" in evidence.counterexample.explanation


def test_only_tiles_of_the_grid_count() -> None:
    form = maximal("step=32").forms[0]
    for m, n, inside in ((32, 320, True), (16, 32, False), (352, 32, False), (0, 32, False)):
        assert form.contains((Fraction(m), Fraction(n))) == inside
    assert not form.contains((Fraction(65, 2), Fraction(32)))


@pytest.mark.parametrize(
    ("name", "assignments", "message"),
    [
        (
            "sram_tile_fits",
            ["m=161"],
            "sram_tile_fits needs bytes of the tile ≤ capacity, but 161×160×512 takes"
            " 82432 + 40960 + 103040 = 226432 > 225280",
        ),
        (
            "sram_tile_fits",
            ["buffers=2"],
            "sram_tile_fits needs bytes of the tile ≤ capacity, but 160×160×512 takes"
            " 163840 + 81920 + 102400 = 348160 > 225280",
        ),
        (
            "sram_tile_fits",
            ["m=0"],
            "parameter m of sram_tile_fits: '0' is not an integer from 1 to 65536",
        ),
        (
            "sram_tile_fits",
            ["alignment=0"],
            "parameter alignment of sram_tile_fits: '0' is not an integer from 1 to 65536",
        ),
        (
            "sram_maximal_tiles",
            ["step=321"],
            "sram_maximal_tiles needs step ≤ m_limit and step ≤ n_limit, but 321 > 320",
        ),
        (
            "sram_maximal_tiles",
            ["k=65536"],
            "sram_maximal_tiles needs a tile step×step×k that fits, but 32×32×65536 takes"
            " 3149824 bytes > 225280",
        ),
        (
            "sram_maximal_tiles",
            ["step=1"],
            "sram_maximal_tiles needs a step with which at most 64 tiles are maximal, but with"
            " step 1 there are more",
        ),
    ],
)
def test_hypotheses(name: str, assignments: list[str], message: str) -> None:
    with pytest.raises(UsageError) as error:
        claims.get(name).instantiate(assignments)
    assert str(error.value) == message
