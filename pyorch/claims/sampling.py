"""Random numbers on a grid of steps: in its cells, close to ties and to 0, and far outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["integers", "steps"]


def steps(
    rng: np.random.Generator, count: int, first: float, last: float, *, beyond: bool
) -> NDArray[np.float64]:
    """Numbers from `first` to `last`, in steps, shape (count,).

    Args:
        beyond: half of them up to 10³⁰ times further out on both sides.
    """
    import numpy as np

    uniform = rng.uniform(first, last, count)
    ties = np.floor(rng.uniform(first, last, count)) + 0.5
    near_ties = ties + rng.normal(0, 1e-9, count) * rng.integers(0, 2, count)
    small = rng.choice([-1.0, 1.0], count) * 10.0 ** rng.uniform(-30, 2, count)
    kind = rng.integers(0, 4, count)
    mixed = np.choose(kind, [uniform, uniform, near_ties, small])
    inside: NDArray[np.float64] = np.clip(mixed, first, last)
    if not beyond:
        return inside
    outside = rng.choice([first, last], count) * 10.0 ** rng.uniform(0, 30, count)
    return np.where(rng.random(count) < 0.5, inside, outside)


def integers(
    rng: np.random.Generator, count: int, first: int, last: int, *, beyond: bool
) -> NDArray[np.float64]:
    """Integers from `first` to `last`, as doubles, shape (count,); `beyond` as for `steps`."""
    import numpy as np

    rounded: NDArray[np.float64] = np.rint(steps(rng, count, first, last, beyond=beyond))
    return rounded
