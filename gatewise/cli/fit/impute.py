"""``gatewise fit impute``: trains an imputer, which fills missing values in, on a file and compares it with its baselines."""

from __future__ import annotations

import typer

from gatewise.cli import sequences, tables, training


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("impute")(fit_impute)


def fit_impute(
    context: typer.Context,
    file: sequences.File,
    id: sequences.Id = None,
    order: sequences.Order = None,
    group: sequences.Group = None,
    values: sequences.Values = [],  # noqa: B006
    missing: tables.MissingValues = [],  # noqa: B006
    out: training.Out = None,
    cell: training.CellName = "lstm",
    setting: training.Setting = [],  # noqa: B006
    seed: training.Seed = 0,
    device: training.Device = "cpu",
    force: training.Force = False,
    resume: training.Resume = False,
    as_json: tables.AsJson = False,
    quiet: tables.Quiet = False,
) -> None:
    """Train an imputer that fills missing values in, with intervals, and compare it with its baselines."""
    tables.need("fit")
    from gatewise.tasks import SequenceImputer
    from gatewise.tasks.impute.figures import format_table
    from gatewise.tasks.impute.page import verdict

    sequences.run_fit(
        sequences.SequenceTask(
            SequenceImputer,
            lambda fitted: format_table(fitted.evaluation),
            verdict,
            needs=(),
            more=lambda fitted: {"season": fitted.season, "block": fitted.block},
        ),
        file,
        {
            "id": id,
            "order": order,
            "group": group,
            "values": values or None,
            "missing": missing or None,
        },
        cell=cell,
        setting=setting,
        seed=seed,
        device=device,
        destination=training.Destination(out, force, resume),
        arguments=context.obj,
        as_json=as_json,
        quiet=quiet,
    )
