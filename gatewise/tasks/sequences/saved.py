"""What the files of saved models of sequences share: the configuration, the weights, their bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
from pydantic import Field
from torch import nn

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.ir.serial import to_data
from gatewise.lang.cell import Cell
from gatewise.tasks.model_files import (
    LARGE,
    NETWORK,
    ModelConfig,
    load_networks,
    parse_config,
    read_folder,
)
from gatewise.tasks.sequences.choices import Choices
from gatewise.tasks.sequences.fitting import network_of
from gatewise.tasks.sequences.network import Pooling, SequenceNetwork
from gatewise.tasks.sequences.options import SequenceOptions, cell_of
from gatewise.tasks.sequences.reading import PLAIN, Reading
from gatewise.tasks.sequences.scaling import Coding, Scaler
from gatewise.version import __version__

SCHEMA = 1
# fields of ``FittedSequences`` that the file has under the same names
SAME = (
    "options",
    "choices",
    "pooling",
    "coding",
    "steps",
    "stopped",
    "evaluation",
    "notes",
    "library",
    "reading",
)


class SavedModel(ModelConfig):
    """What ``config.json`` holds for every estimator of sequences."""

    choices: Any  # each task has a type for it, with the sizes that are checked below
    coding: Coding = Field(union_mode="left_to_right")
    steps: int = Field(ge=0, le=LARGE)
    stopped: tuple[int, int] | None
    library: Literal["", "pandas", "polars", "pyarrow"]
    reading: Reading = PLAIN


class SavedSequences(SavedModel):
    """The same for estimators of whole sequences."""

    options: SequenceOptions
    choices: Choices
    pooling: Pooling
    evaluation: Any  # each task has rows of its own
    notes: tuple[str, ...]


class Fit(Protocol):
    """The record of a fit, as far as every file tells of it."""

    @property
    def cell(self) -> Cell: ...


C = TypeVar("C", bound=SavedModel)
T = TypeVar("T")
M = TypeVar("M", bound=nn.Module)


def read_model(
    folder: Path, schema: type[C], restored: Callable[[C, Cell, dict[str, Array]], T]
) -> T:
    """Read a folder.

    Args:
        folder: of the model.
        schema: of its configuration.
        restored: makes the record of the fit from the configuration, the cell and the arrays.

    Raises InputError, in one sentence, if it is missing, damaged, changed or from a newer version.
    """

    def checked(config: C, cell: Cell, arrays: dict[str, Array]) -> T:
        _check(config)
        return restored(config, cell, arrays)

    def parse(text: bytes, where: str) -> C:
        return parse_config(text, where, schema, SCHEMA)

    return read_folder(folder, parse, cell_of, checked)


def config_fields(fitted: Fit, digest: str, same: Sequence[str] = SAME) -> dict[str, Any]:
    """The fields of a configuration but the kind, for the record of a fit.

    ``digest`` is the SHA-256 of the weights, ``same`` the fields that both have under one name.
    """
    return {
        "schema_version": SCHEMA,
        "gatewise": __version__,
        "weights_sha256": digest,
        "cell": to_data(fitted.cell.program),
        **{name: getattr(fitted, name) for name in same},
    }


def fitted_fields(
    config: SavedModel,
    cell: Cell,
    networks: tuple[nn.Module, ...],
    arrays: Mapping[str, Array],
    same: Sequence[str] = SAME,
) -> dict[str, Any]:
    """The fields of the record of a fit that a file holds."""
    own = {name: getattr(config, name) for name in same}
    return {"cell": cell, "networks": networks, "seen": arrays["seen"], **own}


def unpacked(
    config: SavedSequences,
    options: SequenceOptions,
    cell: Cell,
    outputs: int,
    arrays: dict[str, Array],
    more: Mapping[str, type],
) -> tuple[SequenceNetwork, ...]:
    """The networks of whole sequences among the arrays, as ``networks_in`` reads them."""
    return networks_in(
        arrays,
        more,
        lambda: network_of(cell, config.coding, config.choices, options, config.pooling, outputs),
    )


def networks_in(
    arrays: dict[str, Array], more: Mapping[str, type], network: Callable[[], M]
) -> tuple[M, ...]:
    """The networks among the arrays of a file.

    Args:
        arrays: of the file.
        more: the others that there must be, with their types.
        network: makes one without its weights.

    Raises InputError for arrays that have no place, another type or shape, or values that are no numbers.
    """
    for name, array in arrays.items():
        kind = more.get(name) or (np.float32 if NETWORK.fullmatch(name) else None)
        if kind is None:
            raise InputError(f"there is no place for an array {name!r:.80}")
        if array.dtype != kind:
            raise InputError(f"{name:.80} is {array.dtype}, not {np.dtype(kind)}")
        if not np.isfinite(array).all():
            raise InputError(f"{name:.80} holds values that are no numbers")
    missing = [name for name in more if name not in arrays or arrays[name].ndim != 1]
    if missing:
        raise InputError(f"there is no array {missing[0]!r}, or it has another shape")
    networks = load_networks(arrays, network)
    if not networks:
        raise InputError("there are no weights")
    return networks


def _check(config: SavedModel) -> None:
    """Raises InputError for parts that are out of bounds or do not fit together."""
    choices, coding = config.choices, config.coding
    for name, most in (("patch", 10_000), ("units", 10_000), ("members", 100), ("batch", LARGE)):
        if not 1 <= getattr(choices, name) <= most:
            raise InputError(f"choices.{name} is out of range")
    if isinstance(coding, Scaler):
        sizes = {len(coding.channels), len(coding.mean), len(coding.scale)}
        if len(sizes) > 1 or 0 in sizes or min(coding.scale) <= 0:
            raise InputError("coding: channels, means and deviations do not fit together")
    elif len(set(coding.types)) != len(coding.types):
        raise InputError("coding: two tokens are the same")
    if config.reading.features is not None:
        config.reading.features.check()
