"""Every cell of the catalogue in plain PyTorch, written from the equations of its paper.

Nothing here knows the language of cells. A step takes the weights by name, the input, the states of
one sequence as a tuple of vectors [units], and the options of the cell; it returns the new states.
``STEPS`` holds them by the name of the cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, sigmoid, tanh

Weights = Mapping[str, Tensor]
States = tuple[Tensor, ...]
Step = Callable[..., States]
STEPS: dict[str, Step] = {}


def paper(step: Step) -> Step:
    STEPS[step.__name__] = step
    return step


def net(p: Weights, k: str, x: Tensor, h: Tensor) -> Tensor:
    """A_k = W_k x + U_k h + b_k."""
    return p[f"W.{k}"] @ x + p[f"U.{k}"] @ h + p[f"b.{k}"]


@paper
def rnn(p: Weights, x: Tensor, s: States, nonlinearity: str = "tanh") -> States:
    a = p["W"] @ x + p["U"] @ s[0] + p["b"]
    return (tanh(a) if nonlinearity == "tanh" else torch.relu(a),)


@paper
def lstm_1997(p: Weights, x: Tensor, s: States, cells: int = 1, input_bias: bool = True) -> States:
    h, c, i, o = s
    seen = torch.cat((x, h, i, o))  # what every unit of the hidden layer sees

    def a(k: str, bias: bool = True) -> Tensor:
        total = torch.cat((p[f"W.{k}"], p[f"U.{k}"]), 1) @ seen
        return total + p[f"b.{k}"] if bias else total

    i, o = sigmoid(a("i")), sigmoid(a("o"))
    g = 4 / (1 + torch.exp(-a("z", input_bias))) - 2
    c = c + i.repeat_interleave(cells) * g
    h = o.repeat_interleave(cells) * (2 / (1 + torch.exp(-c)) - 1)
    return h, c, i, o


@paper
def lstm(p: Weights, x: Tensor, s: States, cells: int = 1, input_bias: bool = True) -> States:
    h, c = s
    i, f, o = (sigmoid(net(p, k, x, h)).repeat_interleave(cells) for k in "ifo")
    z = p["W.z"] @ x + p["U.z"] @ h
    c = f * c + i * tanh(z + p["b.z"] if input_bias else z)
    return o * tanh(c), c


def vanilla(
    p: Weights,
    x: Tensor,
    s: States,
    *,
    peepholes: str = "ifo",
    one: str = "",
    linear: str = "",
    coupled: bool = False,
    recurrent: bool = False,
) -> States:
    """The vanilla LSTM of Greff et al. and what each variant changes about it."""
    h, c, *gates = s

    def gate(k: str, seen: Tensor) -> Tensor:
        if k in one:
            return torch.ones_like(c)
        a = net(p, k, x, h)
        if k in peepholes:
            a = a + p[f"p.{k}"] * seen
        if recurrent:
            a = a + sum(p[f"R.{j}{k}"] @ g for j, g in zip("ifo", gates, strict=True))
        return sigmoid(a)

    i = gate("i", c)
    f = 1 - i if coupled else gate("f", c)
    z = net(p, "z", x, h)
    c = f * c + i * (z if "z" in linear else tanh(z))
    o = gate("o", c)
    h = o * (c if "h" in linear else tanh(c))
    return (h, c, i, f, o) if recurrent else (h, c)


def variant(name: str, **change: Any) -> None:
    STEPS[name] = lambda p, x, s, **options: vanilla(p, x, s, **change, **options)


variant("peephole_lstm")
variant("cifg", coupled=True)
variant("nig", one="i")
variant("nfg", one="f")
variant("nog", one="o")
variant("niaf", linear="z")
variant("noaf", linear="h")
variant("np", peepholes="")
variant("fgr", recurrent=True)


@paper
def gru(p: Weights, x: Tensor, s: States) -> States:
    (h,) = s
    z, r = sigmoid(net(p, "z", x, h)), sigmoid(net(p, "r", x, h))
    n = tanh((p["W.n"] @ x + p["b.n"]) + r * (p["U.n"] @ h + p["b.hn"]))
    return ((1 - z) * n + z * h,)


@paper
def gru_v3(p: Weights, x: Tensor, s: States) -> States:
    (h,) = s
    z, r = sigmoid(net(p, "z", x, h)), sigmoid(net(p, "r", x, h))
    return (z * h + (1 - z) * tanh(net(p, "n", x, r * h)),)


@paper
def mgu(p: Weights, x: Tensor, s: States) -> States:
    (h,) = s
    f = sigmoid(net(p, "f", x, h))
    return ((1 - f) * h + f * tanh(net(p, "n", x, f * h)),)


@paper
def janet(p: Weights, x: Tensor, s: States, beta: float = 1.0) -> States:
    (c,) = s
    a = net(p, "f", x, c)
    return (sigmoid(a) * c + (1 - sigmoid(a - beta)) * tanh(net(p, "z", x, c)),)


@paper
def mut1(p: Weights, x: Tensor, s: States, project: bool = True) -> States:
    (h,) = s
    raw = p["W.x"] @ x if project else x
    z = sigmoid(p["W.z"] @ x + p["b.z"])
    r = sigmoid(net(p, "r", x, h))
    return (tanh(p["U.n"] @ (r * h) + tanh(raw) + p["b.n"]) * z + h * (1 - z),)


@paper
def mut2(p: Weights, x: Tensor, s: States, project: bool = True) -> States:
    (h,) = s
    raw = p["W.x"] @ x if project else x
    z = sigmoid(net(p, "z", x, h))
    r = sigmoid(raw + p["U.r"] @ h + p["b.r"])
    return (tanh(net(p, "n", x, r * h)) * z + h * (1 - z),)


@paper
def mut3(p: Weights, x: Tensor, s: States) -> States:
    (h,) = s
    z = sigmoid(net(p, "z", x, tanh(h)))
    r = sigmoid(net(p, "r", x, h))
    return (tanh(net(p, "n", x, r * h)) * z + h * (1 - z),)


@paper
def lstmp(p: Weights, x: Tensor, s: States) -> States:
    m, c = lstm(p, x, s)
    return p["W.h"] @ m, c


@paper
def layernorm_lstm(p: Weights, x: Tensor, s: States) -> States:
    h, c = s

    def stack(family: str) -> Tensor:
        return torch.cat([p[f"{family}{k}"] for k in "ifzo"])

    def ln(a: Tensor) -> Tensor:
        return torch.nn.functional.layer_norm(a, a.shape, eps=1e-5)

    a = stack("g.u") * ln(stack("U.") @ h) + stack("g.w") * ln(stack("W.") @ x) + stack("b.")
    i, f, z, o = a.chunk(4)
    c = sigmoid(f) * c + sigmoid(i) * tanh(z)
    return sigmoid(o) * tanh(p["g.c"] * ln(c) + p["b.c"]), c


@paper
def slstm(p: Weights, x: Tensor, s: States, heads: int = 1, forget: str = "sigmoid") -> States:
    h, c, n, m = s

    def a(k: str) -> Tensor:
        r = p[f"R.{k}"] if heads == 1 else torch.block_diag(*p[f"R.{k}"])
        return p[f"W.{k}"] @ x + r @ h + p[f"b.{k}"]

    log_f = torch.nn.functional.logsigmoid(a("f")) if forget == "sigmoid" else a("f")
    new = torch.where(log_f + m > a("i"), log_f + m, a("i"))
    i, f = torch.exp(a("i") - new), torch.exp(log_f + m - new)
    c, n = f * c + i * tanh(a("z")), f * n + i
    return sigmoid(a("o")) * (c / n), c, n, new


@paper
def mlstm(p: Weights, x: Tensor, s: States, heads: int = 1) -> States:
    """xLSTM, eq. 19-27, head by head, C with a row for each value and a column for each key."""
    h, c, n, m = s
    size = len(h) // heads
    results = []
    for k in range(heads):
        part = slice(k * size, (k + 1) * size)
        query = p["W.q"][part] @ x + p["b.q"][part]
        key = p["W.k"][part] @ x / size**0.5 + p["b.k"][part]
        value = p["W.v"][part] @ x + p["b.v"][part]
        a_i = p["W.i"][k] @ x + p["b.i"][k]
        log_f = torch.nn.functional.logsigmoid(p["W.f"][k] @ x + p["b.f"][k])
        new = log_f + m[k] if log_f + m[k] > a_i else a_i
        i, f = torch.exp(a_i - new), torch.exp(log_f + m[k] - new)
        memory = f * c.reshape(heads, size, size)[k] + i * torch.outer(value, key)
        keys = f * n[part] + i * key
        scale = torch.clamp(torch.abs(keys @ query), min=torch.exp(-new))
        o = sigmoid(p["W.o"][part] @ x + p["b.o"][part])
        results.append((o * (memory @ query) / scale, memory.flatten(), keys, new[None]))
    return tuple(torch.cat(parts) for parts in zip(*results, strict=True))


def positive(a: Tensor) -> Tensor:
    return torch.where(a >= 0, a + 0.5, sigmoid(a))


@paper
def minlstm(p: Weights, x: Tensor, s: States, log_space: bool = True) -> States:
    (h,) = s
    f, i = sigmoid(p["W.f"] @ x + p["b.f"]), sigmoid(p["W.i"] @ x + p["b.i"])
    z = p["W.z"] @ x + p["b.z"]
    return (f / (f + i) * h + i / (f + i) * (positive(z) if log_space else z),)


@paper
def mingru(p: Weights, x: Tensor, s: States, log_space: bool = True) -> States:
    (h,) = s
    z = sigmoid(p["W.z"] @ x + p["b.z"])
    n = p["W.h"] @ x + p["b.h"]
    return ((1 - z) * h + z * (positive(n) if log_space else n),)


@paper
def indrnn(p: Weights, x: Tensor, s: States) -> States:
    return (torch.relu(p["W"] @ x + p["u"] * s[0] + p["b"]),)


@paper
def sru(
    p: Weights,
    x: Tensor,
    s: States,
    project: bool = True,
    activation: str = "identity",
    alpha: float = 1.0,
) -> States:
    _, c = s
    f, r = (sigmoid(p[f"W.{k}"] @ x + p[f"v.{k}"] * c + p[f"b.{k}"]) for k in "fr")
    c = f * c + (1 - f) * (p["W.z"] @ x)
    highway = alpha * (p["W.x"] @ x if project else x)
    return r * (c if activation == "identity" else tanh(c)) + (1 - r) * highway, c


@paper
def multiplicative_lstm(p: Weights, x: Tensor, s: States) -> States:
    h, c = s
    return lstm(p, x, ((p["W.m"] @ x) * (p["U.m"] @ h), c))


@paper
def sublstm(p: Weights, x: Tensor, s: States) -> States:
    h, c = s
    i, f, z, o = (sigmoid(net(p, k, x, h)) for k in "ifzo")
    c = f * c + z - i
    return sigmoid(c) - o, c


@paper
def phased_lstm(
    p: Weights, x: Tensor, s: States, t: Tensor | None = None, alpha: float = 0.001
) -> States:
    assert t is not None
    tau, r = torch.exp(p["log_tau"]), p["r"]
    phi = torch.remainder(t - p["s"], tau) / tau
    opening, closing = 2 * phi / r, 2 - 2 * phi / r
    k = torch.where(phi < r / 2, opening, torch.where(phi < r, closing, alpha * phi))
    new = vanilla(p, x, s)
    return tuple(k * a + (1 - k) * b for a, b in zip(new, s, strict=True))


@paper
def ealstm(p: Weights, x: Tensor, s: States, static: Tensor | None = None) -> States:
    assert static is not None
    h, c = s
    i = sigmoid(p["W.i"] @ static + p["b.i"])
    f, o = sigmoid(net(p, "f", x, h)), sigmoid(net(p, "o", x, h))
    c = f * c + i * tanh(net(p, "z", x, h))
    return o * tanh(c), c


@paper
def antisymmetric_rnn(
    p: Weights,
    x: Tensor,
    s: States,
    epsilon: float = 0.01,
    gamma: float = 0.01,
    gated: bool = False,
) -> States:
    (h,) = s
    matrix = p["W"] - p["W"].T - gamma * torch.eye(len(h), dtype=h.dtype)
    push = tanh(matrix @ h + p["V.h"] @ x + p["b.h"])
    if gated:
        push = sigmoid(matrix @ h + p["V.z"] @ x + p["b.z"]) * push
    return (h + epsilon * push,)


@paper
def lmu(p: Weights, x: Tensor, s: States, order: int = 6, theta: float = 100.0) -> States:
    h, m = s
    number = torch.arange(order, dtype=h.dtype)
    i, j = torch.meshgrid(number, number, indexing="ij")
    a = (2 * i + 1) / theta * torch.where(i < j, -1.0, (-1.0) ** (i - j + 1))
    b = (2 * number + 1) / theta * (-1.0) ** number
    held = torch.matrix_exp(a)
    written = torch.linalg.solve(a, (held - torch.eye(order, dtype=h.dtype)) @ b)
    u = p["e.x"] @ x + p["e.h"] @ h + p["e.m"] @ m
    m = held @ m + written * u
    return tanh(p["W.x"] @ x + p["W.h"] @ h + p["W.m"] @ m + p["b"]), m


@paper
def on_lstm(p: Weights, x: Tensor, s: States, chunk: int = 1) -> States:
    h, c = s
    i, f, o = (sigmoid(net(p, k, x, h)) for k in "ifo")
    master_f = torch.softmax(net(p, "f_tilde", x, h), 0).cumsum(0).repeat_interleave(chunk)
    master_i = 1 - torch.softmax(net(p, "i_tilde", x, h), 0).cumsum(0).repeat_interleave(chunk)
    overlap = master_f * master_i
    c = (f * overlap + master_f - overlap) * c + (i * overlap + master_i - overlap) * tanh(
        net(p, "c", x, h)
    )
    return o * tanh(c), c


@paper
def lem(p: Weights, x: Tensor, s: States, dt: float = 1.0) -> States:
    y, z = s

    def a(k: str, seen: Tensor) -> Tensor:
        return p[f"W.{k}"] @ seen + p[f"V.{k}"] @ x + p[f"b.{k}"]

    step, other = dt * sigmoid(a("dt_z", y)), dt * sigmoid(a("dt_y", y))
    z = z + step * (tanh(a("z", y)) - z)
    return y + other * (tanh(a("y", z)) - y), z


@paper
def lru(p: Weights, x: Tensor, s: States, gamma: str = "tied") -> States:
    _, re, im = s
    turned = torch.exp(torch.complex(-torch.exp(p["nu"]), torch.exp(p["theta"])))
    scale = torch.sqrt(1 - turned.abs() ** 2) if gamma == "tied" else torch.ones_like(re)
    b, c = torch.complex(p["B.re"], p["B.im"]), torch.complex(p["C.re"], p["C.im"])
    state = turned * torch.complex(re, im) + scale * (b @ torch.complex(x, torch.zeros_like(x)))
    return (c @ state).real + p["D"] @ x, state.real, state.imag


@paper
def hgrn(p: Weights, x: Tensor, s: States, lower: float = 0.0) -> States:
    _, re, im = s

    def a(k: str) -> Tensor:
        return p[f"W.{k}"] @ x + p[f"b.{k}"]

    silu = torch.nn.functional.silu
    fresh = torch.complex(silu(a("c_re")), silu(a("c_im")))
    keep = lower + (1 - lower) * sigmoid(a("mu"))
    turn = torch.complex(torch.cos(p["theta"]), torch.sin(p["theta"]))
    state = keep * turn * torch.complex(re, im) + (1 - keep) * fresh
    gate = torch.cat((silu(a("gate_re")), silu(a("gate_im"))))
    gated = gate * torch.cat((state.real, state.imag))
    gains, biases = (torch.cat((p[f"{k}.re"], p[f"{k}.im"])) for k in "gb")
    normed = torch.nn.functional.layer_norm(gated, gated.shape, gains, biases)
    return p["W.o"] @ normed + p["b.o"], state.real, state.imag


@paper
def rg_lru(p: Weights, x: Tensor, s: States, c: float = 8.0, project: bool = True) -> States:
    u = p["W.u"] @ x if project else x
    r, i = (sigmoid(p[f"W.{k}"] @ u + p[f"b.{k}"]) for k in "ax")
    a = sigmoid(-p["Lambda"]) ** (c * r)
    return (a * s[0] + torch.sqrt(1 - a**2) * (i * u),)
