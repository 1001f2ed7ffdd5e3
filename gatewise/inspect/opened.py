"""One layer of a model, opened for the instruments: by itself, in float64, in evaluation mode.

A model may be a recurrent module of ``gatewise.nn`` or any network that has one inside: then the network runs once
on what it is given, and what reaches the recurrent module is what the instruments look at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from gatewise.errors import InputError
from gatewise.ir import Program
from gatewise.ir.gates import with_retention
from gatewise.lang import Cell
from gatewise.nn import Recurrent
from gatewise.nn.modules.base import RecurrentBase
from gatewise.passes.expectation import expectation

States = tuple[Tensor, ...]


@dataclass(frozen=True)
class Opened:
    """A layer in one direction.

    Attributes:
        module: a ``Recurrent`` of one layer, float64.
        program: its Program in evaluation mode; the factor of each state has a name.
        factors: {state: that name}.
        inputs: [T, B, I], in the order in which the layer visits them.
        names: the quantities of the equations, as the cell names them.
        start: initial states [1, B, size].
        reverse: whether the layer runs from the end to the beginning.
        lengths: [B] steps of each sequence; None if all have T.
    """

    module: Recurrent
    program: Program
    factors: dict[str, str]
    inputs: tuple[Tensor, ...]
    names: tuple[str, ...]
    start: States
    reverse: bool
    lengths: Tensor | None = None

    @property
    def steps(self) -> int:
        """The number T of steps."""
        return len(self.inputs[0])

    def run(self, first: int, last: int, states: States) -> States:
        """The states after steps ``first`` .. ``last - 1``, of sequences of one length."""
        part = self._part(first, last)
        _, final = self.module(part, list(states))
        return tuple(final)

    def whole(self) -> Tensor:
        """The output of all steps [T, B, size], in the order of time."""
        output, _ = self.module(self._part(0, self.steps), list(self.start), lengths=self.lengths)
        return self.in_time(output)

    def record(self, names: Sequence[str]) -> dict[str, Tensor]:
        """{name: [T, B, size]} in the order of time."""
        _, _, recorded = self.module(
            self._part(0, self.steps), list(self.start), lengths=self.lengths, record=tuple(names)
        )
        return {n: self.in_time(v[0]) for n, v in recorded.items()}

    def in_time(self, values: Tensor) -> Tensor:
        """Values [T, B, size] in the order of time, from the order in which the layer visits the steps."""
        return _turned(values, self.lengths) if self.reverse else values

    def valid(self) -> Tensor:
        """[T, B] whether a step belongs to its sequence."""
        T, B = self.inputs[0].shape[:2]
        if self.lengths is None:
            return torch.ones(T, B, dtype=torch.bool)
        return torch.arange(T)[:, None] < self.lengths

    def check_finite(self) -> None:
        """Raise InputError if an input of the layer is no number: what is measured would be none either."""
        valid = self.valid()
        for x in self.inputs:
            wrong = ~x.isfinite().all(-1)
            wrong = wrong & valid if x.dim() == 3 else wrong[None]
            if wrong.any():
                step, row = map(int, self.in_time(wrong[..., None]).nonzero()[0][:2])
                raise InputError(
                    f"x is not finite (NaN or infinite) at step {step} of sequence {row}, the first of "
                    f"{int(wrong.sum())} places: replace such values first"
                )

    def _part(self, first: int, last: int) -> Any:
        part = tuple(x[first:last] if x.dim() == 3 else x for x in self.inputs)
        return part if len(part) > 1 else part[0]


def open_layer(
    model: nn.Module,
    x: Any,
    layer: int = 0,
    direction: int = 0,
    name: str | None = None,
    lengths: Sequence[int] | None = None,
) -> Opened:
    """Open a layer of a model for the sequences ``x``.

    Args:
        model: a recurrent module, or a network with one.
        x: what the model is called with: a tensor, or a tuple of its arguments.
        layer, direction: which one, from 0 on; direction 1 runs from the end to the beginning.
        name: of the recurrent module inside of the network, if it has several.
        lengths: steps of each sequence; those that the network gives its module, or all T, if left out.

    Raises:
        InputError: for a model without such a module or layer, or an input that the module does not take.
    """
    inner = recurrent_of(model, name)
    inputs, told = _inputs(model, inner, x)
    ends = _lengths(told if lengths is None else lengths, *inputs[0].shape[:2])
    plan = inner.plan
    if not 0 <= layer < len(plan.layers) or not 0 <= direction < plan.directions:
        raise InputError(
            f"there is no layer {layer}, direction {direction}: the module has {len(plan.layers)} layers and "
            f"{plan.directions} directions, from 0 on"
        )
    if layer and (plan.extras.residual or plan.extras.highway):
        raise InputError("layers that are joined (residual, highway) can be opened at layer 0 only")
    for below in range(layer):
        ways = range(plan.directions)
        with torch.no_grad():
            outputs = [_one(inner, below, way, inputs, ends).whole() for way in ways]
        inputs = (torch.cat(outputs, dim=-1), *inputs[1:])
    return _one(inner, layer, direction, inputs, ends)


def recurrent_of(model: nn.Module, name: str | None = None) -> RecurrentBase:
    """The recurrent module of a model. Raises InputError if there is none, or several and no name."""
    if not isinstance(model, nn.Module):
        raise InputError(f"model must be a torch module, not {type(model).__name__}")
    if isinstance(model, RecurrentBase):
        return model
    inside = {n: m for n, m in model.named_modules() if isinstance(m, RecurrentBase)}
    if name is not None:
        if name not in inside:
            raise InputError(
                f"no recurrent module is called {name!r}; there are {', '.join(inside)}"
            )
        return inside[name]
    if not inside:
        raise InputError(
            f"{type(model).__name__} has no recurrent module of gatewise.nn; gatewise.swap(model) replaces "
            "those of PyTorch"
        )
    if len(inside) > 1:
        raise InputError(f"which recurrent module? name= one of {', '.join(inside)}")
    return next(iter(inside.values()))


def _inputs(model: nn.Module, inner: RecurrentBase, x: Any) -> tuple[tuple[Tensor, ...], Any]:
    """What reaches the recurrent module, time first, float64; and the lengths that it is told."""
    if model is inner:
        reached, told = x, None
    else:
        caught: list[tuple[Any, Any]] = []

        def note(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            caught.append((args[0] if args else kwargs["input"], kwargs.get("lengths")))

        hook = inner.register_forward_pre_hook(note, with_kwargs=True)
        before = model.training
        try:
            model.eval()
            with torch.no_grad():
                model(*x) if isinstance(x, tuple) else model(x)
        finally:
            hook.remove()
            model.train(before)
        if not caught:
            raise InputError("the network does not call its recurrent module on this input")
        reached, told = caught[0]
    if isinstance(reached, PackedSequence):
        reached, told = pad_packed_sequence(reached, batch_first=inner.batch_first)
    reached = reached if isinstance(reached, tuple | list) else (reached,)
    tensors = []
    for tensor in reached:
        if not isinstance(tensor, Tensor) or not tensor.is_floating_point():
            raise InputError("x must be tensors of numbers [T, B, I]")
        if tensor.dim() == 2 and len(reached) == 1:
            tensor = tensor.unsqueeze(0 if inner.batch_first else 1)
        turned = tensor.transpose(0, 1) if inner.batch_first and tensor.dim() == 3 else tensor
        tensors.append(turned.detach().to("cpu", torch.float64).contiguous())
    widths = inner.plan.input_widths
    if len(tensors) != len(widths) or any(
        t.shape[-1] != w for t, w in zip(tensors, widths, strict=True)
    ):
        raise InputError(
            f"the module takes inputs of sizes {', '.join(map(str, widths))}, not "
            f"{', '.join(str(t.shape[-1]) for t in tensors)}"
        )
    if tensors[0].dim() != 3 or not all(tensors[0].shape[:2]):
        raise InputError(
            f"x must have at least one step and one sequence, [T, B, I], not {list(tensors[0].shape)}"
        )
    return tuple(tensors), told


def _lengths(lengths: Any, T: int, B: int) -> Tensor | None:
    """Steps of each sequence [B]; None if all have T. Raises InputError for lengths that do not fit."""
    if lengths is None:
        return None
    ends = torch.as_tensor(lengths)
    if ends.shape != (B,) or ends.is_floating_point() or ends.min() < 1 or ends.max() > T:
        raise InputError(f"lengths must be {B} numbers from 1 to {T}")
    return None if bool((ends == T).all()) else ends.to("cpu", torch.long)


def _turned(values: Tensor, lengths: Tensor | None) -> Tensor:
    """The steps of each sequence in the opposite order; what comes after its end stays where it is."""
    if lengths is None:
        return values.flip(0)
    steps = torch.arange(len(values))[:, None]
    source = torch.where(steps < lengths, lengths - 1 - steps, steps)
    return values.gather(0, source[:, :, None].expand_as(values))


@torch.no_grad()
def _one(
    inner: RecurrentBase,
    layer: int,
    way: int,
    inputs: tuple[Tensor, ...],
    lengths: Tensor | None,
) -> Opened:
    plan, at = inner.plan, inner.plan.layers[layer]
    plain = expectation(plan.cell.program)
    program, factors = with_retention(plain)
    widths = tuple(i.size.evaluate(at.sizes) for i in program.inputs)
    from_inputs = {n for i in program.inputs for n in i.size.names}
    more = {n: at.sizes[n] for n in program.sizes if n not in from_inputs and n != "H"}
    module = Recurrent(
        Cell(program),
        widths if len(widths) > 1 else widths[0],
        at.sizes.get("H", inner.plan.hidden_size),
        sizes=more,
        dtype=torch.float64,
    ).eval()
    tensors = [inner.parameter(n).detach().to("cpu", torch.float64) for n in at.names[way]]
    values: Mapping[str, Tensor] = plan.layout.params(tensors, at.sizes)
    for name, view in module.equation_parameters().items():
        view.copy_(values[name])
    B = inputs[0].shape[1]
    start = []
    for state, width, learned in zip(
        program.states, module.plan.widths, at.initial[way], strict=True
    ):
        first = torch.full((1, B, width), state.initial, dtype=torch.float64)
        if plan.extras.learned_initial_state and learned is not None:
            first = inner.parameter(learned).detach().double().expand(1, B, width).clone()
        start.append(first)
    turned = tuple(_turned(x, lengths) if way and x.dim() == 3 else x for x in inputs)
    names = tuple(n for n, _ in plain.names)
    return Opened(module, program, factors, turned, names, tuple(start), bool(way), lengths)
