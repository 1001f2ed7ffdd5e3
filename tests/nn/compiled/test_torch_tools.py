"""Tools of PyTorch that take modules apart, watch them or count what they do."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils._per_sample_grad import call_for_per_sample_grads
from torch.utils.flop_counter import FlopCounterMode

import gatewise as gw
from gatewise.lang import tanh
from tests.tolerances import assert_close

I, H, T, B = 6, 8, 7, 5


class Model(nn.Module):
    """Our modules, one nested deep and called twice, with keywords."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(I, H)
        self.blocks = nn.ModuleDict({"deep": nn.Sequential(nn.ModuleList([gw.nn.GRU(H, H)])[0])})
        self.rnn = gw.nn.RNN(H, H, nonlinearity="relu")
        self.own = gw.nn.Recurrent("peephole_lstm", H, H)
        self.cells = nn.ModuleList([gw.nn.LSTMCell(H, H), gw.nn.GRUCell(H, H), gw.nn.RNNCell(H, H)])
        self.head = nn.Linear(H, 1)

    def forward(self, x: Tensor, lengths: Tensor, reset: Tensor) -> Tensor:
        y, state = self.lstm(x)
        y = self.blocks["deep"][0](y, lengths=lengths)[0]
        y = self.blocks["deep"][0](y, hx=state[0], reset=reset)[0]
        y, _, recorded = self.own(self.rnn(input=y)[0], record=("f",))
        h, c = self.cells[0](y[-1], hx=(state[0][0], state[1][0]))
        return self.head(self.cells[2](self.cells[1](h, c)) + recorded["f"][0][-1])


# --- torch.fx ---------------------------------------------------------------------------------------


def test_a_symbolic_trace_has_our_modules_as_leaves() -> None:
    torch.manual_seed(0)
    model = Model()
    gw.swap(model)
    traced = torch.fx.symbolic_trace(model)
    targets = [n.target for n in traced.graph.nodes if n.op == "call_module"]
    assert targets == [
        "lstm",
        "blocks.deep.0",
        "blocks.deep.0",
        "rnn",
        "own",
        "cells.0",
        "cells.1",
        "cells.2",
        "head",
    ]
    for steps in (T, 3):  # nothing of the sizes is in the graph
        x, lengths = torch.randn(steps, B, I), torch.tensor([steps, 0, 1, 2, 3])
        reset = torch.rand(steps, B) < 0.3
        assert torch.equal(traced(x, lengths, reset), model(x, lengths, reset))


def test_hooks_of_a_leaf_run_once_when_the_graph_runs() -> None:
    model = nn.Sequential(gw.nn.GRU(I, H))
    calls: list[str] = []
    model[0].register_forward_pre_hook(lambda module, args: calls.append("before"))
    model[0].register_forward_hook(lambda module, args, result: (2 * result[0], result[1]))
    traced = torch.fx.symbolic_trace(model)
    assert not calls
    x = torch.randn(T, B, I)
    assert torch.equal(traced(x)[0], model(x)[0]) and calls == ["before", "before"]


# --- what has no form of ours -----------------------------------------------------------------------

MODULES: dict[str, Callable[[], nn.Module]] = {
    "LSTM": lambda: gw.nn.LSTM(I, H),
    "Recurrent": lambda: gw.nn.Recurrent("mgu", I, H),
    "eager": lambda: gw.nn.GRU(I, H, backend="eager"),
    "LSTMCell": lambda: gw.nn.LSTMCell(I, H),
    "swapped": lambda: gw.swap(nn.LSTM(I, H)).model,
}


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("name", MODULES)
@pytest.mark.filterwarnings("ignore")
def test_onnx_and_torchscript_name_the_way_out(name: str, nested: bool) -> None:
    module = MODULES[name]().eval()
    x = torch.randn(B, I) if name == "LSTMCell" else torch.randn(T, B, I)
    model = nn.Sequential(module) if nested else module
    with pytest.raises(
        gw.GatewiseError, match=r"torch\.onnx\.export cannot .*\n  Fix: .*to_torch\(\)"
    ):
        torch.onnx.export(model, (x,), io.BytesIO(), dynamo=False)
    assert not torch.onnx.is_in_onnx_export()
    with pytest.raises(
        gw.GatewiseError, match=r"torch\.jit\.script cannot .*\n  Fix: .*to_torch\(\)"
    ):
        torch.jit.script(model)
    assert next(model.modules()) is model and type(module).__module__.startswith("gatewise")


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(importlib.util.find_spec("onnxscript") is None, reason="needs onnxscript")
def test_the_exporter_that_is_the_default_names_it_too(nested: bool) -> None:
    module = gw.nn.LSTM(I, H).eval()
    with pytest.raises(torch.onnx.OnnxExporterError, match=r"to_torch\(\)"):
        torch.onnx.export(nn.Sequential(module) if nested else module, (torch.randn(T, B, I),))


@pytest.mark.parametrize("strict", [False, True])
def test_what_the_default_exporter_calls_says_it(
    strict: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is ``torch.export`` under a flag; its own library need not be there."""
    module, x = gw.nn.LSTM(I, H).eval(), torch.randn(T, B, I)
    monkeypatch.setattr("torch.onnx._internal.exporter._flags._is_onnx_exporting", True)
    with pytest.raises(Exception, match=r"(?s)torch\.onnx\.export cannot take .*to_torch\(\)"):
        torch.export.export(module, (x,), strict=strict)
    torch._dynamo.reset()


@pytest.mark.filterwarnings("ignore")
def test_what_to_torch_gives_exports() -> None:
    x = torch.randn(T, B, I)
    for module, sample in ((gw.nn.LSTM(I, H), x), (gw.nn.GRUCell(I, H), x[0])):
        theirs = module.to_torch().eval()
        torch.onnx.export(theirs, (sample,), io.BytesIO(), dynamo=False)
        script = torch.jit.script(nn.Sequential(theirs))
        ours = module.eval()(sample)
        same = script(sample)
        assert_close(same[0], ours[0], "float32", "forward")


@pytest.mark.parametrize("make", [gw.nn.LSTMCell, gw.nn.GRUCell, gw.nn.RNNCell])
@pytest.mark.parametrize("bias", [True, False])
def test_cells_become_those_of_pytorch(make: Any, bias: bool) -> None:
    cell, x = make(I, H, bias=bias, dtype=torch.float64), torch.randn(B, I, dtype=torch.float64)
    theirs = cell.to_torch()
    assert type(theirs) is getattr(nn, make.__name__)
    expected, got = theirs(x), cell(x)
    if make is gw.nn.LSTMCell:
        expected, got = torch.cat(expected), torch.cat(got)
    assert_close(got, expected, "float64", "forward")
    with pytest.raises(gw.GatewiseError, match="PyTorch has no zoneout"):
        make(I, H, zoneout=0.1).to_torch()


# --- the profiler -----------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore")
def test_the_profiler_shows_our_kernels() -> None:
    lstm, own = gw.nn.LSTM(I, H), gw.nn.Recurrent("mgu", I, H, 2)
    cell = gw.nn.GRUCell(I, H, backend="llvm")  # PyTorch's would run so small a step
    both, x = gw.nn.LSTM(I, H, bidirectional=True), torch.randn(T, B, I)

    def counts(run: Callable[[], object]) -> dict[str, int]:
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
            run()
        return {e.key: e.count for e in profile.key_averages() if e.key.startswith("gatewise::")}

    with torch.inference_mode():
        assert counts(lambda: (lstm(x), own(x), cell(x[0]))) == {
            "gatewise::lstm": 1,
            "gatewise::mgu": 2,
            "gatewise::gru": 1,
        }
        assert counts(lambda: lstm(x, lengths=[T] * B)) == {"gatewise::lstm": 1}
        assert counts(lambda: both(x)) == {"gatewise::lstm + gatewise::lstm": 1}
    assert counts(lambda: lstm(x)[0].sum().backward()) == {
        "gatewise::lstm": 1,
        "gatewise::d.lstm": 1,
    }


# --- per-sample gradients ---------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["LSTM", "GRU", "RNN"])
def test_gradients_of_each_sample(name: str, dtype: str) -> None:
    torch.manual_seed(0)
    number = getattr(torch, dtype)
    module = getattr(gw.nn, name)(I, H, batch_first=True, dtype=number)
    x = torch.randn(B, T, I, dtype=number)
    expected: dict[str, list[Tensor]] = {}
    for sample in x:
        module.zero_grad()
        module(sample[None])[0].sin().sum().backward()
        for key, p in module.named_parameters():
            assert p.grad is not None
            expected.setdefault(key, []).append(p.grad.clone())
    module.zero_grad()
    enabled = torch.backends.mkldnn.enabled
    call_for_per_sample_grads(module)(x)[0].sin().sum().backward()
    for key, p in module.named_parameters():
        assert_close(p.grad_sample, torch.stack(expected[key]), dtype, "gradient")
    assert torch.backends.mkldnn.enabled == enabled


# --- the counter of operations ----------------------------------------------------------------------


def counted(run: Callable[[], Any]) -> tuple[int, int]:
    """Forward, backward."""
    with FlopCounterMode(display=False) as counter:
        run()
    by_op = {str(op): n for op, n in counter.get_flop_counts()["Global"].items()}
    assert set(by_op) <= {"gatewise.layer", "gatewise.layer_backward"}
    return by_op.get("gatewise.layer", 0), by_op.get("gatewise.layer_backward", 0)


def test_operations_of_an_lstm_are_counted_by_hand() -> None:
    module, x = gw.nn.LSTM(I, H), torch.randn(T, B, I)
    read, recurrent = 2 * T * B * 4 * H * I, 2 * T * B * 4 * H * H
    for mode in (torch.no_grad, torch.inference_mode):
        with mode():
            assert counted(lambda: module(x)) == (read + recurrent, 0)
            step = 2 * B * 4 * H * (I + H)
            cell = gw.nn.LSTMCell(I, H, backend="llvm")
            assert counted(lambda cell=cell: cell(x[0])) == (step, 0)
            visited = 2 * (T + 3) * 4 * H * (I + H)
            assert counted(lambda: module(x, lengths=[T, 0, 2, 1, 0])) == (visited, 0)
    backward = read + 2 * recurrent  # nobody wants the gradient of x
    assert counted(lambda: module(x)[0].sum().backward()) == (read + recurrent, backward)
    wanted = x.clone().requires_grad_()
    assert counted(lambda: module(wanted)[0].sum().backward())[1] == 2 * (read + recurrent)
    two = gw.nn.GRU(I, H, 2, bidirectional=True)
    with torch.no_grad():
        hand = 2 * T * B * 3 * H * 2 * ((I + H) + (2 * H + H))
        assert counted(lambda: two(x)) == (hand, 0)


def test_operations_of_any_cell_are_those_of_its_plain_operations() -> None:
    """In the forward pass; block-diagonal matrices, static inputs and several phases among them."""

    @gw.cell(static="s", blocks={"R": 2})
    def cell(x, s, /, h, *, W, S, R, b):
        k = tanh(R.k @ h + S.k @ s + b.k)
        return tanh(W.h @ [x, h] + R.h @ (k * h) + S.h @ s)

    module = gw.nn.Recurrent(cell, (I, 3), H)
    inputs = torch.randn(T, B, I), torch.randn(B, 3)
    hand = 2 * T * B * (2 * H * H // 2 + H * (I + H)) + 2 * B * 2 * H * 3
    with torch.no_grad():
        assert counted(lambda: module(inputs)) == (hand, 0)


@pytest.mark.parametrize("name", ["lstm", "gru", "mgu", "mut1", "ealstm", "multiplicative_lstm"])
def test_pytorch_counts_the_same_products_of_the_eager_backend(name: str) -> None:
    sizes: Any = (I, 3) if name == "ealstm" else I
    x: Any = torch.randn(T, B, I)
    x = (x, torch.randn(B, 3)) if name == "ealstm" else x
    totals = []
    for backend in ("llvm", "eager"):
        module = gw.nn.Recurrent(name, sizes, H, backend=backend)
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            module(x)
        totals.append(counter.get_total_flops())
    assert totals[0] == totals[1] > 0


def test_sizes_without_values_are_counted_too() -> None:
    module = gw.nn.LSTM(I, H)
    with torch._subclasses.FakeTensorMode(allow_non_fake_inputs=True) as mode:
        x = mode.from_tensor(torch.randn(T, B, I))
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            module(x)
    assert counter.get_total_flops() == 2 * T * B * 4 * H * (I + H)


# --- tools that ask for a class ------------------------------------------------------------------


def test_initialisers_that_ask_for_the_class() -> None:
    seen: list[str] = []

    def init(module: nn.Module) -> None:
        if isinstance(module, (nn.LSTM, gw.nn.LSTM)):
            seen.append(type(module).__module__)
            nn.init.zeros_(module.weight_hh_l0)

    model = nn.Sequential(nn.LSTM(I, H), gw.nn.LSTM(I, H)).apply(init)
    assert len(seen) == 2 and not any(m.weight_hh_l0.any() for m in model)
