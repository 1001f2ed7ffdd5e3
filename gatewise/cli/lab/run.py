"""``gatewise lab run``: train cells on experiments, and keep a result of each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gatewise.cli.exits import FAILED, say
from gatewise.cli.lab.large_blocks import keep_large_blocks
from gatewise.cli.lab.results import RESULTS
from gatewise.cli.sources import find_cell
from gatewise.errors import InputError

if TYPE_CHECKING:
    from gatewise.lab.results import Result


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command()(run)


def run(
    names: Annotated[list[str], typer.Argument(help="Experiments, or all.", metavar="NAME...")],
    cell: Annotated[
        list[str],
        typer.Option(
            "--cell", help="A cell: of the catalogue, my.py:my_cell, cell.json.", metavar="CELL"
        ),
    ] = ["lstm"],  # noqa: B006  (typer reads the default)
    recipe: Annotated[
        list[str],
        typer.Option("--recipe", help="plain, chrono or grow.", metavar="RECIPE"),
    ] = ["plain"],  # noqa: B006
    seeds: Annotated[int, typer.Option("--seeds", help="How many seeds.", metavar="N", min=1)] = 1,
    first: Annotated[int, typer.Option("--seed", help="The first seed.", metavar="N", min=0)] = 0,
    seconds: Annotated[
        float,
        typer.Option("--time", help="Seconds of the processor for one run.", metavar="SECONDS"),
    ] = 60.0,
    T: Annotated[
        int | None, typer.Option("-T", "--gap", help="The size of the gap.", metavar="N")
    ] = None,
    numbers: Annotated[
        list[str],
        typer.Option(
            "--set",
            help="Another number of the experiment, such as kinds=1000.",
            metavar="NAME=VALUE",
        ),
    ] = [],  # noqa: B006
    size: Annotated[
        str,
        typer.Option(
            "--size", help="small or full: the numbers that are not given.", metavar="SIZE"
        ),
    ] = "full",
    units: Annotated[
        int | None, typer.Option("--hidden", help="Units of the layer.", metavar="H", min=1)
    ] = None,
    B: Annotated[
        int | None, typer.Option("--batch", help="Sequences of a batch.", metavar="B", min=1)
    ] = None,
    lr: Annotated[float | None, typer.Option("--lr", help="Learning rate.", metavar="RATE")] = None,
    threads: Annotated[int, typer.Option("--threads", help="Threads.", metavar="N", min=1)] = 1,
    out: Annotated[
        Path,
        typer.Option("--out", help="Results are added to this file, a line each.", metavar="FILE"),
    ] = RESULTS,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print results only.")] = False,
) -> None:
    """Run experiments; print and keep a result for each cell, recipe and seed.

    Exit code 0: all solved; 1: some not.
    """
    from gatewise import lab
    from gatewise.lab.baselines import find as baseline
    from gatewise.lab.recipes import help_of
    from gatewise.lab.results import append

    chosen = lab.names() if names == ["all"] else tuple(names)
    fields = _fields(numbers) | ({} if T is None else {"T": T})
    try:
        experiments = [lab.make(name, size, fields) for name in chosen]
        for one in experiments:
            for name in recipe:
                help_of(one, name)
        if not 0 < seconds < 1e9:
            raise InputError(f"--time must be a number of seconds above 0, not {seconds}")
        if lr is not None and not 0 < lr < 1e3:
            raise InputError(f"--lr must be above 0, not {lr}")
    except InputError as error:
        raise typer.BadParameter(str(error)) from None
    cells = [baseline(name) or find_cell(name) for name in cell]
    append(out, None)  # before hours of training, not after them
    keep_large_blocks()
    failed = False
    for one in experiments:
        changed: dict[str, Any] = {"H": units, "B": B, "lr": lr}
        setting = replace(one.setting, **{k: v for k, v in changed.items() if v is not None})
        for name in recipe:
            for result in lab.run(
                one,
                cells,
                name,
                range(first, first + seeds),
                seconds,
                setting,
                threads,
                (lambda text: None) if quiet else say,
            ):
                append(out, result)
                print(_told(result), flush=True)
                failed |= not result.solved
    if not quiet:
        say(f"results are in {out}; gatewise lab table {out} shows them beside the published ones")
    if failed:
        raise typer.Exit(FAILED)


def _fields(texts: list[str]) -> dict[str, int | str | bool]:
    """``kinds=1000``, ``shape=square``. Raises BadParameter."""
    fields: dict[str, int | str | bool] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{text!r} is no number of an experiment: write kinds=1000")
        if value in ("true", "false"):
            fields[name] = value == "true"
        else:
            whole = value.removeprefix("-").isdecimal() and len(value) < 18
            fields[name] = int(value) if whole else value
    return fields


def _told(result: Result) -> str:
    figures = ", ".join(
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value:,}"
        for name, value in result.figures.items()
    )
    T = result.fields.get("T")
    head = f"{result.experiment} T={T} {result.cell} {result.recipe} seed {result.seed}: "
    if result.note.startswith("cannot"):
        return head + result.note
    verdict = "solved" if result.solved else "not solved"
    added = f"; with {', '.join(result.help)}" if result.help else ""
    note = f"; {result.note}" if result.note else ""
    return f"{head}{verdict}, {result.sequences:,} sequences, {result.cpu:.1f} s ({figures}){added}{note}"
