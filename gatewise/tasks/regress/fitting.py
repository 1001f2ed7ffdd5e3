"""A fit of a regressor: a plan that can be read before, then the trainings and what they show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gatewise.lang.cell import Cell
from gatewise.tasks.regress.baselines import baseline_rows
from gatewise.tasks.regress.fitted import Fitted
from gatewise.tasks.regress.options import Options
from gatewise.tasks.regress.report.facts import Shown
from gatewise.tasks.regress.target import ValueTarget
from gatewise.tasks.regress.values import Values, deviations, read_values
from gatewise.tasks.sequences.choices import choices_of
from gatewise.tasks.sequences.fitted import shared_fields
from gatewise.tasks.sequences.fitting import Fitting
from gatewise.tasks.sequences.leaks import tells_value
from gatewise.tasks.sequences.plan import SequencePlan
from gatewise.tasks.sequences.ragged import digests
from gatewise.tasks.sequences.source import Source, check_labelled
from gatewise.tasks.sequences.splits import copies, note_few, split
from gatewise.tasks.sequences.value_figures import ordered, row_of
from gatewise.tasks.training.trainer import Progress

STRATA = 10  # ranges of the values that parts share evenly


@dataclass(frozen=True, kw_only=True)
class RegressorPlan(SequencePlan):
    """What ``fit`` will do: learn these values."""

    values: Values

    def describe_target(self) -> list[str]:
        return self.values.describe()


def plan_of(source: Source, options: Options, seed: int) -> RegressorPlan:
    """Plan a fit. Raises InputError for values that are missing or none, or too few sequences."""
    check_labelled(source)
    values = read_values(source.y, len(source.sequences), options.labels)
    seen = digests(source.sequences)
    choices = choices_of(source.sequences, options)
    numbers = values.numbers
    size = ((numbers - numbers.mean(0)) / deviations(numbers)).sum(1)
    ranks = np.argsort(np.argsort(size, kind="stable"), kind="stable")
    strata = ranks * min(STRATA, max(1, len(size) // 5)) // len(size)
    _, codes = np.unique(numbers, axis=0, return_inverse=True)
    return RegressorPlan(
        source=source,
        values=values,
        options=options,
        choices=choices,
        rotations=tuple(split(strata, seen, source.groups, choices.folds, seed)),
        copies=copies(seen, codes.astype(np.int64), source.groups),
        seen=seen,
    )


def fit(
    plan: RegressorPlan, cell: Cell, seed: int, run: Path | None, progress: Progress | None
) -> Fitted:
    """Carry out a plan. Raises TrainingError, and InputError for a run folder of another training."""
    data, values = plan.source.sequences, plan.values.numbers
    target = ValueTarget.of(values)
    trained = Fitting(
        data,
        target,
        plan.rotations,
        cell,
        plan.choices,
        plan.options,
        seed,
        run,
        progress,
        plan.source.reading.masking(plan.options.masking),
    ).trained()
    tested = np.concatenate([r.test for r in plan.rotations])
    truth = values[tested]
    answer = np.concatenate([target.unscaled(judged.test) for judged in trained.judged])
    unit = plan.values.unit
    others, notes = baseline_rows(data, values / unit, plan.rotations)
    notes = [*filter(None, [tells_value(data, values)]), *notes]
    data_lines, model_lines = trained.summary(plan.describe(), ("values",))
    return Fitted(
        names=() if plan.values.single else plan.values.names,
        mean=tuple(map(float, target.mean)),
        scale=tuple(map(float, target.scale)),
        residuals=np.sort(np.abs(answer - truth), axis=0).T,
        evaluation=ordered([row_of(cell.name.upper(), truth / unit, answer / unit), *others]),
        notes=(*plan.copies.remarks(), *note_few(tested), *notes),
        shown=Shown(truth / unit, answer / unit, data.lengths[tested], data_lines, model_lines),
        **shared_fields(plan, cell, trained),
    )
