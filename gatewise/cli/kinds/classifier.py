"""Saved classifiers at the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gatewise.cli.kinds import KindCommands, PredictOptions, Report
from gatewise.cli.sequences import stopped
from gatewise.errors import InputError
from gatewise.tasks import SequenceClassifier
from gatewise.tasks.sequences.class_figures import format_table

MOST_CLASSES = 10  # that info prints


def info(model: SequenceClassifier) -> Report:
    """What it tells apart, how it was trained, and its figures on sequences it had not seen."""
    fitted = model.fitted_
    parameters = sum(p.numel() for network in fitted.networks for p in network.parameters())
    names = [str(label) for label in fitted.classes.tolist()]
    more = f" and {len(names) - MOST_CLASSES} more" if len(names) > MOST_CLASSES else ""
    before, after = (100 * error for error in fitted.calibration)
    lines = [
        f"model    a classifier of sequences, {len(names)} classes",
        f"classes  {', '.join(names[:MOST_CLASSES])}{more}",
        f"cell     {fitted.cell.name}, {parameters:,} parameters, {fitted.steps} training steps{stopped(fitted)}",
        *fitted.choices.describe(fitted.options.streaming),
        f"chosen   {fitted.pooling} pooling",
        f"sure     expected calibration error {before:.1f} % before the temperature, {after:.1f} % with it",
        "",
        "figures on sequences that training had not seen, best first",
        *format_table(fitted.evaluation),
    ]
    data = {
        "cell": fitted.cell.name,
        "parameters": parameters,
        "classes": fitted.classes.tolist(),
        "counts": list(fitted.counts),
        "choices": fitted.choices.to_dict(),
        "pooling": fitted.pooling,
        "steps": fitted.steps,
        "stopped": fitted.stopped,
        "temperature": fitted.temperature,
        "calibration": list(fitted.calibration),
        "evaluation": [row.to_dict() for row in fitted.evaluation],
        "notes": list(fitted.notes),
    }
    return Report(lines, data)


def evaluate(model: SequenceClassifier, file: Path) -> Report:
    """Its figures on the sequences of a file; copies of training sequences count separately."""
    evaluation = model.evaluate(file)
    return Report(evaluation.describe(), evaluation.to_dict())


def predict(model: SequenceClassifier, options: PredictOptions) -> Any:
    """The class of each sequence of a file, with its probability."""
    if options.data is None:
        raise InputError("a classifier predicts for a file: add --data FILE")
    return model.predict(options.data)


commands = KindCommands(
    info=info,
    evaluate=evaluate,
    predict=predict,
    predict_options=frozenset({"data"}),
)
