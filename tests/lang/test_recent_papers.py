"""Cells of recent papers as a person would write them, each against a few lines of PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor

import gatewise as gw
from gatewise.lang import (
    cos,
    dot,
    exp,
    norm,
    outer,
    repeat,
    rows,
    sigmoid,
    sin,
    softmax,
    softplus,
    sqrt,
    sum,
    tanh,
    transpose,
)

H, I, B, T = 6, 3, 2, 7
States = tuple[Tensor, ...]
Step = Callable[[Mapping[str, Tensor], Tensor, States], States]


@gw.cell(sizes={"B_t": "N", "dt": "heads", "A": "heads", "D": "heads"})
def mamba_2(x, /, y, S, *, W, b, A, D, heads=2):
    """Dao & Gu 2024: one number of decay for each head."""
    u, B_t, C_t = W.u @ x, W.B @ x, W.C @ x
    dt = softplus(W.dt @ x + b.dt)
    S = rows(repeat(exp(-dt * exp(A)))) * S + outer(repeat(dt) * u, B_t)
    return S @ C_t + repeat(D) * u, S


def mamba_2_step(p: Mapping[str, Tensor], x: Tensor, s: States) -> States:
    state, each = s[1].view(B, H, -1), lambda v: v.repeat_interleave(H // 2, -1)
    u, dt = x @ p["W.u"].T, torch.nn.functional.softplus(x @ p["W.dt"].T + p["b.dt"])
    decay = each(torch.exp(-dt * torch.exp(p["A"])))
    state = decay[..., None] * state + (each(dt) * u)[..., None] * (x @ p["W.B"].T)[:, None]
    y = (state @ (x @ p["W.C"].T)[..., None])[..., 0] + each(p["D"]) * u
    return y, state.flatten(1)


@gw.cell(sizes={"k": "K", "alpha": 1, "eta": 1, "theta": 1})
def titans(x, /, y, M, S, *, W, b):
    """Behrouz, Zhong & Mirrokni 2025, with a linear memory: it learns at test time, with momentum."""
    q, k, v = W.q @ x, W.k @ x, W.v @ x
    alpha, eta, theta = (sigmoid(W[g] @ x + b[g]) for g in ("alpha", "eta", "theta"))
    S = eta * S - theta * outer(M @ k - v, k)
    M = (1 - alpha) * M + S
    return M @ q, M, S


def titans_step(p: Mapping[str, Tensor], x: Tensor, s: States) -> States:
    memory, surprise = (a.view(B, H, -1) for a in s[1:])
    q, k, v = (x @ p[f"W.{g}"].T for g in "qkv")
    alpha, eta, theta = (
        torch.sigmoid(x @ p[f"W.{g}"].T + p[f"b.{g}"])[..., None] for g in ("alpha", "eta", "theta")
    )
    error = (memory @ k[..., None])[..., 0] - v
    surprise = eta * surprise - theta * error[..., None] * k[:, None]
    memory = (1 - alpha) * memory + surprise
    return (memory @ q[..., None])[..., 0], memory.flatten(1), surprise.flatten(1)


@gw.cell(sizes={n: ("H", "N") for n in ("log_re", "omega", "C_re", "C_im")})
def s4d(u, /, y, re, im, *, W, log_re, omega, C_re, C_im, log_dt, D):
    """Gu et al. 2022: N complex numbers for each channel, held between steps."""
    x = W @ u
    dt, a = rows(exp(log_dt)), -exp(log_re)
    turn_re, turn_im = exp(dt * a) * cos(dt * omega), exp(dt * a) * sin(dt * omega)
    size = a * a + omega * omega
    b_re = ((turn_re - 1) * a + turn_im * omega) / size
    b_im = (turn_im * a - (turn_re - 1) * omega) / size
    re, im = (
        turn_re * re - turn_im * im + b_re * rows(x),
        turn_im * re + turn_re * im + b_im * rows(x),
    )
    return 2 * sum(C_re * re - C_im * im, by="rows") + D * x, re, im


def s4d_step(p: Mapping[str, Tensor], x: Tensor, s: States) -> States:
    u, state = x @ p["W"].T, torch.complex(s[1], s[2]).view(B, H, -1)
    poles = torch.complex(-torch.exp(p["log_re"]), p["omega"]).view(H, -1)
    turn = torch.exp(torch.exp(p["log_dt"])[:, None] * poles)
    state = turn * state + (turn - 1) / poles * u[..., None]
    y = 2 * (torch.complex(p["C_re"], p["C_im"]).view(H, -1) * state).sum(-1).real + p["D"] * u
    return y, state.real.flatten(1), state.imag.flatten(1)


@gw.cell(sizes={"w": "N", "k": "K", "beta": 1, "gate": 1})
def turing_machine(x, /, h, r, w, M, *, W, U, R, V, b):
    """Graves, Wayne & Danihelka 2014: content addressing, interpolation, erasing and writing."""
    h = tanh(W.h @ x + R.h @ r + U.h @ h + b.h)
    seen = 1 * h
    k, beta, gate = V.k @ seen, softplus(V.beta @ seen + b.beta), sigmoid(V.gate @ seen)
    like = (M @ k) / sqrt((sum(M * M, by="rows") + 1e-6) * (dot(k, k) + 1e-6))
    w = gate * softmax(beta * like) + (1 - gate) * w
    M = M * (1 - outer(w, sigmoid(V.e @ seen))) + outer(w, tanh(V.a @ seen))
    return h, transpose(M) @ w, w, M


def turing_machine_step(p: Mapping[str, Tensor], x: Tensor, s: States) -> States:
    h, r, w, flat = s
    memory = flat.view(B, w.shape[-1], -1)
    h = torch.tanh(x @ p["W.h"].T + r @ p["R.h"].T + h @ p["U.h"].T + p["b.h"])
    k, e, a = h @ p["V.k"].T, torch.sigmoid(h @ p["V.e"].T), torch.tanh(h @ p["V.a"].T)
    beta = torch.nn.functional.softplus(h @ p["V.beta"].T + p["b.beta"])
    gate = torch.sigmoid(h @ p["V.gate"].T)
    lengths = ((memory**2).sum(-1) + 1e-6) * ((k * k).sum(-1, keepdim=True) + 1e-6)
    like = (memory @ k[..., None])[..., 0] / lengths.sqrt()
    w = gate * torch.softmax(beta * like, -1) + (1 - gate) * w
    memory = memory * (1 - w[..., None] * e[:, None]) + w[..., None] * a[:, None]
    return h, (w[:, None] @ memory)[:, 0], w, memory.flatten(1)


@gw.cell(sizes={"k": "H"})
def ttt_linear(x, /, y, M, *, W, g, b, rate=0.1):
    """Sun et al. 2024: a step of gradient descent on a layer-normalised reconstruction."""
    q, k, v = W.q @ x, W.k @ x, W.v @ x
    error = norm(M @ k) * g + b - (v - k)
    M = M - rate * outer(error * g, k)
    return q + norm(M @ q) * g + b, M


def ttt_linear_step(p: Mapping[str, Tensor], x: Tensor, s: States) -> States:
    memory = s[1].view(B, H, H)
    q, k, v = (x @ p[f"W.{n}"].T for n in "qkv")

    def normed(a: Tensor) -> Tensor:
        return torch.nn.functional.layer_norm(a, (H,), p["g"], p["b"])

    error = normed((memory @ k[..., None])[..., 0]) - (v - k)
    memory = memory - 0.1 * (error * p["g"])[..., None] * k[:, None]
    return q + normed((memory @ q[..., None])[..., 0]), memory.flatten(1)


CELLS: dict[str, tuple[gw.Cell, Step]] = {
    "mamba_2": (mamba_2, mamba_2_step),
    "titans": (titans, titans_step),
    "s4d": (s4d, s4d_step),
    "turing_machine": (turing_machine, turing_machine_step),
    "ttt_linear": (ttt_linear, ttt_linear_step),
}


@pytest.mark.parametrize("backend", ["eager", "llvm"])
@pytest.mark.parametrize("name", CELLS)
def test_outputs_states_and_every_gradient(name: str, backend: str) -> None:
    cell, step = CELLS[name]
    torch.manual_seed(1)
    more = {n: 4 for n in cell.program.sizes if n not in ("I", "H")}
    rnn = gw.nn.Recurrent(cell, I, H, sizes=more, backend=backend, dtype=torch.float64)
    with torch.no_grad():
        for p in rnn.parameters():
            p.add_(0.3 * torch.randn_like(p))
    sizes = {"I": I, "H": H, **more}
    x = torch.randn(T, B, I, dtype=torch.float64, requires_grad=True)
    first = [
        (0.3 * torch.randn(1, B, s.size.evaluate(sizes), dtype=torch.float64)).requires_grad_()
        for s in cell.program.states
    ]
    got, final = rnn(x, tuple(first))
    weights, states = rnn.equation_parameters(), tuple(f[0] for f in first)
    outputs = []
    for now in x:
        states = step(weights, now, states)
        outputs.append(states[0])
    want = torch.stack(outputs)
    torch.testing.assert_close(got, want, rtol=1e-8, atol=1e-10)
    for a, b in zip(final, states, strict=True):
        torch.testing.assert_close(a[0], b, rtol=1e-8, atol=1e-10)
    leaves = [x, *rnn.parameters(), *first]

    def gradients(y: Tensor, ends: States) -> tuple[Tensor, ...]:
        total = y.square().sum() + torch.cat([e.sin().flatten() for e in ends]).sum()
        return torch.autograd.grad(total, leaves, allow_unused=True, materialize_grads=True)

    for a, b in zip(gradients(got, final), gradients(want, states), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-7, atol=1e-9)
