"""What the commands for classifiers and regressors share: their options, and one fit from file to folder."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from gatewise.cli import tables, training
from gatewise.cli.exits import say

File = Annotated[
    Path,
    typer.Argument(
        help="A CSV or Parquet file with a row for each step, or a .ts file.",
        metavar="FILE",
        show_default=False,
    ),
]
Id = Annotated[
    str | None,
    typer.Option("--id", help="The column that names the sequences.", metavar="COLUMN"),
]
Order = Annotated[
    str | None,
    typer.Option(
        "--order", help="The column that orders the steps of a sequence.", metavar="COLUMN"
    ),
]
Label = Annotated[
    str | None, typer.Option("--label", help="The column to predict.", metavar="COLUMN")
]
Group = Annotated[
    str | None,
    typer.Option(
        "--group",
        help="The column whose sequences stay together, such as a person.",
        metavar="COLUMN",
    ),
]
Values = Annotated[
    list[str],
    typer.Option("--values", help="A column to read; repeatable.", metavar="COLUMN"),
]
SWITCHES = ("cell", "random_state", "device", "id", "order", "label", "group", "values")


def run_fit(
    estimator: Callable[..., Any],
    file: Path,
    columns: dict[str, Any],
    *,
    cell: str,
    setting: list[str],
    seed: int,
    device: str,
    destination: training.Destination,
    arguments: Sequence[str],
    format_table: Callable[[Any], list[str]],
    verdict: Callable[[Any], str],
    as_json: bool,
    quiet: bool,
) -> None:
    """Train an estimator on a file, keep it, and print its figures beside those of the baselines."""
    from gatewise.cli.sources import find_cell
    from gatewise.tasks.model_dir import REPORT
    from gatewise.tasks.training.distributed import first_process

    settings = training.parse_settings(setting, estimator, SWITCHES)
    # of several processes, one writes and reports
    first = first_process()
    quiet = quiet or not first
    if first:
        destination.prepare()
    if not str(file).endswith(".ts") and not (columns["id"] and columns["label"]):
        raise typer.BadParameter(
            "a table needs --id and --label: the columns of names and of labels"
        )
    model = estimator(find_cell(cell), random_state=seed, device=device, **columns, **settings)
    with tables.warned(quiet):
        plan = model.plan(file)
    if not quiet:
        say("\n".join(plan.describe()))
        if destination.folder is None:
            say("note     the model will not be kept: to keep it, add --out FOLDER")
    training.train(model, plan, plan.choices.steps, destination.run, quiet)
    if not first:
        return
    destination.save(model, arguments)
    fitted = model.fitted_
    if as_json:
        tables.print_json(
            {
                "sequences": len(fitted.seen),
                "choices": plan.choices.to_dict(),
                "pooling": fitted.pooling,
                "steps": fitted.steps,
                "stopped": fitted.stopped,
                "notes": list(fitted.notes),
                "evaluation": [row.to_dict() for row in fitted.evaluation],
            }
        )
    else:
        print("\n".join(format_table(fitted.evaluation)))
    if quiet:
        return
    for note in fitted.notes:
        say(f"note     {note}")
    say(verdict(fitted))
    folder = destination.folder
    if folder is not None:
        predict = f"gatewise predict {shlex.quote(str(folder))} --data FILE"
        say(f"wrote {folder}; the report is {folder / REPORT}; next: {predict}")


def stopped(fitted: Any) -> str:
    """A phrase where the time limit ended training."""
    if fitted.stopped is None:
        return ""
    return " (stopped by the time limit at step {} of {})".format(*fitted.stopped)
