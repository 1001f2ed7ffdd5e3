"""``gatewise lab``: the field's founding experiments with any cell; a file of this folder for each subject.

The file has a function ``register(group)``, which adds its commands. It is imported whenever the command
line runs, so what is slow to import (torch, optuna) belongs inside the functions.
"""

from __future__ import annotations

from importlib import import_module

import typer

# in the order of the help
_SUBJECTS = ("listing", "run", "results", "studies")


def register(app: typer.Typer) -> None:
    """Add the group with all of its commands."""
    group = typer.Typer(
        help="The founding experiments: long time lags, adding, copying, counting.",
        no_args_is_help=True,
    )
    for subject in _SUBJECTS:
        import_module(f"gatewise.cli.lab.{subject}").register(group)
    app.add_typer(group, name="lab")
