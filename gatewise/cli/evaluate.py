"""``gatewise evaluate``: the errors of a saved model on a file; rows of its training count separately."""

from __future__ import annotations

import typer

from gatewise.cli.tables import AsJson, File, Model, Quiet, need, print_json, warned


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(evaluate)


def evaluate(folder: Model, file: File, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Measure a saved model and its baselines on a file. Rows seen in training count separately."""
    need("evaluate")
    from gatewise.cli.kinds import commands_of
    from gatewise.tasks import load

    model = load(folder)
    with warned(quiet):
        report = commands_of(model).evaluate(model, file)
    if as_json:
        print_json(report.data)
    else:
        print("\n".join(report.lines))
