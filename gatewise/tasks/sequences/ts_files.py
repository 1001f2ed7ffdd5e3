"""``.ts`` files of the time series classification archive, as aeon and sktime read them.

A line is a sequence: its channels separated by colons, the values of a channel by commas, and the label or
the target at the end. The format: https://www.sktime.net/en/latest/api_reference/file_specifications/ts.html
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gatewise.arrays import Floats
from gatewise.errors import InputError
from gatewise.tasks.data.cells import is_number
from gatewise.tasks.data.sources import size_of
from gatewise.tasks.sequences.ragged import Measurements, measurements
from gatewise.tasks.sequences.values import check_values

UNKNOWN = "?"  # a missing value


@dataclass(frozen=True)
class TsFile:
    """The sequences of a file.

    Attributes:
        sequences: in the order of the lines.
        labels: [N] as they are written; None where the file has none.
    """

    sequences: Measurements
    labels: tuple[str, ...] | None


def read_ts(path: str | Path) -> TsFile:
    """Read a file with sequences of equal or unequal length; ``?`` and NaN are missing values.

    Raises InputError, with the line, for what is not of this format.
    """
    path = Path(path)
    size_of(path)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text: save it again as UTF-8") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    labelled, begin = _header(path, lines)
    parts, labels, width = [], [], 0
    for number, line in enumerate(lines[begin:], begin + 1):
        text = line.strip()
        if not text or text.startswith(("#", "%")):
            continue
        *channels, label = text.split(":") if labelled else [*text.split(":"), ""]
        if not channels:
            raise InputError(f"{path}, line {number}: there is no label behind a colon")
        part = _sequence(path, number, channels)
        width = width or part.shape[1]
        if part.shape[1] != width:
            raise InputError(
                f"{path}, line {number}: it has {part.shape[1]} channels, and the first sequence has {width}"
            )
        parts.append(part)
        labels.append(label.strip())
    if not parts:
        raise InputError(f"{path} has no sequences behind @data")
    return TsFile(check_values(measurements(parts)), tuple(labels) if labelled else None)


def _header(path: Path, lines: list[str]) -> tuple[bool, int]:
    """Whether sequences have labels, and the number of the first line of data."""
    labelled = False
    for number, line in enumerate(lines):
        tag, _, value = line.strip().lower().partition(" ")
        if tag == "@data":
            return labelled, number + 1
        if tag in ("@classlabel", "@targetlabel"):
            labelled = value.strip().startswith("true")
        if tag == "@timestamps" and value.strip() == "true":
            raise InputError(
                f"{path}, line {number + 1}: sequences with time stamps are not read; save them as a long table"
            )
        if tag and not tag.startswith(("@", "#", "%")):
            break
    raise InputError(f"{path} is not a .ts file: it has no line @data before its values")


def _sequence(path: Path, number: int, channels: list[str]) -> Floats:
    """A line as [T, C]; a channel that ends early goes on as missing. Raises InputError."""
    columns = []
    for channel in channels:
        values = ["nan" if v.strip() == UNKNOWN else v for v in channel.split(",")]
        if not channel.strip():
            raise InputError(f"{path}, line {number}: the sequence has no values: leave it out")
        try:
            columns.append(np.array(values, dtype=np.float64))
        except ValueError:
            wrong = next(value for value in values if not is_number(value))
            raise InputError(f"{path}, line {number}: {wrong!r:.80} is not a number") from None
    block = np.full((max(map(len, columns)), len(columns)), np.nan)
    for k, column in enumerate(columns):
        block[: len(column), k] = column
    return block
