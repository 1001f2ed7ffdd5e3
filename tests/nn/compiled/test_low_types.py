"""bfloat16 and float16 on a CPU: the compiled kernels, float32 inside, the low type at the edges.

Each is compared with the float32 module of the same rounded weights on the same rounded inputs, so what
differs is the one rounding of the results.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

import gatewise as gw
from gatewise.compile import llvm_runtime
from gatewise.nn.compiled import low_types
from tests.tolerances import assert_close

I, H, T, B = 2, 5, 6, 3
LOW = [torch.bfloat16, torch.float16]
Tensors = list[Tensor]


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def pair(module: nn.Module, dtype: torch.dtype) -> tuple[Any, Any]:
    """A module in a low type, and one in float32 with the same values."""
    low = module.to(dtype)
    return low, copy.deepcopy(low).float()


def leaves(result: Any) -> Tensors:
    tensors = torch.utils._pytree.tree_leaves(result)
    return [t for t in tensors if isinstance(t, Tensor) and t.is_floating_point()]


def both_ways(module: Any, call: Any, tensors: Tensors) -> tuple[Tensors, Tensors]:
    """Results, and gradients of what is given and of the parameters."""
    tensors = [t.detach().requires_grad_() for t in tensors]
    results = leaves(call(module, *tensors))
    loss = torch.zeros(())
    for k, t in enumerate(results):
        loss = loss + (t.float() * drawn(*t.shape, seed=k + 1).to(torch.bfloat16).float()).sum()
    grads = torch.autograd.grad(loss, [*tensors, *module.parameters()], allow_unused=True)
    return results, [g for g in grads if g is not None]


def check(low: Any, wide: Any, call: Any, tensors: Tensors, dtype: torch.dtype) -> None:
    """Both ways, a call without gradients, and all types."""
    tensors = [t.to(dtype) for t in tensors]
    results, grads = both_ways(low, call, tensors)
    wanted, wanted_grads = both_ways(wide, call, [t.float() for t in tensors])
    assert {t.dtype for t in (*results, *grads)} == {dtype}
    assert len(results) == len(wanted) and len(grads) == len(wanted_grads)
    rounds = llvm_runtime().has_tiles and dtype == torch.bfloat16
    for quantity, mine, theirs in (("forward", results, wanted), ("gradient", grads, wanted_grads)):
        for got, want in zip(mine, theirs, strict=True):
            assert_close(got, want, dtype, quantity if rounds else "rounded")
    rounds = llvm_runtime().has_pairs and dtype == torch.bfloat16
    with torch.inference_mode():
        for _ in range(2):
            for got, want in zip(leaves(call(low, *tensors)), wanted, strict=True):
                assert got.dtype == dtype
                assert_close(got, want, dtype, "forward" if rounds else "rounded")


@pytest.mark.parametrize("name", gw.cells.names())
def test_every_cell(name: str) -> None:
    program = gw.cells.get(name).program
    extra = {k: {"S": 2, "P": 3}[k] for k in program.sizes if k not in "IH"}
    widths = [i.size.evaluate({"I": I, "H": H, **extra}) for i in program.inputs]
    free = {k: v for k, v in extra.items() if k != "S"}
    tensors = [
        drawn(*((T, B) if item.per == "step" else (B,)), units, seed=9)
        for item, units in zip(program.inputs, widths, strict=True)
    ]
    # the matrix of a long window is close to 1, which a low type rounds
    cell = gw.cells.lmu(theta=5.0) if name == "lmu" else name
    for dtype in LOW:
        torch.manual_seed(0)
        module = gw.nn.Recurrent(
            cell,
            tuple(widths) if len(widths) > 1 else widths[0],
            H,
            backend="llvm",
            **({"sizes": free} if free else {}),
        )
        low, wide = pair(module, dtype)
        check(low, wide, lambda m, *x: m(x if len(x) > 1 else x[0]), tensors, dtype)


CALLS: dict[str, Any] = {
    "plain": lambda m, x, *hx: m(x),
    "unbatched": lambda m, x, *hx: m(x[:, 0]),
    "states": lambda m, x, *hx: m(x, hx if m.mode == "LSTM" else hx[0]),
    "lengths": lambda m, x, *hx: m(x, lengths=[4, 0, T]),
    "reset": lambda m, x, *hx: m(x, reset=drawn(T, B) > 0.5),
    "record": lambda m, x, *hx: m(x, record=m.plan.cell.program.states[0].name),
    "packed": lambda m, x, *hx: m(pack_padded_sequence(x, [3, T, 2], enforce_sorted=False)),
}


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("call", CALLS)
def test_calls_of_the_drop_ins(kind: str, call: str) -> None:
    for dtype in LOW:
        torch.manual_seed(0)
        low, wide = pair(getattr(gw.nn, kind)(I, H, 2, bidirectional=True), dtype)
        check(low, wide, CALLS[call], [drawn(T, B, I), drawn(4, B, H), drawn(4, B, H)], dtype)


EXTRAS: dict[str, dict[str, Any]] = {
    "checkpoints": {"memory": 2},
    "cut": {"detach_every": 3},
    "learned": {"learned_initial_state": True},
    "highway": {"num_layers": 2, "bidirectional": True, "highway": True},
    "norm": {"layer_norm": True},
    "batch first": {"batch_first": True},
}


@pytest.mark.parametrize("extra", EXTRAS)
def test_extras(extra: str) -> None:
    for dtype in LOW:
        torch.manual_seed(0)
        low, wide = pair(gw.nn.LSTM(I, 2 * I, **EXTRAS[extra]), dtype)
        check(low, wide, lambda m, x: m(x), [drawn(T, B, I)], dtype)


def test_context() -> None:
    torch.manual_seed(0)
    for dtype in LOW:
        low, wide = pair(gw.nn.Recurrent("lstm", I + 4, H), dtype)
        tensors = [drawn(T, B, I), drawn(B, 4)]
        check(low, wide, lambda m, x, c: m(x, context=c), tensors, dtype)


@pytest.mark.parametrize("kind", ["LSTMCell", "GRUCell", "RNNCell"])
@pytest.mark.parametrize("states", [False, True])
def test_one_step(kind: str, states: bool) -> None:
    for dtype in LOW:
        torch.manual_seed(0)
        low, wide = pair(getattr(gw.nn, kind)(I, H, backend="llvm"), dtype)

        def call(m: Any, x: Tensor, *hx: Tensor) -> Any:
            return m(x, (hx if kind == "LSTMCell" else hx[0]) if states else None)

        check(low, wide, call, [drawn(B, I), drawn(B, H), drawn(B, H)], dtype)


@pytest.mark.parametrize("dtype", LOW)
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN", "LSTMCell", "GRUCell"])
def test_under_autocast(kind: str, dtype: torch.dtype) -> None:
    """Parameters stay float32, and so do their gradients; nothing is rounded but the results (and,
    where the processor has a unit for tiles, what enters a product in bfloat16)."""
    torch.manual_seed(0)
    module = getattr(gw.nn, kind)(I, H)
    one = kind.endswith("Cell")
    x = drawn(B, I) if one else drawn(T, B, I)
    lead = () if one else (1,)
    start: Any = drawn(*lead, B, H), drawn(*lead, B, H)
    start = start if kind.startswith("LSTM") else start[0]
    result = torch.float32 if kind == "GRU" else dtype

    def cast(m: Any, *arguments: Any) -> Any:
        with torch.autocast("cpu", dtype=dtype):
            return m(*arguments)

    for arguments in ((x,), (x, start)):
        results, grads = both_ways(module, lambda m, x, rest=arguments[1:]: cast(m, x, *rest), [x])
        wanted, wanted_grads = both_ways(module, lambda m, x, rest=arguments[1:]: m(x, *rest), [x])
        assert all(t.dtype == result for t in results)
        assert all(g.dtype == torch.float32 for g in grads)
        tiles = llvm_runtime().has_tiles and dtype == torch.bfloat16
        for got, want in zip(results, wanted, strict=True):
            assert_close(got, want, dtype, "forward" if tiles else "rounded")
        for got, want in zip(grads, wanted_grads, strict=True):
            assert_close(got, want, dtype if tiles else "float32", "gradient")
        with torch.inference_mode():
            for got, want in zip(leaves(cast(module, *arguments)), wanted, strict=True):
                assert got.dtype == result
                assert_close(got, want, dtype, "forward")
        low = cast(module, *[g.to(dtype) if isinstance(g, Tensor) else g for g in arguments])
        assert all(t.dtype == dtype for t in leaves(low))


def test_what_autocast_does_not_cast_is_refused() -> None:
    """Of float64 it casts nothing; kernels would read the one type as the other."""
    module, cell, x = gw.nn.LSTM(I, H), gw.nn.GRUCell(I, H), drawn(T, B, I)
    wide, start = gw.nn.LSTM(I, H).double(), (drawn(1, B, H).double(),) * 2
    calls: list[Any] = [
        partial(module, x.double()),
        partial(module, x, start),
        partial(module, x.long()),
        partial(wide, x),
        partial(wide, x.double(), (drawn(1, B, H),) * 2),
        partial(cell, x[0].double()),
        partial(cell, x[0], drawn(B, H).double()),
    ]
    for grad in (False, True):
        with torch.set_grad_enabled(grad), torch.autocast("cpu", dtype=torch.bfloat16):
            for call in calls:
                with pytest.raises(gw.nn.CallError, match=r"dtype|float64"):
                    call()
            assert wide(x.double())[0].dtype == torch.float64


@pytest.mark.parametrize("watched", [False, True])
def test_float16_overflows_to_infinity(watched: bool) -> None:
    theirs = nn.RNN(1, 1, nonlinearity="relu")
    with torch.no_grad():
        for p, value in zip(theirs.parameters(), (1.0, 2.0, 0.0, 0.0), strict=True):
            p.fill_(value)
    ours = gw.nn.RNN(1, 1, nonlinearity="relu")
    ours.load_state_dict(theirs.state_dict())
    x = torch.ones(20, 1, 1, dtype=torch.float16)
    with torch.set_grad_enabled(watched):
        expected, output = theirs.half()(x)[0], ours.half()(x)[0]
    assert torch.isinf(expected).any()
    assert torch.equal(output.isinf(), expected.isinf())


@pytest.mark.parametrize("hidden", [4, 5])  # an odd number of values has no fingerprint
def test_weights_may_change_in_any_way(hidden: int) -> None:
    low = gw.nn.GRU(1, hidden, bias=hidden == 4).bfloat16()
    x = drawn(T, B, 1).bfloat16()

    def fresh() -> Tensor:
        return copy.deepcopy(low).float()(x.float())[0].detach().bfloat16()

    def run() -> Tensor:
        output: Tensor = low(x)[0]
        return output

    with torch.inference_mode():
        run()
    with torch.no_grad():
        tolerance = ("bfloat16", "forward" if llvm_runtime().has_pairs else "rounded")
        assert_close(run(), fresh(), *tolerance)
        for change in (
            lambda: low.weight_hh_l0.data.mul_(-3),
            lambda: low.weight_ih_l0.view(torch.int16).numpy().__setitem__((0, 0), 0x4040),
            lambda: setattr(low.weight_hh_l0, "data", low.weight_hh_l0.data.clone() / 2),
        ):
            before = run()
            change()
            assert not torch.equal(run(), before)
            assert_close(run(), fresh(), *tolerance)


def test_networks_side_by_side() -> None:
    one, other = gw.nn.LSTM(I, H).bfloat16(), gw.nn.GRU(I, 2 * H).half()
    x, y = drawn(T, 1, I).bfloat16(), drawn(T, 2, I).half()
    for grad in (False, True):
        with torch.set_grad_enabled(grad):
            calls = [partial(one, x), partial(other, y, lengths=[3, 4])]
            expected = leaves([call() for call in calls])
            assert all(map(torch.equal, leaves(gw.nn.side_by_side(*calls)), expected))


def test_tools_of_torch() -> None:
    """A compiler, a gradient of a gradient, transforms of functions."""
    torch._dynamo.reset()
    module, x = gw.nn.LSTM(I, H).bfloat16(), drawn(T, B, I).bfloat16()
    compiled = torch.compile(lambda x: module(x)[0], fullgraph=True, backend="aot_eager")
    assert torch.equal(compiled(x), module(x)[0])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch._dynamo.reset()
        wide = gw.nn.LSTM(I, H)
        again = torch.compile(lambda x: wide(x)[0], fullgraph=True, backend="aot_eager")
        assert torch.equal(again(x.float()), wide(x.float())[0])
    torch._dynamo.reset()
    exported = torch.export.export(module, (x,))
    assert torch.equal(exported.module()(x)[0], module(x)[0])
    y = x.clone().requires_grad_()
    (first,) = torch.autograd.grad(module(y)[0].float().square().sum(), y, create_graph=True)
    (second,) = torch.autograd.grad(first.float().sum(), y)
    assert second.dtype == torch.bfloat16 and second.any()
    batch = torch.func.vmap(lambda x: module(x)[0], in_dims=1, out_dims=1)(x.unsqueeze(2))
    assert batch.dtype == torch.bfloat16
    assert_close(batch[:, :, 0], module(x)[0], "bfloat16", "forward")


def test_dot_products_of_pairs_where_there_are_some(monkeypatch: pytest.MonkeyPatch) -> None:
    """In inference in bfloat16: matrices and the vectors they are applied to are rounded."""
    pairs_only = replace(llvm_runtime(), has_pairs=True, has_tiles=False)
    monkeypatch.setattr(low_types, "llvm_runtime", lambda: pairs_only)
    torch.manual_seed(0)
    low, wide = pair(gw.nn.LSTM(I, H), torch.bfloat16)
    x = drawn(T, B, I).bfloat16()
    trained = low(x)[0]
    assert_close(trained, wide(x.float())[0], "bfloat16", "rounded")
    wide.weights = "bfloat16"
    with torch.no_grad():
        expected = wide(x.float())[0].bfloat16()
        assert torch.equal(low(x)[0], expected)
        assert torch.equal(low(x, lengths=[T] * B)[0], expected)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            wide.weights = None
            assert torch.equal(wide(x.float())[0], expected)
    assert not torch.equal(trained, expected)


def test_what_runs_where() -> None:
    low = gw.nn.LSTM(I, H).half()
    assert low.explain() == "lstm on cpu: llvm (compiled for this processor, in float32 inside)"
    assert "plain torch operations" in low.explain("mps")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert "in float32 inside" in gw.nn.GRU(I, H).explain()
        assert (
            gw.nn.GRU(I, H).double().explain() == "gru on cpu: llvm (compiled for this processor)"
        )


@pytest.mark.parametrize("kind", ["LSTMCell", "GRUCell", "RNNCell", "GRU"])
def test_a_step_of_few_rows_with_gradients_is_pytorchs(kind: str) -> None:
    for dtype in LOW:
        torch.manual_seed(0)
        ours = getattr(gw.nn, kind)(I, H).to(dtype)
        theirs = getattr(nn, kind)(I, H).to(dtype)
        theirs.load_state_dict(ours.state_dict())
        for rows, same in ((8, True), (9, False)):
            x = drawn(*((rows, I) if kind.endswith("Cell") else (1, rows, I))).to(dtype)
            got, want = leaves(ours(x)), leaves(theirs(x))
            assert [t.grad_fn.name() for t in got] == [t.grad_fn.name() for t in want] or not same
            for one, other in zip(got, want, strict=True):
                assert_close(one, other, dtype, "forward")


def test_one_step_of_few_rows_and_large_weights_with_gradients() -> None:
    """There reading and writing 32 bits would take longer than plain operations."""
    large, x = gw.nn.LSTM(512, 400).bfloat16(), drawn(1, 2, 512).bfloat16()
    named = gw.nn.LSTM(512, 400, backend="llvm").bfloat16()
    named.load_state_dict(large.state_dict())
    plain, compiled = large(x)[0], named(x)[0]
    assert type(plain.grad_fn).__name__ != type(compiled.grad_fn).__name__
    assert_close(plain, compiled, "bfloat16", "forward")
    longer = drawn(2, 2, 512).bfloat16()
    assert torch.equal(large(longer)[0], named(longer)[0])
    one, other = gw.nn.side_by_side(partial(large, x), partial(large, longer))
    assert torch.equal(one[0], plain) and torch.equal(other[0], large(longer)[0])
    large.requires_grad_(False)
    assert torch.equal(large(x)[0], compiled)
