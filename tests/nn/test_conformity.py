"""Behaviours that PyTorch's own tests of its recurrent modules ask for, beyond values and gradients."""

from __future__ import annotations

import io
import pickle
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils._per_sample_grad import call_for_per_sample_grads
from torch.utils.flop_counter import FlopCounterMode

import gatewise as gw
from tests.tolerances import assert_close

I, H, T, B = 3, 4, 4, 3
KINDS = ["LSTM", "GRU", "RNN"]
pytestmark = pytest.mark.filterwarnings(
    "ignore:LSTM with projections is not supported", "ignore:There is a performance drop"
)


def made(kind: str, *args: Any, **keywords: Any) -> Any:
    torch.manual_seed(0)
    keywords.setdefault("dtype", torch.float64)
    return getattr(gw.nn, kind)(*args, **keywords)


def wide(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def hx(kind: str, *shape: int) -> Any:
    h = wide(*shape)
    return (h, h + 1) if kind.startswith("LSTM") else h


# --- many gradients at once -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("watched", [False, True])
def test_batched_gradients_are_those_of_one_pass_each(kind: str, watched: bool) -> None:
    """Watched by a mode, a layer is an operator of torch; else it is not."""
    module = made(kind, I, H, 2, bidirectional=True)
    x = wide(T, B, I).requires_grad_()
    start = [t.requires_grad_() for t in (wide(4, B, H), wide(4, B, H) + 1)]
    with FlopCounterMode(display=False) if watched else nullcontext():
        output, _ = module(x, start if kind == "LSTM" else start[0], lengths=[4, 2, 0])
    leaves = [x, *start[: 2 if kind == "LSTM" else 1], *module.parameters()]
    seeds = wide(5, *output.shape)

    def back(seed: Tensor) -> tuple[Tensor, ...]:
        return torch.autograd.grad(output, leaves, seed, retain_graph=True)

    expected = [torch.stack(of) for of in zip(*map(back, seeds), strict=True)]
    batched = {"retain_graph": True, "is_grads_batched": True}
    one = torch.autograd.grad(output, leaves, seeds[0], create_graph=True)
    for a, b in zip(one, expected, strict=True):
        assert_close(a, b[0], "float64", "gradient")
    for gradients in (
        torch.autograd.grad(output, leaves, seeds, **batched),  # type: ignore[arg-type]
        torch.autograd.grad(output, leaves, seeds, create_graph=True, **batched),  # type: ignore[arg-type]
        torch.func.vmap(back)(seeds),
        torch.func.vmap(back, in_dims=1)(seeds.transpose(0, 1)),
    ):
        for a, b in zip(gradients, expected, strict=True):
            assert_close(a, b, "float64", "gradient")


def test_jacobians_and_hessians_of_autograd() -> None:
    module = made("LSTM", 2, 2)
    x = wide(2, 1, 2)
    functional = torch.autograd.functional
    for run in (
        lambda v: functional.jacobian(lambda x: module(x)[0], x, vectorize=v),
        lambda v: functional.hessian(lambda x: module(x)[0].sin().sum(), x, vectorize=v),
    ):
        assert_close(run(True), run(False), "float64", "gradient")


@pytest.mark.parametrize("kind", ["LSTM", "GRUCell"])
def test_pytorchs_check_of_gradients(kind: str) -> None:
    module = made(kind, 2, 2)
    x = wide(*(() if kind.endswith("Cell") else (2,)), 2, 2).requires_grad_()

    def run(x: Tensor, *weights: Tensor) -> Any:
        names = [n for n, _ in module.named_parameters()]
        result = torch.func.functional_call(module, dict(zip(names, weights, strict=True)), (x,))
        return [t for t in torch.utils._pytree.tree_leaves(result)]

    values = (x, *module.parameters())
    assert torch.autograd.gradcheck(run, values, check_batched_grad=True)
    assert torch.autograd.gradgradcheck(run, values, check_batched_grad=True)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_by_sample(kind: str) -> None:
    """``call_for_per_sample_grads``, whose tensors know PyTorch's own functions only."""
    module = made(kind, I, H, batch_first=True)
    x = wide(B, T, I)

    class First(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = module

        def forward(self, x: Tensor) -> Tensor:
            return self.rnn(x)[0]

    call_for_per_sample_grads(First(), loss_reduction="sum")(x).sum().backward()
    for k in range(B):
        alone = torch.autograd.grad(module(x[k : k + 1])[0].sum(), list(module.parameters()))
        for p, g in zip(module.parameters(), alone, strict=True):
            assert_close(p.grad_sample[k], g, "float64", "gradient")
    strange = made(kind, I, H, batch_first=True, weight_drop=0.1)
    with pytest.raises(gw.GatewiseError, match="they have no weight_drop"):
        call_for_per_sample_grads(strange, batch_size=B)(x)


@pytest.mark.parametrize("kind", KINDS)
def test_a_graph_may_be_gone_over_twice(kind: str) -> None:
    module = made(kind, I, H, 2)
    x = wide(T, B, I).requires_grad_()
    output, _ = module(x)
    output.sum().backward(retain_graph=True)
    first = [x.grad.clone(), *(p.grad.clone() for p in module.parameters())]
    output.sum().backward()
    for a, t in zip(first, (x, *module.parameters()), strict=True):
        assert torch.equal(t.grad, 2 * a)


def test_one_of_two_results_has_a_gradient() -> None:
    cell = made("LSTMCell", I, H)
    x, (h, c) = wide(B, I), hx("LSTM", B, H)
    for k in (0, 1):
        seen = []
        for module in (cell, nn.LSTMCell(I, H, dtype=torch.float64)):
            module.load_state_dict(cell.state_dict())
            start = h.clone().requires_grad_()
            module(x, (start, c))[k].sum().backward()
            seen.append(start.grad)
        assert_close(*seen, "float64", "gradient")


# --- dropout ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [0, 0.25, 0.5, 1])
@pytest.mark.parametrize("training", [True, False])
def test_dropout_acts_between_layers(p: float, training: bool) -> None:
    """Ones through 1000 units: what reaches the second layer counts those that were kept."""
    rnn = gw.nn.RNN(10, 1000, 2, bias=False, dropout=p, nonlinearity="relu").train(training)
    with torch.no_grad():
        for name, value in rnn.named_parameters():
            value.fill_(0.0 if "hh" in name else 1.0)
    output = rnn(torch.ones(1, 1, 10))[0].detach()
    survivors = float(output[0, 0, 0]) / 10
    scale = 1 / (1 - p) if training and p < 1 else 1.0
    if not training or p == 0:
        assert survivors == 1000
    elif p == 1:
        assert survivors == 0
    else:
        assert abs(survivors / scale - 1000 * (1 - p)) < 100
    assert torch.equal(output, output[..., :1].expand_as(output))


def test_dropout_may_change_between_calls() -> None:
    rnn, x = gw.nn.RNN(10, 10, 2, dropout=0, nonlinearity="relu"), torch.rand(3, 2, 10)
    plain = rnn(x)[0]
    rnn.dropout = 0.5
    dropped = rnn(x)[0]
    rnn.dropout = 0
    assert torch.equal(rnn(x)[0], plain) and not torch.equal(dropped, plain)


@pytest.mark.parametrize("kind", [*KINDS, "LSTMCell", "GRUCell", "RNNCell"])
def test_the_mode_is_read_only_where_it_matters(kind: str) -> None:
    sequence = () if kind.endswith("Cell") else (T,)
    module, x = made(kind, I, H), wide(*sequence, B, I)
    del module.training
    module(x)
    zoned = made(kind, I, H, zoneout=0.1)
    del zoned.training
    with pytest.raises(AttributeError, match="training"):
        zoned(x)


# --- what programs do with modules ------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_helpers_of_pytorchs_classes(kind: str) -> None:
    ours = made(kind, I, H, 2, bidirectional=True)
    theirs = getattr(nn, kind)(I, H, 2, bidirectional=True, dtype=torch.float64)
    x, start, turn = wide(T, B, I), hx(kind, 4, B, H), torch.tensor([2, 0, 1])
    assert ours.get_expected_hidden_size(x, None) == theirs.get_expected_hidden_size(x, None)
    for a, b in zip(
        ours.permute_hidden(start, turn), theirs.permute_hidden(start, turn), strict=True
    ):
        assert torch.equal(a, b)
    for bad in (hx(kind, 4, B, 7), hx(kind, 3, B, H)):
        said = []
        for module in (ours, theirs):
            with pytest.raises(RuntimeError, match="Expected hidden") as caught:
                module.check_forward_args(x, bad, None)
            said.append(str(caught.value))
        assert said[0] == said[1]
    ours.flatten_parameters()
    assert [[w.shape for w in of] for of in ours.all_weights] == [
        [w.shape for w in of] for of in theirs.all_weights
    ]
    assert ours._flat_weights_names == theirs._flat_weights_names
    assert all(a is b for a, b in zip(ours._flat_weights, ours.parameters(), strict=True))
    assert ours.mode == theirs.mode and repr(ours) == repr(theirs)
    if kind == "LSTM":
        assert ours.get_expected_cell_size(x, None) == theirs.get_expected_cell_size(x, None)


@pytest.mark.parametrize("kind", [*KINDS, "LSTMCell", "GRUCell", "RNNCell"])
def test_whole_modules_can_be_saved(kind: str) -> None:
    sequence = () if kind.endswith("Cell") else (T,)
    module, x = made(kind, I, H, zoneout=0.2).eval(), wide(*sequence, B, I)
    file = io.BytesIO()
    torch.save(module, file)
    file.seek(0)
    copies = [pickle.loads(pickle.dumps(module)), torch.load(file, weights_only=False)]
    bare = type(module).__new__(type(module))
    bare.__setstate__(module.__dict__.copy())
    for copied in (*copies, bare):
        assert torch.equal(copied(x)[0], module(x)[0])
        assert repr(copied) == repr(module) and "zoneout=0.2" in repr(module)


def test_arguments_of_the_cells_by_position() -> None:
    assert repr(gw.nn.RNNCell(3, 4, False, "relu")) == repr(nn.RNNCell(3, 4, False, "relu"))
    assert gw.nn.LSTMCell(3, 4, False, None, torch.float64).weight_hh.dtype == torch.float64
    for wrong in (
        lambda: gw.nn.LSTMCell(3),
        lambda: gw.nn.LSTMCell(3, 4, True, None, None, None),
        lambda: gw.nn.GRUCell(3, 4, hidden_size=4),
        lambda: gw.nn.GRUCell(3, 4, nonlinearity="relu"),
    ):
        with pytest.raises(TypeError):
            wrong()


@pytest.mark.parametrize("kind", KINDS)
def test_sparse_input_is_refused(kind: str) -> None:
    with pytest.raises(gw.nn.CallError, match="to_dense"):
        made(kind, I, H)(wide(T, B, I).to_sparse())


@pytest.mark.parametrize("kind", ["LSTMCell", "GRUCell", "RNNCell"])
def test_states_are_not_broadcast(kind: str) -> None:
    module, x = made(kind, I, H), wide(B, I)
    for shape in ((1, H), (B, 1), (B, H - 1), (B + 1, H)):
        with pytest.raises(RuntimeError):
            module(x, hx(kind, *shape))
        if kind == "LSTMCell":
            for pair in ((wide(B, H), wide(*shape)), (wide(*shape), wide(B, H))):
                with pytest.raises(RuntimeError):
                    module(x, pair)


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_of_zeros_is_no_state(kind: str) -> None:
    for bidirectional in (False, True):
        module, x = made(kind, I, H, 2, bidirectional=bidirectional), wide(T, B, I)
        zero = torch.zeros(4 if bidirectional else 2, B, H, dtype=torch.float64)
        start: Any = (zero, zero) if kind == "LSTM" else zero
        for a, b in zip(module(x), module(x, start), strict=True):
            assert all(map(torch.equal, a, b))


@pytest.mark.parametrize("kind", ["LSTMCell", "GRUCell", "RNNCell"])
def test_a_cell_without_gradients_gives_what_it_gives_with_them(kind: str) -> None:
    for extras in ({}, {"zoneout": 0.2}, {"bias": False}):
        module = made(kind, I, H, **extras).eval()
        for batch in ((), (B,), (0,)):
            x, start = wide(*batch, I), hx(kind, *batch, H)
            for state in (None, start):
                expected = module(x, state)
                with torch.no_grad():
                    result = module(x, state)
                pairs = (
                    zip(result, expected, strict=True)
                    if kind == "LSTMCell"
                    else [(result, expected)]
                )
                for a, b in pairs:
                    assert a.shape == b.shape and not a.requires_grad
                    assert_close(a, b, "float64", "forward")
    with torch.no_grad(), pytest.raises(RuntimeError, match="input_size"):
        module(wide(B, I + 1))
