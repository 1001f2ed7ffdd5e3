"""Kernels with every array against a page that may not be touched: one access beyond kills.

A child process maps each array of its own so that it ends right before such a page, or begins right
behind one: the caller's inputs, parameters, states, masks and gradients, the results, and all that
the backend takes for itself (workspace, packed weights, what is kept, tables).
"""

from __future__ import annotations

import ctypes
import functools
import mmap
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest

from gatewise.backends.llvm.plan import tiles
from gatewise.backends.llvm.run import (
    arguments,
    buffers,
    compiled_layer,
    gradient_tasks,
    gradients,
    numpy_api,
    numpy_arrays,
    weights,
    workspace,
)
from gatewise.compile import layer_for
from gatewise.interp import Sequences
from tests.backends.llvm.helpers import (
    CELLS,
    Problem,
    assert_identical,
    by_layer,
    child,
    draw,
    resets,
    sizes_of,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mprotect by way of the C library")

Array = np.ndarray[Any, Any]
Side = Literal["end", "start"]
SIDES: tuple[Side, ...] = ("end", "start")
PAGE = mmap.PAGESIZE
MODULES = (
    numpy_api,
    numpy_arrays,
    arguments,
    workspace,
    weights,
    gradients,
    gradient_tasks,
    buffers,
    compiled_layer,
    tiles,
)

# name -> (units H, inputs I, rows B): every way in which vectors and tiles can be left unfilled
CASES: dict[str, tuple[int, int, int]] = {
    "lstm": (7, 3, 5),
    "gru_v3": (17, 1, 13),
    "layernorm_lstm": (5, 3, 4),
    "lstm_1997-cells": (6, 3, 3),
    "slstm-heads": (10, 3, 7),
    "mlstm-heads": (10, 3, 7),
    "phased_lstm": (9, 2, 1),
    "ealstm": (1, 1, 2),
    "sru": (33, 5, 6),
    "indrnn": (70, 2, 5),
    "peephole_lstm": (16, 2, 5),
    "all": (7, 3, 9),
}
KINDS = [("float32", ""), ("float64", "avx2"), ("float32", "sse2")]


class Fence:
    """Arrays with a forbidden page on one side; they are never freed."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.held: list[mmap.mmap] = []
        self._protect = ctypes.CDLL(None, use_errno=True).mprotect
        self._protect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]

    def empty(self, shape: Any, dtype: Any = float) -> Array:
        """An array without values; bytes of 0xFF in it are NaN."""
        dtype = np.dtype(dtype)
        shape = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
        count = int(np.prod(shape)) * dtype.itemsize
        body = max(PAGE, -(-count // PAGE) * PAGE)
        memory = mmap.mmap(-1, body + 2 * PAGE)
        self.held.append(memory)
        base = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        ctypes.memset(base, 0xFF, body + 2 * PAGE)
        for page in (base, base + PAGE + body):
            if self._protect(page, PAGE, 0):
                raise OSError(ctypes.get_errno(), "mprotect")
        start = base + PAGE + (body - count if self.side == "end" else 0)
        raw = (ctypes.c_char * count).from_address(start)
        return np.frombuffer(raw, dtype).reshape(shape)

    def copy(self, array: Any, dtype: Any = None) -> Array:
        array = np.asarray(array, dtype)
        guarded = self.empty(array.shape, array.dtype)
        guarded[...] = array
        return guarded


class FencedNumpy:
    """NumPy whose new arrays stand at a fence."""

    def __init__(self, fence: Fence) -> None:
        self._fence = fence

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def empty(self, shape: Any, dtype: Any = float) -> Array:
        return self._fence.empty(shape, dtype)

    def empty_like(self, array: Array, dtype: Any = None) -> Array:
        return self._fence.empty(array.shape, dtype or array.dtype)

    def _new(self, name: str, *args: Any, **more: Any) -> Array:
        return self._fence.copy(getattr(np, name)(*args, **more))

    def zeros(self, *args: Any, **more: Any) -> Array:
        return self._new("zeros", *args, **more)

    def full(self, *args: Any, **more: Any) -> Array:
        return self._new("full", *args, **more)

    def array(self, *args: Any, **more: Any) -> Array:
        return self._new("array", *args, **more)

    def arange(self, *args: Any, **more: Any) -> Array:
        return self._new("arange", *args, **more)

    def ascontiguousarray(self, *args: Any, **more: Any) -> Array:
        return self._new("ascontiguousarray", *args, **more)


@contextmanager
def fenced(side: Side) -> Iterator[Fence]:
    """Within it, what the backend allocates stands at a fence."""
    fence = Fence(side)

    def take(self: Any, count: int, dtype: Any, zeroed: bool = False) -> Array:
        array = fence.empty(count, dtype)
        if zeroed:
            array[...] = 0
        return array

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buffers.Buffers, "take", take)
        patch.setattr(buffers.Buffers, "give", lambda self, array: None)
        tiles._full.cache_clear()
        for module in MODULES:
            if hasattr(module, "np"):
                patch.setattr(module, "np", FencedNumpy(fence))
        yield fence
    tiles._full.cache_clear()


def _fence_problem(problem: Problem, fence: Fence, dtype: str) -> Problem:
    """The same problem, its arrays at a fence in the type of the kernels."""

    def here(a: Array) -> Array:
        """In reverse also batch first, as sequences may come."""
        if problem.seq.reverse and a.shape[:2] == (problem.seq.steps, problem.seq.batch):
            return fence.copy(a.swapaxes(0, 1), dtype).swapaxes(0, 1)
        return fence.copy(a, dtype)

    seq = problem.seq
    lengths = None if seq.lengths is None else fence.copy(seq.lengths)
    reset = None if seq.reset is None else fence.copy(seq.reset)
    moved = Sequences(seq.steps, seq.batch, lengths, reset, seq.reverse)
    return replace(problem.map(here), seq=moved)


def sequences(batch: int) -> Iterator[Sequences]:
    """Ragged, in reverse, and long for one row alone, which works many steps ahead."""
    rng = np.random.default_rng(batch)
    for steps, reverse in ((5, False), (3, True), *([(40, False)] if batch == 1 else [])):
        lengths = None if reverse else rng.integers(0, steps + 1, batch)
        yield Sequences(steps, batch, lengths, resets(steps, batch), reverse)


def run_at_a_fence() -> None:
    """In the child: every case at a fence and without, with the same bits. What is being run is
    printed before it is run."""
    for name, (h, i, batch) in CASES.items():
        program = CELLS[name].program
        sizes, first = sizes_of(name, H=h, I=i, P=3), (program.states[0].name,)
        for dtype, target in KINDS:
            compiled = functools.partial(
                layer_for.__wrapped__, program, tuple(sizes.items()), dtype, first, target
            )
            away = compiled()
            for seq in sequences(batch):
                print(name, sizes, dtype, target or "native", seq, flush=True)
                problem = draw(program, sizes, seq, first)
                apart = by_layer(away, problem)
                inferred = by_layer(away, problem.evaluation(), backward=False)
                for side in SIDES:
                    print("at the", side, flush=True)
                    with fenced(side) as fence:
                        # kernels of their own, as they keep memory; arrays of their type, not copied
                        layer, at = compiled(), _fence_problem(problem, fence, dtype)
                        assert_identical(by_layer(layer, at), apart)
                        got = by_layer(layer, at.evaluation(), backward=False)
                        assert_identical(got, inferred)
    print("survived")


def test_nothing_beyond_an_array_is_touched() -> None:
    done = child("from tests.backends.llvm.test_guard import *; run_at_a_fence()")
    where = done.stdout.strip().splitlines()[-2:]
    assert done.returncode == 0, f"{where}\n{done.stderr[-3000:]}"
    assert where[-1:] == ["survived"]


TOUCH = """
import ctypes
from tests.backends.llvm.test_guard import Fence
fence = Fence({side!r})
a = fence.empty(3, "float32")
a[:] = 1.0
print(ctypes.c_char.from_address(a.ctypes.data + {inside}).value is not None, flush=True)
print(ctypes.c_char.from_address(a.ctypes.data + {outside}).value)
"""


@pytest.mark.parametrize(("side", "inside", "outside"), [("end", 11, 12), ("start", 0, -1)])
def test_a_fence_kills(side: Side, inside: int, outside: int) -> None:
    done = child(TOUCH.format(side=side, inside=inside, outside=outside))
    assert done.stdout == "True\n"
    assert done.returncode == -11  # SIGSEGV
