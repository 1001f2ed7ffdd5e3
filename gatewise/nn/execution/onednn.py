"""oneDNN's LSTM with gradients that can be differentiated again.

PyTorch runs an LSTM of float32 on a CPU through oneDNN, whose backward pass has no derivative. Here it is one
node of autograd's graph: the first gradient is oneDNN's; a gradient of a gradient, many at once, or one that
is asked for a second time is taken through PyTorch's other kernel, which is slower and can be differentiated
any number of times.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from gatewise.nn.compiled.vmap import batched
from gatewise.nn.execution.cudnn import without_onednn


def lstm(x: Tensor, states: Sequence[Tensor], weights: Sequence[Tensor], settings: Any) -> Any:
    """The output and the final states, as ``torch.lstm`` gives them.

    ``settings``: bias, layers, dropout, training, bidirectional, batch_first.
    """
    return _OneDnn.apply(settings, x, *states, *weights)  # type: ignore[no-untyped-call]


def _run(tensors: Sequence[Tensor], settings: Any) -> Sequence[Tensor]:
    x, h, c, *weights = tensors
    return torch._VF.lstm(x, (h, c), weights, *settings)


class _OneDnn(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, settings: Any, *tensors: Tensor) -> Any:
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
    def backward(ctx: Any, *grads: Any) -> Any:
        tensors, inner = ctx.saved_tensors, ctx.inner
        again = torch.is_grad_enabled()  # create_graph=True: it must be differentiable
        if again or inner is None or batched(grads):
            leaves, outputs = _plainly(tensors, ctx.settings, ctx.drawn)
        else:
            leaves, outputs = inner
            ctx.inner = None  # its memory is free as soon as this is over
        wanted = [k for k, want in enumerate(ctx.needs_input_grad[1:]) if want]
        pairs = [(o, g) for o, g in zip(outputs, grads, strict=True) if g is not None]
        gradients = torch.autograd.grad(
            [o for o, _ in pairs],
            [leaves[k] for k in wanted],
            [g for _, g in pairs],
            create_graph=again,
            allow_unused=True,
        )
        by_place = dict(zip(wanted, gradients, strict=True))
        return None, *(by_place.get(k) for k in range(len(tensors)))


def _plainly(
    tensors: Sequence[Tensor], settings: Any, drawn: Tensor | None
) -> tuple[list[Tensor], Sequence[Tensor]]:
    """The same through PyTorch's kernel that can be differentiated any number of times."""
    with torch.enable_grad(), without_onednn(), torch.random.fork_rng([], drawn is not None):
        if drawn is not None:
            torch.set_rng_state(drawn)
        leaves = [t.view_as(t) for t in tensors]  # one that comes twice has two parts
        return leaves, _run(leaves, settings)
