"""A forecaster as a folder: ``model.safetensors``, ``config.json``, ``README.md``. No code inside.

Beside them there may be the learning curve and, where it was asked for, the report; both are for people.
While a fit is under way the folder holds its run. How the folder is written and read: ``model_dir``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from gatewise import __version__
from gatewise.errors import GatewiseError, InputError
from gatewise.ir.serial import to_data
from gatewise.lang import load_cell
from gatewise.tasks import model_dir
from gatewise.tasks.data.clock import in_calendar
from gatewise.tasks.forecast.dataset import Before
from gatewise.tasks.forecast.fitting import network_of
from gatewise.tasks.forecast.frames import library_of
from gatewise.tasks.forecast.metrics import told
from gatewise.tasks.forecast.network import Network
from gatewise.tasks.forecast.options import cell_of, check
from gatewise.tasks.forecast.schema import SCHEMA, Config, Options, parse
from gatewise.tasks.forecast.series_state import Ends
from gatewise.tasks.model_dir import CARD, CONFIG, METRICS, REPORT, WEIGHTS, check_free
from gatewise.tasks.training.checkpoint import line

if TYPE_CHECKING:
    from gatewise.tasks.forecast.estimator import Forecaster

Array = NDArray[Any]
END = ("targets", "position", "future")  # arrays of ``Ends``
BEFORE = ("carries", "past", "known", "static")  # those of its ``Before``
WHOLE = ("end.targets", "end.position")  # arrays of whole numbers
GAPS = ("end.carries", "end.future")  # arrays in which NaN stands for what is not known


def save(
    model: Forecaster,
    folder: str | Path,
    *,
    force: bool = False,
    report: str | None = None,
    resume: bool = False,
    extra: Mapping[str, bytes] | None = None,
) -> None:
    """Write a fitted model to a folder, with a report where one is given.

    With ``resume`` the folder may hold a run, that of the fit which has now ended; it goes. ``extra`` are
    files for people that are taken over as they are.

    Raises:
        InputError: if the folder is there and ``force`` is false, if it is there and no model, or
            where it cannot be written. A model that was there is whole then.
        NotFittedError: before ``fit``.
    """
    model._check_fitted()
    folder = Path(folder)
    check_free(folder, force, resume)
    weights = save_arrays(_arrays(model))
    config = _config(model, hashlib.sha256(weights).hexdigest())
    files = dict(extra or {})
    if notes := getattr(model, "history_", None):
        files[METRICS] = "".join(map(line, notes)).encode()
    if report is not None:
        files[REPORT] = report.encode()
    files[CARD] = _card(model, REPORT in files).encode()
    files[CONFIG] = config.model_dump_json(indent=1).encode()
    model_dir.write(folder, files | {WEIGHTS: weights})


def load(folder: str | Path) -> Forecaster:
    """Read a model. Raises InputError if it is missing, damaged, changed or from a newer version."""
    from gatewise.tasks.forecast.estimator import Forecaster

    folder = Path(folder)
    text, weights, digest = model_dir.read(folder)
    config = parse(text, str(folder / CONFIG))
    if digest != config.weights_sha256:
        raise InputError(f"{folder / WEIGHTS} is damaged or has been changed: get the model again")
    try:
        cell = cell_of(load_cell(json.dumps(config.cell)))
        model = Forecaster(**config.options.model_dump(exclude_unset=True), cell=cell)
        check(model.get_params(deep=False))
        return _restored(model, config, load_arrays(weights))
    except (
        KeyError, TypeError, ValueError, RuntimeError, MemoryError, RecursionError, SafetensorError,
        GatewiseError,
    ) as error:  # fmt: skip
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(f"{folder} is damaged: {reason:.300}") from None


def _config(model: Forecaster, digest: str) -> Config:
    options = {
        name: _plain(value)
        for name, value in model.get_params(deep=False).items()
        if name != "cell"
    }
    if not isinstance(options["random_state"], int):
        options["random_state"] = None  # a generator is not data
    return Config(
        schema_version=SCHEMA, kind="forecaster", gatewise=__version__, weights_sha256=digest,
        cell=to_data(model.cell_.program), options=Options(**options), layout=model.table_layout_,
        columns=model.columns_, clock=model.clock_, features=model.features_, encoder=model.encoder_,
        choices=model.choices_, spans=model.spans_, baselines=model.baselines_, base=model.base_,
        steps=model.steps_, evaluation=model.evaluation_, ids=model.ends_.ids, keys=model.ends_.keys,
        seen=model.seen_, frame=library_of(model.frame_), stopped=model.stopped_,
    )  # fmt: skip


def _plain(value: Any) -> Any:
    """An option as JSON has it: Python's own numbers, and lists."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, str) or not isinstance(value, Sequence):
        return value
    return [_plain(part) for part in value]


def _arrays(model: Forecaster) -> dict[str, Array]:
    ends = model.ends_
    arrays: dict[str, Array] = {"correction": model.correction_}
    for k, (network, states) in enumerate(zip(model.networks_, ends.states, strict=True)):
        for name, tensor in network.state_dict().items():
            arrays[f"network.{k}.{name}"] = tensor.detach().cpu().numpy()
        arrays |= {f"end.state.{k}.{n}": state for n, state in enumerate(states)}
    arrays |= {f"end.{n}": getattr(ends, n) for n in END}
    arrays |= {f"end.{n}": getattr(ends.before, n) for n in BEFORE}
    return {name: np.ascontiguousarray(value) for name, value in arrays.items()}


def _restored(model: Forecaster, config: Config, arrays: dict[str, Array]) -> Forecaster:
    model.cell_, model.choices_, model.spans_ = cell_of(model.cell), config.choices, config.spans
    model.baselines_, model.base_, model.steps_ = config.baselines, config.base, config.steps
    model.table_layout_, model.clock_ = config.layout, config.clock
    model.features_, model.encoder_ = config.features, config.encoder
    model.columns_, model.evaluation_ = config.columns, config.evaluation
    model.seen_, model.frame_, model.stopped_ = config.seen, config.frame, config.stopped
    _check_arrays(arrays)
    networks: list[Network] = []
    while own := _under(arrays, f"network.{len(networks)}."):
        networks.append(_network(model, own))
    model.networks_, model.correction_ = tuple(networks), arrays["correction"]
    model.ends_ = _ends(config, arrays, len(networks))
    model._model().check(model.ends_, model.horizon, len(model.levels))
    _check_ends(model)
    return model


def _check_arrays(arrays: dict[str, Array]) -> None:
    """Raises InputError for an array that has no place in a model, another type, or no numbers."""
    fixed = {"correction", *(f"end.{n}" for n in (*END, *BEFORE))}
    for name, array in arrays.items():
        single = re.fullmatch(r"network\.\d+\..+|end\.state\.\d+\.\d+", name)
        if name not in fixed and not single:
            raise InputError(f"there is no place for an array {name!r:.80}")
        kind = np.int64 if name in WHOLE else np.float32 if single else np.float64
        if array.dtype != kind:
            raise InputError(f"{name:.80} is {array.dtype}, not {np.dtype(kind)}")
        if np.isinf(array).any() or (name not in GAPS and np.isnan(array).any()):
            raise InputError(f"{name:.80} holds values that are no numbers")


def _network(model: Forecaster, weights: dict[str, Array]) -> Network:
    """A network with these weights; one that they do not fit takes no memory."""

    def network() -> Network:
        return network_of(
            model.cell_, model.choices_, model.encoder_, len(model.baselines_), model.base_,
            len(model.levels), model.dropout,
        )  # fmt: skip

    with torch.device("meta"):
        shapes = {name: tuple(t.shape) for name, t in network().state_dict().items()}
    if shapes != {name: array.shape for name, array in weights.items()}:
        raise InputError("the weights do not fit the network that the configuration describes")
    restored = network().eval()
    restored.load_state_dict({n: torch.from_numpy(a.copy()) for n, a in weights.items()})
    return restored


def _ends(config: Config, arrays: dict[str, Array], networks: int) -> Ends:
    states = []
    for k in range(networks):
        own = _under(arrays, f"end.state.{k}.")
        states.append(tuple(own[str(n)] for n in range(len(own))))
    before = Before(*(arrays[f"end.{n}"] for n in BEFORE))
    targets, position, future = (arrays[f"end.{n}"] for n in END)
    return Ends(config.ids, config.keys, targets, position, before, tuple(states), future)


def _check_ends(model: Forecaster) -> None:
    """Raises InputError where series end at no time, or belong to no target."""
    ends = model.ends_
    first, last = int(ends.position.min()), int(ends.position.max())
    if not in_calendar(model.clock_, first - 1, last):
        raise InputError("its series end at times that no calendar has")
    targets = max(1, len(model.features_.target))
    if ends.targets.min() < 0 or ends.targets.max() >= targets:
        raise InputError(f"a series belongs to a target beyond the {targets} that there are")


def _under(arrays: dict[str, Array], prefix: str) -> dict[str, Array]:
    """The arrays whose names begin so, by the rest of their names."""
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}


def _card(model: Forecaster, report: bool) -> str:
    columns = dict(zip(("id", "time", "target"), model.columns_, strict=True))
    shows = f" `{REPORT}` shows some of them: the model works without it." if report else ""
    figures = told(model.evaluation_)
    fence = "`" * max(3, 1 + _longest_run("\n".join(figures)))
    lines = [
        f"# A forecaster for {_verbatim(model.columns_[2])}", "",
        f"Made with Gatewise {__version__}: one network over {len(model.ends_.ids)} series, "
        f"{model.clock_.describe()}, {model.horizon} steps ahead. Cell: {_verbatim(model.cell_.name)}. "
        f"Columns: {', '.join(f'{part} {_verbatim(name)}' for part, name in columns.items())}.", "",
        *model.choices_.describe(), "",
        "Figures on rows that this training had not seen, best first; the shipped weights were then "
        "trained on all rows.", "", fence, *figures, fence, "",
        "The model holds no rows of the training data but those of the last season, which the simple "
        "forecasts repeat. To go on from the end of the training data it keeps the network's state "
        "there, and sums and means that are carried along." + shows,
        "", "```", f"gatewise predict {{this folder}} --horizon {model.horizon}", "```", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _verbatim(name: str) -> str:
    """A name as code, whatever it is made of: nothing in it is read as Markdown or HTML."""
    shown = "".join(c if c.isprintable() else " " for c in name)
    fence = "`" * (1 + _longest_run(shown))
    # a space on either side is not shown, and keeps backticks of the name apart from the fence
    return f"{fence} {shown} {fence}"


def _longest_run(text: str) -> int:
    """How many backticks stand in a row at most."""
    return max(map(len, re.findall("`+", text)), default=0)
