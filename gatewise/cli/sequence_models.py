"""What the commands do in the same way with saved models of sequences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gatewise.cli.kinds import PredictOptions, Report
from gatewise.errors import InputError
from gatewise.tasks.sequences.estimator import SequenceEstimator
from gatewise.tasks.sequences.fitted import FittedSequences
from gatewise.tasks.steps.fitted import FittedSteps


def describe(
    fitted: FittedSequences,
    figures: Sequence[str],
    *,
    what: Sequence[str],
    quality: str,
    data: dict[str, Any],
) -> Report:
    """What ``info`` tells of a model.

    Args:
        fitted: the model.
        figures: the table of its figures, in lines.
        what: lines that say what it is.
        quality: a line on how far an answer can be trusted.
        data: what only this kind of model has, for ``--json``.
    """
    return report(
        fitted,
        figures,
        of="sequences",
        what=what,
        how=[
            *fitted.choices.describe(fitted.options.streaming),
            f"chosen   {fitted.pooling} pooling",
            quality,
        ],
        data={"pooling": fitted.pooling} | data,
    )


def report(
    fitted: FittedSequences | FittedSteps,
    figures: Sequence[str],
    *,
    of: str,
    what: Sequence[str],
    how: Sequence[str],
    data: dict[str, Any],
) -> Report:
    """What ``info`` tells of a model of whole sequences or of steps.

    Args:
        fitted: the model.
        figures: the table of its figures, in lines.
        of: what the figures are measured on.
        what: lines that say what it is.
        how: lines that say how it was fitted.
        data: what only this kind of model has, for ``--json``.
    """
    parameters = sum(p.numel() for network in fitted.networks for p in network.parameters())
    stopped = ""
    if fitted.stopped is not None:
        stopped = " (stopped by the time limit at step {} of {})".format(*fitted.stopped)
    lines = [
        *what,
        f"cell     {fitted.cell.name}, {parameters:,} parameters, {fitted.steps} training steps{stopped}",
        *how,
        "",
        f"figures on {of} that training had not seen, best first",
        *figures,
    ]
    shared = {
        "cell": fitted.cell.name,
        "parameters": parameters,
        "choices": fitted.choices.to_dict(),
        "steps": fitted.steps,
        "stopped": fitted.stopped,
        "evaluation": [row.to_dict() for row in fitted.evaluation],
        "notes": list(fitted.notes),
    }
    return Report(lines, shared | data)


def evaluate(model: Any, file: Path) -> Report:
    """Its figures on a file; copies of training sequences count separately."""
    evaluation = model.evaluate(file)
    return Report(evaluation.describe(), evaluation.to_dict())


def predict(model: SequenceEstimator[Any, Any], options: PredictOptions) -> Any:
    """The answer for each sequence of a file."""
    if options.data is None:
        raise InputError(f"a {model.kind} predicts for a file: add --data FILE")
    return model.predict(options.data)
