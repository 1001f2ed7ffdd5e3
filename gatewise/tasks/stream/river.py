"""``StreamClassifier`` as an estimator of river, for its pipelines, metrics and drift detectors (``pip install river``)."""

from __future__ import annotations

from river import base

from gatewise.tasks.stream.classifier import StreamClassifier


class RiverClassifier(StreamClassifier, base.Classifier):  # type: ignore[misc]
    """A recurrent network that learns from a stream step by step, its state carried.

    Args:
        cell: a name of the catalogue.
        units: of the recurrence.
        window: steps that are learned from at each step.
        learning_rate: of AdamW.
        seed: of the first weights.

    Example:
        ``evaluate.progressive_val_score(stream, RiverClassifier(), metrics.Accuracy())``
    """

    def __init__(
        self,
        cell: str = "lstm",
        units: int = 32,
        window: int = 8,
        learning_rate: float = 5e-3,
        seed: int = 0,
    ) -> None:
        super().__init__(cell, units, window, learning_rate, seed)

    @property
    def _multiclass(self) -> bool:
        return True
