"""A forecaster as a folder: ``model.safetensors``, ``config.json``, ``README.md``. No code inside.

Beside them there may be the learning curve and, where it was asked for, the report; both are for people.
While a fit is under way the folder holds its run.

The folder is written beside its place under another name and moved there when it is whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from gatewise import __version__
from gatewise.errors import GatewiseError, InputError
from gatewise.lang import load_cell
from gatewise.tasks.baselines import Baseline
from gatewise.tasks.choices import Choices, Spans
from gatewise.tasks.clock import Clock
from gatewise.tasks.evaluate import Row, told
from gatewise.tasks.features import Encoder
from gatewise.tasks.fitting import network_of
from gatewise.tasks.network import Network
from gatewise.tasks.options import cell_of, check
from gatewise.tasks.runs import METRICS, line
from gatewise.tasks.series import Features
from gatewise.tasks.state import Ends
from gatewise.tasks.windows import Before

if TYPE_CHECKING:
    from gatewise.tasks.forecast import Forecaster

SCHEMA = 2
WEIGHTS, CONFIG, CARD = "model.safetensors", "config.json", "README.md"
REPORT, RUN = "report.html", "run"
FILES = {WEIGHTS, CONFIG, CARD, REPORT, METRICS}
END = ("targets", "position", "future")  # arrays of ``Ends``
BEFORE = ("carries", "past", "known", "static")  # those of its ``Before``


class Config(BaseModel):
    """What ``config.json`` holds.

    A field that is added has a default: then models from before can still be read, and the schema stays as
    it is. What they cannot do without makes a new schema.
    """

    model_config = ConfigDict(extra="forbid", strict=False)

    schema_version: int
    kind: Literal["forecaster"]
    gatewise: str
    weights_sha256: str
    cell: dict[str, Any]
    options: dict[str, Any]
    layout: Literal["long", "wide", "rows", "single"]
    columns: tuple[str, str, str]
    clock: Clock
    features: Features
    encoder: Encoder
    choices: Choices
    spans: Spans
    baselines: tuple[Baseline, ...]
    base: int
    steps: int
    evaluation: list[Row]
    ids: tuple[str, ...]
    keys: tuple[str, ...]
    seen: dict[str, int]
    frame: str
    stopped: tuple[int, int] | None = None


def save(
    model: Forecaster,
    folder: str | Path,
    *,
    force: bool = False,
    report: str | None = None,
    resume: bool = False,
) -> None:
    """Write a fitted model to a folder, with a report where one is given.

    With ``resume`` the folder may hold a run, that of the fit which has now ended; it goes.

    Raises:
        InputError: if the folder is there and ``force`` is false, if it is there and no model, or
            where it cannot be written.
        NotFittedError: before ``fit``.
    """
    model._check_fitted()
    folder = Path(folder)
    check_free(folder, force, resume)
    weights = save_arrays(_arrays(model))
    config = _config(model, hashlib.sha256(weights).hexdigest())
    try:
        folder.absolute().parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.absolute().parent))
        try:
            for name, data in _files(model, config, weights, report):
                _write(new / name, data)
            new.chmod(0o755)
            _place(new, folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    except OSError as error:
        raise InputError(f"cannot write the model to {folder}: {error.strerror}") from None


def check_free(folder: Path, force: bool, resume: bool = False) -> None:
    """Raises InputError if a model may not be written there, or if a run lies there unasked for."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    names = {p.name for p in folder.iterdir()} if folder.is_dir() else {""}
    if not names <= FILES | {RUN}:
        raise InputError(f"{folder} is there and is not a model alone: choose another place")
    if RUN in names and not (force or resume):
        raise InputError(
            f"{folder} holds a fit that was interrupted: go on with --resume, or start again with "
            "--force"
        )
    if names & FILES and not force:
        raise InputError(f"{folder} is there: choose another place, or overwrite it with --force")


def load(folder: str | Path) -> Forecaster:
    """Read a model. Raises InputError if it is missing, damaged, changed or from a newer version."""
    from gatewise.tasks.forecast import Forecaster

    folder = Path(folder)
    try:
        text, weights = (folder / CONFIG).read_bytes(), (folder / WEIGHTS).read_bytes()
    except OSError as error:
        raise InputError(
            f"{folder} is not a saved model: {Path(error.filename or '').name}: {error.strerror}"
        ) from None
    config = _parsed(text, folder)
    if hashlib.sha256(weights).hexdigest() != config.weights_sha256:
        raise InputError(f"{folder / WEIGHTS} is damaged or has been changed: get the model again")
    try:
        cell = load_cell(json.dumps(config.cell))
        model = Forecaster(**{**config.options, "cell": cell})
        check(model.get_params(deep=False))
        arrays = load_arrays(weights)
        return _restored(model, config, arrays)
    except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError, GatewiseError) as error:
        raise InputError(f"{folder} is damaged: {str(error).splitlines()[0]}") from None


def _parsed(text: bytes, folder: Path) -> Config:
    try:
        raw = json.loads(text)
        version = raw.get("schema_version") if isinstance(raw, dict) else None
        if isinstance(version, int) and version > SCHEMA:
            raise InputError(
                f"{folder} was written by a newer Gatewise ({raw.get('gatewise')}): "
                "update with pip install -U gatewise"
            )
        return Config.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        if first["type"] == "missing":
            raise InputError(
                f"{folder / CONFIG} has no {where!r}, which this Gatewise ({__version__}) needs (it was "
                f"written by {raw.get('gatewise', 'an unknown one')}): get the model again, fit it again, "
                "or read it with the version that wrote it"
            ) from None
        raise InputError(f"{folder / CONFIG} is damaged: {where}: {first['msg']}") from None
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f"{folder / CONFIG} is damaged: {error}") from None


def _config(model: Forecaster, digest: str) -> Config:
    options = {
        k: v.item() if isinstance(v, np.generic) else v
        for k, v in model.get_params(deep=False).items()
        if k != "cell"
    }
    if not isinstance(options["random_state"], int):
        options["random_state"] = None  # a generator is not data
    return Config(
        schema_version=SCHEMA, kind="forecaster", gatewise=__version__, weights_sha256=digest,
        cell=json.loads(model.cell_.to_json()), options=options, layout=model.table_layout_,
        columns=model.columns_, clock=model.clock_, features=model.features_, encoder=model.encoder_,
        choices=model.choices_, spans=model.spans_, baselines=model.baselines_, base=model.base_,
        steps=model.steps_, evaluation=model.evaluation_, ids=model.ends_.ids, keys=model.ends_.keys,
        seen=model.seen_, frame=model.frame_, stopped=model.stopped_,
    )  # fmt: skip


def _files(
    model: Forecaster, config: Config, weights: bytes, report: str | None
) -> Iterator[tuple[str, bytes]]:
    """Names and contents."""
    yield WEIGHTS, weights
    yield CONFIG, config.model_dump_json(indent=1).encode()
    yield CARD, _card(model, report is not None).encode()
    if notes := getattr(model, "history_", None):
        yield METRICS, "".join(map(line, notes)).encode()
    if report is not None:
        yield REPORT, report.encode()


def _arrays(model: Forecaster) -> dict[str, Any]:
    ends = model.ends_
    found: dict[str, Any] = {"correction": model.correction_}
    for k, (network, states) in enumerate(zip(model.networks_, ends.states, strict=True)):
        for name, tensor in network.state_dict().items():
            found[f"network.{k}.{name}"] = tensor.detach().cpu().numpy()
        found |= {f"end.state.{k}.{n}": state for n, state in enumerate(states)}
    found |= {f"end.{n}": getattr(ends, n) for n in END}
    found |= {f"end.{n}": getattr(ends.before, n) for n in BEFORE}
    return {name: np.ascontiguousarray(value) for name, value in found.items()}


def _restored(model: Forecaster, config: Config, arrays: dict[str, Any]) -> Forecaster:
    model.cell_, model.choices_, model.spans_ = cell_of(model.cell), config.choices, config.spans
    model.baselines_, model.base_, model.steps_ = config.baselines, config.base, config.steps
    model.table_layout_, model.clock_ = config.layout, config.clock
    model.features_, model.encoder_ = config.features, config.encoder
    model.columns_, model.evaluation_ = config.columns, config.evaluation
    model.seen_, model.frame_, model.stopped_ = config.seen, config.frame, config.stopped
    if not 0 <= config.base < len(config.baselines):
        raise InputError(f"there is no simple forecast number {config.base}")
    networks: list[Network] = []
    while own := _under(arrays, f"network.{len(networks)}."):
        network = network_of(
            model.cell_, config.choices, config.encoder, len(config.baselines),
            config.base, len(model.levels), model.dropout,
        ).eval()  # fmt: skip
        network.load_state_dict({n: torch.from_numpy(a.copy()) for n, a in own.items()})
        networks.append(network)
    model.networks_, model.correction_ = tuple(networks), arrays["correction"]
    model.ends_ = _ends(config, arrays, len(networks))
    model._model().check(model.ends_, model.horizon, len(model.levels))
    return model


def _ends(config: Config, arrays: dict[str, Any], networks: int) -> Ends:
    states = []
    for k in range(networks):
        own = _under(arrays, f"end.state.{k}.")
        states.append(tuple(own[str(n)] for n in range(len(own))))
    before = Before(*(arrays[f"end.{n}"] for n in BEFORE))
    targets, position, future = (arrays[f"end.{n}"] for n in END)
    return Ends(config.ids, config.keys, targets, position, before, tuple(states), future)


def _under(arrays: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The arrays whose names begin so, by the rest of their names."""
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}


def _card(model: Forecaster, report: bool) -> str:
    columns = dict(zip(("id", "time", "target"), model.columns_, strict=True))
    shows = f" `{REPORT}` shows some of them: the model works without it." if report else ""
    lines = [
        f"# A forecaster for {model.columns_[2]}", "",
        f"Made with Gatewise {__version__}: one network over {len(model.ends_.ids)} series, "
        f"{model.clock_.describe()}, {model.horizon} steps ahead. Cell: {model.cell_.name}. "
        f"Columns: {columns}.", "", *model.choices_.describe(), "",
        "Figures on rows that this training had not seen, best first; the shipped weights were then "
        "trained on all rows.", "", "```", *told(model.evaluation_), "```", "",
        "The model holds no rows of the training data but those of the last season, which the simple "
        "forecasts repeat. To go on from the end of the training data it keeps the network's state "
        "there, and sums and means that are carried along." + shows,
        "", "```", f"gatewise predict {{this folder}} --horizon {model.horizon}", "```", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _place(new: Path, folder: Path) -> None:
    """Move a whole folder into place; the old one goes only when the new one is there."""
    if not folder.exists():
        new.rename(folder)
        return
    old = new.with_name(new.name + "-old")
    folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
