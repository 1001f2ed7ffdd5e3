"""The compiled layer as an operator of torch: checked by torch itself, one node, dynamic sizes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import gatewise as gw
from gatewise.nn.compiled.prepared_call import MAX_COPIES, cache_of
from gatewise.nn.execution import stack
from gatewise.nn.modules import base
from gatewise.nn.plan.layer_call import LayerCall
from tests.backends.llvm.helpers import packing
from tests.tolerances import assert_close

I, H, T, B = 3, 4, 3, 2
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


def recorded_calls(module: nn.Module, *args: Any, **keywords: Any) -> list[LayerCall]:
    """What ``run_layers`` is called with; no call is so plain that it goes past it."""
    calls: list[LayerCall] = []
    real = stack.run_layers

    def spy(layers: list[LayerCall], backend: str) -> Any:
        calls.extend(layers)
        return real(layers, backend)

    plain = base.run_plain
    stack.run_layers = spy
    base.run_plain = lambda *a: None  # type: ignore[assignment]
    try:
        module(*args, **keywords)
    finally:
        stack.run_layers = real
        base.run_plain = plain  # type: ignore[assignment]
    return calls


CASES: dict[str, Any] = {
    "LSTM": (lambda: gw.nn.LSTM(I, H), {}),
    "reverse, lengths": (lambda: gw.nn.GRU(I, H, bidirectional=True), {"lengths": [1, 3]}),
    "resets, records": (
        lambda: gw.nn.Recurrent("slstm", I, H),
        {"reset": torch.tensor([[0, 1]] * T).bool(), "record": ("i", "n")},
    ),
    "masks": (lambda: gw.nn.RNN(I, H, zoneout=0.3), {}),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("training", [True, False])
def test_opcheck(name: str, training: bool) -> None:
    make, keywords = CASES[name]
    torch.manual_seed(0)
    module = make().double()
    x = torch.randn(T, B, I, dtype=torch.float64, requires_grad=training)
    layer = recorded_calls(module, x, **keywords)[-1]

    def leaf(t: Tensor) -> Tensor:
        return t.detach().clone().requires_grad_(training)

    masks = len(layer.inputs) - 1
    inputs = [leaf(layer.inputs[0]), *(t.detach() for t in layer.inputs[1 : 1 + masks])]
    args = (
        layer.key,
        list(layer.sizes),
        inputs,
        [leaf(p) for p in layer.params],
        [leaf(s) for s in layer.states],
        [leaf(r) for r in layer.restart],
        layer.lengths,
        layer.reset,
        layer.reverse,
        ",".join(n for n in layer.record if n != "h"),
        training,
    )
    torch.library.opcheck(torch.ops.gatewise.layer.default, args)


def nodes(graph: torch.fx.Graph) -> int:
    layer = torch.ops.gatewise.layer
    return sum(n.target in (layer, layer.default) for n in graph.nodes)


def test_compiling_keeps_one_node_for_a_layer_and_direction() -> None:
    module = gw.nn.LSTM(I, H, 3, bidirectional=True, dropout=0.1)
    graphs: list[torch.fx.GraphModule] = []

    def backend(graph: torch.fx.GraphModule, example: Any) -> Any:
        graphs.append(graph)
        return graph.forward

    compiled = torch.compile(module, backend=backend, fullgraph=True, dynamic=True)
    for steps, batch in ((5, 2), (9, 4), (100, 3)):  # other sizes, the same graph
        x = torch.randn(steps, batch, I)
        torch.manual_seed(1)
        expected = module(x)[0]
        torch.manual_seed(1)
        assert_close(compiled(x)[0], expected, "float32", "forward")
    assert len(graphs) == 1 and nodes(graphs[0].graph) == 6


def test_gradients_through_a_compiled_model() -> None:
    module = gw.nn.GRU(I, H, 2, dtype=torch.float64)
    compiled = torch.compile(module, backend="aot_eager", fullgraph=True, dynamic=True)
    for steps in (4, 7):
        seen = []
        for run in (compiled, module):
            x = torch.randn(
                steps, B, I, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
            )
            x.requires_grad_()
            module.zero_grad()
            run(x, lengths=torch.tensor([2, 4]), reset=torch.ones(steps, B).bool())[
                0
            ].sin().sum().backward()
            seen.append([x.grad, *(p.grad for p in module.parameters())])
        for a, b in zip(*seen, strict=True):
            assert_close(a, b, "float64", "gradient")


def test_exports_with_dynamic_batch_and_time() -> None:
    module = gw.nn.Recurrent("peephole_lstm", I, H, 2, bidirectional=True).eval()
    batch, time = torch.export.Dim("batch", min=1, max=64), torch.export.Dim("time", min=2, max=512)
    exported = torch.export.export(
        module, (torch.randn(4, 3, I),), dynamic_shapes=({0: time, 1: batch},)
    )
    assert nodes(exported.graph) == 4
    for steps, count in ((2, 1), (33, 7)):
        x = torch.randn(steps, count, I)
        assert_close(exported.module()(x)[0], module(x)[0], "float32", "forward")


def test_results_do_not_depend_on_the_number_of_threads() -> None:
    torch.manual_seed(0)
    module = gw.nn.LSTM(32, 64, 2, bidirectional=True)
    x = torch.randn(30, 37, 32)
    seen = []
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        module.zero_grad()
        output = module(x)[0]
        output.sin().sum().backward()
        seen.append([output.detach(), *(p.grad.clone() for p in module.parameters())])
    for other in seen[1:]:
        assert all(map(torch.equal, other, seen[0]))


def test_llvm_asked_for_where_it_cannot_serve_fails_aloud() -> None:
    low = gw.nn.LSTM(I, H, backend="llvm", dtype=torch.bfloat16)
    with pytest.raises(gw.GatewiseError, match="on a CPU, not on meta"):
        low.to("meta")(torch.randn(T, B, I, dtype=torch.bfloat16, device="meta"))
    wide = gw.nn.LSTM(I, H, backend="llvm")
    with pytest.raises(gw.GatewiseError, match=r"torch\.func"):
        torch.func.vmap(lambda x: wide(x)[0])(torch.randn(2, T, B, I))
    assert "llvm" in gw.nn.GRU(I, H).explain()
    low = gw.nn.GRU(I, H, dtype=torch.bfloat16)
    assert low.explain() == "gru on cpu: llvm (compiled for this processor, in float32 inside)"


@pytest.mark.parametrize("training", [True, False])
def test_whatever_the_default_device_is(training: bool) -> None:
    """Tensors are made where the input lies, not where torch makes new ones."""
    module, x = gw.nn.LSTM(I, H), torch.randn(T, B, I)
    expected = module(x)[0]
    with torch.device("meta"), torch.set_grad_enabled(training):
        output, _ = module(x)
        assert torch.equal(output, expected)
        if training:
            output.backward(torch.ones(T, B, H, device="cpu"))


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
def test_a_trace_holds_the_layer() -> None:
    module = gw.nn.LSTM(I, H).eval()
    with torch.no_grad():
        traced = torch.jit.trace(module, torch.randn(T, B, I))
        x = torch.randn(T, B, I)
        assert torch.equal(traced(x)[0], module(x)[0])


@pytest.mark.parametrize("cell", ["lstm", "sru"])
def test_directions_at_the_same_time(cell: str) -> None:
    """One sequence, two directions: each gets a thread of its own in inference; the bits are the same."""
    torch.manual_seed(0)
    module = gw.nn.Recurrent(cell, 16, 48, 2, bidirectional=True)
    x = torch.randn(200, 1, 16)
    seen = []
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        with torch.inference_mode():
            output, states = module(x)
        seen.append([output, *states])
    for other in seen[1:]:
        assert all(map(torch.equal, other, seen[0]))
    assert_close(
        module(x)[0], seen[0][0], "float32", "forward"
    )  # with gradients: one after the other


def test_sequences_of_many_lengths_share_packed_weights() -> None:
    """A frame holds a copy of the weights: there is one for all shapes, and it sees changes."""
    module, theirs = gw.nn.LSTM(I, H), nn.LSTM(I, H)
    for round in range(2):
        theirs.load_state_dict(module.state_dict())
        with torch.inference_mode():
            for steps in (1, 2, 5, 9, 5, 1):
                x = torch.randn(steps, B, I)
                assert_close(module(x)[0], theirs(x)[0], "float32", "forward")
        assert [len(waiting) for waiting in cache_of(module.plan).frames.values()] == [1]
        module.weight_hh_l0.data.mul_(0.5 + round)


def test_copies_of_a_module_keep_their_own_packed_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network and its slowly following copy, as in reinforcement learning, called in turn."""
    packed = packing(monkeypatch)
    online = gw.nn.LSTM(I, H)
    copies = [copy.deepcopy(online) for _ in range(6)]
    with torch.no_grad():
        for scale, module in enumerate(copies):
            for p in module.parameters():
                p.mul_(scale)
    references = [nn.LSTM(I, H) for _ in copies]
    for reference, module in zip(references, copies, strict=True):
        reference.load_state_dict(module.state_dict())
    x = torch.randn(T, B, I)
    with torch.inference_mode():
        for _ in range(3):
            for module in copies[:2]:
                module(x)
        assert len(packed) == 2
        for reference, module in zip(references, copies, strict=True):  # more than are kept
            assert_close(module(x)[0], reference(x)[0], "float32", "forward")
    assert [len(waiting) for waiting in cache_of(online.plan).frames.values()] == [MAX_COPIES]
