"""``gatewise predict``: what follows the training data, or the series of another file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from gatewise.cli.tables import AsJson, Model, Quiet, need, plain, print_json


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(predict)


def predict(
    folder: Model,
    horizon: Annotated[
        int | None, typer.Option("--horizon", help="Steps to forecast.", metavar="N", min=1)
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Continue the series of this file.", metavar="FILE"),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Forecast what follows the training data, or the series of another file, as CSV."""
    need("predict")
    import narwhals as nw

    from gatewise.tasks import Forecaster

    model = Forecaster.load(folder)
    frame = nw.from_native(model.predict(horizon, data), eager_only=True)
    if as_json:
        print_json([{k: plain(v) for k, v in row.items()} for row in frame.iter_rows(named=True)])
    else:
        sys.stdout.write(frame.write_csv())
