"""Which columns of a table are forecast where none is named, and what is left out beside them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import numpy as np

from gatewise.arrays import Floats
from gatewise.errors import InputError
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.date_readers import is_total
from gatewise.tasks.data.instants import is_date
from gatewise.tasks.data.names import list_names
from gatewise.tasks.data.plan_columns import without_plans
from gatewise.tasks.data.roles import Roles
from gatewise.tasks.data.time_column import TIMES, plain_name

# what a column of seconds is called besides
SECONDS = ("s", "sec", "second", "seconds", "ms", "elapsed", "sekunden", "sekunde")


def choose_targets(columns: Columns, roles: Roles, notes: list[str]) -> tuple[str, ...]:
    """The columns to forecast if none is named: all those of numbers that are not taken.

    Raises InputError if there is none.
    """
    free = [c for c in columns.names if c not in roles.taken]
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
    if not roles.time:
        _check_total(columns, words)
    chosen = _drop_switches(columns, chosen, notes)
    if len(chosen) > 1:
        chosen = without_plans(chosen, {n: columns.numbers(n) for n in chosen}, notes)
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


def _check_total(columns: Columns, words: Sequence[str]) -> None:
    """Raises InputError for a last row that is a total, in a table of which no column says the time."""
    for name in words:
        texts, codes = columns.texts(name)
        last = texts[codes[-1]] if codes[-1] >= 0 else ""
        if is_total(last) and np.count_nonzero(codes == codes[-1]) == 1:
            raise InputError(
                f"column {name!r}, row {columns.rows}: {last!r} looks like the row of a total: take it out"
            )


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


def _counts(columns: Columns, name: str, kind: str) -> bool:
    """Whether a column is the number of the row, or of the row in its series, or a clock that runs evenly."""
    if columns.rows < 3:
        return False
    steps = np.diff(columns.numbers(name))
    if kind == "integer":
        return bool(np.all(steps == 1))
    # seconds of an instrument: 0.00, 0.01, 0.02
    named = plain_name(name) in (*TIMES, *SECONDS)
    return bool(named and steps[0] > 0 and np.all(np.abs(steps - steps[0]) <= 1e-6 * steps[0]))
