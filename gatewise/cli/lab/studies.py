"""``gatewise lab study``, ``probe`` and ``explode``: studies of more than one run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gatewise.cli.exits import say
from gatewise.cli.lab.drawing import check_drawing, draw
from gatewise.cli.sources import find_cell


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command()(study)
    group.command()(probe)
    group.command()(explode)


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
            "--file", help="The trials; a study that was stopped is resumed.", metavar="FILE"
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
    check_drawing(plot)
    torch.set_num_threads(1)
    done = study.run_study(file, trials, updates, names, tell=say)
    print(page.markdown(done))
    draw(plot, page.plot(done) if plot is not None else None)


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
    check_drawing(plot)
    torch.set_num_threads(1)
    probed = probing.probe(find_cell(cell), T, range(seeds), seconds, tell=say)
    print("\n".join(probed.verdicts()))
    draw(plot, probing.plot(probed) if plot is not None else None)


def explode(
    gain: Annotated[
        float, typer.Option("--gain", help="Of the orthogonal matrix.", metavar="GAIN")
    ] = 1.5,
) -> None:
    """Provoke exploding gradients in an Elman network, and train it with and without clipping."""
    from gatewise.lab.exploding import explode as provoked

    print("\n".join(provoked(gain).told()))
