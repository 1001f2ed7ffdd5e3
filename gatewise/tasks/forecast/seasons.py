"""Which seasons a table has: cycles of the calendar that its autocorrelation confirms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gatewise.arrays import Floats

# series that are examined at most, evenly spread over the table
MOST_SERIES = 60
# cycles of history that a season needs
CYCLES = 2.5
# autocorrelation that a season needs at its lag
LEAST = 0.3
# share of the series that must have a season; one network serves series with and without it
SHARE = 0.25


def find_seasons(series: Sequence[Floats], candidates: Sequence[int]) -> tuple[int, ...]:
    """Up to two seasons, the shorter first; candidates need two and a half cycles of history.

    A cycle of s steps is confirmed if the autocorrelation peaks at lag s, either of the changes from
    step to step (which a trend does not disturb) or of the values (which shows a smooth year in daily
    noise). A multiple of a season already found must in addition stand out from its neighbours: a
    week from six and eight days.
    """
    chosen = [
        series[k] for k in np.unique(np.linspace(0, len(series) - 1, MOST_SERIES).astype(int))
    ]
    seasons: list[int] = []
    for s in sorted(set(candidates)):
        votes = [
            v
            for y in chosen
            if len(y) >= CYCLES * s and (v := _confirms(y, s, seasons)) is not None
        ]
        if len(votes) >= 0.5 * len(chosen) and np.mean(votes) >= SHARE:
            seasons.append(s)
        if len(seasons) == 2:
            break
    return tuple(seasons)


def _confirms(y: Floats, s: int, seasons: list[int]) -> bool | None:
    """One series' vote; None if it has no say because it never changes."""
    change = np.diff(y)
    if not np.nanstd(change) > 0 if np.isfinite(change).any() else True:
        return None
    level = y - _trend(y)
    base = next((f for f in seasons if s % f == 0), None)
    if base is not None:
        return any(
            correlation(v, s) > LEAST
            and correlation(v, s) - max(correlation(v, s - base), correlation(v, s + base)) > 0.05
            for v in (change, level)
        )
    # the lags around it; the nearest ones of a smooth cycle are as good as equal
    around = range(min(s - 1, s // 2 + 1), max(s + 2, s + s // 2))
    lags = (lag for lag in around if abs(lag - s) > s // 8)
    near = [correlation(change, lag) for lag in lags]
    # of a cycle of two steps there are none between, and a smooth curve is alike at all short lags
    clear = LEAST if s == 2 else 0.0
    if (at_season := correlation(change, s)) > LEAST and at_season > max(near) + clear:
        return True
    at = correlation(level, s)
    return at > LEAST and at - correlation(level, max(1, s // 2)) > LEAST and s >= 4


def correlation(y: Floats, lag: int) -> float:
    """Autocorrelation at a lag over the pairs of which both values are known; 0 if they are few."""
    if lag < 1 or lag >= len(y) - 2:
        return 0.0
    a, b = y[lag:], y[:-lag]
    both = ~np.isnan(a) & ~np.isnan(b)
    # most series have no gaps, and selecting takes most of the time of this search
    if not both.all():
        a, b = a[both], b[both]
    if len(a) < 3:
        return 0.0
    a, b = a - a.mean(), b - b.mean()
    # sums, not products of vectors: for those BLAS may start threads, which costs more than it gives
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 0 else 0.0


def _trend(y: Floats) -> Floats:
    """The straight line through the known values."""
    t = np.arange(len(y), dtype=float)
    seen = ~np.isnan(y)
    if seen.sum() < 3:
        return np.zeros(len(y))
    return np.asarray(np.polyval(np.polyfit(t[seen] / len(y), y[seen], 1), t / len(y)))
