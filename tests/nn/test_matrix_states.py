"""Cells whose states are matrices have all that modules have: every feature against a plain loop in PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import gatewise as gw
from tests.cells.papers import mlstm
from tests.tolerances import assert_close

I, H, T, B, HEADS = 3, 8, 9, 4, 2  # T: rows go through time one by one
CELL = gw.cells.mlstm(heads=HEADS)
WIDTHS = (H, H * H // HEADS, H, HEADS)


def made(**more: Any) -> gw.nn.Recurrent:
    torch.manual_seed(0)
    return gw.nn.Recurrent(CELL, I, H, **more).double()


def inputs(steps: int = T, batch: int = B) -> Tensor:
    return torch.randn(
        steps, batch, I, dtype=torch.float64, generator=torch.Generator().manual_seed(1)
    )


def by_loop(
    weights: Mapping[str, Tensor], x: Tensor, first: tuple[Tensor, ...] | None = None
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """One row of the batch: the outputs and the last states."""
    starts = (0.0, 0.0, 0.0, float("-inf"))
    states = first or tuple(
        torch.full((n,), v, dtype=x.dtype) for n, v in zip(WIDTHS, starts, strict=True)
    )
    outputs = []
    for now in x:
        states = mlstm(weights, now, states, heads=HEADS)
        outputs.append(states[0])
    return torch.stack(outputs), states


def same(got: Tensor, want: Tensor, what: str = "forward") -> None:
    assert_close(got.detach(), want.detach(), "float64", what)


def test_a_learned_initial_state_is_a_matrix_as_well() -> None:
    module = made(learned_initial_state=True)
    first = [p for n, p in module.named_parameters() if "initial" in n or "first" in n]
    assert H * H // HEADS in [p.numel() for p in first]
    with torch.no_grad():
        for p in first:
            p.copy_(0.1 * torch.randn(p.shape, dtype=p.dtype))
    x = inputs()
    output, _ = module(x)
    weights = module.equation_parameters()
    infinite = torch.full(
        (HEADS,), float("-inf"), dtype=x.dtype
    )  # what m starts from is not learned
    start = (*(p.reshape(-1) for p in first), infinite)
    want = torch.stack([by_loop(weights, x[:, b], start)[0] for b in range(B)], 1)
    same(output, want)
    read = first[1:]  # nothing reads the old h
    got = torch.autograd.grad(output.square().sum(), read)
    for g, w in zip(got, torch.autograd.grad(want.square().sum(), read), strict=True):
        same(g, w, "gradient")


def test_both_directions_of_packed_sequences() -> None:
    module, x = made(bidirectional=True), inputs()
    lengths = torch.tensor([T, 7, 2, 1])
    packed, final = module(pack_padded_sequence(x, lengths))
    output, _ = pad_packed_sequence(packed, total_length=T)
    weights = [module.equation_parameters(direction=d) for d in (0, 1)]
    for b, length in enumerate(lengths.tolist()):
        forth, last = by_loop(weights[0], x[:length, b])
        back, end = by_loop(weights[1], x[:length, b].flip(0))
        same(output[:length, b], torch.cat((forth, back.flip(0)), -1))
        assert not output[length:, b].any()
        for k, states in enumerate((last, end)):
            for got, want in zip(final, states, strict=True):
                same(got[k, b], want)


def test_a_sequence_in_pieces_is_the_whole() -> None:
    module, x = made(), inputs(3 * T)
    whole, last = module(x)
    states, pieces = None, []
    for steps in (1, 2, T, 3 * T - 3 - T):  # side by side and one by one
        piece, states = module(x[:steps], states)
        pieces.append(piece)
        x = x[steps:]
    same(torch.cat(pieces), whole)
    for got, want in zip(states, last, strict=True):
        same(got, want)


def test_a_stepper_carries_the_matrix() -> None:
    module, x = made().float(), inputs().float()
    stepper = gw.nn.Stepper(module, B)
    with torch.inference_mode():
        whole, last = module(x)
        for now, want in zip(x, whole, strict=True):
            stepper.x[:] = now.numpy()
            stepper.step()
            assert_close(torch.tensor(stepper.output), want, "float32", "forward")
    assert_close(torch.tensor(stepper.states[1]), last[1][0], "float32", "forward")


def test_weights_go_through_a_state_dict() -> None:
    one, other = made(num_layers=2), gw.nn.Recurrent(CELL, I, H, 2).double()
    assert not any("C" in name for name in one.state_dict())  # the memory is no parameter
    other.load_state_dict(one.state_dict())
    x = inputs()
    same(other(x)[0], one(x)[0])


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_torch_compile_without_a_graph_break() -> None:
    torch._dynamo.reset()
    module, x = made(), inputs().requires_grad_()
    compiled = torch.compile(module, fullgraph=True, backend="aot_eager")
    want, last = module(x)
    got, end = compiled(x)
    same(got, want)
    same(end[1], last[1])
    (d_want,) = torch.autograd.grad(want.square().sum() + last[1].sum(), x)
    (d_got,) = torch.autograd.grad(got.square().sum() + end[1].sum(), x)
    same(d_got, d_want, "gradient")
    torch._dynamo.reset()


def test_autocast_keeps_the_matrix_in_float32() -> None:
    module, x = made().float(), inputs().float()
    whole, last = module(x)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        low, end = module(x)
    assert low.dtype == torch.bfloat16 and end[1].shape == last[1].shape
    for got, want in ((low, whole), (end[1], last[1])):
        assert (got.float() - want).abs().max() < 0.03 * want.abs().max()
    low.float().square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in module.parameters())


@pytest.mark.parametrize("memory", [7, "sqrt"])
def test_a_backward_pass_in_pieces_is_the_same(memory: int | str) -> None:
    x, losses = inputs(40), []
    for module in (made(), made(memory=memory)):
        output, last = module(x)
        (output.sin().sum() + last[1].cos().sum()).backward()
        losses.append([p.grad for p in module.parameters()])
    for got, want in zip(*losses[::-1], strict=True):
        assert got is not None and want is not None
        same(got, want, "gradient")


def test_a_matrix_can_be_recorded_with_its_gradient() -> None:
    gradients = []
    for backend in ("llvm", "eager"):
        x = inputs().requires_grad_()
        _, last, recorded = made(backend=backend)(x, record=("C", "i"))
        memory = recorded["C"][0]
        assert memory.shape == (T, B, H * H // HEADS) and recorded["i"][0].shape == (T, B, H)
        same(memory[-1], last[1][0])
        gradients.append(torch.autograd.grad(memory.square().sum(), x)[0])
    same(gradients[0], gradients[1], "gradient")
