"""Where a command of the lab draws to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from gatewise.cli.exits import say
from gatewise.errors import InputError


def check_drawing(plot: Path | None, option: str = "--plot") -> None:
    """Raise BadParameter for a file that is no picture: before hours of work, not after them."""
    if plot is not None and plot.suffix not in (".png", ".svg"):
        raise typer.BadParameter(f"{option} writes .png or .svg, not {plot}")


def draw(plot: Path | None, figure: Any) -> None:
    """Write a figure, if it is wanted. Raises InputError where the file cannot be written."""
    if plot is None:
        return
    try:
        figure.savefig(plot)
    except OSError as error:
        raise InputError(f"cannot write {plot}: {error.strerror}") from None
    say(f"wrote {plot}")
