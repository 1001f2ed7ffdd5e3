"""What people call sequences, and what is said of what is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from gatewise.errors import InputError
from gatewise.tasks.sequences.inputs import as_sequences
from gatewise.tasks.sequences.ragged import Measurements, Tokens

LIST = [np.arange(6.0).reshape(3, 2), np.ones((2, 2))]


def ragged(parts: list[Any]) -> np.ndarray:
    out = np.empty(len(parts), dtype=object)
    out[:] = parts
    return out


@pytest.mark.parametrize("X", [LIST, tuple(LIST), ragged(LIST), [a.tolist() for a in LIST]])
def test_collections_of_arrays(X: Any) -> None:
    data = as_sequences(X)
    assert isinstance(data, Measurements) and data.lengths.tolist() == [3, 2]
    np.testing.assert_array_equal(data.one(0), LIST[0])


def test_tensors_are_arrays() -> None:
    data = as_sequences([torch.tensor(part) for part in LIST])
    assert isinstance(data, Measurements) and data.lengths.tolist() == [3, 2]


def test_blocks_with_lengths() -> None:
    block = np.arange(24.0).reshape(2, 4, 3)
    assert as_sequences(block).lengths.tolist() == [4, 4]
    data = as_sequences(block, lengths=[4, 1])
    assert data.lengths.tolist() == [4, 1]
    np.testing.assert_array_equal(data.one(1), block[1, :1])
    for flat in (block[..., 0], pd.DataFrame(block[..., 0])):
        np.testing.assert_array_equal(as_sequences(flat).one(1)[:, 0], block[1, :, 0])


def test_tokens() -> None:
    assert as_sequences(["ab", "c"]).lengths.tolist() == [2, 1]
    words = as_sequences([["to", "be"], ["or"]])
    assert isinstance(words, Tokens) and words.types == ("be", "or", "to")
    assert isinstance(as_sequences([[3, 5], [5]]), Measurements)
    assert as_sequences([[3, 5], [5]], as_tokens=True).types == ("3", "5")


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([], "no sequences"),
        ([np.ones((2, 1)), np.ones((0, 1))], "sequence 1 has no steps"),
        (["a", "", "b", "", "", "", ""], "sequences 1, 3, 4 and 2 more have no steps"),
        ([np.ones((2, 3)), np.ones((3, 2))], r"sequence 0 has 3 channels and sequence 1 has 2"),
        ([np.ones((3, 3)), np.ones((3, 2))], r"give \.T|Give \.T"),
        ([np.array([[1.0], [np.inf]])], "sequence 0, step 1, channel 0: the value is infinite"),
        ([np.array([1.0, 1e40])], "too large"),
        ([np.array([np.nan]), np.array([np.nan])], "every value of every sequence is missing"),
        ([np.array([1.0]), np.array([np.nan])], "sequence 1 has no value that is not missing"),
        ([[1.0, "x"]], "sequence 0 is no array of numbers"),
        ([np.ones((2, 2, 2))], r"sequence 0 has the shape \(2, 2, 2\)"),
        (np.array([1.0, 2.0], dtype=object), "Reshape your data"),
        (3, "not int"),
        ({"a": 1}, "not dict"),
        (np.ones((2, 3, 1), dtype=complex), "numbers"),
    ],
)
def test_bad_sequences_are_refused(X: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        as_sequences(X)


@pytest.mark.parametrize("lengths", [[1], [1, 5], [-1, 2], [0.5, 1.0]])
def test_bad_lengths_are_refused(lengths: Any) -> None:
    with pytest.raises(InputError, match="lengths"):
        as_sequences(np.ones((2, 4, 1)), lengths=lengths)


def test_lengths_beside_a_list_are_refused() -> None:
    with pytest.raises(InputError, match="needs no lengths"):
        as_sequences(LIST, lengths=[3, 2])
