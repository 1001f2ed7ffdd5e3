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
    point: Annotated[
        str | None,
        typer.Option(
            "--point",
            help="The point forecasts: mean or median of what may come (default: near both).",
            metavar="NAME",
        ),
    ] = None,
    total: Annotated[
        bool,
        typer.Option(
            "--total", help="The total over the horizon, a row a series, with intervals of its own."
        ),
    ] = False,
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
    _check_choice(baseline, best, point, total)
    need("predict")
    import narwhals as nw

    from gatewise.cli.kinds import PredictOptions, check_options, commands_of
    from gatewise.tasks import load

    model = load(folder)
    options = PredictOptions(
        data=data,
        horizon=horizon,
        future=future,
        level=tuple(level),
        digits=digits,
        baseline=baseline,
        best=best or None,
        point=point,
        total=total or None,
        events=events or None,
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


def _check_choice(baseline: str | None, best: bool, point: str | None, total: bool) -> None:
    """Raises BadParameter for options that contradict each other on what is forecast."""
    if best and baseline is not None:
        raise typer.BadParameter("--best chooses by itself: leave it or --baseline out")
    if point not in (None, "mean", "median"):
        raise typer.BadParameter(f"--point is mean or median, not {point!r}")
    if (total or point is not None) and (best or baseline is not None):
        raise typer.BadParameter(
            "--point and --total are of the network: leave --best and --baseline out"
        )
    if total and point is not None:
        raise typer.BadParameter("a total is the mean of the total: leave --point out")
