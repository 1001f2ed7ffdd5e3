"""Saved regressors at the command line."""

from __future__ import annotations

from gatewise.cli.kinds import KindCommands, Report
from gatewise.cli.sequence_models import describe, evaluate, predict
from gatewise.tasks import SequenceRegressor
from gatewise.tasks.sequences.value_figures import format_table

LEVELS = (80, 90)  # of the intervals that info prints


def info(model: SequenceRegressor) -> Report:
    """What it is, how it was trained, and its figures on sequences it had not seen."""
    fitted = model.fitted_
    halves = {level: fitted.half_widths(level).tolist() for level in LEVELS}
    finite = {level: half for level, half in halves.items() if max(half) < float("inf")}
    said = {level: ", ".join(f"±{one:.4g}" for one in half) for level, half in halves.items()}
    return describe(
        fitted,
        format_table(fitted.evaluation),
        what=[
            f"model    a regressor of sequences; {name}values around {mean:.4g}, deviation {scale:.4g}"
            for name, mean, scale in zip(
                [f"{name}: " for name in fitted.names] or [""],
                fitted.mean,
                fitted.scale,
                strict=True,
            )
        ],
        quality="interval " + "; ".join(f"{level} %: {half}" for level, half in said.items()),
        data={
            "names": list(fitted.names),
            "half_widths": finite
            if fitted.names
            else {level: half[0] for level, half in finite.items()},
        },
    )


commands = KindCommands(
    info=info,
    evaluate=evaluate,
    predict=predict,
    predict_options=frozenset({"data"}),
)
