"""A fit of a detector: a plan that can be read before, then the trainings and what they show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gatewise.arrays import Bools, Floats
from gatewise.errors import InputError, some_of
from gatewise.lang.cell import Cell
from gatewise.tasks.anomaly.figures import Row, row_of
from gatewise.tasks.anomaly.fitted import Fitted, residuals_of, shifted
from gatewise.tasks.anomaly.options import Options
from gatewise.tasks.anomaly.page import shown
from gatewise.tasks.anomaly.scores import highest_usual, ranked, scores_of, usual_errors
from gatewise.tasks.anomaly.target import AheadTarget
from gatewise.tasks.sequences.fitted_networks import common_fields
from gatewise.tasks.sequences.ragged import Measurements
from gatewise.tasks.sequences.scaling import Scaler
from gatewise.tasks.steps.choices import choices_of
from gatewise.tasks.steps.fitting import Fitting, StepLearner
from gatewise.tasks.steps.plan import MeasurementsPlan, measurements_of, plan_fields
from gatewise.tasks.steps.source import StepSource
from gatewise.tasks.steps.windows import Spans
from gatewise.tasks.training.trainer import Progress

PLACES = 10  # that are ranked
LAST, MEAN = "last value", "mean"


@dataclass(frozen=True, kw_only=True)
class DetectorPlan(MeasurementsPlan):
    """What ``fit`` will do: forecast the steps that are ``quiet``, and compare."""

    options: Options
    quiet: Bools

    @property
    def delay(self) -> int | None:
        return 0

    def describe_target(self) -> list[str]:
        share = 100 * float(self.quiet.mean())
        quiet = (
            "all steps are taken for quiet"
            if share == 100
            else f"{share:.3g} % of the steps are quiet"
        )
        return [
            f"values   {some_of(self.data.channels, 8)}",
            f"quiet    {quiet}: they train, and set the threshold; the score is the error of a forecast "
            f"{self.options.ahead} step{'s' if self.options.ahead > 1 else ''} ahead",
        ]


def plan_of(source: StepSource, options: Options, seed: int) -> DetectorPlan:
    """Plan a fit. Raises InputError for tokens, channels without values, and too few quiet steps."""
    data = measurements_of(source, "anomalies are looked for among numbers")
    quiet = _quiet(source, options)
    choices = choices_of(data, options, patch=1)
    target = AheadTarget.of(data.values, data.starts, options.ahead, quiet)
    strata = np.zeros(len(data), dtype=np.int64)
    return DetectorPlan(
        **plan_fields(source, options, choices, target.known, strata, two_sided=False, seed=seed),
        quiet=quiet,
    )


def _quiet(source: StepSource, options: Options) -> Bools:
    """[S] steps that are taken for normal: those of the span that was named, without those labelled otherwise."""
    starts = source.sequences.starts
    quiet = np.ones(starts[-1], dtype=bool)
    if options.quiet is not None:
        step = np.arange(starts[-1]) - np.repeat(starts[:-1], np.diff(starts))
        quiet = (step >= options.quiet[0]) & (step < options.quiet[1])
    if source.y is not None:
        quiet &= ~truth_of(source.y)
    if not quiet.any():
        raise InputError("no step is quiet: there is nothing to learn from")
    return quiet


def truth_of(y: NDArray[np.generic]) -> Bools:
    """[S] whether a step belongs to an anomaly. Raises InputError for labels other than 0 and 1."""
    try:
        values = np.asarray(y).astype(np.float64).reshape(len(y), -1)[:, 0]
    except (TypeError, ValueError):
        raise InputError("labels of anomalies are 0 and 1, or truth values") from None
    known = values[~np.isnan(values)]
    if not np.isin(known, (0, 1)).all():
        raise InputError("labels of anomalies are 0 and 1, or truth values")
    return np.asarray(values == 1)


def fit(
    plan: DetectorPlan, cell: Cell, seed: int, run: Path | None, progress: Progress | None
) -> Fitted:
    """Carry out a plan. Raises TrainingError, and InputError for a run folder of another training."""
    data, options = plan.data, plan.options
    # the target has to be the same for all parts, so it is standardised by all quiet steps
    scaler = Scaler.of(data.take_steps(np.flatnonzero(plan.quiet)))
    scaled = (data.values - np.array(scaler.mean)) / np.array(scaler.scale)
    target = AheadTarget.of(scaled, data.starts, options.ahead, plan.quiet)
    learner = _Learner(data, target, cell, plan.choices, options, 0, scaler)
    trained = Fitting.of(plan, learner, seed, run, progress).trained()

    residuals = np.full(scaled.shape, np.nan)
    judging = np.zeros(len(scaled), dtype=bool)
    tested = np.zeros(len(scaled), dtype=bool)
    for judged in trained.judged:
        errors = residuals_of(data, scaler, (judged.network,), options.ahead)
        for part in (judged.rotation.validation, judged.rotation.test):
            steps = part.places()
            residuals[steps] = errors[steps]
            judging[steps] = True
        tested[judged.rotation.test.places()] = True
    judging &= plan.quiet
    usual = usual_errors(residuals[judging])
    quiet_scores = scores_of(residuals, usual, data.starts, options.smooth)[judging]
    threshold = highest_usual(quiet_scores) * options.margin
    evaluation = _forecasts(
        cell.name.upper(), scaled, residuals, data, tested & plan.quiet, options
    )
    shipped = residuals_of(data, scaler, trained.networks, options.ahead)
    scores = scores_of(shipped, usual, data.starts, options.smooth)
    places = ranked(scores, data.starts, threshold, PLACES)
    return Fitted(
        evaluation=evaluation,
        usual=tuple(map(float, usual)),
        threshold=threshold,
        quiet_steps=int(judging.sum()),
        places=places,
        notes=tuple(plan.copies.remarks()),
        shown=shown(plan.describe(), plan.source, scores, threshold, places),
        **common_fields(plan, cell, trained),
    )


@dataclass(frozen=True)
class _Learner(StepLearner):
    """A learner whose values are read in one way in all parts."""

    scaler: Scaler

    def coding(self, train: Spans) -> Scaler:
        return self.scaler


def _forecasts(
    name: str,
    scaled: Floats,
    residuals: Floats,
    data: Measurements,
    tested: Bools,
    options: Options,
) -> list[Row]:
    """Figures of the forecast and of its baselines on the quiet steps of the test parts, best first."""
    last = shifted(scaled, scaled, data.starts, options.ahead)
    rows = [
        row_of(name, residuals[tested]),
        row_of(LAST, last[tested]),
        row_of(MEAN, scaled[tested]),
    ]
    return sorted(rows, key=lambda row: row.mae)
