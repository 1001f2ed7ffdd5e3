"""What the files of saved models at every step share: the configuration, the record, the card."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from gatewise.ir.serial import to_data
from gatewise.lang.cell import Cell
from gatewise.tasks.model_dir import REPORT
from gatewise.tasks.sequences.saved import SCHEMA, SavedModel
from gatewise.tasks.steps.choices import StepChoices
from gatewise.tasks.steps.fitted import FittedSteps
from gatewise.tasks.steps.network import StepNetwork
from gatewise.version import __version__

Array = NDArray[Any]
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
    return {
        "schema_version": SCHEMA,
        "gatewise": __version__,
        "weights_sha256": digest,
        "cell": to_data(fitted.cell.program),
        **{name: getattr(fitted, name) for name in SAME},
    }


def fitted_fields(
    config: SavedSteps,
    cell: Cell,
    networks: tuple[StepNetwork, ...],
    arrays: Mapping[str, Array],
) -> dict[str, Any]:
    """The fields of ``FittedSteps`` that a file holds."""
    same = {name: getattr(config, name) for name in SAME}
    return {"cell": cell, "networks": networks, "seen": arrays["seen"], **same}


def card(
    fitted: FittedSteps,
    title: str,
    reads: str,
    tables: Sequence[tuple[str, Sequence[str]]],
    report: bool,
) -> str:
    """The text of ``README.md``. Names of the data are not in it: anything can stand in them.

    Args:
        fitted: the model.
        title: what it is.
        reads: how its network reads, as the end of a sentence that begins with "it".
        tables: a line of introduction and the lines of each table of figures.
        report: whether there is a report beside the card.
    """
    shows = f" `{REPORT}` shows some of them: the model works without it." if report else ""
    cell = re.sub(r"\W", " ", fitted.cell.name)
    lines = [
        f"# {title}",
        "",
        f"Made with Gatewise {__version__} from {len(fitted.seen)} sequences. Cell: `{cell}`, "
        f"{len(fitted.networks)} networks; it {reads}.",
        "",
        "Figures are those of a network on steps that it had not seen, best first; the shipped weights were then "
        "trained on all steps.",
        "",
    ]
    for introduction, table in tables:
        lines += [introduction, "", "```", *table, "```", ""]
    lines += [
        "The model holds no training sequence: only a number for the content of each, by which a copy is "
        f"recognised.{shows}",
        "",
        "```",
        "gatewise predict {this folder} --data FILE",
        "```",
        "",
    ]
    return "\n".join(lines)
