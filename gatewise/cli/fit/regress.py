"""``gatewise fit regress``: trains a regressor of whole sequences on a file and compares it with its baselines."""

from __future__ import annotations

import typer

from gatewise.cli import sequences, tables, training


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("regress")(fit_regress)


def fit_regress(
    context: typer.Context,
    file: sequences.File,
    id: sequences.Id = None,
    label: sequences.Label = None,
    order: sequences.Order = None,
    group: sequences.Group = None,
    values: sequences.Values = [],  # noqa: B006
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
    """Train a regressor that tells the value of a whole sequence, and compare it with simple ones."""
    tables.need("fit")
    from gatewise.tasks import SequenceRegressor
    from gatewise.tasks.regress.verdict import verdict
    from gatewise.tasks.sequences.value_figures import format_table

    sequences.run_fit(
        SequenceRegressor,
        file,
        {"id": id, "label": label, "order": order, "group": group, "values": values or None},
        cell=cell,
        setting=setting,
        seed=seed,
        device=device,
        destination=training.Destination(out, force, resume),
        arguments=context.obj,
        format_table=format_table,
        verdict=verdict,
        as_json=as_json,
        quiet=quiet,
    )
