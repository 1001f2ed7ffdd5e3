"""A regressor as a folder: ``model.safetensors``, ``config.json``, ``README.md``. No code inside."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gatewise.errors import InputError
from gatewise.ir.serial import to_data
from gatewise.lang.cell import Cell
from gatewise.tasks.model_dir import REPORT
from gatewise.tasks.model_files import model_files, packed
from gatewise.tasks.regress.fitted import Fitted
from gatewise.tasks.sequences.options import SequenceOptions
from gatewise.tasks.sequences.saved import SCHEMA, SavedSequences, read_model, unpacked
from gatewise.tasks.sequences.value_figures import Row, format_table
from gatewise.version import __version__

Array = NDArray[Any]
KIND = "regressor"


class SavedRegressor(SavedSequences):
    """The configuration of a regressor."""

    kind: Literal["regressor"]
    options: SequenceOptions
    mean: float
    scale: float
    evaluation: list[Row]
    notes: tuple[str, ...]


def files(fitted: Fitted, report: bool) -> dict[str, bytes]:
    """The files of a fitted model; ``report``: whether there is a report beside them."""
    weights, digest = packed(fitted.networks, {"seen": fitted.seen, "residuals": fitted.residuals})
    config = SavedRegressor(
        schema_version=SCHEMA,
        kind="regressor",
        gatewise=__version__,
        weights_sha256=digest,
        cell=to_data(fitted.cell.program),
        options=fitted.options,
        mean=fitted.mean,
        scale=fitted.scale,
        choices=fitted.choices,
        pooling=fitted.pooling,
        coding=fitted.coding,
        steps=fitted.steps,
        stopped=fitted.stopped,
        evaluation=fitted.evaluation,
        notes=fitted.notes,
        library=fitted.library,  # type: ignore[arg-type]
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
        config.options,
        cell,
        config.mean,
        config.scale,
        config.choices,
        config.pooling,
        config.coding,
        networks,
        residuals,
        config.steps,
        config.stopped,
        config.evaluation,
        arrays["seen"],
        config.notes,
        config.library,
    )


def _card(fitted: Fitted, report: bool) -> str:
    """The model card. Names of the data are not in it: anything can stand in them."""
    figures = format_table(fitted.evaluation)
    shows = f" `{REPORT}` shows some of them: the model works without it." if report else ""
    cell = re.sub(r"\W", " ", fitted.cell.name)
    lines = [
        "# A regressor of sequences",
        "",
        f"Made with Gatewise {__version__} from {len(fitted.seen)} sequences. Cell: `{cell}`, "
        f"{fitted.pooling} pooling, {len(fitted.networks)} networks.",
        "",
        "Figures on sequences that the network that was measured had not seen, best first; the shipped "
        "weights were then trained on all sequences.",
        "",
        "```",
        *figures,
        "```",
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
