"""What the files of saved models at every step share: the configuration, the record, the card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gatewise.arrays import Array
from gatewise.lang.cell import Cell
from gatewise.tasks.sequences import saved
from gatewise.tasks.sequences.card import model_card
from gatewise.tasks.sequences.saved import SavedModel
from gatewise.tasks.steps.choices import StepChoices
from gatewise.tasks.steps.fitted import FittedSteps
from gatewise.tasks.steps.network import StepNetwork

# fields that a record and its configuration have in common
SAME = ("options", "choices", "coding", "steps", "stopped", "evaluation", "notes", "library")


class SavedSteps(SavedModel):
    """What ``config.json`` holds for every estimator at every step."""

    options: Any  # each task has a type for it, and for its rows
    choices: StepChoices
    evaluation: Any
    notes: tuple[str, ...]


def config_fields(fitted: FittedSteps, digest: str) -> dict[str, Any]:
    """The fields of ``SavedSteps`` but the kind; ``digest`` is the SHA-256 of the weights."""
    return saved.config_fields(fitted, digest, SAME)


def fitted_fields(
    config: SavedSteps, cell: Cell, networks: tuple[StepNetwork, ...], arrays: Mapping[str, Array]
) -> dict[str, Any]:
    """The fields of ``FittedSteps`` that a file holds."""
    return saved.fitted_fields(config, cell, networks, arrays, SAME)


def card(
    fitted: FittedSteps,
    title: str,
    reads: str,
    tables: Sequence[tuple[str, Sequence[str]]],
    report: bool,
) -> str:
    """The text of ``README.md``.

    Args:
        fitted: the model.
        title: what it is.
        reads: how its network reads, as the end of a sentence that begins with "it".
        tables: a line of introduction and the lines of each table of figures.
        report: whether there is a report beside the card.
    """
    body = [
        "Figures are those of a network on steps that it had not seen, best first; the shipped weights were then "
        "trained on all steps.",
        "",
    ]
    for introduction, table in tables:
        body += [introduction, "", "```", *table, "```", ""]
    networks = f"{len(fitted.networks)} networks; it {reads}"
    return model_card(title, fitted.cell, len(fitted.seen), networks, body, report)
