"""Modules of PyTorch that run through the kernels."""

from __future__ import annotations

import copy
import gc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_sequence

import gatewise as gw
from gatewise.backends.triton import graphs
from gatewise.errors import BackendError
from tests.tolerances import assert_close


@pytest.fixture(autouse=True)
def quiet() -> object:
    """The interpreter computes elements that no mask lets out, in NumPy, which warns of them."""
    with np.errstate(all="ignore"):
        yield


def both(cell: gw.Cell, **options: object) -> tuple[torch.nn.Module, torch.nn.Module]:
    """The same module by the kernels and by plain operations."""
    torch.manual_seed(0)
    module = gw.nn.Recurrent(cell, 5, 6, backend="triton", **options)
    plain = copy.deepcopy(module)
    plain.backend = "eager"
    return module, plain


def gradients(module: torch.nn.Module, *inputs: object) -> list[torch.Tensor]:
    """The output, its states, and gradients of all parameters."""
    output, states = module(*inputs)
    data = output if isinstance(output, torch.Tensor) else output.data
    states = states if isinstance(states, tuple) else (states,)
    loss = data.square().sum() + sum(s.sum() for s in states)
    wanted = [p for p in module.parameters() if p.requires_grad]
    return [data.detach(), *(s.detach() for s in states), *torch.autograd.grad(loss, wanted)]


def assert_same(module: torch.nn.Module, plain: torch.nn.Module, *inputs: object) -> None:
    for ours, theirs in zip(gradients(module, *inputs), gradients(plain, *inputs), strict=True):
        assert_close(ours, theirs, "float32", "gradient")


def test_layers_and_directions() -> None:
    module, plain = both(gw.cells.peephole_lstm, num_layers=2, bidirectional=True)
    assert_same(module, plain, torch.randn(4, 3, 5))


def test_packed_sequences() -> None:
    module, plain = both(gw.cells.gru_v3, bidirectional=True)
    packed = pack_sequence([torch.randn(n, 5) for n in (2, 5, 3)], enforce_sorted=False)
    assert_same(module, plain, packed)


@pytest.mark.parametrize(
    "options", [{"learned_initial_state": True}, {"memory": "sqrt"}, {"residual": True}]
)
def test_options(options: dict[str, object]) -> None:
    if "residual" in options:
        options = {**options, "num_layers": 2}
    try:
        module, plain = both(gw.cells.mgu, **options)
    except TypeError as error:
        pytest.fail(f"no such option: {error}")
    assert_same(module, plain, torch.randn(6, 2, 5))


def test_states_of_several_sizes() -> None:
    module, plain = both(gw.cells.lstmp, sizes={"P": 3})
    assert_same(module, plain, torch.randn(3, 2, 5))


def test_a_gradient_of_a_gradient_goes_through_plain_operations() -> None:
    results = []
    for module in both(gw.cells.cifg):
        x = torch.randn(3, 2, 5, generator=torch.Generator().manual_seed(1), requires_grad=True)
        (slope,) = torch.autograd.grad(module(x)[0].square().sum(), x, create_graph=True)
        results.append(torch.autograd.grad(slope.square().sum(), list(module.parameters())))
    for ours, theirs in zip(*results, strict=True):
        assert_close(ours, theirs, "float32", "gradient")


def test_many_gradients_at_once() -> None:
    results = []
    for module in both(gw.cells.cifg):
        x = torch.randn(3, 2, 5, generator=torch.Generator().manual_seed(1), requires_grad=True)
        output = module(x)[0]
        many = torch.stack([torch.ones_like(output), 2 * torch.ones_like(output)])
        results.append(torch.autograd.grad(output, x, many, is_grads_batched=True)[0])
    assert_close(*results, "float32", "gradient")


def test_recorded_values_are_their_own() -> None:
    """Writing to them does not change gradients."""
    module, _ = both(gw.cells.lstm)
    x = torch.randn(3, 2, 5)
    slopes = []
    for spoil in (False, True):
        result = module(x, record=("i", "c"))
        recorded = result[-1]
        if spoil:
            with torch.no_grad():
                for values in recorded.values():
                    values[0].fill_(7.0)
        slopes.append(torch.autograd.grad(result[0].sum(), list(module.parameters())))
    for once, again in zip(*slopes, strict=True):
        torch.testing.assert_close(once, again)


def test_weights_change_between_calls() -> None:
    module, plain = both(gw.cells.gru)
    x = torch.randn(3, 2, 5)
    module(x)
    with torch.no_grad():
        for one, other in zip(module.parameters(), plain.parameters(), strict=True):
            one.mul_(1.5)
            other.mul_(1.5)
    assert_same(module, plain, x)


def test_inputs_that_are_not_contiguous() -> None:
    module, plain = both(gw.cells.janet)
    assert_same(module, plain, torch.randn(5, 2, 6).permute(2, 1, 0))


@pytest.mark.parametrize("steps, batch", [(1, 1), (3, 0)])
def test_little_to_do(steps: int, batch: int) -> None:
    module, plain = both(gw.cells.rnn)
    assert_same(module, plain, torch.randn(steps, batch, 5))


def test_what_cannot_be_served_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    module = gw.nn.Recurrent(gw.cells.gru, 5, 6, backend="triton", dtype=torch.float64)
    with pytest.raises(BackendError, match="not float64"):
        module(torch.zeros(2, 1, 5, dtype=torch.float64))
    module, _ = both(gw.cells.minlstm)
    monkeypatch.setenv("GATEWISE_TRITON_WAY", "rows")
    with pytest.raises(BackendError, match="rows cannot serve this call: there is no matrix"):
        module(torch.zeros(2, 1, 5))
    wide = gw.nn.Recurrent(gw.cells.gru, 5, 300, backend="triton")
    with pytest.raises(BackendError, match="a row has 300 units, a program holds 256"):
        wide(torch.zeros(2, 1, 5))


def test_autocast_computes_in_its_type() -> None:
    module, plain = both(gw.cells.peephole_lstm)
    x = torch.randn(3, 2, 5)
    with torch.autocast("cpu", torch.bfloat16):
        ours, theirs = module(x)[0], plain(x)[0]
    assert ours.dtype == theirs.dtype == torch.bfloat16
    assert_close(ours, theirs, "bfloat16", "forward")


def test_memory_that_ends_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was made so far is let go of, and the module can be used again."""
    module, plain = both(gw.cells.gru)
    x = torch.randn(3, 2, 5)
    real, count, tensors = torch.Tensor.new_empty, 0, []

    def new_empty(self: torch.Tensor, *size: object, **options: object) -> torch.Tensor:
        nonlocal count
        count += 1
        if count == 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        new = real(self, *size, **options)
        tensors.append(weakref.ref(new))
        return new

    with monkeypatch.context() as patch:
        patch.setattr(torch.Tensor, "new_empty", new_empty)
        with pytest.raises(torch.OutOfMemoryError):
            module(x)
    gc.collect()
    assert len(tensors) == 2 and all(tensor() is None for tensor in tensors)
    assert_same(module, plain, x)


def test_every_launch_is_on_the_device_of_the_input(monkeypatch: pytest.MonkeyPatch) -> None:
    devices: list[torch.device] = []

    @contextmanager
    def on(device: torch.device) -> Iterator[None]:
        devices.append(device)
        yield
        devices.append(torch.device("meta"))  # left again

    monkeypatch.setattr(graphs, "on", on)
    module, _ = both(gw.cells.mgu)
    x = torch.randn(3, 2, 5)
    module(x)[0].sum().backward()
    assert devices == [x.device, torch.device("meta")] * 2


def test_lengths_of_nothing_among_others() -> None:
    module, plain = both(gw.cells.mgu, bidirectional=True)
    for lengths in ([3, 0], [1, 2], [3, 3]):
        x = torch.randn(3, 2, 5)
        x[lengths[1] :, 1] = float("nan")
        ours, theirs = (m(x, lengths=torch.tensor(lengths)) for m in (module, plain))
        torch.testing.assert_close(ours, theirs)
