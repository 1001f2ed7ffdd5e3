"""Calls of a step or two run by PyTorch's own functions, and only plain ones."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence

import gatewise as gw
from gatewise.nn.execution import by_pytorch, handover
from gatewise.nn.execution.cudnn import without_onednn
from gatewise.nn.execution.handover import (
    FEW_ROWS,
    FEWEST_ROWS,
    LARGE_STEP,
    MANY_ROWS,
    MIDDLE_STEP,
    PACKED_INFERENCE,
    PACKED_TRAINING,
    SMALL_STEP,
    TINY_PACKED,
    TRAINING,
    WIDE_INFERENCE,
    WIDE_LSTM,
    WIDE_UNITS,
    Wide,
)

KINDS = ("LSTM", "GRU", "RNN")


@pytest.fixture(autouse=True)
def wide_is_slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The tables of the processors that hand over most, wherever the tests run."""
    monkeypatch.setattr(handover, "wide_is_slow", lambda: True)
    handover.rows_handed_over.cache_clear()
    yield
    handover.rows_handed_over.cache_clear()


CELLS = ("LSTMCell", "GRUCell", "RNNCell")


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The calls that PyTorch's functions run."""
    calls: list[str] = []

    def watch(name: str, function: Any) -> Any:
        def called(*args: Any) -> Any:
            calls.append(name)
            return function(*args)

        return called

    with monkeypatch.context() as patch:
        for table in (by_pytorch.SEQUENCES, by_pytorch.STEPS):
            for mode, function in table.items():
                patch.setitem(table, mode, watch(mode, function))
        yield calls


def pair(kind: str, *sizes: int, **options: Any) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(0)
    theirs, ours = getattr(nn, kind)(*sizes, **options), getattr(gw.nn, kind)(*sizes, **options)
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch_first", (False, True))
def test_as_many_steps_as_the_table_says(
    kind: str, batch_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pair(kind, 3, 4, num_layers=2, bidirectional=True, batch_first=batch_first)
    most = TRAINING[ours.mode].steps
    for steps in (1, most, most + 1):
        shape = (5, steps, 3) if batch_first else (steps, 5, 3)
        x = torch.randn(shape)
        with counted(monkeypatch) as calls:
            output, h = ours(x)
        assert bool(calls) == (steps <= most)
        expected = theirs(x)
        torch.testing.assert_close((output, h), expected)
        output.sum().backward()
        expected[0].sum().backward()
        for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(a.grad, b.grad)
        ours.zero_grad()
        theirs.zero_grad()


@pytest.mark.parametrize(
    "options",
    [{}, {"proj_size": 2}, {"dtype": torch.float64}, {"dtype": torch.float64, "proj_size": 2}],
)
def test_an_lstm_has_second_derivatives(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyTorch's module has none where oneDNN runs it."""
    ours, theirs = pair("LSTM", 3, 4, **options)
    most = TRAINING["LSTM"].steps
    for steps in (1, most, most + 1):
        x = torch.randn(steps, 5, 3, dtype=options.get("dtype"), requires_grad=True)
        with counted(monkeypatch) as calls:
            output = ours(x)[0]
        assert bool(calls) == (steps <= most)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PyTorch's module warns of projections, ours does not
            expected = theirs(x)[0]
        torch.testing.assert_close(output, expected)
        (first,) = torch.autograd.grad(output.square().sum(), x, create_graph=True)
        (second,) = torch.autograd.grad(first.square().sum(), x)
        assert second.any()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("training", (True, False))
def test_packed_sequences(kind: str, training: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pair(kind, 3, TINY_PACKED + 1)
    most = (PACKED_TRAINING if training else PACKED_INFERENCE)[ours.mode]
    few = max(most.few, 1)
    for rows, steps, quicker in (
        (3, 1, True),
        (few + 1, most.steps, True),
        (few + 1, most.steps + 1, False),
        (3, max(most.steps, most.steps_of_few), True),
        (3, max(most.steps, most.steps_of_few) + 1, False),
    ):
        lengths = torch.ones(rows, dtype=torch.int64)
        lengths[1] = steps
        packed = pack_padded_sequence(torch.randn(steps, rows, 3), lengths, enforce_sorted=False)
        with counted(monkeypatch) as calls, torch.set_grad_enabled(training):
            output, h = ours(packed)
        assert bool(calls) == quicker
        expected, expected_h = theirs(packed)
        torch.testing.assert_close(output.data, expected.data)
        torch.testing.assert_close(h, expected_h)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("packed", (False, True))
@pytest.mark.parametrize("layers", (1, 2))
def test_initial_states(
    kind: str, packed: bool, layers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pair(kind, 3, 4, num_layers=layers, bidirectional=True)
    h = torch.randn(2 * layers, 3, 4)
    hx = (h, h + 1) if kind == "LSTM" else h
    x: Any = torch.randn(1, 3, 3)
    if packed:
        x = pack_padded_sequence(
            torch.randn(2, 3, 3), torch.tensor([1, 2, 1]), enforce_sorted=False
        )
    with counted(monkeypatch) as calls:
        output, last = ours(x, hx)
    assert calls
    torch.testing.assert_close((output, last), theirs(x, hx))
    if not packed:
        one = (h[:, 0], h[:, 1]) if kind == "LSTM" else h[:, 0]
        with counted(monkeypatch) as calls:
            output, last = ours(x[:, 0], one)
        assert calls
        torch.testing.assert_close((output, last), theirs(x[:, 0], one))


@pytest.mark.parametrize("kind", KINDS)
def test_states_of_another_size_are_not_broadcast(kind: str) -> None:
    module = getattr(gw.nn, kind)(3, 4)
    for shape in ((1, 1, 4), (1, 5, 1), (5, 4)):
        h = torch.randn(shape)
        with pytest.raises(RuntimeError):
            module(torch.randn(1, 5, 3), (h, h) if kind == "LSTM" else h)
        cell = getattr(gw.nn, f"{kind}Cell")(3, 4)
        h = h[0]
        with pytest.raises(RuntimeError):
            cell(torch.randn(5, 3), (h, h) if kind == "LSTM" else h)


@pytest.mark.parametrize(
    ("kind", "units", "table"),
    (
        ("LSTM", 750, WIDE_LSTM),
        ("LSTM", 340, WIDE_LSTM),
        ("LSTM", 339, WIDE_LSTM),
        ("GRU", 520, WIDE_INFERENCE),
    ),
)
def test_wide_networks_of_a_few_steps(
    kind: str, units: int, table: tuple[Wide, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their weights would be read once more, to see whether they have changed."""
    ours, theirs = pair(kind, 3, units)
    size = 4 * ours.plan.values
    for wide in table:
        if size < wide.size:
            continue
        rows = wide.rows[-1]
        last = min(wide.steps, 250)
        for t, b in ((1, rows), (2, rows), (last, 2), (last + 1, rows), (2, rows + 1), (2, 1)):
            x = torch.randn(t, b, 3)
            with counted(monkeypatch) as calls, torch.inference_mode():
                output = ours(x)
            first = next(
                (w for w in table if size >= w.size and units >= w.units and b in w.rows),
                Wide(0, 0, range(0)),
            )
            assert bool(calls) == (1 < t <= first.steps)
            torch.testing.assert_close(output, theirs(x))


@pytest.mark.parametrize("kind", CELLS)
def test_cells_with_gradients(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pair(kind, 3, 4)
    for x in (torch.randn(5, 3), torch.randn(3)):
        with counted(monkeypatch) as calls:
            first = ours(x)
            second = ours(x, first)
        assert len(calls) == 2
        torch.testing.assert_close(second, theirs(x, theirs(x)))


@pytest.mark.parametrize("kind", ("LSTM", "GRU"))
def test_cells_without_gradients_as_large_as_the_table_says(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = SMALL_STEP
    for rows, units, quicker in (
        (FEW_ROWS, small, True),
        (FEW_ROWS + 1, small, False),
        (FEW_ROWS, small + 1, False),
        (FEWEST_ROWS, small + 1, True),
        (FEWEST_ROWS + 1, small + 1, False),
        (FEWEST_ROWS, MIDDLE_STEP - 1, True),
        (FEWEST_ROWS, MIDDLE_STEP, False),
        (MANY_ROWS, LARGE_STEP, True),
        (MANY_ROWS - 1, LARGE_STEP, False),
        (MANY_ROWS, LARGE_STEP - 1, False),
    ):
        ours, theirs = pair(f"{kind}Cell", 3, units)
        x = torch.randn(rows, 3)
        with counted(monkeypatch) as calls, torch.no_grad():
            state = ours(x)
        assert bool(calls) == quicker
        torch.testing.assert_close(state, theirs(x))


def test_an_rnn_cell_without_gradients(monkeypatch: pytest.MonkeyPatch) -> None:
    with counted(monkeypatch) as calls, torch.no_grad():
        gw.nn.RNNCell(3, 4)(torch.randn(500, 3))
    assert calls == ["RNN_TANH"]


@pytest.mark.parametrize("kind", KINDS)
def test_one_row_of_one_step_in_a_low_type(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its matrices would all be widened for one product with each."""
    ours, theirs = (module.to(torch.float16) for module in pair(kind, 3, 4))
    for shape, quicker in (
        ((1, 1, 3), True),
        ((1, 3), True),
        ((2, 1, 3), False),
        ((1, 2, 3), False),
    ):
        x = torch.randn(shape).to(torch.float16)
        with counted(monkeypatch) as calls, torch.inference_mode():
            output = ours(x)[0]
        assert bool(calls) == quicker
        torch.testing.assert_close(output, theirs(x)[0], rtol=1e-2, atol=1e-3)


def test_what_is_not_plain_is_not_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    x = torch.randn(1, 5, 3)
    with counted(monkeypatch) as calls:
        gw.nn.LSTM(3, 4, backend="llvm")(x)
        gw.nn.GRU(3, 4, backend="llvm")(x)
        gw.nn.GRU(3, 4, backend="eager")(x)
        gw.nn.GRU(3, 4, layer_norm=True)(x)
        gru = gw.nn.GRU(3, 4)
        gru(x, lengths=[1, 0, 1, 1, 1])
        gru(x, reset=torch.zeros(1, 5, dtype=torch.bool))
        gru(x, record="n")
        with torch.inference_mode():
            gru(x)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            gru(x)
        torch.func.vmap(gru)(x[None])
        gw.nn.GRUCell(3, 4, zoneout=0.1)(x[0])
        gw.nn.GRUCell(3, 4, backend="llvm")(x[0])
        parametrizations.weight_norm(gru, "weight_hh_l0")
        gru(x)
    assert calls == []


def test_replaced_parameters_are_the_ones_that_count(monkeypatch: pytest.MonkeyPatch) -> None:
    gru, x = gw.nn.GRU(3, 4), torch.randn(1, 5, 3)
    doubled = {n: 2 * p for n, p in gru.named_parameters()}
    with counted(monkeypatch) as calls:
        output = torch.func.functional_call(gru, doubled, (x,))[0]
    assert calls
    with torch.no_grad():
        for p in gru.parameters():
            p.mul_(2)
    torch.testing.assert_close(output, gru(x)[0])


def test_a_parametrized_weight_is_the_one_that_counts() -> None:
    ours, _ = pair("GRU", 3, 4)
    x = torch.randn(1, 5, 3)
    before = ours(x)[0]
    parametrizations.weight_norm(ours, "weight_ih_l0")
    with torch.no_grad():
        ours.parametrizations.weight_ih_l0.original0.mul_(2)
    assert not torch.allclose(ours(x)[0], before)


def test_second_derivatives(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are there whoever runs the call."""
    for kind, steps in (("LSTM", 1), ("GRU", 1), ("RNN", 2)):
        module = getattr(gw.nn, kind)(3, 4)
        x = torch.randn(steps, 5, 3, requires_grad=True)
        (first,) = torch.autograd.grad(module(x)[0].square().sum(), x, create_graph=True)
        (second,) = torch.autograd.grad(first.square().sum(), x)
        assert second.any()


@pytest.mark.parametrize("kind", ("GRU", "GRUCell"))
def test_what_does_not_fit_is_said_as_ever(kind: str) -> None:
    module = getattr(gw.nn, kind)(3, 4)
    lead = (1,) if kind == "GRU" else ()
    for x, hx in (
        (torch.randn(*lead, 5, 2), None),
        (torch.randn(*lead, 5, 3).double(), None),
        (torch.randn(*lead, 5, 3), torch.randn(*lead, 5, 3)),
        (torch.randn(*lead, 5, 3), torch.randn(*lead, 4, 4)),
    ):
        with pytest.raises((ValueError, RuntimeError)):
            module(x, hx)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"bidirectional": True, "batch_first": True},
        {"dropout": 0.4},
        {"bias": False},
    ],
)
def test_few_rows_of_a_wide_lstm_are_trained_by_onednn(options: dict[str, object]) -> None:
    """The same gradients as PyTorch's; once more, and gradients of gradients, by its other kernel."""
    torch.manual_seed(0)
    ours = gw.nn.LSTM(5, WIDE_UNITS, 2, **options)
    theirs = nn.LSTM(5, WIDE_UNITS, 2, **options)
    theirs.load_state_dict(ours.state_dict())
    x = torch.randn(3, 3, 5, requires_grad=True)
    gradients, slopes = [], []
    for module in (ours, theirs):
        torch.manual_seed(1)
        output, states = module(x)
        loss = output.square().sum() + sum(s.sum() for s in states)
        wanted = [x, *module.parameters()]
        gradients.append([output, *torch.autograd.grad(loss, wanted, retain_graph=True)])
        if module is ours:
            assert type(output.grad_fn).__name__ == "_OneDnnBackward"
            again = torch.autograd.grad(loss, wanted)
        with without_onednn() if module is theirs else nullcontext():
            torch.manual_seed(1)
            output = module(x)[0]
            (slope,) = torch.autograd.grad(output.square().sum(), x, create_graph=True)
            slopes.append(torch.autograd.grad(slope.square().sum(), list(module.parameters())))
    torch.testing.assert_close(gradients[0], gradients[1])
    torch.testing.assert_close(list(again), gradients[1][1:])
    for one, other in zip(*slopes, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("layers", "rows"), [(1, 4), (2, 1), (2, 9)])
def test_other_rows_of_a_wide_lstm_are_trained_by_our_kernels(layers: int, rows: int) -> None:
    output, _ = gw.nn.LSTM(5, WIDE_UNITS, layers)(torch.randn(3, rows, 5))
    assert type(output.grad_fn).__name__ != "_OneDnnBackward"


def test_the_output_of_a_wide_lstm_may_be_written_to() -> None:
    ours = gw.nn.LSTM(3, WIDE_UNITS, 2)
    output, _ = ours(torch.randn(4, 2, 3))
    output += 1
    output.sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in ours.parameters())


def test_many_gradients_at_once_of_a_wide_lstm() -> None:
    ours = gw.nn.LSTM(3, WIDE_UNITS, 2)
    x = torch.randn(3, 2, 3, requires_grad=True)
    output, _ = ours(x)
    many = torch.stack([torch.ones_like(output), 2 * torch.ones_like(output)])
    (both,) = torch.autograd.grad(output, x, many, is_grads_batched=True)
    torch.testing.assert_close(both[1], 2 * both[0])


@pytest.mark.parametrize(
    ("kind", "inputs", "units", "steps", "rows", "handed"),
    [
        ("RNN", 48, 8, 12, 40, True),
        ("RNN", 47, 8, 12, 40, False),
        ("RNN", 48, 8, 10, 40, True),
        ("GRU", 48, 8, 12, 40, False),
        ("GRU", 3, 8, 10, 40, True),
        ("LSTM", 3, 9, 10, 40, False),
        ("LSTM", 3, 9, 10, 10, True),
    ],
)
def test_packed_sequences_of_tiny_networks(
    kind: str,
    inputs: int,
    units: int,
    steps: int,
    rows: int,
    handed: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Bringing their rows into place takes longer than what is computed."""
    ours, theirs = pair(kind, inputs, units)
    packed = pack_sequence([torch.randn(steps, inputs) for _ in range(rows)])
    with counted(monkeypatch) as calls, torch.inference_mode():
        output = ours(packed)
    assert bool(calls) == handed
    torch.testing.assert_close(output[0].data, theirs(packed)[0].data)


def test_wide_networks_stay_with_us_where_that_is_quicker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "wide_is_slow", lambda: False)
    ours, _ = pair("LSTM", 3, WIDE_UNITS)
    cell = gw.nn.LSTMCell(3, WIDE_UNITS)
    with counted(monkeypatch) as calls:
        gw.nn.LSTM(3, WIDE_UNITS, 2)(torch.randn(5, 2, 3))
        with torch.no_grad():
            ours(torch.randn(5, 20, 3))
            ours(pack_sequence([torch.randn(12, 3)]))
            cell(torch.randn(2, 3))
    assert not calls


@pytest.mark.parametrize(
    ("units", "rows", "handed"),
    [(64, 7, True), (64, 8, False), (65, 63, True), (128, 64, False), (129, 200, True)],
)
def test_two_steps_of_small_lstms_are_ours(
    units: int, rows: int, handed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gatewise.nn.execution.handover.wide_is_slow", lambda: True)
    ours, theirs = pair("LSTM", 3, units)
    for steps in (1, 2):
        x = torch.randn(steps, rows, 3)
        with counted(monkeypatch) as calls:
            output, _ = ours(x)
        assert bool(calls) == (handed or steps == 1)
        torch.testing.assert_close(output, theirs(x)[0])
    double, _ = pair("LSTM", 3, units, dtype=torch.float64)
    with counted(monkeypatch) as calls:
        double(torch.randn(2, rows, 3, dtype=torch.float64))
    assert calls
