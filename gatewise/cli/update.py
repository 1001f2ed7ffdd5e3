"""``gatewise update``: a saved model takes up new rows, without training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from gatewise.cli import say
from gatewise.cli.tables import File, Model, Quiet, need, warned


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(update)


def update(
    folder: Model,
    file: File,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Write to this folder instead of the model's.", metavar="FOLDER"
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the model in --out.")] = False,
    quiet: Quiet = False,
) -> None:
    """Move a model on to the end of new rows; predict then starts there. Trains nothing.

    Rows that are not later than those it has seen are refused: a file given twice does no harm.
    """
    need("update")
    from gatewise.tasks import Forecaster
    from gatewise.tasks.runs import METRICS, Note
    from gatewise.tasks.saved import REPORT, check_free, save

    model = Forecaster.load(folder)
    if out is not None:
        check_free(out, force)
    with warned(quiet):
        model.update(file)
    if (folder / METRICS).is_file():  # the learning curve stays with the model
        lines = (folder / METRICS).read_text(encoding="utf-8").splitlines()
        model.history_ = [Note(**json.loads(text)) for text in lines]
    report = folder / REPORT
    kept = report.read_text(encoding="utf-8") if report.is_file() else None
    save(model, out or folder, force=force or out is None, report=kept)
    if not quiet:
        last = model.clock_.show(
            int(model.clock_.at(model.ends_.position.max(keepdims=True) - 1)[0])
        )
        say(f"wrote {out or folder}: its series now end at {last} or before")
