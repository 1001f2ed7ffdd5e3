"""``gatewise fit``: the group of commands that train a model, a file of this folder for each task.

The file has a function ``register(group)``, which adds its command. It is imported whenever the command
line runs, so what is slow to import (torch, pandas) belongs inside the functions.
"""

from __future__ import annotations

import shlex
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import typer
from typer.core import TyperGroup

from gatewise.cli.repeats import refuse_repeats


class _Tasks(TyperGroup):
    """Says what to type where a file stands in the place of a task."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        first = args[0]
        if first not in self.commands and (Path(first).suffix or Path(first).exists()):
            words = shlex.join(["gatewise", "fit", "forecast", *args])
            ctx.fail(f"fit needs a task before the file. For forecasts, type: {words}")
        name, command, rest = super().resolve_command(ctx, args)
        refuse_repeats(ctx, command, rest)
        return name, command, rest


def register(app: typer.Typer) -> None:
    """Add the group with all of its commands."""
    group = typer.Typer(help="Train a model on a file.", cls=_Tasks, no_args_is_help=True)
    for module in sorted(file.name for file in iter_modules(__path__)):
        import_module(f"gatewise.cli.fit.{module}").register(group)
    app.add_typer(group, name="fit")
