"""A regressor as a folder: ``model.safetensors``, ``config.json``, ``README.md``. No code inside."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.tasks.model_files import model_files, packed
from gatewise.tasks.regress.fitted import Fitted
from gatewise.tasks.regress.options import Options
from gatewise.tasks.sequences.card import card
from gatewise.tasks.sequences.saved import (
    SavedSequences,
    config_fields,
    fitted_fields,
    read_model,
    unpacked,
)
from gatewise.tasks.sequences.value_figures import Row, format_table

KIND = "regressor"


class SavedRegressor(SavedSequences):
    """The configuration of a regressor."""

    kind: Literal["regressor"]
    options: Options
    names: tuple[str, ...] = ()
    mean: float | tuple[float, ...]  # a number in models of a single value
    scale: float | tuple[float, ...]
    evaluation: list[Row]


def files(fitted: Fitted, report: bool) -> dict[str, bytes]:
    """The files of a fitted model; ``report``: whether there is a report beside them."""
    arrays = {"seen": fitted.seen, "residuals": fitted.residuals.reshape(-1)}
    weights, digest = packed(fitted.networks, arrays)
    config = SavedRegressor(
        kind="regressor",
        names=fitted.names,
        mean=fitted.mean,
        scale=fitted.scale,
        **config_fields(fitted, digest),
    )
    return model_files(config, weights, _card(fitted, report), fitted.history)


def load(folder: str | Path) -> Fitted:
    """Read a model. Raises InputError if it is missing, damaged, changed or from a newer version."""
    return read_model(Path(folder), SavedRegressor, _restored)


def _restored(config: SavedRegressor, cell: Cell, arrays: dict[str, Array]) -> Fitted:
    mean, scale = np.atleast_1d(config.mean), np.atleast_1d(config.scale)
    width = len(config.names) or 1
    if len(mean) != width or len(scale) != width or not scale.min() > 0:
        raise InputError("names, mean and scale do not fit together, or a scale is out of range")
    more = {"seen": np.int64, "residuals": np.float64}
    networks = unpacked(config, config.options, cell, width, arrays, more)
    if len(arrays["residuals"]) % width:
        raise InputError("residuals: not as many for each value")
    residuals = arrays["residuals"].reshape(width, -1)
    if (residuals < 0).any() or (np.diff(residuals) < 0).any():
        raise InputError("residuals: they are sizes in ascending order")
    return Fitted(
        names=config.names,
        mean=tuple(map(float, mean)),
        scale=tuple(map(float, scale)),
        residuals=residuals,
        **fitted_fields(config, cell, networks, arrays),
    )


def _card(fitted: Fitted, report: bool) -> str:
    several = len(fitted.names)
    title = f"A regressor of sequences, {several} values" if several else "A regressor of sequences"
    remarks = ["Errors are in deviations of each value."] if several else []
    return card(fitted, title, format_table(fitted.evaluation), remarks, report)
