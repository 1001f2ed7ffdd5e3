"""What a file is, found by what it begins with, and packed files unpacked.

Only regular files are read, as a table is read more than once and a device may have no end. What comes out of
a packed file is limited, so that a small file cannot fill a disk.
"""

from __future__ import annotations

import codecs
import gzip
import os
import re
import stat
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Literal, Protocol

from gatewise.errors import InputError
from gatewise.tasks.data.disk_arrays import explain_full_disk

Kind = Literal["text", "parquet", "arrow", "excel", "json"]
STDIN = "-"
SHOWN = 200  # characters of a name that is too long
CHUNK = 1 << 20
FREE = 64 << 20  # bytes that may come out of any packed file
MOST = 16 << 30  # bytes that may come out of one at all
RATIO = 200  # times its size that may come out of one; tables of numbers shrink 3 to 20 times
PICKLE = "a pickle, which can run code and is never read: save its table as CSV or Parquet"
ARFF = "an ARFF file: take the .ts file of the same archive, or save its table as CSV"
REFUSED = {
    b"\xd0\xcf\x11\xe0": "an Excel file of the old kind, or one with a password: save its table as .xlsx or CSV",
    b"BZh": "compressed with bzip2: unpack it first (bunzip2), or use gzip",
    b"\xfd7zXZ": "compressed with xz: unpack it first (unxz), or use gzip",
    b"\x28\xb5\x2f\xfd": "compressed with Zstandard: unpack it first (unzstd), or use gzip",
    b"7z\xbc\xaf": "a 7z archive: unpack it first",
    b"Rar!": "a RAR archive: unpack it first",
    b"FEA1": "a Feather file of the old kind: write it anew with pyarrow, or as Parquet",
    b"%PDF": "a PDF: save its table as CSV",
    b"<": "a web page or XML: save its table as CSV",
    b"\x93NUMPY": "a NumPy array: give it to the estimator in Python, X = numpy.load(file), or save a table as CSV",
    b"\x89HDF": "an HDF5 file: save its table as CSV or Parquet",
    b"MATLAB": "a MATLAB file: give its arrays to the estimator in Python (scipy.io.loadmat), or save a table as CSV",
    b"\x80\x02": PICKLE,
    b"\x80\x03": PICKLE,
    b"\x80\x04": PICKLE,
    b"\x80\x05": PICKLE,
    b"@relation": ARFF,
    b"@RELATION": ARFF,
}
# what a spreadsheet or an archive has in it that is no .xlsx file
_INSIDE = {
    "xl/workbook.bin": "a binary Excel file: save its table as .xlsx or CSV",
    "content.xml": "an OpenDocument file: save its table as .xlsx or CSV",
    "word/document.xml": "a Word document: save its table as .xlsx or CSV",
    "ppt/presentation.xml": "a PowerPoint file: save its table as .xlsx or CSV",
}
EMPTY_ARCHIVE = b"PK\x05\x06"
# endings of tables: an archive may hold one of them among pictures and papers
TABLES = (
    ".csv",
    ".tsv",
    ".txt",
    ".dat",
    ".xlsx",
    ".parquet",
    ".pq",
    ".feather",
    ".arrow",
    ".json",
    ".jsonl",
    ".ndjson",
    ".gz",
)
# how JSON begins: an object, or a list of objects, lists or values. "[Date],[Sold]" are names of columns
_JSON = re.compile(rb"(\xef\xbb\xbf)?\s*(\{|\[\s*([\[{\"\d-]|$))")
WORKBOOK = "xl/workbook.xml"


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Source:
    """A file that can be read as it is.

    Attributes:
        kind: of what it is.
        path: where it lies; of a packed file, where it has been unpacked to.
        shown: its name in messages.
        notes: what was done, in sentences.
        temporary: files, which go away with this record.
    """

    kind: Kind
    path: Path
    shown: str
    notes: tuple[str, ...] = ()
    temporary: tuple[Any, ...] = ()

    def with_file(self, file: IO[bytes], kind: Kind, shown: str, *notes: str) -> Source:
        """The same when it has been written to a temporary file."""
        return Source(kind, Path(file.name), shown, (*self.notes, *notes), (file,))


def open_source(path: Path, encoded: bool = False) -> Source:
    """What is to be read for a path; "-" is standard input.

    ``encoded``: a person says in what encoding a text is, so that one may have NUL bytes.

    Raises InputError for a file that is not there, is none, is empty, or is of a kind that is not read.
    """
    if str(path) == STDIN:
        return _from_stdin(encoded)
    size_of(path)
    return _unpack(Source("text", path, str(path)), encoded)


def size_of(path: Path) -> int:
    """The bytes of a file. Raises InputError if it is not there, or is a folder, a pipe or a device."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        to = f" (a link to {os.readlink(path)})" if path.is_symlink() else ""
        raise InputError(f"there is no file {path}{to}") from None
    except OSError as error:
        name = str(path)
        shown = name if len(name) <= SHOWN else f"{name[:SHOWN]}..."
        raise InputError(f"cannot read {shown}: {error.strerror}") from None
    except ValueError as error:  # a NUL byte
        raise InputError(f"there is no file {str(path)!r:.{SHOWN}}: {error}") from None
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{path} is a folder: name a file")
    if not stat.S_ISREG(status.st_mode):
        raise InputError(
            f"{path} is no ordinary file: save the table to one, or pipe it in and write - for the file"
        )
    return status.st_size


def temporary_file(suffix: str = "") -> IO[bytes]:
    """A temporary file that is removed when it is let go. Raises InputError where none can be made."""
    try:
        return tempfile.NamedTemporaryFile(prefix="gatewise-", suffix=suffix)
    except OSError as error:
        raise InputError(f"there is no place for temporary files: {error.strerror}") from None


def write_temporary(
    chunks: Iterator[bytes], shown: str, packed: int | None, suffix: str = ""
) -> IO[bytes]:
    """A temporary file with some bytes.

    Args:
        packed: bytes of the packed file that they come from; None where they come from no file.

    Raises InputError if there are more bytes than such a file may hold, or than the disk has room for.
    """
    most = MOST if packed is None else min(MOST, max(FREE, RATIO * packed))
    file, written = temporary_file(suffix), 0
    for chunk in chunks:
        written += len(chunk)
        if written > most:
            file.close()
            raise InputError(
                f"{shown} holds more than {most >> 20:,} MB when it is unpacked, which no table that is "
                "packed so small does: unpack it first"
            )
        with explain_full_disk(written):
            file.write(chunk)
    with explain_full_disk(written):
        file.flush()
    return file


def chunks_of(file: Readable) -> Iterator[bytes]:
    """The bytes of an open file."""
    while chunk := file.read(CHUNK):
        yield chunk


# --- kinds ----------------------------------------------------------------------------------------


def _from_stdin(encoded: bool) -> Source:
    if sys.stdin is None or sys.stdin.isatty():
        raise InputError("- reads the table from standard input: pipe one in (cat sales.csv | ...)")
    file = write_temporary(chunks_of(sys.stdin.buffer), "standard input", None)
    source = Source("text", Path(file.name), "standard input", (), (file,))
    return _unpack(source, encoded)


def _unpack(source: Source, encoded: bool, packed: bool = False) -> Source:
    """The source with its kind; unpacked if it is not already what came out of a packed file."""
    start = _start(source)
    if not start.strip():
        raise InputError(f"{source.shown} is empty")
    if start.startswith(b"PAR1"):
        return replace(source, kind="parquet")
    if start.startswith(b"ARROW1"):
        return replace(source, kind="arrow")
    if start.startswith(EMPTY_ARCHIVE):
        raise InputError(f"{source.shown} is an archive with no file in it")
    if start.startswith(b"PK\x03\x04"):
        return _zip(source, encoded, packed)
    if start.startswith(b"\x1f\x8b"):
        return _gzip(source, encoded, packed)
    for magic, what in REFUSED.items():
        if start.startswith(magic):
            raise InputError(f"{source.shown} is {what}")
    if _JSON.match(start):
        return replace(source, kind="json")
    suffix = Path(source.shown).suffix.lower()
    if suffix in (".parquet", ".pq"):
        raise InputError(f"cannot read {source.shown}: it is not Parquet")
    marked = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not (encoded or marked) and start.count(b"\x00") >= 0.4 * len(start):
        order = "be" if start.startswith(b"\x00") else "le"
        raise InputError(
            f"cannot read {source.shown}: it may be UTF-16 text without its mark: say so with --encoding "
            f"utf-16-{order}"
        )
    if not encoded and not _is_text(start):
        raise InputError(f"cannot read {source.shown}: it is no text, and no table of a known kind")
    notes = (
        (f"{source.shown} is text, whatever its name says",) if suffix in (".xlsx", ".xls") else ()
    )
    return replace(source, notes=(*source.notes, *notes))


def _start(source: Source) -> bytes:
    try:
        with source.path.open("rb") as file:
            return file.read(4096)
    except OSError as error:
        raise InputError(f"cannot read {source.shown}: {error.strerror}") from None


def _is_text(start: bytes) -> bool:
    """Whether the beginning of a file can be that of a text, be it with some bytes that are none."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return b"\x00" not in start
    return 4 * start.count(b"\x00") <= len(start)


def _nested_error(source: Source) -> InputError:
    return InputError(f"{source.shown} is packed once more inside: unpack it first")


def _gzip(source: Source, encoded: bool, packed: bool) -> Source:
    if packed:
        raise _nested_error(source)
    try:
        with gzip.open(source.path) as inner:
            file = write_temporary(chunks_of(inner), source.shown, size_of(source.path))
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"cannot unpack {source.shown}: it is damaged ({error})") from None
    return _unpack(source.with_file(file, "text", source.shown), encoded, packed=True)


def _zip(source: Source, encoded: bool, packed: bool) -> Source:
    """An Excel file as it is; of an archive its only table."""
    try:
        with zipfile.ZipFile(source.path) as archive:
            names = archive.namelist()
            for name, what in _INSIDE.items():
                if name in names:
                    raise InputError(f"{source.shown} is {what}")
            if WORKBOOK in names or "[Content_Types].xml" in names:
                _check_end(source, archive)
                return replace(source, kind="excel")
            if packed:
                raise _nested_error(source)
            members = [m for m in archive.infolist() if _is_member(m)]
            if len(members) > 1:
                tables = [m for m in members if m.filename.lower().endswith(TABLES)]
                members = tables if len(tables) == 1 else members
            if len(members) != 1:
                listed = ", ".join(m.filename for m in members[:5]) or "no file"
                raise InputError(
                    f"{source.shown} holds {listed}{', ...' if len(members) > 5 else ''}, and is read where "
                    "it holds one table: unpack it and name a file"
                )
            if members[0].flag_bits & 1:
                raise InputError(f"{source.shown} is locked with a password: unpack it first")
            shown = f"{source.shown}, {members[0].filename}"
            with archive.open(members[0]) as inner:
                suffix = Path(members[0].filename).suffix
                file = write_temporary(chunks_of(inner), shown, size_of(source.path), suffix)
    except InputError:
        raise
    except (
        zipfile.BadZipFile,
        OSError,
        EOFError,
        zlib.error,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise InputError(
            f"cannot read {source.shown}: it is a damaged Excel file or archive ({error})"
        ) from None
    note = f"{members[0].filename} is read out of the archive"
    return _unpack(source.with_file(file, "text", shown, note), encoded, packed=True)


def _is_member(member: zipfile.ZipInfo) -> bool:
    """Whether a file of an archive is not one of those that systems put there."""
    parts = Path(member.filename).parts
    return not member.is_dir() and "__MACOSX" not in parts and not parts[-1].startswith(".")


def _check_end(source: Source, archive: zipfile.ZipFile) -> None:
    """Raises InputError for an Excel file that something else stands before or behind."""
    size = size_of(source.path)
    with source.path.open("rb") as file:
        file.seek(max(0, size - (1 << 16) - 22))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    after = len(tail) - at - 22 - len(archive.comment)
    if at < 0 or after:
        raise InputError(
            f"{source.shown} is an Excel file with {max(after, 0):,} bytes of something else behind it: save "
            "the table anew, as one or the other"
        )


def unpacked_size(path: Path) -> int:
    """The bytes that all files of an archive have when they are unpacked, as it declares them."""
    with zipfile.ZipFile(path) as archive:
        return sum(m.file_size for m in archive.infolist())
