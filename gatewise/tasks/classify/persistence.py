"""A classifier as a folder: ``model.safetensors``, ``config.json``, ``README.md``. No code inside."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.tasks.classify.fitted import Fitted
from gatewise.tasks.classify.options import Options
from gatewise.tasks.model_files import model_files, packed
from gatewise.tasks.sequences.card import card
from gatewise.tasks.sequences.class_figures import Row, format_table
from gatewise.tasks.sequences.saved import (
    SavedSequences,
    config_fields,
    fitted_fields,
    read_model,
    unpacked,
)

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


def files(fitted: Fitted, report: bool) -> dict[str, bytes]:
    """The files of a fitted model; ``report``: whether there is a report beside them."""
    weights, digest = packed(fitted.networks, {"seen": fitted.seen})
    config = SavedClassifier(
        kind="classifier",
        classes=tuple(fitted.classes.tolist()),
        counts=fitted.counts,
        temperature=fitted.temperature,
        calibration=fitted.calibration,
        **config_fields(fitted, digest),
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
        classes=classes,
        counts=config.counts,
        temperature=config.temperature,
        calibration=config.calibration,
        **fitted_fields(config, cell, networks, arrays),
    )


def _card(fitted: Fitted, report: bool) -> str:
    before, after = (100 * error for error in fitted.calibration)
    return card(
        fitted,
        f"A classifier of sequences, {len(fitted.classes)} classes",
        format_table(fitted.evaluation),
        [
            f"Expected calibration error {before:.1f} % before and {after:.1f} % after the temperature."
        ],
        report,
    )
