"""Arrays in which time is the last axis are told, and others are not."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from gatewise.errors import InputWarning
from gatewise.tasks.sequences.inputs import as_sequences


def smooth(*shape: int) -> np.ndarray:
    """[..., T, C] slow waves of other sizes and levels in each channel."""
    rng = np.random.default_rng(0)
    phase = rng.uniform(0, 6, (*shape[:-2], 1, shape[-1])) + 0.3 * np.arange(shape[-2])[:, None]
    size = 10.0 ** np.arange(shape[-1])
    return np.asarray(size * np.sin(phase) + 3 * size)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (
            smooth(20, 100, 6).swapaxes(1, 2),
            r"\[20, 6, 100\] is read as sequences of 6 steps with 100 channels.*X\.swapaxes\(1, 2\)",
        ),
        (smooth(20, 150, 1).swapaxes(1, 2), r"sequences of 1 step with 150 channels"),
        (list(smooth(20, 90, 3).swapaxes(1, 2)), r"arrays \[3, 90\] are .*\[x\.T for x in X\]"),
    ],
)
def test_time_in_the_last_axis_is_told(X: Any, message: str) -> None:
    with pytest.warns(InputWarning, match=message):
        as_sequences(X)


@pytest.mark.parametrize(
    "X",
    [
        smooth(20, 100, 6),
        smooth(20, 150, 1),
        np.random.default_rng(0).standard_normal((20, 10, 300)),  # vectors of ten words
        np.random.default_rng(0).standard_normal((20, 4, 3)),
        np.ones((20, 10, 300)),
        [smooth(k, 24) for k in (5, 6, 7)],
    ],
)
def test_other_arrays_are_not(X: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        as_sequences(X)


def test_lengths_say_which_axis_is_time() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        as_sequences(smooth(20, 100, 6).swapaxes(1, 2), lengths=[6] * 20)
