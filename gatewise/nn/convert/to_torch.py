"""From our modules to PyTorch's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gatewise.errors import InputError
from gatewise.nn.convert.kinds import SequenceModule, check_extras, is_cell
from gatewise.nn.plan.module_plan import DIRECTIONS
from gatewise.nn.plan.torch_stacks import STACKS


def to_torch(module: SequenceModule) -> nn.RNNBase:
    """The same network as ``torch.nn.LSTM``, ``GRU`` or ``RNN``: copies of the weights, same mode.

    The random generator is left as it is.

    Raises:
        InputError: for a cell or an extra that PyTorch does not have.
    """
    check_extras(module, "PyTorch")
    kind, more = _kind(module)
    plan = module.plan
    _, first = next(module.named_parameters())
    with torch.random.fork_rng(devices=[]):  # PyTorch's constructors draw initial values
        torch_module: nn.RNNBase = getattr(nn, kind)(
            plan.inputs[0].size.evaluate(plan.layers[0].sizes),
            module.hidden_size,
            num_layers=len(plan.layers),
            bias="b" in {p.name.split(".")[0] for p in plan.plain.params},
            batch_first=module.batch_first,
            dropout=module.dropout,
            bidirectional=plan.directions == 2,
            dtype=first.dtype,
            **more,
        )
    stacks = STACKS["LSTMP" if more.get("proj_size") else kind]
    with torch.no_grad():
        for k in range(len(plan.layers)):
            for d in range(plan.directions):
                views = module.equation_parameters(k, d)
                for stack in stacks:
                    name = f"{stack.name}_l{k}{DIRECTIONS[d]}"
                    if hasattr(torch_module, name):
                        _fill(
                            getattr(torch_module, name), [views.get(m.view) for m in stack.members]
                        )
    for ours, theirs in _pairs(module, torch_module):
        theirs.requires_grad_(ours.requires_grad)
    return torch_module.to(first.device).train(module.training)


def _kind(module: SequenceModule) -> tuple[str, dict[str, Any]]:
    """The name of PyTorch's class, and what its constructor takes besides."""
    sizes = module.plan.layers[0].sizes
    for name, kind in (("lstm", "LSTM"), ("gru", "GRU")):
        if is_cell(module, name):
            return kind, {}
    if is_cell(module, "lstmp"):
        return "LSTM", {"proj_size": sizes["P"]}
    for nonlinearity in ("tanh", "relu"):
        if is_cell(module, "rnn", nonlinearity=nonlinearity):
            return "RNN", {"nonlinearity": nonlinearity}
    raise InputError(
        f"PyTorch has LSTM, GRU and RNN, not {module.plan.plain.name}: torch.export and "
        "torch.jit.trace take it as it is"
    )


def cell_to_torch(
    kind: str, weights: Mapping[str, Tensor], inputs: int, hidden: int, bias: bool, **more: str
) -> nn.RNNCellBase:
    """``torch.nn.LSTMCell``, ``GRUCell`` or ``RNNCell`` with copies of the weights.

    ``kind``: "LSTM", "GRU" or "RNN". The random generator is left as it is.
    """
    like = weights["weight_ih"]
    with torch.random.fork_rng(devices=[]):
        cell: nn.RNNCellBase = getattr(nn, f"{kind}Cell")(
            inputs, hidden, bias, dtype=like.dtype, **more
        )
    with torch.no_grad():
        for name, theirs in cell.named_parameters():
            theirs.copy_(weights[name])
            theirs.requires_grad_(weights[name].requires_grad)
    return cell.to(like.device)


def _fill(stacked: Tensor, parts: list[Tensor | None]) -> None:
    rows = len(stacked) // len(parts)
    for piece, part in zip(stacked.split(rows), parts, strict=True):
        piece.zero_() if part is None else piece.copy_(part)


def _pairs(module: SequenceModule, torch_module: nn.RNNBase) -> list[tuple[Tensor, Tensor]]:
    """Parameters of the same name."""
    theirs = dict(torch_module.named_parameters())
    return [(p, theirs[n]) for n, p in module.named_parameters() if n in theirs]
