"""Whether to use a classifier, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from gatewise.tasks.classify.fitted import Fitted
from gatewise.tasks.sequences.class_figures import Row


def compared(rows: Sequence[Row], name: str) -> str:
    """How the network of that name did beside the best baseline; ``rows`` are best first."""
    mine = next(row for row in rows if row.name == name)
    other = next(row for row in rows if row.name != name)
    if rows[0].name != name:
        return (
            f"{other.name} does better on sequences that neither had seen: right for {100 * other.accuracy:.1f} % "
            f"against {100 * mine.accuracy:.1f} %. Prefer it."
        )
    return (
        f"On sequences that it had not seen, the network is right for {100 * mine.accuracy:.1f} %; the best "
        f"simple classifier, {other.name}, for {100 * other.accuracy:.1f} %."
    )


def verdict(fitted: Fitted) -> str:
    """The same for a fitted model."""
    return compared(fitted.evaluation, fitted.name)
