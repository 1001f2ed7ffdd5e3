"""Saved imputers at the command line."""

from __future__ import annotations

from typing import Any

from gatewise.cli.kinds import KindCommands, PredictOptions, Report
from gatewise.cli.step_models import describe, evaluate
from gatewise.errors import InputError, some_of
from gatewise.tasks import SequenceImputer
from gatewise.tasks.impute.figures import format_table


def info(model: SequenceImputer) -> Report:
    """What it fills, how it was trained, and its figures on values that were removed."""
    fitted = model.fitted_
    channels = fitted.scaler.channels
    season = f"a season of {fitted.season} steps" if fitted.season > 1 else "no season"
    return describe(
        fitted,
        format_table(fitted.evaluation),
        what=[
            f"model    an imputer of sequences, {len(channels)} columns",
            f"fills    {some_of(channels, 10)}",
        ],
        delay=None,
        quality=[f"gaps     of up to {fitted.block} steps in training; {season}"],
        data={
            "columns": list(channels),
            "season": fitted.season,
            "block": fitted.block,
        },
    )


def predict(model: SequenceImputer, options: PredictOptions) -> Any:
    """The rows of a file with every value; with ``--level`` the limits of an interval."""
    if options.data is None:
        raise InputError("an imputer predicts for a file: add --data FILE")
    if len(options.level) > 1:
        raise InputError(
            "an imputer gives one interval at a time: repeat --level no more than once"
        )
    return model.predict(options.data, level=options.level[0] if options.level else None)


commands = KindCommands(
    info=info,
    evaluate=evaluate,
    predict=predict,
    predict_options=frozenset({"data", "level"}),
)
