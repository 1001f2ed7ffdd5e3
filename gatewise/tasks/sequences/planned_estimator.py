"""``PlannedEstimator``: what the estimators of sequences share, whatever they learn of a sequence or of its steps."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

from sklearn.utils import check_random_state

from gatewise.lang.cell import Cell
from gatewise.tasks.estimator import Estimator
from gatewise.tasks.options import EstimatorOptions
from gatewise.tasks.sequences.options import cell_of
from gatewise.tasks.training.trainer import Progress

F = TypeVar("F")
P = TypeVar("P")
S = TypeVar("S")


class PlannedEstimator(Estimator[F], Generic[F, P, S]):
    """The way from data to a source of the type ``S``, to a plan ``P`` and to the record of a fit ``F``.

    Attributes:
        options: the class of its options.
        plan_type: the class of its plans, which ``fit`` takes in the place of data.
    """

    options: ClassVar[type[EstimatorOptions]]
    plan_type: ClassVar[type[Any]]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = True
        return tags

    # --- what a subclass says -------------------------------------------------------------------

    @abstractmethod
    def _source_of(self, X: Any, y: Any, options: Any, lengths: Any, groups: Any) -> S:
        """The data of a fit. Raises InputError for what cannot be read."""

    @abstractmethod
    def _plan_of(self, source: S, options: Any, seed: int) -> P:
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
                long table (with ``id``), or the path of one. Estimators of whole sequences also take
                sounds (with ``rate``), and the path of a ``.ts`` file, a sound, or a folder of sounds or texts.
            y: [N] what is to be learned: a class or a value of each sequence, or an array for each with what
                is said of its steps; None where the table or the file has it, or nothing is said.
            lengths: [N] the steps that count, for sequences in one array.
            groups: [N] whose sequences stay in one part.
            progress: is called with the stage, the step and the loss now and then.
            run: a folder for the state of training. An interrupted fit resumes from it.

        Raises:
            InputError: for sequences, labels or values that cannot be read, an option out of range, or a run
                folder of another training.
            CellError: for an unknown cell.
            TrainingError: where the loss stops being a number.
        """
        seed = self._seed()
        plan = X if isinstance(X, self.plan_type) else self._plan(X, y, lengths, groups, seed)
        folder = None if run is None else Path(run)
        self.fitted_ = self._fit(plan, cell_of(self.cell), seed, folder, progress)
        return self

    def _plan(self, X: Any, y: Any, lengths: Any, groups: Any, seed: int) -> P:
        options = self.options.of(self.get_params(deep=False))
        cell_of(self.cell)
        return self._plan_of(self._source_of(X, y, options, lengths, groups), options, seed)

    def _seed(self) -> int:
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    # --- what follows a fit ---------------------------------------------------------------------

    @classmethod
    def _restored(cls, folder: Path) -> Self:
        fitted: Any = cls._load(folder)
        model = cls(cell=fitted.cell, **fitted.options.arguments)
        model.fitted_ = fitted
        return model
