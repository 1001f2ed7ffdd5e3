"""``gatewise fit``: the group of commands that train a model, a file of this folder for each task.

The file has a function ``register(group)``, which adds its command. It is imported whenever the command
line runs, so what is slow to import (torch, pandas) belongs inside the functions.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import typer


def register(app: typer.Typer) -> None:
    """Add the group with all of its commands."""
    group = typer.Typer(help="Train a model on a file.", no_args_is_help=True)
    for module in sorted(file.name for file in iter_modules(__path__)):
        import_module(f"gatewise.cli.fit.{module}").register(group)
    app.add_typer(group, name="fit")
