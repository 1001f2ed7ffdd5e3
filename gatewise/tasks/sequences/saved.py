"""What the files of saved models of whole sequences share: reading the configuration, the weights, the parts.

A model comes from anywhere. So each value is read in its own type, what selects behaviour is one of a
closed set, numbers lie within bounds, and arrays that have no place are refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays
from torch import nn

from gatewise.errors import GatewiseError, InputError
from gatewise.lang import load_cell
from gatewise.lang.cell import Cell
from gatewise.tasks import model_dir
from gatewise.tasks.model_dir import CONFIG, WEIGHTS
from gatewise.tasks.sequences.choices import Choices
from gatewise.tasks.sequences.fitting import network_of
from gatewise.tasks.sequences.network import Pooling, SequenceNetwork
from gatewise.tasks.sequences.options import SequenceOptions, cell_of
from gatewise.tasks.sequences.scaling import Coding, Scaler
from gatewise.version import __version__

Array = NDArray[Any]
SCHEMA = 1
LARGE = 2**53  # a whole number that every program can read from JSON
NETWORK = re.compile(r"network\.\d+\..+")


class SavedModel(BaseModel):
    """What ``config.json`` holds for every estimator of sequences.

    A field that is added has a default: then models from before can still be read.
    """

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    schema_version: int
    gatewise: str
    weights_sha256: str
    cell: dict[str, Any]
    choices: Any  # each task has a type for it, with the sizes that are checked below
    coding: Coding = Field(union_mode="left_to_right")
    steps: int = Field(ge=0, le=LARGE)
    stopped: tuple[int, int] | None
    library: Literal["", "pandas", "polars", "pyarrow"]


class SavedSequences(SavedModel):
    """The same for estimators of whole sequences."""

    choices: Choices
    pooling: Pooling


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
    text, weights, digest = model_dir.read(folder)
    config = _parse(text, str(folder / CONFIG), schema)
    if digest != config.weights_sha256:
        raise InputError(f"{folder / WEIGHTS} is damaged or has been changed: get the model again")
    try:
        _check(config)
        cell = cell_of(load_cell(json.dumps(config.cell)))
        return restored(config, cell, load_arrays(weights))
    except (
        KeyError,
        TypeError,
        ValueError,
        RuntimeError,
        MemoryError,
        RecursionError,
        SafetensorError,
        GatewiseError,
    ) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(f"{folder} is damaged: {reason:.300}") from None


def packed(networks: Sequence[nn.Module], more: Mapping[str, Array]) -> tuple[bytes, str]:
    """The file of the weights, with other arrays, and its SHA-256."""
    arrays = dict(more)
    for k, network in enumerate(networks):
        for name, tensor in network.state_dict().items():
            arrays[f"network.{k}.{name}"] = tensor.detach().cpu().numpy()
    data = save_arrays({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    return data, hashlib.sha256(data).hexdigest()


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
    with torch.device("meta"):
        shapes = {name: tuple(t.shape) for name, t in network().state_dict().items()}
    networks: list[M] = []
    while weights := _under(arrays, f"network.{len(networks)}."):
        # weights that do not fit take no memory
        if shapes != {name: array.shape for name, array in weights.items()}:
            raise InputError("the weights do not fit the network that the configuration describes")
        one = network().eval()
        one.load_state_dict({n: torch.from_numpy(a.copy()) for n, a in weights.items()})
        networks.append(one)
    held = sum(NETWORK.fullmatch(name) is not None for name in arrays)
    if not networks or held != len(networks) * len(shapes):
        raise InputError("there are no weights, or weights of a network that is not there")
    return tuple(networks)


def _parse(text: bytes, where: str, schema: type[C]) -> C:
    raw: Any = None
    try:
        raw = from_json(text, allow_inf_nan=False)
        version = raw.get("schema_version") if isinstance(raw, dict) else None
        if isinstance(version, int) and version > SCHEMA:
            raise InputError(
                f"{where} was written by a newer Gatewise ({raw.get('gatewise')!s:.80}): "
                "update with pip install -U gatewise"
            )
        return schema.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(map(str, first["loc"]))
        if first["type"] != "missing":
            problem = f"is damaged: {name:.200}: {first['msg']:.200}"
        else:
            problem = (
                f"has no {name!r}, which this Gatewise ({__version__}) needs: fit the model again"
            )
        raise InputError(f"{where} {problem}") from None
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is damaged: {error!s:.200}") from None


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


def _under(arrays: dict[str, Array], prefix: str) -> dict[str, Array]:
    """The arrays whose names begin so, by the rest of their names."""
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}
