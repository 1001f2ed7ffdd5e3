"""Saved taggers at the command line."""

from __future__ import annotations

from gatewise.cli.kinds import KindCommands, Report
from gatewise.cli.step_models import describe, evaluate, predict
from gatewise.errors import some_of
from gatewise.tasks import SequenceTagger
from gatewise.tasks.tag.tables import lines_of

MOST_CLASSES = 10  # that info prints


def info(model: SequenceTagger) -> Report:
    """What it says, how it was trained, and its figures on steps it had not seen."""
    fitted = model.fitted_
    names = [str(label) for label in fitted.classes.tolist()]
    what = {"class": "classes", "several": "labels at once", "value": "values"}[fitted.what]
    quality = []
    if fitted.events:
        how = fitted.detection
        quality.append(
            f"events   begin at {how.on:.2f}, last down to {how.off:.2f} and for at least {how.least} steps, pauses "
            f"of up to {how.gap} are closed"
        )
    return describe(
        fitted,
        lines_of(fitted),
        what=[
            f"model    a tagger of sequences, {len(names)} {what} at every step",
            f"says     {some_of(names, MOST_CLASSES)}",
        ],
        delay=fitted.options.lookahead,
        quality=quality,
        data={
            "what": fitted.what,
            "classes": fitted.classes.tolist(),
            "counts": list(fitted.counts),
            "events": [row.to_dict() for row in fitted.event_evaluation],
        },
    )


commands = KindCommands(
    info=info,
    evaluate=evaluate,
    predict=predict,
    predict_options=frozenset({"data", "events"}),
)
