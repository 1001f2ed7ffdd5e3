"""Numbers below the smallest normal one count as zero inside of kernels, and only there.

Gradients that decay over many steps end among these subnormal numbers, and many processors take a
hundred cycles or more for an operation on one. Each thread has a control word of its own, so each is
set when the thread enters a region, and is as it was when the thread leaves it.
"""

from __future__ import annotations

from gatewise.backends.llvm.machine.target import Target

ENTRY = "gw.flushed"

# MXCSR: results to zero (bit 15), operands as zero (bit 6). Its marks of what happened are restored too.
_X86_BEFORE = """
  %word = alloca i32
  %inside = alloca i32
  call void @llvm.x86.sse.stmxcsr(ptr %word)
  %before = load i32, ptr %word
  %mode = or i32 %before, 32832
  store i32 %mode, ptr %inside
  call void @llvm.x86.sse.ldmxcsr(ptr %inside)
"""
_X86_AFTER = """
  call void @llvm.x86.sse.ldmxcsr(ptr %word)
"""

# FPCR: operands and results (bit 24).
_ARM64_BEFORE = """
  %before = call i64 @llvm.aarch64.get.fpcr()
  %mode = or i64 %before, 16777216
  call void @llvm.aarch64.set.fpcr(i64 %mode)
"""
_ARM64_AFTER = """
  call void @llvm.aarch64.set.fpcr(i64 %before)
"""

_X86, _ARM64 = (_X86_BEFORE, _X86_AFTER), (_ARM64_BEFORE, _ARM64_AFTER)
_BY_ARCHITECTURE = {"x86_64": _X86, "amd64": _X86, "aarch64": _ARM64, "arm64": _ARM64}


def flush_ir(target: Target) -> str:
    """LLVM IR of ``void @gw.flushed(ptr function, ptr args, i32 thread, i32 threads)``.

    It calls ``function(args, thread, threads)`` with subnormal numbers as zero, on processors that have
    such a mode, and leaves the caller's mode as it was.
    """
    enter, leave = _BY_ARCHITECTURE.get(target.triple.split("-")[0], ("", ""))
    return f"""
define void @{ENTRY}(ptr %function, ptr %args, i32 %thread, i32 %threads) nounwind {{
{enter}
  call void %function(ptr %args, i32 %thread, i32 %threads)
{leave}
  ret void
}}
"""
