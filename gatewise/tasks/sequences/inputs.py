"""What people call sequences, as ``Ragged``: lists of arrays, blocks with lengths, texts, tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.utils.validation import check_array

from gatewise.arrays import Array, Floats
from gatewise.errors import InputError
from gatewise.tasks.sequences.axes import warn_of_axes
from gatewise.tasks.sequences.containers import array_of, opened
from gatewise.tasks.sequences.ragged import Ragged, Sequences, measurements, tokens
from gatewise.tasks.sequences.values import (
    check_values,
    named_places,
    warn_of_codes,
    without_codes,
)


def as_sequences(
    X: Any,
    lengths: Any = None,
    *,
    as_tokens: bool | None = None,
    missing: Sequence[str] = (),
) -> Sequences:
    """Read sequences of any of the forms that people have them in.

    Args:
        X: a list or an object array of arrays [T_i, C] or [T_i], an array [N, T, C], a table or array
            [N, T] of one channel, or N sequences of tokens: texts, or lists of texts or whole
            numbers. A text is the sequence of its characters. NaN stands for a missing value.
        lengths: [N] the steps that count of each sequence of an array.
        as_tokens: whether whole numbers are tokens; None: only texts are.
        missing: numbers that stand for a missing value, such as -999.

    Warns (InputWarning) of a number that may stand for a missing value, and of arrays that look like [C, T].

    Raises:
        InputError: for sequences without a step, with different channels, with infinite values or without
            any value at all, and for lengths that do not fit. ValueError or TypeError, as scikit-learn
            raises them, for a table that is none.
    """
    if isinstance(X, Ragged):
        return X  # type: ignore[return-value]
    X = opened(X)
    if hasattr(X, "__array__") and not hasattr(X, "ndim") and not hasattr(X, "columns"):
        X = np.asarray(X)
    block = _is_block(X)
    parts = _block(X, lengths) if block else _list(X, lengths)
    if not len(parts):
        raise InputError("there are no sequences: 0 sample(s), and at least 1 is needed")
    empty = [k for k, part in enumerate(parts) if not len(part)]
    if empty:
        raise InputError(
            f"{named_places(empty)} no steps: leave {'it' if len(empty) == 1 else 'them'} out"
        )
    if as_tokens or (as_tokens is None and _is_text(parts[0])):
        return tokens([_as_texts(part, k) for k, part in enumerate(parts)])
    arrays = [without_codes(_as_floats(part, k), missing) for k, part in enumerate(parts)]
    data = check_values(measurements(_same_channels(arrays)))
    warn_of_codes(data)
    if lengths is None:
        warn_of_axes(arrays, block)
    return data


def _is_block(X: Any) -> bool:
    """Whether X is one array or table rather than a collection of sequences."""
    if hasattr(X, "columns") or hasattr(X, "toarray"):
        return True
    return hasattr(X, "ndim") and not (X.ndim == 1 and X.dtype == object)


def _block(X: Any, lengths: Any) -> Sequence[Any]:
    """The sequences of an array [N, T] or [N, T, C]."""
    if hasattr(X, "columns") or X.ndim != 3:
        if isinstance(X, np.ma.MaskedArray):
            X = array_of(X)
        values = check_array(X, dtype=np.float64, ensure_all_finite="allow-nan")[..., None]
    else:
        values = array_of(X)
        if values.dtype.kind not in "fiub":
            raise InputError(f"an array [N, T, C] holds numbers, not {values.dtype}")
    return trim(values, lengths)


def trim(values: Array, lengths: Any) -> Sequence[Array]:
    """The sequences of a block [N, T, C], without what lies behind their lengths. Raises InputError."""
    if lengths is None:
        return list(values)
    count = np.asarray(lengths)
    if count.shape != (len(values),) or count.dtype.kind not in "iu":
        raise InputError(f"lengths are {len(values)} whole numbers, one for each sequence")
    if count.min() < 0 or count.max() > values.shape[1]:
        raise InputError(
            f"lengths lie in 0..{values.shape[1]} (the steps of the array), and one is "
            f"{count.min() if count.min() < 0 else count.max()}"
        )
    return [part[:n] for part, n in zip(values, count, strict=True)]


def _list(X: Any, lengths: Any) -> Sequence[Any]:
    """The sequences of a collection."""
    if isinstance(X, str | bytes | Mapping) or not isinstance(X, Iterable):
        values = ": give list(X.values())" if isinstance(X, Mapping) else ""
        raise InputError(
            f"sequences are a list of arrays, an array [N, T, C] or a table, not {type(X).__name__}{values}"
        )
    parts = [array_of(part) for part in X]
    if lengths is not None:
        raise InputError("a list of sequences needs no lengths: each has its own")
    for k, part in enumerate(parts):
        if np.ndim(part) == 0 and not isinstance(part, str):
            raise InputError(
                f"sequence {k} is {part!r:.80}, a single value: X is a list of sequences. Reshape your "
                "data: [X] is one sequence, X.reshape(-1, 1) are sequences of one step"
            )
    return parts


def _is_text(part: Any) -> bool:
    return (
        isinstance(part, str)
        or (not hasattr(part, "dtype") and isinstance(part[0], str))
        or (hasattr(part, "dtype") and part.dtype.kind in "UT")
    )


def _as_texts(part: Any, k: int) -> Sequence[str]:
    if isinstance(part, str):
        return part
    texts = []
    for value in part.tolist() if hasattr(part, "tolist") else part:
        if isinstance(value, bool) or not isinstance(value, str | int | np.integer):
            raise InputError(
                f"sequence {k} holds {value!r:.80}, which is no token: tokens are texts or whole numbers"
            )
        texts.append(str(value))
    return texts


def _as_floats(part: Any, k: int) -> Floats:
    """A sequence as [T, C]. Raises InputError."""
    try:
        array = np.asarray(part)
        if array.dtype.kind == "c":
            raise InputError(f"sequence {k}: Complex data not supported")
        if array.dtype.kind in "mM":
            raise InputError(
                f"sequence {k} holds times, not numbers: take them as numbers or leave them out"
            )
        values = np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"sequence {k} is no array of numbers [T, C]: {error!s:.200}") from None
    if values.ndim == 1:
        return values[:, None]
    if values.ndim != 2 or not values.shape[1]:
        raise InputError(f"sequence {k} has the shape {values.shape}; a sequence is [T, C] or [T]")
    return values


def _same_channels(parts: Sequence[Floats]) -> Sequence[Floats]:
    widths = [part.shape[1] for part in parts]
    other = next((k for k, width in enumerate(widths) if width != widths[0]), None)
    if other is not None:
        hint = ". Is it [C, T]? Give .T then" if parts[other].shape[0] == widths[0] else ""
        raise InputError(
            f"sequence 0 has {widths[0]} channels and sequence {other} has {widths[other]}: all need "
            f"the same{hint}"
        )
    return parts
