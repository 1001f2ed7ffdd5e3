"""A frame written to a file: CSV, Parquet or Excel, as its ending says. The file is whole, or as it was."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from gatewise.errors import InputError
from gatewise.extras import MissingExtra, installed

ENDINGS = (".csv", ".parquet", ".xlsx")
# what a cell of Excel begins with that it would compute
FORMULAS = ("=", "+", "-", "@")


def check_out(path: Path, force: bool, endings: Sequence[str] = ENDINGS) -> None:
    """Refuse a file that cannot be written, before anything is computed.

    Raises BadParameter for another ending, InputError for a file that is there, a folder, or no folder.
    """
    if path.suffix.lower() not in endings:
        raise typer.BadParameter(f"--out {path} must end in {', '.join(endings)}")
    if path.suffix.lower() == ".xlsx" and not installed("openpyxl"):
        raise MissingExtra('writing .xlsx needs openpyxl: pip install "gatewise[forecast]"')
    if path.suffix.lower() == ".parquet" and not installed("pyarrow"):
        raise MissingExtra("writing .parquet needs pyarrow: pip install pyarrow")
    if path.is_dir():
        raise InputError(f"{path} is a folder: name a file")
    if path.exists() and not force:
        raise InputError(
            f"{path} is there already: overwrite it with --force, or name another file"
        )
    if not path.parent.is_dir():
        raise InputError(f"there is no folder {path.parent}")


def write_frame(frame: Any, path: Path) -> None:
    """Write a frame of narwhals. Raises InputError where the system refuses."""
    writers: dict[str, Callable[[Any, Path], None]] = {
        ".csv": _write_csv,
        ".parquet": lambda f, to: f.write_parquet(to),
        ".xlsx": _write_excel,
    }
    write_whole(path, lambda part: writers[path.suffix.lower()](frame, part))


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Have a file written beside its place and put there when it is whole.

    ``write`` gets the path to write to, with the same ending. Raises InputError where the system refuses.
    """
    try:
        descriptor, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.name}-", suffix=path.suffix
        )
        os.close(descriptor)
        part = Path(name)
        try:
            write(part)
            part.chmod(0o666 & ~_umask())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from None


def _write_csv(frame: Any, path: Path) -> None:
    path.write_text(frame.write_csv(), encoding="utf-8", newline="")


def _write_excel(frame: Any, path: Path) -> None:
    """One sheet. Excel knows no time zones: times that carry one are written as text, with their offset."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("forecast")

    def cell(value: Any) -> Any:
        if isinstance(value, datetime) and value.tzinfo is not None:
            value = value.isoformat(sep=" ")
        elif hasattr(value, "to_pydatetime"):
            value = value.to_pydatetime()
        if isinstance(value, str) and value.startswith(FORMULAS):
            text = WriteOnlyCell(sheet, value)
            text.data_type = "s"
            return text
        return None if value != value else value

    sheet.append([cell(name) for name in frame.columns])
    for row in frame.iter_rows():
        sheet.append([cell(value) for value in row])
    book.save(path)


def _umask() -> int:
    """The permissions that new files do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
