"""The baseline that was best lately, chosen for each series at each cutoff.

After a shift of the level, a long mean is wrong for weeks, and the last season is right at once. So each baseline is
followed along a series: how far off its forecasts of some steps ahead were, over the whole history and lately. Only
forecasts that were made before count, so that nothing later than the cutoff is looked at. What is followed is carried on
to new rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from gatewise.arrays import Floats, Ints
from gatewise.tasks.forecast.baselines import Simple

# shares of an error that that of another must stay below to be taken instead: lately, and over the whole history
CLEARLY, LASTING = 0.75, 0.9
# seasons, and horizons, over which recent errors are forgotten
SEASONS, HORIZONS = 4, 2
# numbers that are carried for each baseline: recent and lasting sum of errors, and their count
SUMS = 3
# rows that are gone along at once
ROWS = 65_536


@dataclass(frozen=True)
class RecentBest:
    """A baseline that is one of ``others`` at each cutoff.

    Attributes:
        others: the baselines to choose from.
        ahead: the step of the horizon whose errors count, 1 for the first.
        memory: steps over which recent errors are forgotten.
        default: the number of the one to take where little is known.
    """

    others: tuple[Simple, ...]
    ahead: int
    memory: int
    default: int

    @property
    def name(self) -> str:
        return "recently best"

    def at(self, tracks: dict[str, Floats], cuts: Ints, horizon: int) -> Floats:
        """Forecasts [..., horizon] of times cuts [...] and on; ``tracks`` as ``Baseline.at`` needs them, and "best"."""
        chosen = np.nan_to_num(tracks["best"][cuts - 1], nan=self.default).astype(int)
        forecasts = np.empty((*np.shape(cuts), horizon))
        for k in np.unique(chosen):
            here = chosen == k
            forecasts[here] = self.others[k].at(tracks, cuts[here], horizon)
        return forecasts

    def follow(
        self, tracks: dict[str, Floats], rows: slice, y: Floats, pending: Floats, sums: Floats
    ) -> tuple[Floats, Floats, Floats]:
        """Go along new rows of a series.

        Args:
            tracks: of all rows, those before included as far as baselines look back.
            rows: the places of the new rows.
            y: [n] their values, NaN where missing.
            pending: [K, ahead] the forecasts made before for the first rows; NaN where none were.
            sums: [K, 3] of the errors before.

        Returns:
            The baseline [n] to take after each row, and the new pending forecasts and sums.
        """
        parts = []
        for low in range(0, len(y), ROWS):
            part = slice(low, min(low + ROWS, len(y)))
            cuts = np.arange(rows.start + part.start + 1, rows.start + part.stop + 1)
            forecasts = np.stack([b.lead(tracks, cuts, self.ahead) for b in self.others])
            every = np.concatenate([pending, forecasts], axis=1)
            taken, sums = self._take(np.abs(every[:, : len(cuts)] - y[part]), sums)
            pending = every[:, len(cuts) :]
            parts.append(taken)
        return np.concatenate(parts) if parts else np.zeros(0), pending, sums

    def _take(self, error: Floats, sums: Floats) -> tuple[Floats, Floats]:
        """The baselines to take after errors [K, n], NaN where unknown, and the new sums."""
        # all are compared on the same values
        seen = ~np.isnan(error).any(axis=0)
        error = np.where(seen, error, 0.0)
        recent = _summed(error, sums[:, 0], 1 - 1 / self.memory)
        lasting = _summed(error, sums[:, 1], 1.0)
        count = sums[0, 2] + np.cumsum(seen)
        after = np.column_stack([recent[:, -1], lasting[:, -1], np.full(len(error), count[-1])])
        return self._chosen(recent, lasting, count), after

    def now(self, sums: Floats) -> float:
        """The baseline to take after rows that left these sums [K, 3]."""
        return float(self._chosen(sums[:, :1], sums[:, 1:2], sums[:1, 2])[0])

    def _chosen(self, recent: Floats, lasting: Floats, count: Floats) -> Floats:
        """The baselines [n] to take after sums of errors [K, n]."""
        at = np.arange(len(count))
        usual = np.argmin(lasting, axis=0)
        usual = np.where(lasting[usual, at] < LASTING * lasting[self.default], usual, self.default)
        best = np.argmin(recent, axis=0)
        taken = np.where(recent[best, at] < CLEARLY * recent[usual, at], best, usual)
        return np.where(count < self.memory, self.default, taken).astype(float)


def recent_best(
    others: Sequence[Simple], seasons: Sequence[int], horizon: int, default: int
) -> RecentBest:
    """The choice between baselines for some seasons and a horizon; ``default`` is the best over all series."""
    # early enough to see a shift soon
    ahead = -(-horizon // 3)
    memory = max(HORIZONS * horizon, SEASONS * (seasons[0] if seasons else 1), 4)
    return RecentBest(tuple(others), ahead, memory, default)


def _summed(values: Floats, before: Floats, keep: float) -> Floats:
    """``sums[t] = keep * sums[t - 1] + values[t]`` along rows [K, n], from ``before`` [K] on."""
    sums, _ = lfilter([1.0], [1.0, -keep], values, axis=1, zi=keep * before[:, None])
    return np.asarray(sums)
