"""Forecasting as a problem: shares make up the batch, windows are named, data are told apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from gatewise.errors import TrainingError
from gatewise.tasks import Forecaster
from gatewise.tasks.forecast.objective import ForecastProblem
from gatewise.tasks.training import trainer
from gatewise.tasks.training.loop import train
from gatewise.tasks.training.problem import Recipe


@pytest.fixture
def problem(hourly: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> ForecastProblem:
    """That of a real fit, caught on its way to the loop."""
    caught: list[ForecastProblem] = []

    def caught_instead(
        network: torch.nn.Module, problem: ForecastProblem, *rest: object, **how: object
    ) -> int:
        caught.append(problem)
        problem.network = network  # type: ignore[attr-defined]
        return 0

    monkeypatch.setattr(trainer, "train", caught_instead)
    Forecaster(6, units=8, steps=10, batch=9, members=1, random_state=0).fit(hourly)
    return caught[0]


def test_shares_of_processes_make_up_the_batch(problem: ForecastProblem) -> None:
    network = problem.network.eval()  # type: ignore[attr-defined]
    batch = problem.draw(np.random.default_rng(0))
    assert len(batch) == 9
    whole = problem.loss(network, problem.part(batch, 0, 1))
    for world in (2, 4, 12):
        shares = [problem.loss(network, problem.part(batch, r, world)) for r in range(world)]
        for k in range(2):
            torch.testing.assert_close(sum(s[k].float() for s in shares), whole[k].float())


def test_stretches_are_cut_where_they_should_be(
    problem: ForecastProblem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every 24th place up to the drawn cutoff; learned from after a warm-up or from a series' beginning."""
    batch = problem.draw(np.random.default_rng(0))
    at, used = problem._grid(batch)
    steps = at - problem.store.first[batch.series]
    for column, on in zip(steps.T, used.T, strict=True):
        row = column[: np.argmax(column) + 1]  # to the right of it is padding
        assert row[-1] in batch.at - problem.store.first[batch.series]
        assert np.all(np.diff(row) == 24)
        assert on[len(row) - 1] and not on[len(row) :].any()
        whole = len(row) < problem.stretches.length
        warm = 0 if whole or row[0] <= 24 else problem.stretches.length // 5
        expected = (np.arange(len(row)) >= warm) & (row >= problem.stretches.least)
        expected[-1] = True
        np.testing.assert_array_equal(on[: len(row)], expected)
    monkeypatch.setattr("gatewise.tasks.forecast.objective.MOST_LEARNED", 20)
    few = problem._grid(batch)[1]
    assert few.sum() == 20
    assert np.all(used[few])


def test_a_window_is_named(problem: ForecastProblem) -> None:
    batch = problem.draw(np.random.default_rng(0))
    one = problem.part(batch, 3, len(batch))
    row = int(one.at[0] - problem.store.first[one.series[0]])
    assert (
        problem.describe(one)
        == f"the stretch before value {row + 1} of series {'ab'[one.series[0]]!r}"
    )


def test_data_and_spans_have_fingerprints(problem: ForecastProblem) -> None:
    def mark(**changes: object) -> str:
        settings = {
            n: getattr(problem, n) for n in ("store", "cuts", "stretches", "probabilities", "names")
        }
        return ForecastProblem(**{**settings, "stop": problem.watched, **changes}).fingerprint()  # type: ignore[arg-type]

    before = mark()
    assert before == mark() == problem.fingerprint()
    assert before != mark(stop=problem.watched.take(slice(5)))
    assert before != mark(stretches=replace(problem.stretches, batch=8))
    problem.store.flat[problem.store.first[0]] += 1
    assert before != mark()


def test_a_loss_that_is_no_number_names_series_and_window(problem: ForecastProblem) -> None:
    problem.store.flat[problem.store.first[1] + 200] = 1e45  # files with such values are refused
    with pytest.raises(
        TrainingError, match=r"It began in .*the stretch before value \d+ of series 'b'"
    ):
        train(problem.network, problem, Recipe(20), until=20)  # type: ignore[attr-defined]
