"""What the commands for classifiers and regressors share: their options, and one fit from file to folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from gatewise.cli import tables, training
from gatewise.cli.exits import say
from gatewise.errors import InputError

File = Annotated[
    Path,
    typer.Argument(
        help="A CSV or Parquet file with a row for each step, or for each sequence (--wide), a .ts file, the header "
        "(.hea) of a WFDB record, or a folder of recordings, records or texts.",
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
Labels = Annotated[
    list[str],
    typer.Option(
        "--label",
        help="The column to predict; a regressor takes several.",
        metavar="COLUMN",
    ),
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
Wide = Annotated[
    bool,
    typer.Option(
        "--wide",
        help="A row is a whole sequence, a text or numbers; --id names the rows.",
    ),
]
Pattern = Annotated[
    str | None,
    typer.Option(
        "--pattern",
        help="What the names of a folder's files say: {label}_{group}_{}.",
        metavar="TEXT",
    ),
]
SWITCHES = (
    "cell",
    "random_state",
    "device",
    "id",
    "order",
    "label",
    "group",
    "values",
    "missing",
    "wide",
    "pattern",
)
NO_TABLE = (".ts", ".txt")  # files without columns
# what is said where columns were not typed
ASKED = {
    (
        "id",
        "label",
    ): "a table needs --label, the column to predict, and --id, the column that says which sequence a row "
    "belongs to, or --wide where a row is a whole sequence",
    (
        "label",
    ): "a table needs --label: the column of what is said at each step (and --id where it holds "
    "several sequences)",
}


@dataclass(frozen=True)
class SequenceTask:
    """What the command of a task needs to know of it.

    Attributes:
        estimator: its class.
        lines: the figures of a fit, as lines of a table.
        verdict: in a sentence, whether to use the fitted model.
        needs: columns without which a table cannot be read.
        switches: arguments of the estimator that have an option of their own.
        more: what ``--json`` prints besides what all tasks have.
    """

    estimator: Callable[..., Any]
    lines: Callable[[Any], list[str]]
    verdict: Callable[[Any], str]
    needs: tuple[str, ...] = ("id", "label")
    switches: tuple[str, ...] = SWITCHES
    more: Callable[[Any], dict[str, Any]] = lambda fitted: {"pooling": fitted.pooling}


def register_fit(
    group: typer.Typer, name: str, about: str, load_task: Callable[[], SequenceTask]
) -> None:
    """Add a command that trains an estimator of whole sequences.

    Args:
        group: of the commands of ``fit``.
        name: of the command.
        about: what it does, for its help.
        load_task: imports the task, when the command runs.
    """

    @group.command(name, help=about)
    def fit_sequences(
        context: typer.Context,
        file: File,
        id: Id = None,
        label: Labels = [],  # noqa: B006
        order: Order = None,
        group: Group = None,
        values: Values = [],  # noqa: B006
        missing: tables.MissingValues = [],  # noqa: B006
        wide: Wide = False,
        pattern: Pattern = None,
        out: training.Out = None,
        cell: training.CellName = "lstm",
        setting: training.Setting = [],  # noqa: B006
        seed: training.Seed = 0,
        device: training.Device = "cpu",
        force: training.Force = False,
        resume: training.Resume = False,
        as_json: tables.AsJson = False,
        quiet: tables.Quiet = False,
    ) -> None:
        tables.need("fit")
        run_fit(
            load_task(),
            file,
            {
                "id": id,
                "label": (label[0] if len(label) == 1 else label) or None,
                "order": order,
                "group": group,
                "values": values or None,
                "missing": missing or None,
                "wide": wide,
                "pattern": pattern,
            },
            cell=cell,
            setting=setting,
            seed=seed,
            device=device,
            destination=training.Destination(out, force, resume),
            arguments=context.obj,
            as_json=as_json,
            quiet=quiet,
        )


def run_fit(
    task: SequenceTask,
    file: Path,
    columns: dict[str, Any],
    *,
    cell: str,
    setting: list[str],
    seed: int,
    device: str,
    destination: training.Destination,
    arguments: Sequence[str],
    as_json: bool,
    quiet: bool,
) -> None:
    """Train an estimator on a file, keep it, and print its figures beside those of the baselines."""
    from gatewise.cli.sources import find_cell
    from gatewise.tasks.data.sources import STDIN, open_source
    from gatewise.tasks.sequences.folders import signal_files
    from gatewise.tasks.sequences.ucr_files import is_ucr
    from gatewise.tasks.training.distributed import first_process

    settings = training.parse_settings(setting, task.estimator, task.switches)
    # of several processes, one writes and reports
    first = first_process()
    quiet = quiet or not first
    if first:
        destination.prepare()
    if not file.exists() and str(file) != STDIN:
        raise InputError(f"there is no file {file}")
    plain = file.is_dir() or signal_files(file, None) is not None
    plain = plain or (file.suffix.lower() in NO_TABLE and not columns.get("wide")) or is_ucr(file)
    needs = [name for name in task.needs if not (name == "id" and columns.get("wide"))]
    if not plain and not all(columns[name] for name in needs):
        open_source(file)  # raises InputError, which says more, for what is no table
        raise typer.BadParameter(ASKED[task.needs])
    model = task.estimator(find_cell(cell), random_state=seed, device=device, **columns, **settings)
    with tables.warned(quiet):
        plan = model.plan(file)
    if not quiet:
        say("\n".join(plan.describe()))
        destination.announce()
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
                "steps": fitted.steps,
                "stopped": fitted.stopped,
                "notes": list(fitted.notes),
                "evaluation": [row.to_dict() for row in fitted.evaluation],
                **task.more(fitted),
            }
        )
    else:
        print("\n".join(task.lines(fitted)))
    if quiet:
        return
    told = plan.describe()
    for note in fitted.notes:
        if not any(line.endswith(note) for line in told):
            say(f"note     {note}")
    say(task.verdict(fitted))
    destination.tell_saved(" --data FILE")
