"""For how long to train on all sequences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gatewise.tasks.sequences.fitting import best_steps, steps_of_all
from gatewise.tasks.sequences.splits import rotations
from gatewise.tasks.training.checkpoint import LogEntry


def curve(checks: Sequence[float]) -> list[LogEntry]:
    return [LogEntry(10 * k, None, check, 0.1, 0.0) for k, check in enumerate(checks)]


def test_one_rotation_takes_its_least_value() -> None:
    assert best_steps([curve([3, 1, 2, 2])]) == 10


def test_several_go_on_while_what_follows_is_within_the_noise() -> None:
    flat = [curve([3, 1.0, 1.1, 1.0]), curve([3, 1.1, 0.9, 1.2]), curve([3, 0.9, 1.0, 0.9])]
    assert best_steps(flat) == 30
    worse = [curve([3, 1.0, 1.9, 2.0]), curve([3, 1.0, 2.0, 2.1]), curve([3, 1.0, 2.1, 2.0])]
    assert best_steps(worse) == 10


def test_the_shortest_curve_counts() -> None:
    assert best_steps([curve([3, 2, 1, 0.5]), curve([3, 2, 1])]) == 20


def test_a_network_that_only_gets_worse_is_still_trained() -> None:
    assert best_steps([curve([1, 2, 3]), curve([1, 2, 3])]) == 1


def test_all_sequences_are_gone_over_as_often_as_those_of_a_rotation() -> None:
    turns = rotations(np.arange(50) % 5, 5)  # three parts of five train
    assert steps_of_all(60, turns, 50) == 100
    assert steps_of_all(60, turns[:1], 50) == 100
    assert steps_of_all(1, turns, 50) == 2
