"""Tables in files as frames: CSV, Excel, JSON, Parquet and Feather, packed or not."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals as nw

from gatewise.errors import InputError
from gatewise.tasks.data.csv_text import Text, check_rows, open_text
from gatewise.tasks.data.dialect import Dialect
from gatewise.tasks.data.excel import ALL, has_sheet, sheet_as_text
from gatewise.tasks.data.json_text import json_as_text
from gatewise.tasks.data.lines import plain
from gatewise.tasks.data.read_options import WRITTEN, ReadOptions
from gatewise.tasks.data.sheets import all_sheets
from gatewise.tasks.data.sources import Source, open_source

# words for a missing value that no column of texts has for a category. "None" may be one, and is no number
NOTHING = (
    "#N/A",
    "#NA",
    "N/A",
    "NA",
    "n/a",
    "na",
    "NaN",
    "nan",
    "NAN",
    "-NaN",
    "-nan",
    "NULL",
    "null",
    "<NA>",
)


@dataclass(frozen=True)
class FileTable:
    """The frame of a file.

    Attributes:
        frame: of pandas, or of Polars where there is no pandas.
        notes: how the file is written, if that is not the usual way.
        decimal: what stands before decimals in it; None where that is not known.
    """

    frame: Any
    notes: tuple[str, ...] = ()
    decimal: str | None = None


def read(path: str | Path, options: ReadOptions | None = None) -> FileTable:
    """The table in a file.

    Raises InputError for a file that is not there, is empty, is no table, or has rows of different lengths.
    """
    return frame_of(
        open_source(Path(path), bool(options and options.encoding)), options or ReadOptions()
    )


def frame_of(source: Source, options: ReadOptions) -> FileTable:
    """The table in a file that has been opened. Raises InputError as ``read`` does."""
    if source.kind in ("parquet", "arrow"):
        reader = _parquet if source.kind == "parquet" else _feather
        return FileTable(_columnar(source, reader), source.notes)
    text = text_of(source, options)
    frame = parse_csv(text.path, text.source.shown, library(), text.dialect)
    check_rows(text.source.shown, len(frame), text.dialect)
    return FileTable(frame.to_native(), text.notes, decimal_of(text, source))


def text_of(source: Source, options: ReadOptions) -> Text:
    """The text of a CSV file, of the sheet of an Excel file, or of JSON. Raises InputError as ``read`` does."""
    if source.kind == "excel":
        if options.sheet == ALL and not has_sheet(source, ALL):
            return all_sheets(source)
        sheet = sheet_as_text(source, options.sheet)
        return open_text(sheet, WRITTEN, ragged=True)
    if options.sheet is not None:
        raise InputError(f"{source.shown} is no Excel file and has no sheets (--sheet)")
    if source.kind == "json":
        return open_text(json_as_text(source, options.encoding), WRITTEN)
    return open_text(source, options)


def decimal_of(text: Text, source: Source) -> str | None:
    """What stands before the decimals of numbers that are texts; None where each column is to tell."""
    return text.dialect.decimal if text.dialect.decided and source.kind == "text" else None


def library() -> Any:
    """The library that files are read with. Raises InputError if there is none."""
    for name in ("pandas", "polars"):
        if importlib.util.find_spec(name):
            return name
    raise InputError('reading a table needs pandas or polars: pip install "gatewise[forecast]"')


def parse_csv(source: Path | bytes, shown: str, backend: Any, dialect: Dialect) -> Any:
    """A frame of narwhals from a well-formed CSV file or a piece of it, with names free of blanks."""
    if backend == "polars" and not dialect.usual:
        text = source.read_bytes() if isinstance(source, Path) else source
        source = plain(text, dialect.separator)

    def read_with(**options: Any) -> Any:
        place = str(source) if isinstance(source, Path) else io.BytesIO(source)
        options = _options(backend, dialect) | options
        return nw.read_csv(place, backend=backend, separator=dialect.separator, **options)

    try:
        try:
            frame = read_with()
        except MemoryError:
            raise
        except Exception:
            if backend != "polars":
                raise
            # a cell is not of the kind of its column: as texts, where it can be named
            frame = read_with(infer_schema=False)
    except MemoryError:
        raise
    except Exception as error:  # whatever the library raises for a file that it cannot read
        raise InputError(f"cannot read {shown}: {first_line(error)}") from None
    return frame.rename({c: c.strip() for c in frame.columns if c != c.strip()})


def _options(backend: str, dialect: Dialect) -> dict[str, Any]:
    """What the library has to be told about a CSV file."""
    if backend == "pandas":
        return {
            "decimal": dialect.decimal,
            "low_memory": False,
            "skipinitialspace": True,
            "index_col": False,
            "keep_default_na": False,
            "na_values": ["", *NOTHING],
            "dtype": dict.fromkeys(dialect.texts, str),
        }
    import polars as pl

    return {
        "decimal_comma": dialect.decimal == ",",
        "infer_schema_length": None,
        "null_values": ["", *NOTHING],
        "schema_overrides": dict.fromkeys(dialect.texts, pl.String),
    }


def _columnar(source: Source, read_with: Callable[[Path], Any]) -> Any:
    """A frame of a file that is stored by columns."""
    try:
        frame = read_with(source.path)
    except ImportError:
        raise InputError(f"reading {source.shown} needs pyarrow: pip install pyarrow") from None
    except Exception as error:  # whatever the library raises for a file that it cannot read
        raise InputError(f"cannot read {source.shown}: {first_line(error)}") from None
    if not len(frame):
        raise InputError(f"{source.shown} has no rows")
    return frame


def _parquet(path: Path) -> Any:
    return nw.read_parquet(str(path), backend=library()).to_native()


def _feather(path: Path) -> Any:
    if library() == "polars":
        import polars as pl

        return pl.read_ipc(path.read_bytes())
    import pyarrow.feather as feather

    return feather.read_table(path, memory_map=False).to_pandas()


def first_line(error: Exception) -> str:
    """The first line of what a library says."""
    return (str(error).splitlines() or [type(error).__name__])[0]
