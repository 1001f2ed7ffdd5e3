"""Regions: each thread called once, all at the same time, whoever runs them, and never a hang.

What needs a process of its own (fork, PyTorch loaded or not, environment variables) runs in a child
with a time limit: a region that hangs must be a red test, not a stuck one.
"""

import functools
import os
import subprocess
import sys
import threading
import types
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from gatewise.backends.llvm.machine import cores, jit, teams, threads
from gatewise.backends.llvm.machine.barrier_ir import BARRIER_BYTES, barrier_ir
from gatewise.backends.llvm.machine.target import MACHINES, Target
from gatewise.errors import BackendError, InputError

FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
KINDS = ["one", "pool", "python", "openmp"]

# Behind a barrier of theirs, 1024 bytes on, the kernels have words of int32, their `slots`.
# meet: all wait at the barrier; slots[thread] = count (100 times what was there, added).
# rounds: slots[0] times, slots[1 + thread] = the round; barrier; each of these slots that shows
#   another round adds 1 to slots[64 + thread]; barrier.
# halve: the slots[0] floats 2048 bytes on are shared out by thread and count, and halved.
KERNELS = """
define void @meet(ptr %a, i32 %thread, i32 %count) {
  call void @gw.barrier(ptr %a, i32 %count)
  %slots = getelementptr i8, ptr %a, i64 1024
  %slot = getelementptr i32, ptr %slots, i32 %thread
  %old = load i32, ptr %slot
  %base = mul i32 %old, 100
  %new = add i32 %base, %count
  store i32 %new, ptr %slot
  ret void
}

define void @rounds(ptr %a, i32 %thread, i32 %count) {
entry:
  %slots = getelementptr i8, ptr %a, i64 1024
  %total = load i32, ptr %slots
  %own.index = add i32 %thread, 1
  %own = getelementptr i32, ptr %slots, i32 %own.index
  %errors.index = add i32 %thread, 64
  %errors = getelementptr i32, ptr %slots, i32 %errors.index
  br label %round
round:
  %r = phi i32 [ 1, %entry ], [ %next, %done ]
  store i32 %r, ptr %own
  call void @gw.barrier(ptr %a, i32 %count)
  br label %check
check:
  %k = phi i32 [ 1, %round ], [ %k1, %check ]
  %slot = getelementptr i32, ptr %slots, i32 %k
  %seen = load i32, ptr %slot
  %wrong = icmp ne i32 %seen, %r
  %one = zext i1 %wrong to i32
  %before = load i32, ptr %errors
  %after = add i32 %before, %one
  store i32 %after, ptr %errors
  %k1 = add i32 %k, 1
  %more = icmp sle i32 %k1, %count
  br i1 %more, label %check, label %done
done:
  call void @gw.barrier(ptr %a, i32 %count)
  %next = add i32 %r, 1
  %again = icmp sle i32 %next, %total
  br i1 %again, label %round, label %out
out:
  ret void
}

define void @halve(ptr %a, i32 %thread, i32 %count) {
entry:
  %n.at = getelementptr i8, ptr %a, i64 1024
  %n = load i32, ptr %n.at
  %low.n = mul i32 %n, %thread
  %low = udiv i32 %low.n, %count
  %thread1 = add i32 %thread, 1
  %high.n = mul i32 %n, %thread1
  %high = udiv i32 %high.n, %count
  %x = getelementptr i8, ptr %a, i64 2048
  %some = icmp ult i32 %low, %high
  br i1 %some, label %loop, label %out
loop:
  %i = phi i32 [ %low, %entry ], [ %next, %loop ]
  %p = getelementptr float, ptr %x, i32 %i
  %v = load float, ptr %p
  %w = fmul float %v, 0.5
  store float %w, ptr %p
  %next = add i32 %i, 1
  %more = icmp ult i32 %next, %high
  br i1 %more, label %loop, label %out
out:
  ret void
}
"""


@functools.cache
def kernels() -> jit.Module:
    target = Target.host()
    data = jit.compile_object(KERNELS + barrier_ir(target), target)
    return jit.load(data, ["meet", "rounds", "halve"])


class Memory:
    """The arguments of the kernels: a barrier, 256 words of int32, and floats behind them."""

    def __init__(self, floats: int = 0) -> None:
        self._bytes = np.zeros(2048 + 4 * floats + 64, np.uint8)
        skip = -self._bytes.ctypes.data % 64
        used = self._bytes[skip : skip + 2048 + 4 * floats]
        self.address = int(used.ctypes.data)
        self.slots = used[1024:2048].view(np.int32)
        self.floats = used[2048:].view(np.float32)


def team_of(kind: str) -> teams.Team:
    if kind == "openmp":
        pytest.importorskip("torch")
        if teams._openmp() is None:
            pytest.skip("the PyTorch here brings no OpenMP runtime with GOMP's names")
    if kind == "pool" and os.name != "posix":
        pytest.skip("the pool is for POSIX systems")
    return teams._choose(kind)


@pytest.fixture(params=KINDS)
def team(request: pytest.FixtureRequest) -> teams.Team:
    """Everybody who can run threads, in this process."""
    return team_of(request.param)


@pytest.fixture(params=[kind for kind in KINDS if kind != "one"])
def several(request: pytest.FixtureRequest) -> teams.Team:
    """Those that have more than one thread."""
    return team_of(request.param)


# --- regions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [1, 2, 3, 5])
def test_each_thread_is_called_once_and_told_the_true_count(team: teams.Team, wanted: int) -> None:
    for _ in range(50):
        memory = Memory()
        count = team(kernels()["meet"], memory.address, wanted)
        assert 1 <= count <= wanted
        assert memory.slots[:8].tolist() == [count] * count + [0] * (8 - count)


@pytest.mark.parametrize("wanted", [2, 3])
def test_as_many_as_wanted_where_there_can_be(several: teams.Team, wanted: int) -> None:
    assert several(kernels()["meet"], Memory().address, wanted) == wanted


def test_more_threads_than_a_pool_can_have() -> None:
    memory = Memory(floats=1000)
    memory.slots[0], memory.floats[:] = 1000, 2
    count = team_of("pool")(kernels()["halve"], memory.address, 10_000)
    assert 1 <= count <= teams.MAX_WORKERS + 1
    assert np.all(memory.floats == 1)


@pytest.mark.parametrize("n", [0, 1, 2, 7, 1000])
def test_work_is_shared_out_whole(team: teams.Team, n: int) -> None:
    memory = Memory(floats=n)
    memory.slots[0], memory.floats[:] = n, np.arange(n)
    team(kernels()["halve"], memory.address, 3)
    assert np.array_equal(memory.floats, np.arange(n, dtype=np.float32) / 2)


def test_workers_wake_up_after_they_have_slept(several: teams.Team) -> None:
    pause = threading.Event()
    for _ in range(20):
        memory = Memory()
        assert several(kernels()["meet"], memory.address, 2) == 2
        assert memory.slots[:2].tolist() == [2, 2]
        pause.wait(0.005)  # longer than a worker spins


def test_regions_of_many_threads_at_once(team: teams.Team) -> None:
    meet = kernels()["meet"]  # made once: of several at once all but one would be let go of

    def work(_: int) -> int:
        memory = Memory()
        count = team(meet, memory.address, 2)
        assert memory.slots[:2].tolist() == [count] * count + [0] * (2 - count)
        return count

    with ThreadPoolExecutor(4) as crowd:
        assert {1, 2} >= set(crowd.map(work, range(500)))


# --- the barrier ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("wanted", "rounds"), [(1, 1000), (2, 10_000), (3, 300), (6, 100)])
def test_a_barrier_holds_for_thousands_of_rounds(
    several: teams.Team, wanted: int, rounds: int
) -> None:
    memory = Memory()
    memory.slots[0] = rounds
    count = several(kernels()["rounds"], memory.address, wanted)
    assert count == wanted
    assert memory.slots[1 : 1 + count].tolist() == [rounds] * count
    assert memory.slots[64 : 64 + count].tolist() == [0] * count


def test_without_its_barrier_the_kernel_of_that_test_sees_errors() -> None:
    target = Target.host()
    idle = "define internal void @gw.barrier(ptr %b, i32 %n) {\n  ret void\n}\n"
    module = jit.load(jit.compile_object(KERNELS + idle, target), ["rounds"])
    pair = team_of("pool" if os.name == "posix" else "python")
    memory = Memory()
    memory.slots[0] = 10_000
    assert pair(module["rounds"], memory.address, 2) == 2
    assert memory.slots[64:66].any()


def test_the_barrier_fits_its_memory_and_every_machine() -> None:
    assert BARRIER_BYTES == 256
    for name in MACHINES:
        target = Target.named(name)
        text = barrier_ir(target) + (
            "define void @k(ptr %b) {\n  call void @gw.barrier(ptr %b, i32 2)\n  ret void\n}\n"
        )
        assembly = jit.assembly(text, target)
        posix = "linux" in target.triple or "apple" in target.triple
        assert ("sched_yield" in assembly) == posix
        assert ("syscall" in assembly) == ("linux" in target.triple)  # how it sleeps


# --- how many -------------------------------------------------------------------------------------


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """No setting of the environment or of another test, and no PyTorch."""
    for name in ("GATEWISE_NUM_THREADS", "OMP_NUM_THREADS", "GATEWISE_THREADING"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setattr(threads, "_chosen", None)
    threads._explicit.cache_clear()
    yield monkeypatch
    threads._explicit.cache_clear()


def test_an_explicit_number_wins_over_all_others(clean: pytest.MonkeyPatch) -> None:
    assert 1 <= threads.get_num_threads() <= (os.cpu_count() or 1)
    clean.setattr(cores, "available", lambda: 16)
    assert threads.get_num_threads() == 16
    clean.setenv("OMP_NUM_THREADS", "9")
    assert threads.get_num_threads() == 9
    torch = types.SimpleNamespace(get_num_threads=lambda: 7)
    clean.setitem(sys.modules, "torch", torch)
    assert threads.get_num_threads() == 7
    clean.setenv("GATEWISE_NUM_THREADS", "5")
    threads._explicit.cache_clear()
    assert threads.get_num_threads() == 5
    threads.set_num_threads(3)
    assert threads.get_num_threads() == 3
    threads.set_num_threads(None)
    assert threads.get_num_threads() == 5


def test_no_more_threads_than_cores_unless_it_is_said(clean: pytest.MonkeyPatch) -> None:
    clean.setattr(cores, "available", lambda: 2)
    clean.setenv("OMP_NUM_THREADS", "9")
    assert threads.get_num_threads() == 2
    clean.setitem(sys.modules, "torch", types.SimpleNamespace(get_num_threads=lambda: 7))
    assert threads.get_num_threads() == 2
    threads.set_num_threads(7)
    assert threads.get_num_threads() == 7
    threads.set_num_threads(None)


def test_a_torch_that_is_still_being_imported_is_left_alone(clean: pytest.MonkeyPatch) -> None:
    clean.setitem(sys.modules, "torch", types.SimpleNamespace())
    assert threads.get_num_threads() == cores.available()


@pytest.mark.parametrize("count", [0, -1, 1.5, "2", True])
def test_impossible_numbers_are_refused(clean: pytest.MonkeyPatch, count: object) -> None:
    with pytest.raises(InputError, match="number of threads"):
        threads.set_num_threads(count)  # type: ignore[arg-type]
    assert threads._chosen is None


def test_the_default_count_is_used(clean: pytest.MonkeyPatch) -> None:
    threads.set_num_threads(1)
    assert threads.parallel(kernels()["meet"], Memory().address) == 1


def test_openmp_by_name_needs_pytorch(clean: pytest.MonkeyPatch) -> None:
    with pytest.raises(BackendError, match="import torch first"):
        teams._choose("openmp")


# --- processes of their own -----------------------------------------------------------------------

# What the children below share: a kernel that each thread of a region marks its slot with.
PRELUDE = f"""
import ctypes, os, signal, sys, threading, time
from gatewise.backends.llvm.machine import crowding, jit
from gatewise.backends.llvm.machine import teams, threads
from gatewise.backends.llvm.machine.target import Target
from gatewise.backends.llvm.machine.barrier_ir import barrier_ir

crowding.judge = lambda took, lost: None    # how many threads there are is not the machine's to say
text = {KERNELS!r} + barrier_ir(Target.host())
module = jit.load(jit.compile_object(text, Target.host()), ["meet"])
def region(wanted=2):
    memory = (ctypes.c_char * 4096)()
    address = (ctypes.addressof(memory) + 63) & ~63
    count = threads.parallel(module["meet"], address, wanted)
    slots = (ctypes.c_int * 8).from_address(address + 1024)
    assert list(slots) == [count] * count + [0] * (8 - count), list(slots)
    return count

def in_a_child(work):
    '''What work() returns in a forked child, which is killed if it takes too long.'''
    child = os.fork()
    if not child:
        signal.alarm(20)
        code = 111
        try:
            code = work()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def child_work():
    for wanted in (2, 1, 4, None):
        assert region(wanted) == 1
    threads.set_num_threads(2)
    assert threads.get_num_threads() == 1
    return in_a_child(lambda: region(2)) + 10      # a grandchild too: 1 + 10
"""

TORCH = """
import torch
torch.set_num_threads(2)
a = torch.randn(300, 300)
(a @ a).sum()                                      # PyTorch's own threads exist
"""

FORKS = """
assert region() == 2
for _ in range(10):
    assert in_a_child(child_work) == 11
    assert region() == 2                           # the parent goes on
stop = False
def churn():
    while not stop:
        region()
crowd = [threading.Thread(target=churn) for _ in range(2)]
for thread in crowd: thread.start()
for _ in range(10):                                # while others are inside a region
    assert in_a_child(child_work) == 11
stop = True
for thread in crowd: thread.join()
assert region() == 2
"""

LOADER = """
class Rows(torch.utils.data.Dataset):
    def __len__(self): return 8
    def __getitem__(self, index):
        signal.alarm(20)
        return region() * 10 + threads.get_num_threads()
loader = torch.utils.data.DataLoader(Rows(), num_workers=2, multiprocessing_context="fork")
assert torch.cat(list(loader)).tolist() == [11] * 8
"""

LATER = """
assert region() == 2
pool = teams._chosen
import torch
assert region() == 2 and (teams._chosen is not pool or teams._openmp() is None)
torch.set_num_threads(1)
assert threads.get_num_threads() == 1 and region(None) == 1
"""

SIGNALS = """
assert region() == 2
def blocked(task):
    with open(f"/proc/self/task/{task}/status") as file:
        line = next(line for line in file if line.startswith("SigBlk"))
    mask = int(line.split()[1], 16)
    return tuple(bool(mask >> number - 1 & 1) for number in (signal.SIGINT, signal.SIGSEGV))
seen = sorted(map(blocked, os.listdir("/proc/self/task")))
assert seen == [(False, False), (True, False)], seen   # the main thread, and the worker
assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])
"""


def run(code: str, **environment: str) -> None:
    inherited = {
        k: v for k, v in os.environ.items() if not k.startswith(("GATEWISE_N", "GATEWISE_T"))
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-X", "faulthandler", "-c", PRELUDE + code],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=inherited | environment,
    )
    assert done.returncode == 0, done.stderr


@FORK
@pytest.mark.parametrize("kind", ["auto", "pool", "python"])
def test_forked_children_use_one_thread(kind: str) -> None:
    run(FORKS, GATEWISE_THREADING=kind)


@FORK
def test_forked_children_use_one_thread_with_torch() -> None:
    pytest.importorskip("torch")
    run(TORCH + FORKS + LOADER)


@FORK
def test_a_pool_beside_torch_forks_as_well() -> None:
    pytest.importorskip("torch")
    run(TORCH + FORKS, GATEWISE_THREADING="pool")


def test_torch_may_be_imported_later() -> None:
    pytest.importorskip("torch")
    run(LATER)


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="needs /proc to see threads")
def test_workers_leave_signals_to_python() -> None:
    run(SIGNALS)


def test_the_environment_sets_the_number() -> None:
    run("assert threads.get_num_threads() == 3 == region(None)", GATEWISE_NUM_THREADS="3")


def test_one_means_one() -> None:
    run("assert region(2) == 1", GATEWISE_THREADING="one")


def test_openmp_with_fewer_threads_than_wanted_says_so() -> None:
    pytest.importorskip("torch")
    run(
        TORCH + "assert teams._openmp() is None or region(4) == 1",
        OMP_THREAD_LIMIT="1",
        GATEWISE_THREADING="auto",
    )


def test_threads_that_cannot_be_started_are_done_without() -> None:
    resource = pytest.importorskip("resource")
    if os.geteuid() == 0:
        # Limits do not bind root: pretend that the system refuses.
        code = """
real = teams.code()
class Refusing:
    def __getitem__(self, name):
        return real[name]
    def function(self, name, *types):
        return (lambda pool: 11) if name == "gw.pool.start" else real.function(name, *types)
teams.code = Refusing
"""
    else:
        code = f"""
import resource
resource.setrlimit(resource.RLIMIT_NPROC, (1, {resource.RLIM_INFINITY}))
"""
    run(code + "assert region(4) == 1", GATEWISE_THREADING="pool")
    run(
        'def refuse(self): raise RuntimeError("can\'t start new thread")\n'
        "threading.Thread.start = refuse\nassert region(4) == 1",
        GATEWISE_THREADING="python",
    )
