"""Tables with times in the names of their columns, turned into one row for each time.

Months beside years, hours beside days, years beside months, or dates beside the names of series.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw
import numpy as np

from gatewise.tasks.data.cells import NO_NUMBER, is_missing
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.date_readers import is_total
from gatewise.tasks.data.dates import is_iso, written_otherwise
from gatewise.tasks.data.month_names import is_month
from gatewise.tasks.data.names import list_names
from gatewise.tasks.data.numerals import could_be
from gatewise.tasks.data.spread_times import part_of
from gatewise.tasks.data.units import is_flagged

SERIES, TIME, VALUE = "unique_id", "ds", "y"
LEAST = 6  # columns of dates that make a table one of these
LABELS = 6  # columns before them at most
_YEAR = re.compile(r"(1[89]|20|21)\d\d")
_MONTH = re.compile(r"(1[89]|20|21)\d\d-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"[qtk][1-4]|[1-4]\.? ?(q|quartal|quarter|trim\w*)", re.IGNORECASE)
_COUNTED = re.compile(r"(?P<name>\D+?)[ _]?(?P<n>\d+)")
_HOUR = re.compile(
    r"(?:h|hour|he|stunde|std\.?)?[ _]?(?P<h>\d{1,2})(?::(?P<m>[0-5]\d))?(?:h|:00)?", re.IGNORECASE
)


@dataclass(frozen=True)
class _Shape:
    """What stands where.

    Attributes:
        labels: columns that say which series a row is of, one by itself or all together.
        before: the column that the times of a row begin with; "" where names of columns are whole times.
        values: columns of values, with the time of day that each is of, or its number; "" where it is none.
        note: how the table is read, in a sentence.
    """

    labels: tuple[str, ...]
    before: str
    values: Mapping[str, str]
    note: str


def unpivoted(columns: Columns) -> Columns:
    """A table with one row for each time, where names of columns are times; any other table as it is.

    Values go to a column ``y``, times to ``ds``; ``series`` of the result names the column of series.
    """
    shape = (
        _dates(columns)
        or _parts_of_years(columns)
        or _months_by_years(columns)
        or _hours(columns)
        or _numbered(columns)
    )
    if shape is None:
        return columns
    left_out = [n for n in columns.names if n not in (*shape.labels, shape.before, *shape.values)]
    texts: list[str] = []
    cells: list[object] = []
    rows: list[int] = []
    before = columns.frame[shape.before].to_list() if shape.before else [""] * columns.rows
    firsts = [_text(v) for v in before]
    names = {name: columns.frame[name].to_list() for name in shape.values}
    for row in range(columns.rows):
        for name in shape.values:
            cell = names[name][row]
            if cell is None or cell != cell or not str(cell).strip():
                continue  # what is missing is missing on the grid of times as well
            texts.append(_time(firsts[row], name.strip(), shape.values[name]))
            cells.append(cell)
            rows.append(row)
    if not rows:
        return columns
    numbers = all(isinstance(c, int | float) for c in cells)
    data: dict[str, object] = {
        label: [columns.frame[label].to_list()[r] for r in rows] for label in shape.labels
    }
    unique = [n for n in shape.labels if columns.different(n) == columns.rows]
    if shape.before:  # a series has many rows
        unique = list(shape.labels)
    elif shape.labels and not unique:
        unique = [SERIES]
        data[SERIES] = [_label(columns, shape.labels, r) for r in rows]
    data |= {TIME: texts, VALUE: cells if numbers else [str(c) for c in cells]}
    frame = nw.from_dict(data, backend=columns.frame.implementation)
    long = Columns(frame, cell_format=columns.cell_format)
    long.series = unique[0] if unique and columns.rows > 1 else None
    long.notes.extend([*columns.notes, shape.note])
    if left_out:
        long.notes.append(f"left out beside the times: {list_names(left_out)}")
    return long


def _label(columns: Columns, labels: Sequence[str], row: int) -> str:
    """What stands in all labels of a row."""
    return " / ".join(_text(columns.frame[n][row]) for n in labels)


# --- shapes ---------------------------------------------------------------------------------------


def _numeric(columns: Columns, names: Iterable[str]) -> bool:
    return all(
        columns.kind(n) in ("integer", "number", "empty")
        or all(map(_is_figure, columns.frame[n].to_list()))
        for n in names
    )


def _is_figure(cell: object) -> bool:
    """Whether a cell is a number, with a mark behind it or without, or stands for none."""
    text = _text(cell)
    return is_missing(text) or text.lower() in NO_NUMBER or could_be(text) or is_flagged(text)


def _dates(columns: Columns) -> _Shape | None:
    """Names of columns that are dates or years, behind those of series."""
    dated = tuple(n for n in columns.names if _is_time(n))
    if len(dated) < LEAST or not _numeric(columns, dated):
        return None
    if all(_YEAR.fullmatch(n) for n in dated) != any(_YEAR.fullmatch(n) for n in dated):
        return None
    first = columns.names.index(dated[0])
    labels = [n for n in columns.names[:first] if columns.kind(n) != "empty"]
    others = [n for n in columns.names[first:] if n not in dated and columns.kind(n) != "empty"]
    if len(labels) > LABELS or any(not is_total(n) for n in others):
        return None
    if any(is_month(_text(v)) for label in labels for v in columns.frame[label].to_list()[:2]):
        return None
    if columns.rows > len({_label(columns, labels, row) for row in range(columns.rows)}):
        return None
    return _Shape(
        tuple(labels),
        "",
        dict.fromkeys(dated, ""),
        f"the names of {len(dated)} columns are times: a row is a series",
    )


def _parts_of_years(columns: Columns) -> _Shape | None:
    """A column of years, and one for each month or quarter."""
    years = [n for n in columns.names if columns.kind(n) == "integer" and _are_years(columns, n)]
    months = tuple(n for n in columns.names if n.strip() and is_month(n.strip()))
    quarters = tuple(n for n in columns.names if _QUARTER.fullmatch(n.strip()))
    values = months if len(months) == 12 else quarters if len(quarters) == 4 else ()
    if len(years) != 1 or not values or not _numeric(columns, values):
        return None
    labels = _series_beside(columns, years[0])
    if labels is None:
        return None
    what = "months" if values == months else "quarters"
    note = f"a row is a year with its {what}: they are read as {'a' if labels else 'one'} series"
    return _Shape(labels, years[0], dict.fromkeys(values, ""), note)


def _months_by_years(columns: Columns) -> _Shape | None:
    """A column of the twelve months, and one for each year."""
    first, *others = columns.names
    values = tuple(n for n in others if _YEAR.fullmatch(n.strip()))
    if len(values) < 2 or columns.rows != 12 or columns.kind(first) != "text":
        return None
    if not all(is_month(_text(v)) for v in columns.frame[first].to_list()):
        return None
    if not _numeric(columns, values):
        return None
    note = "a column is a year and a row a month: they are read as one series"
    return _Shape((), first, dict.fromkeys(values, ""), note)


def _hours(columns: Columns) -> _Shape | None:
    """A column of days, and one for each hour or a part of it."""
    days = [n for n in columns.names if columns.kind(n) == "time" or _holds_days(columns, n)]
    if len(days) != 1:
        return None
    minutes = {n: m for n in columns.names if n != days[0] and (m := _minutes(n)) is not None}
    if len(minutes) not in (24, 48, 96) or not _numeric(columns, minutes):
        return None
    step = 24 * 60 // len(minutes)
    first, *_ = minutes.values()
    if list(minutes.values()) != [first + k * step for k in range(len(minutes))]:
        return None
    # the first hour may be called 1 or 01:00, as it ends there; of columns that are called 1 to 24 nobody knows
    plain = all(n.isdigit() and n[0] != "0" for n in minutes)
    labels = _series_beside(columns, days[0])
    if first not in (0, step) or (first and plain) or labels is None:
        return None
    clocks = {n: f"{(m - first) // 60:02}:{(m - first) % 60:02}" for n, m in minutes.items()}
    note = f"a row is a day with its hours: they are read as {'a' if labels else 'one'} series"
    return _Shape(labels, days[0], clocks, note)


def _numbered(columns: Columns) -> _Shape | None:
    """Columns that are counted (d_1, d_2, ...) behind several of texts which name the series of a row."""
    matches = {n: m for n in columns.names if (m := _COUNTED.fullmatch(n.strip())) is not None}
    labels = [n for n in columns.names if n not in matches and columns.kind(n) != "empty"]
    if len(matches) < LEAST or not 2 <= len(labels) <= LABELS + 2 or not _numeric(columns, matches):
        return None
    numbers = [int(m["n"]) for m in matches.values()]
    if len({m["name"] for m in matches.values()}) > 1 or set(np.diff(numbers)) != {1}:
        return None
    if any(columns.kind(n) != "text" or _holds_days(columns, n) for n in labels):
        return None
    if columns.rows > len({_label(columns, labels, row) for row in range(columns.rows)}):
        return None
    first, *_ = matches
    note = f"{first!r} and the columns after it count the time: a row is a series"
    return _Shape(tuple(labels), "", {n: m["n"] for n, m in matches.items()}, note)


def _series_beside(columns: Columns, before: str) -> tuple[str, ...] | None:
    """The column of texts that says which series a row is of: none where each row begins at another time.

    None where rows begin at the same time, and no column tells them apart.
    """
    starts = [_text(v) for v in columns.frame[before].to_list()]
    if len(set(starts)) == len(starts):
        return ()
    for name in columns.names:
        if name != before and columns.kind(name) == "text":
            texts = [_text(v) for v in columns.frame[name].to_list()]
            if len(set(zip(texts, starts, strict=True))) == len(starts):
                return (name,)
    return None


def _is_time(name: str) -> bool:
    text = name.strip()
    if _YEAR.fullmatch(text) or _MONTH.fullmatch(text):
        return True
    return len(text) > 4 and (written_otherwise(text) or (is_iso(text) and "-" in text))


def _are_years(columns: Columns, name: str) -> bool:
    values = columns.whole(name)
    return (
        values is not None
        and part_of(name) in ("year", "")
        and bool(np.all((values >= 1700) & (values <= 2200)))
    )


def _holds_days(columns: Columns, name: str) -> bool:
    if columns.kind(name) != "text":
        return False
    first = _text(columns.first(name))
    return ":" not in first and (is_iso(first) or written_otherwise(first))


def _minutes(name: str) -> int | None:
    """The minutes of the day that a column of an hour is named by."""
    match = _HOUR.fullmatch(name.strip())
    if match is None or int(match["h"]) > 24:
        return None
    return 60 * int(match["h"]) + int(match["m"] or 0)


def _time(row: str, name: str, clock: str) -> str:
    """The time of a cell from the beginning of its row and the name of its column."""
    if clock:
        return f"{row.removesuffix(' 00:00:00')} {clock}".strip()
    return f"{name} {row}".strip() if not _YEAR.fullmatch(name) else f"{row} {name}".strip()


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()
