"""Units spread over programs that wait for each other, run in random order between barriers."""

from __future__ import annotations

import inspect
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from triton.runtime import interpreter

from gatewise.backends.triton import layer, sequence, watch
from gatewise.backends.triton.loop_kernel import loop_kernel
from gatewise.errors import BackendError
from gatewise.interp import Sequences
from tests.backends.llvm.helpers import CELLS, Problem, assert_same, by_interpreter, draw, sizes_of
from tests.backends.llvm.test_contract import SITUATIONS, recorded
from tests.backends.triton.interpreted.emulator import Emulated
from tests.backends.triton.interpreted.solving import by_triton, many_programs

CELLS_WITH_BARRIERS = ["lstm", "peephole_lstm", "gru_v3", "lstmp", "slstm-heads", "ealstm", "all"]


def problem(name: str, situation: str = "ragged", record: tuple[str, ...] | None = None) -> Problem:
    """More units than one program takes; more rows too."""
    seq, with_states = SITUATIONS[situation]
    names = recorded(name) if record is None else record
    return draw(
        CELLS[name].program, sizes_of(name, H=20, P=18), seq, names, with_states=with_states
    )


@pytest.fixture(autouse=True)
def grid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWISE_TRITON_WAY", "grid")


@pytest.mark.parametrize("name", CELLS_WITH_BARRIERS)
def test_every_gradient(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from gatewise.backends.triton import choice

    monkeypatch.setattr(choice, "LIMITS", choice.Limits(sums=100))
    p = problem(name)
    with many_programs(seed=1) as ran:
        solved = by_triton(p)
    assert_same(solved, by_interpreter(p), "float32")
    assert ran and all(kernel.barriers == kernel.written * p.seq.steps for kernel in ran)


def test_the_order_of_programs_changes_nothing() -> None:
    p = problem("gru_v3", "reset-declared")
    solved = []
    for seed in (1, 2, 3):
        with many_programs(seed):
            solved.append(by_triton(p))
    for other in solved[1:]:
        for name, array in solved[0].items():
            np.testing.assert_array_equal(array, other[name], err_msg=name)


@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize(("name", "barriers"), [("lstm", 1), ("gru_v3", 2), ("lstmp", 2)])
def test_each_barrier_that_is_missing_is_noticed(name: str, barriers: int, direction: str) -> None:
    p = problem(name, "plain")
    want, kernel = by_interpreter(p), ("forward", "backward").index(direction)
    for barrier in range(1, barriers + 1):
        with many_programs(seed=1, left_out=(kernel, barrier)) as ran:
            solved = by_triton(p)
        assert [k.written for k in ran] == [barriers] * 2
        assert [k.left_out for k in ran] == [barrier if k == kernel else None for k in (0, 1)]
        with pytest.raises(AssertionError):
            assert_same(solved, want, "float32")


def test_two_modules_have_counters_of_their_own() -> None:
    counters: list[torch.Tensor] = []
    p = problem("rnn", "plain", ("h",))
    with many_programs(seed=1) as ran, pytest.MonkeyPatch.context() as patch:
        real = Emulated._run

        def run(kernel: Emulated, programs: int, tensors: tuple[Any, ...], options: Any) -> None:
            names = list(inspect.signature(kernel.kernel.fn).parameters)
            counters.append(tensors[names.index("counter")])
            assert not counters[-1].any()
            real(kernel, programs, tensors, options)

        patch.setattr(Emulated, "_run", run)
        for _ in range(2):
            by_triton(p, backward=False)
    assert len(counters) == len(ran) == 2
    assert counters[0].data_ptr() != counters[1].data_ptr()


def test_a_program_that_gave_up_waits_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs one after the other: the first waits in vain. It looks as often as its patience says,
    and once at each barrier to come."""
    looks, real = [0], interpreter.InterpreterBuilder.create_atomic_rmw

    def counted(*arguments: Any) -> Any:
        looks[0] += 1
        return real(*arguments)

    monkeypatch.setattr(interpreter.InterpreterBuilder, "create_atomic_rmw", counted)
    monkeypatch.setattr(sequence, "loop_kernel", partial(loop_kernel, patience=50))
    monkeypatch.setattr(layer, "interpreted", lambda: False)
    layer.layer_for.cache_clear()
    p = draw(CELLS["rnn"].program, sizes_of("rnn", H=20), Sequences(6, 2), ("h",), with_states=True)
    by_triton(p, backward=False)
    layer.layer_for.cache_clear()
    arrivals, first, later, marks = 2 * 6, 51, 5 + 6, 1
    assert looks[0] == arrivals + first + later + marks
    with pytest.raises(BackendError, match="cell rnn gave up waiting"):
        watch.look()
