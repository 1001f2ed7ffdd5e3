"""Fitting: train, stop by the validation span, calibrate the intervals, test, then train on all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from gatewise.lang.cell import Cell
from gatewise.tasks.forecast.baseline_choice import BaselineChoice, choose_baseline
from gatewise.tasks.forecast.config import FitPlan
from gatewise.tasks.forecast.dataset import SeriesDataset
from gatewise.tasks.forecast.error_paths import ErrorPaths, measured
from gatewise.tasks.forecast.fitted import Fitted
from gatewise.tasks.forecast.frames import library_of
from gatewise.tasks.forecast.leaderboard import leaderboard, naive_errors
from gatewise.tasks.forecast.predictor import Predictor
from gatewise.tasks.forecast.report.collect import SpanForecasts, shown
from gatewise.tasks.forecast.state_updater import StateUpdater
from gatewise.tasks.forecast.trainings import Trained, Trainings
from gatewise.tasks.training.time_budget import Budget
from gatewise.tasks.training.trainer import Progress, Trainer


def fit(
    plan: FitPlan,
    cell: Cell,
    seed: int,
    run: Path | None = None,
    progress: Progress | None = None,
) -> Fitted:
    """Carry out a plan: train, measure, calibrate, train on all rows.

    Args:
        plan: what to do with which table.
        cell: of the networks.
        seed: the seed of the random numbers.
        run: a folder for the state of training; None: nothing is written.
        progress: is called with the stage, the step and the loss.

    Raises InputError for series that are too short or a run folder of another training, TrainingError.
    """
    options = plan.options
    levels = tuple(sorted(options.levels))
    # a network is trained, and then another on all rows
    budget = Budget(options.time_limit, 2 * plan.choices.members)
    trainer = Trainer(options, options.learning_rate, seed, budget, run, progress)
    choice = choose_baseline(plan)
    trainings = Trainings(choice.plan, choice.base, cell, levels, trainer)
    trained = trainings.trained(choice.store, choice.cutoffs)
    return _measured(choice, cell, levels, trained, budget.stopped)


def _measured(
    choice: BaselineChoice,
    cell: Cell,
    levels: tuple[int, ...],
    trained: Trained,
    stopped: tuple[int, int] | None,
) -> Fitted:
    """The record of a fit: what was trained, its errors beside those of the baselines, and the state at the end."""
    plan, store, judged = choice.plan, choice.store, trained.judged
    table, name = plan.table, cell.name.upper()
    updater = StateUpdater(
        trained.networks,
        plan.choices.running,
        plan.baselines,
        trained.encoder,
        table.features,
        trained.effect,
    )
    final = Predictor(updater, trained.correction, plan.domains)
    # errors are those of the networks that had not seen the test span
    tested = replace(final, correction=trained.judged_correction)
    targets = np.array([s.target for s in table.series])
    naive = naive_errors(table.series, plan.choices.seasons, plan.spans.stop)
    test, validation = (
        tested.in_units(span.quantiles, span.ahead, targets[span.cuts.series])
        for span in (trained.test, trained.validation)
    )
    cuts = trained.test.cuts
    evaluation = leaderboard(store, cuts, naive, (name, test, levels))
    compared = leaderboard(store, trained.validation.cuts, naive, (name, validation, levels))
    names = [b.name for b in plan.baselines]
    best_baseline = next(names.index(row.name) for row in evaluation if row.name in names)
    span = SpanForecasts(store, cuts, store.actual(cuts.at, store.horizon), test, levels)
    ends = updater.start(table.series, table.clock)
    return Fitted(
        options=plan.options,
        cell=cell,
        layout=table.layout,
        columns=(table.id, table.time, table.target),
        clock=table.clock,
        features=table.features,
        frame=library_of(table.frame),
        choices=replace(plan.choices, steps=judged.allowed),
        spans=plan.spans,
        baselines=plan.baselines,
        base=choice.base,
        encoder=trained.encoder,
        effect=trained.effect,
        networks=trained.networks,
        correction=trained.correction,
        steps=trained.steps,
        stopped=stopped,
        evaluation=evaluation,
        validation={row.name: row.mae for row in compared},
        ends=ends,
        seen=dict(zip(ends.ids, map(int, ends.position), strict=True)),
        history=tuple(judged.history),
        paths=_paths(final, trained, store, levels),
        unfinished=judged.allowed if judged.improving else None,
        shown=shown(judged.networks[0], span, plan, best_baseline),
        domains=plan.domains,
    )


def _paths(
    model: Predictor, trained: Trained, store: SeriesDataset, levels: Sequence[int]
) -> ErrorPaths | None:
    """How errors are correlated from step to step, on the windows of the validation and the calibration span."""
    spans = (trained.validation, trained.calibration)
    return measured(
        np.concatenate([store.actual(span.cuts.at, store.horizon) for span in spans]),
        np.concatenate([model.uncalibrated(span.quantiles, span.ahead) for span in spans]),
        np.concatenate([span.cuts.series for span in spans]),
        levels,
    )
