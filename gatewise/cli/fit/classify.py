"""``gatewise fit classify``: trains a classifier of whole sequences on a file and compares it with its baselines."""

from __future__ import annotations

import typer

from gatewise.cli import sequences

ABOUT = "Train a classifier that tells the class of a whole sequence, and compare it with its baselines."


def register(group: typer.Typer) -> None:
    """Add the command."""
    sequences.register_fit(group, "classify", ABOUT, _task)


def _task() -> sequences.SequenceTask:
    from gatewise.tasks import SequenceClassifier
    from gatewise.tasks.classify.verdict import verdict
    from gatewise.tasks.sequences.class_figures import format_table

    return sequences.SequenceTask(
        SequenceClassifier, lambda fitted: format_table(fitted.evaluation), verdict
    )
