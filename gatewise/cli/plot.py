"""``gatewise plot``: a picture of a forecast, as PNG or SVG."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gatewise.cli.exits import say
from gatewise.cli.tables import Future, Horizon, Model, Overwrite, Quiet, need, warned
from gatewise.cli.writing import check_out, write_whole
from gatewise.errors import InputError

ENDINGS = (".png", ".svg")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(plot)


def plot(
    folder: Model,
    out: Annotated[
        Path, typer.Option("--out", help="Write to this file: .png or .svg.", metavar="FILE")
    ],
    series: Annotated[
        str | None,
        typer.Option("--id", help="The series to draw (default: the first).", metavar="NAME"),
    ] = None,
    horizon: Horizon = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            help="Continue the series of this file, and draw more of its history.",
            metavar="FILE",
        ),
    ] = None,
    future: Future = None,
    force: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Draw the last values of a series, the forecast that follows, and its intervals.

    A saved model holds the last season of a series; with --data the picture shows more.
    """
    check_out(out, force, ENDINGS)
    need("plot")
    from gatewise.cli.kinds import PlotOptions, commands_of
    from gatewise.tasks import load

    model = load(folder)
    draw = commands_of(model).plot
    if draw is None:
        raise InputError(f"a model of the kind {model.kind!r} has no picture: plot draws forecasts")
    options, shown = PlotOptions(series, data, horizon, future), ""

    def write(part: Path) -> None:
        nonlocal shown
        shown = draw(model, options, part)

    with warned(quiet):
        write_whole(out, write)
    if not quiet:
        say(f"wrote {out}: {shown}")
