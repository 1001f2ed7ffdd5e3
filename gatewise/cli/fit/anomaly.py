"""``gatewise fit anomaly``: trains a detector of anomalies on a file, and ranks what stands out in it."""

from __future__ import annotations

from typing import Annotated

import typer

from gatewise.cli import sequences, tables, training


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("anomaly")(fit_anomaly)


def fit_anomaly(
    context: typer.Context,
    file: sequences.File,
    id: sequences.Id = None,
    label: Annotated[
        str | None,
        typer.Option(
            "--label", help="A column that is 1 in known anomalies, 0 elsewhere.", metavar="COLUMN"
        ),
    ] = None,
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
    """Train a detector that flags surprising steps, and rank the places of the file that stand out."""
    tables.need("fit")
    from gatewise.tasks import AnomalyDetector
    from gatewise.tasks.anomaly.page import verdict
    from gatewise.tasks.anomaly.tables import lines_of

    sequences.run_fit(
        sequences.SequenceTask(
            AnomalyDetector,
            lines_of,
            verdict,
            needs=(),
            more=lambda fitted: {
                "threshold": fitted.threshold,
                "places": [place.to_dict() for place in fitted.places],
            },
        ),
        file,
        {
            "id": id,
            "label": label,
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
