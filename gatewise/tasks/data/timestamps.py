"""The times of a table's rows as numbers, series by series: zones, summer time, what occurs twice."""

from __future__ import annotations

import shlex

import numpy as np

from gatewise.arrays import Array, Ints
from gatewise.errors import InputError
from gatewise.tasks.data.clock import DAY, MOST, Clock, Times
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.joined_ids import pair_that_tells_apart
from gatewise.tasks.data.roles import Roles
from gatewise.tasks.data.series_rows import Rows
from gatewise.tasks.data.spread_times import join_spread
from gatewise.tasks.data.times_of_day import check_periods, counts_periods, times_of_day
from gatewise.tasks.data.zones import from_wall, offsets, to_wall

Keys = dict[str, Ints]


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
    columns: Columns, roles: Roles, keys: Keys, zone: str, notes: list[str]
) -> tuple[Times, str | None]:
    """Times as numbers, and their zone: None for whole numbers, "" for dates that have none.

    Times of a zone are given in UTC. Raises InputError.
    """
    if not roles.time:
        if roles.id is not None:
            raise InputError("a table with several series needs a column of times: name it")
        notes.append("no column of times was found: rows are taken as consecutive steps")
        return np.arange(columns.rows), None
    column_zone: str | None = ""
    if roles.spread:
        times = join_spread(columns, roles.spread)
    else:
        times, column_zone = columns.times(roles.time)
        if roles.time_of_day:
            since = times_of_day(columns, roles.time_of_day)
            if counts_periods(columns, roles.time_of_day):
                if (
                    zone and column_zone == ""
                ):  # counted from midnight on, also where a day is longer
                    notes.append(f"times are read as those of {zone}")
                    return from_wall(times, zone) + since, zone
                check_periods(columns, roles.time_of_day)
            times = times + since
    if column_zone is None:
        return times, None
    if column_zone:
        place = zone or column_zone
        notes.append(f"times carry a time zone and are read as {place}")
        return times, place
    if not zone:
        return times, ""
    notes.append(f"times are read as those of {zone}")
    return _in_zone(times, keys, zone, roles, notes), zone


def sort_rows(
    columns: Columns,
    roles: Roles,
    keys: Keys,
    times: Times,
    zone: str | None,
    agg: str | None,
    notes: list[str],
) -> dict[str, Rows]:
    """The rows of each series in the order of time.

    Rows that are the same in all columns count once; rows of one time are to be made one where ``agg`` says so.
    Raises InputError for a time that occurs twice otherwise.
    """
    rows_of: dict[str, Rows] = {}
    unsorted, joined = False, 0
    repeated: Ints | None = None  # rows that are the same as one before
    for key, rows in keys.items():
        falls, repeats = _order(times, rows)
        if falls:
            unsorted = True
            rows = rows[np.argsort(times[rows], kind="stable")]
            repeats = _order(times, rows)[1]
        if not repeats:
            rows_of[key] = Rows(rows)
            continue
        if agg is None:
            if repeated is None:
                repeated = _repeated_rows(columns, roles, keys, times)
            rows = rows[~np.isin(rows, repeated)]
            steps = np.diff(take_rows(times, rows))
            if np.any(steps == 0):
                _raise_repeated_time(columns, keys, rows, steps, times, key, zone, roles)
        rows_of[key] = Rows.grouped(rows, times)
        joined += len(rows_of[key].index) - len(rows_of[key].first)
    if unsorted:
        notes.append("rows were not in the order of time and have been sorted")
    if repeated is not None and len(repeated):
        count = "1 row is" if len(repeated) == 1 else f"{len(repeated)} rows are"
        notes.append(
            f"{count} the same as one before in every column and left out (row {repeated[0] + 1})"
        )
    if joined:
        notes.append(f"rows of the same time step are one value: their {agg} (--agg)")
    return rows_of


def _order(times: Times, rows: Ints) -> tuple[bool, bool]:
    """Whether times at rows fall somewhere, and whether one follows itself; in pieces, for little memory."""
    falls = repeats = False
    for low in range(0, len(rows), MOST):
        steps = np.diff(take_rows(times, rows[low : low + MOST + 1]))
        falls, repeats = falls or bool(np.any(steps < 0)), repeats or bool(np.any(steps == 0))
    return falls, repeats


def _repeated_rows(columns: Columns, roles: Roles, keys: Keys, times: Times) -> Ints:
    """The rows that are the same as an earlier one of their series in time and all columns."""
    of = np.zeros(columns.rows, np.int64)
    for k, rows in enumerate(keys.values()):
        of[rows] = k
    cells = [of, times]
    for name in columns.names:
        if name not in (roles.time, roles.id, *roles.spread):
            cells.append(_codes(columns, name))
    _, first, row = np.unique(
        np.stack(cells, axis=1), axis=0, return_index=True, return_inverse=True
    )
    return np.flatnonzero(first[row.reshape(-1)] != np.arange(columns.rows))


def _codes(columns: Columns, name: str) -> Ints:
    """A number for each different cell of a column."""
    kind = columns.kind(name)
    if kind == "empty":
        return np.zeros(columns.rows, np.int64)
    if kind in ("integer", "number"):
        return np.asarray(np.unique(columns.numbers(name), return_inverse=True)[1])
    if kind == "time":
        return columns.times(name)[0]
    return columns.texts(name)[1]


def take_rows(values: Array, rows: Ints) -> Array:
    """Values [n] at rows, without a copy where these follow each other."""
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1 and np.all(rows[1:] > rows[:-1]):
        return values[int(rows[0]) : int(rows[-1]) + 1]
    return values[rows]


def _raise_repeated_time(
    columns: Columns,
    keys: Keys,
    rows: Ints,
    steps: Ints,
    times: Times,
    key: str,
    zone: str | None,
    roles: Roles,
) -> None:
    twice = np.flatnonzero(steps == 0)
    at = int(twice[0])
    time = int(times[rows[at]])
    clock = Clock("integer" if zone is None else "fixed", 1, 0, zone=zone or "")
    a, b = sorted((int(rows[at]) + 1, int(rows[at + 1]) + 1))
    more = f", and so do {len(twice) - 1} others" if len(twice) > 1 else ""
    hints = []
    if candidate := _distinguishing_column(columns, roles, keys, times):
        hints.append(
            f"column {candidate!r} tells the rows apart: name it with --id {shlex.quote(candidate)}"
            if candidate in columns.named
            else f"columns {' and '.join(map(repr, candidate.split(',')))} together tell the rows apart: name them "
            f"with --id {shlex.quote(candidate)}"
        )
    elif roles.id is None:
        hints.append("if they belong to different series, name the column that says which (--id)")
    if zone == "" and 0 < time % DAY < DAY // 6:
        hints.append(
            "if the clock was set back here at the end of summer time, name the time zone (--zone)"
        )
    if not candidate:
        hints.append(
            "if they are parts of one value, say how they become one (--agg sum, --agg mean)"
        )
    raise InputError(
        f"the time {clock.show(time)}{f' of series {key!r}' if key else ''} occurs twice, in rows "
        f"{a} and {b}{more}" + "".join(f"; {hint}" for hint in hints)
    )


def _distinguishing_column(columns: Columns, roles: Roles, keys: Keys, times: Times) -> str:
    """A column of texts or whole numbers, or two, with which no time occurs twice; "" if there is none.

    A column that has as many different values as there are rows tells nothing.
    """
    if roles.id is not None:
        return ""
    candidates: Keys = {}
    for name in columns.names:
        kind = columns.kind(name)
        if (
            name in roles.taken
            or kind not in ("text", "integer")
            or (kind == "text" and columns.mostly_numbers(name))
        ):
            continue
        codes = _codes(columns, name)
        if 1 < len(np.unique(codes)) <= columns.rows // 2:
            pairs = np.unique(np.stack([codes, times], axis=1), axis=0)
            if len(pairs) == columns.rows:
                return name
            candidates[name] = codes
    return pair_that_tells_apart(columns, candidates, times)


def _in_zone(walls: Times, keys: Keys, zone: str, roles: Roles, notes: list[str]) -> Times:
    """Wall times of a zone in UTC. An hour shown twice is first the one of summer time, then the other."""
    before, after = (offsets(walls, zone, fold) for fold in (0, 1))
    utc = from_wall(walls, zone)
    skipped = (before != after) & (to_wall(utc, zone) != walls)
    if skipped.any():
        row = int(np.argmax(skipped))
        shown = Clock("fixed", 1, 0).show(int(walls[row]))
        raise InputError(
            f"column {roles.time!r}, row {row + 1}: {shown} does not exist in {zone}, where the clock "
            "is set forward then: give times in UTC, or correct the row"
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
