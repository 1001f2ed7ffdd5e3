"""One step of one row, or of a few rows and large matrices: these are read where the caller has them."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gatewise import compile as compiler
from gatewise.backends.llvm.machine import threads as threads_module
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.tiles import FEW, TALL, TILE, cut
from gatewise.backends.llvm.run import call_frame as frame
from gatewise.backends.llvm.run import carried_rows, compiled_layer
from gatewise.compile import layer_for
from gatewise.interp import Sequences
from tests.backends.llvm.helpers import (
    CELLS,
    Problem,
    assert_identical,
    assert_same,
    by_interpreter,
    by_kernels,
    by_layer,
    child,
    draw,
    poisoned,
    sizes_of,
)
from tests.backends.llvm.test_guard import SIDES, _fence_problem, fenced

SIZES = [(1, 1), (7, 3), (16, 16), (33, 17), (100, 64)]  # units, inputs
ONE = Sequences(1, 1)


def problem(name: str, h: int, i: int, seq: Sequences = ONE) -> Problem:
    program = CELLS[name].program
    first = program.states[0].name
    return draw(program, sizes_of(name, H=h, I=i), seq, (first,)).evaluation()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CELLS)
def test_every_cell_is_what_the_interpreter_says(name: str, dtype: str) -> None:
    h, i = SIZES[sum(map(ord, name)) % len(SIZES)]
    p = problem(name, h, i)
    with poisoned():
        got = by_kernels(p, dtype, backward=False)
    assert_same(got, by_interpreter(p, backward=False), dtype)


@pytest.mark.parametrize("target", ["avx2", "sse2"])
@pytest.mark.parametrize(("h", "i"), SIZES)
@pytest.mark.parametrize("name", ["lstm", "gru_v3", "slstm-heads", "lstmp"])
def test_sizes_and_levels(name: str, h: int, i: int, target: str) -> None:
    p = problem(name, h, i)
    want = by_interpreter(p, backward=False)
    for level in ("", target):
        assert_same(by_kernels(p, "float32", backward=False, target=level), want, "float32")


@pytest.mark.parametrize(
    "seq",
    [
        Sequences(1, 1, None, np.ones((1, 1), bool)),
        Sequences(1, 1, None, None, True),
        Sequences(4, 1, np.array([1])),
        Sequences(1, 1, np.array([0])),
    ],
    ids=["a reset", "in reverse", "the first of four steps", "no step"],
)
@pytest.mark.parametrize("name", ["lstm", "layernorm_lstm", "sru", "ealstm"])
def test_ways_through_one_step(name: str, seq: Sequences) -> None:
    p = problem(name, 9, 5, seq)
    assert_same(by_kernels(p, backward=False), by_interpreter(p, backward=False), "float64")


def test_which_calls_have_it() -> None:
    p = problem("lstm", 8, 8)
    make = functools.partial(layer_for.__wrapped__, p.program, tuple(p.sizes.items()), "float32")
    rows = {(t, b): cut(t, b) for t in (1, 2) for b in (1, 2)}
    kinds = {shape: make().inference(r) for shape, r in rows.items()}
    assert kinds == dict.fromkeys(rows, "inference") | {(1, 1): "single"}


@pytest.mark.parametrize("target", ["", "avx2"])
@pytest.mark.parametrize("name", ["lstm", "gru_v3", "slstm-heads", "lstmp"])
def test_a_few_rows_read_large_matrices_once(
    name: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carried_rows, "SHARING", ((0, FEW),))
    for rows, h, i in ((2, 33, 17), (5, 16, 3), (FEW, 40, 20)):
        reset = np.arange(rows)[None] % 3 == 0
        p = problem(name, h, i, Sequences(1, rows, None, reset))
        layer = layer_for.__wrapped__(
            p.program, tuple(p.sizes.items()), "float32", p.record, target
        )
        with poisoned():
            got = by_layer(layer, p, backward=False)
        assert_same(got, by_interpreter(p, backward=False), "float32")
        ((taken,),) = layer._frames.values()
        assert taken.kind == "single" and not taken.weights.matrices


def test_how_many_rows_are_few() -> None:
    p = problem("lstm", 8, 8)
    make = functools.partial(layer_for.__wrapped__, p.program, dtype="float32")
    for units, most in ((8, 1), (100, 4), (200, 8), (300, 16), (400, 32)):
        layer = make((("I", units), ("H", units)))
        for rows in (1, 2, 4, 5, 8, 9, 16, 17, 32, 33):
            cut_so = cut(1, rows, None, layer.tile_for(1, rows, False))
            kind = layer.inference(cut_so)
            assert (kind == "single") == (rows <= most), (units, rows)
            # no bfloat16; on one thread two rows go apart, to multiply the inputs of many steps at once
            assert layer.tile_for(2, rows, False, 2) == layer.tile_for(2, rows, True)
            together = layer.tile_for(2, rows, True)
            apart = TILE if rows == 2 and together == TALL else together
            assert layer.tile_for(2, rows, False, 1) == apart


@pytest.mark.parametrize("target", ["", "sse2"])
@pytest.mark.parametrize(("h", "i"), SIZES)
@pytest.mark.parametrize("name", ["lstm", "gru_v3", "slstm-heads"])
def test_matrices_in_bfloat16(name: str, h: int, i: int, target: str) -> None:
    """Rounded as they are read: against the kernels that read them packed."""
    p = problem(name, h, i)
    make = functools.partial(
        layer_for.__wrapped__,
        p.program,
        tuple(p.sizes.items()),
        "float32",
        p.record,
        target,
        weights="bfloat16",
    )
    packed = make()
    packed.inference = lambda rows: "inference"  # type: ignore[method-assign]
    alone = by_layer(make(), p, backward=False)
    assert_same(alone, by_layer(packed, p, backward=False), "float32")
    plain = by_kernels(p, "float32", backward=False)
    assert h == 1 or not np.array_equal(alone["output"], plain["output"])


def test_matrices_are_never_packed_and_vectors_when_they_change() -> None:
    p = problem("lstm", 20, 12).of_type("float32")
    layer = layer_for.__wrapped__(p.program, tuple(p.sizes.items()), "float32", p.record)
    for change in ("W.i", "U.o", "b.z"):
        before = by_layer(layer, p, backward=False)
        p.params[change] *= 2
        after = by_layer(layer, p, backward=False)
        assert not np.array_equal(after["output"], before["output"])
        assert_same(after, by_interpreter(p, backward=False), "float32")
    ((taken,),) = layer._frames.values()
    assert taken.kind == "single" and not taken.weights.matrices


def test_rows_of_a_matrix_may_lie_apart() -> None:
    p = problem("lstm", 10, 6).of_type("float32")
    wide = {
        n: np.full((*a.shape[:-1], 2 * a.shape[-1]), np.nan, "float32") if a.ndim > 1 else a
        for n, a in p.params.items()
    }
    for n, a in p.params.items():
        if a.ndim > 1:
            wide[n] = wide[n][..., : a.shape[-1]]
            wide[n][...] = a
    want = by_kernels(p, "float32", backward=False)
    layer = layer_for(p.program, tuple(p.sizes.items()), "float32", p.record)
    got = by_layer(layer, replace(p, params=wide), backward=False, as_it_is=True)
    assert_identical(got, want)


@pytest.mark.parametrize("name", ["lstm", "gru_v3", "slstm-heads", "layernorm_lstm", "mut2"])
def test_any_number_of_threads(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads_module, "WORTH_A_THREAD", -1)
    monkeypatch.setattr(frame, "WORTH_SHARING", -1)
    p = problem(name, 150, 70)
    one = by_kernels(p, "float32", backward=False)
    for threads in (2, 3, 7):
        assert_identical(by_kernels(p, "float32", backward=False, threads=threads), one)


def run_at_a_fence() -> None:
    """In the child."""
    for name in ("lstm", "gru_v3", "slstm-heads", "lstmp", "phased_lstm"):
        for h, i in SIZES:
            for dtype, target in (("float32", ""), ("float64", "avx2"), ("float32", "sse2")):
                print(name, h, i, dtype, target, flush=True)
                p = problem(name, h, i)
                make = functools.partial(
                    layer_for.__wrapped__,
                    p.program,
                    tuple(p.sizes.items()),
                    dtype,
                    p.record,
                    target,
                )
                want = by_layer(make(), p, backward=False)
                for side in SIDES:
                    print("at the", side, flush=True)
                    with fenced(side) as fence:
                        at = _fence_problem(p, fence, dtype)
                        assert_identical(by_layer(make(), at, backward=False), want)
    print("survived")


def test_nothing_beyond_an_array_is_touched() -> None:
    done = child("from tests.backends.llvm.test_single import *; run_at_a_fence()")
    where = done.stdout.strip().splitlines()[-2:]
    assert done.returncode == 0, f"{where}\n{done.stderr[-3000:]}"
    assert where[-1:] == ["survived"]


def test_a_call_compiles_the_kernel_that_it_runs_and_differentiates_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    p = problem("mgu", 5, 2)
    kernels: list[str] = []
    kernel = compiled_layer.Kernel

    def noted(plan: KernelPlan, *args: Any) -> Any:
        kernels.append("single" if plan.spec.single else "another")
        return kernel(plan, *args)

    monkeypatch.setattr(compiled_layer, "Kernel", noted)
    monkeypatch.setattr(compiler, "training_for", lambda *_: pytest.fail("it was differentiated"))
    compiler._plans_for.cache_clear()  # another test may have trained this cell
    layer = layer_for.__wrapped__(p.program, tuple(p.sizes.items()), "float32", p.record)
    by_layer(layer, p, backward=False)
    assert kernels == ["single"]
