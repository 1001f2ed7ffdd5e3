"""``gatewise fit tag``: trains a tagger, which says something of every step, on a file and compares it with its baselines."""

from __future__ import annotations

from typing import Annotated

import typer

from gatewise.cli import sequences, tables, training


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("tag")(fit_tag)


def fit_tag(
    context: typer.Context,
    file: sequences.File,
    id: sequences.Id = None,
    label: Annotated[
        list[str],
        typer.Option(
            "--label",
            help="The column of what is said at each step; repeatable for several labels at once. Of WFDB records "
            "beat, symbol or rhythm.",
            metavar="COLUMN",
        ),
    ] = [],  # noqa: B006
    order: sequences.Order = None,
    group: sequences.Group = None,
    values: sequences.Values = [],  # noqa: B006
    missing: tables.MissingValues = [],  # noqa: B006
    lookahead: Annotated[
        int | None,
        typer.Option(
            "--lookahead",
            help="Steps that may be read behind the one that is spoken of; 0 for streams. Without it, "
            "sequences are read to their end.",
            metavar="N",
            min=0,
        ),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option("--rate", help="Steps a second, for figures an hour.", metavar="HERTZ"),
    ] = None,
    pattern: sequences.Pattern = None,
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
    """Train a tagger that says a class, labels or a value at every step, and compare it with its baselines.

    In a folder of sounds, a file beside each says what is heard in it: take1.txt (a label track of Audacity) or
    take1.csv (start, end and label, in seconds).
    """
    tables.need("fit")
    from gatewise.tasks import SequenceTagger
    from gatewise.tasks.tag.tables import lines_of
    from gatewise.tasks.tag.verdict import verdict

    sequences.run_fit(
        sequences.SequenceTask(
            SequenceTagger,
            lines_of,
            verdict,
            needs=("label",),
            switches=(*sequences.SWITCHES, "lookahead", "rate"),
            more=lambda fitted: {"events": [row.to_dict() for row in fitted.event_evaluation]},
        ),
        file,
        {
            "id": id,
            "label": (label[0] if len(label) == 1 else label) or None,
            "order": order,
            "group": group,
            "values": values or None,
            "missing": missing or None,
            "lookahead": lookahead,
            "rate": rate,
            "pattern": pattern,
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
