"""Tables larger than memory: read once, piece by piece, into columns that lie in temporary files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import IO, Any

import narwhals as nw
import numpy as np

from gatewise.arrays import Array, Floats, Ints
from gatewise.errors import InputError
from gatewise.tasks.data.cells import CellFormat, check_size, read_numbers, without
from gatewise.tasks.data.clock import Times
from gatewise.tasks.data.columns import Codes, Columns, Kind
from gatewise.tasks.data.csv_text import Text, check_rows
from gatewise.tasks.data.disk_arrays import allocate, explain_full_disk, map_file, temporary
from gatewise.tasks.data.files import decimal_of, first_line, library, parse_csv, text_of
from gatewise.tasks.data.instants import is_date, parse
from gatewise.tasks.data.lines import split_rows
from gatewise.tasks.data.numerals import could_be, is_limit
from gatewise.tasks.data.sources import Source
from gatewise.tasks.data.whole_times import times_of_numbers

PIECE = 4 << 20  # bytes of a CSV file that are read at once
ROWS = 50_000  # of a Parquet file
MOST_COLUMNS = 500  # each has a file
MOST_TEXTS = 1_000_000  # different ones in a column


@dataclass
class _Column:
    """A column in the making: blocks of numbers, whole numbers, times or codes of texts, 8 bytes each."""

    file: IO[bytes]
    blocks: list[tuple[Kind, int]] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)
    zones: set[str] = field(default_factory=set)
    first: Any = None
    stored: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    def take(self, columns: Columns, name: str) -> None:
        """Append what a piece of the table has."""
        if self.first is None:
            self.first = columns.first(name)
        kind, values = self._read(columns, name, columns.kind(name))
        self.blocks.append((kind, columns.rows))
        self.file.write(np.ascontiguousarray(values).data)

    def _read(self, columns: Columns, name: str, kind: Kind) -> tuple[Kind, Array]:
        """What the piece has, and as what it is kept."""
        if kind == "time" or (kind == "text" and is_date(columns.first(name))):
            try:
                times, zone = columns.times(name)
            except InputError:  # is said, with the right row, when the column is asked for
                return "text", self._codes_of(columns, name)
            self.zones.add(zone or "")
            return "time", times
        if kind == "text":
            return "text", self._codes_of(columns, name)
        if kind == "integer" and (whole := columns.whole(name)) is not None:
            return "integer", whole
        if kind == "integer":
            kind = "number"
        return "empty" if kind == "empty" else "number", columns.floats(name)

    def _codes_of(self, columns: Columns, name: str) -> Codes:
        texts, codes = columns.texts(name)
        if len(self.codes) > MOST_TEXTS:
            raise InputError(
                f"column {name!r} has more than {MOST_TEXTS:,} different texts: leave it out of the "
                "file"
            )
        place = np.array([*(self.codes.setdefault(t, len(self.codes)) for t in texts), -1])
        return place[codes]


class Spool(Columns):
    """The columns of a file in temporary files. They are read as those of a frame are."""

    def __init__(self, pieces: Iterator[Any], library: str, cell_format: CellFormat) -> None:
        self.library, self.rows, self.names, self.notes = library, 0, [], []
        self.cell_format = cell_format
        self.columns: dict[str, _Column] = {}
        with ExitStack() as files:
            for frame in pieces:
                columns = Columns(frame, before=self.rows, cell_format=cell_format)
                if not self.names:
                    self.names, self.named = columns.names, columns.named
                    for name in self.names:
                        self.columns[name] = _Column(files.enter_context(temporary()))
                self.rows += columns.rows
                with explain_full_disk(8 * self.rows * len(self.names)):
                    for name in self.names:
                        self.columns[name].take(columns, name)
                self.notes += [note for note in columns.notes if note not in self.notes]
            for column in self.columns.values():
                with explain_full_disk(8 * self.rows * len(self.names)):
                    column.stored = map_file(column.file)

    def kind(self, name: str) -> Kind:
        kinds = {kind for kind, _ in self.columns[name].blocks} - {"empty"}
        if not kinds:
            return "empty"
        if kinds == {"integer", "number"}:
            return "number"
        return kinds.pop() if len(kinds) == 1 else "text"

    def is_clock(self, name: str) -> bool:
        return False

    def first(self, name: str) -> Any:
        return self.columns[name].first

    def numbers(self, name: str) -> Floats:
        kind, column = self.kind(name), self.columns[name]
        if kind == "time":
            raise InputError(f"column {name!r} holds times, not numbers")
        stored = column.stored.view(np.float64)
        words = self.cell_format.missing(name)
        if {k for k, _ in column.blocks} <= {"number", "empty"} and not words:
            values: Floats = stored
        else:
            values = allocate((self.rows,), None)
            for k, low, high in self._blocks(name):
                block = stored[low:high]
                if k == "integer":
                    block = column.stored[low:high].astype(float)
                elif k == "text":
                    block = self._as_numbers(name, column.stored[low:high], low)
                elif k == "time":
                    raise InputError(f"column {name!r}, row {low + 1}: a time is not a number")
                values[low:high] = without(np.array(block), words)
        for low in range(0, self.rows, ROWS):
            if (wrong := np.isinf(values[low : low + ROWS])).any():
                raise InputError(
                    f"column {name!r}, row {low + int(np.argmax(wrong)) + 1}: the value is infinite; "
                    "leave it empty"
                )
            check_size(values[low : low + ROWS], name, low)
        return values

    def texts(self, name: str) -> tuple[tuple[str, ...], Codes]:
        column = self.columns[name]
        stored = column.stored
        known = dict(column.codes)
        codes = allocate((self.rows,), None).view(np.int64)
        for kind, low, high in self._blocks(name):
            block = stored[low:high]
            if kind == "time":
                raise InputError(f"column {name!r} holds times, not names")
            if kind != "text":  # numbers in this piece of the file
                numbers = block if kind == "integer" else block.view(np.float64)
                distinct, place = np.unique(numbers, return_inverse=True)
                block_codes = [
                    -1 if v != v else known.setdefault(_written(v), len(known))
                    for v in distinct.tolist()
                ]
                block = np.array(block_codes, dtype=np.int64)[place]
            codes[low:high] = block
        order = sorted(known)
        place = np.empty(len(known) + 1, dtype=np.int64)
        place[[known[text] for text in order]] = np.arange(len(order))
        place[-1] = -1
        for _, low, high in self._blocks(name):
            codes[low:high] = place[codes[low:high]]
        return tuple(order), codes

    def times(self, name: str) -> tuple[Times, str | None]:
        column = self.columns[name]
        stored = column.stored
        kinds = {kind for kind, _ in column.blocks}
        if kinds == {"integer"}:
            return times_of_numbers(stored, name, self.cell_format)
        if kinds == {"time"}:
            if len(column.zones) > 1:
                raise InputError(
                    f"column {name!r}: some times carry a time zone and some do not: give all of "
                    "them one"
                )
            return stored, next(iter(column.zones))
        texts = list(column.codes)
        for kind, low, high in self._blocks(name):
            if kind in ("number", "empty"):
                wrong = np.isnan(stored[low:high].view(np.float64))
                row = low + (int(np.argmax(wrong)) if wrong.any() else 0) + 1
                what = "the time is missing" if wrong.any() else "a fraction is no time"
                raise InputError(f"column {name!r}, row {row}: {what}")
            if kind == "text":
                codes = stored[low:high]
                if (codes < 0).any():
                    row = low + int(np.argmax(codes < 0)) + 1
                    raise InputError(f"column {name!r}, row {row}: the time is missing")
                parse([texts[c] for c in codes], name, low)
        raise InputError(f"column {name!r}: the times are of different kinds in parts of the file")

    def _blocks(self, name: str) -> Iterator[tuple[Kind, int, int]]:
        low = 0
        for kind, count in self.columns[name].blocks:
            yield kind, low, low + count
            low += count

    def _as_numbers(self, name: str, codes: Codes, low: int) -> Floats:
        """A block of texts among which there are some that are no numbers, or are missing only."""
        texts = list(self.columns[name].codes)
        used = np.unique(codes[codes >= 0])
        read = read_numbers([texts[c] for c in used], name, 0, self.cell_format)
        if isinstance(read, str):  # said again, with the row of the text
            rows = np.flatnonzero(codes >= 0)
            read = read_numbers([texts[c] for c in codes[rows]], name, 0, self.cell_format)
            raise InputError(_with_row(str(read), rows, low))
        values = np.full(len(texts) + 1, np.nan)
        values[used] = read[0]
        return values[codes]

    def mostly_numbers(self, name: str) -> bool:
        texts = list(self.columns[name].codes)[:1000]
        return 2 * sum(could_be(t) and not is_limit(t) for t in texts) > len(texts) > 2


def _with_row(message: str, rows: Codes, low: int) -> str:
    """A message on the k-th of some cells, with the row of the table that it stands in."""
    head, _, tail = message.partition(", row ")
    row, _, what = tail.partition(":")
    return f"{head}, row {low + int(rows[int(row) - 1]) + 1}:{what}"


def spool(source: Source, cell_format: CellFormat) -> Columns | None:
    """The columns of a file that is larger than memory; None if its columns are too many for that.

    ``cell_format``: how its cells are read; what stands before decimals is found here.

    Raises InputError as ``read`` does.
    """
    backend = library()
    notes, decimal = source.notes, None
    if source.kind == "parquet":
        pieces = _parquet_pieces(source)
    elif source.kind == "arrow":
        pieces = _arrow_pieces(source)
    else:
        text = text_of(source, cell_format.options)
        dialect = text.dialect
        if dialect.returns:
            raise InputError(
                f"{source.shown}: the lines of this large file end in an old way (CR): save it with line feeds"
            )
        if dialect.columns > MOST_COLUMNS:
            return None
        pieces, notes, decimal = _csv_pieces(text, backend), text.notes, decimal_of(text, source)
    out = Spool(pieces, backend, replace(cell_format, decimal=decimal))
    out.notes[:0] = notes
    return out


def _csv_pieces(text: Text, backend: Any) -> Iterator[Any]:
    """Frames of some rows each."""
    rows, dialect, shown = 0, text.dialect, text.source.shown
    with text.path.open("rb") as file:
        pieces = split_rows(file, dialect.separator, dialect.quotes, PIECE)
        header = next(pieces)
        for piece in pieces:
            if not piece.strip():
                continue
            frame = parse_csv(header + piece, shown, backend, dialect)
            rows += len(frame)
            yield frame
    check_rows(shown, rows, dialect)


def _parquet_pieces(source: Source) -> Iterator[Any]:
    with _arrow(source) as pa:
        import pyarrow.parquet as pq

        # the default pool keeps what it has freed, a group of rows, which is as much as all else needs
        default = pa.default_memory_pool()
        pa.set_memory_pool(pa.system_memory_pool())
        try:
            with pq.ParquetFile(source.path, memory_map=True, pre_buffer=False) as file:
                for batch in file.iter_batches(ROWS, use_threads=False):
                    yield nw.from_native(pa.Table.from_batches([batch]), eager_only=True)
            del batch
        finally:
            pa.set_memory_pool(default)
        pa.system_memory_pool().release_unused()


def _arrow_pieces(source: Source) -> Iterator[Any]:
    with _arrow(source) as pa:
        with pa.memory_map(str(source.path)) as mapped_file:
            file = pa.ipc.open_file(mapped_file)
            for k in range(file.num_record_batches):
                table = pa.Table.from_batches([file.get_batch(k)])
                for low in range(0, len(table), ROWS):
                    yield nw.from_native(table.slice(low, ROWS), eager_only=True)
        pa.default_memory_pool().release_unused()


@contextmanager
def _arrow(source: Source) -> Iterator[Any]:
    """pyarrow; what it raises becomes an InputError."""
    try:
        import pyarrow as pa
    except ImportError:
        raise InputError(f"reading {source.shown} needs pyarrow: pip install pyarrow") from None
    try:
        yield pa
    except pa.ArrowException as error:
        raise InputError(f"cannot read {source.shown}: {first_line(error)}") from None


def _written(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)
