"""sram_maximal_tiles: all tiles of a matrix product that on-chip memory holds and that cannot grow.

The Pareto set for a given inner dimension; its proof is `lean/PyOrch/MaximalTiles.lean`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from itertools import islice
from typing import TYPE_CHECKING

from pyorch.claims.base import Family, Form, FormDefaults, Point, SeedClaim, require
from pyorch.claims.parameters import IntParameter, Values
from pyorch.claims.tile_format import (
    CAPACITY,
    FORMAT,
    MOST,
    K,
    TileFormat,
    shown_parameters,
    tile_format,
)
from pyorch.model import Claim

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SRAM_MAXIMAL_TILES", "MaximalTiles", "TileGrid"]

MOST_TILES = 64
"""So many tiles in a list, so that Lean checks it in well under a second."""


@dataclass(frozen=True)
class TileGrid:
    """Tiles m×n×k where m and n are positive multiples of a step up to limits, and k is fixed."""

    format: TileFormat
    capacity: int
    k: int
    step: int
    m_limit: int
    n_limit: int

    def contains(self, m: int, n: int) -> bool:
        multiples = m % self.step == 0 and n % self.step == 0
        return multiples and 0 < m <= self.m_limit and 0 < n <= self.n_limit

    def fits(self, m: int, n: int) -> bool:
        """Whether the tile, in the grid or not, fits the memory."""
        return self.format.tile_bytes(m, n, self.k) <= self.capacity

    def is_maximal(self, m: int, n: int) -> bool:
        """Whether a tile fits and no larger one in the grid that is a step away does."""
        larger = ((m + self.step, n), (m, n + self.step))
        return (
            self.contains(m, n)
            and self.fits(m, n)
            and not any(self.contains(*tile) and self.fits(*tile) for tile in larger)
        )

    def maximal_tiles(self) -> Iterator[tuple[int, int]]:
        """All maximal tiles, from small to large m, one after the other."""
        m = self.step
        while m <= self.m_limit:
            n = self._largest(self.n_limit, partial(self.fits, m))
            if n == 0:
                return
            m = self._largest(self.m_limit, partial(self.fits, n=n))
            yield m, n
            m += self.step

    def _largest(self, limit: int, fits: Callable[[int], bool]) -> int:
        """The largest multiple of the step up to the limit that fits; 0 where none does."""
        low, high = 0, limit // self.step + 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if fits(middle * self.step) else (low, middle)
        return low * self.step


@dataclass(frozen=True)
class ListedTiles(FormDefaults):
    """A property of each tile of the grid that can be read off the list: 1 where it cannot, else 0.

    Attributes:
        maximal: the property is to be maximal, and the tile is in the list; or it is to fit, and
            the tile is contained in one of the list.
    """

    grid: TileGrid
    tiles: tuple[tuple[int, int], ...]
    maximal: bool

    inputs = ("m", "n")
    bound = Fraction(0)

    @property
    def description(self) -> str:
        if self.maximal:
            return "tiles that are maximal and not listed, or listed and not maximal"
        return "tiles that fit and are not below a listed one, or the other way round"

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        g = self.grid
        limits = np.array([g.m_limit // g.step, g.n_limit // g.step])
        anywhere = rng.integers(1, limits, (count, 2), endpoint=True) * g.step
        # most tiles are far from the staircase: nothing can go wrong there
        listed = rng.choice(np.array(self.tiles), count)
        near = listed + rng.integers(-1, 1, (count, 2), endpoint=True) * g.step
        inside = np.clip(near, g.step, limits * g.step)
        tiles: NDArray[np.float64] = np.where(rng.random((count, 1)) < 0.5, anywhere, inside) * 1.0
        return tiles

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        g, f = self.grid, self.grid.format
        m, n = samples.astype(np.int64).T

        def aligned(bits: NDArray[np.int64]) -> NDArray[np.int64]:
            unit = 8 * f.alignment
            rounded: NDArray[np.int64] = (bits + unit - 1) // unit * f.alignment
            return rounded

        def fits(m: NDArray[np.int64], n: NDArray[np.int64]) -> NDArray[np.bool_]:
            inputs = aligned(m * g.k * f.activation_bits) + aligned(n * g.k * f.weight_bits)
            total = f.buffers * inputs + aligned(m * n * f.accumulator_bits)
            return total <= g.capacity

        property_holds = fits(m, n)
        read_off = np.zeros(len(m), dtype=bool)
        for largest_m, largest_n in self.tiles:
            if self.maximal:
                read_off |= (m == largest_m) & (n == largest_n)
            else:
                read_off |= (m <= largest_m) & (n <= largest_n)
        if self.maximal:
            property_holds &= (m + g.step > g.m_limit) | ~fits(m + g.step, n)
            property_holds &= (n + g.step > g.n_limit) | ~fits(m, n + g.step)
        defects: NDArray[np.float64] = (property_holds != read_off) * 1.0
        return defects

    def exact_point(self, sample: Sequence[float]) -> Point:
        return tuple(map(Fraction, sample))

    def corners(self) -> tuple[Point, ...]:
        g = self.grid
        around = (-g.step, 0, g.step)
        ends = [(g.step, g.step), (g.m_limit, g.n_limit), (g.step, g.n_limit), (g.m_limit, g.step)]
        near = {(m + i, n + j) for m, n in (*self.tiles, *ends) for i in around for j in around}
        return tuple((Fraction(m), Fraction(n)) for m, n in sorted(near))

    def contains(self, point: Point) -> bool:
        m, n = point
        return m.denominator == n.denominator == 1 and self.grid.contains(int(m), int(n))

    def quantity(self, point: Point) -> Fraction:
        m, n = map(int, point)
        if self.maximal:
            return Fraction(self.grid.is_maximal(m, n) != ((m, n) in self.tiles))
        below = any(m <= largest_m and n <= largest_n for largest_m, largest_n in self.tiles)
        return Fraction(self.grid.fits(m, n) != below)

    def explain(self, point: Point) -> str:
        m, n = map(int, point)
        size = self.grid.format.tile_bytes(m, n, self.grid.k)
        tile = f"{m}×{n}×{self.grid.k}"
        return f"{tile} takes {size} bytes of {self.grid.capacity}; is the list wrong? 1"


@dataclass(frozen=True)
class MaximalTiles:
    """The claim for one memory and one grid of tiles."""

    grid: TileGrid

    @property
    def family(self) -> Family:
        return SRAM_MAXIMAL_TILES

    @cached_property
    def tiles(self) -> tuple[tuple[int, int], ...]:
        """The maximal tiles, from small to large m: at most `MOST_TILES` and one."""
        return tuple(islice(self.grid.maximal_tiles(), MOST_TILES + 1))

    @property
    def claim(self) -> Claim:
        g = self.grid
        listed = ", ".join(f"{m}×{n}" for m, n in self.tiles)
        return Claim(
            name=self.family.name,
            title=f"Maximal tiles in {g.capacity} bytes: {g.format.words}",
            formula=(
                f"of the tiles m×n×{g.k} with multiples m ≤ {g.m_limit} and n ≤ {g.n_limit} of"
                f" {g.step}, exactly these are maximal: {listed}"
            ),
            parameters=shown_parameters(self.family, vars(g) | vars(g.format)),
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        return tuple(ListedTiles(self.grid, self.tiles, maximal) for maximal in (True, False))

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        return ()

    @property
    def namespace(self) -> tuple[str, ...]:
        g = self.grid
        return (
            f"tiles_to_{g.m_limit}_{g.n_limit}_{g.k}_step_{g.step}_{g.format.identifier}"
            f"_capacity_{g.capacity}",
        )


STEP = IntParameter("step", "m and n are multiples of it", 32, least=1, greatest=MOST)
M_LIMIT = IntParameter("m_limit", "greatest m", 320, least=1, greatest=MOST)
N_LIMIT = IntParameter("n_limit", "greatest n", 320, least=1, greatest=MOST)


def _build(values: Values) -> MaximalTiles:
    name = "sram_maximal_tiles"
    step, m_limit, n_limit = values[STEP], values[M_LIMIT], values[N_LIMIT]
    require(
        step <= min(m_limit, n_limit),
        name,
        "step ≤ m_limit and step ≤ n_limit",
        f"{step} > {min(m_limit, n_limit)}",
    )
    claim = MaximalTiles(
        TileGrid(tile_format(values), values[CAPACITY], values[K], step, m_limit, n_limit)
    )
    smallest = claim.grid.format.tile_bytes(step, step, claim.grid.k)
    require(
        bool(claim.tiles),
        name,
        "a tile step×step×k that fits",
        f"{step}×{step}×{claim.grid.k} takes {smallest} bytes > {claim.grid.capacity}",
    )
    require(
        len(claim.tiles) <= MOST_TILES,
        name,
        f"a step with which at most {MOST_TILES} tiles are maximal",
        f"with step {step} there are more",
    )
    return claim


SRAM_MAXIMAL_TILES = Family(
    name="sram_maximal_tiles",
    topic="SRAM tiles",
    title="All tiles of a matrix product that on-chip memory holds and that cannot grow",
    formula=(
        "for multiples m ≤ m_limit and n ≤ n_limit of the step: m×n×k fits and no larger one a step"
        " away does if and only if it is listed; it fits if and only if it lies below a listed one"
    ),
    parameters=(K, STEP, M_LIMIT, N_LIMIT, CAPACITY, *FORMAT),
    build=_build,
    theorems=("sram_maximal_tiles", "sram_maximal_tiles_fits_iff"),
    library=("PyOrch.IsWholeStaircase.isMaximal_iff", "PyOrch.IsWholeStaircase.fits_iff"),
)
