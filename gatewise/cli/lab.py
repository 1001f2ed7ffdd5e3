"""``gatewise lab``: the field's founding experiments, with any cell."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gatewise.cli.exits import FAILED, say
from gatewise.cli.sources import find_cell
from gatewise.errors import InputError

if TYPE_CHECKING:
    from gatewise.lab.results import Result

Out = Annotated[
    Path, typer.Option("--out", help="Results are added to this file, a line each.", metavar="FILE")
]
_RESULTS = Path("lab.jsonl")

verb = typer.Typer(help="The founding experiments: long time lags, adding, copying, counting.")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(verb, name="lab", no_args_is_help=True)


@verb.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the experiments: what they ask, their numbers, their criterion."""
    from gatewise import lab

    known = [lab.get(name) for name in lab.names()]
    if as_json:
        print(json.dumps([_described(e) for e in known], indent=1, ensure_ascii=False))
        return
    width = max(len(e.name) for e in known)
    for e in known:
        numbers = " ".join(f"{k}={v}" for k, v in lab.make(e.name).describe().items() if v != "")
        print(f"{e.name:<{width}}  {e.title}")
        print(f"{'':<{width}}  solved: {e.success}")
        print(f"{'':<{width}}  {numbers}  ({e.source})")


@verb.command()
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
    out: Out = _RESULTS,
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


@verb.command()
def table(
    files: Annotated[
        list[Path], typer.Argument(help="Files of results (default: lab.jsonl).", metavar="FILE...")
    ] = [_RESULTS],  # noqa: B006
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
) -> None:
    """Show results beside the published figures, a column for each recipe."""
    from gatewise.lab import table as tables
    from gatewise.lab.results import read

    results = read(files)
    print(tables.markdown(results) if markdown else tables.text(results))


@verb.command()
def curves(
    files: Annotated[
        list[Path], typer.Argument(help="Files of results (default: lab.jsonl).", metavar="FILE...")
    ] = [_RESULTS],  # noqa: B006
    out: Annotated[
        Path, typer.Option("--out", help="Draw to this file: .png or .svg.", metavar="FILE")
    ] = Path("curves.svg"),
) -> None:
    """Draw the running error of results over the sequences of training."""
    from gatewise.inspect.pictures import plot_curves
    from gatewise.lab.results import read

    _check_plot(out)
    labelled = {
        f"{r.experiment} T={r.fields.get('T')} {r.cell} {r.recipe}, seed {r.seed}": r.curve
        for r in read(files)
        if r.curve
    }
    _draw(out, plot_curves(labelled))


@verb.command()
def study(
    trials: Annotated[
        int,
        typer.Option(
            "--trials", help="Random settings for each cell and task.", metavar="N", min=1
        ),
    ] = 20,
    updates: Annotated[
        int, typer.Option("--updates", help="Updates of each training.", metavar="N", min=1)
    ] = 200,
    cell: Annotated[
        list[str],
        typer.Option(
            "--cell",
            help="Only these cells of the study (vanilla is always there).",
            metavar="CELL",
        ),
    ] = [],  # noqa: B006
    file: Annotated[
        Path,
        typer.Option(
            "--file", help="The trials; a study that was stopped goes on.", metavar="FILE"
        ),
    ] = Path("study.log"),
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw the errors: .png or .svg.", metavar="FILE")
    ] = None,
) -> None:
    """Which part of the LSTM matters? The same random search for every variant, and what its numbers say."""
    import torch

    from gatewise.lab.study import page
    from gatewise.lab.study import trials as study

    names = tuple(dict.fromkeys((study.VANILLA, *cell))) if cell else study.CELLS
    _check_plot(plot)
    torch.set_num_threads(1)
    done = study.run_study(file, trials, updates, names, tell=say)
    print(page.markdown(done))
    _draw(plot, page.plot(done) if plot is not None else None)


@verb.command()
def probe(
    cell: Annotated[str, typer.Option("--cell", help="A cell.", metavar="CELL")] = "lstm",
    T: Annotated[
        int,
        typer.Option("-T", "--gap", help="Distractor phrases in each place.", metavar="N", min=1),
    ] = 2,
    seeds: Annotated[int, typer.Option("--seeds", help="How many seeds.", metavar="N", min=1)] = 10,
    seconds: Annotated[
        float, typer.Option("--time", help="Seconds of training for one seed.", metavar="SECONDS")
    ] = 30.0,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", help="Draw the accuracies: .png or .svg.", metavar="FILE"),
    ] = None,
) -> None:
    """Agreement: are gender and number of the subject kept or released once they are not needed?"""
    import torch

    from gatewise.lab import probing

    if not 0 < seconds < 1e9:
        raise typer.BadParameter(f"--time must be a number of seconds above 0, not {seconds}")
    _check_plot(plot)
    torch.set_num_threads(1)
    probed = probing.probe(find_cell(cell), T, range(seeds), seconds, tell=say)
    print("\n".join(probed.verdicts()))
    _draw(plot, probing.plot(probed) if plot is not None else None)


@verb.command()
def explode(
    gain: Annotated[
        float, typer.Option("--gain", help="Of the orthogonal matrix.", metavar="GAIN")
    ] = 1.5,
) -> None:
    """Provoke exploding gradients in an Elman network, and train it with and without clipping."""
    from gatewise.lab.exploding import explode as provoked

    print("\n".join(provoked(gain).told()))


def _check_plot(plot: Path | None) -> None:
    if plot is not None and plot.suffix not in (".png", ".svg"):
        raise typer.BadParameter(f"--plot writes .png or .svg, not {plot}")


def _draw(plot: Path | None, figure: Any) -> None:
    if plot is None:
        return
    try:
        figure.savefig(plot)
    except OSError as error:
        raise InputError(f"cannot write {plot}: {error.strerror}") from None
    say(f"wrote {plot}")


# --- helpers ------------------------------------------------------------------------------------------


def _described(experiment: Any) -> dict[str, Any]:
    from gatewise import lab

    return {
        "name": experiment.name,
        "title": experiment.title,
        "source": experiment.source,
        "criterion": experiment.success,
        "numbers": lab.make(experiment.name).describe(),
    }


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
