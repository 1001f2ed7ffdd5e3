"""The command with its verbs. A verb is a file in this folder and a row in ``VERBS``.

The file has a function ``register(app)``, which adds its commands. It is imported whenever the command
runs, so what is slow to import (torch, pandas) belongs inside the functions.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from gatewise.cli.exits import INTERRUPTED, PIPE
from gatewise.cli.repeats import refuse_repeats

VERBS = (
    "cells",
    "look",
    "fit",
    "predict",
    "plot",
    "update",
    "evaluate",
    "play",
    "info",
    "tune",
    "lab",
    "inspect",
    "cache",
)


class _Group(TyperGroup):
    """Leaves interruptions and closed pipes to ``main``, whatever typer would make of them."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, words = super().resolve_command(ctx, args)
        refuse_repeats(ctx, command, words)
        return name, command, words

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise SystemExit(INTERRUPTED) from None
        except BrokenPipeError:
            raise SystemExit(PIPE) from None


app = typer.Typer(
    name="gatewise",
    cls=_Group,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", "-V", help="Print the version.")] = False,
) -> None:
    """Recurrent networks from the equations of their cell."""


for _verb in VERBS:
    import_module(f"gatewise.cli.{_verb}").register(app)


@cache
def command() -> Any:
    """What runs a list of arguments: the tree of commands, which takes 30 ms to build."""
    return typer.main.get_command(app)
