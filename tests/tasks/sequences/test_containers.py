"""Sequences in containers of other libraries."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import torch
from torch.nn.utils.rnn import pack_sequence

from gatewise.errors import InputError
from gatewise.tasks.sequences.inputs import as_sequences
from gatewise.tasks.sequences.ragged import Measurements

PARTS = [np.arange(6.0).reshape(3, 2), np.ones((2, 2)), np.full((5, 2), 4.0)]


def frame_of_two_levels() -> pd.DataFrame:
    """As sktime has it, and not in the order of its names."""
    frames = {name: pd.DataFrame(part) for name, part in zip("zab", PARTS, strict=True)}
    return pd.concat(frames, names=["recording", "time"])


@pytest.mark.parametrize(
    "make",
    [
        lambda: pack_sequence([torch.tensor(p) for p in PARTS], enforce_sorted=False),
        lambda: torch.nested.nested_tensor([torch.tensor(p) for p in PARTS], layout=torch.jagged),
        lambda: [torch.tensor(p, requires_grad=True) for p in PARTS],
        lambda: [torch.tensor(p).bfloat16() for p in PARTS],
        frame_of_two_levels,
        lambda: [pd.DataFrame(p, columns=["u", "v"]) for p in PARTS],
    ],
    ids=["packed", "nested", "with gradients", "bfloat16", "two levels", "frames"],
)
def test_containers_hold_the_same_sequences(make: Callable[[], Any]) -> None:
    data = as_sequences(make())
    assert isinstance(data, Measurements) and data.lengths.tolist() == [3, 2, 5]
    for k, part in enumerate(PARTS):
        np.testing.assert_array_equal(data.one(k), part)


@pytest.mark.parametrize("block", [False, True])
def test_what_a_mask_hides_is_missing(block: bool) -> None:
    values = np.ma.masked_array([[1.0, 99.0, 3.0]] * 2, mask=[[False, True, False]] * 2)
    data = as_sequences(values if block else list(values))
    np.testing.assert_array_equal(data.one(0)[:, 0], [1.0, np.nan, 3.0])


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([scipy.sparse.csr_matrix(p) for p in PARTS], "give its .toarray()"),
        ({"a": PARTS[0]}, "give list(X.values())"),
        ([np.arange(3).astype("datetime64[s]")], "sequence 0 holds times"),
        ([np.arange(3).astype("timedelta64[s]")], "sequence 0 holds times"),
        (["ab", "c\ud800"], "sequence 1 holds '\\ud800', which is no character"),
        (pd.concat({"x": frame_of_two_levels()}), "the index of the table has 3 levels"),
    ],
)
def test_containers_that_hold_no_sequences_are_refused(X: Any, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        as_sequences(X)
