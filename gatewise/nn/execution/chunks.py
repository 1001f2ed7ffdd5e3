"""One layer and direction, cut into pieces of time: checkpoints, and truncated back-propagation.

Cut or not, the values are the same.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from gatewise.ir import Program
from gatewise.nn.execution.dispatch import run_layer
from gatewise.nn.plan.layer_call import LayerCall, LayerResult
from gatewise.nn.plan.module_plan import ModulePlan
from gatewise.nn.plan.registry import registered


def run_in_chunks(layer: LayerCall, plan: ModulePlan, backend: str) -> LayerResult:
    """Run a layer with ``memory`` and ``detach_every`` of the plan's extras."""
    steps = layer.inputs[0].shape[0]
    keep = plan.extras.chunk(steps) if torch.is_grad_enabled() else 0
    detach = plan.extras.detach_every or 0
    if keep and torch._C._are_functorch_transforms_active():
        keep = 0  # checkpoints and transforms of functions exclude each other; only memory is lost
    cuts = {0, steps}
    cuts |= set(range(0, steps, keep)) if keep else set()
    cuts |= set(range(0, steps, detach)) if detach else set()
    if len(cuts) == 2 and not keep:
        return run_layer(layer, backend)
    pieces = list(zip(pairwise(sorted(cuts)), _inputs_of_pieces(layer, sorted(cuts)), strict=True))
    done: list[LayerResult] = []
    states = layer.states
    for (start, stop), inputs in reversed(pieces) if layer.reverse else pieces:
        if done:
            at = stop if layer.reverse else start
            if detach and at % detach == 0:
                states = _replaced([s.detach() for s in states], states, _crossing(layer, at))
            if layer.reverse and layer.reset is not None:  # forward, the next piece does it
                states = _replaced(layer.restart, states, _crossing(layer, at, layer.reset[at]))
        piece = _piece(layer, start, stop, inputs, states)
        done.append(_checkpointed(piece, backend) if keep else run_layer(piece, backend))
        states = done[-1].states
    if layer.reverse:
        done.reverse()
    return LayerResult(
        torch.cat([r.output for r in done]),
        states,
        [torch.cat(parts) for parts in zip(*(r.recorded for r in done), strict=True)],
    )


def _crossing(layer: LayerCall, at: int, mask: Tensor | None = None) -> Tensor | None:
    """The rows, of those in ``mask``, that carry a state over the boundary before step ``at``.

    A row that is over, or in reverse has not begun, keeps its state. None is all rows.
    """
    if layer.lengths is None:
        return mask
    rows = (layer.lengths > at).to(layer.inputs[0].device)
    return rows if mask is None else rows & mask


def _replaced(new: list[Tensor], old: list[Tensor], rows: Tensor | None) -> list[Tensor]:
    """``new`` in the given rows, ``old`` in the others."""
    if rows is None:
        return new
    return [torch.where(rows[:, None], n, o) for n, o in zip(new, old, strict=True)]


def _inputs_of_pieces(layer: LayerCall, edges: list[int]) -> list[list[Tensor]]:
    """The inputs of each piece: split, so that the backward pass joins the gradients of all pieces once.

    A slice by itself would give back a gradient as long as the whole sequence, for each piece.
    """
    sizes = [stop - start for start, stop in pairwise(edges)]
    by_input = [
        tensor.split(sizes) if item.per == "step" else (tensor,) * len(sizes)
        for item, tensor in zip(_program(layer).inputs, layer.inputs, strict=True)
    ]
    return [list(inputs) for inputs in zip(*by_input, strict=True)]


def _piece(
    layer: LayerCall, start: int, stop: int, inputs: list[Tensor], states: list[Tensor]
) -> LayerCall:
    """The steps from ``start`` to ``stop``, with their inputs, as a layer of their own."""
    lengths = None if layer.lengths is None else (layer.lengths - start).clamp(0, stop - start)
    reset = None if layer.reset is None else layer.reset[start:stop]
    return layer._replace(inputs=inputs, states=states, lengths=lengths, reset=reset)


def _program(layer: LayerCall) -> Program:
    return registered(layer.key).program


def _checkpointed(piece: LayerCall, backend: str) -> LayerResult:
    """Run a piece of which only the states at its edges are kept for the backward pass."""
    result: LayerResult = checkpoint(
        run_layer, piece, backend, use_reentrant=False, preserve_rng_state=False
    )
    return result
