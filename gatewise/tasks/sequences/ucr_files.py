"""The older files of the UCR archive: a row of numbers is a sequence, and the first of them its class.

They are called ``GunPoint_TRAIN.tsv`` or ``GunPoint_TRAIN.txt``, have no line of names, and fill sequences that are
shorter up with NaN. Dau et al. 2019, *The UCR time series archive*.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gatewise.arrays import Floats
from gatewise.errors import InputError
from gatewise.tasks.data.cells import is_number
from gatewise.tasks.data.sources import size_of
from gatewise.tasks.sequences.ragged import Measurements, measurements
from gatewise.tasks.sequences.values import check_values

SUFFIXES = (".tsv", ".txt")
LEAST = 4  # numbers of the first line: a class and some steps
BETWEEN = re.compile(r"[\s,]+")
FIRST = 1 << 20  # bytes in which the first line ends


@dataclass(frozen=True)
class UcrFile:
    """The sequences of a file.

    Attributes:
        sequences: in the order of the lines.
        labels: [N] as they are written, whole numbers without decimals.
    """

    sequences: Measurements
    labels: tuple[str, ...]


def is_ucr(path: Path) -> bool:
    """Whether the first line that is not empty holds numbers only."""
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        return False
    with path.open("rb") as file:
        begin = file.read(FIRST).decode("latin-1").strip().partition("\n")[0]
    cells = BETWEEN.split(begin.strip())
    return len(cells) >= LEAST and all(map(is_number, cells))


def read_ucr(path: Path) -> UcrFile:
    """Read a file. Raises InputError, with the line, for what is no number."""
    size_of(path)
    parts: list[Floats] = []
    labels = []
    for number, line in enumerate(path.read_text(encoding="latin-1").splitlines(), 1):
        cells = BETWEEN.split(line.strip())
        if cells == [""]:
            continue
        try:
            row = np.array(cells, dtype=np.float64)
        except ValueError:
            wrong = next(cell for cell in cells if not is_number(cell))
            raise InputError(f"{path}, line {number}: {wrong!r:.80} is not a number") from None
        known = np.flatnonzero(~np.isnan(row[1:]))
        if np.isnan(row[0]) or not len(known):
            raise InputError(f"{path}, line {number}: it needs a class and a value behind it")
        parts.append(row[1 : known[-1] + 2, None])
        labels.append(f"{row[0]:.12g}")
    return UcrFile(check_values(measurements(parts)), tuple(labels))
