"""Subnormal numbers are zero inside of kernels, in every thread, and the caller's mode stays his own."""

from __future__ import annotations

import ctypes
import functools
import os
from collections.abc import Iterator

import numpy as np
import pytest

from gatewise.backends.llvm.machine import flushing, jit, teams
from gatewise.backends.llvm.machine.target import MACHINES, Target
from tests import control_word
from tests.backends.llvm.machine import test_threads

KINDS = test_threads.KINDS

# tell: slots[thread] = the control word; then the bits in slots[8] are set in it, and stay set.
# double: x[thread] *= 2 for the floats 2048 bytes on.
KERNELS = """
define void @tell(ptr %a, i32 %thread, i32 %count) {
  %slots = getelementptr i8, ptr %a, i64 1024
  %slot = getelementptr i32, ptr %slots, i32 %thread
  %word = call i32 @read()
  store i32 %word, ptr %slot
  %more.at = getelementptr i32, ptr %slots, i32 8
  %more = load i32, ptr %more.at
  %new = or i32 %word, %more
  call void @write(i32 %new)
  ret void
}
define void @double(ptr %a, i32 %thread, i32 %count) {
  %x = getelementptr i8, ptr %a, i64 2048
  %p = getelementptr float, ptr %x, i32 %thread
  %v = load float, ptr %p
  %w = fmul float %v, 2.0
  store float %w, ptr %p
  ret void
}
"""


@functools.cache
def kernels() -> jit.Module:
    target = Target.host()
    text = KERNELS + control_word.word().ir
    return jit.load(jit.compile_object(text, target), ["tell", "double"])


@pytest.fixture(params=KINDS)
def team(request: pytest.FixtureRequest) -> teams.Team:
    return test_threads.team_of(request.param)


@pytest.fixture(params=["caller flushes", "caller does not"])
def mode(request: pytest.FixtureRequest) -> Iterator[int]:
    """The control word that the caller has."""
    bits, before = control_word.word(), control_word.read()
    control_word.write(
        before & ~bits.flush | (bits.flush if request.param == "caller flushes" else 0)
    )
    yield control_word.read()
    control_word.write(before)


@pytest.mark.parametrize("wanted", [1, 2, 3])
def test_each_thread_flushes_inside_and_has_its_own_mode_after(
    team: teams.Team, mode: int, wanted: int
) -> None:
    bits = control_word.word()
    memory = test_threads.Memory()
    memory.slots[8] = bits.rounding  # what a kernel leaves behind is not there in the next region
    for _ in range(2):
        count = team(kernels()["tell"], memory.address, wanted)
        assert control_word.read() == mode
        words = memory.slots[:count]
        assert (words & bits.flush == bits.flush).all()
        assert (words & bits.rounding == 0).all()


def test_without_the_way_in_a_mode_would_stay(mode: int) -> None:
    """What the test before sees is there to be seen."""
    memory = test_threads.Memory()
    memory.slots[8] = bits = control_word.word().rounding
    address, number = ctypes.c_void_p, ctypes.c_int
    kernels().function("tell", None, address, number, number)(memory.address, 0, 1)
    assert control_word.read() == mode | bits


def test_a_subnormal_number_is_zero_in_every_thread(team: teams.Team, mode: int) -> None:
    memory = test_threads.Memory(floats=4)
    memory.floats[:] = np.array([1e-40, 1e-40, 1e-40, 1.0], np.float32)
    count = team(kernels()["double"], memory.address, 3)
    assert memory.floats.view(np.int32)[:count].tolist() == [0] * count


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("kind", ["auto", "pool", "python", "one"])
def test_forked_children_flush_too(kind: str) -> None:
    code = f"""
from tests import control_word
from tests.backends.llvm.machine.test_flushing import kernels
def told(wanted):
    memory = (ctypes.c_char * 4096)()
    address = (ctypes.addressof(memory) + 63) & ~63
    before = control_word.read()
    count = threads.parallel(kernels()["tell"], address, wanted)
    assert control_word.read() == before
    return list((ctypes.c_uint * 8).from_address(address + 1024))[:count]
def flushes(words):
    return all(w & {control_word.word().flush} == {control_word.word().flush} for w in words)
def child_work():
    words = told(2)
    return 7 if len(words) == 1 and flushes(words) else 8
assert flushes(told(2))
assert in_a_child(child_work) == 7
assert flushes(told(2))
"""
    test_threads.run(code, GATEWISE_THREADING=kind)


@pytest.mark.parametrize("name", MACHINES)
def test_every_machine_has_a_way_in(name: str) -> None:
    """Where no mode is known, the call and nothing else."""
    target = Target.named(name)
    text = jit.assembly(flushing.flush_ir(target), target)
    known = name.startswith(("x86_64", "aarch64"))
    assert (text.count("ldmxcsr") == 2 or text.count("msr\tFPCR") == 2) == known
