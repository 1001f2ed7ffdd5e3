"""A forecaster as a folder: ``model.safetensors``, ``config.json``, ``README.md``. No code inside.

Beside them there may be the learning curve and, where it was asked for, the report; both are for people.
While a fit is under way the folder holds its run. How the folder is written and read: ``model_dir``.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.ir.serial import to_data
from gatewise.lang.cell import Cell
from gatewise.tasks.data.clock import in_calendar
from gatewise.tasks.forecast.carried_history import CarriedHistory, nothing_followed
from gatewise.tasks.forecast.domain import describe_domains
from gatewise.tasks.forecast.fitted import Fitted
from gatewise.tasks.forecast.network import Network, network_of
from gatewise.tasks.forecast.options import cell_of
from gatewise.tasks.forecast.schema import SCHEMA, SavedForecaster, parse
from gatewise.tasks.forecast.series_state import SeriesState
from gatewise.tasks.model_dir import REPORT
from gatewise.tasks.model_files import load_networks, model_files, packed, read_folder
from gatewise.tasks.training.checkpoint import under
from gatewise.version import __version__

# arrays of ``SeriesState``, and those of its ``CarriedHistory``
END = ("targets", "position", "future", "smoothing")
BEFORE = ("carries", "past", "known", "static", "pending", "sums")
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
    "domains",
    "effect",
    "unfinished",
    "paths",
)
# arrays of whole numbers
WHOLE = ("end.targets", "end.position")
# arrays in which NaN stands for an unknown value
GAPS = ("end.carries", "end.future", "end.smoothing", "end.pending")


def files(fitted: Fitted, report: bool) -> dict[str, bytes]:
    """The files of a fitted model; ``report``: whether there is a report beside them."""
    weights, digest = packed(fitted.networks, _arrays(fitted))
    return model_files(_config(fitted, digest), weights, _card(fitted, report), fitted.history)


def load(folder: str | Path) -> Fitted:
    """Read a model. Raises InputError if it is missing, damaged, changed or from a newer version."""
    return read_folder(Path(folder), parse, cell_of, _restored)


def _config(fitted: Fitted, digest: str) -> SavedForecaster:
    same = {name: getattr(fitted, name) for name in SAME}
    return SavedForecaster(
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
    for k, states in enumerate(ends.states):
        arrays |= {f"end.state.{k}.{n}": state for n, state in enumerate(states)}
    arrays |= {f"end.{n}": getattr(ends, n) for n in END}
    arrays |= {f"end.{n}": getattr(ends.before, n) for n in BEFORE}
    return arrays


def _restored(config: SavedForecaster, cell: Cell, arrays: dict[str, Array]) -> Fitted:
    _check_arrays(arrays)
    networks = load_networks(arrays, lambda: _network(config, cell))
    fitted = Fitted(
        cell=cell,
        networks=networks,
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


def _network(config: SavedForecaster, cell: Cell) -> Network:
    """A network as the configuration describes it, with any weights."""
    return network_of(
        cell,
        config.choices,
        config.encoder,
        len(config.baselines),
        config.base,
        len(config.options.levels),
        config.options.dropout,
    )


def _ends(config: SavedForecaster, arrays: dict[str, Array], networks: int) -> SeriesState:
    states = []
    for k in range(networks):
        by_number = under(arrays, f"end.state.{k}.")
        states.append(tuple(by_number[str(n)] for n in range(len(by_number))))
    # older models have no state of the smoothing, or of the choice between baselines
    count = len(config.ids)
    arrays = {"end.smoothing": np.zeros((count, 0, 2)), **arrays}
    arrays |= {
        f"end.{name}": arrays.get(f"end.{name}", nothing)
        for name, nothing in zip(("pending", "sums"), nothing_followed(count, None), strict=True)
    }
    before = CarriedHistory(*(arrays[f"end.{n}"] for n in BEFORE))
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


def _card(fitted: Fitted, report: bool) -> str:
    columns = dict(zip(("id", "time", "target"), fitted.columns, strict=True))
    shows = f" `{REPORT}` shows some rows: the model works without it." if report else ""
    figures = fitted.table()
    fence = "`" * max(3, 1 + _longest_run("\n".join(figures)))
    lines = [
        f"# A forecaster for {_verbatim(fitted.columns[2])}",
        "",
        f"Made with Gatewise {__version__}: one network over {len(fitted.ends.ids)} series, "
        f"{fitted.clock.describe()}, {fitted.options.horizon} steps ahead. Cell: {_verbatim(fitted.cell.name)}. "
        f"Columns: {', '.join(f'{part} {_verbatim(name)}' for part, name in columns.items())}.",
        "",
        *describe_domains(fitted.domains, fitted.features.names("target"), fitted.options),
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
