"""``SequenceEstimator``: what the estimators of whole sequences share, whatever they learn."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

from gatewise.lang.cell import Cell
from gatewise.tasks.sequences.fitted import FittedSequences
from gatewise.tasks.sequences.options import SequenceOptions
from gatewise.tasks.sequences.plan import SequencePlan
from gatewise.tasks.sequences.planned_estimator import PlannedEstimator
from gatewise.tasks.sequences.scaling import for_answers
from gatewise.tasks.sequences.source import Source, read_source

F = TypeVar("F", bound=FittedSequences)
P = TypeVar("P", bound=SequencePlan)


class SequenceEstimator(PlannedEstimator[F, P, Source], Generic[F, P]):
    """An estimator of whole sequences: its arguments, and how its data are read."""

    options: ClassVar[type[SequenceOptions]] = SequenceOptions
    plan_type: ClassVar[type[Any]] = SequencePlan

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
        learning_rate: float | None = None,
        dropout: float = 0.4,
        noise: float = 0.3,
        patience: int = 10,
        id: str | None = None,
        order: str | None = None,
        label: str | list[str] | None = None,
        group: str | None = None,
        values: str | list[str] | None = None,
        missing: str | float | list[str | float] | None = None,
        wide: bool = False,
        pattern: str | None = None,
        rate: int | None = None,
        features: str | None = None,
        masking: bool = False,
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
        self.missing = missing
        self.wide = wide
        self.pattern = pattern
        self.rate = rate
        self.features = features
        self.masking = masking
        self.text = text
        self.device = device
        self.precision = precision
        self.time_limit = time_limit
        self.random_state = random_state

    def _source_of(self, X: Any, y: Any, options: Any, lengths: Any, groups: Any) -> Source:
        return read_source(X, y, options, lengths, groups)

    def _read(self, X: Any, y: Any = None, lengths: Any = None) -> tuple[F, Source]:
        fitted = self._fitted()
        options = for_answers(fitted.options, fitted.coding)
        return fitted, read_source(X, y, options, lengths, reading=fitted.reading)
