"""Whether two ways to compute the same agree: as far as the table of tolerances, and rounding, say.

A damaged program can have any meaning, also one in which the last bit of a number decides about the first
of another. So it is run on numbers that differ by rounding as well: how far those results lie apart is how
far right ones may.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.backends.llvm.helpers import Array, Problem, Results, by_interpreter
from tests.tolerances import tolerance

Others = Callable[[], list[Results]]

ROUNDING = {"float64": 2.0**-52, "float32": 2.0**-23}


class Disagreement(Exception):
    """Two backends that give different numbers."""


def nearby(
    p: Problem, backward: bool, dtype: str = "float64", count: int = 3, noise: float = 2.0
) -> list[Results]:
    """The results for numbers that differ by ``noise`` times what rounding leaves, computed in the
    type itself."""
    variants = []
    for k in range(count):
        rng = np.random.default_rng(k)
        by = noise * ROUNDING[dtype]
        moved = p.map(lambda a, rng=rng, by=by: a * (1 + by * rng.standard_normal(a.shape)))
        variants.append(by_interpreter(moved, backward, dtype))
    return variants


def agree(
    who: str,
    got: Results,
    want: Results,
    others: Others,
    *,
    dtype: str = "float64",
    slack: float = 100.0,
    spread: float = 1000.0,
) -> None:
    """Raises Disagreement where results differ by more than ``slack`` tolerances and ``spread`` times
    how far ``others``, asked for only where that is needed, lie from what is wanted."""
    if got.keys() != want.keys():
        raise Disagreement(f"{who}: {sorted(got.keys() ^ want.keys())}")
    for key, expected in want.items():
        have = np.asarray(got[key], np.float64)
        if have.shape != expected.shape:
            raise Disagreement(f"{who}: {key} has the shape {have.shape}, not {expected.shape}")
        if not expected.size:
            continue
        allowed = tolerance(dtype, "gradient" if key.startswith("d.") else "forward")
        close = (
            slack * allowed.relative,
            slack * allowed.of_largest,
            1e-3 * float(np.finfo(dtype).max),  # sums on the way may pass what they come to
            ROUNDING[dtype],
        )
        if not _wrong(have, expected, expected[None], close, 0.0).any():
            continue
        around = np.stack([other[key] for other in others()])
        wrong = _wrong(have, expected, around, close, spread)
        if wrong.any():
            at = tuple(np.argwhere(wrong)[0])
            raise Disagreement(
                f"{who}: {key}{list(map(int, at))} is {have[at]!r}, not {expected[at]!r} "
                f"({int(wrong.sum())} of {wrong.size} are wrong)"
            )


def _wrong(
    have: Array,
    expected: Array,
    around: Array,
    close: tuple[float, float, float, float],
    spread: float,
) -> Array:
    """Which elements are off. What is too large for the type may be infinite; what is no number,
    whatever the rounding, must be none."""
    relative, of_largest, largest, rounding = close
    with np.errstate(all="ignore"):
        sound = (np.abs(expected) <= largest) & (np.abs(around) <= largest).all(0)
        size = np.where(sound, np.abs(expected), 0)
        limit = relative * size + of_largest * (size.max() or 1.0)
        limit = limit + spread * np.where(sound, np.abs(around - expected), 0).max(0)
        if size.max() < 16 * rounding:  # nothing but what rounding leaves: the norm of equal units
            limit = limit + 160 * rounding
        wrong: Array = sound & ~(np.abs(have - expected) <= limit)
        return wrong | (np.isnan(expected) & np.isnan(around).all(0) & np.isfinite(have))
