"""The kernels at every level of this machine, and as code for other machines."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from gatewise.backends.llvm.machine import jit
from gatewise.backends.llvm.machine.target import MACHINES, Target
from gatewise.backends.llvm.plan.planner import make_plan
from gatewise.backends.llvm.run.kernel import kernel_text, lanes_for, library_text
from gatewise.compile import layer_for
from gatewise.errors import BackendError
from gatewise.interp import Sequences
from tests.backends.llvm.helpers import (
    CELLS,
    assert_identical,
    assert_same,
    by_interpreter,
    by_kernels,
    by_layer,
    draw,
    poisoned,
    resets,
    sizes_of,
)

LEVELS = ("sse2", "avx2", "avx512")
X86 = platform.machine().lower() in ("x86_64", "amd64")
here = pytest.mark.skipif(not X86, reason="levels of x86")
NAMES = ("gru_v3", "layernorm_lstm", "phased_lstm", "minlstm", "lstm_1997-cells")
FUNCTIONS = ("layernorm_lstm", "phased_lstm", "minlstm")  # square roots, floors, exponentials
LENGTHS = np.array([5, 0, 1, 4, 5, 2, 3])
SEQUENCES = (Sequences(5, 7, LENGTHS, resets(5, 7)), Sequences(37, 1, None, None, reverse=True))


def level(name: str) -> str:
    """The level, or a skipped test where the processor lacks it."""
    try:
        Target.named(name)
    except BackendError as error:
        pytest.skip(str(error))
    return name


@here
@pytest.mark.parametrize("target", LEVELS)
@pytest.mark.parametrize("name", NAMES)
def test_every_level_agrees_with_the_interpreter(name: str, target: str) -> None:
    program, first = CELLS[name].program, (CELLS[name].program.states[0].name,)
    for dtype, units in (("float64", 7), ("float32", 17)):
        sizes = sizes_of(name, H=units)
        layer = layer_for(program, tuple(sizes.items()), dtype, first, level(target))
        for seq in SEQUENCES if dtype == "float64" else SEQUENCES[:1]:
            problem = draw(program, sizes, seq, first)
            with poisoned():
                got = by_layer(layer, problem, threads=2)
            assert_same(got, by_interpreter(problem), dtype)
            evaluation = problem.evaluation()
            with poisoned():
                got = by_layer(layer, evaluation, backward=False)
            assert_same(got, by_interpreter(evaluation, backward=False), dtype)


@here
@pytest.mark.parametrize("target", LEVELS)
def test_every_level_has_the_same_bits_for_any_threads_and_company(target: str) -> None:
    program, sizes = CELLS["lstm"].program, sizes_of("lstm", H=21)
    problem = draw(program, sizes, Sequences(5, 13), ("h",))
    one = by_kernels(problem, "float32", target=level(target))
    assert_identical(by_kernels(problem, "float32", threads=3, target=target), one)


def test_a_level_that_is_not_there_is_refused() -> None:
    other = "neon" if X86 else "avx2"
    with pytest.raises(BackendError, match=other):
        layer_for(CELLS["lstm"].program, (("I", 3), ("H", 4)), "float32", (), other)
    with pytest.raises(BackendError, match="avx512"):  # and the nearest name is shown
        layer_for(CELLS["lstm"].program, (("I", 3), ("H", 4)), "float32", (), "avx51")


# --- what the machine code calls ------------------------------------------------------------------


def texts(name: str, dtype: str, target: Target) -> Iterator[str]:
    """The LLVM IR of a cell's kernels for a target, made on any machine."""
    program = CELLS[name].program
    layer = layer_for(program, tuple(sizes_of(name).items()), dtype)
    plans, t = layer.plans, lanes_for(dtype, target)
    steps = plans.training
    for kind, program in (("forward", steps.forward), ("backward", steps.backward)):
        schedule = plans.schedule(program)
        yield kernel_text(make_plan(layer.plan(kind).spec, schedule, layer.sizes, t), target)


def shared(dtype: str, target: Target) -> str:
    return library_text(lanes_for(dtype, target), target)


@cache
def outside(text: str, target: Target) -> frozenset[str]:
    """The functions that the machine code of a text calls and does not hold, but for those of the
    library and the call of the system with which a thread that waits long gives way."""
    assembly = jit.assembly(text, target)
    jumps = r"^\s+(?:callq?|jmp|bl|b|jal|call|tail)[ \t]+([A-Za-z_][\w.]*)"
    called = re.findall(jumps, assembly, re.MULTILINE)
    called += re.findall(r"movabsq[ \t]+\$([A-Za-z_][\w.]*)", assembly)  # code of this process
    own = set(re.findall(r"^define [^@]*@([\w.]+)\(", text, re.MULTILINE))
    labels = set(re.findall(r"^([A-Za-z_.][\w.]*):", assembly, re.MULTILINE))
    waits = {"sched_yield", "_sched_yield", "syscall"}  # of a barrier: they give the core away
    library = {"gw_gemm", "_gw_gemm", "gw.barrier", "_gw.barrier"}
    return frozenset(called) - own - labels - library - waits


@pytest.mark.parametrize(
    ("machine", "dtype"),
    [
        ("x86_64-linux", "float32"),
        ("x86_64-linux", "float64"),
        ("aarch64", "float64"),
        ("x86_64-linux+avx2", "float32"),
        ("aarch64", "float32"),
        ("wasm32", "float32"),
    ],
)
def test_no_library_function_is_called(machine: str, dtype: str) -> None:
    """Not for a multiply-add, a rounding, an exponential or a copy."""
    target = Target.named(machine)
    assert outside(shared(dtype, target), target) == set()
    for name in FUNCTIONS:
        for text in texts(name, dtype, target):
            assert outside(text, target) == set()


@here
@pytest.mark.parametrize("target", LEVELS)
def test_no_library_function_is_called_in_this_process(target: str) -> None:
    where = Target.named(level(target))
    assert outside(shared("float32", where), where) == set()
    for name in FUNCTIONS:
        for text in texts(name, "float32", where):
            assert outside(text, where) == set()


def test_a_library_function_would_be_seen() -> None:
    text = """
define <4 x float> @f(<4 x float> %x) {
  %y = call <4 x float> @llvm.fma.v4f32(<4 x float> %x, <4 x float> %x, <4 x float> %x)
  ret <4 x float> %y
}
"""
    for name in ("x86_64-linux", "wasm32"):
        assert outside(text, Target.named(name)) == {"fmaf"}
    if X86:
        assert outside(text, Target.named("sse2")) == {"fmaf"}


@pytest.mark.parametrize("machine", MACHINES)
def test_code_for_other_machines(machine: str) -> None:
    """All of it can be compiled; 32-bit machines call their compiler's runtime for what they lack,
    but no mathematics."""
    target = Target.named(machine)
    assert jit.compile_object(shared("float32", target), target)
    for name in ("lstm", "phased_lstm"):
        for text in texts(name, "float32", target):
            assert jit.compile_object(text, target)
            assert [f for f in outside(text, target) if not f.startswith("__")] == []
