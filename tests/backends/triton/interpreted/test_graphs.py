"""Launches recorded once serve calls of any length. A stand-in for CUDA's graphs does them again."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

import gatewise as gw
from gatewise.backends.triton import graphs, one_step, phases
from gatewise.backends.triton.choice import GPUS
from gatewise.backends.triton.layer import GpuLayer
from gatewise.backends.triton.sequence import Rows
from gatewise.compile import PASSES
from gatewise.errors import BackendError
from gatewise.interp import Sequences
from tests.backends.llvm.helpers import CELLS, assert_same, by_interpreter, draw, resets, sizes_of
from tests.backends.triton.interpreted.solving import by_triton


class Again:
    """Launches that are done when they are replayed, not when they are recorded."""

    replayed = 0

    def __init__(self, launches: Callable[[], None]) -> None:
        self.launches = launches

    def replay(self) -> None:
        Again.replayed += 1
        self.launches()


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch) -> type[Again]:
    monkeypatch.setenv("GATEWISE_TRITON_WAY", "steps")
    monkeypatch.setattr(graphs, "may_record", lambda device: True)
    monkeypatch.setattr(graphs, "record", Again)
    monkeypatch.setattr(phases, "TOGETHER", 4)
    Again.replayed = 0
    return Again


def test_one_graph_serves_every_length(recording: type[Again]) -> None:
    cell = CELLS["gru_v3"].program
    for k, (steps, reverse) in enumerate(
        [(9, False), (6, False), (11, False), (9, True), (5, True)]
    ):
        seq = Sequences(steps, 3, np.array([steps, 2, 0]), resets(steps, 3), reverse)
        before = recording.replayed
        p = draw(cell, sizes_of("gru_v3"), seq, ("h", "r"), with_states=True)
        assert_same(by_triton(p), by_interpreter(p), "float32", name=str(steps))
        first = k in (0, 3)  # of its direction: it compiles, and records nothing
        assert recording.replayed - before == (0 if first else 2 * (steps // 4))


def test_a_single_step_is_one_graph(recording: type[Again]) -> None:
    """Weights that change are seen; results of one call are not those of the next."""
    one_step.forget()
    module = gw.nn.Recurrent(gw.cells.gru_v3, 3, 5, backend="triton")
    plain = copy.deepcopy(module)
    plain.backend = "eager"
    states: list[torch.Tensor | None] = [None, None]
    outputs, wanted = [], []
    with torch.no_grad():
        for k in range(4):
            x = torch.full((1, 2, 3), 0.1 * k)
            output, states[0] = module(x, states[0])
            outputs.append(output)
            output, states[1] = plain(x, states[1])
            wanted.append(output)
            for parameters in (module.parameters(), plain.parameters()):
                for p in parameters:
                    p.mul_(1.1)
    assert recording.replayed == 3
    torch.testing.assert_close(outputs, wanted)


@pytest.mark.parametrize("steps", [1, 5])
def test_modes_without_gradients_follow_each_other(steps: int, recording: type[Again]) -> None:
    """What is kept from a call in inference mode is written to by later calls outside of it."""
    one_step.forget()
    module = gw.nn.Recurrent(gw.cells.rnn, 3, 5, backend="triton")
    x = torch.randn(steps, 2, 3)
    outputs = []
    for mode in (torch.inference_mode, torch.no_grad) * 2:
        with mode():
            outputs.append(module(x)[0])
    assert recording.replayed == 3
    for output in outputs[1:]:
        torch.testing.assert_close(output, outputs[0])


def test_streams_have_buffers_of_their_own(
    recording: type[Again], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Work of two streams may run at the same time: a graph of one is not replayed on the other."""
    p = draw(CELLS["rnn"].program, sizes_of("rnn"), Sequences(4, 2), ("h",), with_states=True)
    want, replayed = by_interpreter(p), []
    for stream in (1, 1, 2, 2, 1):
        monkeypatch.setattr(graphs, "stream", lambda device, stream=stream: stream)
        before = recording.replayed
        assert_same(by_triton(p), want, "float32")
        replayed.append(recording.replayed - before)
    assert replayed == [0, 2, 0, 2, 2]


def test_old_graphs_are_let_go_of(recording: type[Again], monkeypatch: pytest.MonkeyPatch) -> None:
    from gatewise.backends.triton.layer import layer_for

    layer_for.cache_clear()
    monkeypatch.setattr(phases, "_MOST", 2)
    cell = CELLS["rnn"].program
    for batch in (1, 2, 3, 1):
        p = draw(cell, sizes_of("rnn"), Sequences(5, batch), ("h",), with_states=True)
        assert_same(by_triton(p), by_interpreter(p), "float32")


def test_nothing_is_recorded_while_somebody_records(
    recording: type[Again], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Addresses become constants of launches then, as nothing may come from the CPU's memory."""
    monkeypatch.setattr(graphs, "may_record", lambda device: False)
    monkeypatch.setattr(graphs, "capturing", lambda device: True)
    monkeypatch.setattr(torch.Tensor, "copy_", fail_from_the_cpu(torch.Tensor.copy_))
    p = draw(CELLS["rnn"].program, sizes_of("rnn"), Sequences(9, 2), ("h",), with_states=True)
    for _ in range(3):
        assert_same(by_triton(p), by_interpreter(p), "float32")
    assert recording.replayed == 0


def fail_from_the_cpu(real: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    def copy(into: torch.Tensor, source: torch.Tensor, *rest: object) -> torch.Tensor:
        assert source.dtype != torch.int64, "numbers of the CPU are copied during a capture"
        return real(into, source, *rest)

    return copy


def a_step() -> phases.PhasedStep:
    program = CELLS["rnn"].program
    layer = GpuLayer(PASSES, program, sizes_of("rnn"), ("h",), False)
    step = layer.forward.written(layer.forward.way(2, "float32", GPUS[90], "steps", False))
    assert isinstance(step, phases.PhasedStep)
    return step


def launched_twice(
    step: phases.PhasedStep, work: Callable[[phases.Buffers], None], patch: pytest.MonkeyPatch
) -> None:
    """The step by two threads at a time; ``work`` instead of its kernels."""
    patch.setattr(step, "_run", lambda buffers, *rest, **options: work(buffers))
    rows, like = Rows(9, 2, None, None, False), torch.zeros(1)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(step.launch, {}, rows, like) for _ in range(2)]:
            done.result(timeout=20)


def test_threads_on_one_stream_take_turns(
    recording: type[Again], monkeypatch: pytest.MonkeyPatch
) -> None:
    inside: list[int] = []

    def work(buffers: phases.Buffers) -> None:
        assert not inside, "another thread is using the buffers"
        inside.append(1)
        time.sleep(0.05)
        inside.pop()

    launched_twice(a_step(), work, monkeypatch)


def test_threads_on_two_streams_need_not(
    recording: type[Again], monkeypatch: pytest.MonkeyPatch
) -> None:
    both, used = threading.Barrier(2), set[int]()

    def work(buffers: phases.Buffers) -> None:
        used.add(id(buffers))
        both.wait(10)  # for the other one, which is inside at the same time

    monkeypatch.setattr(graphs, "stream", lambda device: threading.get_ident())
    launched_twice(a_step(), work, monkeypatch)
    assert len(used) == 2


def test_a_kernel_that_is_too_large_gives_way_to_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    from triton.runtime.errors import OutOfResources

    from gatewise.backends.triton.layer import layer_for
    from gatewise.backends.triton.sequence import LoopStep

    def refuse(*arguments: object) -> None:
        raise OutOfResources(240_000, 232_448, "shared memory")

    layer_for.cache_clear()
    monkeypatch.setattr(LoopStep, "launch", refuse)
    p = draw(CELLS["rnn"].program, sizes_of("rnn"), Sequences(3, 2), ("h",), with_states=True)
    assert_same(by_triton(p), by_interpreter(p), "float32")
    layer_for.cache_clear()
    monkeypatch.setenv("GATEWISE_TRITON_WAY", "rows")
    with pytest.raises(BackendError, match="cannot be had here"):
        by_triton(p)
    layer_for.cache_clear()
