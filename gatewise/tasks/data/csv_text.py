"""A CSV text looked through before a library reads it: what is wrong is said by row, what is odd is written anew."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gatewise.errors import InputError
from gatewise.tasks.data.aligned import aligned_as_csv
from gatewise.tasks.data.dialect import SAMPLE, Dialect, find_dialect
from gatewise.tasks.data.encodings import in_utf8
from gatewise.tasks.data.lines import (
    locate_control,
    marks,
)
from gatewise.tasks.data.read_options import ReadOptions
from gatewise.tasks.data.sources import Source, write_temporary
from gatewise.tasks.data.walk import Walk


@dataclass(frozen=True)
class Text:
    """A CSV text that a library can read: in UTF-8, the names of its columns in the first line."""

    source: Source
    dialect: Dialect

    @property
    def path(self) -> Path:
        return self.source.path

    @property
    def notes(self) -> tuple[str, ...]:
        return (*self.source.notes, *self.dialect.notes)


def open_text(source: Source, options: ReadOptions, ragged: bool = False) -> Text:
    """How a text is written, once all of it has been read; and the text written anew if it is odd.

    Args:
        ragged: rows may lack empty cells at their ends, as those of a sheet do.

    Raises InputError, with the row, for control characters (such as NUL), rows of different lengths, quotes
    that do not end, and numbers that may mean two things.
    """
    source = in_utf8(source, options.encoding)
    try:
        aligned = source if ragged else aligned_as_csv(source, options.sep)
        if aligned is not source:
            source, options = aligned, replace(options, sep=",")
        seen = marks(source.path)
        with source.path.open(encoding="utf-8-sig", newline="") as file:
            sample = [line for _, line in zip(range(SAMPLE), file, strict=False)]
        dialect, layout = find_dialect(sample, options)
        if seen.control:
            raise InputError(locate_control(source.path, dialect.separator, source.shown))
        walk = Walk(source.shown, dialect, layout, seen, ragged)
        if not layout.plain or ragged:
            return _rewrite(source, walk)
        with source.path.open(encoding="utf-8-sig", newline="") as file:
            for _ in walk.rows(file):
                pass
        odd = walk.trailing or walk.formulas or walk.rules or walk.footer[1]
        if walk.comments or odd:
            return _rewrite(source, Walk(source.shown, dialect, layout, seen, ragged))
    except OSError as error:
        raise InputError(f"cannot read {source.shown}: {error.strerror}") from None
    return Text(source, walk.dialect())


def _rewrite(source: Source, walk: Walk) -> Text:
    """The table alone, in a temporary file."""

    def pieces() -> Iterator[bytes]:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=walk.written.separator, lineterminator="\n")
        with source.path.open(encoding="utf-8-sig", newline="") as file:
            for row in walk.rows(file):
                # a row of one empty cell would be a blank line
                writer.writerow(row) if row != [""] else text.write('""\n')
                if text.tell() > 1 << 20:
                    yield text.getvalue().encode()
                    text.seek(0)
                    text.truncate()
        yield text.getvalue().encode()

    file = write_temporary(pieces(), source.shown, None)
    notes = [*walk.layout.notes]
    if walk.comments and not any("comments" in n for n in notes):
        notes.append("lines that begin with # are comments and left out")
    if count := walk.footer[1]:
        lines = "1 line" if count == 1 else f"{count} lines"
        notes.append(f"{lines} below the table left out: {walk.footer[0]:.60}")
    clean_source = source.with_file(file, "text", source.shown, *notes)
    return Text(clean_source, replace(walk.dialect(), quotes=True, returns=False, usual=False))


def check_rows(shown: str, rows: int, dialect: Dialect) -> None:
    """Raises InputError if a library has made other rows of a file than it has."""
    if rows != dialect.rows:
        raise InputError(
            f"cannot read {shown}: it has {dialect.rows} rows, of which {rows} can be told apart: write it "
            "anew, with quotes around cells that contain separators or quotes"
        )
