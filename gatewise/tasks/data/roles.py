"""Which column of a table is what: by its name where it is told, by what it holds where it is not."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from gatewise.arrays import Bools, Floats
from gatewise.errors import InputError
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.dates import written_otherwise
from gatewise.tasks.data.instants import instant
from gatewise.tasks.data.spread_times import find_spread
from gatewise.tasks.data.times_of_day import find_time_of_day
from gatewise.tasks.data.whole_times import in_doubt, look_like_times

IDS = ("unique_id", "series_id", "id", "series", "item_id")
# names of columns of times, in the order in which they are preferred
_TIMES = """
    ds date datetime timestamp time month week day quarter year t period datum zeit
    zeitpunkt zeitstempel uhrzeit monat woche tag quartal jahr fecha mes semana día
    trimestre año mois semaine jour heure année horodatage data mese settimana giorno anno
    mês dia ano maand dag jaar miesiąc dzień rok månad måned dato år päivä päivämäärä
    kuukausi měsíc hónap dátum tarih ay ημερομηνία дата месяц місяць
"""
TIMES = tuple(_TIMES.split())
Order = Literal["first", "later", "single"]
LEAST_COLUMNS = 8  # of values, for a row to be a series


@dataclass(frozen=True)
class Roles:
    """The columns of a table by their part.

    ``spread`` are those of year, month and so on, ``time_of_day`` the one beside that of the days, ``left_out``
    what numbers the rows.
    """

    time: str
    id: str | None
    target: tuple[str, ...]
    known: tuple[str, ...]
    past: tuple[str, ...]
    static: tuple[str, ...]
    spread: tuple[str, ...] = ()
    time_of_day: str = ""
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def taken(self) -> set[str]:
        """Columns that have a part."""
        named = (self.time, self.id, *self.target, *self.known, *self.past, *self.static)
        return {n for n in (*named, *self.spread, self.time_of_day, *self.left_out) if n}


def detect_roles(
    columns: Columns,
    *,
    time: str | None,
    target: Sequence[str],
    id: str | None,
    known: Sequence[str],
    past: Sequence[str],
    static: Sequence[str],
    table: Order = "first",
    sub_daily: bool | None = None,
) -> Roles:
    """Check the columns that are named, and look for id and time where they are not.

    ``table``: whether it is that of training, a "later" one, or a later one of a "single" series, whose rows may be
    numbered. ``sub_daily``: whether its steps are known to be finer than a day, so that a time of day stands beside
    dates.

    Raises InputError for a column that is not there or is given two parts.
    """
    notes: list[str] = []
    roles = [("time", time), ("id", id), *(("target", name) for name in target)]
    for part, covariates in (("known", known), ("past", past), ("static", static)):
        roles += [(part, name) for name in covariates]
    seen: dict[str, str] = {}
    for role, name in roles:
        if name is None:
            continue
        columns.check(name)
        if name in seen and {role, seen[name]} != {"past", "target"}:
            raise InputError(f"column {name!r} is named as {seen[name]} and as {role}: choose one")
        seen[name] = role
    spread: tuple[str, ...] = ()
    ids = [c for c in columns.names if c.lower() in IDS and c not in seen]
    numbering = [] if id else [c for c in ids if _numbers_rows(columns, c, table)]
    id_column = id or columns.series or next((c for c in ids if c not in numbering), None)
    if numbering and table == "first":
        notes.append(
            f"{list_names(numbering)} has another value in every row: it numbers the rows, and is left out"
        )
    time_column = time or ""
    if not time_column:
        free = [c for c in columns.names if c not in seen and c != id_column and c not in numbering]
        spread = find_spread(columns, free)
        time_column = "ds" if spread else _find_time(columns, free)
        if spread and table == "first":
            notes.append(f"time is put together from {', '.join(spread)}")
    time_of_day = ""
    if time_column and not spread:
        taken = {time_column, id_column, *seen, *numbering}
        others = [c for c in columns.names if c not in taken]
        time_of_day = find_time_of_day(columns, time_column, id_column, others, sub_daily)
        if time_of_day:
            notes.append(f"time is put together from {time_column} and {time_of_day}")
    if id and time_column and table == "first" and _numbers_rows(columns, id, table):
        raise InputError(
            f"column {id!r} has another value in every row: it numbers the rows. Name the column that says which "
            "series a row belongs to, or leave --id out"
        )
    chosen = tuple(target)
    if not chosen and id_column is not None and "y" in columns.names and "y" not in seen:
        chosen = ("y",)
    return Roles(
        time_column,
        id_column,
        chosen,
        tuple(known),
        tuple(past),
        tuple(static),
        spread,
        time_of_day,
        tuple(numbering),
        tuple(notes),
    )


def _numbers_rows(columns: Columns, name: str, table: Order) -> bool:
    """Whether a column that is called as one of ids numbers the rows instead."""
    if table == "later" or columns.kind(name) not in ("integer", "text"):
        return False
    return (table == "single" or columns.rows > 2) and columns.different(name) == columns.rows


def choose_targets(columns: Columns, parts: Roles, notes: list[str]) -> tuple[str, ...]:
    """The columns to forecast if none is named: all those of numbers that are not taken.

    Raises InputError if there is none.
    """
    free = [c for c in columns.names if c not in parts.taken]
    chosen: list[str] = []
    words: list[str] = []
    counted: list[str] = []
    empty: list[str] = []
    for name in free:
        kind = columns.kind(name)
        if kind == "empty":
            empty.append(name)
        elif kind in ("integer", "number"):
            (counted if _counts(columns, name, kind) else chosen).append(name)
        else:
            words.append(name)
    if len(chosen) == 0 and len(counted) == 1:  # a series that goes up by one is a series
        chosen, counted = counted, []
    _check_words(columns, words)
    chosen = _drop_switches(columns, chosen, notes)
    left_out = {
        "not numbers": words,
        "only counting the rows": counted,
        "without any value": empty,
    }
    for what, names in left_out.items():
        if names:
            notes.append(f"{what} and left out: {list_names(names)}")
    if chosen:
        return tuple(chosen)
    if empty:
        raise InputError("the table has no values: every cell of the target is missing")
    why = ""
    if len(columns.names) == 1 and columns.kind(columns.names[0]) == "text":
        cell = str(columns.first(columns.names[0])).strip()
        raise InputError(
            f"the table has no column of numbers, but one of texts such as {cell:.60}: if something else than commas, semicolons, "
            "tabs, bars or blanks separates its columns, say so with --sep"
        )
    for name in words:
        try:
            columns.numbers(name)
        except InputError as error:
            why = f" ({error})"
            break
    raise InputError(f"the table has no column of numbers to forecast: name one as the target{why}")


def _check_words(columns: Columns, words: Sequence[str]) -> None:
    """Raises InputError, with the row, for a column of numbers in which some cells are none."""
    for name in words:
        if columns.mostly_numbers(name) and not is_date(columns.first(name)):
            columns.numbers(name)


def _drop_switches(columns: Columns, chosen: list[str], notes: list[str]) -> list[str]:
    """Without switches (0 and 1) and constants, where something else is measured beside them."""
    if len(chosen) < 2:
        return chosen
    switches = [name for name in chosen if _is_switch(columns.numbers(name))]
    measured = [name for name in chosen if name not in switches]
    if not measured or not switches:
        return chosen
    first = shlex.quote(switches[0])
    notes.append(
        f"only 0 and 1, or one value, and not forecast: {list_names(switches)}. Name them if they explain the "
        f"target: --known {first} if it is known for the future, --past {first} if not; --target {first} "
        "forecasts it"
    )
    return measured


def _is_switch(values: Floats) -> bool:
    present = values[~np.isnan(values)]
    return bool(len(present)) and (
        bool(np.all((present == 0) | (present == 1))) or np.ptp(present) == 0
    )


def known_ahead(
    columns: Columns,
    values: Mapping[str, Floats],
    unused: Sequence[str],
    id: str | None,
) -> list[str]:
    """A sentence on columns that have values in rows where the target has none yet.

    ``values`` are those of the targets. Whoever knows a column beforehand may name it as known.
    """
    names = list(values)
    ends = {name: _last(~np.isnan(v)) for name, v in values.items()}
    last = min(ends.values())
    later = columns.rows - 1 - last
    if later < 1 or last < 0:
        return []
    ahead = [n for n in unused if _goes_on(columns, n, last) and not _is_static(columns, n, id)]
    if not ahead and len(names) > 1 and max(ends.values()) == columns.rows - 1:
        on = [n for n in names if ends[n] == columns.rows - 1]
        ahead = on if len(on) == len(names) - 1 else []
    if not ahead:
        return []
    words = " ".join(f"--known {shlex.quote(n)}" for n in ahead[:5])
    targets = " ".join(f"--target {shlex.quote(n)}" for n in names[:5] if n not in ahead)
    return [
        f"{list_names(ahead)} {'has' if len(ahead) == 1 else 'have'} values in the last {later} rows, where the target has "
        f"none: if they are known beforehand, name them: {targets} {words}"
    ]


def _last(present: Bools) -> int:
    """The last place that is true; -1 if there is none."""
    return len(present) - 1 - int(np.argmax(present[::-1])) if present.any() else -1


def _is_static(columns: Columns, name: str, id: str | None) -> bool:
    """Whether a column of texts has one value in each series."""
    if id is None or columns.kind(name) != "text":
        return False
    series, codes = columns.texts(id)[1], columns.texts(name)[1]
    return len(np.unique(np.stack([series, codes], axis=1), axis=0)) == len(np.unique(series))


def _goes_on(columns: Columns, name: str, last: int) -> bool:
    """Whether a column of numbers or texts has a value in every row after one."""
    if columns.kind(name) not in ("integer", "number", "text"):
        return False
    if columns.kind(name) == "text":
        return bool(np.all(columns.texts(name)[1][last + 1 :] >= 0))
    return not np.isnan(columns.numbers(name)[last + 1 :]).any()


def row_columns(columns: Columns, left: Sequence[str]) -> list[str]:
    """The columns of values where every row is a series: many numbers behind one name."""
    first, *remaining = columns.names
    others = set(left)
    remaining = [c for c in remaining if c not in others]
    if len(remaining) < LEAST_COLUMNS or columns.kind(first) != "text":
        return []
    names, codes = columns.texts(first)
    if len(names) < columns.rows or np.any(codes < 0):
        return []
    return (
        remaining
        if all(columns.kind(c) in ("integer", "number", "empty") for c in remaining)
        else []
    )


def list_names(names: Sequence[str]) -> str:
    """The first few names, quoted, and how many more there are."""
    shown = ", ".join(map(repr, names[:5]))
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _find_time(columns: Columns, free: Sequence[str]) -> str:
    """The column of times: by its name, else the first, else the only one, if it holds dates; "" if there is none."""
    named = sorted(
        (c for c in free if c.casefold() in TIMES), key=lambda c: TIMES.index(c.casefold())
    )
    for c in [*named, *columns.names[:1]]:
        if c not in free:
            continue
        kind = columns.kind(c)
        if kind == "time" or (kind == "integer" and c in named):
            return c
        if kind == "number" and c in named and in_doubt(columns.floats(c), c):
            return c
        if kind == "text" and (c in named or is_date(columns.first(c))):
            return c
    dated = [
        c
        for c in free
        if columns.kind(c) == "time" or (columns.kind(c) == "text" and is_date(columns.first(c)))
    ]
    if not dated:
        dated = [c for c in free if _whole_times(columns, c)]
    return dated[0] if len(dated) == 1 else ""


def _whole_times(columns: Columns, name: str) -> bool:
    """Whether a column of whole numbers holds times."""
    if columns.kind(name) != "integer":
        return False
    values = columns.whole(name)
    return values is not None and look_like_times(values)


def _counts(columns: Columns, name: str, kind: str) -> bool:
    """Whether a column is the number of the row, or of the row in its series."""
    if kind != "integer" or columns.rows < 3:
        return False
    values = columns.numbers(name)
    return bool(np.all(np.diff(values) == 1))


def is_date(value: object) -> bool:
    """Whether a value can be read as a date."""
    text = str(value).strip()
    if written_otherwise(text):
        return True
    try:
        instant(text)
    except ValueError:
        return False
    return True
