"""Running a plan: layers, directions, random masks, what joins the layers, what is recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from gatewise.nn.execution.chunks import run_in_chunks
from gatewise.nn.execution.dispatch import COMPILED, run_layers
from gatewise.nn.execution.random_masks import draw_masks, drop_weights, locked_dropout
from gatewise.nn.plan.context import apart, joined
from gatewise.nn.plan.layer_call import LayerCall, LayerResult
from gatewise.nn.plan.module_plan import LayerPlan, ModulePlan
from gatewise.nn.plan.walk import Done, LayerWalk, PendingLayers, drive

Parameters = Callable[[str], Tensor]  # by name


class CallSettings(NamedTuple):
    """What one call asks for besides its inputs. Time-major: ``reset`` [T, B], ``lengths`` [B]."""

    backend: str
    training: bool
    dropout: float
    lengths: Tensor | None = None
    reset: Tensor | None = None
    record: tuple[str, ...] = ()
    context: Tensor | None = None  # [B, S], before the first layer's input at every step


class StackResult(NamedTuple):
    """Output [T, B, D*n]; states in the cell's order, [L*D, B, n] each; recorded quantities by name,
    for each a list over layer * directions + direction of [T, B, n]."""

    output: Tensor
    states: tuple[Tensor, ...]
    recorded: dict[str, tuple[Tensor, ...]]

    def to(self, dtype: torch.dtype) -> StackResult:
        """These results in another type."""
        if self.output.dtype == dtype:
            return self
        return StackResult(
            self.output.to(dtype),
            tuple(s.to(dtype) for s in self.states),
            {n: tuple(v.to(dtype) for v in of) for n, of in self.recorded.items()},
        )


class _Stack(NamedTuple):
    """What stays the same for all layers of one call; arguments as for ``run_stack``."""

    plan: ModulePlan
    parameters: Parameters
    further_inputs: list[Tensor]
    start: Sequence[Tensor] | None
    call: CallSettings


def run_stack(
    plan: ModulePlan,
    parameters: Parameters,
    inputs: Sequence[Tensor],
    start: Sequence[Tensor] | None,
    call: CallSettings,
) -> StackResult:
    """Run all layers.

    ``inputs`` are [T, B, n] (static ones [B, n]), ``start`` the initial states [L*D, B, n].
    """

    def run(layers: list[LayerCall]) -> list[LayerResult]:
        if plan.whole:
            return run_layers(layers, call.backend)
        return [run_in_chunks(layer, plan, call.backend) for layer in layers]

    return drive(walk_stack(plan, parameters, inputs, start, call), run)


def walk_stack(
    plan: ModulePlan,
    parameters: Parameters,
    inputs: Sequence[Tensor],
    start: Sequence[Tensor] | None,
    call: CallSettings,
) -> LayerWalk[StackResult]:
    """The walk through all layers; arguments as for ``run_stack``."""
    x, further_inputs = inputs[0], list(inputs[1:])
    if call.context is not None and not _takes_apart(plan, call):
        x, call = joined(call.context, x), call._replace(context=None)
    return _walk_from(_Stack(plan, parameters, further_inputs, start, call), 0, x, [])


def _walk_from(
    stack: _Stack, k: int, below: Tensor, done: list[LayerResult]
) -> LayerWalk[StackResult]:
    """The walk through layer k and all above it. ``below`` enters layer k; ``done`` is what the
    layers under it gave."""
    if k == len(stack.plan.layers):
        return Done(_result(stack, below, done))

    def resume(results: list[LayerResult]) -> LayerWalk[StackResult]:
        return _walk_from(stack, k + 1, _above(stack, k, below, results), [*done, *results])

    return PendingLayers(_calls(stack, k, below), resume)


def _calls(stack: _Stack, k: int, below: Tensor) -> list[LayerCall]:
    """Layer k, in each direction."""
    plan, call = stack.plan, stack.call
    x = locked_dropout(below, plan.extras.input_dropout) if call.training else below
    calls = []
    for d in range(plan.directions):
        at = k * plan.directions + d
        first = None if stack.start is None else [s[at] for s in stack.start]
        inputs = [x, *stack.further_inputs]
        layer = _direction(plan, plan.layers[k], d, stack.parameters, inputs, first, call)
        calls.append(layer if k or call.context is None else _with_context(plan, layer, call))
    return calls


def _above(stack: _Stack, k: int, below: Tensor, results: list[LayerResult]) -> Tensor:
    """What enters the layer above layer k (or leaves the stack), given what layer k gave."""
    plan, call = stack.plan, stack.call
    above = results[0].output
    if plan.directions == 2:
        above = torch.cat([above, results[1].output], -1)
    if k:
        above = _join(plan, k, stack.parameters, below, above)
    if k < len(plan.layers) - 1 and call.training and call.dropout:
        above = F.dropout(above, call.dropout, True)
    return above


def _result(stack: _Stack, output: Tensor, done: list[LayerResult]) -> StackResult:
    if len(done) == 1:
        states = tuple([s.unsqueeze(0) for s in done[0].states])
    else:
        states = tuple([torch.stack(of) for of in zip(*(r.states for r in done), strict=True)])
    recorded = {}
    for n, name in enumerate(stack.call.record):
        recorded[name] = tuple(r.recorded[n] for r in done)
    return StackResult(output, states, recorded)


def _direction(
    plan: ModulePlan,
    layer: LayerPlan,
    d: int,
    parameters: Parameters,
    inputs: list[Tensor],
    start: list[Tensor] | None,
    call: CallSettings,
) -> LayerCall:
    """One layer in one direction."""
    x = inputs[0]
    restart = None
    if start is None or call.reset is not None:
        restart = _initial_states(plan, layer, d, parameters, x)
    stacks = [parameters(name) for name in layer.names[d]]
    if call.training:
        if plan.dropped:
            stacks = drop_weights(plan, layer, stacks)
        if plan.masks:
            from_caller, drawn = iter(inputs), iter(draw_masks(plan, layer, x))
            order = plan.cell.program.inputs
            inputs = [next(from_caller) if i.rate is None else next(drawn) for i in order]
    states = restart if start is None else start
    assert states is not None
    return LayerCall(
        plan.keys[int(call.training)],  # torch.compile takes no truth value for a place
        layer.numbers,
        inputs,
        stacks,
        states,
        states if restart is None else restart,
        call.lengths,
        call.reset,
        d == 1,
        call.record,
    )


def _takes_apart(plan: ModulePlan, call: CallSettings) -> bool:
    """Whether the products of a context are taken once. Only kernels round matrices to bfloat16."""
    if call.backend not in COMPILED or plan.weights is not None or plan.extras.input_dropout:
        return False
    if torch.compiler.is_compiling() and "split" not in plan.__dict__:
        return False  # a compiler cannot trace how it is found; a call outside of it finds it
    return plan.split is not None


def _with_context(plan: ModulePlan, layer: LayerCall, call: CallSettings) -> LayerCall:
    """The first layer, with the products of the context as inputs of its own."""
    assert plan.split is not None and call.context is not None
    sizes, products, params = apart(
        plan.split, plan.layout, layer.sizes, plan.layers[0].sizes, call.context, layer.params
    )
    if not torch.compiler.is_compiling():
        plan.use(plan.split.keys[int(call.training)], sizes)
    return layer._replace(
        key=plan.split.keys[int(call.training)],
        sizes=sizes,
        params=params,
        inputs=[*layer.inputs, *products],
    )


def _initial_states(
    plan: ModulePlan, layer: LayerPlan, d: int, parameters: Parameters, like: Tensor
) -> list[Tensor]:
    """The cell's own initial states [B, n]: learned, or as it declares them."""
    batch = like.shape[1]
    if plan.zeros:  # the commonest case; nobody writes to them, so the states may share one tensor
        return [like.new_zeros(batch, plan.zeros)] * len(plan.widths)
    states = []
    for state, width, name in zip(
        plan.cell.program.states, plan.widths, layer.initial[d], strict=True
    ):
        if plan.extras.learned_initial_state and name is not None:
            states.append(parameters(name).expand(batch, width))
        else:
            states.append(like.new_full((batch, width), state.initial))
    return states


def _join(plan: ModulePlan, k: int, parameters: Parameters, below: Tensor, above: Tensor) -> Tensor:
    """What leaves layer k, given what entered it."""
    if plan.extras.residual:
        return above + below
    if plan.extras.highway:
        gate = F.linear(below, parameters(f"highway_weight_l{k}"), parameters(f"highway_bias_l{k}"))
        gate = torch.sigmoid(gate)
        return gate * above + (1 - gate) * below
    return above
