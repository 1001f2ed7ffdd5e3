"""A forecaster as a folder: ``model.safetensors``, ``config.json``, ``README.md``. No code inside.

Beside them there may be the learning curve and, where it was asked for, the report; both are for people.
While a fit is under way the folder holds its run. How the folder is written and read: ``model_dir``.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from gatewise.errors import GatewiseError, InputError
from gatewise.ir.serial import to_data
from gatewise.lang import load_cell
from gatewise.lang.cell import Cell
from gatewise.tasks import model_dir
from gatewise.tasks.data.clock import in_calendar
from gatewise.tasks.forecast.dataset import CarriedHistory
from gatewise.tasks.forecast.fitted import Fitted
from gatewise.tasks.forecast.metrics import format_table
from gatewise.tasks.forecast.network import Network, network_of
from gatewise.tasks.forecast.options import cell_of
from gatewise.tasks.forecast.schema import SCHEMA, SavedModel, parse
from gatewise.tasks.forecast.series_state import SeriesState
from gatewise.tasks.model_dir import CARD, CONFIG, METRICS, REPORT, WEIGHTS
from gatewise.tasks.training.checkpoint import line
from gatewise.version import __version__

Array = NDArray[Any]
END = ("targets", "position", "future", "smoothing")  # arrays of ``SeriesState``
BEFORE = ("carries", "past", "known", "static")  # those of its ``CarriedHistory``
# fields of ``Fitted`` that the file has under the same names
SAME = (
    "options",
    "layout",
    "columns",
    "clock",
    "features",
    "encoder",
    "choices",
    "spans",
    "baselines",
    "base",
    "steps",
    "evaluation",
    "validation",
    "seen",
    "frame",
    "stopped",
)
# arrays of whole numbers
WHOLE = ("end.targets", "end.position")
# arrays in which NaN stands for an unknown value
GAPS = ("end.carries", "end.future", "end.smoothing")


def files(fitted: Fitted, report: bool) -> dict[str, bytes]:
    """The files of a fitted model; ``report``: whether there is a report beside them."""
    weights = save_arrays(_arrays(fitted))
    config = _config(fitted, hashlib.sha256(weights).hexdigest())
    metrics = "".join(map(line, fitted.history)).encode()
    return ({METRICS: metrics} if metrics else {}) | {
        CARD: _card(fitted, report).encode(),
        CONFIG: config.model_dump_json(indent=1).encode(),
        WEIGHTS: weights,
    }


def load(folder: str | Path) -> Fitted:
    """Read a model. Raises InputError if it is missing, damaged, changed or from a newer version."""
    folder = Path(folder)
    text, weights, digest = model_dir.read(folder)
    config = parse(text, str(folder / CONFIG))
    if digest != config.weights_sha256:
        raise InputError(f"{folder / WEIGHTS} is damaged or was changed: get the model again")
    try:
        cell = cell_of(load_cell(json.dumps(config.cell)))
        return _restored(config, cell, load_arrays(weights))
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


def _config(fitted: Fitted, digest: str) -> SavedModel:
    same = {name: getattr(fitted, name) for name in SAME}
    return SavedModel(
        schema_version=SCHEMA,
        kind="forecaster",
        gatewise=__version__,
        weights_sha256=digest,
        cell=to_data(fitted.cell.program),
        ids=fitted.ends.ids,
        keys=fitted.ends.keys,
        **same,
    )


def _arrays(fitted: Fitted) -> dict[str, Array]:
    ends = fitted.ends
    arrays: dict[str, Array] = {"correction": fitted.correction}
    for k, (network, states) in enumerate(zip(fitted.networks, ends.states, strict=True)):
        for name, tensor in network.state_dict().items():
            arrays[f"network.{k}.{name}"] = tensor.detach().cpu().numpy()
        arrays |= {f"end.state.{k}.{n}": state for n, state in enumerate(states)}
    arrays |= {f"end.{n}": getattr(ends, n) for n in END}
    arrays |= {f"end.{n}": getattr(ends.before, n) for n in BEFORE}
    return {name: np.ascontiguousarray(value) for name, value in arrays.items()}


def _restored(config: SavedModel, cell: Cell, arrays: dict[str, Array]) -> Fitted:
    _check_arrays(arrays)
    networks: list[Network] = []
    while weights := _under(arrays, f"network.{len(networks)}."):
        networks.append(_network(config, cell, weights))
    fitted = Fitted(
        cell=cell,
        networks=tuple(networks),
        correction=arrays["correction"],
        ends=_ends(config, arrays, len(networks)),
        **{name: getattr(config, name) for name in SAME},
    )
    fitted.predictor.check(fitted.ends, fitted.options.horizon, len(fitted.options.levels))
    _check_ends(fitted)
    return fitted


def _check_arrays(arrays: dict[str, Array]) -> None:
    """Raises InputError for an array that a model does not have, of another type, or not finite."""
    fixed = {"correction", *(f"end.{n}" for n in (*END, *BEFORE))}
    for name, array in arrays.items():
        single = re.fullmatch(r"network\.\d+\..+|end\.state\.\d+\.\d+", name)
        if name not in fixed and not single:
            raise InputError(f"a model has no array {name!r:.80}")
        kind = np.int64 if name in WHOLE else np.float32 if single else np.float64
        if array.dtype != kind:
            raise InputError(f"{name:.80} is {array.dtype}, not {np.dtype(kind)}")
        if np.isinf(array).any() or (name not in GAPS and np.isnan(array).any()):
            raise InputError(f"{name:.80} holds values that are not finite")


def _network(config: SavedModel, cell: Cell, weights: dict[str, Array]) -> Network:
    """A network with these weights. Their shapes are checked before memory is allocated."""

    def network() -> Network:
        return network_of(
            cell,
            config.choices,
            config.encoder,
            len(config.baselines),
            config.base,
            len(config.options.levels),
            config.options.dropout,
        )

    with torch.device("meta"):
        shapes = {name: tuple(t.shape) for name, t in network().state_dict().items()}
    if shapes != {name: array.shape for name, array in weights.items()}:
        raise InputError("the weights do not fit the network that the configuration describes")
    restored = network().eval()
    restored.load_state_dict({n: torch.from_numpy(a.copy()) for n, a in weights.items()})
    return restored


def _ends(config: SavedModel, arrays: dict[str, Array], networks: int) -> SeriesState:
    states = []
    for k in range(networks):
        by_number = _under(arrays, f"end.state.{k}.")
        states.append(tuple(by_number[str(n)] for n in range(len(by_number))))
    before = CarriedHistory(*(arrays[f"end.{n}"] for n in BEFORE))
    # models of schema 2 have no state of the smoothing
    arrays = {"end.smoothing": np.zeros((len(config.ids), 0, 2)), **arrays}
    targets, position, future, smoothing = (arrays[f"end.{n}"] for n in END)
    return SeriesState(
        config.ids, config.keys, targets, position, before, tuple(states), future, smoothing
    )


def _check_ends(fitted: Fitted) -> None:
    """Raises InputError if series end outside the calendar or belong to no target."""
    ends = fitted.ends
    first, last = int(ends.position.min()), int(ends.position.max())
    if not in_calendar(fitted.clock, first - 1, last):
        raise InputError("its series end outside the calendar")
    targets = max(1, len(fitted.features.target))
    if ends.targets.min() < 0 or ends.targets.max() >= targets:
        raise InputError(f"a series belongs to a target that does not exist: there are {targets}")


def _under(arrays: dict[str, Array], prefix: str) -> dict[str, Array]:
    """The arrays whose names begin with a prefix, by their names without it."""
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}


def _card(fitted: Fitted, report: bool) -> str:
    columns = dict(zip(("id", "time", "target"), fitted.columns, strict=True))
    shows = f" `{REPORT}` shows some rows: the model works without it." if report else ""
    figures = format_table(fitted.evaluation)
    fence = "`" * max(3, 1 + _longest_run("\n".join(figures)))
    lines = [
        f"# A forecaster for {_verbatim(fitted.columns[2])}",
        "",
        f"Made with Gatewise {__version__}: one network over {len(fitted.ends.ids)} series, "
        f"{fitted.clock.describe()}, {fitted.options.horizon} steps ahead. Cell: {_verbatim(fitted.cell.name)}. "
        f"Columns: {', '.join(f'{part} {_verbatim(name)}' for part, name in columns.items())}.",
        "",
        *fitted.choices.describe(),
        "",
        "Errors on the test span, best first; the saved weights were then trained on all rows.",
        "",
        fence,
        *figures,
        fence,
        "",
        "The model holds no rows of the training data except those of the last season, which the baselines "
        "repeat. To continue from the end of the training data it keeps the state of the network there, "
        "with running sums and means." + shows,
        "",
        "```",
        f"gatewise predict {{this folder}} --horizon {fitted.options.horizon}",
        "```",
        "",
    ]
    return "\n".join(lines)


def _verbatim(name: str) -> str:
    """A name as code, so that nothing in it is read as Markdown or HTML."""
    shown = "".join(c if c.isprintable() else " " for c in name)
    fence = "`" * (1 + _longest_run(shown))
    # a space on either side is not shown, and keeps backticks of the name apart from the fence
    return f"{fence} {shown} {fence}"


def _longest_run(text: str) -> int:
    """The length of the longest run of backticks."""
    return max(map(len, re.findall("`+", text)), default=0)
