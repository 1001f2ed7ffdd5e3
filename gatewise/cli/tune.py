"""``gatewise tune``: looks for better options of any task, fit by fit, and resumes after an interruption."""

from __future__ import annotations

import inspect
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gatewise.cli import sequences, tables, training
from gatewise.cli.exits import say

if TYPE_CHECKING:
    from gatewise.tasks.tuning import Fit

SWITCHES = ("cell", "random_state", "device")
SUFFIX = ".tune.jsonl"  # of the file of the fits, beside the folder of the model

Task = Annotated[
    str, typer.Argument(help="What is fitted: classify, regress, forecast, ...", metavar="TASK")
]
Trials = Annotated[int, typer.Option(help="Fits beside that of the defaults.", min=1)]
Time = Annotated[
    float | None,
    typer.Option("--time-limit", help="Begin no fit after so many seconds.", metavar="SECONDS"),
]
Search = Annotated[
    list[str],
    typer.Option(
        "--search",
        help="An option and where to look: units=32:128, cell=lstm,gru; repeatable.",
        metavar="KEY=RANGE",
    ),
]
Study = Annotated[
    Path | None,
    typer.Option(
        help="Keep the fits in this file, and resume from it (default: beside --out).",
        metavar="FILE",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(tune)


def tune(
    context: typer.Context,
    task: Task,
    file: sequences.File,
    id: sequences.Id = None,
    label: sequences.Label = None,
    order: sequences.Order = None,
    group: sequences.Group = None,
    values: sequences.Values = [],  # noqa: B006
    missing: tables.MissingValues = [],  # noqa: B006
    wide: sequences.Wide = False,
    pattern: sequences.Pattern = None,
    time: Annotated[str | None, typer.Option(help="forecast: the column of times.")] = None,
    target: Annotated[str | None, typer.Option(help="forecast: the column to forecast.")] = None,
    horizon: Annotated[int | None, typer.Option(help="forecast: steps.", min=1)] = None,
    trials: Trials = 20,
    search: Search = [],  # noqa: B006
    time_limit: Time = None,
    study: Study = None,
    out: training.Out = None,
    cell: training.CellName = "lstm",
    setting: training.Setting = [],  # noqa: B006
    seed: training.Seed = 0,
    device: training.Device = "cpu",
    force: training.Force = False,
    as_json: tables.AsJson = False,
    quiet: tables.Quiet = False,
) -> None:
    """Look for better options of a task, by the loss on its validation part; with --out, fit with them."""
    tables.need("tune")
    from gatewise.cli.sources import find_cell
    from gatewise.tasks.tuning import parse_search, tune

    estimator = _estimator(task)
    named = {
        "id": id,
        "order": order,
        "label": label,
        "group": group,
        "values": values or None,
        "missing": missing or None,
        "wide": wide or None,
        "pattern": pattern,
        "time": time,
        "target": target,
        "horizon": horizon,
    }
    columns: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    settings = training.parse_settings(setting, estimator, SWITCHES)
    known = inspect.signature(estimator).parameters
    if "missing" in columns and "reading" in known:
        columns["reading"] = tables.reading(missing=columns.pop("missing"))
    for name in columns:
        if name not in known:
            raise typer.BadParameter(f"{task} has no --{name}")
    settings |= columns
    model = estimator(cell=find_cell(cell), random_state=seed, device=device, **settings)
    destination = training.Destination(out, force, False)
    if out is not None:
        destination.prepare()
        study = study or out.with_name(out.name + SUFFIX)

    def told(fit: Fit) -> None:
        if not quiet:
            say(fit.describe())

    with tables.warned(quiet):
        tuned = tune(
            model,
            file,
            trials=trials,
            search=parse_search(search, estimator) if search else None,
            time_limit=time_limit,
            study=study,
            seed=seed,
            report=told,
        )
    if not quiet and len(tuned.fits) > 1:
        say(f"tuned    {len(tuned.fits)} fits; the loss of the defaults was {_loss(tuned.fits[0])}")
    best = tuned.best
    if as_json:
        fits = [
            {"options": fit.options, "loss": fit.loss, "seconds": fit.seconds} for fit in tuned.fits
        ]
        tables.print_json({"best": {"options": best.options, "loss": best.loss}, "fits": fits})
    else:
        print(f"{_loss(best)}  {_words(best) or 'the defaults are best'}")
    if out is None:
        return
    model.set_params(**best.options)
    with tables.warned(quiet):
        model.fit(file, run=destination.run)
    destination.save(model, context.obj)
    if not quiet:
        say(f"wrote {out}, fitted with these options; the fits of the search are in {study}")


def _loss(fit: Fit) -> str:
    return "none (it broke off)" if fit.loss is None else f"{fit.loss:.4f}"


def _words(fit: Fit) -> str:
    """Its options as they are typed after ``fit``; the cell has an option of its own."""
    words: list[str] = []
    for name, value in fit.options.items():
        text = f"{value:.4g}" if isinstance(value, float) else str(value)
        words += ["--cell", text] if name == "cell" else ["--set", f"{name}={text}"]
    return shlex.join(words)


def _estimator(task: str) -> Any:
    """The class of a task's estimator. Raises BadParameter."""
    from gatewise import tasks

    names = {folder: name for name, folder in tasks.ESTIMATORS.items()}
    if task not in names:
        raise typer.BadParameter(f"there is no task {task!r}; there are {', '.join(names)}")
    return getattr(tasks, names[task])
