"""``gatewise update``: a saved model takes up new rows, without training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gatewise.cli.exits import say
from gatewise.cli.tables import File, Model, Quiet, need, warned
from gatewise.errors import InputError


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
    from gatewise.tasks import load
    from gatewise.tasks.model_dir import METRICS, REPORT, RUN, check_free, read_extra

    model = load(folder)
    if out is not None:
        check_free(out, force)
    elif (folder / RUN).exists():
        raise InputError(
            f"{folder} holds a fit that was interrupted: finish it with fit forecast --resume, "
            f"remove {folder / RUN}, or write the updated model elsewhere with --out"
        )
    with warned(quiet):
        model.update(file)
    # the learning curve and the report stay with the model as they are
    extra = {name: read_extra(folder, name) for name in (METRICS, REPORT)}
    present = {name: data for name, data in extra.items() if data is not None}
    model.save(out or folder, force=force or out is None, extra=present)
    if not quiet:
        last = model.clock_.show(
            int(model.clock_.at(model.ends_.position.max(keepdims=True) - 1)[0])
        )
        say(f"wrote {out or folder}: its series now end at {last} or before")
