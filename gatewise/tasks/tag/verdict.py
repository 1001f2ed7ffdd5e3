"""Whether to use a tagger, in a sentence."""

from __future__ import annotations

from gatewise.tasks.sequences.value_figures import Row as ValueRow
from gatewise.tasks.tag.figures import Row
from gatewise.tasks.tag.fitted import Fitted


def verdict(fitted: Fitted) -> str:
    """How the network did beside the best baseline."""
    rows = fitted.evaluation
    mine = next(row for row in rows if row.name == fitted.name)
    other = next(row for row in rows if row.name != fitted.name)
    if rows[0].name != fitted.name:
        return (
            f"{other.name[:1].upper()}{other.name[1:]} does better on steps that neither had seen: {_figure(other)} against {_figure(mine)}. "
            "Prefer it."
        )
    return (
        f"On steps that it had not seen, the network has {_figure(mine)}; the best simple tagger, {other.name}, has "
        f"{_figure(other)}."
    )


def _figure(row: Row) -> str:
    if isinstance(row, ValueRow):
        return f"an RMSE of {row.rmse:.4g}"
    return f"a macro F1 of {row.macro_f1:.3f} ({100 * row.accuracy:.1f} % of steps right)"
