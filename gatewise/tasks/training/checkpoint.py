"""The folder of a run: ``state.safetensors``, from which it resumes, and ``metrics.jsonl``.

The state is one file, written beside its place and moved there: at any moment there is either the old
one or the new one, whole. What is no tensor travels as JSON in its header. Nothing is pickled, and no
file is written through a link.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

import torch
from pydantic import TypeAdapter
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from gatewise.errors import InputError
from gatewise.files import open_regular
from gatewise.tasks.model_dir import METRICS, sync_folder
from gatewise.tasks.training.problem import Recipe

V = TypeVar("V")

STATE = "state.safetensors"
VERSION = "1"
# bytes of a state, at most
MOST = 64 << 30
NETWORK, BEST, OPTIMIZER = "network.", "best.", "optimizer."
# fields of the recipe that may change when a run resumes
FREE = ("device", "save_every", "pieces", "time_limit")


@dataclass(frozen=True)
class LogEntry:
    """A point of the learning curve, and a line of ``metrics.jsonl``.

    Attributes:
        step: the training step after which it was taken.
        loss: mean of the training loss since the entry before; None before the first step.
        check: validation loss; None where there is no validation span.
        rate: the learning rate of that step.
        seconds: training time so far, over all its starts.
        stopped: whether the time limit ended the training here.
    """

    step: int
    loss: float | None
    check: float | None
    rate: float
    seconds: float
    stopped: bool = False


@dataclass
class TrainState:
    """The state of a training, besides its tensors.

    Attributes:
        step: the last step.
        best, chosen, since: the lowest validation loss, its step, and how many checks ago it was.
        total, count: sum and number of the training losses since the last entry.
        seconds: training time so far.
        pieces: the parts that a batch is split into; 0 before the first step.
        done: whether it has ended.
        notes: the learning curve.
    """

    step: int = 0
    best: float | None = None
    chosen: int = 0
    since: int = 0
    total: float = 0.0
    count: int = 0
    seconds: float = 0.0
    pieces: int = 0
    done: bool = False
    notes: list[LogEntry] = field(default_factory=list)


_STANDING = TypeAdapter(TrainState)


class Checkpoint:
    """A run folder, made if it does not exist.

    Args:
        folder: the folder of this one training.
        network, recipe, until, data: identify the training, with the initial weights.
        writes: whether this process is the one that writes.

    Raises:
        InputError: where the folder cannot be made.
    """

    def __init__(
        self,
        folder: Path,
        network: nn.Module,
        recipe: Recipe,
        until: int | None,
        data: str,
        writes: bool,
    ) -> None:
        self.folder, self.writes = Path(folder), writes
        options = {k: v for k, v in asdict(recipe).items() if k not in FREE} | {"until": until}
        self.marks = {
            "options": json.dumps(options, sort_keys=True),
            "data": data,
            "network": _digest(network.state_dict()),
        }
        if writes:
            self._try(lambda: self.folder.mkdir(parents=True, exist_ok=True))

    def restore(
        self,
        network: nn.Module,
        best: dict[str, Tensor],
        optimizer: torch.optim.Optimizer,
        at: TrainState,
    ) -> None:
        """Load the state of the folder into the arguments; they stay as they are if it has none.

        Raises:
            InputError: if the state belongs to another training or is damaged.
        """
        path = self.folder / STATE
        if path.exists():
            try:
                header, tensors = _read(path)
                self._check(header)
                standing = _STANDING.validate_json(header["standing"], strict=True)
                network.load_state_dict(under(tensors, NETWORK))
                for name, value in under(tensors, BEST).items():
                    best[name].copy_(value)
                _restore(optimizer, under(tensors, OPTIMIZER))
                at.notes[:] = standing.notes  # a list of the caller's
                for part in fields(TrainState):
                    if part.name != "notes":
                        setattr(at, part.name, getattr(standing, part.name))
            except (OSError, SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as e:
                if isinstance(e, InputError):
                    raise
                why = (str(e) or type(e).__name__).splitlines()[0]
                raise InputError(f"{path} is damaged ({why}): delete it to start over") from None
        # lines after the last state will be written again
        lines = "".join(map(line, at.notes))
        if self.writes:
            self._try(lambda: _replace(self.folder / METRICS, lines.encode()))

    def append(self, entry: LogEntry) -> None:
        """Append a line to the metrics."""
        if self.writes:
            self._try(lambda: _append(self.folder / METRICS, line(entry)))

    def save(
        self,
        network: nn.Module,
        best: dict[str, Tensor],
        optimizer: torch.optim.Optimizer,
        at: TrainState,
    ) -> None:
        """Write the state. Raises InputError if that fails; the old state is then intact."""
        if not self.writes:
            return
        tensors = {NETWORK + name: value for name, value in network.state_dict().items()}
        tensors |= {BEST + name: value for name, value in best.items()}
        # a finished run needs no optimizer
        if not at.done:
            for k, values in optimizer.state_dict()["state"].items():
                tensors |= {f"{OPTIMIZER}{k}.{name}": value for name, value in values.items()}
        copies = {name: _copied(value) for name, value in tensors.items()}
        data = save(copies, {"version": VERSION, **self.marks, "standing": json.dumps(asdict(at))})
        self._try(lambda: _replace(self.folder / STATE, data))

    def _check(self, header: dict[str, str]) -> None:
        if header.get("version") != VERSION:
            raise InputError(
                f"{self.folder / STATE} was written by another version of Gatewise: delete it to "
                "start over"
            )
        other = [name for name, mark in self.marks.items() if header[name] != mark]
        if other:
            raise InputError(
                f"{self.folder} holds the run of another training (its {' and '.join(other)} "
                "differ): choose another folder, or delete this one to start over"
            )

    def _try(self, write: Any) -> None:
        try:
            write()
        except OSError as error:
            raise InputError(f"cannot write the run to {self.folder}: {error.strerror}") from None


def _restore(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    state = optimizer.state_dict()
    for name, value in tensors.items():
        k, what = name.split(".", 1)
        state["state"].setdefault(int(k), {})[what] = value
    optimizer.load_state_dict(state)


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    os.close(open_regular(path, MOST))
    with safe_open(path, framework="pt") as file:
        return file.metadata() or {}, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


def under(values: Mapping[str, V], prefix: str) -> dict[str, V]:
    """Those whose names begin with a prefix, by the rest of their names."""
    return {n.removeprefix(prefix): v for n, v in values.items() if n.startswith(prefix)}


def _copied(value: Tensor) -> Tensor:
    """A copy on the CPU: tensors that share memory cannot be written."""
    return value.detach().to("cpu", copy=True).contiguous()


def _digest(tensors: dict[str, Tensor]) -> str:
    sha256 = hashlib.sha256()
    for name, value in tensors.items():
        sha256.update(f"{name} {tuple(value.shape)} {value.dtype}\n".encode())
        sha256.update(value.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return sha256.hexdigest()


def line(entry: LogEntry) -> str:
    """The entry as a line of ``metrics.jsonl``."""
    return json.dumps(asdict(entry), allow_nan=False) + "\n"


def _append(path: Path, text: str) -> None:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    with open(os.open(path, flags, 0o666), "a", encoding="utf-8") as file:
        file.write(text)


def _replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, even if the power fails."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    # an unpredictable name, so that nobody can plant a link there
    new = Path(name)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.chmod(0o644)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
