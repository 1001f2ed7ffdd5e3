"""Initial values that decide how long a cell remembers.

``torch.nn.init`` fills one tensor; these know the cell. Which bias belongs to the gate that keeps the old state is
read from the equations (``b.f`` of an LSTM, ``b.z`` of a GRU, ``-b.z`` of a minGRU), so they serve cells of your own.
The modules start as the cell declares them, and ``LSTM``, ``GRU``, ``RNN`` as in PyTorch, until one of these is called.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TypeVar

import torch
from torch import Tensor, nn

from gatewise.errors import CellError, InputError
from gatewise.ir import PRODUCTS, Program
from gatewise.ir.gates import GateBias, retentions, why_not
from gatewise.nn.modules.parameters import PlannedModule

Layer = TypeVar("Layer", bound=PlannedModule)
_LARGEST = 1e30  # of a number given; float32 holds it


@torch.no_grad()
def chrono_(layer: Layer, T: float, *, generator: torch.Generator | None = None) -> Layer:
    """Spread the time scales of the units over 1 .. T steps.

    The forget bias becomes log(U(1, T - 1)), drawn for each unit, and the bias of the input gate its negative, if the
    cell has one of its own. Tallec & Ollivier (2018), Can recurrent neural networks warp time?, ICLR.

    Args:
        layer: a recurrent module; all its layers and directions are changed in place.
        T: the longest lag to be bridged, in steps, above 2.
        generator: of the random numbers.

    Raises:
        CellError: for a cell without such a gate; the message says why.
        InputError: for a T of 2 or less.
    """
    if not 2 < _number("T", T) <= _LARGEST:
        raise InputError(f"chrono_ needs a T above 2 (the longest lag in steps), not {T!r}")

    def draw(like: Tensor) -> Tensor:
        return torch.empty_like(like).uniform_(1.0, T - 1.0, generator=generator).log_()

    _fill(layer, "chrono_", draw, with_input=True)
    return layer


@torch.no_grad()
def forget_bias_(layer: Layer, b: float) -> Layer:
    """Set the forget bias: the larger, the longer a unit remembers, about 1 + exp(b) steps.

    Where the cell couples its gates (a GRU's z, an MGU's f), that bias is set, with the sign that makes it remember.

    Args:
        layer: a recurrent module; all its layers and directions are changed in place.
        b: the bias; 1 is usual (Jozefowicz, Zaremba & Sutskever 2015), 5 is long.

    Raises:
        CellError: for a cell without such a gate; the message says why.
        InputError: for a number that is not finite.
    """
    value = _number("b", b)
    _fill(layer, "forget_bias_", lambda like: torch.full_like(like, value), with_input=False)
    return layer


@torch.no_grad()
def orthogonal_(
    layer: Layer, gain: float = 1.0, *, generator: torch.Generator | None = None
) -> Layer:
    """Make every matrix that reads a state orthogonal, times ``gain``.

    Each matrix of the equations by itself: U.i, U.f, ... and each block of a block-diagonal one. Saxe, McClelland &
    Ganguli (2014), Exact solutions to the nonlinear dynamics of learning in deep linear neural networks.

    Raises:
        CellError: for a cell without such a matrix.
        InputError: for a gain that is not finite.
    """
    factor = _number("gain", gain)
    program = _program(layer)
    names = recurrent_matrices(program)
    if not names:
        raise CellError(
            f"orthogonal_ cannot start {program.name}: no matrix of it reads a state "
            f"(it has {', '.join(p.name for p in program.params)})"
        )
    for views in _views(layer):
        for name in names:
            blocks = views[name] if views[name].dim() == 3 else views[name].unsqueeze(0)
            for block in blocks:
                drawn = torch.empty(block.shape, dtype=torch.float64)
                block.copy_(nn.init.orthogonal_(drawn, factor, generator=generator))
    return layer


def recurrent_matrices(program: Program) -> tuple[str, ...]:
    """Names of the trained matrices that are applied to anything computed from a state."""
    trained = {p.name for p in program.trainable}
    moving: list[bool] = []
    names: dict[str, None] = {}
    for node in program.nodes:
        moving.append(node.op == "state" or any(moving[a] for a in node.args))
        if node.op in PRODUCTS and moving[node.args[1]]:
            matrix = program.nodes[node.args[0]]
            if matrix.op == "param" and str(matrix.attr) in trained:
                names[str(matrix.attr)] = None
    return tuple(names)


# --- the work -----------------------------------------------------------------------------------------


def _fill(
    layer: PlannedModule, who: str, draw: Callable[[Tensor], Tensor], with_input: bool
) -> None:
    program = _program(layer)
    reason = why_not(program)
    if reason:
        raise CellError(f"{who} cannot start {program.name}: {reason}")
    for views in _views(layer):
        done: set[str] = set()
        for retained in retentions(program):
            drawn: Tensor | None = None
            for bias in retained.keeps:
                if bias.param not in done:
                    drawn = draw(views[bias.param])
                    _put(layer, views, bias, drawn)
                    done.add(bias.param)
            for bias in retained.writes if with_input else ():
                if drawn is not None and bias.param not in done:
                    if views[bias.param].shape != drawn.shape:
                        drawn = draw(views[bias.param])
                    _put(layer, views, bias, -drawn)
                    done.add(bias.param)


def _put(layer: PlannedModule, views: dict[str, Tensor], bias: GateBias, logit: Tensor) -> None:
    """Write a bias such that its gate at rest is sigmoid(logit), or one less it where it works the other way."""
    value = nn.functional.logsigmoid(logit) if bias.squash == "exp" else logit
    members = [m for stack in layer.plan.layout.stacks for m in stack.members]
    first, *others = (m.view for m in members if m.param == bias.param)
    views[first].copy_(bias.sign * value)
    for name in others:  # PyTorch's modules have two biases, which are added
        views[name].zero_()


def _views(layer: PlannedModule) -> Iterator[dict[str, Tensor]]:
    for k in range(len(layer.plan.layers)):
        for direction in range(layer.plan.directions):
            yield layer.equation_parameters(k, direction)


def _program(layer: object) -> Program:
    if not isinstance(layer, PlannedModule):
        raise InputError(
            f"it takes a recurrent module of gatewise.nn, not {type(layer).__name__}; of a network, give its layer"
        )
    return layer.plan.cell.program


def _number(name: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError(f"{name} must be a finite number, not {value!r}")
    return float(value)
