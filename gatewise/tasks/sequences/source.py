"""What ``fit`` and ``predict`` are given, read in one place: arrays, lists, long tables, files, folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.tasks.audio import recordings
from gatewise.tasks.audio.recordings import Recording, is_sound, read_recording
from gatewise.tasks.data.sources import TABLES
from gatewise.tasks.sequences.folders import (
    TEXT,
    Files,
    find_files,
    listed_files,
    read_lines,
    read_text,
)
from gatewise.tasks.sequences.inputs import as_sequences
from gatewise.tasks.sequences.options import SequenceOptions, chosen_columns, words_of
from gatewise.tasks.sequences.ragged import Sequences
from gatewise.tasks.sequences.reading import (
    PLAIN,
    Reading,
    as_recordings,
    by_words,
    features_of,
    frames_of,
    tokens_of,
)
from gatewise.tasks.sequences.tables import read_long
from gatewise.tasks.sequences.ts_files import read_ts
from gatewise.tasks.sequences.ucr_files import is_ucr, read_ucr
from gatewise.tasks.sequences.values import describe_missing, recoded
from gatewise.tasks.sequences.wfdb_records import is_record, read_record, signals_of
from gatewise.tasks.sequences.wide_tables import read_wide

FILE, LINE, ROW = "file", "line", "row"  # columns that name sequences of files
# titles of the lines of a plan that say what was read
ABOUT_DATA = ("data", "missing", "rows", "columns", "sound", "features", "text", "note", "copies")
ARRAYS = "pandas"  # the library of predictions for files that are no tables


@dataclass(frozen=True)
class Source:
    """N sequences and what is said of them.

    Attributes:
        sequences: of any kind.
        y: [N] labels or values; None where there are none.
        groups: [N] whose parts stay together; None likewise.
        ids: names; empty where sequences have none.
        named: what the names are: the column of predictions that holds them.
        library: of the table they were read from; "" where predictions are plain arrays.
        reading: how sounds and texts became sequences.
        notes: what was read and changed, for people, a line each.
    """

    sequences: Sequences
    y: Array | None
    groups: Array | None
    ids: tuple[str, ...] = ()
    named: str = ""
    library: str = ""
    reading: Reading = PLAIN
    notes: tuple[str, ...] = ()

    def describe(self) -> list[str]:
        """For people, a line each."""
        lengths = self.sequences.lengths
        steps = (
            f"{lengths.min()} to {lengths.max()}"
            if lengths.min() < lengths.max()
            else f"{lengths.min()}"
        )
        data = f"data     {len(self.sequences)} sequences of {steps} steps"
        return [data, *describe_missing(self.sequences), *self.notes]


def read_source(
    X: Any,
    y: Any,
    options: SequenceOptions,
    lengths: Any = None,
    groups: Any = None,
    reading: Reading | None = None,
) -> Source:
    """Read what an estimator is given.

    Args:
        X: sequences as ``as_sequences`` takes them; with ``options.id`` a long table, with ``options.wide`` a
            wide one; with ``options.rate`` arrays of samples; the path of a ``.ts`` file, a
            table, a sound, a text with a sequence on each line, or a folder of sounds or texts; or a list of paths of
            sounds or texts.
        y, groups: [N], or None where they are columns of the table or stand in the file.
        options: names of columns, and how sounds and texts are read.
        lengths: [N] for sequences in one array.
        reading: of the fit, for sequences of a fitted model; None: it is chosen.

    Raises InputError for what cannot be read or does not fit together.
    """
    if isinstance(X, Source):
        return X
    if _is_path(X, options):
        source = _of_path(Path(X), options, reading, needed=reading is None and y is None)
    elif is_table(X) and (options.id is not None or options.wide):
        source = _of_table(X, options, reading, needed=reading is None and y is None)
    elif _is_list(X) and all(isinstance(part, Path) for part in X):
        source = _of_files(listed_files(X), options, reading)
    elif _is_list(X) and all(isinstance(part, str) for part in X):
        source = _of_texts(list(X), options, reading)
    elif (reading and reading.features) or (reading is None and options.rate is not None):
        if not _is_list(X) and getattr(X, "ndim", 0) != 2:
            raise InputError("sounds are a list of arrays [n] of samples, or an array [N, n]")
        rate = reading.features.rate if reading and reading.features else int(options.rate or 0)
        source = _of_sounds(as_recordings(list(X), rate), (), options, reading)
    else:
        words = words_of(options.missing)
        sequences = as_sequences(X, lengths, as_tokens=options.tokens, missing=words)
        source = Source(sequences, None, None)
    arguments = {
        name: value for name, value in (("y", y), ("groups", _row(groups))) if value is not None
    }
    rows = arguments.get("groups")
    if rows is not None and len(rows) != len(source.sequences):
        raise InputError(f"there are {len(source.sequences)} sequences and {len(rows)} groups")
    return replaced(source, **arguments)


def _of_path(path: Path, options: SequenceOptions, reading: Reading | None, needed: bool) -> Source:
    if path.is_dir():
        return _of_files(find_files(path, options.pattern), options, reading)
    if path.suffix.lower() == ".ts":
        file = read_ts(path)
        labels = None if file.labels is None else np.array(file.labels)
        sequences = recoded(file.sequences, words_of(options.missing))
        return Source(sequences, labels, None, library=ARRAYS)
    if is_sound(path) or is_record(path):
        return _of_files(listed_files([path]), options, reading)
    if options.id is None and is_ucr(path):
        rows = read_ucr(path)
        sequences = recoded(rows.sequences, words_of(options.missing))
        return Source(sequences, np.array(rows.labels), None, library=ARRAYS)
    if path.suffix.lower() == TEXT and options.id is None and not options.wide:
        lines = read_lines(path)
        if not lines:
            raise InputError(f"{path} holds no text")
        ids = tuple(str(k) for k in range(1, len(lines) + 1))
        return _of_texts(lines, options, reading, ids=ids, named=LINE)
    if reading is not None and options.id is None and not options.wide:
        raise InputError(f"{path} is a table, and the model was trained on something else")
    return _of_table(path, options, reading, needed)


def _of_table(X: Any, options: SequenceOptions, reading: Reading | None, needed: bool) -> Source:
    """The sequences of a table; ``needed``: whether it has to have the column of labels."""
    if options.wide:
        return _of_rows(X, options, reading, needed)
    if options.id is None:
        raise InputError(
            "a table needs id=, the column that says which sequence a row belongs to, or wide=True where a row is a "
            "whole sequence"
        )
    table = read_long(
        X,
        id=options.id,
        order=options.order,
        labels=options.labels,
        group=options.group,
        values=chosen_columns(options.values),
        needed=needed,
        missing=words_of(options.missing),
    )
    notes: tuple[str, ...] = (table.note,)
    if len(table.ids) == table.sequences.starts[-1] and reading is None:
        notes += ("note     every sequence has one row: if its columns are its steps, add wide",)
    return Source(
        table.sequences,
        table.labels,
        table.groups,
        table.ids,
        options.id,
        table.library,
        notes=notes,
    )


def _of_rows(X: Any, options: SequenceOptions, reading: Reading | None, needed: bool) -> Source:
    """The sequences of a wide table. Raises InputError for an order too."""
    if options.order is not None:
        raise InputError(
            f"column {options.order!r} is to put the steps of a sequence in order, and a table where a row is a whole "
            "sequence has no such column: leave order away, or name the id of the sequences"
        )
    table = read_wide(
        X,
        id=options.id,
        labels=options.labels,
        group=options.group,
        values=chosen_columns(options.values),
        needed=needed,
        known=reading.columns if reading else (),
        missing=words_of(options.missing),
    )
    said = {"y": table.labels, "groups": table.groups, "library": table.library}
    named = options.id or ROW
    if isinstance(table.sequences, list):
        source = _of_texts(table.sequences, options, reading, ids=table.ids, named=named)
        read = replace(source.reading, columns=table.columns)
        return replaced(source, **said, reading=read, notes=(table.note, *source.notes))
    source = Source(
        table.sequences, None, None, table.ids, named, reading=Reading(columns=table.columns)
    )
    return replaced(source, **said, notes=(table.note,))


def _of_files(files: Files, options: SequenceOptions, reading: Reading | None) -> Source:
    """Recordings or texts, with the labels that folders and names give."""
    labels = None if files.labels is None else np.array(files.labels)
    groups = None if files.groups is None else np.array(files.groups)
    if files.kind == "record":
        return replaced(_of_records(files, options), y=labels, groups=groups)
    if files.kind == "sound":
        sounds = [read_recording(path) for path in files.paths]
        source = _of_sounds(sounds, files.names, options, reading)
        notes = (*files.notes, *source.notes)
        return replaced(source, y=labels, groups=groups, notes=notes)
    lines = labels is None and options.pattern is None if reading is None else reading.lines
    if not lines:
        texts = [read_text(path) for path in files.paths]
        source = _of_texts(texts, options, reading, ids=files.names, named=FILE)
        return replaced(source, y=labels, groups=groups)
    parts = [read_lines(path) for path in files.paths]
    names = [
        f"{name}:{k}"
        for name, part in zip(files.names, parts, strict=True)
        for k in range(1, len(part) + 1)
    ]
    source = _of_texts(
        [line for part in parts for line in part], options, reading, True, tuple(names), FILE
    )
    label = np.repeat([path.stem for path in files.paths], [len(part) for part in parts])
    return replaced(source, y=label)


def _of_records(files: Files, options: SequenceOptions) -> Source:
    """The signals of WFDB records."""
    records = [read_record(path) for path in files.paths]
    sequences, notes = signals_of(records, files.names, chosen_columns(options.values))
    sequences = recoded(sequences, words_of(options.missing))
    return Source(sequences, None, None, files.names, FILE, ARRAYS, notes=notes)


def _of_sounds(
    sounds: Sequence[Recording],
    names: tuple[str, ...],
    options: SequenceOptions,
    reading: Reading | None,
) -> Source:
    features = reading.features if reading else features_of(sounds, options)
    if features is None:
        raise InputError("the model was not trained on sounds, and these are recordings")
    notes = (*recordings.describe(sounds, features.rate), features.describe())
    library = ARRAYS if names else ""
    return Source(
        frames_of(sounds, features), None, None, names, FILE, library, Reading(features), notes
    )


def _of_texts(
    texts: Sequence[str],
    options: SequenceOptions,
    reading: Reading | None,
    lines: bool = False,
    ids: tuple[str, ...] = (),
    named: str = "",
) -> Source:
    if reading is None:
        words = by_words(texts) if options.text is None else options.text == "words"
        reading = Reading(words=words, lines=lines)
    elif reading.features:
        raise InputError("the model was trained on sounds, and these are texts")
    note = f"text     read by {'words, in small letters' if reading.words else 'characters'}"
    sequences = tokens_of(texts, reading.words, ids)
    return Source(sequences, None, None, ids, named, ARRAYS if ids else "", reading, (note,))


def check_labelled(source: Source) -> None:
    """Raises InputError for files of which nothing says a label, with where to say it."""
    if source.y is None and source.named == FILE:
        raise InputError(
            "nothing says the labels of these files, which lie in one folder: put them into a folder for each label, two at "
            "least (yes/1.wav, no/1.wav), or say what their names say, as with the pattern {label}_{} for yes_1.wav"
        )


def replaced(source: Source, **fields: Any) -> Source:
    """The same with other fields; what is None stays."""
    return replace(source, **{name: value for name, value in fields.items() if value is not None})


def _is_path(X: Any, options: SequenceOptions) -> bool:
    if not isinstance(X, str):
        return isinstance(X, Path)
    path = Path(X)
    known = path.suffix.lower() in (".ts", *TABLES) or is_sound(path) or is_record(path)
    return options.id is not None or options.wide or known or path.is_dir()


def _is_list(X: Any) -> bool:
    if isinstance(X, list | tuple):
        return bool(X)
    return isinstance(X, np.ndarray) and X.ndim == 1 and X.dtype.kind in "OUT" and len(X) > 0


def is_table(X: Any) -> bool:
    """Whether it is a table of some library: pandas, polars or pyarrow."""
    return hasattr(X, "columns") or hasattr(X, "column_names")


def _row(groups: Any) -> Array | None:
    return None if groups is None else np.asarray(groups)
