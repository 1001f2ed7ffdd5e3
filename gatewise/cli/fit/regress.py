"""``gatewise fit regress``: trains a regressor of whole sequences on a file and compares it with its baselines."""

from __future__ import annotations

import typer

from gatewise.cli import sequences

ABOUT = (
    "Train a regressor that tells the value of a whole sequence, and compare it with its baselines."
)


def register(group: typer.Typer) -> None:
    """Add the command."""
    sequences.register_fit(group, "regress", ABOUT, _task)


def _task() -> sequences.SequenceTask:
    from gatewise.tasks import SequenceRegressor
    from gatewise.tasks.regress.verdict import verdict
    from gatewise.tasks.sequences.value_figures import format_table

    return sequences.SequenceTask(
        SequenceRegressor, lambda fitted: format_table(fitted.evaluation), verdict
    )
