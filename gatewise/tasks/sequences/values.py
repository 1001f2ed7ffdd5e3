"""Values of sequences: which are refused, and which stand for a missing one, as a person says or as they look."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from gatewise.arrays import Array, Floats
from gatewise.errors import InputError, InputWarning, some_of
from gatewise.tasks.data.cells import LARGEST, is_number, without
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.missing_codes import CODE, find_codes, text_of
from gatewise.tasks.data.read_options import ReadOptions
from gatewise.tasks.data.reader import columns_of
from gatewise.tasks.sequences.ragged import Measurements, Sequences
from gatewise.tasks.sequences.scaling import named

SHOWN = 3  # sequences that a message names
MEND = "say so: missing={0} (--missing {0})"


def check_values(sequences: Measurements) -> Measurements:
    """The same sequences. Raises InputError for infinite values, and where nothing is known of a channel."""
    values = sequences.values
    wrong = np.abs(values) > LARGEST
    if wrong.any():
        step, channel = np.argwhere(wrong)[0]
        k = int(np.searchsorted(sequences.starts, step, side="right")) - 1
        what = (
            "infinite (inf)" if np.isinf(values[step, channel]) else "too large for a measurement"
        )
        raise InputError(
            f"sequence {k}, step {step - sequences.starts[k]}, channel "
            f"{sequences.channels[channel]}: the value is {what}; put NaN where it is not known"
        )
    known = ~np.isnan(values)
    if not known.any():
        raise InputError("every value of every sequence is missing (NaN)")
    # sequences that are NaN everywhere
    counts = np.add.reduceat(known.any(1), sequences.starts[:-1])
    blank = np.flatnonzero(counts == 0).tolist()
    if blank:
        raise InputError(
            f"{named_places(blank)} no value that is not missing (NaN): leave them out"
        )
    return sequences


def read_columns(
    data: object, words: Sequence[str], roles: Sequence[str | None], labels: Sequence[str]
) -> Columns:
    """The columns of a table.

    Args:
        data: a frame, or the path of a file.
        words: what stands for a missing value.
        roles: columns of ids, groups and places, which stay as they are; several may be named with commas between.
        labels: columns of labels. In them words and numbers that look like codes are missing, too: -999 is; 0 and
            -1, which often are labels, are not.
    """
    of_labels = tuple(w for w in words if not is_number(w) or CODE.fullmatch(text_of(float(w))))
    own_missing = dict.fromkeys(labels, of_labels)
    own_missing |= dict.fromkeys(named_columns(*roles), ())
    return columns_of(data, ReadOptions(missing=tuple(words)), own_missing=own_missing)


def named_columns(*roles: str | None) -> set[str]:
    """The columns that are ids, groups and places, and those that "subject,trial" joins."""
    return {
        part for role in filter(None, roles) for part in (role, *map(str.strip, role.split(",")))
    }


def without_codes(values: Floats, words: Sequence[str]) -> Floats:
    """Numbers with NaN in the place of what stands for a missing one."""
    return without(values.copy(), words) if words else values


def warn_of_codes(sequences: Sequences, mend: str = MEND) -> None:
    """Warn (InputWarning) of a number such as -999, far from all others, that may stand for a missing value.

    ``mend``: what to do then; {0} is the number.
    """
    if not isinstance(sequences, Measurements):
        return
    channels = sequences.channels
    for name, values in zip(channels, sequences.values.T, strict=True):
        where = f"channel {name}: " if len(channels) > 1 else ""
        _warn_of(values, f"column {name!r}: " if named(channels) else where, mend)


def warn_of_label_codes(values: Array, name: str) -> None:
    """The same of a column of labels, if they are numbers."""
    if values.dtype.kind in "if":
        _warn_of(values.astype(np.float64), f"column {name!r}: ", MEND)


def _warn_of(values: Floats, where: str, mend: str) -> None:
    for code in find_codes(values, covariate=True):
        count = int((values == code).sum())
        times = "once" if count == 1 else f"{count} times"
        text = text_of(code)
        warnings.warn(
            f"{where}{text} is there {times}, far from all other values. If it stands for a missing value, "
            f"{mend.format(text)}",
            InputWarning,
            stacklevel=6,
        )


def describe_missing(sequences: Sequences) -> list[str]:
    """For people: how many values are missing, if any."""
    if not isinstance(sequences, Measurements):
        return []
    missing = np.isnan(sequences.values)
    if not missing.any():
        return []
    empty = [name for name, none in zip(sequences.channels, missing.T, strict=True) if none.all()]
    of = f"; all of {some_of(map(repr, empty), SHOWN)}" if empty else ""
    return [f"missing  {int(missing.sum()):,} of {missing.size:,} values{of}"]


def recoded(sequences: Measurements, words: Sequence[str]) -> Measurements:
    """The same sequences with NaN in the place of these words. Raises InputError where nothing is known of one then."""
    if not words:
        return sequences
    values = without_codes(sequences.values, words)
    return check_values(Measurements(sequences.starts, values, sequences.channels))


def named_places(places: Sequence[int]) -> str:
    """``sequence 3 has`` or ``sequences 1, 2, 5 and 4 more have``."""
    if len(places) == 1:
        return f"sequence {places[0]} has"
    return f"sequences {some_of(map(str, places), SHOWN)} have"
