"""Which states are linear, in which order they can be done, and why others are not."""

from __future__ import annotations

import pytest

import gatewise as gw
from gatewise.backends.triton.layer import GpuLayer
from gatewise.backends.triton.linear import LinearStep
from gatewise.cells import without
from gatewise.compile import PASSES
from gatewise.lang import cos, exp, sigmoid, sin, tanh


@gw.cell
def gated(x, /, h, c, *, W, b):
    """Nobody reads h; it is made of the new c."""
    c = sigmoid(W.f @ x + b.f) * c + sigmoid(W.i @ x) * tanh(W.z @ x)
    h = sigmoid(W.o @ x) * tanh(c)
    return h, c


@gw.cell
def chained(x, /, s, m, *, W, b):
    """What m gets depends on the old s and on the new one."""
    f = sigmoid(W.f @ x + b.f)
    new = f * s + (1 - f) * (W.z @ x)
    m = f * m - (1 - f) * tanh(new) + s
    return new, m


@gw.cell
def turning(x, /, h, u, v, *, W, a, t):
    r = exp(-exp(a))
    new = r * (cos(t) * u - sin(t) * v) + W.u @ x
    v = r * (sin(t) * u + cos(t) * v) + W.v @ x
    return tanh(new - v), new, v


def steps(cell: gw.Cell) -> tuple[LinearStep | str, LinearStep | str]:
    """Of a forward and a backward step."""
    program = cell.program
    layer = GpuLayer(
        PASSES, program, dict.fromkeys(program.sizes, 8), (program.states[0].name,), True
    )
    assert layer.backward is not None
    return layer.forward.linear, layer.backward.linear


@pytest.mark.parametrize(
    ("cell", "order"),
    [
        (gw.cells.minlstm, (0,)),
        (gw.cells.mingru, (0,)),
        (gw.cells.rg_lru, (0,)),
        (without(gw.cells.sru, "v"), (1, 0)),
        (gated, (1, 0)),
        (chained, (0, 1)),
    ],
    ids=lambda value: value.name if isinstance(value, gw.Cell) else "",
)
def test_states_in_the_order_in_which_they_are_done(cell: gw.Cell, order: tuple[int, ...]) -> None:
    forward, backward = steps(cell)
    assert isinstance(forward, LinearStep) and forward.order == order
    assert isinstance(backward, LinearStep)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (gw.cells.sru, "the state c is not linear"),  # its gates read c
        (gw.cells.indrnn, "the state h is not linear"),
        (turning, "the states u, v depend on each other"),
    ],
    ids=lambda value: value.name if isinstance(value, gw.Cell) else "",
)
def test_why_a_step_is_not_linear(cell: gw.Cell, reason: str) -> None:
    assert steps(cell)[0] == reason


def test_gradients_are_linear_in_gradients() -> None:
    """Also where the states themselves are not."""
    for cell in (gw.cells.sru, gw.cells.indrnn):
        assert isinstance(steps(cell)[1], LinearStep)
