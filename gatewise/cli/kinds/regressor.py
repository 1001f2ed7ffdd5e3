"""Saved regressors at the command line."""

from __future__ import annotations

from gatewise.cli.kinds import KindCommands, Report
from gatewise.cli.sequence_models import describe, evaluate, predict
from gatewise.tasks import SequenceRegressor
from gatewise.tasks.sequences.value_figures import format_table, half_width

LEVELS = (80, 90)  # of the intervals that info prints


def info(model: SequenceRegressor) -> Report:
    """What it is, how it was trained, and its figures on sequences it had not seen."""
    fitted = model.fitted_
    halves = {level: half_width(fitted.residuals, level) for level in LEVELS}
    finite = {level: half for level, half in halves.items() if half < float("inf")}
    return describe(
        fitted,
        format_table(fitted.evaluation),
        what=[
            f"model    a regressor of sequences; values around {fitted.mean:.4g}, deviation {fitted.scale:.4g}"
        ],
        quality="interval "
        + ", ".join(f"{level} %: ±{half:.4g}" for level, half in halves.items()),
        data={"half_widths": finite},
    )


commands = KindCommands(
    info=info,
    evaluate=evaluate,
    predict=predict,
    predict_options=frozenset({"data"}),
)
