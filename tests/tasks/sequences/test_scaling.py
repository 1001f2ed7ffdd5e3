"""Standardisation, missing values and unknown tokens."""

from __future__ import annotations

import numpy as np
import pytest

from gatewise.errors import InputError
from gatewise.tasks.sequences.ragged import measurements, tokens
from gatewise.tasks.sequences.scaling import Scaler, Vocabulary, standardised

RNG = np.random.default_rng(0)


def test_channels_are_standardised_by_what_is_known() -> None:
    values = RNG.normal(5, 3, (50, 2))
    values[::7, 1] = np.nan
    data = measurements([values[:20], values[20:]])
    scaler = Scaler.of(data)
    out = scaler.encode(data)
    assert scaler.marks and out.shape == (50, 4) and out.dtype == np.float32
    known = ~np.isnan(values)
    for c in range(2):
        seen = out[known[:, c], c]
        assert abs(seen.mean()) < 1e-5 and abs(seen.std() - 1) < 1e-5
    np.testing.assert_array_equal(out[:, 2:], ~known)
    assert (out[:, :2][~known] == 0).all()
    assert np.isfinite(standardised(data).values).all()


def test_a_constant_channel_keeps_its_size() -> None:
    data = measurements([np.full((5, 1), 0.1)])
    assert Scaler.of(data).scale == (1.0,)


def test_missing_values_that_training_had_not_are_doubted() -> None:
    scaler = Scaler.of(measurements([np.arange(4.0)[:, None]]))
    later = measurements([np.array([[1.0], [np.nan]])])
    assert "50 %" in scaler.doubt(later) and scaler.encode(later).shape == (2, 1)
    assert scaler.doubt(measurements([np.ones((2, 1))])) == ""


def test_other_kinds_of_data_are_refused() -> None:
    numbers, words = measurements([np.ones((2, 1))]), tokens(["ab"])
    with pytest.raises(InputError, match="of 1 channels, and these have 2"):
        Scaler.of(numbers).encode(measurements([np.ones((2, 2))]))
    with pytest.raises(InputError, match="trained on numbers"):
        Scaler.of(numbers).encode(words)
    with pytest.raises(InputError, match="trained on tokens"):
        Vocabulary.of(words).encode(numbers)


def test_unknown_tokens_have_a_code_of_their_own() -> None:
    vocabulary = Vocabulary.of(tokens(["ba"]))
    later = tokens(["abz"])
    assert vocabulary.size == 3 and vocabulary.encode(later).tolist() == [1, 2, 0]
    assert "1 of 3 tokens" in vocabulary.doubt(later) and "'z'" in vocabulary.doubt(later)


def test_channels_with_names_are_read_by_their_names() -> None:
    values = np.random.default_rng(0).standard_normal((6, 2))
    scaler = Scaler.of(measurements([values], ("a", "b")))
    expected = scaler.encode(measurements([values], ("a", "b")))
    more = np.stack([values[:, 1], np.zeros(6), values[:, 0]], axis=1)
    np.testing.assert_array_equal(scaler.encode(measurements([more], ("b", "c", "a"))), expected)
    # arrays have no names: their order counts
    np.testing.assert_array_equal(scaler.encode(measurements([values])), expected)
    with pytest.raises(InputError, match="reads a column 'b', which is not here"):
        scaler.encode(measurements([values], ("a", "c")))
    with pytest.raises(InputError, match="2 channels, and these have 3"):
        scaler.encode(measurements([more]))
