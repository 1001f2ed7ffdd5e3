"""``gatewise lab table`` and ``curves``: results beside the published ones, and how they were reached."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gatewise.cli.lab.drawing import check_drawing, draw

RESULTS = Path("lab.jsonl")

Files = Annotated[
    list[Path], typer.Argument(help=f"Files of results (default: {RESULTS}).", metavar="FILE...")
]


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command()(table)
    group.command()(curves)


def table(
    files: Files = [RESULTS],  # noqa: B006
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
) -> None:
    """Show results beside the published figures, a column for each recipe."""
    from gatewise.lab import table as tables
    from gatewise.lab.results import read

    results = read(files)
    print(tables.markdown(results) if markdown else tables.text(results))


def curves(
    files: Files = [RESULTS],  # noqa: B006
    out: Annotated[
        Path, typer.Option("--out", help="Draw to this file: .png or .svg.", metavar="FILE")
    ] = Path("curves.svg"),
) -> None:
    """Draw the running error of results over the sequences of training."""
    from gatewise.inspect.pictures import plot_curves
    from gatewise.lab.results import read

    check_drawing(out, "--out")
    labelled = {
        f"{r.experiment} T={r.fields.get('T')} {r.cell} {r.recipe}, seed {r.seed}": r.curve
        for r in read(files)
        if r.curve
    }
    draw(out, plot_curves(labelled))
