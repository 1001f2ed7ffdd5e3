"""An imputer as a folder: ``model.safetensors``, ``config.json``, ``README.md``. No code inside."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.tasks.impute.figures import Row, format_table
from gatewise.tasks.impute.fitted import Fitted
from gatewise.tasks.impute.options import Options
from gatewise.tasks.impute.problem import network_of
from gatewise.tasks.model_files import model_files, packed
from gatewise.tasks.sequences.saved import networks_in, read_model
from gatewise.tasks.sequences.scaling import Scaler
from gatewise.tasks.steps.saved import SavedSteps, card, config_fields, fitted_fields

KIND = "imputer"


class SavedImputer(SavedSteps):
    """The configuration of an imputer."""

    kind: Literal["imputer"]
    options: Options
    coding: Scaler
    evaluation: list[Row]
    season: int = Field(ge=1, le=100_000)
    block: int = Field(ge=1, le=1_000_000)


def files(fitted: Fitted, report: bool) -> dict[str, bytes]:
    """The files of a fitted model; ``report``: whether there is a report beside them."""
    more = {
        "seen": fitted.seen,
        "residuals": fitted.residuals,
        "profile": fitted.profile.ravel(),
    }
    weights, digest = packed(fitted.networks, more)
    config = SavedImputer(
        kind="imputer",
        season=fitted.season,
        block=fitted.block,
        **config_fields(fitted, digest),
    )
    text = card(
        fitted,
        "An imputer of sequences",
        "reads both sides of a gap",
        [("Errors of removed values, in deviations:", format_table(fitted.evaluation))],
        report,
    )
    return model_files(config, weights, text, fitted.history)


def load(folder: str | Path) -> Fitted:
    """Read a model. Raises InputError if it is missing, damaged, changed or from a newer version."""
    return read_model(Path(folder), SavedImputer, _restored)


def _restored(config: SavedImputer, cell: Cell, arrays: dict[str, Array]) -> Fitted:
    channels = len(config.coding.channels)
    more = {"seen": np.int64, "residuals": np.float64, "profile": np.float64}
    networks = networks_in(
        arrays, more, lambda: network_of(cell, channels, config.choices, config.options)
    )
    if arrays["profile"].size != config.season * channels:
        raise InputError("profile: not one value for each channel and step of the season")
    residuals = arrays["residuals"]
    if (residuals < 0).any() or (np.diff(residuals) < 0).any():
        raise InputError("residuals: they are sizes in ascending order")
    return Fitted(
        season=config.season,
        block=config.block,
        profile=arrays["profile"].reshape(config.season, channels),
        residuals=residuals,
        **fitted_fields(config, cell, networks, arrays),
    )
