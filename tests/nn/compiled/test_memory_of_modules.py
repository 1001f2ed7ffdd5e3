"""What belongs to a module goes with it; what still runs, or is to run, stays valid."""

from __future__ import annotations

import gc
import os
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import gatewise.nn as gnn
from gatewise.backends.llvm.run.buffers import BUFFERS
from gatewise.backends.llvm.run.call_frame import CallFrame
from gatewise.backends.llvm.run.kernel import Kernel
from gatewise.nn.compiled import kernels as registry

BATCH, STEPS = 2, 3
MAKERS = {
    "LSTM": lambda n: gnn.LSTM(n, n),
    "bidirectional": lambda n: gnn.LSTM(n, n, bidirectional=True),
    "layers": lambda n: gnn.GRU(n, n, num_layers=2),
    "another cell": lambda n: gnn.Recurrent("slstm", n, n),
    "cell of one step": lambda n: gnn.LSTMCell(n, n, backend="llvm"),
}


def x_for(module: nn.Module, n: int) -> Tensor:
    return (
        torch.randn(BATCH, n) if isinstance(module, gnn.LSTMCell) else torch.randn(STEPS, BATCH, n)
    )


def use(module: nn.Module, n: int) -> None:
    """Training, then inference."""
    x = x_for(module, n)
    module(x)[0].sum().backward()
    with torch.no_grad():
        module(x)


def others(first: int) -> None:
    """More sizes than code is kept of, made and let go of."""
    for n in range(first, first + registry._CODE + 1):
        with torch.no_grad():
            gnn.RNN(2, n)(torch.randn(STEPS, BATCH, 2))


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> Iterator[weakref.WeakSet[CallFrame]]:
    """The frames that were made and are still there: workspaces and packed weights."""
    alive: weakref.WeakSet[CallFrame] = weakref.WeakSet()
    init = CallFrame.__init__

    def noticed(self: CallFrame, *args: Any, **more: Any) -> None:
        init(self, *args, **more)
        alive.add(self)

    monkeypatch.setattr(CallFrame, "__init__", noticed)
    yield alive


@pytest.mark.parametrize("name", MAKERS)
def test_frames_go_with_the_module(name: str, frames: weakref.WeakSet[CallFrame]) -> None:
    """At once: nothing has to be collected."""
    gc.collect()
    gc.disable()
    try:
        for n in (7, 9):
            module = MAKERS[name](n)
            use(module, n)
            assert len(frames)
            del module
            assert not len(frames)
    finally:
        gc.enable()
    assert not BUFFERS._free and not BUFFERS._returned


def test_code_goes_after_a_few_more_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    alive: weakref.WeakSet[Kernel] = weakref.WeakSet()
    init = Kernel.__init__

    def noticed(self: Kernel, *args: Any) -> None:
        init(self, *args)
        alive.add(self)

    monkeypatch.setattr(Kernel, "__init__", noticed)
    counts = []
    for n in range(11, 13 + registry._CODE):
        with torch.no_grad():
            gnn.RNN(2, n)(torch.randn(STEPS, BATCH, 2))
        counts.append(len(alive))
    assert counts == [min(k, registry._CODE) for k in range(1, 3 + registry._CODE)]


def test_a_module_alive_compiles_nothing_when_another_of_its_size_goes(
    monkeypatch: pytest.MonkeyPatch, frames: weakref.WeakSet[CallFrame]
) -> None:
    module, other = gnn.LSTM(3, 8), gnn.LSTM(3, 8)
    use(module, 3)
    use(other, 3)
    del other
    others(31)
    before = len(frames)

    def refuse(*args: Any) -> None:
        raise AssertionError("a kernel was made again")

    monkeypatch.setattr(Kernel, "__init__", refuse)
    use(module, 3)
    assert len(frames) == before


def test_a_gradient_after_the_module_is_gone(frames: weakref.WeakSet[CallFrame]) -> None:
    torch.manual_seed(0)
    module = gnn.LSTM(4, 9)
    x = torch.randn(STEPS, BATCH, 4)
    first, second = x.clone().requires_grad_(), x.clone().requires_grad_()
    module(first)[0].square().sum().backward()
    loss = module(second)[0].square().sum()
    del module
    others(51)
    gc.collect()
    loss.backward()
    assert torch.equal(first.grad, second.grad)  # type: ignore[arg-type]
    del loss
    assert not len(frames)


def test_an_exported_program_runs_after_its_module_is_gone(
    frames: weakref.WeakSet[CallFrame],
) -> None:
    torch.manual_seed(0)
    module = gnn.LSTM(4, 9).eval()
    x = torch.randn(STEPS, BATCH, 4)
    with torch.no_grad():
        want = module(x)[0]
        program = torch.export.export(module, (x,)).module()
        del module
        others(71)
        gc.collect()
        assert torch.equal(program(x)[0], want)
        assert not len(frames)  # it keeps no memory between two runs


def test_another_module_of_the_size_keeps_frames_again(frames: weakref.WeakSet[CallFrame]) -> None:
    for _ in range(2):
        module = gnn.LSTM(4, 10)
        use(module, 4)
        before = set(map(id, frames))
        use(module, 4)
        assert set(map(id, frames)) == before
        del module


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_goes_on_with_what_its_parent_let_go_of() -> None:
    module = gnn.LSTM(3, 8)
    use(module, 3)
    x = torch.randn(STEPS, BATCH, 3)
    with torch.no_grad():
        want = module(x)[0]
        child = os.fork()
        if child == 0:
            status = 1
            try:
                status = 0 if torch.equal(module(x)[0], want) else 2
                use(gnn.LSTM(3, 12), 3)
            finally:
                os._exit(status)
        del module
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_memory_that_waits_is_freed_and_what_is_lent_does_not_come_back() -> None:
    count = 1 << 18
    lent, taken = BUFFERS.lend(count, np.float32), BUFFERS.take(count, np.float32)
    BUFFERS.give(taken)
    assert BUFFERS._held
    BUFFERS.forget()
    assert not BUFFERS._held and not BUFFERS._free
    del lent
    assert not BUFFERS._returned
    again = BUFFERS.lend(count, np.float32)
    del again
    assert len(BUFFERS._returned) == 1  # others are used again, as before
    with BUFFERS._lock:  # a finalizer in the middle of it
        BUFFERS.forget()
    assert BUFFERS._pending
    BUFFERS.take(1, np.float32)
    assert not BUFFERS._pending


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="needs /proc to see memory")
def test_many_large_sizes_leave_little() -> None:
    """Four sizes of 8 MB of weights each, which the kernels have three times."""
    for n in (500, 504):
        use(gnn.LSTM(n, n), n)
    gc.collect()
    before = resident()
    for n in range(508, 540, 8):
        use(gnn.LSTM(n, n), n)
    gc.collect()
    assert resident() - before < 20


def resident() -> float:
    """Megabytes of memory that this process has."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
