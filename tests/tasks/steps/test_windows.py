"""Windows of sequences: what is read, and which places are spoken of, worked out by hand."""

from __future__ import annotations

import numpy as np
import torch

from gatewise import cells
from gatewise.tasks.steps.network import StepNetwork
from gatewise.tasks.steps.problem import outputs_of
from gatewise.tasks.steps.splits import step_parts
from gatewise.tasks.steps.windows import Sampler, Spans, Windowed

STARTS = np.array([0, 5, 12])
VALUES = np.arange(12, dtype=np.float32)[:, None]


def test_a_window_reads_on_for_the_delay_and_speaks_later() -> None:
    steps, lengths, places = Windowed(VALUES, STARTS, 1, 2).block(
        np.array([1, 9]), np.array([4, 12])
    )
    assert lengths.tolist() == [5, 5]
    # behind the end of a sequence its last value is repeated
    assert steps[:, 0, 0].tolist() == [1, 2, 3, 4, 4] and steps[:, 1, 0].tolist() == [
        9,
        10,
        11,
        11,
        11,
    ]
    assert places[:, 0].reshape(5, 2).T.tolist() == [[-1, -1, 1, 2, 3], [-1, -1, 9, 10, 11]]


def test_a_patch_speaks_of_each_of_its_values() -> None:
    steps, lengths, places = Windowed(VALUES, STARTS, 3, 0).block(
        np.array([0, 5]), np.array([5, 12])
    )
    assert lengths.tolist() == [2, 3]
    assert steps[1, 0].tolist() == [3, 4, 4]
    # in the order of time, then of windows; of the shorter one no padding
    assert places.tolist() == [[0, 1, 2], [5, 6, 7], [3, 4, -1], [8, 9, 10], [11, -1, -1]]


def test_windows_are_drawn_around_places_within_their_span() -> None:
    spans = Spans.whole(STARTS, np.array([0, 1]))
    sampler = Sampler(spans, np.array([2, 11]), 4)
    for seed in range(20):
        for begin, end in sampler.draw(3, np.random.default_rng(seed)):
            assert 1 <= end - begin <= 4
            assert (0 <= begin and end <= 5 and begin <= 2 < end) or (
                5 <= begin and begin <= 11 < end
            )


def test_every_step_is_spoken_of_once_whatever_the_lengths() -> None:
    torch.manual_seed(0)
    for patch, delay in ((1, 0), (3, 0), (1, 2)):
        network = StepNetwork(cells.lstm, 1, 0, patch, 3, 2, delay == 0, 0.0, 0.0)
        data = Windowed(VALUES, STARTS, patch, delay)
        both = outputs_of([network], data, Spans.whole(STARTS, np.arange(2)))[0]
        assert both.shape == (12, 2) and np.isfinite(both).all()
        one = outputs_of([network], data, Spans.whole(STARTS, np.array([1])))[0]
        np.testing.assert_allclose(one[5:], both[5:], atol=1e-6)
        assert np.isnan(one[:5]).all()


def test_few_sequences_are_cut_in_time_and_many_are_not() -> None:
    starts = np.array([0, 100, 200])
    known = np.ones(200, dtype=bool)
    known[:50] = False
    parts = step_parts(
        starts,
        known,
        np.zeros(2, int),
        np.arange(2),
        None,
        folds=1,
        context=10,
        two_sided=True,
        seed=0,
    )
    (rotation,) = parts.rotations
    assert parts.by_time
    assert rotation.train.begin.tolist() == [0, 100] and rotation.train.end.tolist() == [80, 160]
    assert rotation.test.begin.tolist() == [90, 180] and rotation.test.end.tolist() == [100, 200]
    assert rotation.test.low.tolist() == [80, 170] and rotation.validation.high.tolist() == [
        100,
        190,
    ]
    starts = np.arange(0, 101, 10)
    parts = step_parts(
        starts,
        np.ones(100, dtype=bool),
        np.zeros(10, int),
        np.arange(10),
        np.arange(10) // 2,
        folds=1,
        context=10,
        two_sided=True,
        seed=0,
    )
    (rotation,) = parts.rotations
    assert not parts.by_time
    sides = [
        set(np.unique(s.places() // 20))
        for s in (rotation.train, rotation.validation, rotation.test)
    ]
    assert sum(map(len, sides)) == 5  # no group is on two sides
