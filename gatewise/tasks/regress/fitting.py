"""A fit of a regressor: a plan that can be read before, then the trainings and what they show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import column_or_1d

from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.tasks.regress.baselines import baseline_rows
from gatewise.tasks.regress.fitted import Fitted
from gatewise.tasks.regress.report.facts import Shown
from gatewise.tasks.regress.target import ValueTarget
from gatewise.tasks.sequences.choices import choices_of
from gatewise.tasks.sequences.fitted import shared_fields
from gatewise.tasks.sequences.fitting import Fitting, Progress
from gatewise.tasks.sequences.options import SequenceOptions
from gatewise.tasks.sequences.plan import SequencePlan
from gatewise.tasks.sequences.ragged import digests
from gatewise.tasks.sequences.source import Source
from gatewise.tasks.sequences.splits import copies, split
from gatewise.tasks.sequences.value_figures import ordered, row_of

Floats = NDArray[np.float64]
STRATA = 10  # ranges of the values that parts share evenly


@dataclass(frozen=True, kw_only=True)
class Plan(SequencePlan):
    """What ``fit`` will do: learn these values."""

    values: Floats

    def describe_target(self) -> list[str]:
        values = self.values
        return [f"values   from {values.min():.4g} to {values.max():.4g}, mean {values.mean():.4g}"]


def plan_of(source: Source, options: SequenceOptions, seed: int) -> Plan:
    """Plan a fit. Raises InputError for values that are missing or none, or too few sequences."""
    values = read_values(source.y, len(source.sequences))
    seen = digests(source.sequences)
    choices = choices_of(source.sequences, options)
    ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    strata = ranks * min(STRATA, max(1, len(values) // 5)) // len(values)
    _, codes = np.unique(values, return_inverse=True)
    return Plan(
        source=source,
        values=values,
        options=options,
        choices=choices,
        rotations=tuple(split(strata, seen, source.groups, choices.folds, seed)),
        copies=copies(seen, codes.astype(np.int64), source.groups),
        seen=seen,
    )


def read_values(y: Any, count: int) -> Floats:
    """[N] numbers. Raises InputError for missing, infinite and other values."""
    if y is None:
        raise InputError(
            "this SequenceRegressor requires y to be passed, but the target y is None: give values, or "
            "name the column of a table with label="
        )
    column = column_or_1d(np.asarray(y), warn=True)
    try:
        if column.dtype.kind == "c":
            raise TypeError("Complex data not supported")
        values = column.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"the values to learn are no numbers: {error!s:.120}") from None
    if len(values) != count:
        raise InputError(
            f"there are {count} sequences and {len(values)} values: inconsistent numbers of samples"
        )
    wrong = ~np.isfinite(values)
    if wrong.any():
        k = int(np.argmax(wrong))
        what = "missing (NaN)" if np.isnan(values[k]) else "infinite (inf)"
        raise InputError(
            f"the value of sequence {k} is {what}: leave {int(wrong.sum())} such sequences out"
        )
    return np.asarray(values)


def fit(plan: Plan, cell: Cell, seed: int, run: Path | None, progress: Progress | None) -> Fitted:
    """Carry out a plan. Raises TrainingError, and InputError for a run folder of another training."""
    data, values = plan.source.sequences, plan.values
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
    others, notes = baseline_rows(data, values, plan.rotations)
    data_lines, model_lines = trained.summary(plan.describe(), ("data", "values", "copies"))
    return Fitted(
        mean=target.mean,
        scale=target.scale,
        residuals=np.sort(np.abs(answer - truth)),
        evaluation=ordered([row_of(cell.name.upper(), truth, answer), *others]),
        notes=(*plan.copies.describe(), *notes),
        shown=Shown(truth, answer, data.lengths[tested], data_lines, model_lines),
        **shared_fields(plan, cell, trained),
    )
