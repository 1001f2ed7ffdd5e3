"""Runs at the same time give the bits of runs one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from gatewise.backends.llvm.machine import threads as threads_module
from gatewise.backends.llvm.run import call_frame as frame
from gatewise.backends.llvm.run import gradients, scheduler
from gatewise.compile import layer_for
from gatewise.interp import Sequences
from tests.backends.llvm.helpers import (
    CELLS,
    Problem,
    Results,
    assert_identical,
    by_layer,
    draw,
    poisoned,
    resets,
    sizes_of,
)

LENGTHS = np.array([3, 0, 11, 2, 9, 5, 1, 1, 7])
COURSES = {
    "lstm": Sequences(40, 1),
    "gru_v3": Sequences(11, 9, LENGTHS, resets(11, 9), reverse=True),
    "sru": Sequences(7, 2),
    "slstm-heads": Sequences(1, 1),
    "peephole_lstm": Sequences(25, 1, reverse=True),
}
DTYPES = {"gru_v3": "float64", "slstm-heads": "float64"}  # the others compute in float32


def problems(names: Sequence[str]) -> list[Problem]:
    drawn = []
    for name in names:
        program = CELLS[name].program
        drawn.append(draw(program, sizes_of(name, H=160), COURSES[name], (program.states[0].name,)))
    return drawn


class Meeting:
    """So many callers, each in a thread of its own, whose frames then run together."""

    def __init__(self, count: int, carry_out: Callable[..., None]) -> None:
        self._arguments: list[tuple[Any, ...]] = []
        self._carry_out = carry_out
        self._barrier = threading.Barrier(count, self._all)

    def _all(self) -> None:
        columns = zip(*self._arguments, strict=True)
        self._carry_out(*([item for one in column for item in one] for column in columns))
        self._arguments.clear()

    def __call__(self, *arguments: Any) -> None:
        self._arguments.append(arguments)
        self._barrier.wait()


def at_once(
    some: Sequence[Problem],
    names: Sequence[str],
    threads: int,
    monkeypatch: pytest.MonkeyPatch,
    training: bool = True,
) -> list[Results]:
    def compute(name: str, p: Problem) -> Results:
        layer = layer_for(p.program, tuple(p.sizes.items()), DTYPES.get(name, "float32"), p.record)
        return by_layer(
            layer, p if training else p.evaluation(), backward=training, threads=threads
        )

    with monkeypatch.context() as patch, ThreadPoolExecutor(len(some)) as pool:
        patch.setattr(scheduler, "run", Meeting(len(some), scheduler.run))
        patch.setattr(scheduler, "run_backward", Meeting(len(some), scheduler.run_backward))
        return list(pool.map(compute, names, some))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    "names",
    [("lstm", "peephole_lstm"), ("sru", "lstm", "slstm-heads"), tuple(COURSES)],
    ids=["two", "three", "five"],
)
def test_together_as_alone(
    names: tuple[str, ...], training: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads_module, "WORTH_A_THREAD", -1)
    some = problems(names)
    with poisoned():
        alone = [
            at_once([p], [name], 1, monkeypatch, training)[0]
            for name, p in zip(names, some, strict=True)
        ]
        for threads in (1, 2, 3, 8):
            together = at_once(some, names, threads, monkeypatch, training)
            for got, expected in zip(together, alone, strict=True):
                assert_identical(got, expected)


def test_a_thread_for_each_or_all_for_each_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tiles: all threads share one after the other where there are enough, or where the weights
    are large; else each has a thread of its own."""
    names = ("lstm", "peephole_lstm")
    monkeypatch.setattr(threads_module, "WORTH_A_THREAD", -1)
    monkeypatch.setattr(frame, "WORTH_SHARING", -1)
    pooled: list[int] = []

    def counted(function: int, args: int, threads: int) -> int:
        pooled.append(threads)
        return threads_module.parallel(function, args, threads)

    monkeypatch.setattr(scheduler, "parallel", counted)
    some = problems(names)
    alone = [at_once([p], [name], 1, monkeypatch)[0] for name, p in zip(names, some, strict=True)]
    for threads, cache, expected in ((3, 1 << 30, [2, 2]), (8, 1 << 30, []), (2, -1, [])):
        pooled.clear()
        monkeypatch.setattr(frame, "WORTH_HALVING", cache)
        for got, want in zip(at_once(some, names, threads, monkeypatch), alone, strict=True):
            assert_identical(got, want)
        assert pooled == expected  # forward and back


def test_large_ones_go_back_group_by_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads_module, "WORTH_A_THREAD", -1)
    names = ("gru_v3", "lstm")
    some = problems(names)
    whole = at_once(some, names, 1, monkeypatch)
    monkeypatch.setattr(gradients, "CACHED_BYTES", 1)
    for got, expected in zip(at_once(some, names, 1, monkeypatch), whole, strict=True):
        assert_identical(got, expected)
