"""What is carried of series from earlier rows, so that new rows can follow without those."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Floats
from gatewise.tasks.forecast.recent_best import SUMS, RecentBest


@dataclass(frozen=True)
class CarriedHistory:
    """What is carried of N series from earlier rows, which are no longer in memory.

    Attributes:
        carries: [N, width] the carries of ``OnlineStats``.
        past, known: [N, patch, F] the encoded covariates of the last steps.
        static: [N, S] the static covariates.
        pending, sums: [N, K, L] and [N, K, 3], what ``RecentBest`` carries; K is 0 without it.
    """

    carries: Floats
    past: Floats
    known: Floats
    static: Floats
    pending: Floats
    sums: Floats


def nothing_followed(count: int, recent: RecentBest | None) -> tuple[Floats, Floats]:
    """What ``recent`` carries of series before their first row: forecasts [N, K, L] and sums [N, K, 3]."""
    number, ahead = (0, 0) if recent is None else (len(recent.others), recent.ahead)
    return np.full((count, number, ahead), np.nan), np.zeros((count, number, SUMS))
