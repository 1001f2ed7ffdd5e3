"""The drop-ins against PyTorch's modules: everything that a program using those can see."""

from __future__ import annotations

import copy
import io
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence

import gatewise as gw
from tests.tolerances import assert_close

I, H, T, B = 3, 4, 5, 3
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("LSTM", {}),
    ("LSTM", {"proj_size": 2}),
    ("GRU", {}),
    ("RNN", {}),
    ("RNN", {"nonlinearity": "relu"}),
]
IDS = ["LSTM", "LSTM-proj", "GRU", "RNN-tanh", "RNN-relu"]
pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")


def pair(kind: str, *args: Any, seed: int = 0, **keywords: Any) -> tuple[nn.RNNBase, nn.RNNBase]:
    """PyTorch's module and ours, made under the same seed."""
    keywords.setdefault("dtype", torch.float64)
    modules = []
    for source in (nn, gw.nn):
        torch.manual_seed(seed)
        modules.append(getattr(source, kind)(*args, **keywords))
    return modules[0], modules[1]


def tensors(value: Any) -> list[Tensor]:
    """All tensors of a result, in order."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, PackedSequence):
        return [value.data]
    return [t for part in value for t in tensors(part)]


def hx_of(module: nn.RNNBase, *batch: int, dtype: torch.dtype = torch.float64) -> Any:
    count = module.num_layers * (2 if module.bidirectional else 1)
    h = torch.randn(count, *batch, module.proj_size or module.hidden_size, dtype=dtype)
    if module.mode != "LSTM":
        return h
    return h, torch.randn(count, *batch, module.hidden_size, dtype=dtype)


def leaves(value: Any) -> Any:
    """A copy whose tensors collect gradients."""
    if isinstance(value, Tensor):
        return value.detach().clone().requires_grad_()
    if isinstance(value, PackedSequence):
        return PackedSequence(leaves(value.data), *value[1:])
    return None if value is None else tuple(leaves(v) for v in value)


def compare(theirs: nn.RNNBase, ours: nn.RNNBase, x: Any, hx: Any = None) -> None:
    """Results, and the gradients of inputs, states and parameters."""
    name = str(next(theirs.parameters()).dtype).removeprefix("torch.")
    seen = []
    for module in (theirs, ours):
        module.zero_grad()
        sample, state = leaves(x), leaves(hx)
        torch.manual_seed(7)  # dropout draws the same masks
        result = module(sample, state)
        outputs = tensors(result)
        torch.manual_seed(1)
        sum((t * torch.randn_like(t)).sum() for t in outputs).backward()
        inputs = [t.grad for t in tensors((sample, *([] if state is None else [state])))]
        seen.append((result, outputs, inputs, [p.grad for p in module.parameters()]))
    (result, outputs, inputs, params), (ours_, found_, inputs_, params_) = seen
    assert type(result[0]) is type(ours_[0])
    for a, b in zip(found_, outputs, strict=True):
        assert_close(a, b, name, "forward")
    for a, b in zip((*inputs_, *params_), (*inputs, *params), strict=True):
        assert_close(a, b, name, "gradient")


@pytest.mark.parametrize(("kind", "more"), KINDS, ids=IDS)
def test_initial_values_and_names_are_pytorchs(kind: str, more: dict[str, Any]) -> None:
    for bias, bidirectional in product((True, False), repeat=2):
        keywords = {"num_layers": 2, "bias": bias, "bidirectional": bidirectional, **more}
        theirs, ours = pair(kind, I, H, **keywords, dtype=torch.float32)
        assert list(theirs.state_dict()) == list(ours.state_dict())
        for name, value in theirs.state_dict().items():
            assert torch.equal(value, ours.state_dict()[name]), name
        torch.manual_seed(3)
        theirs.reset_parameters()
        after = torch.rand(3)
        torch.manual_seed(3)
        ours.reset_parameters()
        assert torch.equal(after, torch.rand(3)), "the generator is left elsewhere"
        assert all(map(torch.equal, theirs.parameters(), ours.parameters()))


@pytest.mark.parametrize(("kind", "more"), KINDS, ids=IDS)
@pytest.mark.parametrize("form", ["batch", "batch_first", "unbatched", "sorted", "unsorted"])
@pytest.mark.parametrize("backend", ["eager", "llvm"])
def test_values_and_gradients(kind: str, more: dict[str, Any], form: str, backend: str) -> None:
    for bias, bidirectional, with_states in product((True, False), repeat=3):
        keywords = {"num_layers": 2, "bias": bias, "bidirectional": bidirectional, **more}
        theirs, ours = pair(kind, I, H, batch_first=form == "batch_first", **keywords)
        ours.backend = backend
        x: Any = torch.randn(T, B, I, dtype=torch.float64)
        batch: tuple[int, ...] = (B,)
        if form == "batch_first":
            x = x.transpose(0, 1)  # not contiguous either
        elif form == "unbatched":
            x, batch = x[:, 0], ()
        elif form == "sorted":
            x = pack_padded_sequence(x, torch.tensor([5, 3, 1]))
        elif form == "unsorted":
            x = pack_padded_sequence(x, torch.tensor([2, 5, 4]), enforce_sorted=False)
        compare(theirs, ours, x, hx_of(theirs, *batch) if with_states else None)


@pytest.mark.parametrize(("kind", "more"), KINDS, ids=IDS)
def test_single_precision_and_evaluation_mode(kind: str, more: dict[str, Any]) -> None:
    theirs, ours = pair(kind, 16, 24, num_layers=2, dropout=0.4, dtype=torch.float32, **more)
    x = torch.randn(20, 4, 16)
    compare(theirs, ours, x)
    compare(theirs.eval(), ours.eval(), x)  # gradients in evaluation mode too


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_dropout_draws_what_pytorch_draws(kind: str) -> None:
    for p in (0.3, 1.0):
        theirs, ours = pair(kind, I, H, num_layers=3, dropout=p, bidirectional=True)
        compare(theirs, ours, torch.randn(T, B, I, dtype=torch.float64))
    theirs.dropout = ours.dropout = 0.5  # a setting that programs change
    compare(theirs, ours, torch.randn(T, B, I, dtype=torch.float64))


@pytest.mark.parametrize(("kind", "more"), KINDS, ids=IDS)
def test_state_dict_goes_both_ways(kind: str, more: dict[str, Any]) -> None:
    theirs, ours = pair(kind, I, H, num_layers=2, bidirectional=True, **more)
    x = torch.randn(T, B, I, dtype=torch.float64)
    other, _ = pair(kind, I, H, num_layers=2, bidirectional=True, seed=5, **more)
    assert ours.load_state_dict(other.state_dict()) == other.load_state_dict(ours.state_dict())
    assert_close(ours(x)[0], other(x)[0], "float64", "forward")
    _, mine = pair(kind, I, H, num_layers=2, bidirectional=True, seed=6, **more)
    theirs.load_state_dict(mine.state_dict())
    assert_close(mine(x)[0], theirs(x)[0], "float64", "forward")


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_order_of_hx_belongs_to_the_callers_batch(kind: str) -> None:
    theirs, ours = pair(kind, I, H)
    sequences = [torch.randn(n, I, dtype=torch.float64) for n in (2, 5, 4)]
    packed = pack_sequence(sequences, enforce_sorted=False)
    hx = hx_of(theirs, 3)
    results = tensors(ours(packed, hx)[1])
    for k, sequence in enumerate(sequences):
        one = tuple(t[:, k] for t in hx) if isinstance(hx, tuple) else hx[:, k]
        for state, alone in zip(results, tensors(theirs(sequence, one)[1]), strict=True):
            assert_close(state[:, k], alone, "float64", "forward")


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_empty_batch_has_gradients(kind: str) -> None:
    theirs, ours = pair(kind, I, H, num_layers=2, bidirectional=True, dtype=torch.float32)
    output, hx = ours(torch.zeros(T, 0, I))
    expected, expected_hx = theirs(torch.zeros(T, 0, I))
    assert output.shape == expected.shape
    assert [t.shape for t in tensors(hx)] == [t.shape for t in tensors(expected_hx)]
    output.sum().backward()
    assert all(p.grad is None or not p.grad.any() for p in ours.parameters())


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_a_training_run_follows_the_same_curve(kind: str) -> None:
    """200 steps of Adam on a task with memory, from the same seed."""
    losses = []
    for source in (nn, gw.nn):
        torch.manual_seed(0)
        rnn = getattr(source, kind)(1, 12, num_layers=2, dropout=0.1)
        head = nn.Linear(12, 1)
        optimizer = torch.optim.Adam([*rnn.parameters(), *head.parameters()], 5e-3, fused=True)
        curve = []
        for _ in range(200):
            x = torch.rand(8, 8, 1)
            loss = (head(rnn(x)[0]) - x.roll(2, 0)).square()[2:].mean()
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(rnn.parameters(), 1.0)
            optimizer.step()
            curve.append(loss.detach())
        losses.append(torch.stack(curve))
    assert losses[0][-20:].mean() < 0.8 * losses[0][:20].mean(), "the task is not learned at all"
    assert (losses[0] - losses[1]).abs().max() < 1e-4


def test_deepcopy_and_save_keep_the_module() -> None:
    module = gw.nn.LSTM(I, H, 2, bidirectional=True, zoneout={"c": 0.2}, layer_norm=True).eval()
    x = torch.randn(T, B, I)
    copied = copy.deepcopy(module)
    assert copied.plan is module.plan
    assert all(a is not b for a, b in zip(module.parameters(), copied.parameters(), strict=True))
    buffer = io.BytesIO()
    torch.save(module, buffer)
    buffer.seek(0)
    loaded = torch.load(buffer, weights_only=False)
    for other in (copied, loaded):
        assert torch.equal(other(x)[0], module(x)[0])
    torch.save(module.state_dict(), buffer := io.BytesIO())
    buffer.seek(0)
    fresh = gw.nn.LSTM(I, H, 2, bidirectional=True, zoneout={"c": 0.2}, layer_norm=True).eval()
    fresh.load_state_dict(torch.load(buffer, weights_only=True))
    assert torch.equal(fresh(x)[0], module(x)[0])


def test_what_else_programs_read() -> None:
    ours = gw.nn.LSTM(I, H, 2, batch_first=True, proj_size=2)
    theirs = nn.LSTM(I, H, 2, batch_first=True, proj_size=2)
    assert repr(ours) == repr(theirs)
    assert ours._all_weights == theirs._all_weights
    assert [[w.shape for w in layer] for layer in ours.all_weights] == [
        [w.shape for w in layer] for layer in theirs.all_weights
    ]
    ours.flatten_parameters()
    assert isinstance(ours, nn.RNNBase)
    for name in (
        "mode",
        "input_size",
        "hidden_size",
        "num_layers",
        "bias",
        "batch_first",
        "dropout",
        "bidirectional",
        "proj_size",
    ):
        assert getattr(ours, name) == getattr(theirs, name), name


def test_weights_may_be_deleted_and_set_again() -> None:
    theirs, ours = pair("LSTM", I, H)
    weight = ours.weight_hh_l0
    del ours.weight_hh_l0
    assert not hasattr(ours, "weight_hh_l0")
    ours.double()
    ours.weight_hh_l0 = weight
    x = torch.randn(T, B, I, dtype=torch.float64)
    assert_close(ours(x)[0], theirs(x)[0], "float64", "forward")


# --- one step ---------------------------------------------------------------------------------------

STEPS: list[tuple[str, dict[str, Any]]] = [
    ("LSTMCell", {}),
    ("GRUCell", {}),
    ("RNNCell", {}),
    ("RNNCell", {"nonlinearity": "relu"}),
]


@pytest.mark.parametrize(("kind", "more"), STEPS)
def test_one_step(kind: str, more: dict[str, Any]) -> None:
    for bias, batched, with_states in product((True, False), repeat=3):
        theirs, ours = pair(kind, I, H, bias=bias, **more)  # type: ignore[arg-type]
        assert all(map(torch.equal, theirs.state_dict().values(), ours.state_dict().values()))
        assert list(theirs.state_dict()) == list(ours.state_dict())
        x = torch.randn(*((B,) if batched else ()), I, dtype=torch.float64)
        h = torch.randn(*((B,) if batched else ()), H, dtype=torch.float64)
        hx: Any = None if not with_states else (h, h + 1) if kind == "LSTMCell" else h
        compare(theirs, ours, x, hx)
        assert repr(ours) == repr(theirs)
    empty = tensors(ours(torch.zeros(0, I, dtype=torch.float64)))[0]
    assert empty.shape == (0, H)
    none = getattr(gw.nn, kind)(3, 0)
    assert tensors(none(torch.zeros(2, 3)))[0].shape == (2, 0)


def test_a_loop_of_steps_is_the_module() -> None:
    rnn = gw.nn.LSTM(I, H, dtype=torch.float64)
    cell = gw.nn.LSTMCell(I, H, dtype=torch.float64)
    cell.load_state_dict({n.removesuffix("_l0"): v for n, v in rnn.state_dict().items()})
    x, hx = torch.randn(T, B, I, dtype=torch.float64), None
    outputs = []
    for t in range(T):
        hx = cell(x[t], hx)
        outputs.append(hx[0])
    assert_close(torch.stack(outputs), rnn(x)[0], "float64", "forward")
    (h, _), seen = cell(x[0], record=("f", "c"))
    assert seen["f"].shape == seen["c"].shape == h.shape
