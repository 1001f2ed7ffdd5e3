"""Whether to use a classifier, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from gatewise.tasks.classify.fitted import Fitted
from gatewise.tasks.sequences.class_figures import Row
from gatewise.tasks.sequences.verdict import verdict_on


def compared(rows: Sequence[Row], name: str) -> str:
    """How the network of that name did beside the best baseline; ``rows`` are best first."""
    return verdict_on(
        rows, name, "unseen sequences", lambda row: f"{100 * row.accuracy:.1f} % right"
    )


def verdict(fitted: Fitted) -> str:
    """The same for a fitted model."""
    return compared(fitted.evaluation, fitted.name)
