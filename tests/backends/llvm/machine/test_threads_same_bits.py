"""Threads change nothing: the same bits for any number of them, in two Python threads at once, and
in a forked child."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from gatewise.backends.llvm.machine import threads as threads_module
from gatewise.backends.llvm.machine.threads import parallel
from gatewise.backends.llvm.plan import tiles
from gatewise.backends.llvm.run import call_frame, carried_rows, gradients
from gatewise.compile import layer_for
from gatewise.interp import Sequences
from tests.backends.llvm.helpers import (
    CELLS,
    Problem,
    Results,
    assert_identical,
    assert_same,
    by_interpreter,
    by_kernels,
    by_layer,
    child,
    draw,
    poisoned,
    resets,
    sizes_of,
)

NAMES = ("lstm", "gru_v3", "layernorm_lstm", "slstm-heads", "indrnn", "ealstm", "peephole_lstm")
NAMES += ("mlstm-heads",)


def problem(name: str, batch: int, ragged: bool, steps: int = 6) -> Problem:
    program = CELLS[name].program
    lengths = np.random.default_rng(batch).integers(0, steps + 1, batch) if ragged else None
    seq = Sequences(steps, batch, lengths, resets(steps, batch), reverse=ragged)
    return draw(program, sizes_of(name, H=18), seq, (program.states[0].name,))


@pytest.fixture
def always_threads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Threads for the smallest work too; returns what every region really had."""
    monkeypatch.setattr(threads_module, "WORTH_A_THREAD", -1)
    monkeypatch.setattr(call_frame, "WORTH_SHARING", -1)
    had: list[int] = []

    def counted(function: int, args: int, threads: int) -> int:
        had.append(parallel(function, args, threads))
        return had[-1]

    for module in ("call_frame", "gradients", "scheduler"):
        monkeypatch.setattr(f"gatewise.backends.llvm.run.{module}.parallel", counted)
    return had


@pytest.mark.parametrize("ragged", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_any_number_of_threads(name: str, ragged: bool, always_threads: list[int]) -> None:
    for batch in (1, 5, 13, 64):
        p = problem(name, batch, ragged)
        with poisoned():
            one = by_kernels(p, "float32", threads=1)
            inferred = _inference(p, 1)
            for threads in (2, 3, 8):
                assert_identical(by_kernels(p, "float32", threads=threads), one)
                assert_identical(_inference(p, threads), inferred)
    assert max(always_threads) > 1


def _inference(p: Problem, threads: int) -> Results:
    layer = layer_for(p.program, tuple(p.sizes.items()), "float32", p.record)
    return by_layer(layer, p.evaluation(), backward=False, threads=threads)


@pytest.mark.parametrize("name", ["lstm", "gru_v3"])
def test_work_that_is_worth_threads(name: str) -> None:
    program = CELLS[name].program
    seq = Sequences(12, 40, None, resets(12, 40))
    p = draw(program, sizes_of(name, H=96, I=64), seq, ("h",))
    one = by_kernels(p, "float32", threads=1)
    for threads in (2, 3):
        assert_identical(by_kernels(p, "float32", threads=threads), one)


@pytest.mark.parametrize("name", [*NAMES, "gru", "mut2", "lstmp"])
def test_a_team_on_one_tile(name: str, always_threads: list[int]) -> None:
    """More threads than tiles: they share the panels of products and the vectors of loops. Against
    the interpreter too, with units enough for several panels."""
    program = CELLS[name].program
    sizes = sizes_of(name, H=150, I=70)
    for seq in (Sequences(35, 1), Sequences(5, 3, np.array([5, 2, 4]), resets(5, 3), reverse=True)):
        p = draw(program, sizes, seq, (program.states[0].name,))
        with poisoned():
            one = by_kernels(p, "float32", threads=1)
            for threads in (2, 5):
                assert_identical(by_kernels(p, "float32", threads=threads), one)
    assert_same(one, by_interpreter(p), "float32")


@pytest.mark.parametrize("name", [*NAMES, "lstmp", "sru"])
def test_gradients_piece_by_piece(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles in groups, each followed by its products, give the bits of all at once."""
    for ragged in (False, True):
        p = problem(name, 40, ragged)
        with poisoned():
            whole = by_kernels(p, "float32", threads=1)
            for size, threads in ((1, 1), (1, 2), (20_000, 1)):
                monkeypatch.setattr(gradients, "CACHED_BYTES", size)
                assert_identical(by_kernels(p, "float32", threads=threads), whole)
            monkeypatch.undo()


@pytest.mark.parametrize("rows", [36, 72])
@pytest.mark.parametrize("name", ["lstm", "gru_v3", "layernorm_lstm", "zoneout-lstm"])
def test_tall_tiles(
    name: str, rows: int, monkeypatch: pytest.MonkeyPatch, always_threads: list[int]
) -> None:
    """Weights that do not fit into a cache are read once for many rows; threads share the tallest."""
    monkeypatch.setattr(carried_rows, "OWN_CACHE", -1)
    monkeypatch.setattr(carried_rows, "SHARED_CACHE", -1 if rows == 72 else 1 << 40)
    monkeypatch.setattr(tiles, "CORES", 1)
    tiles._full.cache_clear()
    program, sizes = CELLS[name].program, sizes_of(name, H=70)
    layer = layer_for.__wrapped__(program, tuple(sizes.items()), "float32", ("h",))
    assert layer.tile_for(6, 75, True) == rows
    for batch in (1, 7, 13, 75):
        lengths = np.random.default_rng(batch).integers(0, 7, batch)
        for seq in (Sequences(6, batch), Sequences(6, batch, lengths, resets(6, batch))):
            p = draw(program, sizes, seq, ("h",))
            with poisoned():
                got = by_layer(layer, p)
                assert_identical(by_layer(layer, p, threads=3), got)
            assert_same(got, by_interpreter(p), "float32")
    tiles._full.cache_clear()


@pytest.mark.parametrize("threads", [1, 2])
def test_python_threads_share_a_layer(threads: int, always_threads: list[int]) -> None:
    """Calls of one layer at the same time, with weights of their own, do not see each other."""
    name, count = "lstm", 12
    program, sizes = CELLS[name].program, sizes_of(name, H=40)
    problems = [
        draw(program, sizes, Sequences(20, 3 + k % 4), ("h",), seed=k) for k in range(count)
    ]
    layer = layer_for.__wrapped__(program, tuple(sizes.items()), "float64", ("h",))
    want = [by_kernels(p) for p in problems]

    def many(k: int) -> Results:
        for _ in range(5):
            by_layer(layer, problems[k], backward=False, threads=threads)
            got = by_layer(layer, problems[k], threads=threads)
        return got

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(many, range(count)))
    for got, expected in zip(results, want, strict=True):
        assert_identical(got, expected)


FORK = """
import os, sys
from tests.backends.llvm.helpers import assert_same, by_interpreter
from tests.backends.llvm.machine.test_threads_same_bits import *

p = problem("lstm", 13, True)
threads_module.WORTH_A_THREAD = -1
if {torch}:
    import torch
before = by_kernels(p, "float32", threads=2)
sys.stdout.flush()
pid = os.fork()
if pid == 0:
    try:
        assert_identical(by_kernels(p, "float32", threads=2), before)
        q = problem("gru_v3", 5, True)  # never compiled before
        assert_same(by_kernels(q, "float64", threads=2), by_interpreter(q), "float64")
        os._exit(0)
    except BaseException:
        import traceback
        traceback.print_exc()
        os._exit(1)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
assert_identical(by_kernels(p, "float32", threads=2), before)
print("right")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("torch", [False, True], ids=["alone", "with torch"])
def test_a_forked_child_computes_the_same(torch: bool) -> None:
    """Also what it has to compile first; the parent goes on with its threads."""
    if torch:
        pytest.importorskip("torch")
    done = child(FORK.format(torch=torch))
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout == "right\n"
