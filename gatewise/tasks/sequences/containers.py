"""Sequences in containers of other libraries: tensors, packed sequences, frames with two levels of an index."""

from __future__ import annotations

from typing import Any

import numpy as np

from gatewise.errors import InputError


def opened(X: Any) -> Any:
    """A collection of sequences as a list or an array, if it is a container that holds them in another way.

    PyTorch's ``PackedSequence`` and nested tensors are lists; a pandas frame whose index has two levels (sequence and
    time, as sktime has it) is a list of arrays [T, C]. Anything else stays as it is.
    """
    if hasattr(X, "batch_sizes") and hasattr(X, "sorted_indices"):
        return _packed(X)
    if getattr(X, "is_nested", False):
        return [array_of(part) for part in X.unbind()]
    levels = getattr(getattr(X, "index", None), "nlevels", 1)
    if levels == 2 and hasattr(X, "groupby"):
        return [part.to_numpy() for _, part in X.groupby(level=0, sort=False)]
    if levels > 2:
        raise InputError(
            f"the index of the table has {levels} levels; two are a sequence and a time"
        )
    return array_of(X) if hasattr(X, "detach") else X


def array_of(part: Any) -> Any:
    """A sequence as an array, if a library has it as its own type; what a mask hides is NaN.

    Raises InputError for a sparse matrix.
    """
    if hasattr(part, "detach"):
        part = part.detach().cpu()
        # NumPy has no such type
        return (part.float() if str(part.dtype) == "torch.bfloat16" else part).numpy()
    if isinstance(part, np.ma.MaskedArray):
        return np.ma.filled(part.astype(np.float64), np.nan)
    if hasattr(part, "toarray"):
        raise InputError("a sequence is a sparse matrix: give its .toarray()")
    return np.asarray(part) if hasattr(part, "__array__") else part


def _packed(X: Any) -> list[Any]:
    """The sequences of a ``PackedSequence``, in the order in which they were packed."""
    from torch.nn.utils.rnn import unpack_sequence

    return [array_of(part) for part in unpack_sequence(X)]
