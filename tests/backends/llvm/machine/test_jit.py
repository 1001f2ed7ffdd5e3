"""From text to running code: right results, clear errors, and nothing freed too early or kept."""

import ctypes
import gc
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from gatewise.backends.llvm.machine import jit
from gatewise.backends.llvm.machine.target import Target
from gatewise.errors import BackendError

ANSWER = "define i32 @answer() {\n  ret i32 42\n}\n"

# scale(x, n, factor): x[:n] *= factor, through an inlined helper and an unused one
SCALE = """
define internal float @times(float %a, float %b) alwaysinline {
  %c = fmul float %a, %b
  ret float %c
}
define internal float @unused(float %a) {
  ret float %a
}
define void @scale(ptr %x, i64 %n, float %factor) {
entry:
  %some = icmp sgt i64 %n, 0
  br i1 %some, label %loop, label %out
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %p = getelementptr float, ptr %x, i64 %i
  %v = load float, ptr %p
  %w = call float @times(float %v, float %factor)
  store float %w, ptr %p
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %out
out:
  ret void
}
"""


def build(text: str, *names: str, symbols: dict[str, int] | None = None) -> jit.Module:
    return jit.load(jit.compile_object(text, Target.host()), names, symbols)


@pytest.mark.parametrize("level", ["native", "sse2", "avx2", "avx512", "neon"])
def test_compiled_code_runs(level: str) -> None:
    try:
        target = Target.named(level)
    except BackendError as error:
        pytest.skip(str(error))
    module = jit.load(jit.compile_object(SCALE, target), ["scale"])
    scale = module.function("scale", None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_float)
    x = np.arange(101, dtype=np.float32)
    scale(x.ctypes.data, len(x) - 1, 3.0)
    assert np.array_equal(x[:-1], 3 * np.arange(100, dtype=np.float32)) and x[-1] == 100


def test_helpers_are_inlined_and_leave_nothing_behind() -> None:
    text = jit.optimised_ir(SCALE, Target.host())
    assert "@scale" in text and "@times" not in text and "@unused" not in text
    assert "mulss" in jit.assembly(SCALE, Target.named("x86_64-linux"))


def test_the_target_decides_triple_and_layout() -> None:
    wrong = 'target triple = "wasm32-unknown-unknown"\ntarget datalayout = "e-p:32:32"\n' + ANSWER
    assert build(wrong, "answer").function("answer", ctypes.c_int)() == 42


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("garbage", "top-level entity"),
        ("define void @k( {", "expected type"),
        ("define void @k() {\n  ret i32 0\n}", "void"),
        ("define void @k() {\n  %a = add i32 1, 2.0\n  ret void\n}", "constant"),
        ("define void @k() {\n  call void @nobody()\n  ret void\n}", "nobody"),
        (
            "define i32 @k() {\n  br label %l\nl:\n  %x = add i32 %y, 1\n  %y = add i32 %x, 1\n"
            "  ret i32 %x\n}",
            "dominate",
        ),
        (ANSWER + "\0" + ANSWER, "NUL"),
        ("; \udc80", "surrogates"),
    ],
)
@pytest.mark.parametrize("entry", [jit.compile_object, jit.assembly, jit.optimised_ir])
def test_malformed_text_is_an_error(entry, text: str, hint: str) -> None:
    with pytest.raises(BackendError, match=hint):
        entry(text, Target.host())
    assert build(ANSWER, "answer").function("answer", ctypes.c_int)() == 42  # LLVM is still well


CALLER = """
declare i32 @from.outside(i32)
define i32 @call() {
  %r = call i32 @from.outside(i32 5)
  ret i32 %r
}
"""


def test_symbols_are_given_by_address() -> None:
    double = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda n: 2 * n)
    address = ctypes.cast(double, ctypes.c_void_p).value
    assert address is not None
    module = build(CALLER, "call", symbols={"from.outside": address})
    assert module.function("call", ctypes.c_int)() == 10


@pytest.mark.parametrize("names", [["call"], ["call", "nobody"]])
def test_missing_symbols_are_an_error(names: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    data = jit.compile_object(CALLER, Target.host())
    with pytest.raises(BackendError, match=r"cannot be linked \(call"):
        jit.load(data, names)
    assert not "".join(capfd.readouterr())  # LLVM does not write to the user's terminal


def test_what_is_no_object_is_an_error() -> None:
    with pytest.raises(BackendError, match="cannot be linked"):
        jit.load(b"not an object", ["k"])


def test_functions_of_one_name_live_side_by_side() -> None:
    modules = [build(ANSWER.replace("42", str(n)), "answer") for n in range(20)]
    assert [m.function("answer", ctypes.c_int)() for m in modules] == list(range(20))
    with pytest.raises(KeyError, match="there are answer"):
        modules[0]["question"]


def test_a_function_keeps_its_module() -> None:
    answer = build(ANSWER, "answer").function("answer", ctypes.c_int)
    gc.collect()
    for n in range(20):
        build(ANSWER.replace("42", str(n)), "answer")
    assert answer() == 42


def test_code_is_freed_with_its_module() -> None:
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("needs /proc to see the memory of this process")
    data = jit.compile_object(ANSWER, Target.host())

    def inside(address: int) -> bool:
        spans = (line.split()[0].split("-") for line in maps.read_text().splitlines())
        return any(int(low, 16) <= address < int(high, 16) for low, high in spans)

    module = jit.load(data, ["answer"])
    address = module["answer"]
    assert inside(address)
    before = len(maps.read_text().splitlines())
    modules = [jit.load(data, ["answer"]) for _ in range(200)]
    del module, modules
    gc.collect()
    assert not inside(address)
    assert len(maps.read_text().splitlines()) < before + 50


def test_compiling_and_loading_from_many_threads() -> None:
    def work(n: int) -> int:
        return int(build(ANSWER.replace("42", str(n)), "answer").function("answer", ctypes.c_int)())

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(64))) == list(range(64))


FORK = """
import ctypes, os, sys, threading, time
from gatewise.backends.llvm.machine import jit
from gatewise.backends.llvm.machine.target import Target

text = sys.argv[1]
def build():
    module = jit.load(jit.compile_object(text, Target.host()), ["answer"])
    return module.function("answer", ctypes.c_int)()

stop = False
def churn():
    while not stop:
        build()
threads = [threading.Thread(target=churn) for _ in range(2)]
for thread in threads: thread.start()
for _ in range(15):
    child = os.fork()
    if not child:
        import signal
        signal.alarm(30)     # a child that hangs is killed, and the parent sees it
        os._exit(build())
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42
stop = True
for thread in threads: thread.join()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_forked_while_others_compile_can_compile() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK, ANSWER],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
