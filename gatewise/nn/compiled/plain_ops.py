"""One layer in plain operations of torch: where no kernel serves, and for second derivatives."""

from __future__ import annotations

import torch
from torch import Tensor

from gatewise.compile import PASSES, Runner, RunnerCall, is_runner, named, names
from gatewise.ir import Program
from gatewise.nn.plan.layer_call import LayerCall, LayerResult
from gatewise.nn.plan.registry import registered

# found once: torch.compile does not trace how
_RUNNERS: dict[str, Runner] = {b.name: b for b in map(named, names()) if is_runner(b)}
# what can be differentiated any number of times
PLAIN = next(name for name, backend in _RUNNERS.items() if backend.fallback)


def run_plainly(layer: LayerCall, backend: str = PLAIN) -> LayerResult:
    """Run a layer by a backend that compiles nothing: by default in plain operations of torch, which can
    be differentiated any number of times."""
    program, layout, _ = registered(layer.key)
    sizes = dict(zip(program.sizes, layer.sizes, strict=True))
    call = RunnerCall(
        program,
        _without_padding(program, layer),
        layout.params(layer.params, sizes),
        sizes,
        layer.states,
        layer.restart,
        layer.lengths,
        layer.reset,
        layer.reverse,
        layer.record,
        PASSES,
    )
    result = _RUNNERS[backend].run(call)
    recorded = [result.recorded[name] for name in layer.record]
    return LayerResult(result.output, list(result.states), recorded)


def _without_padding(program: Program, layer: LayerCall) -> dict[str, Tensor]:
    """The inputs by name, with padding replaced by values of the same row that are read anyway.

    Plain operations compute what reads inputs only for all steps at once. Padding would get no
    gradient, but zero times what it holds (NaN, infinity) would get into those of the parameters.
    """
    inputs = dict(zip((i.name for i in program.inputs), layer.inputs, strict=True))
    if layer.lengths is None:
        return inputs
    x = layer.inputs[0]
    lengths = layer.lengths.to(x.device)
    visited = torch.arange(x.shape[0], device=x.device)[:, None] < lengths
    begun = (lengths > 0)[:, None]
    for item in program.inputs:
        if item.per == "step" and item.rate is None:
            value = inputs[item.name]
            first = torch.where(begun, value[:1], 0.0)
            inputs[item.name] = torch.where(visited[:, :, None], value, first)
    return inputs


def run_as_operator(
    key: str,
    sizes: list[int],
    inputs: list[Tensor],
    params: list[Tensor],
    states: list[Tensor],
    restart: list[Tensor],
    lengths: Tensor | None,
    reset: Tensor | None,
    reverse: bool,
    record: list[str],
) -> list[Tensor]:
    """A layer as the operators return it: what comes at every step, then the final states."""
    result = run_plainly(
        LayerCall(
            key, sizes, inputs, params, states, restart, lengths, reset, reverse, tuple(record)
        )
    )
    return [result.output, *result.recorded, *result.states]
