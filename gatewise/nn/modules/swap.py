"""Replace PyTorch's recurrent modules inside a model by ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

from gatewise.errors import GatewiseError
from gatewise.nn.execution.dispatch import COMPILED, VENDOR, check_backend
from gatewise.nn.modules.dropin import DropIn
from gatewise.nn.modules.lstm_gru_rnn import GRU, LSTM, RNN
from gatewise.nn.plan.extras import Extras

OURS: dict[type[nn.Module], type[DropIn]] = {nn.LSTM: LSTM, nn.GRU: GRU, nn.RNN: RNN}


@dataclass(frozen=True)
class Changed:
    """A module that was replaced; ``backend`` is what it runs on now and ``reason`` why."""

    name: str
    kind: str
    backend: str
    reason: str

    @property
    def slower(self) -> bool:
        """Whether it is expected to run slower than before."""
        return self.backend not in COMPILED and self.backend != VENDOR


@dataclass(frozen=True)
class Left:
    """A recurrent module that was left as it is, and why."""

    name: str
    kind: str
    reason: str


@dataclass(frozen=True)
class Swapped:
    """What ``swap`` did. ``model`` is the model it was given, changed in place."""

    model: nn.Module
    changed: tuple[Changed, ...]
    left: tuple[Left, ...]

    def __str__(self) -> str:
        lines = [f"swapped {len(self.changed)}, left {len(self.left)}"]
        for c in self.changed:
            remark = "; slower than before" if c.slower else ""
            lines.append(
                f"  {c.name or '(the model itself)'}: {c.kind} now runs on {c.backend} "
                f"({c.reason}{remark})"
            )
        lines += [
            f"  {x.name or '(the model itself)'}: {x.kind} left: {x.reason}" for x in self.left
        ]
        return "\n".join(lines)


def swap(model: nn.Module, *, backend: str = "auto") -> Swapped:
    """Make every ``nn.LSTM``, ``nn.GRU`` and ``nn.RNN`` inside a model ours, in place.

    A module stays the object it was: parameters, buffers, hooks, parametrizations, device, type, train
    mode and sharing are kept, and an optimizer goes on working. Only its class changes.

    Args:
        model: any module; it may be a recurrent module itself.
        backend: for the swapped modules.

    Returns:
        What was changed and what was left, and why; print it.

    Raises:
        BackendError: for a backend that does not exist.
        TypeError: if ``model`` is no module.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"swap takes a torch.nn.Module, not {type(model).__name__}")
    check_backend(backend)
    changed: list[Changed] = []
    left: list[Left] = []
    for name, module in model.named_modules():
        kind = type(module).__name__
        if not _recurrent(module):
            continue
        reason = _reason(module) or _adopt(module, backend)
        if reason:
            left.append(Left(name, kind, reason))
            continue
        assert isinstance(module, DropIn)
        device = module.parameter("weight_ih_l0").device
        choice = module._choose(device, None, None, ())
        changed.append(Changed(name, kind, choice.name, choice.reason))
    return Swapped(model, tuple(changed), tuple(left))


def _recurrent(module: nn.Module) -> bool:
    names = {c.__name__ for c in (*OURS, nn.LSTMCell, nn.GRUCell, nn.RNNCell)}
    named = type(module).__name__ in names or getattr(module, "original_name", None) in names
    return isinstance(module, nn.RNNBase | nn.RNNCellBase) or named


def _reason(module: nn.Module) -> str:
    """Why a module must stay as it is; empty if it need not."""
    kind = parametrize.type_before_parametrizations(module)
    if isinstance(module, DropIn):
        return "it is ours already"
    if isinstance(module, nn.RNNCellBase):
        return "it runs one step: gw.nn.LSTMCell, GRUCell and RNNCell are its drop-ins"
    if isinstance(module, torch.jit.ScriptModule):
        return "it is TorchScript, which has no Python left to replace"
    if kind not in OURS:
        base = next((c.__name__ for c in OURS if isinstance(module, c)), None)
        return (
            f"it is a subclass of {base} and may do things of its own"
            if base
            else (f"it is {kind.__module__}.{kind.__name__}, not PyTorch's own module")
        )
    if "forward" in module.__dict__:
        return "its forward was replaced on the instance"
    return ""


def _adopt(module: nn.Module, backend: str) -> str:
    """Change the class of a module. Returns why it could not be."""
    before = type(module)
    ours: type[Any] = OURS[parametrize.type_before_parametrizations(module)]
    if before not in OURS:  # parametrize made a class of its own for this module: so do we
        namespace = {
            k: v for k, v in vars(before).items() if k not in ("__dict__", "__weakref__", "__doc__")
        }
        ours = type(before.__name__, (ours,), namespace)
    try:
        module.__class__ = ours
        module._adopt(Extras(), backend)  # type: ignore[operator]
        with torch.no_grad():  # what PyTorch remembers of its last call cannot be copied
            module._init_flat_weights()  # type: ignore[operator]
    except (GatewiseError, TypeError, AttributeError) as error:
        module.__class__ = before
        return f"{type(error).__name__}: {error}"
    return ""
