"""``gatewise info``: what a saved model is, how it was trained, and its errors."""

from __future__ import annotations

import typer

from gatewise.cli.tables import AsJson, Model, need, print_json


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(info)


def info(folder: Model, as_json: AsJson = False) -> None:
    """Show what a saved model predicts, its cell, and its errors on data it had not seen."""
    need("info")
    from gatewise.cli import policies
    from gatewise.cli.kinds import commands_of
    from gatewise.tasks import load

    if policies.is_policy(folder):
        kind, report = policies.KIND, policies.info(folder)
    else:
        model = load(folder)
        kind, report = model.kind, commands_of(model).info(model)
    if as_json:
        print_json({"kind": kind} | report.data)
    else:
        print("\n".join(report.lines))
