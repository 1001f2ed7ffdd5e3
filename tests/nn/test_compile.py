"""torch.compile without graph breaks, and torch.export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import nn

import gatewise as gw
from tests.tolerances import assert_close

I, H, T, B = 3, 4, 2, 2
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


CASES: dict[str, tuple[Any, dict[str, Any]]] = {
    "LSTM": (lambda: gw.nn.LSTM(I, H, bidirectional=True), {}),
    "GRU, resets": (lambda: gw.nn.GRU(I, H), {"reset": torch.tensor([[0, 1]] * T).bool()}),
    "RNN, lengths": (lambda: gw.nn.RNN(I, H), {"lengths": torch.tensor([2, 1])}),
    "slstm, records": (lambda: gw.nn.Recurrent("slstm", I, H), {"record": ("i", "m")}),
    "masks": (lambda: gw.nn.LSTM(I, H, zoneout=0.2, input_dropout=0.1, detach_every=1).eval(), {}),
}


@pytest.mark.parametrize("name", CASES)
def test_compiles_without_a_graph_break(name: str) -> None:
    make, keywords = CASES[name]
    torch.manual_seed(0)
    module = make().double()
    x = torch.randn(T, B, I, dtype=torch.float64)
    compiled = torch.compile(module, fullgraph=True, backend="aot_eager")
    expected = module(x, **keywords)
    result = compiled(x, **keywords)
    assert_close(result[0], expected[0], "float64", "forward")
    result[0].sin().sum().backward()
    seen = [p.grad.clone() for p in module.parameters()]
    module.zero_grad()
    expected[0].sin().sum().backward()
    for a, p in zip(seen, module.parameters(), strict=True):
        assert_close(a, p.grad, "float64", "gradient")


def test_compiles_inside_a_model_and_for_another_batch() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = gw.nn.LSTM(I, H, batch_first=True)
            self.head = nn.Linear(H, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.head(self.rnn(x)[0][:, -1])

    model = Model()
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager", dynamic=True)
    for batch in (2, 5):
        x = torch.randn(batch, T, I)
        assert_close(compiled(x), model(x), "float32", "forward")


def test_exports_with_a_dynamic_batch() -> None:
    module = gw.nn.LSTM(I, H, 2, bidirectional=True)
    batch = torch.export.Dim("batch", min=2, max=64)
    exported = torch.export.export(module, (torch.randn(T, B, I),), dynamic_shapes=({1: batch},))
    x = torch.randn(T, 7, I)
    output, (h, c) = exported.module()(x)
    expected, (h_, c_) = module(x)
    for a, b in ((output, expected), (h, h_), (c, c_)):
        assert_close(a, b, "float32", "forward")


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize("grad", [True, False])
def test_traces_hold_for_other_shapes(grad: bool) -> None:
    """``torch.jit.trace``: prepared calls, which write to addresses, must not be what is traced."""
    module, cell = gw.nn.LSTM(I, H, 2, bidirectional=True).eval(), gw.nn.GRUCell(I, H).eval()
    with torch.set_grad_enabled(grad):
        traced = torch.jit.trace(module, (torch.randn(T, B, I),))
        step = torch.jit.trace(cell, (torch.randn(B, I),))
        for steps, batch in ((T, B), (5, 4)):
            x = torch.randn(steps, batch, I)
            for a, b in zip(traced(x)[1], module(x)[1], strict=True):
                assert_close(a, b, "float32", "forward")
            assert_close(step(x[0]), cell(x[0]), "float32", "forward")
