"""Saved regressors at the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gatewise.cli.kinds import KindCommands, PredictOptions, Report
from gatewise.cli.sequences import stopped
from gatewise.errors import InputError
from gatewise.tasks import SequenceRegressor
from gatewise.tasks.sequences.value_figures import format_table, half_width

LEVELS = (80, 90)  # of the intervals that info prints


def info(model: SequenceRegressor) -> Report:
    """What it is, how it was trained, and its figures on sequences it had not seen."""
    fitted = model.fitted_
    parameters = sum(p.numel() for network in fitted.networks for p in network.parameters())
    halves = {level: half_width(fitted.residuals, level) for level in LEVELS}
    lines = [
        f"model    a regressor of sequences; values around {fitted.mean:.4g}, deviation {fitted.scale:.4g}",
        f"cell     {fitted.cell.name}, {parameters:,} parameters, {fitted.steps} training steps{stopped(fitted)}",
        *fitted.choices.describe(fitted.options.streaming),
        f"chosen   {fitted.pooling} pooling",
        "interval " + ", ".join(f"{level} %: ±{half:.4g}" for level, half in halves.items()),
        "",
        "figures on sequences that training had not seen, best first",
        *format_table(fitted.evaluation),
    ]
    finite = {level: half for level, half in halves.items() if half < float("inf")}
    data = {
        "cell": fitted.cell.name,
        "parameters": parameters,
        "choices": fitted.choices.to_dict(),
        "pooling": fitted.pooling,
        "steps": fitted.steps,
        "stopped": fitted.stopped,
        "half_widths": finite,
        "evaluation": [row.to_dict() for row in fitted.evaluation],
        "notes": list(fitted.notes),
    }
    return Report(lines, data)


def evaluate(model: SequenceRegressor, file: Path) -> Report:
    """Its figures on the sequences of a file; copies of training sequences count separately."""
    evaluation = model.evaluate(file)
    return Report(evaluation.describe(), evaluation.to_dict())


def predict(model: SequenceRegressor, options: PredictOptions) -> Any:
    """The value of each sequence of a file."""
    if options.data is None:
        raise InputError("a regressor predicts for a file: add --data FILE")
    return model.predict(options.data)


commands = KindCommands(
    info=info,
    evaluate=evaluate,
    predict=predict,
    predict_options=frozenset({"data"}),
)
