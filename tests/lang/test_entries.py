"""Parameters that have a value for each entry of a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import gatewise as gw
from gatewise.errors import CellError
from gatewise.lang import exp, outer, rows, softplus
from tests.tolerances import assert_close


def equations(x: Any, /, y: Any, S: Any, *, W: Any, A: Any, D: Any, b: Any) -> Any:
    """The selective state space of Mamba. Gu & Dao (2023), arXiv:2312.00752, algorithm 2."""
    step = softplus(W.step @ x + b.step)
    B, C = W.B @ x, W.C @ x
    S = exp(-rows(step) * exp(A)) * S + outer(step * x, B)
    return S @ C + D * x, S


mamba = gw.cell(sizes={"B": "N", "A": ("H", "N")})(equations)


@pytest.mark.parametrize("backend", ("llvm", "eager", "interpreter"))
def test_against_a_loop(backend: str) -> None:
    torch.manual_seed(0)
    H, N, T, B = 5, 3, 4, 2
    module = gw.nn.Recurrent(mamba, H, H, sizes={"N": N}, backend=backend)
    p = module.equation_parameters()
    assert p["A"].shape == (H * N,)
    x = torch.randn(T, B, H)
    output, _ = module(x)
    S, expected = torch.zeros(B, H, N), []
    for now in x:
        step = torch.nn.functional.softplus(now @ p["W.step"].T + p["b.step"])
        decay = torch.exp(-step[..., None] * p["A"].view(H, N).exp())
        S = decay * S + (step * now)[..., None] * (now @ p["W.B"].T)[:, None]
        expected.append((S * (now @ p["W.C"].T)[:, None]).sum(-1) + p["D"] * now)
    assert_close(output, torch.stack(expected), "float32", "forward")
    parameters = tuple(module.parameters())
    gradients = torch.autograd.grad(output.square().sum(), parameters)
    by_hand = torch.autograd.grad(torch.stack(expected).square().sum(), parameters)
    for gradient, wanted in zip(gradients, by_hand, strict=True):
        assert_close(gradient, wanted, "float32", "gradient")


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"B": "N"}, "nothing says whether it is one number"),
        ({"B": "N", "A": ("H", "K")}, "the columns cannot be unified"),
        ({"B": "N", "A": ("H", "N", 2)}, "a pair of rows and columns"),
        ({"B": ("N", "H")}, "a pair of rows and columns"),
        ({"B": "N", "A": ("H", "N"), "W.B": ("N", "H")}, "that of its rows"),
        ({"B": "N", "A": ("H", "N"), "A.i": ("H", "N")}, "is declared, but it is not in"),
    ],
)
def test_refused(sizes: dict[str, Any], message: str) -> None:
    with pytest.raises(CellError, match=message):
        gw.cell(sizes=sizes)(equations)


def test_one_number_if_it_is_declared() -> None:
    cell = gw.cell(sizes={"B": "N", "A": 1})(equations)
    assert np.prod([p.rows.evaluate({}) for p in cell.program.params if p.name == "A"]) == 1
