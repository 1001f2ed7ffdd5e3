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
            "--out", help="Write to this folder instead of the model's own.", metavar="FOLDER"
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite an existing model in --out.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Move a model on to the end of new rows, where predict then starts. Trains nothing.

    Rows that are not later than those the model has seen are refused, so applying a file twice is safe.
    """
    need("update")
    from gatewise.cli.kinds import commands_of
    from gatewise.tasks import load
    from gatewise.tasks.model_dir import METRICS, REPORT, RUN, check_free, read_extra

    model = load(folder)
    take_up = commands_of(model).update
    if take_up is None:
        raise InputError(f"a model of the kind {model.kind!r} cannot be updated: fit it again")
    if out is not None:
        check_free(out, force)
    elif (folder / RUN).exists():
        raise InputError(
            f"{folder} holds an interrupted fit: finish it with fit forecast --resume, "
            f"remove {folder / RUN}, or write the updated model elsewhere with --out"
        )
    with warned(quiet):
        ends = take_up(model, file)
    # the learning curve and the report stay with the model as they are
    extra = {name: read_extra(folder, name) for name in (METRICS, REPORT)}
    present = {name: data for name, data in extra.items() if data is not None}
    model.save(out or folder, force=force or out is None, extra=present)
    if not quiet:
        say(f"wrote {out or folder}: {ends}")
