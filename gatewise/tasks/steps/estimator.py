"""``StepEstimator``: what the estimators at every step share, whatever they learn."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

import numpy as np

from gatewise.arrays import Array
from gatewise.tasks.sequences.planned_estimator import PlannedEstimator
from gatewise.tasks.sequences.scaling import for_answers
from gatewise.tasks.steps.fitted import FittedSteps
from gatewise.tasks.steps.options import StepOptions
from gatewise.tasks.steps.plan import StepPlan
from gatewise.tasks.steps.source import StepSource, read_steps

F = TypeVar("F", bound=FittedSteps)
P = TypeVar("P", bound=StepPlan)


class StepEstimator(PlannedEstimator[F, P, StepSource], Generic[F, P]):
    """An estimator at every step: how its data are read."""

    options: ClassVar[type[StepOptions]]
    plan_type: ClassVar[type[Any]] = StepPlan

    def _source_of(self, X: Any, y: Any, options: Any, lengths: Any, groups: Any) -> StepSource:
        return read_steps(X, y, options, lengths=lengths, groups=groups)

    def _source(self, X: Any, y: Any = None, lengths: Any = None) -> tuple[F, StepSource]:
        fitted = self._fitted()
        options = for_answers(fitted.options, fitted.coding)
        return fitted, self._source_of(X, y, options, lengths, None)


def parts_of(array: Array, source: StepSource) -> list[Array]:
    """An array of all steps as one for each sequence."""
    return np.split(array, source.sequences.starts[1:-1])
