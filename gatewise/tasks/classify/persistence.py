"""A classifier as a folder: ``model.safetensors``, ``config.json``, ``README.md``. No code inside."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gatewise.errors import InputError
from gatewise.ir.serial import to_data
from gatewise.lang.cell import Cell
from gatewise.tasks.classify.fitted import Fitted
from gatewise.tasks.classify.options import Options
from gatewise.tasks.model_dir import REPORT
from gatewise.tasks.model_files import model_files, packed
from gatewise.tasks.sequences.class_figures import Row, format_table
from gatewise.tasks.sequences.saved import SCHEMA, SavedSequences, read_model, unpacked
from gatewise.version import __version__

Array = NDArray[Any]
KIND = "classifier"


class SavedClassifier(SavedSequences):
    """The configuration of a classifier."""

    kind: Literal["classifier"]
    options: Options
    classes: tuple[str, ...] | tuple[bool, ...] | tuple[int, ...] | tuple[float, ...]
    counts: tuple[int, ...]
    temperature: float
    evaluation: list[Row]
    calibration: tuple[float, float]
    notes: tuple[str, ...]


def files(fitted: Fitted, report: bool) -> dict[str, bytes]:
    """The files of a fitted model; ``report``: whether there is a report beside them."""
    weights, digest = packed(fitted.networks, {"seen": fitted.seen})
    config = SavedClassifier(
        schema_version=SCHEMA,
        kind="classifier",
        gatewise=__version__,
        weights_sha256=digest,
        cell=to_data(fitted.cell.program),
        options=fitted.options,
        classes=tuple(fitted.classes.tolist()),
        counts=fitted.counts,
        choices=fitted.choices,
        pooling=fitted.pooling,
        coding=fitted.coding,
        temperature=fitted.temperature,
        steps=fitted.steps,
        stopped=fitted.stopped,
        evaluation=fitted.evaluation,
        calibration=fitted.calibration,
        notes=fitted.notes,
        library=fitted.library,  # type: ignore[arg-type]
    )
    return model_files(config, weights, _card(fitted, report), fitted.history)


def load(folder: str | Path) -> Fitted:
    """Read a model. Raises InputError if it is missing, damaged, changed or from a newer version."""
    return read_model(Path(folder), SavedClassifier, _restored)


def _restored(config: SavedClassifier, cell: Cell, arrays: dict[str, Array]) -> Fitted:
    classes = np.array(config.classes)
    if len(classes) < 2 or len(set(config.classes)) != len(config.classes):
        raise InputError("classes: there are fewer than two, or two are the same")
    if len(config.counts) != len(classes):
        raise InputError("counts: not one for each class")
    if not 0 < config.temperature < 1e6:
        raise InputError("temperature is out of range")
    networks = unpacked(config, config.options, cell, len(classes), arrays, {"seen": np.int64})
    return Fitted(
        config.options,
        cell,
        classes,
        config.counts,
        config.choices,
        config.pooling,
        config.coding,
        networks,
        config.temperature,
        config.steps,
        config.stopped,
        config.evaluation,
        config.calibration,
        arrays["seen"],
        config.notes,
        config.library,
    )


def _card(fitted: Fitted, report: bool) -> str:
    """The model card. Names of the data are not in it: anything can stand in them."""
    figures = format_table(fitted.evaluation)
    before, after = (100 * error for error in fitted.calibration)
    shows = f" `{REPORT}` shows some of them: the model works without it." if report else ""
    cell = re.sub(r"\W", " ", fitted.cell.name)
    lines = [
        f"# A classifier of sequences, {len(fitted.classes)} classes",
        "",
        f"Made with Gatewise {__version__} from {sum(fitted.counts)} sequences. Cell: `{cell}`, "
        f"{fitted.pooling} pooling, {len(fitted.networks)} networks.",
        "",
        "Figures on sequences that the network that was measured had not seen, best first; the shipped "
        "weights were then trained on all sequences.",
        "",
        "```",
        *figures,
        "```",
        "",
        f"Expected calibration error {before:.1f} % before and {after:.1f} % after the temperature.",
        "",
        "The model holds no training sequence: only a number for the content of each, by which a copy is "
        f"recognised.{shows}",
        "",
        "```",
        "gatewise predict {this folder} --data FILE",
        "```",
        "",
    ]
    return "\n".join(lines)
