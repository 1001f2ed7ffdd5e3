"""``StepEstimator``: what the estimators at every step share, whatever they learn."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from gatewise.lang.cell import Cell
from gatewise.tasks.estimator import Estimator
from gatewise.tasks.sequences.fitting import Progress
from gatewise.tasks.sequences.options import cell_of
from gatewise.tasks.steps.fitted import FittedSteps
from gatewise.tasks.steps.options import StepOptions
from gatewise.tasks.steps.plan import StepPlan
from gatewise.tasks.steps.source import StepSource, read_steps

F = TypeVar("F", bound=FittedSteps)
P = TypeVar("P", bound=StepPlan)


class StepEstimator(Estimator[F], Generic[F, P]):
    """An estimator at every step: the way from data to a plan and a fit.

    Attributes:
        options: the class of its options.
    """

    options: ClassVar[type[StepOptions]]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = True
        return tags

    # --- what a subclass says -------------------------------------------------------------------

    @abstractmethod
    def _plan_of(self, source: StepSource, options: Any, seed: int) -> P:
        """Plan a fit on these sequences. Raises InputError for what cannot be learned."""

    @abstractmethod
    def _fit(
        self, plan: P, cell: Cell, seed: int, run: Path | None, progress: Progress | None
    ) -> F:
        """Carry out a plan."""

    @classmethod
    @abstractmethod
    def _load(cls, folder: Path) -> F:
        """The record of a saved model. Raises InputError if it is damaged, changed or too new."""

    # --- training -------------------------------------------------------------------------------

    def plan(self, X: Any, y: Any = None, *, lengths: Any = None, groups: Any = None) -> P:
        """What ``fit`` would do; nothing is trained. Raises InputError as ``fit`` does."""
        return self._plan(X, y, lengths, groups, self._seed())

    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        lengths: Any = None,
        groups: Any = None,
        progress: Progress | None = None,
        run: str | Path | None = None,
    ) -> Self:
        """Train on sequences.

        Args:
            X: a list of arrays [T, C] or [T], an array [N, T, C] or [N, T], a list of texts or of tokens, a
                long table, or the path of one.
            y: [N] arrays with what is said of each step; None where the table has it, or nothing is said.
            lengths: [N] the steps that count, for sequences in one array.
            groups: [N] whose sequences stay in one part.
            progress: is called with the stage, the step and the loss now and then.
            run: a folder for the state of training. A fit that was interrupted goes on from there.

        Raises:
            InputError: for sequences or labels that cannot be read, an option out of range, or a run folder
                of another training.
            CellError: for an unknown cell.
            TrainingError: where the loss stops being a number.
        """
        seed = self._seed()
        plan: P = (
            X if isinstance(X, StepPlan) else self._plan(X, y, lengths, groups, seed)  # type: ignore[assignment]
        )
        folder = None if run is None else Path(run)
        self.fitted_ = self._fit(plan, cell_of(self.cell), seed, folder, progress)
        return self

    def _plan(self, X: Any, y: Any, lengths: Any, groups: Any, seed: int) -> P:
        options = self.options.of(self.get_params(deep=False))
        cell_of(self.cell)
        return self._plan_of(
            read_steps(X, y, options, lengths=lengths, groups=groups), options, seed
        )

    def _seed(self) -> int:
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    # --- what follows a fit ---------------------------------------------------------------------

    def _source(self, X: Any, y: Any = None, lengths: Any = None) -> tuple[F, StepSource]:
        fitted = self._fitted()
        return fitted, read_steps(X, y, fitted.options, lengths=lengths)

    @classmethod
    def _restored(cls, folder: Path) -> Self:
        fitted = cls._load(folder)
        model = cls(cell=fitted.cell, **fitted.options.arguments)
        model.fitted_ = fitted
        return model


def parts_of(array: NDArray[Any], source: StepSource) -> list[NDArray[Any]]:
    """An array of all steps as one for each sequence."""
    return np.split(array, source.sequences.starts[1:-1])
