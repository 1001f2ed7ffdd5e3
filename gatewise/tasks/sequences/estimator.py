"""``SequenceEstimator``: what the estimators of whole sequences share, whatever they learn."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

from sklearn.utils import check_random_state

from gatewise.lang.cell import Cell
from gatewise.tasks.estimator import Estimator
from gatewise.tasks.sequences.fitted import FittedSequences
from gatewise.tasks.sequences.fitting import Progress
from gatewise.tasks.sequences.options import SequenceOptions, cell_of
from gatewise.tasks.sequences.plan import SequencePlan
from gatewise.tasks.sequences.source import Source, read_source

F = TypeVar("F", bound=FittedSequences)
P = TypeVar("P", bound=SequencePlan)


class SequenceEstimator(Estimator[F], Generic[F, P]):
    """An estimator of whole sequences: its arguments, and the way from data to a plan and a fit.

    Attributes:
        options: the class of its options.
    """

    options: ClassVar[type[SequenceOptions]] = SequenceOptions

    def __init__(
        self,
        cell: str | Cell = "lstm",
        *,
        streaming: bool = False,
        pooling: str | None = None,
        tokens: bool | None = None,
        patch: int | None = None,
        units: int | None = None,
        steps: int | None = None,
        batch: int | None = None,
        members: int | None = None,
        folds: int | None = None,
        learning_rate: float = 5e-3,
        dropout: float = 0.4,
        noise: float = 0.3,
        patience: int = 10,
        id: str | None = None,
        order: str | None = None,
        label: str | None = None,
        group: str | None = None,
        values: str | list[str] | None = None,
        pattern: str | None = None,
        rate: int | None = None,
        features: str | None = None,
        masking: bool = True,
        text: str | None = None,
        device: str = "cpu",
        precision: str = "32-true",
        time_limit: float | None = 600,
        random_state: Any = None,
    ) -> None:
        self.cell = cell
        self.streaming = streaming
        self.pooling = pooling
        self.tokens = tokens
        self.patch = patch
        self.units = units
        self.steps = steps
        self.batch = batch
        self.members = members
        self.folds = folds
        self.learning_rate = learning_rate
        self.dropout = dropout
        self.noise = noise
        self.patience = patience
        self.id = id
        self.order = order
        self.label = label
        self.group = group
        self.values = values
        self.pattern = pattern
        self.rate = rate
        self.features = features
        self.masking = masking
        self.text = text
        self.device = device
        self.precision = precision
        self.time_limit = time_limit
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = True
        return tags

    # --- what a subclass says -------------------------------------------------------------------

    @abstractmethod
    def _plan_of(self, source: Source, options: Any, seed: int) -> P:
        """Plan a fit on these sequences. Raises InputError for targets that cannot be learned."""

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
                long table (with ``id``), sounds (with ``rate``), or the path of a ``.ts`` file, a table, a
                sound, or a folder of sounds or texts.
            y: [N] what is to be learned: for classes texts or whole numbers, for values numbers; None where
                the table or the file has it.
            lengths: [N] the steps that count, for sequences in one array.
            groups: [N] whose sequences stay in one part.
            progress: is called with the stage, the step and the loss now and then.
            run: a folder for the state of training. A fit that was interrupted goes on from there.

        Raises:
            InputError: for sequences, labels or values that cannot be read, an option out of range, or a run
                folder of another training.
            CellError: for an unknown cell.
            TrainingError: where the loss stops being a number.
        """
        seed = self._seed()
        plan: P = (
            X if isinstance(X, SequencePlan) else self._plan(X, y, lengths, groups, seed)  # type: ignore[assignment]
        )
        folder = None if run is None else Path(run)
        self.fitted_ = self._fit(plan, cell_of(self.cell), seed, folder, progress)
        return self

    def _plan(self, X: Any, y: Any, lengths: Any, groups: Any, seed: int) -> P:
        options = self.options.of(self.get_params(deep=False))
        cell_of(self.cell)
        return self._plan_of(read_source(X, y, options, lengths, groups), options, seed)

    def _seed(self) -> int:
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    # --- what follows a fit ---------------------------------------------------------------------

    def _read(self, X: Any, y: Any = None, lengths: Any = None) -> tuple[F, Source]:
        fitted = self._fitted()
        return fitted, read_source(X, y, fitted.options, lengths, reading=fitted.reading)

    @classmethod
    def _restored(cls, folder: Path) -> Self:
        fitted = cls._load(folder)
        model = cls(cell=fitted.cell, **fitted.options.arguments)
        model.fitted_ = fitted
        return model
