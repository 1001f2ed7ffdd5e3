"""Every extra against a plain loop over rows and steps: values and gradients, alone and combined."""

from __future__ import annotations

import weakref
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

import gatewise as gw
from gatewise.compile import llvm_runtime
from gatewise.nn.compiled import kernels
from tests.nn.reference import Settings, network
from tests.tolerances import assert_close

I, H, T, B = 3, 4, 7, 3
LENGTHS = [4, 7, 0]
SEED = 11


def inputs() -> tuple[Tensor, Tensor]:
    """A batch, and a reset mask with boundaries at its start, inside, and in the padding."""
    g = torch.Generator().manual_seed(5)
    x = torch.randn(T, B, I, dtype=torch.float64, generator=g)
    reset = torch.zeros(T, B, dtype=torch.bool)
    reset[0, 1] = reset[2, 0] = reset[3, 1] = reset[4, 0] = reset[6, 1] = True
    return x, reset


def loss_of(output: Tensor, states: Any, recorded: list[Tensor]) -> Tensor:
    g = torch.Generator().manual_seed(6)
    parts = [output, *states, *recorded]
    return sum((t * torch.randn(t.shape, dtype=t.dtype, generator=g)).sum() for t in parts)  # type: ignore[return-value]


def check(
    layers: int = 1,
    with_states: bool = False,
    lengths: bool = False,
    reset: bool = False,
    record: tuple[str, ...] = (),
    training: bool = True,
    backend: str = "auto",
    memory: Any = "all",
    directions: int = 1,
    learned_initial_state: bool = False,
    **settings: Any,
) -> gw.nn.LSTM:
    """One module with these extras against the loop: results and all gradients."""
    x, mask = inputs()
    loop = Settings(
        H,
        directions,
        LENGTHS if lengths else None,
        mask if reset else None,
        training=training,
        **settings,
    )
    torch.manual_seed(1)
    module = gw.nn.LSTM(
        I,
        H,
        layers,
        bidirectional=directions == 2,
        dtype=torch.float64,
        backend=backend,
        memory=memory,
        learned_initial_state=learned_initial_state,
        **settings,
    ).train(training)
    with torch.no_grad():
        for name, p in module.named_parameters():
            if name.startswith(("initial", "highway_bias")):
                p.uniform_(-1, 1)
    hx = None
    if with_states:
        hx = tuple(torch.randn(layers * directions, B, H, dtype=torch.float64) for _ in "hc")
    seen = []
    for run in ("loop", "module"):
        module.zero_grad()
        leaf = x.clone().requires_grad_()
        start = None if hx is None else tuple(s.clone().requires_grad_() for s in hx)
        torch.manual_seed(SEED)
        if run == "loop":
            parameters = dict(module.named_parameters())
            output, states, all_seen = network(loop, parameters, leaf, layers, start)
            recorded = [t for n in record for t in all_seen[n]]
        else:
            result = module(
                leaf,
                start,
                lengths=LENGTHS if lengths else None,
                reset=mask if reset else None,
                record=record,
            )
            output, states = result[:2]
            recorded = [t for n in record for t in result[2][n]] if record else []
        loss_of(output, states, recorded).backward()
        gradients = [
            leaf.grad,
            *(s.grad for s in start or ()),
            *(p.grad for p in module.parameters()),
        ]
        seen.append(
            ([output, *states, *recorded], [g if g is not None else None for g in gradients])
        )
    for a, b in zip(seen[1][0], seen[0][0], strict=True):
        assert_close(a, b, "float64", "forward")
    names = [
        "x",
        *(["h0", "c0"] if with_states else []),
        *(n for n, _ in module.named_parameters()),
    ]
    for name, a, b in zip(names, seen[1][1], seen[0][1], strict=True):
        zero = torch.zeros(1, dtype=torch.float64)
        assert_close(
            zero if a is None else a,
            (zero if a is None else torch.zeros_like(a)) if b is None else b,
            "float64",
            "gradient",
            name=name,
        )
    return module


RECORD = ("i", "f", "z", "o", "h", "c")


@pytest.mark.parametrize("backend", ["eager", "llvm"])
@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("lengths", [False, True])
@pytest.mark.parametrize("reset", [False, True])
def test_sequences(backend: str, directions: int, lengths: bool, reset: bool) -> None:
    for with_states, learned in product((False, True), repeat=2):
        check(
            2,
            with_states,
            lengths,
            reset,
            RECORD,
            backend=backend,
            directions=directions,
            learned_initial_state=learned,
        )


EXTRAS: list[dict[str, Any]] = [
    {"zoneout": {"h": 0.2, "c": 0.4}},
    {"zoneout": {"c": 0.5}},
    {"recurrent_dropout": 0.3},
    {"input_dropout": 0.4},
    {"weight_drop": 0.4},
    {"residual": True},
    {"highway": True},
    {"dropout": 0.5},
    {"detach_every": 3},
    {"memory": 2},
    {"memory": "sqrt"},
    {"memory": 3, "detach_every": 2},
]


@pytest.mark.parametrize("extra", EXTRAS, ids=str)
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("backend", ["eager", "llvm"])
def test_each_extra(extra: dict[str, Any], training: bool, backend: str) -> None:
    check(2, training=training, backend=backend, directions=2, **extra)
    check(2, True, True, True, ("c",), training, backend, directions=2, **extra)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("memory", ["all", 3])
@pytest.mark.parametrize("backend", ["eager", "llvm"])
def test_all_of_them_together(training: bool, memory: Any, backend: str) -> None:
    module = check(
        3,
        False,
        True,
        True,
        RECORD,
        training,
        backend,
        memory,
        2,
        True,
        zoneout={"h": 0.2, "c": 0.4},
        recurrent_dropout=0.3,
        input_dropout=0.2,
        weight_drop=0.2,
        dropout=0.3,
        highway=True,
        detach_every=4,
    )
    assert set(module.plan.extras.changed) >= {"zoneout", "highway", "detach_every"}


def test_packed_input_with_resets_records_packed() -> None:
    """A PackedSequence is the padded batch with lengths, in the caller's order, hx and resets too."""
    x, reset = inputs()
    lengths = torch.tensor([4, 7, 1])
    module = gw.nn.LSTM(I, H, 2, bidirectional=True, dtype=torch.float64)
    hx = tuple(torch.randn(4, B, H, dtype=torch.float64) for _ in "hc")
    padded, states, seen = module(x, hx, lengths=lengths, reset=reset, record="f")
    packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
    output, last, recorded = module(packed, hx, reset=reset, record="f")
    for a, b in (*zip(last, states, strict=True), (_unpacked(output), padded)):
        assert torch.equal(a, b)
    assert torch.equal(_unpacked(recorded["f"][3]), seen["f"][3])


def _unpacked(value: Any) -> Tensor:
    return nn.utils.rnn.pad_packed_sequence(value)[0]


def test_record_of_the_constructor_holds_unless_a_call_says_otherwise() -> None:
    module = gw.nn.GRU(I, H, 2, bidirectional=True, record=("z", "h"))
    x = torch.randn(T, B, I)
    output, _, seen = module(x)
    assert list(seen) == ["z", "h"] and [v.shape for v in seen["z"]] == [(T, B, H)] * 4
    assert torch.equal(torch.cat(seen["h"][2:], -1), output)
    assert len(module(x, record=())) == 2
    assert list(module(x, record="n")[2]) == ["n"]


def test_batch_first_and_unbatched_take_their_masks_alike() -> None:
    x, reset = inputs()
    plain = gw.nn.GRU(I, H, dtype=torch.float64)
    first = gw.nn.GRU(I, H, batch_first=True, dtype=torch.float64)
    first.load_state_dict(plain.state_dict())
    output, state, seen = plain(x, lengths=LENGTHS, reset=reset, record="n")
    turned, state_, seen_ = first(x.transpose(0, 1), lengths=LENGTHS, reset=reset.T, record="n")
    assert torch.equal(turned.transpose(0, 1), output) and torch.equal(state, state_)
    assert torch.equal(seen_["n"][0].transpose(0, 1), seen["n"][0])
    one, state1, seen1 = plain(x[:, 0], lengths=LENGTHS[0], reset=reset[:, 0], record="n")
    assert_close(one, output[:, 0], "float64", "forward")
    assert_close(state1, state[:, 0], "float64", "forward")
    assert_close(seen1["n"][0], seen["n"][0][:, 0], "float64", "forward")


def test_padding_is_never_read() -> None:
    x, reset = inputs()
    module = gw.nn.LSTM(I, H, 2, bidirectional=True, dtype=torch.float64, memory=3)
    clean = module(x, lengths=LENGTHS)[0]
    for b, n in enumerate(LENGTHS):
        x[n:, b] = torch.nan
    dirty = x.requires_grad_()
    output = module(dirty, lengths=LENGTHS, reset=reset & False)[0]
    assert torch.equal(output, clean)
    output.square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in module.parameters())
    assert dirty.grad is not None and not dirty.grad[LENGTHS[0] :, 0].any()


def test_a_rollout_continues_from_a_carried_state() -> None:
    """Two halves with the state carried over are the whole, resets included."""
    x, reset = inputs()
    module = gw.nn.LSTM(I, H, 2, dtype=torch.float64, learned_initial_state=True)
    with torch.no_grad():
        module.initial_c_l0.fill_(0.7)
    whole, last = module(x, reset=reset)
    first, state = module(x[:3], reset=reset[:3])
    second, end = module(x[3:], state, reset=reset[3:])
    assert_close(torch.cat([first, second]), whole, "float64", "forward")
    assert_close(end[1], last[1], "float64", "forward")


@pytest.mark.parametrize("backend", ["eager", "llvm"])
def test_checkpoints_keep_less(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in use between the passes: by torch's own profiler, and of the kernels' memory."""
    lent: list[Any] = []
    runtime = llvm_runtime()
    lend = runtime.lend

    def noted(count: int, dtype: Any) -> Any:
        array = lend(count, dtype)  # what is small is torch's, and in its profile
        lent.append(weakref.ref(array))
        return array

    monkeypatch.setattr(kernels, "llvm_runtime", lambda: replace(runtime, lend=noted))
    kernels._kernels.cache_clear()  # those of other tests lend elsewhere

    def used(memory: Any) -> int:
        lent.clear()
        module = gw.nn.LSTM(16, 16, memory=memory, backend=backend)
        x = torch.randn(64, 8, 16)
        with torch.autograd.profiler.profile(use_kineto=False, profile_memory=True) as seen:
            output, _ = module(x)
        kernels = sum(array().nbytes for array in lent if array() is not None)
        output.sum().backward()
        assert not any(array() is not None for array in lent)  # the backward pass gave it back
        return kernels + sum(event.self_cpu_memory_usage for event in seen.key_averages())

    everything, output = used("all"), 64 * 8 * 16 * 4
    assert everything > 5 * output
    assert used("sqrt") < output + (everything - output) / 4
    assert used(32) < output + (everything - output) / 1.5


@pytest.mark.parametrize("cell", ["LSTM", "GRU"])
def test_layer_norm_and_gal_dropout_are_the_combinators(cell: str) -> None:
    """They are compared with the interpreter in the tests of the cells: here, that they are used."""
    gal = {"rate": 0.25, "form": "gal"}
    module = getattr(gw.nn, cell)(I, H, layer_norm=True, recurrent_dropout=gal, dtype=torch.float64)
    plain = gw.cells.get(cell.lower())
    expected = gw.cells.recurrent_dropout(gw.cells.layer_norm(plain), **gal)
    assert module.cell == expected
    assert {m.per for m in module.plan.masks} == {"sequence"}
    x, _ = inputs()
    torch.manual_seed(0)
    first, second = module(x)[0], module(x)[0]
    assert not torch.equal(first, second)
    assert torch.equal(module.eval()(x)[0], module(x)[0])


# --- random numbers ---------------------------------------------------------------------------------


def test_a_seed_gives_the_same_run_on_any_number_of_threads() -> None:
    module = gw.nn.LSTM(
        I,
        64,
        2,
        bidirectional=True,
        zoneout=0.3,
        recurrent_dropout=0.3,
        input_dropout=0.2,
        weight_drop=0.2,
        dropout=0.4,
    )
    x = torch.randn(50, 40, I)
    runs = []
    for threads in (1, 2, 3, 1):
        torch.set_num_threads(threads)
        torch.manual_seed(3)
        output = module(x)[0]
        runs.append((output, torch.rand(4)))
    for output, after in runs[1:]:
        assert_close(output, runs[0][0], "float32", "forward")
        assert torch.equal(after, runs[0][1])
    assert torch.equal(runs[-1][0], runs[0][0])
    torch.manual_seed(4)
    assert not torch.equal(module(x)[0], runs[0][0])


def test_evaluation_draws_nothing() -> None:
    module = gw.nn.LSTM(
        I, H, 2, zoneout=0.3, input_dropout=0.2, weight_drop=0.2, dropout=0.4
    ).eval()
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    module(torch.randn(T, B, I, generator=torch.Generator().manual_seed(0)))
    assert torch.equal(torch.rand(3), expected)


def test_masks_are_what_their_names_say() -> None:
    """One mask for all steps and both directions; scaled so that the mean stays."""
    torch.manual_seed(0)
    module = gw.nn.RNN(50, 50, bias=False, nonlinearity="relu", input_dropout=0.25)
    with torch.no_grad():
        module.weight_ih_l0.copy_(torch.eye(50))
        module.weight_hh_l0.zero_()
    output, _ = module(torch.ones(20, 30, 50))
    assert torch.equal(output, output[:1].expand_as(output))
    assert output.unique().tolist() == [0.0, pytest.approx(1 / 0.75)]
    assert abs(float(output.detach().mean()) - 1) < 0.05
