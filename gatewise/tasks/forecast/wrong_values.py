"""Values that are none: codes such as -999 that stand for a missing one, and single spikes far from all others.

One value ten times too large hides a season and spoils scales for a hundred steps, so such values are taken as
missing, and a note names them. Promotions and holidays are no errors: what comes again a year later, comes at
equal distances, lasts longer or has a reason in a known covariate stays, and so does what is only a few times as
far away as others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import median_filter

from gatewise.arrays import Floats, Ints
from gatewise.tasks.data.clock import DAY, Clock
from gatewise.tasks.data.missing_codes import LEAST, find_codes, text_of
from gatewise.tasks.data.series import Series, Table
from gatewise.tasks.forecast.doubtful_codes import doubtful_codes

# a spike is so many times as far from the values around it as the farthest of the others; one that is left
# alone but named, so many times
FAR, DOUBTFUL = 10.0, 5.0
# seasons that show what is usual at their places
CYCLES = 5
# values around a value, whose median it is compared with
AROUND = 25
# share of a series that may be spikes, and how many in any case
SPIKES, FEW = 0.005, 3
# spikes that follow one another, at most: what lasts longer is an episode
RUN = 2
# values at the end that may be the beginning of something new
LAST = 3
# days by which events of two years may lie apart besides years
NEAR_YEAR = 6
# distances are equal if they differ by this share
EQUAL = 0.15
# share of the steps at which a covariate may have a value that explains a spike
RARE = 0.1


@dataclass(frozen=True)
class Spikes:
    """Single values far from all others.

    Attributes:
        at: their numbers in the series.
        times: how many times as far from the values around them as any other, at least.
    """

    at: Ints
    times: float


def without_wrong_values(table: Table) -> tuple[Table, tuple[str, ...]]:
    """The table with its wrong values as missing ones, and the codes that were found, as texts.

    The notes of the table say what was left out, and what is in doubt.
    """
    codes: dict[float, list[tuple[Series, Ints]]] = {}
    spikes: list[tuple[Series, Spikes]] = []
    doubts: list[tuple[Series, Spikes]] = []
    series = []
    for one in table.series:
        y = one.values
        wrong = np.zeros(0, np.int64)
        for code in find_codes(y):
            places = np.flatnonzero(y == code)
            codes.setdefault(code, []).append((one, places))
            wrong = np.concatenate([wrong, places])
        rest = _masked(y, wrong)
        plain = find_spikes(rest)
        # what only the season hides may be an event of its own, such as a closed day: it is named and stays
        spike = plain or find_spikes(_beside_season(rest, table.clock))
        if (
            spike is not None
            and not _recurs(spike.at, one, table)
            and not _explained(spike.at, one)
        ):
            if plain and spike.times >= FAR and spike.at.max() < _last_but(rest, LAST):
                spikes.append((one, spike))
                wrong = np.concatenate([wrong, spike.at])
            else:
                doubts.append((one, spike))
        series.append(_trimmed(replace(one, values=_masked(y, wrong))) if len(wrong) else one)
    notes = [_code_note(code, where, table) for code, where in codes.items()]
    notes += _spike_notes(spikes, doubts, table)
    notes += doubtful_codes(table)
    if not notes:
        return table, ()
    left = replace(table, series=tuple(series), notes=(*table.notes, *notes))
    return left, tuple(map(text_of, codes))


def find_spikes(values: Floats) -> Spikes | None:
    """The few values that are much farther from those around them than all others; None if there are none."""
    seen = np.flatnonzero(~np.isnan(values))
    if len(seen) < LEAST:
        return None
    y = values[seen]
    away = np.abs(y - median_filter(y, min(AROUND, len(y) // 4 * 2 + 1), mode="mirror"))
    most = max(FEW, int(SPIKES * len(y)))
    if np.count_nonzero(away) < most + LEAST // 2:
        return None  # mostly one value: whatever is not it is an event
    order = np.argpartition(away, len(away) - most - 1)[-most - 1 :]
    order = order[np.argsort(-away[order])]
    steps = away[order[:-1]] / np.maximum(away[order[1:]], 1e-300)
    count = int(np.argmax(steps)) + 1
    at = np.sort(order[:count])
    if steps[count - 1] < DOUBTFUL or _longest_run(at) > RUN:
        return None
    return Spikes(seen[at], float(steps[count - 1]))


def _beside_season(values: Floats, clock: Clock) -> Floats:
    """The values without what is usual at their place of the day, the week or the year, which may hide a spike."""
    if clock.kind == "month":
        season = max(1, 12 // clock.step)
    else:
        season = 7 if clock.step == DAY else DAY // clock.step if clock.datetimes else 1
    if season < 2 or len(values) < CYCLES * season:
        return values
    grid = np.concatenate([values, np.full(-len(values) % season, np.nan)]).reshape(-1, season)
    empty = np.isnan(grid).all(0)
    usual = np.where(empty, 0.0, np.nanmedian(np.where(empty, 0.0, grid), axis=0))
    return np.asarray((grid - usual).reshape(-1)[: len(values)])


def _longest_run(at: Ints) -> int:
    return max(len(run) for run in np.split(at, np.flatnonzero(np.diff(at) > 1) + 1))


def _last_but(values: Floats, count: int) -> int:
    """The number of the value after which there are ``count`` more."""
    return int(np.flatnonzero(~np.isnan(values))[-count])


def _recurs(at: Ints, series: Series, table: Table) -> bool:
    """Whether some of them lie whole years apart, or all of them equally far apart."""
    gaps = np.diff(at)
    if len(gaps) > 1 and gaps.max() - gaps.min() <= EQUAL * gaps.max():
        return True
    if not table.clock.datetimes or len(at) < 2:
        return False
    days = table.clock.at(series.start + at) / DAY
    apart = (days[:, None] - days)[np.triu_indices(len(days), 1)[::-1]]
    years = np.round(apart / 365.25)
    return bool(np.any((years >= 1) & (np.abs(apart - 365.25 * years) <= NEAR_YEAR)))


def _explained(at: Ints, series: Series) -> bool:
    """Whether a known covariate has a rare value at each of them."""
    rare = np.zeros(len(at), bool)
    for column in series.known[: len(series.values)].T:
        seen = column[~np.isnan(column)]
        values, counts = np.unique(seen, return_counts=True)
        often = values[counts > RARE * len(column)]
        # a column of measurements has no value often
        rare |= len(often) > 0 and ~np.isin(column[at], often) & ~np.isnan(column[at])
    return bool(rare.all())


def _masked(values: Floats, places: Ints) -> Floats:
    if not len(places):
        return values
    masked = np.array(values)
    masked[places] = np.nan
    return masked


def _trimmed(series: Series) -> Series:
    """The series from its first value to its last."""
    seen = np.flatnonzero(~np.isnan(series.values))
    low, high = int(seen[0]), int(seen[-1]) + 1
    return replace(
        series,
        start=series.start + low,
        values=series.values[low:high],
        past=series.past[low:high],
        known=series.known[low:],
    )


def _code_note(code: float, where: Sequence[tuple[Series, Ints]], table: Table) -> str:
    series, places = where[0]
    count = sum(len(p) for _, p in where)
    rest = series.values[(series.values != code) & ~np.isnan(series.values)]
    many = "once" if count == 1 else f"{count} times"
    return (
        f"{text_of(code)} is there {many} (first at {table.place(series, int(places[0]))}), far from all other values "
        f"({rest.min():.6g} to {rest.max():.6g}): taken as missing, as --missing {text_of(code)} would do; "
        "fit --set outliers=keep takes it as a value"
    )


def _spike_notes(
    spikes: Sequence[tuple[Series, Spikes]], doubts: Sequence[tuple[Series, Spikes]], table: Table
) -> list[str]:
    notes = []
    for of, end in (
        (spikes, "taken as wrong and left out; fit --set outliers=keep keeps it"),
        (doubts, "left as it is; if it is wrong, empty the cell"),
    ):
        if not of:
            continue
        series, spike = of[0]
        at = int(spike.at[0])
        count = sum(len(s.at) for _, s in of) - 1
        more = f", and {count} more values like it" if count else ""
        notes.append(
            f"{table.place(series, at)}: the value {series.values[at]:.6g} is {_times(spike.times)} as far from those "
            f"around it as any other{more}: {end}"
        )
    return notes


def _times(factor: float) -> str:
    return f"{factor:.0f} times" if factor < 1000 else "more than a thousand times"
