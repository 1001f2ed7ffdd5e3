"""A regressor as a folder: ``model.safetensors``, ``config.json``, ``README.md``. No code inside."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.tasks.model_files import model_files, packed
from gatewise.tasks.regress.fitted import Fitted
from gatewise.tasks.sequences.card import card
from gatewise.tasks.sequences.saved import (
    SavedSequences,
    config_fields,
    fitted_fields,
    read_model,
    unpacked,
)
from gatewise.tasks.sequences.value_figures import Row, format_table

Array = NDArray[Any]
KIND = "regressor"


class SavedRegressor(SavedSequences):
    """The configuration of a regressor."""

    kind: Literal["regressor"]
    mean: float
    scale: float
    evaluation: list[Row]


def files(fitted: Fitted, report: bool) -> dict[str, bytes]:
    """The files of a fitted model; ``report``: whether there is a report beside them."""
    weights, digest = packed(fitted.networks, {"seen": fitted.seen, "residuals": fitted.residuals})
    config = SavedRegressor(
        kind="regressor",
        mean=fitted.mean,
        scale=fitted.scale,
        **config_fields(fitted, digest),
    )
    return model_files(config, weights, _card(fitted, report), fitted.history)


def load(folder: str | Path) -> Fitted:
    """Read a model. Raises InputError if it is missing, damaged, changed or from a newer version."""
    return read_model(Path(folder), SavedRegressor, _restored)


def _restored(config: SavedRegressor, cell: Cell, arrays: dict[str, Array]) -> Fitted:
    if not config.scale > 0:
        raise InputError("scale is out of range")
    more = {"seen": np.int64, "residuals": np.float64}
    networks = unpacked(config, config.options, cell, 1, arrays, more)
    residuals = arrays["residuals"]
    if (residuals < 0).any() or (np.diff(residuals) < 0).any():
        raise InputError("residuals: they are sizes in ascending order")
    return Fitted(
        mean=config.mean,
        scale=config.scale,
        residuals=residuals,
        **fitted_fields(config, cell, networks, arrays),
    )


def _card(fitted: Fitted, report: bool) -> str:
    return card(fitted, "A regressor of sequences", format_table(fitted.evaluation), [], report)
