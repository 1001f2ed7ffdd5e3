"""WFDB records, as PhysioNet has them: a header ``100.hea``, signals beside it, and annotations ``100.atr``.

They are read by ``wfdb`` (Moody et al.), in all of its formats. Signals are in physical units, NaN where missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gatewise.arrays import Array, Floats, Ints
from gatewise.errors import InputError, some_of
from gatewise.extras import require
from gatewise.tasks.sequences.ragged import Measurements, measurements
from gatewise.tasks.sequences.values import check_values

HEADER = ".hea"
ANNOTATIONS = ".atr"  # by people; other endings are of other annotators
NO_ANNOTATIONS = (HEADER, ".dat", ".mat", ".edf", ".flac", ".wav", ".csv", ".txt", ".zip", ".png")
SHOWN = 5  # signals that a message names
# what wfdb raises for files that are damaged or of another program
FAULTS = (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, AssertionError)


@dataclass(frozen=True)
class Record:
    """Signals of one recording.

    Attributes:
        path: of its header.
        signals: [T, C] in physical units.
        channels: [C] names.
        rate: samples a second.
    """

    path: Path
    signals: Floats
    channels: tuple[str, ...]
    rate: float


@dataclass(frozen=True)
class Annotations:
    """What is said of some samples of a record.

    Attributes:
        places: [n] numbers of the samples.
        symbols: [n] such as "N" for a normal beat.
        notes: [n] texts, such as "(AFIB" where atrial fibrillation begins; mostly "".
    """

    places: Ints
    symbols: Array
    notes: Array


def is_record(path: Path) -> bool:
    """Whether a file is the header of a record, or stands beside one of the same name (``100.dat``)."""
    return path.suffix == HEADER or (
        path.suffix in (".dat", ANNOTATIONS) and path.with_suffix(HEADER).is_file()
    )


def read_record(path: Path) -> Record:
    """Read a record by the path of its header.

    Raises InputError if it is missing or broken or has no signals; MissingExtra without wfdb.
    """
    require("reading WFDB records", "health", ("wfdb",))
    import wfdb

    header = path.with_suffix(HEADER)
    if not header.is_file():
        raise InputError(f"there is no file {header}")
    try:
        record = wfdb.rdrecord(str(header.with_suffix("").absolute()))
        signals = np.asarray(record.p_signal, dtype=np.float64)
        names, rate = record.sig_name, float(record.fs)
    except FAULTS as error:
        raise InputError(f"{header} cannot be read as a WFDB record: {error!s:.200}") from None
    if signals.ndim != 2 or not signals.size:
        raise InputError(f"{header} is a record without signals")
    return Record(header, signals, _different(names or [], signals.shape[1]), rate)


def read_annotations(path: Path) -> Annotations | None:
    """The annotations beside a header: ``.atr``, or else the only other ones; None where there are none.

    Raises InputError where there are several and none is ``.atr``, and for broken ones.
    """
    require("reading WFDB records", "health", ("wfdb",))
    import wfdb

    stem = path.with_suffix("")
    endings = [other.suffix for other in sorted(path.parent.glob(f"{stem.name}.*"))]
    others = [end for end in endings if end not in NO_ANNOTATIONS]
    if not others:
        return None
    if ANNOTATIONS not in others and len(others) > 1:
        raise InputError(
            f"{stem.name} has several annotators ({', '.join(others)}) and no {ANNOTATIONS}: keep the one to learn "
            "from beside it"
        )
    ending = ANNOTATIONS if ANNOTATIONS in others else others[0]
    try:
        read = wfdb.rdann(str(stem.absolute()), ending[1:])
        places = np.asarray(read.sample, dtype=np.int64)
        notes = [(note or "").strip("\0 ") for note in (read.aux_note or [""] * len(places))]
        return Annotations(places, np.array(read.symbol, dtype=object), np.array(notes, object))
    except FAULTS as error:
        raise InputError(
            f"{stem}{ending} cannot be read as WFDB annotations: {error!s:.200}"
        ) from None


def signals_of(
    records: Sequence[Record], names: Sequence[str], chosen: Sequence[str] | None
) -> tuple[Measurements, tuple[str, ...]]:
    """The signals of records as sequences, and what is said of them, a line each.

    Args:
        records: N of them.
        names: of the N files.
        chosen: the signals to read; None: those that all records have.

    Raises InputError where records have none in common, lack a chosen one, or have other rates.
    """
    first = records[0]
    if chosen is None:
        common = [
            name for name in first.channels if all(name in record.channels for record in records)
        ]
        if not common:
            raise InputError(
                f"no signal is in all records: {names[0]} has {some_of(first.channels, SHOWN)}; choose records that have "
                "the same"
            )
    else:
        common = list(chosen)
    for name, record in zip(names, records, strict=True):
        missing = [channel for channel in common if channel not in record.channels]
        if missing:
            raise InputError(
                f"{name} has no signal {missing[0]!r}: it has {some_of(record.channels, SHOWN)}"
            )
        if record.rate != first.rate:
            raise InputError(
                f"{names[0]} has {first.rate:g} samples a second and {name} {record.rate:g}: all records need the "
                "same (wfdb.processing.resample_sig makes another)"
            )
    parts = [
        record.signals[:, [record.channels.index(channel) for channel in common]]
        for record in records
    ]
    seconds = sum(map(len, parts)) / first.rate
    notes = [
        f"records  {len(records)} of {some_of(common, SHOWN)}, {first.rate:g} samples a second, {seconds / 60:.3g} minutes "
        "in all"
    ]
    other = sorted({name for record in records for name in record.channels} - set(common))
    if other:
        notes.append(f"records  not read: {some_of(other, SHOWN)}")
    return check_values(measurements(parts, common)), tuple(notes)


def without_segments(headers: Sequence[Path]) -> list[Path]:
    """Headers of whole records: a record of several segments names those that are its parts in its header."""
    parts = set()
    for path in headers:
        lines = path.read_text(encoding="latin-1").splitlines()
        lines = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        if lines and "/" in lines[0].split()[0]:
            parts |= {(path.parent, line.split()[0]) for line in lines[1:]}
    return [path for path in headers if (path.parent, path.stem) not in parts]


def _different(names: Sequence[str], count: int) -> tuple[str, ...]:
    """[C] names, with a number behind those that occur again or are empty."""
    different: list[str] = []
    for k in range(count):
        name = (names[k] if k < len(names) else "") or "signal"
        again = sum(other == name or other.startswith(f"{name} ") for other in different)
        different.append(name if name not in different else f"{name} {again + 1}")
    return tuple(different)
