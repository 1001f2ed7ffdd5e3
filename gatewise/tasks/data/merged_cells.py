"""Cells that are empty below a year or a date, as merged cells of a sheet are: they mean what stands above them."""

from __future__ import annotations

import narwhals as nw

from gatewise.tasks.data.cells import is_missing
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.instants import is_date
from gatewise.tasks.data.spread_times import part_of

# parts of a year that stand in rows of their own beside it
PARTS = ("quarter", "month", "week")
# share of the cells of a column of dates that are empty, at least, for them to be merged and not missing
MERGED = 0.5


def with_merged_cells(columns: Columns) -> Columns:
    """The columns with empty cells of years and dates filled from above; as they are where none are merged."""
    if type(columns) is not Columns:
        return columns
    parts = {part_of(name) for name in columns.names}
    filled: dict[str, list[object]] = {}
    for name in columns.names:
        yearly = part_of(name) == "year" and not parts.isdisjoint(PARTS)
        if not yearly and columns.kind(name) not in ("time", "text"):
            continue
        cells = columns.frame[name].to_list()
        empty = [is_missing(cell) for cell in cells]
        if not any(empty) or empty[0]:
            continue
        dated = sum(empty) >= MERGED * len(cells) and (
            columns.kind(name) == "time" or is_date(cells[0])
        )
        if yearly or dated:
            filled[name] = _filled(cells, empty)
    if not filled:
        return columns
    new = [
        nw.new_series(n, cells, backend=columns.frame.implementation) for n, cells in filled.items()
    ]
    unmerged = Columns(
        columns.frame.with_columns(*new), columns.zones, columns.before, columns.cell_format
    )
    unmerged.notes.extend(columns.notes)
    for name, cells in filled.items():
        unmerged.notes.append(
            f"empty cells of {name!r} mean what stands above them: {_shown(cells[0])}"
        )
    return unmerged


def _shown(cell: object) -> str:
    """A year that a library made a fraction of, as it was."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _filled(cells: list[object], empty: list[bool]) -> list[object]:
    filled: list[object] = []
    for cell, is_empty in zip(cells, empty, strict=True):
        filled.append(filled[-1] if is_empty else cell)
    return filled
