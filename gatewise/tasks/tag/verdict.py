"""Whether to use a tagger, in a sentence."""

from __future__ import annotations

from gatewise.tasks.sequences.value_figures import Row as ValueRow
from gatewise.tasks.sequences.verdict import verdict_on
from gatewise.tasks.tag.figures import Row
from gatewise.tasks.tag.fitted import Fitted


def verdict(fitted: Fitted) -> str:
    """How the network did beside the best baseline."""
    return verdict_on(fitted.evaluation, fitted.name, "unseen steps", _figure)


def _figure(row: Row) -> str:
    if isinstance(row, ValueRow):
        return f"an RMSE of {row.rmse:.4g}"
    return f"a macro F1 of {row.macro_f1:.3f} ({100 * row.accuracy:.1f} % of steps right)"
