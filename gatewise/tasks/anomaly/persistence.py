"""A detector as a folder: ``model.safetensors``, ``config.json``, ``README.md``. No code inside."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.tasks.anomaly.figures import Row, format_table
from gatewise.tasks.anomaly.fitted import Fitted
from gatewise.tasks.anomaly.options import Options
from gatewise.tasks.anomaly.scores import Anomaly
from gatewise.tasks.model_files import model_files, packed
from gatewise.tasks.sequences.saved import networks_in, read_model
from gatewise.tasks.sequences.scaling import Scaler
from gatewise.tasks.steps.fitting import network_of
from gatewise.tasks.steps.saved import SavedSteps, card, config_fields, fitted_fields

KIND = "detector"
OWN = ("usual", "threshold", "quiet_steps", "places")  # fields of its record and its configuration


class SavedDetector(SavedSteps):
    """The configuration of a detector."""

    kind: Literal["detector"]
    options: Options
    coding: Scaler
    evaluation: list[Row]
    usual: tuple[float, ...]
    threshold: float = Field(ge=0)
    quiet_steps: int
    places: list[Anomaly]


def files(fitted: Fitted, report: bool) -> dict[str, bytes]:
    """The files of a fitted model; ``report``: whether there is a report beside them."""
    weights, digest = packed(fitted.networks, {"seen": fitted.seen})
    config = SavedDetector(
        kind="detector",
        **{name: getattr(fitted, name) for name in OWN},
        **config_fields(fitted, digest),
    )
    text = card(
        fitted,
        "A detector of anomalies in sequences",
        f"forecasts {fitted.options.ahead} steps ahead; a step is flagged from a score of {fitted.threshold:.3g} on",
        [("Errors of forecasts of quiet steps, in deviations:", format_table(fitted.evaluation))],
        report,
    )
    return model_files(config, weights, text, fitted.history)


def load(folder: str | Path) -> Fitted:
    """Read a model. Raises InputError if it is missing, damaged, changed or from a newer version."""
    return read_model(Path(folder), SavedDetector, _restored)


def _restored(config: SavedDetector, cell: Cell, arrays: dict[str, Array]) -> Fitted:
    channels = len(config.coding.channels)
    if len(config.usual) != channels or min(config.usual) <= 0:
        raise InputError("usual: not one error above 0 for each channel")
    networks = networks_in(
        arrays,
        {"seen": np.int64},
        lambda: network_of(cell, config.coding, config.choices, config.options, 0, channels),
    )
    return Fitted(
        **{name: getattr(config, name) for name in OWN},
        **fitted_fields(config, cell, networks, arrays),
    )
