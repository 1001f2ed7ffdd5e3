"""What the commands do in the same way with saved models at every step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gatewise.cli.kinds import PredictOptions, Report
from gatewise.cli.sequence_models import evaluate as evaluate
from gatewise.cli.sequence_models import report
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
    how = [*fitted.choices.describe(delay), *quality]
    return report(fitted, figures, of="steps", what=what, how=how, data=data)


def predict(model: StepEstimator[Any, Any], options: PredictOptions) -> Any:
    """What is said of each step of a file; of a tagger with ``--events`` its events."""
    if options.data is None:
        raise InputError(f"a {model.kind} predicts for a file: add --data FILE")
    return model.events(options.data) if options.events else model.predict(options.data)
