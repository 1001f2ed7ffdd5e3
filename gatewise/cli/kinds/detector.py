"""Saved detectors of anomalies at the command line."""

from __future__ import annotations

from gatewise.cli.kinds import KindCommands, Report
from gatewise.cli.step_models import describe, evaluate, predict
from gatewise.errors import some_of
from gatewise.tasks import AnomalyDetector
from gatewise.tasks.anomaly.tables import lines_of


def info(model: AnomalyDetector) -> Report:
    """What it reads, its threshold, and what stood out in the data of training."""
    fitted = model.fitted_
    channels = fitted.scaler.channels
    return describe(
        fitted,
        lines_of(fitted),
        what=[
            f"model    a detector of anomalies in sequences, {len(channels)} columns",
            f"reads    {some_of(channels, 10)}",
        ],
        delay=0,
        quality=[
            f"flags    from a score of {fitted.threshold:.2f} on, from {fitted.quiet_steps} quiet steps"
        ],
        data={
            "columns": list(channels),
            "threshold": fitted.threshold,
            "places": [place.to_dict() for place in fitted.places],
        },
    )


commands = KindCommands(
    info=info,
    evaluate=evaluate,
    predict=predict,
    predict_options=frozenset({"data", "events"}),
)
