"""The word that says how a thread's processor treats floats: read and written, from Python and in IR."""

from __future__ import annotations

import ctypes
import functools
from dataclasses import dataclass

import pytest

from gatewise.backends.llvm.machine import jit
from gatewise.backends.llvm.machine.target import Target


@dataclass(frozen=True)
class Word:
    """Of one architecture: bits that take subnormal numbers for zero, bits of another mode (rounding),
    marks of what happened, those of a subnormal operand or result among them (0: they are elsewhere),
    and the IR of both functions."""

    flush: int
    rounding: int
    marks: int
    subnormal: int
    ir: str


_X86 = Word(
    0x8040,
    0x6000,
    0x3F,
    0x12,
    """
define i32 @read() noinline {
  %at = alloca i32
  call void @llvm.x86.sse.stmxcsr(ptr %at)
  %word = load i32, ptr %at
  ret i32 %word
}
define void @write(i32 %word) noinline {
  %at = alloca i32
  store i32 %word, ptr %at
  call void @llvm.x86.sse.ldmxcsr(ptr %at)
  ret void
}
""",
)

_ARM64 = Word(
    1 << 24,
    3 << 22,
    0,
    0,
    """
define i32 @read() noinline {
  %long = call i64 @llvm.aarch64.get.fpcr()
  %word = trunc i64 %long to i32
  ret i32 %word
}
define void @write(i32 %word) noinline {
  %long = zext i32 %word to i64
  call void @llvm.aarch64.set.fpcr(i64 %long)
  ret void
}
""",
)


@functools.cache
def word() -> Word:
    """This machine's; skips the test where it has none."""
    arch = Target.host().triple.split("-")[0]
    known = {"x86_64": _X86, "amd64": _X86, "aarch64": _ARM64, "arm64": _ARM64}
    if arch not in known:
        pytest.skip(f"no mode for subnormal numbers is known of {arch}")
    return known[arch]


@functools.cache
def _module() -> jit.Module:
    return jit.load(jit.compile_object(word().ir, Target.host()), ["read", "write"])


def read() -> int:
    """The word of the calling thread, but for marks of what happened: Python makes some itself."""
    return _whole() & ~word().marks


def subnormal() -> bool:
    """Whether a subnormal number was met since the word was written, where that is known."""
    return bool(_whole() & word().subnormal)


def _whole() -> int:
    return int(_module().function("read", ctypes.c_uint32)())


def write(value: int) -> None:
    """Set the word of the calling thread; what ``read`` gave has no marks."""
    _module().function("write", None, ctypes.c_uint32)(value)
