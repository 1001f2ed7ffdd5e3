"""The transpose of a matrix: one parameter, read both ways."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import gatewise as gw
from gatewise.errors import CellError
from gatewise.lang import tanh, transpose

GAMMA = 0.1


@gw.cell
def antisymmetric(x, /, h, *, W, V, b, step=0.5, gamma=GAMMA):
    """h + step tanh((W - W' - gamma 1) h + V x + b): Chang, Chen, Haber & Chi 2019."""
    a = W @ h - transpose(W) @ h - gamma * h + V @ x + b
    return h + step * tanh(a)


def by_hand(w: Any, v: Any, b: Any, x: Any) -> torch.Tensor:
    h = torch.zeros(x.shape[1], len(b), dtype=x.dtype)
    outputs = []
    for now in x:
        h = h + 0.5 * torch.tanh(
            h @ (w - w.T - GAMMA * torch.eye(len(b), dtype=x.dtype)).T + now @ v.T + b
        )
        outputs.append(h)
    return torch.stack(outputs)


@pytest.mark.parametrize("backend", ["eager", "llvm", "interpreter"])
@pytest.mark.parametrize("batch", [1, 7])
def test_the_antisymmetric_network_and_its_gradient(backend: str, batch: int) -> None:
    torch.manual_seed(0)
    rnn = gw.nn.Recurrent(antisymmetric, 3, 20, dtype=torch.float64, backend=backend)
    assert sum(p.numel() for p in rnn.parameters()) == 20 * 20 + 20 * 3 + 20
    x = torch.randn(6, batch, 3, dtype=torch.float64)
    weights = [p.detach().clone().requires_grad_() for p in rnn.equation_parameters().values()]
    by_name = dict(zip(rnn.equation_parameters(), weights, strict=True))
    want = by_hand(by_name["W"], by_name["V"], by_name["b"], x)
    got = rnn(x)[0]
    torch.testing.assert_close(got, want, rtol=1e-9, atol=1e-11)
    with torch.no_grad():
        torch.testing.assert_close(rnn(x)[0], want, rtol=1e-9, atol=1e-11)
    got.square().sum().backward()
    want.square().sum().backward()
    ours = {n: p.grad for n, p in rnn.named_parameters()}
    assert len(ours) == 3
    for name, theirs in by_name.items():
        mine = next(g for n, g in ours.items() if g.shape == theirs.grad.shape)
        torch.testing.assert_close(mine, theirs.grad, rtol=1e-8, atol=1e-10, msg=name)


def test_the_first_use_may_be_the_transposed_one() -> None:
    @gw.cell
    def autoencoder(x, /, h, seen, *, W, E, b):
        code = tanh(transpose(E.x) @ x)
        h = tanh(W @ h + b + code)
        return h, E.x @ code

    program = autoencoder.program
    assert (str(program.param("E.x").rows), str(program.param("E.x").cols)) == ("I", "H")
    assert str(program.state("seen").size) == "I"


@pytest.mark.parametrize("backend", ["eager", "llvm", "interpreter"])
def test_blocks_stay_blocks(backend: str) -> None:
    @gw.cell(blocks={"U": 2})
    def headed(x, /, h, *, W, U):
        return tanh(W @ x + U.h @ h + transpose(U.h) @ tanh(h))

    torch.manual_seed(1)
    rnn = gw.nn.Recurrent(headed, 3, 6, dtype=torch.float64, backend=backend)
    x = torch.randn(4, 2, 3, dtype=torch.float64)
    parameters = rnn.equation_parameters()
    u = torch.block_diag(*parameters["U.h"])
    h = torch.zeros(2, 6, dtype=torch.float64)
    for now in x:
        h = torch.tanh(now @ parameters["W"].T + h @ u.T + torch.tanh(h) @ u)
    torch.testing.assert_close(rnn(x)[0][-1], h)


def test_what_is_refused() -> None:
    with pytest.raises(
        CellError, match=r"write each product by itself: W @ h - transpose\(W\) @ h"
    ):

        @gw.cell
        def difference(x, /, h, *, W, V):
            return tanh((W - transpose(W)) @ h + V @ x)

    with pytest.raises(CellError, match=r"transpose\(h\) is a matrix, which stands before @ only"):

        @gw.cell
        def of_a_vector(x, /, h, *, W):
            return tanh(W @ x + transpose(h))

    with pytest.raises(CellError, match=r"write transpose\(W\.f\)"):

        @gw.cell
        def member(x, /, h, *, W, V):
            return tanh(V @ x + transpose(W).f @ h)

    with pytest.raises(CellError, match=r"sizes cannot be unified: W has H \+ I rows since"):

        @gw.cell(sizes={"W": "H + I"})
        def sizes(x, /, h, *, W, V):
            return tanh(V @ (W @ h) + transpose(W) @ h + 0 * x)
