"""``gatewise evaluate``: the errors of a saved model on a file, or the returns of a policy in its environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gatewise.cli.policies import Env, Sample
from gatewise.cli.tables import AsJson, Model, Quiet, need, print_json, warned


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(evaluate)


def evaluate(
    folder: Model,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="A CSV, Excel, Parquet or Feather file, also .gz or .zip; - for standard input. A policy needs none.",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    episodes: Annotated[
        int | None,
        typer.Option(
            "--episodes",
            help="Of a policy: how many to play (default: 100).",
            metavar="N",
            min=1,
            max=100_000,
        ),
    ] = None,
    env: Env = None,
    sample: Sample = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Measure a saved model and its baselines on a file, or play episodes with a policy.

    Rows that were seen in training count separately.
    """
    need("evaluate")
    from gatewise.cli import policies
    from gatewise.cli.kinds import commands_of
    from gatewise.tasks import load

    with warned(quiet):
        if policies.is_policy(folder):
            if file is not None:
                raise typer.BadParameter("a policy is measured in its environment: leave FILE out")
            report = policies.evaluate(folder, episodes or 100, env, sample)
        else:
            if file is None:
                raise typer.BadParameter("name the FILE to measure the model on")
            if episodes is not None or env is not None or sample:
                raise typer.BadParameter("--episodes, --env and --sample are for policies")
            model = load(folder)
            report = commands_of(model).evaluate(model, file)
    if as_json:
        print_json(report.data)
    else:
        print("\n".join(report.lines))
