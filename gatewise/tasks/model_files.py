"""What the files of saved models share: reading the configuration, and networks among the arrays of the weights.

A model comes from anywhere. So each value is read in its own type, what selects behaviour is one of a
closed set, numbers lie within bounds, and arrays that have no place are refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from gatewise.arrays import Array
from gatewise.errors import GatewiseError, InputError
from gatewise.lang import load_cell
from gatewise.lang.cell import Cell
from gatewise.tasks import model_dir
from gatewise.tasks.model_dir import CARD, CONFIG, METRICS, WEIGHTS
from gatewise.tasks.training.checkpoint import LogEntry, line, under
from gatewise.version import __version__

LARGE = 2**53  # a whole number that every program can read from JSON
NETWORK = re.compile(r"network\.\d+\..+")  # names of the weights of networks


class ModelConfig(BaseModel):
    """What ``config.json`` holds for every estimator.

    A field that is added has a default: then models from before can still be read, and the schema stays as
    it is. What they cannot do without makes a new schema.
    """

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    schema_version: int
    kind: str
    gatewise: str
    weights_sha256: str
    cell: dict[str, Any]


C = TypeVar("C", bound=ModelConfig)
N = TypeVar("N", bound=torch.nn.Module)
T = TypeVar("T")


# --- writing --------------------------------------------------------------------------------------


def packed(networks: Sequence[torch.nn.Module], more: Mapping[str, Array]) -> tuple[bytes, str]:
    """The file of the weights of networks, with more arrays, and its SHA-256."""
    arrays = dict(more)
    for k, network in enumerate(networks):
        for name, tensor in network.state_dict().items():
            arrays[f"network.{k}.{name}"] = tensor.detach().cpu().numpy()
    data = save_arrays({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    return data, hashlib.sha256(data).hexdigest()


def model_files(
    config: ModelConfig, weights: bytes, card: str, history: Iterable[LogEntry]
) -> dict[str, bytes]:
    """The files of a model by their names; there is a learning curve where the history has entries."""
    metrics = "".join(map(line, history)).encode()
    return ({METRICS: metrics} if metrics else {}) | {
        CARD: card.encode(),
        CONFIG: config.model_dump_json(indent=1).encode(),
        WEIGHTS: weights,
    }


# --- reading --------------------------------------------------------------------------------------


def read_folder(
    folder: Path,
    parse: Callable[[bytes, str], C],
    cell_of: Callable[[object], Cell],
    restored: Callable[[C, Cell, dict[str, Array]], T],
) -> T:
    """Read a folder.

    Args:
        folder: of the model.
        parse: reads the configuration, given its text and the name of its file.
        cell_of: checks that an estimator of this kind can use the cell.
        restored: makes the record of the fit from the configuration, the cell and the arrays.

    Raises InputError, in one sentence, if it is missing, damaged, changed or from a newer version.
    """
    text, weights, digest = model_dir.read(folder)
    config = parse(text, str(folder / CONFIG))
    if digest != config.weights_sha256:
        raise InputError(f"{folder / WEIGHTS} is damaged or was changed: get the model again")
    try:
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


def parse_config(text: bytes, where: str, model: type[C], schema: int) -> C:
    """Read a configuration.

    Args:
        text: of the file.
        where: the name of the file.
        model: what it holds.
        schema: its newest version.

    Raises InputError, in one sentence, for everything that is not one of this schema.
    """
    raw: Any = None
    try:
        raw = from_json(text, allow_inf_nan=False)
        version = raw.get("schema_version") if isinstance(raw, dict) else None
        if isinstance(version, int) and version > schema:
            raise InputError(
                f"{where} was written by a newer Gatewise ({raw.get('gatewise')!s:.80}): "
                "update with pip install -U gatewise"
            )
        return model.model_validate_json(text)
    except ValidationError as error:
        raise InputError(f"{where} {_first(error, raw)}") from None
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is damaged: {error!s:.200}") from None


def _first(error: ValidationError, raw: Any) -> str:
    """What the first fault is, in words."""
    first = error.errors(include_url=False, include_input=False)[0]
    name = ".".join(map(str, first["loc"]))
    if first["type"] != "missing":
        return f"is damaged: {name:.200}: {first['msg']:.200}"
    wrote = raw.get("gatewise", "an unknown one") if isinstance(raw, dict) else "an unknown one"
    return (
        f"has no {name!r}, which this Gatewise ({__version__}) needs (it was written by "
        f"{wrote!s:.80}): get the model again, fit it again, or read it with the version that wrote it"
    )


def load_networks(arrays: Mapping[str, Array], network: Callable[[], N]) -> tuple[N, ...]:
    """The networks whose weights are among the arrays; ``network`` makes one that holds any weights.

    Raises InputError for weights that do not fit. Their shapes are checked before memory is allocated.
    """
    with torch.device("meta"):
        shapes = {name: tuple(t.shape) for name, t in network().state_dict().items()}
    networks: list[N] = []
    while weights := under(arrays, f"network.{len(networks)}."):
        if shapes != {name: array.shape for name, array in weights.items()}:
            raise InputError("the weights do not fit the network that the configuration describes")
        restored = network().eval()
        restored.load_state_dict({n: torch.from_numpy(a.copy()) for n, a in weights.items()})
        networks.append(restored)
    if sum(NETWORK.fullmatch(name) is not None for name in arrays) != len(networks) * len(shapes):
        raise InputError("there are weights of a network that is not there")
    return tuple(networks)
