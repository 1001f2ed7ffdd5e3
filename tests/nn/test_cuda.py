"""On a GPU: cuDNN for the vanilla cells, plain operations for all others. ``pytest -m gpu``; skipped where there is none."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import gatewise as gw
from gatewise.errors import BackendError, GatewiseError
from tests.nn.modules.test_recurrent import ALL, cell_of, sizes_of
from tests.nn.test_against_torch import IDS, KINDS, hx_of, pair, tensors
from tests.tolerances import assert_close

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch finds no GPU here"),
    pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN"),
]
I, H, T, B = 3, 4, 5, 3
LENGTHS = torch.tensor([3, 5, 1])


def ran(module: Any, x: Tensor, *rest: Any, **how: Any) -> tuple[list[Tensor], list[Tensor]]:
    """What a call gives, and the gradients of its input and of every parameter."""
    x = x.detach().clone().requires_grad_()
    module.zero_grad()
    outputs = tensors(module(x, *rest, **how))
    sum(t.square().sum() for t in outputs).backward()  # type: ignore[union-attr]
    grads = [x.grad, *(p.grad for p in module.parameters())]
    return [t.detach().cpu() for t in outputs], [g.cpu() for g in grads if g is not None]


@pytest.mark.parametrize(("kind", "keywords"), KINDS, ids=IDS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_drop_ins_are_pytorchs_on_a_gpu(
    kind: str, keywords: dict[str, Any], dtype: torch.dtype
) -> None:
    theirs, ours = pair(kind, I, H, 2, bidirectional=True, dtype=dtype, **keywords)
    theirs, ours = theirs.cuda(), ours.cuda()
    assert "vendor" in ours.explain("cuda")
    torch.manual_seed(1)
    x = torch.randn(T, B, I, dtype=dtype).cuda()
    hx = hx_of(theirs, B, dtype=dtype)
    hx = tuple(t.cuda() for t in hx) if isinstance(hx, tuple) else hx.cuda()
    for start in ((), (hx,)):
        for a, b in zip(ran(ours, x, *start), ran(theirs, x, *start), strict=True):
            for one, other in zip(a, b, strict=True):
                torch.testing.assert_close(one, other)
    packed = nn.utils.rnn.pack_padded_sequence(x, LENGTHS, enforce_sorted=False)
    torch.testing.assert_close(ours(packed)[0].data, theirs(packed)[0].data)


@pytest.mark.parametrize("name", ALL)
def test_every_cell_is_the_same_on_both(name: str) -> None:
    """In float64, where a GPU does not shorten its factors; lengths, a reset and recorded gates."""
    cell = cell_of(name)
    size, more = sizes_of(cell)
    torch.manual_seed(2)
    here = gw.nn.Recurrent(cell, size, H, bidirectional=True, sizes=more, dtype=torch.float64)
    here.eval()
    on_gpu = copy.deepcopy(here).cuda()
    arguments = []
    for item in here.plan.inputs:
        n = item.size.evaluate(here.plan.layers[0].sizes)
        shape = (T, B, n) if item.per == "step" else (B, n)
        arguments.append(torch.rand(shape, dtype=torch.float64))
    reset = torch.zeros(T, B, dtype=torch.bool)
    reset[2, 1] = True
    seen = []
    for module, device in ((here, "cpu"), (on_gpu, "cuda")):
        module.zero_grad()
        moved = [t.to(device).requires_grad_() for t in copy.deepcopy(arguments)]
        x = tuple(moved) if len(moved) > 1 else moved[0]
        out = module(x, lengths=LENGTHS, reset=reset.to(device))
        sum(t.square().sum() for t in tensors(out)).backward()  # type: ignore[union-attr]
        grads = [t.grad for t in (*moved, *module.parameters())]
        seen.append((tensors(out), [g for g in grads if g is not None]))
    for a, b in zip(*(outs for outs, _ in seen), strict=True):
        assert_close(b.detach().cpu().numpy(), a.detach().numpy(), "float64", "forward")
    for a, b in zip(*(grads for _, grads in seen), strict=True):
        assert_close(b.cpu().numpy(), a.numpy(), "float64", "gradient")


@pytest.mark.parametrize("backend", ["llvm", "vendor"])
def test_what_cannot_serve_says_so(backend: str) -> None:
    module = gw.nn.Recurrent("mgu", I, H, backend=backend).cuda()
    with pytest.raises(BackendError, match="cannot serve this call"):
        module(torch.randn(T, B, I, device="cuda"))


def test_a_module_goes_there_and_back() -> None:
    module, x = gw.nn.LSTM(I, H), torch.randn(T, B, I)
    with torch.no_grad():
        before = module(x)[0]
        module.cuda()
        on_gpu = module(x.cuda())[0]
        after = module.cpu()(x)[0]
    assert on_gpu.is_cuda
    torch.testing.assert_close(on_gpu.cpu(), before, rtol=1e-2, atol=1e-2)  # cuDNN may take TF32
    assert torch.equal(before, after)


def test_swap_on_a_gpu() -> None:
    torch.manual_seed(3)
    network = nn.ModuleDict({"lstm": nn.LSTM(I, H), "head": nn.Linear(H, 2)}).cuda()
    x = torch.randn(T, B, I, device="cuda")
    with torch.no_grad():
        before = network["lstm"](x)[0]
        gw.nn.swap(network)
        assert isinstance(network["lstm"], gw.nn.LSTM)
        torch.testing.assert_close(network["lstm"](x)[0], before)


def test_autocast_and_second_derivatives() -> None:
    module = gw.nn.Recurrent("peephole_lstm", I, H).cuda()
    x = torch.randn(T, B, I, device="cuda", requires_grad=True)
    with torch.autocast("cuda", dtype=torch.bfloat16):
        assert torch.isfinite(module(x)[0]).all()
    (first,) = torch.autograd.grad(module(x)[0].sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.square().sum(), x)
    assert torch.isfinite(second).all()
    assert second.abs().sum() > 0


def test_an_input_on_another_device_is_refused() -> None:
    module = gw.nn.Recurrent("mgu", I, H).cuda()
    with pytest.raises(GatewiseError, match="cpu"):
        module(torch.randn(T, B, I))
