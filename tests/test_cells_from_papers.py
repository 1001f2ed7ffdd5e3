"""The cells of docs/cells-from-papers.md against plain PyTorch, written from the equations of the papers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, sigmoid, tanh

import gatewise as gw
from gatewise.inspect.check import check, small_sizes
from tests.test_docs import ROOT, namespace

PAGE = ROOT / "docs" / "cells-from-papers.md"
States = tuple[Tensor, ...]
Step = Callable[[Mapping[str, Tensor], Tensor, States], States]
STEPS: dict[str, Step] = {}
H, I, B, T = 6, 3, 2, 5


def paper(step: Step) -> Step:
    STEPS[step.__name__] = step
    return step


@paper
def scrn(p: Mapping[str, Tensor], x: Tensor, s: States) -> States:
    h, slow = s
    slow = 0.05 * x @ p["B"].T + 0.95 * slow
    return sigmoid(slow @ p["P"].T + x @ p["A"].T + h @ p["R"].T), slow


@paper
def ugrnn(p: Mapping[str, Tensor], x: Tensor, s: States) -> States:
    (h,) = s
    both = torch.cat((x, h), -1)
    g = sigmoid(both @ p["W.g"].T + p["b.g"])
    return (g * h + (1 - g) * tanh(both @ p["W.c"].T + p["b.c"]),)


@paper
def additive(p: Mapping[str, Tensor], x: Tensor, s: States) -> States:
    h, c = s
    i, f = (sigmoid(x @ p[f"W.{k}"].T + h @ p[f"U.{k}"].T + p[f"b.{k}"]) for k in "if")
    c = i * (x @ p["W.c"].T) + f * c
    return tanh(c), c


@paper
def fast_grnn(p: Mapping[str, Tensor], x: Tensor, s: States) -> States:
    (h,) = s
    a = x @ p["W"].T + h @ p["U"].T
    z = sigmoid(a + p["b.z"])
    new = tanh(a + p["b.h"])
    return ((sigmoid(p["zeta"]) * (1 - z) + sigmoid(p["nu"])) * new + z * h,)


@paper
def legendre(p: Mapping[str, Tensor], x: Tensor, s: States) -> States:
    h, m = s
    a = torch.tensor(
        [
            [-1.0, -1, -1, -1],
            [3, -3, -3, -3],
            [-5, 5, -5, -5],
            [7, -7, 7, -7],
        ],
        dtype=x.dtype,
    )
    b = torch.tensor([1.0, -3, 5, -7], dtype=x.dtype)
    u = x @ p["e.x"].T + h @ p["e.h"].T + m @ p["e.m"].T
    m = m + m @ a.T / 50 + u * b / 50
    return tanh(x @ p["W.x"].T + h @ p["W.h"].T + m @ p["W.m"].T), m


class Spike(torch.autograd.Function):
    """A step whose derivative is a triangle."""

    @staticmethod
    def forward(ctx: Any, over: Tensor) -> Tensor:
        ctx.save_for_backward(over)
        return (over > 0).to(over.dtype)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        (over,) = ctx.saved_tensors
        return grads[0] * 0.3 * torch.clamp(1 - over.abs(), min=0)


@paper
def adaptive_spikes(p: Mapping[str, Tensor], x: Tensor, s: States) -> States:
    z, v, a = s
    v = 0.9 * v + x @ p["W.x"].T + z @ p["W.z"].T - z
    a = 0.97 * a + z
    spike: Tensor = Spike.apply(v - (1 + 0.07 * a))  # type: ignore[no-untyped-call]
    return spike, v, a


@paper
def oscillators(p: Mapping[str, Tensor], x: Tensor, s: States) -> States:
    y, z = s
    step = 0.2 * sigmoid(p["c"])
    z = z - step * (tanh(p["w"] * y + x @ p["V"].T + p["b"]) + 0.9 * y)
    return y + step * z, z


@paper
def closed_form(p: Mapping[str, Tensor], x: Tensor, s: States) -> States:
    (h,) = s
    x, t = x[:, :-1], x[:, -1:]
    deep = 1.7159 * tanh(0.666 * (torch.cat((x, h), -1) @ p["W.deep"].T + p["b.deep"]))
    first, second, a, b = (
        deep @ p[f"W.{k}"].T + p[f"b.{k}"] for k in ("first", "second", "f_a", "f_b")
    )
    passed = sigmoid(a * t + b)
    return (tanh(first) * (1 - passed) + passed * tanh(second),)


@paper
def rwkv(p: Mapping[str, Tensor], x: Tensor, s: States) -> States:
    """Without the largest exponent taken out, in sums that float64 holds: a and b grow by exp(p)."""
    _, before, a, b, top = s
    r, k, v = ((p[f"mu.{g}"] * x + (1 - p[f"mu.{g}"]) * before) @ p[f"W.{g}"].T for g in "rkv")
    total, weight = a * torch.exp(top), b * torch.exp(top)
    bonus = torch.exp(p["u"] + k)
    wkv = (total + bonus * v) / (weight + bonus)
    decay = torch.exp(-torch.exp(p["w"]))
    total, weight = decay * total + torch.exp(k) * v, decay * weight + torch.exp(k)
    later = torch.maximum(top - torch.exp(p["w"]), k)
    o = (sigmoid(r) * wkv) @ p["W.o"].T
    return o, x, total / torch.exp(later), weight / torch.exp(later), later


@paper
def selective(p: Mapping[str, Tensor], x: Tensor, s: States) -> States:
    _, flat = s
    u = x @ p["W.u"].T
    delta = torch.nn.functional.softplus(x @ p["W.delta"].T + p["b.delta"])
    state = flat.reshape(len(x), H, -1)
    fade = torch.exp(-delta[:, :, None] * torch.exp(p["log_A"]))
    state = fade * state + (delta * u)[:, :, None] * (x @ p["W.B"].T)[:, None]
    y = torch.einsum("bhn,bn->bh", state, x @ p["W.C"].T) + p["D"] * u
    return y, state.reshape(flat.shape)


@paper
def matrix_lstm(p: Mapping[str, Tensor], x: Tensor, s: States) -> States:
    """As the equations are printed: C and n with nothing taken out of them."""
    _, flat, n, m = s
    size = H // 2

    def heads(a: Tensor) -> Tensor:
        return a.reshape(len(x), 2, -1)

    q, k, v, o, a_i, a_f = (heads(x @ p[f"W.{g}"].T) for g in "qkvoif")
    q, v, o = (a + p[f"b.{g}"].reshape(2, -1) for a, g in ((q, "q"), (v, "v"), (o, "o")))
    k = k / size**0.5 + p["b.k"].reshape(2, -1)
    i, f = torch.exp(a_i + p["b.i"][:, None]), sigmoid(a_f + p["b.f"][:, None])
    memory = f[..., None] * flat.reshape(len(x), 2, size, size) + i[..., None] * (
        v[..., :, None] * k[..., None, :]
    )
    keys = f * heads(n) + i * k
    scale = torch.clamp((keys * q).sum(-1, keepdim=True).abs(), min=1)
    h = sigmoid(o) * (memory @ q[..., None])[..., 0] / scale
    return h.reshape(len(x), -1), memory.reshape(flat.shape), keys.reshape(n.shape), m


@paper
def goose(p: Mapping[str, Tensor], x: Tensor, s: States) -> States:
    _, flat = s
    r, k, v = (x @ p[f"W.{g}"].T for g in "rkv")
    w = torch.exp(-torch.exp(torch.tensor(-0.5)) * sigmoid(x @ p["W.w"].T + p["b.w"]))
    a = sigmoid(x @ p["W.a"].T + p["b.a"])
    k_hat = k / torch.sqrt((k * k).sum(-1, keepdim=True) + 1e-6)
    state = flat.reshape(len(x), H, -1)
    turn = torch.diag_embed(w) - k_hat[:, :, None] * (a * k_hat)[:, None]
    state = state @ turn + v[:, :, None] * (a * k)[:, None]
    return torch.einsum("bhk,bk->bh", state, r), state.reshape(flat.shape)


def test_every_cell_of_the_page_has_a_reference() -> None:
    assert [c.name for c in namespace(PAGE)["CELLS"]] == list(STEPS)


@pytest.mark.parametrize("backend", ["eager", "llvm"])
@pytest.mark.parametrize("name", STEPS)
def test_outputs_and_gradients(name: str, backend: str) -> None:
    cell: gw.Cell = namespace(PAGE)[name]
    torch.manual_seed(3)
    timed = len(cell.program.inputs) == 2
    more = {n: 4 for n in cell.program.sizes if n not in ("I", "H")}
    rnn = gw.nn.Recurrent(
        cell, (I, 1) if timed else I, H, sizes=more, backend=backend, dtype=torch.float64
    )
    x = torch.randn(T, B, I + timed, dtype=torch.float64).requires_grad_()
    sample = (x[..., :I], x[..., I:]) if timed else x
    got, final = rnn(sample)
    (d_got,) = torch.autograd.grad(got.square().sum(), x)
    weights = rnn.equation_parameters()
    states = tuple(
        torch.full((B, f.shape[-1]), s.initial if abs(s.initial) < 1e30 else -60.0).double()
        for s, f in zip(cell.program.states, final, strict=True)
    )
    outputs = []
    for now in x:
        states = STEPS[name](weights, now, states)
        outputs.append(states[0])
    want = torch.stack(outputs)
    torch.testing.assert_close(got, want, rtol=1e-7, atol=1e-9)
    (d_want,) = torch.autograd.grad(want.square().sum(), x)
    torch.testing.assert_close(d_got, d_want, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", STEPS)
def test_gradients_against_finite_differences(name: str) -> None:
    cell: gw.Cell = namespace(PAGE)[name]
    assert gw.load_cell(cell.to_json()) == cell
    report = check(cell.program, small_sizes(cell.program))
    assert report.ok, report
