"""One layer and direction, cut into pieces of time: checkpoints, and truncated back-propagation.

Whole, if neither is asked for. Cut or not, the values are the same.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from gatewise.compile import Program
from gatewise.nn.plan import Plan
from gatewise.nn.sequence import Layer, Ran, registered, run_layer


def run_in_chunks(layer: Layer, plan: Plan, backend: str) -> Ran:
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
    edges = sorted(cuts)
    pieces = list(zip(edges, edges[1:], strict=False))
    done: list[Ran] = []
    states = layer.states
    for start, stop in reversed(pieces) if layer.reverse else pieces:
        if done:
            at = stop if layer.reverse else start
            if detach and at % detach == 0:
                states = [s.detach() for s in states]
            if layer.reverse and layer.reset is not None:
                states = _cross(layer, stop, states)
        piece = _piece(layer, start, stop, states)
        done.append(_kept(piece, backend) if keep else run_layer(piece, backend))
        states = done[-1].states
    if layer.reverse:
        done.reverse()
    return Ran(
        torch.cat([r.output for r in done]),
        states,
        [torch.cat(parts) for parts in zip(*(r.recorded for r in done), strict=True)],
    )


def _cross(layer: Layer, at: int, states: list[Tensor]) -> list[Tensor]:
    """Reset, in the reverse direction, states that cross the boundary between two pieces."""
    assert layer.reset is not None
    mask = layer.reset[at]
    if layer.lengths is not None:  # rows that do not visit the step before the boundary stay
        mask = mask & (layer.lengths >= at).to(mask.device)
    return [torch.where(mask[:, None], r, s) for r, s in zip(layer.restart, states, strict=True)]


def _piece(layer: Layer, start: int, stop: int, states: list[Tensor]) -> Layer:
    """The steps from ``start`` to ``stop`` as a layer of their own."""
    inputs = [
        tensor[start:stop] if item.per == "step" else tensor
        for item, tensor in zip(_program(layer).inputs, layer.inputs, strict=True)
    ]
    lengths = None if layer.lengths is None else (layer.lengths - start).clamp(0, stop - start)
    reset = None if layer.reset is None else layer.reset[start:stop]
    return layer._replace(inputs=inputs, states=states, lengths=lengths, reset=reset)


def _program(layer: Layer) -> Program:
    return registered(layer.key).program


def _kept(piece: Layer, backend: str) -> Ran:
    """Run a piece of which only the states at its edges are kept for the backward pass."""
    ran: Ran = checkpoint(run_layer, piece, backend, use_reentrant=False, preserve_rng_state=False)
    return ran
