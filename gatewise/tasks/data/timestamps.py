"""The times of a table's rows as numbers, series by series: zones, summer time, what occurs twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewise.errors import InputError
from gatewise.tasks.data.clock import DAY, Clock, Times
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.roles import SPREAD, Roles
from gatewise.tasks.data.zones import from_wall, offsets, to_wall

Ints = NDArray[np.int64]
Keys = dict[str, Ints]
RANGES = {"month": (1, 12), "day": (1, 31), "hour": (0, 23), "minute": (0, 59), "second": (0, 59)}


def keys_of(columns: Columns, id: str | None) -> Keys:
    """Row numbers by what stands in the id column; by "" without one."""
    if id is None:
        return {"": np.arange(columns.rows)}
    labels, codes = columns.texts(id)
    if np.any(codes < 0):
        row = int(np.argmax(codes < 0)) + 1
        raise InputError(f"column {id!r}, row {row}: it is not said which series the row is of")
    order = np.argsort(codes, kind="stable")
    cuts = np.searchsorted(codes[order], np.arange(1, len(labels)))
    return dict(zip(labels, np.split(order, cuts), strict=True))


def times_of(
    columns: Columns, parts: Roles, keys: Keys, zone: str, notes: list[str]
) -> tuple[Times, str | None]:
    """Times as numbers, and their zone: None for whole numbers, "" for dates that have none.

    Times of a zone are given in UTC. Raises InputError.
    """
    if not parts.time:
        if parts.id is not None:
            raise InputError("a table with several series needs a column of times: name it")
        notes.append("no column of times was found: rows are taken as consecutive steps")
        return np.arange(columns.rows), None
    found: str | None = ""
    if parts.spread:
        times = _put_together(columns, parts.spread)
    else:
        times, found = columns.times(parts.time)
    if found is None:
        return times, None
    if found:
        place = zone or found
        notes.append(f"times carry a time zone and are read as {place}")
        return times, place
    if not zone:
        return times, ""
    notes.append(f"times are read as those of {zone}")
    return _in_zone(times, keys, zone, parts, notes), zone


def distinct(
    columns: Columns,
    parts: Roles,
    keys: Keys,
    times: Times,
    zone: str | None,
    notes: list[str],
) -> Keys:
    """The rows of each series in the order of time. Raises InputError for a time that occurs twice."""
    out, sorted_ = {}, False
    for key, rows in keys.items():
        steps = np.diff(taken(times, rows))
        if np.any(steps < 0):
            sorted_ = True
            rows = rows[np.argsort(times[rows], kind="stable")]
            steps = np.diff(taken(times, rows))
        if np.any(steps == 0):
            _complain(rows, steps, times, key, zone, parts)
        out[key] = rows
    if sorted_:
        notes.append("rows were not in the order of time and have been sorted")
    return out


def taken(values: NDArray[Any], rows: Ints) -> NDArray[Any]:
    """Values [n] at rows, without a copy where these follow each other."""
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1 and np.all(rows[1:] > rows[:-1]):
        return values[int(rows[0]) : int(rows[-1]) + 1]
    return values[rows]


def _complain(
    rows: Ints, steps: Ints, times: Times, key: str, zone: str | None, parts: Roles
) -> None:
    twice = np.flatnonzero(steps == 0)
    at = int(twice[0])
    time = int(times[rows[at]])
    clock = Clock("integer" if zone is None else "fixed", 1, 0, zone=zone or "")
    a, b = sorted((int(rows[at]) + 1, int(rows[at + 1]) + 1))
    more = f", and so do {len(twice) - 1} others" if len(twice) > 1 else ""
    hints = []
    if parts.id is None:
        hints.append("if they belong to different series, name the column that says which")
    if zone == "" and 0 < time % DAY < DAY // 6:
        hints.append(
            "if the clock was set back here at the end of summer time, name the time zone (--zone)"
        )
    raise InputError(
        f"the time {clock.show(time)}{f' of series {key!r}' if key else ''} occurs twice, in rows "
        f"{a} and {b}{more}" + "".join(f"; {hint}" for hint in hints)
    )


def _put_together(columns: Columns, names: Sequence[str]) -> Times:
    """Times from columns of years, months and finer parts."""
    values = [columns.numbers(n) for n in names]
    texts = []
    for part, name, column in zip(SPREAD, names, values, strict=False):
        low, high = RANGES.get(part, (1, 9999))
        wrong = ~((column >= low) & (column <= high) & (column == np.floor(column)))
        if wrong.any():
            row = int(np.argmax(wrong))
            raise InputError(
                f"column {name!r}, row {row + 1}: {column[row]:g} is no {part} ({low} to {high})"
            )
        texts.append(column.astype(np.int64))
    whole = [*texts, *([np.ones_like(texts[0])] * max(0, 3 - len(texts)))]
    whole += [np.zeros_like(texts[0])] * (6 - len(whole))
    year, month, day, hour, minute, second = whole
    first = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    date = first.astype("datetime64[D]") + (day - 1)
    wrong = date.astype("datetime64[M]") != first
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(
            f"row {row + 1}: there is no {year[row]}-{month[row]:02}-{day[row]:02} in the calendar"
        )
    seconds = (hour * 60 + minute) * 60 + second
    return np.asarray(date.astype(np.int64) * DAY + seconds * 1_000_000)


def _in_zone(walls: Times, keys: Keys, zone: str, parts: Roles, notes: list[str]) -> Times:
    """Wall times of a zone in UTC. An hour shown twice is first the one of summer time, then the other."""
    before, after = (offsets(walls, zone, fold) for fold in (0, 1))
    utc = from_wall(walls, zone)
    skipped = (before != after) & (to_wall(utc, zone) != walls)
    if skipped.any():
        row = int(np.argmax(skipped))
        shown = Clock("fixed", 1, 0).show(int(walls[row]))
        raise InputError(
            f"column {parts.time!r}, row {row + 1}: {shown} does not exist in {zone}, where the clock "
            "is set forward then: give times in UTC, or mend the row"
        )
    twice = before != after
    if not twice.any():
        return utc
    second = np.zeros(len(walls), dtype=bool)
    for rows in keys.values():
        back = len(rows) > 1 and walls[rows[0]] > walls[rows[-1]]  # the newest row comes first
        seen: set[int] = set()
        for row in rows[twice[rows]][:: -1 if back else 1]:
            second[row] = int(walls[row]) in seen
            seen.add(int(walls[row]))
    return from_wall(walls, zone, second)
