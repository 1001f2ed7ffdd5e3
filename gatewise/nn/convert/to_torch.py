"""From our modules to PyTorch's."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from gatewise import cells
from gatewise.errors import InputError
from gatewise.nn.convert.kinds import check_extras, is_cell, same
from gatewise.nn.modules.base import Recurrence
from gatewise.nn.modules.dropin import STACKS, DropIn
from gatewise.nn.modules.step_cells import Step
from gatewise.nn.plan.module_plan import DIRECTIONS


def to_torch(module: Recurrence) -> nn.RNNBase:
    """The same network as ``torch.nn.LSTM``, ``GRU`` or ``RNN``: copies of the weights, same mode.

    The random generator is left as it is.

    Raises:
        InputError: for a cell or an extra that PyTorch does not have.
    """
    check_extras(module, "PyTorch")
    kind, more = _kind(module)
    plan = module.plan
    first = next(module.parameters())
    with torch.random.fork_rng(devices=[]):  # PyTorch's constructors draw initial values
        made: nn.RNNBase = getattr(nn, kind)(
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
                    if hasattr(made, name):
                        _fill(getattr(made, name), [views.get(m.view) for m in stack.members])
    for ours, theirs in _pairs(module, made):
        theirs.requires_grad_(ours.requires_grad)
    return made.to(first.device).train(module.training)


def _kind(module: Recurrence) -> tuple[str, dict[str, Any]]:
    """The name of PyTorch's class, and what its constructor takes besides."""
    sizes = module.plan.layers[0].sizes
    for name, kind in (("lstm", "LSTM"), ("gru", "GRU")):
        if is_cell(module, name):
            return kind, {}
    if is_cell(module, "lstmp"):
        return "LSTM", {"proj_size": sizes["P"]}
    if is_cell(module, "rnn"):
        return "RNN", {"nonlinearity": "tanh"}
    if isinstance(module, DropIn) or same(
        module.plan.plain, cells.get("rnn")(nonlinearity="relu").program
    ):
        return "RNN", {"nonlinearity": "relu"}
    raise InputError(f"PyTorch has LSTM, GRU and RNN, not {module.plan.plain.name}: torch.export and "
                     "torch.jit.trace take it as it is")  # fmt: skip


def cell_to_torch(module: Step) -> nn.RNNCellBase:
    """The same as ``torch.nn.LSTMCell``, ``GRUCell`` or ``RNNCell``: copies of the weights, same mode.

    Raises InputError for an extra: PyTorch has none.
    """
    if module.hidden_size:  # a cell of no units has no extras
        check_extras(module, "PyTorch")
    more = {"nonlinearity": module.nonlinearity} if isinstance(module, nn.RNNCell) else {}
    weight = module.parameter("weight_ih")
    with torch.random.fork_rng(devices=[]):
        made: nn.RNNCellBase = getattr(nn, f"{module.kind}Cell")(
            module.input_size, module.hidden_size, module.bias, dtype=weight.dtype, **more
        )
    with torch.no_grad():
        for name, theirs in made.named_parameters():
            theirs.copy_(module.parameter(name))
            theirs.requires_grad_(module.parameter(name).requires_grad)
    return made.to(weight.device).train(module.training)


def _fill(stacked: Tensor, parts: list[Tensor | None]) -> None:
    rows = len(stacked) // len(parts)
    for piece, part in zip(stacked.split(rows), parts, strict=True):
        piece.zero_() if part is None else piece.copy_(part)


def _pairs(module: Recurrence, made: nn.RNNBase) -> list[tuple[Tensor, Tensor]]:
    """Parameters of the same name."""
    theirs = dict(made.named_parameters())
    return [(p, theirs[n]) for n, p in module.named_parameters() if n in theirs]
