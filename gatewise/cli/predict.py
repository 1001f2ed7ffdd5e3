"""``gatewise predict``: the predictions of a saved model, as CSV or JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from gatewise.cli.exits import say
from gatewise.cli.tables import (
    AsJson,
    Future,
    Horizon,
    Model,
    Overwrite,
    Quiet,
    need,
    plain,
    print_json,
    warned,
)
from gatewise.cli.writing import check_out, write_frame


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(predict)


def predict(
    folder: Model,
    horizon: Horizon = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            help="Predict for this file; a forecaster continues its series.",
            metavar="FILE",
        ),
    ] = None,
    future: Future = None,
    level: Annotated[
        list[int],
        typer.Option(
            "--level", help="Print only these of the fitted intervals.", metavar="PERCENT"
        ),
    ] = [],  # noqa: B006
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write to this file: .csv, .parquet or .xlsx.", metavar="FILE"),
    ] = None,
    digits: Annotated[
        int | None,
        typer.Option(
            "--digits",
            help="Decimals of the figures (default: as many as the data have).",
            metavar="N",
            min=0,
            max=15,
        ),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            help="Forecast with this baseline, one of those that info names.",
            metavar="NAME",
        ),
    ] = None,
    best: Annotated[
        bool,
        typer.Option(
            "--best",
            help="Forecast with the network or a baseline, whichever was better on the validation span.",
        ),
    ] = False,
    events: Annotated[
        bool, typer.Option("--events", help="Of a tagger, its events in place of all steps.")
    ] = False,
    force: Overwrite = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Predict with a saved model. A forecaster continues its training data, or the series of --data."""
    if out is not None:
        check_out(out, force)
        if as_json:
            raise typer.BadParameter("--json prints to stdout: leave it or --out out")
    if best and baseline is not None:
        raise typer.BadParameter("--best chooses by itself: leave it or --baseline out")
    need("predict")
    import narwhals as nw

    from gatewise.cli.kinds import PredictOptions, check_options, commands_of
    from gatewise.tasks import load

    model = load(folder)
    options = PredictOptions(
        data, horizon, future, tuple(level), digits, baseline, best or None, events or None
    )
    commands = commands_of(model)
    check_options(model, options.typed(), commands.predict_options)
    with warned(quiet):
        frame = nw.from_native(commands.predict(model, options), eager_only=True)
    if out is not None:
        write_frame(frame, out)
        if not quiet:
            say(f"wrote {out}: {len(frame)} rows")
    elif as_json:
        print_json([{k: plain(v) for k, v in row.items()} for row in frame.iter_rows(named=True)])
    else:
        sys.stdout.write(frame.write_csv())
