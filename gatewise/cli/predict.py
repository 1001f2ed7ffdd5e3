"""``gatewise predict``: what follows the training data, or the series of another file."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from gatewise.cli.tables import AsJson, Model, Quiet, later, need, plain, print_json, warned
from gatewise.errors import InputError

LIMIT = re.compile(r".*-(?:lo|hi)-(\d+)")


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
    future: Annotated[
        Path | None,
        typer.Option("--future", help="The known covariates of what is forecast.", metavar="FILE"),
    ] = None,
    level: Annotated[
        list[int],
        typer.Option("--level", help="Intervals to print, of those of the fit.", metavar="PERCENT"),
    ] = [],  # noqa: B006
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Forecast what follows the training data, or the series of another file, as CSV."""
    need("predict")
    import narwhals as nw

    from gatewise.tasks import load

    model = load(folder)
    unknown = sorted(set(level) - set(model.levels))
    if unknown:
        raise InputError(
            f"the model has no interval of {unknown[0]} %: it was fitted for "
            f"{', '.join(map(str, sorted(model.levels)))} (fit forecast --set levels=[50,95])"
        )
    with warned(quiet):
        table = None if data is None else later(model, data, future)
        made = model.predict(horizon, table, future if table is None else None)
    frame = nw.from_native(made, eager_only=True)
    if level:
        frame = frame.select([c for c in frame.columns if _wanted(c, level)])
    if as_json:
        print_json([{k: plain(v) for k, v in row.items()} for row in frame.iter_rows(named=True)])
    else:
        sys.stdout.write(frame.write_csv())


def _wanted(column: Any, level: list[int]) -> bool:
    limit = LIMIT.fullmatch(str(column))
    return limit is None or int(limit[1]) in level
