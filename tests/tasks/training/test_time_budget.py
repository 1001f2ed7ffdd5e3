"""A time limit: training ends at the next step, with the best weights so far, and everybody is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError
from gatewise.tasks import Forecaster
from gatewise.tasks.training import loop
from gatewise.tasks.training.checkpoint import METRICS, LogEntry
from gatewise.tasks.training.loop import train
from gatewise.tasks.training.time_budget import Budget
from tests.tasks.toy import Sums, net, recipe
from tests.tasks.training.test_loop import Scripted, same


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A clock that goes on by a second whenever it is looked at: once at each step, without a run folder."""
    seconds = count()
    with monkeypatch.context() as patch:
        patch.setattr(loop.time, "monotonic", lambda: float(next(seconds)))
        yield


def test_training_ends_at_the_next_step_with_the_best_weights(ticking: None) -> None:
    network, history = net(), list[LogEntry]()
    settings = recipe(time_limit=30.0, checks=12, patience=99)
    steps = train(network, Scripted([9, 5, 7, 8]), settings, history=history)
    assert [(note.step, note.stopped) for note in history] == [
        (0, False),
        (10, False),
        (20, False),
        (29, True),
    ]
    assert history[-1].seconds == 30
    assert steps == 10 and not network.training
    again = net()
    train(again, Sums(), recipe(), until=10)
    assert same(network, again)


def test_a_given_number_of_steps_is_cut_short(ticking: None) -> None:
    network, history = net(), list[LogEntry]()
    assert train(network, Sums(), recipe(time_limit=8.0), until=100, history=history) == 7
    assert history[-1].stopped and history[-1].step == 7
    again = net()
    train(again, Sums(), recipe(), until=7)
    assert same(network, again)


def test_time_enough_changes_nothing(ticking: None) -> None:
    one, other, history = net(), net(), list[LogEntry]()
    train(one, Sums(), recipe(time_limit=121.0), until=120, history=history)
    assert not history[-1].stopped
    train(other, Sums(), recipe(), until=120)
    assert same(one, other)


def test_the_time_of_all_starts_counts(ticking: None, tmp_path: Path) -> None:
    class Breaking(Sums):
        left = 20

        def draw(self, rng: np.random.Generator) -> np.ndarray:
            self.left -= 1
            if not self.left:
                raise KeyboardInterrupt
            return super().draw(rng)

    with pytest.raises(KeyboardInterrupt):
        train(net(), Breaking(), recipe(time_limit=60.0), until=100, run=tmp_path)
    history: list[LogEntry] = []
    steps = train(net(), Sums(), recipe(time_limit=60.0), until=100, run=tmp_path, history=history)
    assert 19 < steps < 100
    assert history[-1].stopped and 60 <= history[-1].seconds < 65
    lines = [json.loads(text) for text in (tmp_path / METRICS).read_text().splitlines()]
    assert lines[-1]["stopped"] and lines[-1]["step"] == steps
    # it has ended: more time does not wake it
    assert train(net(), Sums(), recipe(time_limit=900.0), until=100, run=tmp_path) == steps


def test_trainings_share_what_is_left() -> None:
    def used(seconds: float, stopped: bool = False) -> list[LogEntry]:
        return [LogEntry(7, None, None, 0.0, seconds, stopped)]

    budget = Budget(600, 4)
    assert budget.share() == 150
    budget.spend(used(30), 100)
    assert budget.share() == 190
    budget.spend(used(191, True), 90)
    budget.spend(used(400, True), 80)
    assert budget.share() == 0
    assert budget.stopped == (7, 90)
    free = Budget(None, 2)
    free.spend([], 0)
    assert free.share() is None and free.stopped is None


def test_a_fit_says_that_it_was_stopped(hourly: pd.DataFrame, tmp_path: Path) -> None:
    model = Forecaster(6, units=8, steps=30, members=2, time_limit=1e-6, random_state=0).fit(hourly)
    assert model.stopped_ == (1, 30)
    assert model.history_[-1].stopped and len(model.history_) == 2
    model.save(tmp_path / "model")
    assert Forecaster.load(tmp_path / "model").stopped_ == (1, 30)
    model = Forecaster(6, units=8, steps=30, members=1, random_state=0).fit(hourly)
    assert model.stopped_ is None


@pytest.mark.parametrize("limit", [0, -1, True, "600", float("nan")])
def test_limits_out_of_range_are_refused(limit: object, hourly: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="time_limit must be seconds above 0, or None"):
        Forecaster(6, time_limit=limit).fit(hourly)  # type: ignore[arg-type]
