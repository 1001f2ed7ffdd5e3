"""What the commands do in the same way with saved models at every step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gatewise.cli.kinds import PredictOptions, Report
from gatewise.errors import InputError
from gatewise.tasks.steps.estimator import StepEstimator
from gatewise.tasks.steps.fitted import FittedSteps


def describe(
    fitted: FittedSteps,
    figures: Sequence[str],
    *,
    what: Sequence[str],
    delay: int | None,
    quality: Sequence[str],
    data: dict[str, Any],
) -> Report:
    """What ``info`` tells of a model.

    Args:
        fitted: the model.
        figures: its figures, in lines.
        what: lines that say what it is.
        delay: steps that it waits before it speaks; None: it reads both ways.
        quality: lines on how its answers come about.
        data: what only this kind of model has, for ``--json``.
    """
    parameters = sum(p.numel() for network in fitted.networks for p in network.parameters())
    stopped = ""
    if fitted.stopped is not None:
        stopped = " (stopped by the time limit at step {} of {})".format(*fitted.stopped)
    lines = [
        *what,
        f"cell     {fitted.cell.name}, {parameters:,} parameters, {fitted.steps} training steps{stopped}",
        *fitted.choices.describe(delay),
        *quality,
        "",
        "figures on steps that training had not seen, best first",
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


def evaluate(model: StepEstimator[Any, Any], file: Path) -> Report:
    """Its figures on the steps of a file; copies of training sequences count separately."""
    evaluation = model.evaluate(file)
    return Report(evaluation.describe(), evaluation.to_dict())


def predict(model: StepEstimator[Any, Any], options: PredictOptions) -> Any:
    """What is said of each step of a file; of a tagger with ``--events`` its events."""
    if options.data is None:
        raise InputError(f"a {model.kind} predicts for a file: add --data FILE")
    return model.events(options.data) if options.events else model.predict(options.data)
