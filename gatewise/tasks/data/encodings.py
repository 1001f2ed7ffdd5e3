"""In which encoding a text is written, and the text written anew in UTF-8."""

from __future__ import annotations

import codecs
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from gatewise.errors import InputError
from gatewise.tasks.data.legible import most_legible, odd_words
from gatewise.tasks.data.sources import CHUNK, Source, chunks_of, write_temporary

# the longest first: a mark of UTF-32 begins as one of UTF-16
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_NAMES = {"mac_roman": "Mac Roman", "cp850": "the old DOS encoding 850"}
WINDOWS = "windows-1252"
# what charset-normalizer tells apart well; the letters of Western Europe are taken for Windows-1252
_DOUBLE = ("shift_jis", "gb18030", "big5", "euc_kr", "euc_jp")  # two bytes a character
_LATIN = ("cp1250", "cp1254", "cp1257")
_OTHERS = (*_LATIN, "cp1251", "cp1253", "cp1255", "cp1256", "koi8_r", *_DOUBLE)
_RUNS = re.compile(rb"[\x80-\xff]+")
_WORD = 2.0  # bytes in a row that are not ASCII, from which they are words, not single letters with marks
_UTF_8 = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")  # in Windows-1252
_SAMPLE = 1 << 16  # bytes of lines that are not ASCII
_SHOWN = 30  # characters of a word that shows how a text is read
_SURE = 1000  # bytes that are not ASCII, from which another encoding than Windows-1252 is believed


def in_utf8(source: Source, named_encoding: str | None) -> Source:
    """A text in UTF-8: the file as it is, or a temporary one that it was written anew to.

    Args:
        named_encoding: its encoding, where a person says so.

    Raises InputError, with the line, for bytes that are no text in that encoding.
    """
    encoding, name, example = _encoding_of(source, named_encoding)
    if encoding == "utf-8":
        return source
    file = write_temporary(_recode(source, encoding, name), source.shown, None)
    shown = f": {example}" if example else ""
    note = f"the text is read as {name} (--encoding says otherwise){shown}"
    notes = () if named_encoding else (note,)
    return source.with_file(file, "text", source.shown, *notes)


def _encoding_of(source: Source, named_encoding: str | None) -> tuple[str, str, str]:
    """The encoding, its name for people, and a word that shows whether it is the right one."""
    with source.path.open("rb") as file:
        start = file.read(4)
    if named_encoding is not None:
        name = codecs.lookup(named_encoding).name
        return ("utf-8" if name in ("utf-8", "utf-8-sig", "ascii") else name), named_encoding, ""
    for mark, encoding, name in MARKS:
        if start.startswith(mark):
            return encoding, name, ""
    odd = _odd_lines(source.path)
    if odd is None:
        return "utf-8", "UTF-8", ""
    encoding, name = _guess_encoding(source, *odd)
    words = odd_words(odd[2].decode(encoding, "replace"))
    return encoding, name, max(words, key=len, default="")[:_SHOWN]


def _odd_lines(path: Path) -> tuple[int, int, bytes] | None:
    """The first line and byte that are not UTF-8, and some lines that are not ASCII; None if all are UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            for chunk in iter(lambda: file.read(CHUNK), b""):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
            return None
        except UnicodeDecodeError:
            pass
        file.seek(0)
        first, sample, size = (0, 0), [], 0
        for number, line in enumerate(file, 1):
            if line.isascii():
                continue
            if not first[0]:
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError as error:
                    first = number, error.start + 1
            if size < _SAMPLE:
                sample.append(line[:_SAMPLE])
                size += len(line)
            elif first[0]:
                break
    return *first, b"".join(sample)


def _guess_encoding(source: Source, line: int, byte: int, sample: bytes) -> tuple[str, str]:
    """The encoding that lines which are not UTF-8 are in."""
    valid = sum(map(len, _UTF_8.findall(sample)))
    odd = sum(c >= 0x80 for c in sample)
    mixed = 3 * valid > odd
    runs = _RUNS.findall(sample)
    words = bool(runs) and sum(map(len, runs)) >= _WORD * len(runs)
    name = _guess_by_statistics(sample, odd >= _SURE, words)
    if mixed and name in _DOUBLE and 3 * valid < 2 * odd:
        mixed = False
    if mixed or not name:
        what = "is UTF-8 in part only" if mixed else "is not UTF-8 text"
        raise InputError(
            f"{source.shown} {what} (line {line}, byte {byte}): make it UTF-8, as iconv -f WINDOWS-1252 -t UTF-8 "
            f"{Path(source.shown).name} does, or say with --encoding (fit forecast) in what encoding it is"
        )
    if name == WINDOWS:
        name = most_legible(sample)
    return codecs.lookup(name).name, _NAMES.get(name, name.replace("cp125", "Windows-125"))


def _guess_by_statistics(sample: bytes, much: bool, words: bool) -> str:
    """What charset-normalizer takes a text for; "" if nothing.

    Other Latin letters are believed of ``much`` text only, another alphabet of ``words`` in it as well, and two
    bytes for each character where the text can hardly be Windows-1252.
    """
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        return "" if _UNDEFINED.search(sample) else WINDOWS
    ascii_or = bytes(c if c >= 0x20 or c in b"\r\n\t" else 0x20 for c in sample)
    western = [] if _UNDEFINED.search(sample) else ["cp1252"]
    matches = from_bytes(ascii_or, cp_isolation=[*western, *_OTHERS])
    best = matches.best()
    if best is None:
        return WINDOWS if western else ""
    possible = {match.encoding for match in matches}
    if western and not much:
        alphabet = words and best.encoding not in _LATIN
        if not alphabet and (best.encoding not in _DOUBLE or "cp1252" in possible):
            return WINDOWS
    return WINDOWS if best.encoding == "cp1252" else best.encoding


def _recode(source: Source, encoding: str, name: str) -> Iterator[bytes]:
    """The bytes in UTF-8. Raises InputError, with the line, for bytes that are no text."""
    decoder, lines = codecs.getincrementaldecoder(encoding)(), 1
    with source.path.open("rb") as file:
        for chunk in itertools.chain(chunks_of(file), (b"",)):
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                good = _before(chunk, encoding, error.start)
                raise InputError(
                    f"{source.shown} is not {name} text (line {lines + good.count(chr(10))}): say with "
                    "--encoding in what encoding it is"
                ) from None
            lines += text.count("\n")
            yield text.encode("utf-8", "replace")


def _before(chunk: bytes, encoding: str, stop: int) -> str:
    """What stands before a byte that is no text."""
    return chunk[:stop].decode(encoding, "replace")
