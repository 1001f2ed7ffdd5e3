"""Saved classifiers at the command line."""

from __future__ import annotations

from gatewise.cli.kinds import KindCommands, Report
from gatewise.cli.sequence_models import describe, evaluate, predict
from gatewise.errors import some_of
from gatewise.tasks import SequenceClassifier
from gatewise.tasks.sequences.class_figures import format_table

MOST_CLASSES = 10  # that info prints


def info(model: SequenceClassifier) -> Report:
    """What it tells apart, how it was trained, and its figures on sequences it had not seen."""
    fitted = model.fitted_
    names = [str(label) for label in fitted.classes.tolist()]
    before, after = (100 * error for error in fitted.calibration)
    return describe(
        fitted,
        format_table(fitted.evaluation),
        what=[
            f"model    a classifier of sequences, {len(names)} classes",
            f"classes  {some_of(names, MOST_CLASSES)}",
        ],
        quality=f"sure     expected calibration error {before:.1f} % before the temperature, {after:.1f} % with it",
        data={
            "classes": fitted.classes.tolist(),
            "counts": list(fitted.counts),
            "temperature": fitted.temperature,
            "calibration": list(fitted.calibration),
        },
    )


commands = KindCommands(
    info=info,
    evaluate=evaluate,
    predict=predict,
    predict_options=frozenset({"data"}),
)
