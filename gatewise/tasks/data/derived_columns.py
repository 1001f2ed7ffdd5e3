"""Columns that say nothing new: parts of the time (month, weekday), and others in another unit, a few rows later or as a
running mean.

People add them for regressions. Forecast beside the target they would be series of their own, and a copy of the target
is one that a forecast does not have.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.errors import some_of
from gatewise.tasks.data.clock import DAY, SECOND, Times
from gatewise.tasks.data.names import list_names

# rows that are looked at, and those by which a copy may be later or over which a mean may run, at most
ROWS, LATEST = 2_000, 60
# different values, at least, of a column that is compared; columns, at most
DIFFERENT, MOST = 3, 30
# share of the rows in which a copy is one: at the beginnings of series it is not
SAME = 0.9
# a column that is another in another unit varies by at least so many times of what rounding may change
COARSE = 10.0
# rows that are compared first
QUICK = 64
HOUR = 3600 * SECOND


def parts_of_time(values: Mapping[str, Floats], times: Times) -> list[str]:
    """The columns that are year, quarter, month, week, day or hour of times of the wall, counted from any number.

    Args:
        values: [n] of each column.
        times: [n] in microseconds.
    """
    step = max(1, len(times) // ROWS)
    sample = times[::step]
    days = sample.astype("datetime64[us]").astype("datetime64[D]")
    months = days.astype("datetime64[M]").astype(np.int64)
    years = days.astype("datetime64[Y]").astype(np.int64)
    number = days.astype(np.int64)
    first = days.astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    cycles: tuple[tuple[Ints, int], ...] = (
        (years, 0),
        (months, 12),
        (months // 3, 4),
        (number - days.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64), 0),
        (number, 7),
        (number - first, 0),
        ((number + 3) // 7 - first // 7, 0),
        (sample % DAY // HOUR, 24),
        (sample % HOUR // (60 * SECOND), 0),
    )
    names = []
    for name, column in values.items():
        seen = column[::step]
        if len(np.unique(seen)) < DIFFERENT or np.isnan(seen).any() or np.any(seen % 1):
            continue
        if len(np.unique(np.diff(seen))) == 1:  # what only rises may be anything
            continue
        weeks = _iso_weeks(number)
        for part, length in (*cycles, (weeks, 0)):
            apart = seen - part
            within = not length or np.ptp(seen) < length
            if within and np.all((apart - apart[0]) % length == 0 if length else apart == apart[0]):
                names.append(name)
                break
    return names


def _iso_weeks(days: Ints) -> Ints:
    """The ISO week of days since 1970."""
    thursday = (days + 3) // 7 * 7
    years = thursday.astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]")
    return np.asarray((thursday - years.astype(np.int64)) // 7 + 1)


def copies(values: Mapping[str, Floats]) -> dict[str, str]:
    """The columns that repeat another one later, or as its running mean, and how, in words."""
    names = [n for n in values if len(np.unique(values[n][-ROWS:])) > 3 * DIFFERENT][:MOST]
    histories = {n: _History.of(values[n][-ROWS:]) for n in names}
    sources: dict[str, str] = {}
    for name in names:
        for other in names:
            if name == other or other in sources:
                continue
            how = histories[other].repeated_by(values[name])
            if not how and names.index(other) < names.index(name):
                how = _in_another_unit(values[other], values[name])
            if how:
                sources[name] = f"{other!r} {how}"
                break
    return sources


def _in_another_unit(column: Floats, other: Floats) -> str:
    """Whether a column is another times a number and plus one, as far as it is rounded: degrees of two scales."""
    seen = ~np.isnan(column[-ROWS:]) & ~np.isnan(other[-ROWS:])
    x, y = column[-ROWS:][seen], other[-ROWS:][seen]
    if len(x) < QUICK // 2 or np.std(x) == 0:
        return ""
    slope, level = np.polyfit(x - x.mean(), y - y.mean(), 1)
    error = np.abs(y - y.mean() - slope * (x - x.mean()) - level)
    steps = [float(np.diff(np.unique(c)).min()) for c in (x, y)]
    near = 0.6 * (steps[1] + abs(slope) * steps[0])
    # a column of few values may lie on a line by chance
    if error.max() > near or np.std(y) < COARSE * near:
        return ""
    return "in another unit" if slope != 1 or y.mean() != x.mean() else "as it is"


@dataclass(frozen=True)
class _History:
    """What columns that are made of another one would hold.

    ``later``: [k, n] the values 1 to k rows before each row; ``means``: [2 k, n] the means of 2 rows and more up to each
    row, then up to the row before it. Both NaN where the column has not so many rows.
    """

    later: Floats
    means: Floats
    near: float

    @classmethod
    def of(cls, column: Floats) -> _History:
        longest = max(2, min(LATEST, len(column) // 4))
        total = np.concatenate([[0.0], np.cumsum(column)])
        later, means = [], []
        for k in range(1, longest):
            later.append(_behind(column, k))
        for window in range(2, longest):
            means.append(_behind((total[window:] - total[:-window]) / window, 0, len(column)))
        means += [_behind(m, 1) for m in means]
        shape = (-1, len(column))
        return cls(
            np.reshape(later, shape), np.reshape(means, shape), 1e-3 * float(np.nanstd(column))
        )

    def repeated_by(self, column: Floats) -> str:
        """How another column repeats this one; "" if it does not."""
        rows = self.later.shape[1]
        if (lag := _first_same(self.later, column[-rows:], 0.0)) >= 0:
            return f"{lag + 1} {'row' if lag == 0 else 'rows'} later"
        if (k := _first_same(self.means, column[-rows:], self.near)) >= 0:
            return f"as a mean of {k % (len(self.means) // 2) + 2} rows"
        return ""


def _behind(column: Floats, rows: int, length: int | None = None) -> Floats:
    """A column so many rows later; at the end of ``length`` rows."""
    length = len(column) if length is None else length
    later = np.full(length, np.nan)
    later[length - len(column) + rows :] = column[: len(column) - rows]
    return later


def _first_same(candidates: Floats, column: Floats, near: float) -> int:
    """The first row of ``candidates`` [k, n] that a column [n] is; -1 if it is none."""
    few = slice(-QUICK, None)
    likely = np.flatnonzero(_share(candidates[:, few], column[few], near) >= SAME)
    return next(
        (int(k) for k in likely if _share(candidates[k][None], column, near)[0] >= SAME), -1
    )


def _share(candidates: Floats, column: Floats, near: float) -> Floats:
    """The share of what is known in rows of ``candidates`` that a column is."""
    apart = np.abs(candidates - column)
    seen = np.count_nonzero(~np.isnan(apart), axis=1)
    same = np.count_nonzero(apart <= near, axis=1)
    return np.where(seen >= 2 * DIFFERENT, same / np.maximum(seen, 1), 0.0)


def without_derived(
    chosen: Sequence[str], values: Mapping[str, Floats], times: Times | None, notes: list[str]
) -> tuple[str, ...]:
    """The columns to forecast without those that say nothing new; ``times``: None where there are no dates."""
    parts = [] if times is None else parts_of_time(values, times)
    left = {n: values[n] for n in chosen if n not in parts}
    if parts and left:
        notes.append(f"parts of the time and left out: {list_names(parts)}")
    else:
        left = {n: values[n] for n in chosen}
    repeated = copies(left) if len(left) > 1 else {}
    if repeated:
        first = next(iter(repeated))
        notes.append(
            f"repeating others and left out: {some_of((f'{n!r} ({how})' for n, how in repeated.items()), 5)}. "
            f"--target {shlex.quote(first)} forecasts one"
        )
    return tuple(n for n in left if n not in repeated)
