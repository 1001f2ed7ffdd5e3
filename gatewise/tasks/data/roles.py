"""Which column of a table is what: by its name where it is told, by what it holds where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from gatewise.errors import InputError
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.names import list_names
from gatewise.tasks.data.spread_times import find_spread
from gatewise.tasks.data.time_column import find_time
from gatewise.tasks.data.times_of_day import find_time_of_day

IDS = ("unique_id", "series_id", "id", "series", "item_id", "sheet")
Order = Literal["first", "later", "single"]


@dataclass(frozen=True)
class Roles:
    """The columns of a table by their role.

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
        """Columns that have a role."""
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

    Raises InputError for a column that is not there or is given two roles.
    """
    notes: list[str] = []
    named = _named_roles(
        columns,
        [
            ("time", time),
            ("id", id),
            *(("target", name) for name in target),
            *(("known", name) for name in known),
            *(("past", name) for name in past),
            *(("static", name) for name in static),
        ],
    )
    spread: tuple[str, ...] = ()
    ids = [c for c in columns.names if c.lower() in IDS and c not in named]
    numbering = [] if id else [c for c in ids if _numbers_rows(columns, c, table)]
    id_column = id or columns.series or next((c for c in ids if c not in numbering), None)
    if numbering and table == "first":
        notes.append(
            f"{list_names(numbering)} has another value in every row: it numbers the rows, and is left out"
        )
    time_column = time or ""
    if not time_column:
        free = [
            c for c in columns.names if c not in named and c != id_column and c not in numbering
        ]
        spread = find_spread(columns, free)
        time_column = "ds" if spread else find_time(columns, free)
        if spread and table == "first":
            notes.append(f"time is put together from {', '.join(spread)}")
    time_of_day = ""
    if time_column and not spread:
        taken = {time_column, id_column, *named, *numbering}
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
    if not chosen and id_column is not None and "y" in columns.names and "y" not in named:
        chosen = ("y",)
    return Roles(
        time=time_column,
        id=id_column,
        target=chosen,
        known=tuple(known),
        past=tuple(past),
        static=tuple(static),
        spread=spread,
        time_of_day=time_of_day,
        left_out=tuple(numbering),
        notes=tuple(notes),
    )


def _named_roles(columns: Columns, roles: Sequence[tuple[str, str | None]]) -> dict[str, str]:
    """The role of each column that is named; roles have None where no column is.

    Raises InputError for a column that is not there, or that is given two roles. Only a target may be a past
    covariate as well.
    """
    role_of: dict[str, str] = {}
    for role, name in roles:
        if name is None:
            continue
        columns.check(name)
        if name in role_of and {role, role_of[name]} != {"past", "target"}:
            raise InputError(
                f"column {name!r} is named as {role_of[name]} and as {role}: choose one"
            )
        role_of[name] = role
    return role_of


def _numbers_rows(columns: Columns, name: str, table: Order) -> bool:
    """Whether a column that is called as one of ids numbers the rows instead."""
    if table == "later" or columns.kind(name) not in ("integer", "text"):
        return False
    return (table == "single" or columns.rows > 2) and columns.different(name) == columns.rows
