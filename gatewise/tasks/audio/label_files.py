"""Labels that stand in a file beside a recording: what is heard from when to when, or from each time on.

A label track of Audacity (``take1.txt`` beside ``take1.wav``: begin, end and label, with tabs between them), or a
table (``take1.csv``) with the columns ``start, end, label`` or ``time, label``. Times are seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gatewise.arrays import Array, Floats
from gatewise.errors import InputError, some_of
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.reader import columns_of
from gatewise.tasks.data.sources import size_of

TRACK, TABLES = ".txt", (".csv", ".tsv")
BEGIN = ("start", "begin", "onset", "from", "start_time", "begin_time")
END = ("end", "stop", "offset", "to", "end_time", "stop_time")
TIME = ("time", "seconds", "t")
LABEL = ("label", "class", "name", "event", "text", "value")


@dataclass(frozen=True)
class Segment:
    """What is heard from ``begin`` to ``end``, in seconds."""

    begin: float
    end: float
    label: str


@dataclass(frozen=True)
class Track:
    """The labels of one recording: either segments, or values that hold from one time to the next.

    Attributes:
        path: of the file.
        segments: None where the file has values.
        times: [n] seconds, ascending; empty where the file has segments.
        values: [n] or [n, K] texts or numbers; None likewise.
    """

    path: Path
    segments: tuple[Segment, ...] | None
    times: Floats
    values: Array | None = None


def label_file(recording: Path) -> Path | None:
    """The file beside a recording that has its labels; None if there is none. Raises InputError for two."""
    paths = [recording.with_suffix(ending) for ending in (TRACK, *TABLES)]
    beside = [path for path in paths if path.is_file()]
    if len(beside) > 1:
        raise InputError(
            f"{beside[0]} and {beside[1]} may both be the labels of {recording.name}: keep one of them"
        )
    return beside[0] if beside else None


def read_track(path: Path, labels: Sequence[str]) -> Track:
    """Read a label file.

    Args:
        path: of the file. An empty one says that nothing is heard.
        labels: the columns of what is to be learned; (): the column ``label``.

    Raises InputError for a file that is none, by line or row.
    """
    none = np.zeros(0)
    if not size_of(path):
        return Track(path, (), none)
    if path.suffix.lower() == TRACK:
        return Track(path, _audacity(path), none)
    columns = columns_of(path)
    begin, end, time = (_column(columns, names) for names in (BEGIN, END, TIME))
    if begin and end:
        return Track(path, _segments(columns, begin, end, labels, path), none)
    if time is None:
        raise InputError(
            f"{path}: the columns {some_of(map(repr, columns.names), 10)} are no labels: they need start, end and "
            "label, or time and label, in seconds"
        )
    times = columns.numbers(time)
    wrong = np.flatnonzero(~(np.diff(times) > 0))
    if np.isnan(times).any() or len(wrong):
        row = int(np.argmax(np.isnan(times)) if np.isnan(times).any() else wrong[0] + 1) + 1
        raise InputError(f"{path}, row {row}: times are seconds that ascend from row to row")
    return Track(path, None, times, _values(columns, time, labels, path))


def _audacity(path: Path) -> tuple[Segment, ...]:
    segments = []
    for k, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip() or line.startswith("\\"):  # a range of frequencies
            continue
        begin, _, rest = line.partition("\t")
        end, _, label = rest.partition("\t")
        try:
            times = float(begin.replace(",", ".")), float(end.replace(",", "."))
        except ValueError:
            raise InputError(
                f"{path}, line {k}: a label track has begin, end and label with tabs between them, not {line!r:.80}"
            ) from None
        segments.append(_segment(*times, label, f"{path}, line {k}"))
    return tuple(segments)


def _segments(
    columns: Columns, begin: str, end: str, labels: Sequence[str], path: Path
) -> tuple[Segment, ...]:
    if len(labels) > 1:
        raise InputError(f"{path}: segments have one column of labels, and {len(labels)} are named")
    label = labels[0] if labels else _column(columns, LABEL)
    if label is None:
        raise InputError(f"{path} has no column of labels: name it label, or say which it is")
    columns.check(label)
    types, codes = columns.texts(label)
    return tuple(
        _segment(a, b, types[code] if code >= 0 else "", f"{path}, row {k}")
        for k, (a, b, code) in enumerate(
            zip(columns.numbers(begin), columns.numbers(end), codes, strict=True), 1
        )
    )


def _segment(begin: float, end: float, label: str, where: str) -> Segment:
    if not 0 <= begin <= end < np.inf:
        raise InputError(
            f"{where}: a segment goes from a second (0 or more) to a later one, not from {begin:g} to {end:g}"
        )
    if not label.strip():
        raise InputError(f"{where}: the segment has no label")
    return Segment(begin, end, label.strip())


def _values(columns: Columns, time: str, labels: Sequence[str], path: Path) -> Array:
    """[n] or [n, K] of the columns to learn."""
    names = list(labels) or [_column(columns, LABEL) or ""]
    if names == [""]:
        others = [name for name in columns.names if name != time]
        if len(others) != 1:
            raise InputError(f"{path} has no column label: name the column to learn (--label)")
        names = others
    arrays = []
    for name in names:
        columns.check(name)
        if columns.kind(name) in ("integer", "number"):
            arrays.append(columns.numbers(name))
        else:
            types, codes = columns.texts(name)
            arrays.append(np.array([*types, None], dtype=object)[codes])
    return arrays[0] if len(arrays) == 1 else np.stack(arrays, axis=1)


def _column(columns: Columns, names: Sequence[str]) -> str | None:
    """The first column that has one of these names, whatever its case."""
    known = {name.strip().lower(): name for name in reversed(columns.names)}
    return next((known[name] for name in names if name in known), None)
