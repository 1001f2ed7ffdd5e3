"""The calendar of a table: what a person says of it, and what its rows show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gatewise.arrays import Bools, Floats
from gatewise.errors import InputError, some_of
from gatewise.tasks.data.calendar import DAY, WEEK, Calendar, holidays_of, mask_of, slots_of
from gatewise.tasks.data.calendar_learning import FINEST, calendar_of, learn
from gatewise.tasks.data.calendar_options import CalendarChoice
from gatewise.tasks.data.clock import Clock, Times
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.covariates import EMPTY
from gatewise.tasks.data.instants import is_date
from gatewise.tasks.data.opening import columns_of
from gatewise.tasks.data.series import Feature, Features, Series
from gatewise.tasks.data.series_rows import Rows
from gatewise.tasks.data.time_column import TIMES

CLOSED_WORDS = (
    "clos",
    "holiday",
    "shut",
    "feiertag",
    "geschlossen",
    "ferm",
    "cerrad",
    "festiv",
    "chius",
)
OPEN_WORDS = ("open", "geöffnet", "offen", "ouvert", "abiert", "apert")
YES = ("1", "true", "yes", "y", "ja", "oui", "si", "sí", "sì", "x")
NO = ("0", "false", "no", "n", "nein", "non", "none", "-")
MOSTLY = 0.9  # share of the rows without a value, or with 0, from which they are closed


def has_hours(clock: Clock) -> bool:
    """Whether days and hours that are never observed can be found for a clock."""
    return clock.slots > 0 and clock.step >= FINEST


def with_calendar(
    clock: Clock, choice: CalendarChoice, seen: Mapping[str, Times], closures: tuple[int, ...]
) -> Clock:
    """The clock of a table, with its calendar.

    Args:
        clock: of its rows.
        choice: what a person says.
        seen: the times of the values of each series, by its name, ascending.
        closures: closed days, as a person lists them.

    Raises InputError for a calendar that forbids all slots, or does not fit the clock.
    """
    named = bool(choice.days or choice.hours)
    if (named or choice.holidays or closures) and not (
        clock.datetimes and clock.kind == "fixed" and clock.step <= DAY
    ):
        raise InputError(
            f"a calendar of days and hours is for times of a day or less, and the table runs {clock.describe()}: "
            "leave --calendar out"
        )
    calendar = learn(clock, seen) if choice.learn else None
    if named:
        calendar = _named(clock, choice, calendar)
    if choice.holidays or closures:
        calendar = replace(calendar or Calendar(), holidays=choice.holidays, closures=closures)
        worked = _worked(clock, calendar, seen)
        calendar = replace(calendar, worked=worked)
    return clock if calendar is None else replace(clock, calendar=calendar)


def _named(clock: Clock, choice: CalendarChoice, learned: Calendar | None) -> Calendar | None:
    """The calendar of named days and hours. Raises InputError where no slot is left."""
    if not clock.slots:
        raise InputError(
            f"the table runs {clock.describe()}, which does not divide a day: --calendar all goes without"
        )
    observed = np.ones(clock.slots, bool)
    own: dict[str, Bools] = {}
    if learned is not None:
        week = learned.week or tuple(range(clock.slots))
        observed = mask_of(week, clock.slots) & ~mask_of(learned.shut, clock.slots)
        own = {n: mask_of(learned.patterns[k], clock.slots) for n, k in learned.pattern_of.items()}
    week_mask = choice.week(observed, clock.step)
    if not week_mask.any():
        raise InputError("the calendar forbids all slots: name days or hours that are observed")
    return calendar_of(week_mask, own)


def _worked(clock: Clock, calendar: Calendar, seen: Mapping[str, Times]) -> tuple[str, ...]:
    """The names of holidays on most of which values have been observed."""
    days = [np.unique(clock.wall_of(t) // DAY) for t in seen.values() if len(t)]
    if not calendar.holidays or not days:
        return ()
    first, last = min(int(d[0]) for d in days), max(int(d[-1]) for d in days)
    observed = np.unique(np.concatenate(days))
    by_name: dict[str, list[bool]] = {}
    for day, name in holidays_of(calendar.holidays, (), first, last).items():
        slots = np.arange(0, DAY, clock.step) + day * DAY
        if first <= day <= last and _in_week(calendar, slots, clock.step):
            by_name.setdefault(name, []).append(bool(np.isin(day, observed)))
    return tuple(sorted(name for name, worked in by_name.items() if 2 * sum(worked) > len(worked)))


def _in_week(calendar: Calendar, walls: Times, step: int) -> bool:
    """Whether some of these moments are observed in an ordinary week."""
    ordinary = replace(calendar, holidays=(), closures=())
    week = mask_of(calendar.week or tuple(range(WEEK // step)), WEEK // step)
    return bool(np.any(week[slots_of(walls, step)] & ~ordinary.closed(walls, step, "")))


def without_left_out(
    rows_of: Mapping[str, Rows], clock: Clock, times: Times, present: Bools
) -> tuple[dict[str, Rows], int, int]:
    """The rows of each series at positions of the clock; how many others there are, and the first of them.

    ``present`` [n]: rows with a value; only those are counted.

    Raises InputError if no row is left.
    """
    inside: dict[str, Rows] = {}
    count, first = 0, -1
    for key, rows in rows_of.items():
        left_out = clock.left_out(times[rows.index])
        if left_out.any():
            counted = rows.index[left_out]
            counted = counted[present[counted]]
            if len(counted):
                count += len(counted)
                first = int(counted.min()) if first < 0 else first
            if left_out.all():
                continue
        inside[key] = rows.at(~left_out, times)
    if not inside:
        raise InputError(
            f"the calendar ({clock.describe_calendar()}) leaves no row of the table: every row lies outside of it"
        )
    return inside, count, first


def note_left_out(clock: Clock, times: Times, count: int, first: int) -> str:
    """A sentence on rows that lie outside the calendar."""
    rows = "1 row lies" if count == 1 else f"{count} rows lie"
    return (
        f"{rows} outside the calendar and {'is' if count == 1 else 'are'} left out (row {first + 1}, "
        f"{clock.show(int(times[first]))}); --calendar all keeps every row"
    )


# --- a file and a column of closed days -----------------------------------------------------------


def closed_days(files: Sequence[str]) -> tuple[int, ...]:
    """The days since 1970 that stand in a column of dates of some files. Raises InputError."""
    days: set[int] = set()
    for file in files:
        columns = columns_of(Path(file))
        dated = [
            c
            for c in columns.names
            if columns.kind(c) == "time"
            or (columns.kind(c) == "text" and is_date(columns.first(c)))
        ]
        dated += [
            c for c in columns.names if c.casefold() in TIMES and columns.kind(c) == "integer"
        ]
        if not dated:
            raise InputError(f"{file} has no column of dates, for --calendar")
        days.update((columns.times(dated[0])[0] // DAY).tolist())
    return tuple(sorted(days))


def closed_rows(columns: Columns, name: str, values: Mapping[str, Floats]) -> tuple[Bools, object]:
    """Which rows a column says are closed, and its value in the others ("" where their cells are empty).

    Args:
        values: of the targets.

    Which value means closed is told by the targets, which are 0 or missing there, else by words.
    Raises InputError where neither says it, or the targets have other values where it says so.
    """
    cells = _cells(columns, name)
    kinds = list(dict.fromkeys(cells.tolist()))
    busy = np.any([~np.isnan(v) & (v != 0) for v in values.values()], axis=0)
    past = _until(busy)
    shares = {
        k: float(busy[past & (cells == k)].mean()) if np.any(past & (cells == k)) else None
        for k in kinds
    }
    opened = [k for k, share in shares.items() if share is not None and share > 1 - MOSTLY]
    value = opened[0] if len(opened) == 1 and len(kinds) > 1 else _by_words(name, kinds)
    if value is None:
        shown = some_of(map(repr, kinds), 5)
        raise InputError(
            f"column {name!r} does not say which steps are closed: its values are {shown}, and the target is "
            "neither 0 nor missing for all but one of them (--calendar)"
        )
    closed = cells != value
    wrong = closed & busy
    if wrong.any() and wrong.sum() > (1 - MOSTLY) * max(1, int((closed & past).sum())):
        row = int(np.argmax(wrong))
        raise InputError(
            f"column {name!r}, row {row + 1}: it says closed ({cells[row]!r}), and the target has a value there "
            "(--calendar)"
        )
    return closed, value


def _until(busy: Bools) -> Bools:
    """The rows up to the last one in which a target has a value."""
    until = np.zeros(len(busy), bool)
    if busy.any():
        until[: len(busy) - int(np.argmax(busy[::-1]))] = True
    return until


def _cells(columns: Columns, name: str) -> NDArray[np.str_]:
    if columns.kind(name) == "text":
        texts, codes = columns.texts(name)
        return np.array([*texts, EMPTY])[codes]
    numbers = columns.numbers(name)
    return np.array([EMPTY if np.isnan(v) else f"{v:g}" for v in numbers])


def _by_words(name: str, kinds: Sequence[str]) -> str | None:
    """The value of open steps, by the name of the column and the words in it."""
    lower = name.casefold()
    yes, no = ([k for k in kinds if k.casefold() in words] for words in (YES, NO))
    if any(w in lower for w in CLOSED_WORDS):
        rest = no or [k for k in kinds if k == EMPTY]
        return rest[0] if len(rest) == 1 else None
    if any(w in lower for w in OPEN_WORDS):
        return yes[0] if len(yes) == 1 else None
    said = [k for k in kinds if any(w in k.casefold() for w in OPEN_WORDS)]
    return said[0] if len(said) == 1 else None


def value_of(feature: Feature, text: object) -> float:
    """A cell of a column as the number that stands for it."""
    if feature.categories is None:
        return float(str(text)) if text != EMPTY else np.nan
    place = {t: k for k, t in enumerate(feature.categories)}
    return float(place.get(str(text), np.nan))


def closed_steps(clock: Clock, series: Series, features: Features) -> Bools | None:
    """Which steps [n] of a series are closed; None if its clock has no calendar."""
    calendar = clock.calendar
    if calendar is None:
        return None
    closed = clock.closed(np.arange(series.start, series.end), series.id)
    if calendar.column:
        column = features.names("known").index(calendar.column)
        said = series.known[: len(series.values), column]
        closed |= ~np.isnan(said) & (said != calendar.open_value)
    return closed
