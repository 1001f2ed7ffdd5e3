"""A fit of an imputer: a plan that can be read before, then the trainings and what they show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gatewise.arrays import Floats
from gatewise.errors import some_of
from gatewise.lang.cell import Cell
from gatewise.tasks.impute.baselines import baselines
from gatewise.tasks.impute.figures import SHARES, ordered, row_of
from gatewise.tasks.impute.fitted import Fitted
from gatewise.tasks.impute.gaps import longest_gap
from gatewise.tasks.impute.options import Options
from gatewise.tasks.impute.problem import ImputeLearner, course_of, fill, hide
from gatewise.tasks.impute.report import Sample, shown
from gatewise.tasks.impute.season import season_of
from gatewise.tasks.sequences.fitted_networks import common_fields
from gatewise.tasks.sequences.scaling import Scaler
from gatewise.tasks.steps.choices import choices_of
from gatewise.tasks.steps.fitting import Fitting
from gatewise.tasks.steps.plan import MeasurementsPlan, measurements_of, plan_fields
from gatewise.tasks.steps.source import StepSource
from gatewise.tasks.training.trainer import Progress

RESIDUALS = 5_000  # that are kept for intervals


@dataclass(frozen=True, kw_only=True)
class ImputerPlan(MeasurementsPlan):
    """What ``fit`` will do: fill gaps of up to ``block`` steps in data with this season (1: none)."""

    options: Options
    season: int
    block: int

    @property
    def delay(self) -> int | None:
        return None

    def describe_target(self) -> list[str]:
        missing = np.isnan(self.data.values)
        season = f"a season of {self.season} steps" if self.season > 1 else "no season"
        return [
            f"values   {some_of(self.data.channels, 8)}; {100 * missing.mean():.2g} % are missing",
            f"gaps     10 to 50 % of the values are removed, in blocks of 1 to {self.block} steps; {season}",
        ]


def plan_of(source: StepSource, options: Options, seed: int) -> ImputerPlan:
    """Plan a fit. Raises InputError for tokens, channels without values, and too few steps."""
    data = measurements_of(source, "values are filled in among numbers")
    choices = choices_of(data, options, patch=1)
    known = np.asarray(~np.isnan(data.values).all(1))
    strata = np.zeros(len(data), dtype=np.int64)
    return ImputerPlan(
        **plan_fields(source, options, choices, known, strata, two_sided=True, seed=seed),
        season=options.season or season_of(data),
        block=options.block or longest_gap(data.values, max(2, choices.window // 3)),
    )


def fit(
    plan: ImputerPlan, cell: Cell, seed: int, run: Path | None, progress: Progress | None
) -> Fitted:
    """Carry out a plan. Raises TrainingError, and InputError for a run folder of another training."""
    data, options = plan.data, plan.options
    learner = ImputeLearner(data, cell, plan.choices, options, plan.season, plan.block)
    fitting = Fitting.of(plan, learner, seed, run, progress)
    trained = fitting.trained()
    name = cell.name.upper()
    errors: dict[str, list[list[Floats]]] = {}
    ratios: list[Floats] = []
    samples: list[Sample] = []
    for judged in trained.judged:
        assert isinstance(judged.coding, Scaler)
        profile = learner.profile(judged.coding, judged.rotation.train)
        course = course_of(data, judged.coding, profile)
        spans = judged.rotation.test
        for k, share in enumerate(SHARES):
            hidden = hide(course, spans, plan.block, 1 + k, share)
            held = hidden & ~np.isnan(course.scaled)
            said, scale = fill(course, [judged.network], spans, hidden)
            ways = {name: said} | baselines(course, spans, hidden, plan.season)
            for way, values in ways.items():
                rows = errors.setdefault(way, [[] for _ in SHARES])
                rows[k].append((values - course.scaled)[held])
            ratios.append((np.abs(said - course.scaled) / scale)[held])
            if share == SHARES[1]:
                samples.append(Sample(course, spans, hidden, said, scale, judged.coding))
    evaluation = ordered(
        [row_of(way, [np.concatenate(parts) for parts in rows]) for way, rows in errors.items()]
    )
    assert isinstance(trained.coding, Scaler)
    residuals = thinned(np.sort(np.concatenate(ratios)))
    return Fitted(
        evaluation=evaluation,
        season=plan.season,
        block=plan.block,
        profile=learner.profile(trained.coding, fitting.everything),
        residuals=residuals,
        notes=tuple(plan.copies.remarks()),
        shown=shown(plan.describe(), plan.source, samples, residuals),
        **common_fields(plan, cell, trained),
    )


def thinned(values: Floats) -> Floats:
    """Ascending values, at most ``RESIDUALS`` of them, evenly by rank; the largest stay."""
    if len(values) <= RESIDUALS:
        return values
    ranks = np.linspace(0, len(values) - 1, RESIDUALS)
    return np.asarray(values[np.ceil(ranks).astype(np.int64)])
