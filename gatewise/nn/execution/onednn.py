"""oneDNN's LSTM with gradients that can be differentiated again.

PyTorch runs an LSTM of float32 on a CPU through oneDNN, whose backward pass has no derivative. Here it is one
node of autograd's graph: the first gradient is oneDNN's; a gradient of a gradient, many at once, or one that
is asked for a second time is taken through PyTorch's other kernel, which is slower and can be differentiated
any number of times.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import torch
from torch import Tensor

from gatewise.nn.compiled.autograd_context import AutogradContext
from gatewise.nn.compiled.partial_gradients import partial_gradients
from gatewise.nn.compiled.vmap import batched
from gatewise.nn.execution.cudnn import without_onednn

# bias, layers, dropout, training, bidirectional and batch_first, as ``torch.lstm`` takes them
Settings: TypeAlias = tuple[bool, int, float, bool, bool, bool]


def lstm(
    x: Tensor, states: Sequence[Tensor], weights: Sequence[Tensor | None], settings: Settings
) -> tuple[Tensor, ...]:
    """The output and the final states, as ``torch.lstm`` gives them."""
    results: tuple[Tensor, ...]
    results = _OneDnn.apply(settings, x, *states, *weights)  # type: ignore[no-untyped-call]
    return results


def _run(tensors: Sequence[Tensor], settings: Settings) -> Sequence[Tensor]:
    x, h, c, *weights = tensors
    return torch._VF.lstm(x, (h, c), weights, *settings)


class _Context(AutogradContext, Protocol):
    """What the way forward keeps.

    Attributes:
        drawn: the state of the random numbers before dropout was drawn; None without dropout.
        inner: leaves and results of oneDNN's own graph, until it has been gone through.
    """

    settings: Settings
    drawn: Tensor | None
    inner: tuple[list[Tensor], Sequence[Tensor]] | None


class _OneDnn(torch.autograd.Function):
    @staticmethod
    def forward(ctx: _Context, settings: Settings, *tensors: Tensor) -> tuple[Tensor, ...]:
        _, _, dropout, training, _, _ = settings
        # dropout between layers is drawn again as it was
        ctx.drawn = torch.get_rng_state() if dropout and training else None
        with torch.enable_grad():
            leaves = [t.detach().requires_grad_(t.requires_grad) for t in tensors]
            outputs = _run(leaves, settings)
        ctx.settings, ctx.inner = settings, (leaves, outputs)
        ctx.save_for_backward(*tensors)
        ctx.set_materialize_grads(False)
        # values of their own: writing to them does not disturb what oneDNN keeps
        return tuple(o.detach().clone() for o in outputs)

    @staticmethod
    def backward(ctx: _Context, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        tensors, inner = ctx.saved_tensors, ctx.inner
        # create_graph=True: the gradient itself must be differentiable
        differentiable = torch.is_grad_enabled()
        if differentiable or inner is None or batched(grads):
            leaves, outputs = _plainly(tensors, ctx.settings, ctx.drawn)
        else:
            leaves, outputs = inner
            ctx.inner = None  # its memory is free as soon as this is over
        wanted = [k for k, want in enumerate(ctx.needs_input_grad[1:]) if want]
        return None, *partial_gradients(outputs, grads, leaves, wanted, create_graph=differentiable)


def _plainly(
    tensors: Sequence[Tensor], settings: Settings, drawn: Tensor | None
) -> tuple[list[Tensor], Sequence[Tensor]]:
    """The same through PyTorch's kernel that can be differentiated any number of times."""
    with torch.enable_grad(), without_onednn(), torch.random.fork_rng([], drawn is not None):
        if drawn is not None:
            torch.set_rng_state(drawn)
        leaves = [t.view_as(t) for t in tensors]  # one that comes twice has two parts
        return leaves, _run(leaves, settings)
