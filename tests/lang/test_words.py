"""The functions that take whole vectors, surrogates and constants: what they mean, in every backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import gatewise as gw
from gatewise import lang
from gatewise.errors import CellError, GatewiseError
from gatewise.ir.printer import text

BACKENDS = ("interpreter", "eager", "llvm")
Meaning = Callable[[torch.Tensor], torch.Tensor]


def by_part(function: Meaning, parts: int) -> Meaning:
    def apply(v: torch.Tensor) -> torch.Tensor:
        split = v.reshape(*v.shape[:-1], parts, -1)
        return function(split).expand(split.shape).reshape(v.shape)

    return apply


def normed(v: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.layer_norm(v, v.shape[-1:])


TERMS: dict[str, tuple[Callable[[Any], Any], Meaning]] = {
    "max": (lambda v: v * lang.max(v), lambda v: v * v.amax(-1, keepdim=True)),
    "min": (lambda v: v * lang.min(v), lambda v: v * v.amin(-1, keepdim=True)),
    "sum": (lambda v: v * lang.sum(v), lambda v: v * v.sum(-1, keepdim=True)),
    "softmax": (lang.softmax, lambda v: torch.softmax(v, -1)),
    "large": (lambda v: lang.softmax(1e3 * v), lambda v: torch.softmax(1e3 * v, -1)),
    "cumsum": (lang.cumsum, lambda v: v.cumsum(-1)),
    "rest": (lambda v: lang.cumsum(v, reverse=True), lambda v: v.flip(-1).cumsum(-1).flip(-1)),
    "shares": (
        lambda v: lang.softmax(v, parts=3),
        by_part(lambda v: torch.softmax(v, -1), 3),
    ),
    "heads": (lambda v: lang.norm(v, parts=3), by_part(normed, 3)),
    "largest": (
        lambda v: v - lang.repeat(lang.max(v, parts=3), "H/3"),
        lambda v: v - by_part(lambda u: u.amax(-1, keepdim=True), 3)(v),
    ),
    "means": (
        lambda v: v * lang.repeat(lang.mean(v, parts=3), "D"),
        lambda v: v * by_part(lambda u: u.mean(-1, keepdim=True), 3)(v),
    ),
    "waves": (
        lambda v: lang.sin(3 * v) * lang.cos(v) + lang.erf(v),
        lambda v: torch.sin(3 * v) * torch.cos(v) + torch.erf(v),
    ),
}


@pytest.mark.parametrize("name", TERMS)
def test_every_backend_means_what_torch_does(name: str) -> None:
    ours, theirs = TERMS[name]

    @gw.cell(sizes={"h": "3*D"})
    def one(x, /, h, *, W, U, b):
        v = W @ x + U @ h + b
        return lang.tanh(ours(v))

    outcomes = []
    for backend in BACKENDS:
        torch.manual_seed(3)
        rnn = gw.nn.Recurrent(one, 5, 12, backend=backend, dtype=torch.float64, sizes={"D": 4})
        weights = rnn.equation_parameters()
        x = torch.randn(4, 3, 5, dtype=torch.float64, requires_grad=True)
        got = rnn(x)[0]
        (d_x,) = torch.autograd.grad(got.square().sum(), x)
        h, outputs = torch.zeros(3, 12, dtype=torch.float64), []
        for now in x:
            h = torch.tanh(theirs(now @ weights["W"].T + h @ weights["U"].T + weights["b"]))
            outputs.append(h)
        want = torch.stack(outputs)
        torch.testing.assert_close(got, want, rtol=1e-8, atol=1e-10)
        torch.testing.assert_close(
            d_x, torch.autograd.grad(want.square().sum(), x)[0], rtol=1e-7, atol=1e-9
        )
        outcomes.append(got)
    assert name in ("waves", "sum") or (outcomes[0] != 0).any()


@pytest.mark.parametrize("backend", BACKENDS)
def test_ties_of_a_maximum_share_its_gradient(backend: str) -> None:
    @gw.cell
    def tied(x, /, h):
        return h + x * 0 + lang.max(x)

    rnn = gw.nn.Recurrent(tied, 4, 4, backend=backend, dtype=torch.float64)
    x = torch.tensor([[[1.0, 2.0, 2.0, 0.0]]], dtype=torch.float64, requires_grad=True)
    rnn(x)[0].sum().backward()
    assert x.grad is not None
    assert x.grad.flatten().tolist() == [0, 2, 2, 0]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("units", [3, 37])
def test_nan_comes_through_a_maximum(backend: str, units: int) -> None:
    @gw.cell
    def largest(x, /, h):
        return x * 0 + lang.max(x)

    rnn = gw.nn.Recurrent(largest, units, units, backend=backend)
    x = torch.zeros(1, 2, units)
    x[0, 0, 1] = float("nan")
    with torch.no_grad():
        out = rnn(x)[0]
    assert out[0, 0].isnan().all()
    assert (out[0, 1] == 0).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_surrogate_is_a_step_forward_and_its_slope_backward(backend: str) -> None:
    """A leaky integrate-and-fire neuron: Neftci, Mostafa & Zenke 2019."""

    @gw.cell
    def spiking(x, /, s, u, *, W, R):
        u = 0.9 * u * (1 - s) + W @ x + R @ s
        soft = lang.sigmoid(5 * (u - 1))
        s = lang.stop_gradient((u > 1) - soft) + soft
        return s, u

    torch.manual_seed(5)
    rnn = gw.nn.Recurrent(spiking, 3, 6, backend=backend, dtype=torch.float64)
    weights = {n: w.detach().requires_grad_() for n, w in rnn.equation_parameters().items()}
    x = 3 * torch.randn(7, 2, 3, dtype=torch.float64)
    s, u = (torch.zeros(2, 6, dtype=torch.float64) for _ in "su")
    outputs = []
    for now in x:
        u = 0.9 * u * (1 - s) + now @ weights["W"].T + s @ weights["R"].T
        soft = torch.sigmoid(5 * (u - 1))
        s = ((u > 1).double() - soft).detach() + soft
        outputs.append(s)
    want = torch.stack(outputs)
    got = rnn(x)[0]
    torch.testing.assert_close(got, want)
    assert set(got.detach().round(decimals=6).flatten().tolist()) == {0.0, 1.0}
    (got * torch.arange(6.0)).sum().backward()
    (want * torch.arange(6.0)).sum().backward()
    for name, weight in rnn.named_parameters():
        torch.testing.assert_close(weight.grad, weights[name.split("_")[0]].grad)


# --- constants ------------------------------------------------------------------------------------

A = np.array([[0.5, -0.25, 0.0], [0.1, 0.9, 0.3], [0.0, 0.2, -0.4]])


@gw.cell(sizes={"u": 1})
def memory(x, /, h, m, *, W, E):
    """A fixed linear memory beside a hidden state."""
    turn = lang.constant(A)
    u = E.x @ x + E.h @ h
    m = turn @ m + lang.constant([1.0, 0.5, 0.25]) * u
    h = lang.tanh(W.x @ x + W.h @ h + W.m @ (lang.transpose(turn) @ (1 * m)))
    return h, m


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_constants_are_used_saved_and_not_trained(backend: str, dtype: torch.dtype) -> None:
    cell = gw.load_cell(memory.to_json())
    assert cell == memory
    assert cell.parameter_count(I=2, H=4) == 4 * 2 + 4 * 4 + 4 * 3 + 2 + 4
    torch.manual_seed(2)
    rnn = gw.nn.Recurrent(cell, 2, 4, backend=backend, dtype=dtype)
    assert sum(p.numel() for p in rnn.parameters()) == cell.parameter_count(I=2, H=4)
    weights = rnn.equation_parameters()
    x = torch.randn(5, 3, 2, dtype=dtype, requires_grad=True)
    turn, spread = torch.tensor(A, dtype=dtype), torch.tensor([1.0, 0.5, 0.25], dtype=dtype)
    h, m = torch.zeros(3, 4, dtype=dtype), torch.zeros(3, 3, dtype=dtype)
    for now in x:
        u = now @ weights["E.x"].T + h @ weights["E.h"].T
        m = m @ turn.T + spread * u
        h = torch.tanh(
            now @ weights["W.x"].T + h @ weights["W.h"].T + (m @ turn) @ weights["W.m"].T
        )
    output, (last, constant) = rnn(x)
    torch.testing.assert_close((last[0], constant[0]), (h, m))
    output[-1].sum().backward()
    torch.testing.assert_close(x.grad, torch.autograd.grad(h.sum(), x)[0])
    with torch.no_grad():
        torch.testing.assert_close(rnn(x)[0][-1], h)
        torch.testing.assert_close(rnn(x[:, :1])[0][-1], h[:1])


def test_a_constant_is_printed_by_its_name() -> None:
    assert "m' = turn @ m + constant_2 * u" in repr(memory)
    assert "constant turn [3, 3]" in text(memory.program)
    assert "memory(x, /, h, m, *, E, W)" in repr(memory)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([[1, 2], [3]], "several lengths"),
        ([], "list index"),
        ([[]], "its size"),
        ([1, float("nan")], "must be finite"),
        ("abc", "could not convert"),
        (np.zeros((2, 2, 2)), "must be real number"),
    ],
)
def test_what_is_no_constant_is_refused(values: Any, says: str) -> None:
    with pytest.raises(CellError, match="is no fixed vector or matrix"):

        @gw.cell
        def wrong(x, /, h, *, W):
            return lang.tanh(W @ x) + lang.constant(values) * h

    del says


def test_a_constant_vector_is_no_matrix() -> None:
    with pytest.raises(CellError, match=r"a product unit by unit is b \* v"):

        @gw.cell
        def wrong(x, /, h, *, W):
            b = lang.constant([1, 2])
            return W @ x + b @ h


# --- sizes that are products ----------------------------------------------------------------------


def test_sizes_that_are_products() -> None:
    @gw.cell(sizes={"q": "heads*D"})
    def by_option(x, /, h, *, W, U, heads=4):
        q = lang.tanh(W.q @ x + U.q @ h)
        return lang.tanh(W.o @ lang.softmax(q, parts=heads))

    @gw.cell(sizes={"q": "K*D", "g": "K"})
    def by_letters(x, /, h, *, W, U):
        q = lang.tanh(W.q @ x + U.q @ h)
        g = lang.sigmoid(W.g @ x)
        q = lang.repeat(g, "D") * q + lang.repeat(lang.sum(q, parts="K"), "D")
        return lang.tanh(W.o @ q)

    assert by_option.program.sizes == ("I", "H", "D")
    assert by_option(heads=2).program.param("W.q").shape({"I": 3, "H": 5, "D": 7}) == (14, 3)
    assert by_letters.program.sizes == ("I", "H", "D", "K")
    shape = by_letters.program.param("W.o").shape({"I": 3, "H": 5, "D": 7, "K": 2})
    assert shape == (5, 14)
    assert gw.load_cell(by_letters.to_json()) == by_letters
    outcomes = []
    for backend in BACKENDS:
        torch.manual_seed(0)
        rnn = gw.nn.Recurrent(by_letters, 3, 8, backend=backend, sizes={"K": 2, "D": 5})
        x = torch.randn(4, 2, 3, requires_grad=True)
        got = rnn(x)[0]
        outcomes.append((got, torch.autograd.grad(got.sum(), x)[0]))
    torch.testing.assert_close(outcomes[0], outcomes[1])
    torch.testing.assert_close(outcomes[0], outcomes[2])


def test_parts_that_do_not_divide_are_refused() -> None:
    @gw.cell
    def shares(x, /, h, *, W):
        return lang.softmax(W @ x + h, parts=3)

    with pytest.raises(GatewiseError, match="must divide evenly"):
        gw.nn.Recurrent(shares, 2, 4)
    for wrong in (0, 1.5, True):
        with pytest.raises(CellError, match="the number of parts must be a whole number"):

            @gw.cell
            def bad(x, /, h, *, W, wrong=wrong):
                return lang.max(W @ x, parts=wrong) * h

    with pytest.raises(CellError, match="no size is called 'K'"):

        @gw.cell
        def unknown(x, /, h, *, W):
            return lang.softmax(W @ x + h, parts="K")


def test_they_are_read_back_as_they_were_written() -> None:
    @gw.cell(sizes={"W.b": "H"})
    def all_words(x, /, h, *, W):
        a = lang.softmax(W.a @ x, parts=2)
        b = lang.max(W.b @ x) - lang.min(W.b @ x)
        c = lang.cumsum(a, reverse=True) + lang.norm(W.c @ x + h, parts=4)
        d = lang.mean(h, parts=2)
        return c * b + lang.repeat(d, "H/2")

    right = dict(all_words.equations)
    assert right["a"] == "softmax(W.a @ x, parts=2)"
    assert right["b"] == "max(W.b @ x) - min(W.b @ x)"
    assert right["c"] == "cumsum(a, reverse=True) + norm(W.c @ x + h, parts=4)"
    assert right["d"] == "mean(h, parts=2)"


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (
            lambda h: lang.sum(lang.constant(np.eye(3)) * (1 * h)),
            r"the vector 1 \* h meets the matrix constant_1",
        ),
        (lambda h: lang.constant(np.eye(3))[0] * h, "give each part a constant of its own"),
        (lambda h: lang.constant(2.0) * h, "a number is written as it is: 2.0"),
        (lambda h: lang.cumsum(lang.sum(h)), "is one number, and has no units to add up"),
        (lambda h: lang.max(h, h), r"of several, unit by unit, it is maximum\(u, v\)"),
        (lambda h: h.detach(), r"write stop_gradient\(h\)"),
        (lambda h: h.max(), r"write max\(h\)"),
        (lambda h: h.T, r"write transpose\(h\) @ v"),
        (lambda h: lang.norm(h, h, parts=2), "normalise each by itself"),
        (lambda h: lang.repeat(lang.max(h, parts=2), "K"), "no size is called 'K'"),
    ],
)
def test_slips_are_answered_with_the_way_out(make: Callable[[Any], Any], says: str) -> None:
    with pytest.raises(CellError, match=says):

        @gw.cell
        def slip(x, /, h, *, W):
            return lang.tanh(W @ x) + make(h)


def test_of_plain_numbers_max_and_min_are_those_of_python() -> None:
    @gw.cell
    def powers(x, /, h, *, W, heads=2):
        return lang.tanh(lang.max(heads, 3) * (W @ x) + lang.min(heads, 0.5) * h)

    assert powers.equations[-1][1] == "tanh(3 * (W @ x) + 0.5 * h)"


@pytest.mark.parametrize(("units", "parts"), [(128, 2), (64, 4), (48, 3), (40, 4)])
def test_parts_of_whole_vectors_and_others(units: int, parts: int) -> None:
    """Kernels take the first ones vector by vector."""

    @gw.cell
    def split(x, /, h, *, W, U, b):
        a = W @ x + U @ h + b
        far = lang.max(a, parts=parts) - lang.mean(h, parts=parts)
        return lang.tanh(
            lang.norm(a, parts=parts) + lang.softmax(a, parts=parts) * lang.repeat(far)
        )

    outcomes = []
    for backend in ("eager", "llvm"):
        torch.manual_seed(0)
        rnn = gw.nn.Recurrent(split, 5, units, backend=backend, dtype=torch.float64)
        x = torch.randn(6, 3, 5, dtype=torch.float64, requires_grad=True)
        out = rnn(x)[0]
        outcomes.append((out, *torch.autograd.grad(out.square().sum(), [x, *rnn.parameters()])))
    torch.testing.assert_close(*outcomes)


def test_a_constant_that_settles_the_hidden_size_says_so() -> None:
    @gw.cell
    def reservoir(x, /, h, *, W, leak=0.5):
        return (1 - leak) * h + leak * lang.tanh(lang.constant(A) @ h + W @ x)

    assert gw.nn.Recurrent(reservoir, 2, 3)(torch.zeros(1, 1, 2))[0].shape == (1, 1, 3)
    with pytest.raises(GatewiseError, match="give h 3 units: pass hidden_size=3"):
        gw.nn.Recurrent(reservoir, 2, 64)
