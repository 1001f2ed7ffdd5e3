"""The columns of whatever a table is given as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals as nw

from gatewise import settings
from gatewise.errors import InputError
from gatewise.tasks.data.cells import CellFormat
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.excel import ALL, has_sheet
from gatewise.tasks.data.files import frame_of
from gatewise.tasks.data.frames import as_frame
from gatewise.tasks.data.read_options import ReadOptions
from gatewise.tasks.data.sources import Source, open_source, size_of
from gatewise.tasks.data.spool import spool

MEMORY_PER_BYTE = 4  # that a table takes for each byte of its file, roughly


def columns_of(
    data: Any,
    options: ReadOptions | None = None,
    ask_excel_dates: bool = True,
    own_missing: Mapping[str, tuple[str, ...]] | None = None,
) -> Columns:
    """The columns of a frame or a file with rows.

    Args:
        data: what ``read_table`` takes.
        options: how it is written.
        ask_excel_dates: whether whole numbers that may be dates of Excel are asked about, as in a table of
            training; a later one need not have its sheet either.
        own_missing: what stands for a missing value in some columns, in the place of ``options.missing``.

    Raises InputError for anything else.
    """
    options = options or ReadOptions()
    cell_format = CellFormat(None, options, ask_excel_dates, own_missing or {})
    if isinstance(data, str | Path):
        source = open_source(Path(data), options.encoding is not None)
        options = _of_later(source, options) if not ask_excel_dates else options
        cell_format = replace(cell_format, options=options)
        large = MEMORY_PER_BYTE * size_of(source.path) > settings.TABLE_MEMORY.get()
        if large and (spooled := spool(source, cell_format)) is not None:
            return spooled
        table = frame_of(source, options)
        columns = _columns(table.frame, replace(cell_format, decimal=table.decimal))
        columns.notes.extend(table.notes)
        return columns
    return _columns(data, cell_format)


def _of_later(source: Source, options: ReadOptions) -> ReadOptions:
    """The options for a later table, which need not have the sheet of that of training."""
    if options.sheet in (None, ALL) and source.kind == "excel":
        return options
    has_it = source.kind == "excel" and has_sheet(source, str(options.sheet))
    return options if has_it else replace(options, sheet=None)


def _columns(data: Any, cell_format: CellFormat) -> Columns:
    try:
        native, zones = as_frame(data)
        frame = nw.from_native(native, eager_only=True)
    except nw.exceptions.DuplicateError:
        raise InputError("two columns of the table have the same name: rename one") from None
    except TypeError:
        raise InputError(
            "a table is a frame or a series of pandas or Polars, a table of Arrow, an array, or the path of "
            f"a file, not a {type(data).__name__}"
        ) from None
    if not len(frame):
        raise InputError("the table has no rows")
    return Columns(frame, zones, cell_format=cell_format)
