"""Powers far from one and bounds that cross, against torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

import gatewise as gw
from gatewise import lang
from gatewise.errors import CellError
from tests.tolerances import assert_close

BACKENDS = ("llvm", "eager", "interpreter")


def check(backend: str, equation: Callable[..., Any], expected: Any, *values: list[float]) -> None:
    def one(x: Any, /, y: Any) -> Any:
        return equation(x)

    def two(x: Any, low: Any, /, y: Any) -> Any:
        return equation(x, low)

    names = ("x", "low")[: len(values)]
    cell = gw.cell(sizes=dict.fromkeys(names, "H"))(one if len(values) == 1 else two)
    n = len(values[0])
    module = gw.nn.Recurrent(cell, n if len(values) == 1 else (n, n), n, backend=backend)
    ours = [torch.tensor(v).view(1, 1, -1).requires_grad_() for v in values]
    output, _ = module(ours[0] if len(values) == 1 else tuple(ours))
    wanted = expected(*ours)
    assert_close(output, wanted, "float32", "forward")
    for gradient, by_hand in zip(
        torch.autograd.grad(output.sum(), ours),
        torch.autograd.grad(wanted.sum(), ours),
        strict=True,
    ):
        scale = by_hand.abs().clamp(min=1)
        assert_close(gradient / scale, by_hand / scale, "float32", "gradient")


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("power", (-1, -2, -3, -8))
def test_negative_powers_of_large_and_small_numbers(backend: str, power: int) -> None:
    """The power itself, below, may overflow where its inverse and the derivative do not."""
    values = [1e-3, -2e-3, 0.5, -3.0, 1e20, -1e30, 3e38]
    check(backend, lambda v: v**power, lambda v: v**power, values)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_upper_bound_holds_where_bounds_cross(backend: str) -> None:
    values, low = [0.0, 3.0, -3.0, 0.5, 9.0], [1.0, 1.0, 7.0, 7.0, 7.0]
    check(
        backend,
        lambda v, low: lang.clip(v, low, 5.0),
        lambda v, low: torch.clamp(v, low, torch.full_like(low, 5.0)),
        values,
        low,
    )


def test_bounds_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(CellError, match="the lower bound is above the upper one"):
        gw.cell(lambda x, /, h, *, W: lang.clip(W @ x + h, 1, -1))
