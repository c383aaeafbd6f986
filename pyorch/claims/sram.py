"""sram_tile_fits: a tile of a matrix product fits on-chip memory.

Seed document 003 claims that 320×320×512 tiles, and after a correction 256×256×512 ones, fit the
220 KiB of one memory; neither does. The theorems are `lean/PyOrch/Sram.lean`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

from pyorch.claims.base import Family, FiniteForm, Form, FormDefaults, Point, SeedClaim, require
from pyorch.claims.parameters import IntParameter, Values
from pyorch.claims.tile_format import (
    CAPACITY,
    FORMAT,
    MOST,
    SEED_CAPACITY,
    K,
    TileFormat,
    show_sizes,
    show_sum,
    shown_parameters,
    tile_format,
)
from pyorch.model import Claim

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SRAM_TILE_FITS", "Successor", "TileFits"]


@dataclass(frozen=True)
class SmallerTilesFit(FormDefaults):
    """Every tile of at most m×n×k fits."""

    format: TileFormat
    sizes: tuple[int, int, int]
    capacity: int

    inputs = ("m", "n", "k")

    @property
    def description(self) -> str:
        return f"the bytes of tiles up to {show_sizes(self.sizes)}"

    @property
    def bound(self) -> Fraction:
        return Fraction(self.capacity)

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        anywhere = rng.integers(0, self.sizes, (count, 3), endpoint=True)
        # where the tile is nearly full the bound is nearly met
        nearly = np.maximum(np.array(self.sizes) - rng.integers(0, 8, (count, 3)), 0)
        tiles: NDArray[np.float64] = np.where(rng.random((count, 1)) < 0.5, anywhere, nearly) * 1.0
        return tiles

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        m, n, k = samples.T  # below 2^53 throughout
        f = self.format

        def aligned(bits: NDArray[np.float64]) -> NDArray[np.float64]:
            rounded: NDArray[np.float64] = np.ceil(np.ceil(bits / 8) / f.alignment)
            return rounded * f.alignment

        inputs = aligned(m * k * f.activation_bits) + aligned(k * n * f.weight_bits)
        return f.buffers * inputs + aligned(m * n * f.accumulator_bits)

    def exact_point(self, sample: Sequence[float]) -> Point:
        return tuple(map(Fraction, sample))

    def corners(self) -> tuple[Point, ...]:
        choices = [sorted({0, min(1, size), size - 1, size}) for size in self.sizes]
        return tuple(tuple(map(Fraction, tile)) for tile in product(*choices))

    def contains(self, point: Point) -> bool:
        return all(
            x.denominator == 1 and 0 <= x <= size for x, size in zip(point, self.sizes, strict=True)
        )

    def quantity(self, point: Point) -> Fraction:
        m, n, k = map(int, point)
        return Fraction(self.format.tile_bytes(m, n, k))

    def explain(self, point: Point) -> str:
        m, n, k = map(int, point)
        return show_sum(self.format.parts(m, n, k))

    def symbolic_bound(self) -> Fraction:
        """Bits are polynomials in m, n, k without negative coefficients, and rounding up keeps
        order: so the largest tile takes the most bytes."""
        import sympy

        f = self.format
        sizes = sympy.symbols("m n k", nonnegative=True)
        m, n, k = sizes
        total = sympy.Integer(0)
        for copies, bits in (
            (f.buffers, m * k * f.activation_bits),
            (f.buffers, k * n * f.weight_bits),
            (1, m * n * f.accumulator_bits),
        ):
            if any(coefficient < 0 for coefficient in sympy.Poly(bits, *sizes).coeffs()):
                raise AssertionError(f"{bits} does not grow with the sizes")
            largest = bits.subs(dict(zip(sizes, self.sizes, strict=True)))
            rounded = sympy.ceiling(sympy.ceiling(largest / 8) / f.alignment)
            total += copies * f.alignment * rounded
        return Fraction(int(total))


@dataclass(frozen=True)
class Successor:
    """A tile that is one larger in one direction."""

    m: int
    n: int
    k: int
    bytes: int
    fits: bool


@dataclass(frozen=True)
class TileFits:
    """The claim that one tile fits."""

    format: TileFormat
    m: int
    n: int
    k: int
    capacity: int

    @property
    def family(self) -> Family:
        return SRAM_TILE_FITS

    @property
    def sizes(self) -> tuple[int, int, int]:
        return self.m, self.n, self.k

    @property
    def bytes(self) -> int:
        return self.format.tile_bytes(*self.sizes)

    @property
    def successors(self) -> tuple[Successor, ...]:
        """The tile with one more row, with one more column, with one more step along k."""
        m, n, k = self.sizes
        tiles = ((m + 1, n, k), (m, n + 1, k), (m, n, k + 1))
        sizes = ((*tile, self.format.tile_bytes(*tile)) for tile in tiles)
        return tuple(Successor(*size, fits=size[-1] <= self.capacity) for size in sizes)

    @property
    def is_maximal(self) -> bool:
        return not any(s.fits for s in self.successors)

    @property
    def claim(self) -> Claim:
        f = self.format
        maximal = "; no tile that contains it fits" if self.is_maximal else ""
        return Claim(
            name=self.family.name,
            title=f"A {show_sizes(self.sizes)} tile fits: {f.words}",
            formula=(
                f"{show_sum(f.parts(*self.sizes))} ≤ {self.capacity} bytes for activations, weights"
                f" and accumulators{maximal}"
            ),
            parameters=shown_parameters(self.family, vars(self) | vars(f)),
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        smaller = SmallerTilesFit(self.format, self.sizes, self.capacity)
        too_large = [s for s in self.successors if not s.fits]
        if not too_large:
            return (smaller,)
        return smaller, FiniteForm(
            description="the bytes by which the next larger tiles exceed the memory, negated",
            inputs=("m", "n", "k"),
            bound=Fraction(-1),
            points=tuple((Fraction(s.m), Fraction(s.n), Fraction(s.k)) for s in too_large),
            evaluate=lambda point: self.capacity - smaller.quantity(point),
            show=lambda point: f"{self.capacity} - ({smaller.explain(point)})",
        )

    @property
    def seeds(self) -> tuple[tuple[SeedClaim, tuple[int, int, int]], ...]:
        """The seed's claims, each with the largest tile that it allows."""
        return SEEDS

    def seed_sum(self, m: Fraction, n: Fraction, k: Fraction) -> str:
        """The bytes of a tile as the seed counts them."""
        return show_sum(_seed_parts((m, n, k)))

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        return tuple(
            (
                seed,
                FiniteForm(
                    description=f"the seed's form, at its largest tile {show_sizes(sizes)}",
                    inputs=("m", "n", "k"),
                    bound=Fraction(SEED_CAPACITY),
                    points=(tuple(map(Fraction, sizes)),),
                    evaluate=lambda point: Fraction(sum(_seed_parts(point))),
                    show=lambda point: show_sum(_seed_parts(point)),
                ),
            )
            for seed, sizes in SEEDS
        )

    @property
    def namespace(self) -> tuple[str, ...]:
        return (
            f"tile_{self.m}_{self.n}_{self.k}_{self.format.identifier}_capacity_{self.capacity}",
        )


def _seed_parts(point: Point) -> tuple[int, int, int]:
    """As the seed counts: rounded down where the weights do not fill a byte."""
    m, n, k = map(int, point)
    return m * k * 1, k * n // 2, m * n * 4


M = IntParameter("m", "rows of activations and accumulators", 160, least=1, greatest=MOST)
N = IntParameter("n", "columns of weights and accumulators", 160, least=1, greatest=MOST)


def _seed(name: str, sizes: tuple[int, int, int], size: int) -> SeedClaim:
    m, n, k = sizes
    return SeedClaim(
        name=name,
        source="003",
        formula=f"m·k + k·n/2 + m·n·4 ≤ 220·1024 for all m ≤ {m}, n ≤ {n}, k ≤ {k}",
        why_false=f"The {show_sizes(sizes)} tile takes {size} bytes of 225280.",
        refutation=f"not_{name}",
    )


SEEDS = tuple(
    (_seed(name, sizes, size), sizes)
    for name, sizes, size in (
        ("matmul_fits_groq_sram", (320, 320, 512), 655360),
        ("matmul_fits_groq_sram_corrected", (256, 256, 512), 458752),
    )
)


def _build(values: Values) -> TileFits:
    claim = TileFits(tile_format(values), values[M], values[N], values[K], values[CAPACITY])
    total = show_sum(claim.format.parts(*claim.sizes))
    require(
        claim.bytes <= claim.capacity,
        "sram_tile_fits",
        "bytes of the tile ≤ capacity",
        f"{show_sizes(claim.sizes)} takes {total} > {claim.capacity}",
    )
    return claim


SRAM_TILE_FITS = Family(
    name="sram_tile_fits",
    topic="SRAM tiles",
    title="A tile of a matrix product fits on-chip memory, to the byte",
    formula=(
        "buffers·(A + W) + C ≤ capacity, where A, W and C are the bytes of m·k activations, k·n"
        " weights and m·n accumulators, each rounded up to a multiple of the alignment; and whether"
        " the tiles that are larger by one fit"
    ),
    parameters=(M, N, K, CAPACITY, *FORMAT),
    build=_build,
    theorems=("sram_tile_fits", "sram_tile_bytes", "sram_tile_successors"),
    library=("PyOrch.TileFits.mono",),
    seeds=tuple(seed for seed, _ in SEEDS),
)
