"""JSON as a CSV text: records, lines with a record each, columns, and what pandas and web services write.

A record is an object of names and values. Objects within it become columns with a point in their names ("main.temp");
lists within it are left out.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gatewise.errors import InputError, some_of
from gatewise.tasks.data.encodings import in_utf8
from gatewise.tasks.data.instants import is_date
from gatewise.tasks.data.sources import CHUNK, Source, size_of, write_temporary

MOST = 256 << 20  # bytes of a file that is one value: all of it is in memory, ten times as large
DEPTH = 4  # objects within objects, in which a table is looked for
LEAST = 2  # values in a column
Record = Mapping[str, Any]


def json_as_text(source: Source, encoding: str | None) -> Source:
    """The table of a JSON file in a temporary CSV file.

    Raises InputError for what is not JSON (with the line), and where no table is in it, or more than one.
    """
    source = in_utf8(source, encoding)
    if _is_lines(source.path):
        records: Iterator[Record] = _lines(source)
        names = _names(_lines(source))
        note = "a line is a record"
    else:
        rows, note = _table(_value(source), source.shown)
        records, names = iter(rows), _names(iter(rows))
    notes = [note] if note else []
    plain = [n for n, is_list in names.items() if not is_list]
    lists = [n for n, is_list in names.items() if is_list]
    if not plain:
        raise InputError(f"{source.shown} has records without any value")
    if lists:
        notes.append(f"lists within records are left out: {some_of(map(repr, lists), 5)}")
    file = write_temporary(_csv(records, plain), source.shown, None)
    return source.with_file(file, "text", source.shown, *notes)


def _is_lines(path: Path) -> bool:
    """Whether the first line is an object by itself, and others follow."""
    with path.open(encoding="utf-8-sig") as file:
        filled = (line for line in file if line.strip())
        first = next(filled, "")
        try:
            value = json.loads(first)
        except (ValueError, RecursionError):
            return False
        return isinstance(value, dict) and next(filled, "").lstrip().startswith("{")


def _lines(source: Source) -> Iterator[Record]:
    """The record of each line."""
    with source.path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                what = getattr(error, "msg", str(error))
                raise InputError(
                    f"{source.shown}, line {number} is not JSON: {what}; other lines are a record each"
                ) from None
            if not isinstance(value, dict):
                raise InputError(
                    f"{source.shown}, line {number} is no object of names and values: {line.strip():.60}"
                )
            yield flat(value)


def _value(source: Source) -> Any:
    """What the file holds."""
    if size_of(source.path) > MOST:
        raise InputError(
            f"{source.shown} is one JSON value of more than {MOST >> 20} MB: write a record in each line (JSON "
            "lines), or save its table as CSV or Parquet"
        )
    try:
        return json.loads(source.path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise InputError(
            f"cannot read {source.shown}: it is not JSON (line {error.lineno}, column {error.colno}: {error.msg})"
        ) from None
    except (
        ValueError,
        RecursionError,
    ) as error:  # a number of thousands of digits, lists within lists
        raise InputError(f"cannot read {source.shown}: {error}") from None


# --- tables ---------------------------------------------------------------------------------------


def _table(value: Any, shown: str) -> tuple[list[Record], str]:
    """The records of a value, and a note where they lie within it."""
    if (rows := _rows(value)) is not None:
        return rows, ""
    tables = dict(_tables_within(value, "", DEPTH))
    if len(tables) == 1:
        (place, rows), *_ = tables.items()
        return rows, f"the table is {place!r} of the JSON"
    if tables:
        raise InputError(
            f"{shown} has several tables in it ({some_of(map(repr, tables), 5)}): save one of them as a file of its own"
        )
    raise InputError(
        f'{shown} has no table in its JSON: a list of records ([{{"date": "2024-01-01", "sold": 5}}, ...]), a record in each '
        'line, or columns ({"date": [...], "sold": [...]})'
    )


def _tables_within(value: Any, path: str, depth: int) -> Iterator[tuple[str, list[Record]]]:
    if not isinstance(value, dict) or not depth:
        return
    for name, part in value.items():
        if name == "schema":  # says of what types the columns are
            continue
        place = f"{path}.{name}" if path else name
        if (rows := _rows(part)) is not None:
            yield place, rows
        else:
            yield from _tables_within(part, place, depth - 1)


def _rows(value: Any) -> list[Record] | None:
    """The records of a value that is a table by itself; None for any other."""
    if isinstance(value, list) and len(value) >= LEAST:
        return _of_list(value)
    if not isinstance(value, dict) or not value:
        return None
    if _is_split(value):
        names = [str(n) for n in value["columns"]]
        rows = [dict(zip(names, row, strict=False)) for row in value["data"]]
        return _with_index(rows, value.get("index"))
    parts = list(value.values())
    if pairs := _of_pairs(value):
        return pairs
    if all(isinstance(p, list) for p in parts):
        if len({len(p) for p in parts}) > 1 or len(parts[0]) < LEAST or _nested(parts[0]):
            return None
        return [dict(zip(value, row, strict=True)) for row in zip(*parts, strict=True)]
    if all(isinstance(p, dict) for p in parts):
        return _of_objects(value)
    dated = len(parts) > LEAST and all(map(is_date, value))
    if dated and all(p is None or isinstance(p, int | float) for p in parts):
        return [{"ds": name, "y": number} for name, number in value.items()]
    return None


def _of_list(value: Sequence[Any]) -> list[Record] | None:
    """Records, or rows below the names of their columns, or pairs of a time and a number."""
    if all(isinstance(row, dict) for row in value):
        return [flat(row) for row in value]
    if not all(isinstance(row, list) for row in value):
        return None
    first, *others = value
    if first and all(isinstance(n, str) for n in first) and len(set(first)) == len(first):
        return [dict(zip(first, row, strict=False)) for row in others]
    if all(len(row) == 2 and not _nested(row) for row in value):
        return [{"ds": row[0], "y": row[1]} for row in value]
    return None


def _of_pairs(value: Record) -> list[Record] | None:
    """Lists of pairs of the same times, each of a quantity."""
    if not all(isinstance(p, list) and len(p) >= LEAST for p in value.values()):
        return None
    if not all(isinstance(r, list) and len(r) == 2 for p in value.values() for r in p):
        return None
    times = [[row[0] for row in part] for part in value.values()]
    if any(t != times[0] for t in times) or _nested(times[0]):
        return None
    numbers = {name: [row[1] for row in part] for name, part in value.items()}
    return [
        {"ds": time, **{name: column[k] for name, column in numbers.items()}}
        for k, time in enumerate(times[0])
    ]


def _of_objects(value: Record) -> list[Record] | None:
    """What pandas writes: an object for each column, or for each row."""
    inner = dict.fromkeys(name for part in value.values() for name in part)
    if any(_nested(list(part.values())) for part in value.values()) or len(inner) * len(value) < 2:
        return None
    by_row = all(map(is_date, value)) or all(name.isdigit() for name in value)
    rows = value if by_row else {i: {n: part.get(i) for n, part in value.items()} for i in inner}
    return _with_index([dict(row) for row in rows.values()], list(rows))


def _with_index(rows: Sequence[Record], index: Sequence[Any] | None) -> list[Record]:
    """Records with what numbers them, where that is more than a number."""
    if (
        index is None
        or len(index) != len(rows)
        or all(str(i).isdigit() and len(str(i)) < 8 for i in index)
    ):
        return list(rows)
    return [{"index": i, **row} for i, row in zip(index, rows, strict=True)]


def _is_split(value: Record) -> bool:
    columns, rows = value.get("columns"), value.get("data")
    if not isinstance(columns, list) or not isinstance(rows, list) or len(rows) < LEAST:
        return False
    return not _nested(columns) and all(
        isinstance(r, list) and len(r) == len(columns) for r in rows
    )


def _nested(values: Sequence[Any]) -> bool:
    return any(isinstance(v, list | dict) for v in values)


# --- records --------------------------------------------------------------------------------------


def flat(record: Record, before: str = "") -> dict[str, Any]:
    """A record with the objects in it as columns of their own."""
    out: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            out |= flat(value, f"{before}{name}.")
        else:
            out[before + name] = value
    return out


def _names(records: Iterator[Record]) -> dict[str, bool]:
    """The names in all records, and whether some value of each is a list."""
    names: dict[str, bool] = {}
    for record in records:
        for name, value in record.items():
            names[name] = names.get(name, False) or isinstance(value, list | dict)
    return names


def _csv(records: Iterator[Record], names: Sequence[str]) -> Iterator[bytes]:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for record in records:
        row = [_written(record.get(name)) for name in names]
        # a row of one empty cell would be a blank line
        writer.writerow(row) if row != [""] else out.write('""\n')
        if out.tell() > CHUNK:
            yield out.getvalue().encode("utf-8", "replace")
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode("utf-8", "replace")


def _written(value: Any) -> str:
    """A value as text."""
    if value is None or value != value:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)
