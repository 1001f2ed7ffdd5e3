"""The operator of torch on a GPU, as compilers see it: shapes without a device."""

from __future__ import annotations

import pytest
import torch
from torch._subclasses import FakeTensorMode

import gatewise as gw
from gatewise.backends import triton
from gatewise.nn.compiled.runner_op import OPERATORS, saved_values


@pytest.fixture(autouse=True)
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU is taken to be there."""
    monkeypatch.setattr(triton, "_gpu_obstacle", lambda: "")


def layer(cell: gw.Cell) -> tuple[str, list[int], list[tuple[int, ...]]]:
    """The key of a training layer, its sizes, the shapes of its parameters."""
    module = gw.nn.Recurrent(cell, 5, 8)
    plan = module.plan
    return plan.keys[1], plan.layers[0].numbers, [tuple(p.shape) for p in module.parameters()]


@pytest.mark.parametrize("name", ["peephole_lstm", "gru_v3", "slstm", "minlstm"])
def test_both_ways_have_their_shapes(name: str) -> None:
    key, sizes, shapes = layer(gw.cells.get(name))
    states = len(gw.cells.get(name).program.states)
    with FakeTensorMode(), torch.no_grad():
        x = torch.empty(7, 3, 5, device="cuda")
        params = [torch.empty(s, device="cuda") for s in shapes]
        start = [torch.empty(3, 8, device="cuda") for _ in range(states)]
        arguments = key, sizes, [x], params, start, start, None, None, False, ""
        results = torch.ops.gatewise.layer(*arguments, True)
        assert results[0].shape == (7, 3, 8) and results[0].device.type == "cuda"
        assert [tuple(t.shape) for t in results[1:-1]] == [(3, 8)] * states
        assert results[-1].shape == (saved_values(key, sizes, "", "cuda", 7, 3),)
        assert len(torch.ops.gatewise.layer(*arguments, False)) == 1 + states
        grads = [torch.empty_like(t) for t in results[:-1]]
        way = key, sizes, [x], params, results[-1], grads, None, None, False, "", True
        gradients = torch.ops.gatewise.layer_backward(*way)
        assert [g.shape for g in gradients[: 1 + len(params)]] == [
            x.shape,
            *(p.shape for p in params),
        ]


def test_one_runner_a_device() -> None:
    assert {device: name for device, (name, _) in OPERATORS.items()} == {"cuda": "triton"}


def test_auto_takes_it_where_the_vendor_cannot_serve() -> None:
    assert "vendor" in gw.nn.LSTM(4, 8).explain("cuda")
    assert gw.nn.LSTM(4, 8, zoneout=0.1).explain("cuda").endswith("triton (compiled for this GPU)")
    assert "eager" in gw.nn.Recurrent(gw.cells.mgu, 4, 8, dtype=torch.float64).explain("cuda")
    assert "llvm" in gw.nn.Recurrent(gw.cells.mgu, 4, 8).explain("cpu")
