"""Fixed matrices that meet matrices entry by entry: masks of memories and of weights."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

import gatewise as gw
from gatewise.errors import CellError
from gatewise.lang import columns, constant, outer, rows, sigmoid, softmax, tanh, transpose
from tests.tolerances import assert_close

OFF_DIAGONAL = [[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]]


def equations(x: Any, /, h: Any, L: Any, *, W: Any, A: Any) -> Any:
    """The links of a differentiable neural computer (Graves et al. 2016), and weights with a mask."""
    off = constant(OFF_DIAGONAL)
    w = softmax(W.w @ x)
    L = off * ((1 - rows(w) - columns(w)) * L + outer(w, sigmoid(h)))
    return tanh((off * A) @ h + transpose(L) @ w + L @ h), L


linked = gw.cell(sizes={"A": (3, 3)})(equations)


def step(p: dict[str, Tensor], x: Tensor, h: Tensor, L: Tensor) -> tuple[Tensor, Tensor]:
    off = torch.tensor(OFF_DIAGONAL, dtype=x.dtype)
    w = torch.softmax(p["W.w"] @ x, 0)
    new = torch.zeros_like(L)
    for i in range(3):
        for j in range(3):
            if i != j:
                new[i, j] = (1 - w[i] - w[j]) * L[i, j] + w[i] * torch.sigmoid(h[j])
    return torch.tanh((off * p["A"].view(3, 3)) @ h + new.T @ w + new @ h), new


@pytest.mark.parametrize("backend", ("llvm", "eager", "interpreter"))
def test_a_mask_of_a_memory_and_of_weights(backend: str) -> None:
    torch.manual_seed(0)
    module = gw.nn.Recurrent(linked, 2, 3, backend=backend, dtype=torch.float64)
    p = module.equation_parameters()
    x = torch.randn(5, 2, 2, dtype=torch.float64)
    output, _ = module(x)
    expected = []
    for b in range(2):
        h, L = x.new_zeros(3), x.new_zeros(3, 3)
        for t in range(5):
            h, L = step(p, x[t, b], h, L)
            expected.append(h)
    wanted = torch.stack(expected).view(2, 5, 3).transpose(0, 1)
    assert output.abs().min() > 1e-3
    assert_close(output, wanted, "float64", "forward")
    parameters = tuple(module.parameters())
    gradients = torch.autograd.grad(output.square().sum(), parameters)
    for gradient, by_hand in zip(
        gradients, torch.autograd.grad(wanted.square().sum(), parameters), strict=True
    ):
        assert_close(gradient, by_hand, "float64", "gradient")


def test_it_is_saved_and_printed_and_no_parameter() -> None:
    assert gw.load_cell(linked.to_json()) == linked
    assert linked.parameter_count(I=2) == 2 * 3 + 9
    assert dict(linked.equations)["L'"].startswith("off * (")


def two_uses(x: Any, /, h: Any, C: Any, *, W: Any) -> Any:
    off = constant(OFF_DIAGONAL)
    C = off * C + outer(W.v @ x, W.k @ x)
    return C @ (off @ h), C


def in_heads(x: Any, /, h: Any, C: Any, *, W: Any) -> Any:
    C = constant(OFF_DIAGONAL) * C + outer(W.v @ x, W.k @ x)
    return C @ h, C


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(CellError, match=r"off stands before @ and meets matrices entry by entry"):
        gw.cell(two_uses)
    with pytest.raises(CellError, match="the blocks cannot be unified"):
        gw.cell(blocks={"C": 3})(in_heads)
