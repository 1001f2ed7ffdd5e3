"""What is chosen from the data, and how it is said."""

from __future__ import annotations

import numpy as np
import pytest

from gatewise.errors import InputError
from gatewise.tasks.sequences.choices import choices_of, patch_of, smooth_patch
from gatewise.tasks.sequences.options import SequenceOptions
from gatewise.tasks.sequences.ragged import measurements, tokens

RNG = np.random.default_rng(0)


def noise(steps: int) -> list[np.ndarray]:
    return [RNG.standard_normal((steps, 1)) for _ in range(20)]


def smooth(steps: int) -> list[np.ndarray]:
    return [np.sin(RNG.uniform(0, 6) + np.arange(steps)[:, None] / 20) for _ in range(20)]


def test_smooth_sequences_are_read_several_values_a_step() -> None:
    assert smooth_patch(measurements(smooth(150))) == 10
    assert smooth_patch(measurements(smooth(1000))) == 16
    assert smooth_patch(measurements(smooth(20))) == 1
    assert smooth_patch(measurements(noise(300))) == 1
    assert smooth_patch(tokens(["abc" * 100])) == 1


def test_long_texts_are_read_a_few_tokens_a_step() -> None:
    sizes = {length: patch_of(tokens(["ab" * (length // 2)] * 3)) for length in (8, 200, 500, 4000)}
    assert sizes == {8: 1, 200: 1, 500: 3, 4000: 4}
    assert patch_of(measurements(smooth(150))) == 10


def test_texts_are_gone_over_less_often_than_numbers() -> None:
    texts = choices_of(tokens(["ab"] * 3000), SequenceOptions())
    numbers = choices_of(measurements([np.ones((2, 1))] * 3000), SequenceOptions())
    assert (texts.steps, numbers.steps) == (16 * 3000 // 64, 30 * 3000 // 64)
    long = choices_of(tokens(["ab" * 150] * 3000), SequenceOptions())
    assert (long.patch, long.steps) == (2, 8 * 3000 // 64)


def test_many_texts_are_learned_at_a_higher_rate() -> None:
    few, many = (choices_of(tokens(["ab"] * n), SequenceOptions()) for n in (3000, 6000))
    numbers = choices_of(measurements([np.ones((2, 1))] * 6000), SequenceOptions())
    assert (few.learning_rate, many.learning_rate, numbers.learning_rate) == (5e-3, 1e-2, 5e-3)


def test_a_missing_value_does_not_change_the_choice() -> None:
    parts = smooth(150)
    for part in parts:
        part[::3] = np.nan
    assert smooth_patch(measurements(parts)) == 10


def test_long_sequences_start_with_long_memories() -> None:
    assert choices_of(measurements(noise(300)), SequenceOptions()).lasting == 300
    assert choices_of(measurements(noise(150)), SequenceOptions()).lasting == 0


def test_small_data_get_a_small_network_that_learns_fast() -> None:
    few = choices_of(measurements(noise(30)), SequenceOptions())
    assert (few.units, few.learning_rate, few.poolings) == (32, 1e-2, ("all",))
    many = choices_of(measurements([np.ones((2, 1))] * 1001), SequenceOptions())
    assert (many.units, many.learning_rate) == (64, 5e-3)
    assert "side by side" in few.describe(False)[1]


def test_options_are_kept() -> None:
    options = SequenceOptions(
        patch=3, units=7, steps=11, batch=5, members=2, folds=4, pooling="max"
    )
    choices = choices_of(measurements(noise(30)), options)
    assert (choices.patch, choices.units, choices.steps, choices.batch) == (3, 7, 11, 5)
    assert (choices.members, choices.folds, choices.poolings) == (2, 4, ("max",))
    assert "3 values" in choices.describe(False)[0] and "2 networks" in choices.describe(False)[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("units", 0),
        ("folds", 6),
        ("pooling", "sum"),
        ("dropout", 1.0),
        ("device", "toaster"),
        ("steps", True),
        ("time_limit", 0),
        ("random_state", -1),
        ("id", 3),
        ("values", [1]),
        ("streaming", None),
    ],
)
def test_options_out_of_range_are_refused(name: str, value: object) -> None:
    with pytest.raises(InputError, match=name):
        SequenceOptions(**{name: value})
