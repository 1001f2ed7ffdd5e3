"""Running means and deviations, by which observations and rewards are scaled; they are a part of the model."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gatewise.arrays import Array, Bools, Floats
from gatewise.errors import InputError

LARGEST = 10.0  # scaled observations are clipped there
TINY = 1e-8


class Moments:
    """Mean and variance of rows seen so far (Chan, Golub & LeVeque 1979).

    Attributes:
        mean, variance: [D].
        count: rows seen, with a small number at the start.
    """

    def __init__(self, width: int) -> None:
        self.mean: Floats = np.zeros(width)
        self.variance: Floats = np.ones(width)
        self.count = 1e-4

    def add(self, rows: NDArray[np.floating]) -> None:
        """Take up rows [N, D]."""
        if not len(rows):
            return
        mean, variance, count = (
            rows.mean(0, dtype=np.float64),
            rows.var(0, dtype=np.float64),
            len(rows),
        )
        total = self.count + count
        change = mean - self.mean
        squares = self.variance * self.count + variance * count
        squares += change**2 * self.count * count / total
        self.mean = self.mean + change * count / total
        self.variance = squares / total
        self.count = total

    def arrays(self, name: str) -> dict[str, Floats]:
        """As named arrays; ``moments_of`` reads them."""
        parts = {"mean": self.mean, "variance": self.variance, "count": np.array([self.count])}
        return {f"{name}.{part}": values for part, values in parts.items()}


def moments_of(arrays: Mapping[str, Array], name: str, width: int) -> Moments:
    """Moments among arrays. Raises InputError for those that are none."""
    moments = Moments(width)
    mean, variance, count = (arrays[f"{name}.{part}"] for part in ("mean", "variance", "count"))
    good = (
        mean.shape == variance.shape == (width,)
        and count.shape == (1,)
        and all(a.dtype == np.float64 and np.isfinite(a).all() for a in (mean, variance, count))
        and (variance >= 0).all()
        and count[0] > 0
    )
    if not good:
        raise InputError(f"{name}: not a mean and a variance of {width} numbers")
    moments.mean, moments.variance, moments.count = mean.copy(), variance.copy(), float(count[0])
    return moments


class ReturnScale:
    """What rewards are divided by: the deviation of the discounted return so far, over all environments.

    Without it the value's errors swamp the actor's gradient in a memory that both share.

    Attributes:
        returns: [B] the discounted sum of the rewards of each environment's episode so far.
        moments: of those sums.
    """

    def __init__(self, count: int, gamma: float) -> None:
        self.gamma = gamma
        self.returns: Floats = np.zeros(count)
        self.moments = Moments(1)

    def scale(self, rewards: Floats, ended: Bools) -> Floats:
        """[B] scaled rewards of a step; ``ended`` says whose episode ends with it."""
        self.returns = self.returns * self.gamma + rewards
        self.moments.add(self.returns[:, None])
        self.returns[ended] = 0.0
        return rewards / self.deviation

    @property
    def deviation(self) -> float:
        """What rewards are divided by now."""
        return float(np.sqrt(self.moments.variance[0] + TINY))
