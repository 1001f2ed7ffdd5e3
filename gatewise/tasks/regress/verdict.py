"""Whether to use a regressor, in a sentence."""

from __future__ import annotations

from gatewise.tasks.regress.fitted import Fitted
from gatewise.tasks.sequences.verdict import verdict_on


def verdict(fitted: Fitted) -> str:
    """How the network did beside the best baseline."""
    return verdict_on(
        fitted.evaluation, fitted.name, "unseen sequences", lambda row: f"an RMSE of {row.rmse:.4g}"
    )
