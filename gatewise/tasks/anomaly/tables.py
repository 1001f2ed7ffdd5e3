"""The figures of a fitted detector as lines for people."""

from __future__ import annotations

from gatewise.tasks.anomaly.figures import format_table
from gatewise.tasks.anomaly.fitted import Fitted
from gatewise.tasks.anomaly.scores import format_places


def lines_of(fitted: Fitted) -> list[str]:
    """The ranked places, and the errors of the forecasts that scores are taken from."""
    return [
        *format_places(fitted.places),
        "",
        f"flagged from a score of {fitted.threshold:.2f} on; errors of forecasts of quiet steps",
        *format_table(fitted.evaluation),
    ]
