"""Fitting: train, stop by the validation span, calibrate the intervals, test, then train on all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from gatewise.lang.cell import Cell
from gatewise.tasks.forecast.baseline_choice import followed
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
    options, table, name = plan.options, plan.table, cell.name.upper()
    levels = tuple(sorted(options.levels))
    # a network is trained, and then another on all rows
    budget = Budget(options.time_limit, 2 * plan.choices.members)
    plan, store, spans = followed(plan)
    trainer = Trainer(options, options.learning_rate, seed, budget, run, progress)
    trained = Trainings(plan, cell, levels, trainer).trained(store, spans)
    cuts, judged = trained.report, trained.judged
    updater = StateUpdater(
        trained.networks,
        plan.choices.running,
        plan.baselines,
        trained.encoder,
        table.features,
        trained.effect,
    )
    model = Predictor(updater, trained.correction, plan.domains)
    measured_model = replace(model, correction=trained.judged_correction)
    targets = np.array([s.target for s in table.series])
    quantiles = measured_model.in_units(*trained.reported, targets[cuts.series])
    naive = naive_errors(table.series, plan.choices.seasons, plan.spans.stop)
    evaluation = leaderboard(store, cuts, naive, (name, quantiles, levels))
    compared = leaderboard(
        store,
        trained.stop,
        naive,
        (name, measured_model.in_units(*trained.validated, targets[trained.stop.series]), levels),
    )
    names = [b.name for b in plan.baselines]
    baseline = next(names.index(row.name) for row in evaluation if row.name in names)
    truth = store.actual(cuts.at, store.horizon)
    span = SpanForecasts(store, cuts, truth, quantiles, levels)
    ends = updater.start(table.series, table.clock)
    return Fitted(
        options=options,
        cell=cell,
        layout=table.layout,
        columns=(table.id, table.time, table.target),
        clock=table.clock,
        features=table.features,
        frame=library_of(table.frame),
        choices=replace(plan.choices, steps=judged.allowed),
        spans=plan.spans,
        baselines=plan.baselines,
        base=trained.base,
        encoder=trained.encoder,
        effect=trained.effect,
        networks=trained.networks,
        correction=trained.correction,
        steps=trained.steps,
        stopped=budget.stopped,
        evaluation=evaluation,
        validation={row.name: row.mae for row in compared},
        ends=ends,
        seen=dict(zip(ends.ids, map(int, ends.position), strict=True)),
        history=tuple(judged.history),
        paths=_paths(model, trained, store, levels),
        unfinished=judged.allowed if judged.still else None,
        shown=shown(judged.networks[0], span, plan, baseline),
        domains=plan.domains,
    )


def _paths(
    model: Predictor, trained: Trained, store: SeriesDataset, levels: Sequence[int]
) -> ErrorPaths | None:
    """How errors go on from step to step, on the windows of the validation and the calibration span."""
    windows = [(trained.stop, trained.validated), (trained.calibrate, trained.calibration)]
    return measured(
        np.concatenate([store.actual(cuts.at, store.horizon) for cuts, _ in windows]),
        np.concatenate([model.uncalibrated(*forecast) for _, forecast in windows]),
        np.concatenate([cuts.series for cuts, _ in windows]),
        levels,
    )
