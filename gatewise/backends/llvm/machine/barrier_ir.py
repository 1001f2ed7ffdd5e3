"""The LLVM IR of waiting: for a word of memory to change, and for other threads at a barrier."""

from __future__ import annotations

from gatewise.backends.llvm.machine.target import Target

BARRIER_BYTES = 256  # memory of one barrier: zeroed, and aligned to 64 bytes

# A wait spins without a system call at first, for a step of a kernel is short. Then it also lets
# others run: the thread waited for may be queued on this very core. At last it sleeps, where the
# system can wake a thread by a word of memory: on a busy machine, spinning takes the time of those
# that are waited for.
# some two microseconds
_PAUSES = 64
# a few times what waking a thread takes (fifty to a hundred microseconds): where it is less, one sleep leads to the
# next, as who is woken comes late to the next barrier, at which the other one falls asleep meanwhile
_YIELDS = 4096
# where a barrier counts those that sleep, and where it counts how often it has opened
_SLEEPERS, _OPENED = 64, 128
# number of the system call, where Linux has it
_FUTEX = {"x86_64": 202, "aarch64": 98}


def barrier_ir(target: Target, exported: bool = False) -> str:
    """LLVM IR of ``void @gw.barrier(ptr barrier, i32 threads)``, to be added to a module.

    It returns when ``threads`` threads have called it; what they wrote before it, all of them see
    after it. ``barrier`` points to ``BARRIER_BYTES`` of zeros, and can be used again and again. ``exported``:
    other modules may call it.
    """
    arch = target.triple.split("-")[0]
    pause = {
        "x86_64": "call void @llvm.x86.sse2.pause()",
        "aarch64": "call void @llvm.aarch64.isb(i32 15)",
        "arm64": "call void @llvm.aarch64.isb(i32 15)",
    }.get(arch, "")
    posix = any(system in target.triple for system in ("linux", "apple", "bsd"))
    sleeps = "linux" in target.triple and arch in _FUTEX
    text = _WAIT + (_SLEEP if sleeps else _NO_SLEEP)
    return text.format(
        linkage="" if exported else "internal",
        pause=pause,
        give_way="%ignored = call i32 @sched_yield()" if posix else pause,
        declare="declare i32 @sched_yield()" if posix else "",
        pauses=_PAUSES,
        yields=_YIELDS,
        opened=_OPENED,
        sleepers=_SLEEPERS,
        futex=_FUTEX.get(arch, 0),
    )


# gw.wait returns the word at %p once it differs from %value, or after so many spins (-1: never).
# gw.await waits for that as long as it takes, and gw.tell, called after the word was changed, ends
# the waits; between them is the count of those that sleep, which each changes or reads only after
# what the other looks at has been written.
# A barrier is a count of those who came, and on lines of the cache that nothing else shares, the
# number of times it has opened and the count of those that sleep.
_WAIT = """
{declare}
define internal i32 @gw.wait(ptr %p, i32 %value, i64 %spins) nounwind noinline {{
entry:
  br label %look
look:
  %k = phi i64 [ 0, %entry ], [ %next, %pause ], [ %next, %yield ]
  %now = load atomic i32, ptr %p acquire, align 4
  %same = icmp eq i32 %now, %value
  %fresh = icmp ne i64 %k, %spins
  %stay = and i1 %same, %fresh
  %next = add i64 %k, 1
  br i1 %stay, label %spin, label %out
spin:
  %late = icmp ugt i64 %k, {pauses}
  %turn = and i64 %k, 15
  %due = icmp eq i64 %turn, 0
  %give = and i1 %late, %due
  br i1 %give, label %yield, label %pause
pause:
  {pause}
  br label %look
yield:
  {give_way}
  br label %look
out:
  ret i32 %now
}}

define {linkage} void @gw.barrier(ptr %barrier, i32 %threads) nounwind noinline {{
entry:
  %opened = getelementptr i8, ptr %barrier, i64 {opened}
  %sleepers = getelementptr i8, ptr %barrier, i64 {sleepers}
  %before = load atomic i32, ptr %opened monotonic, align 4
  %came = atomicrmw add ptr %barrier, i32 1 acq_rel, align 4
  %all = add i32 %came, 1
  %last = icmp eq i32 %all, %threads
  br i1 %last, label %open, label %wait
open:
  store atomic i32 0, ptr %barrier monotonic, align 4
  %times = atomicrmw add ptr %opened, i32 1 seq_cst, align 4
  call void @gw.tell(ptr %opened, ptr %sleepers)
  ret void
wait:
  %now = call i32 @gw.await(ptr %opened, i32 %before, ptr %sleepers)
  ret void
}}
"""

# 128 and 129: wait for a word to change and wake who waits for it, within this process
_SLEEP = """
declare i64 @syscall(i64, ...)

define internal i32 @gw.await(ptr %p, i32 %value, ptr %sleepers) nounwind noinline {{
entry:
  %seen = call i32 @gw.wait(ptr %p, i32 %value, i64 {yields})
  %done = icmp ne i32 %seen, %value
  br i1 %done, label %out, label %lie
lie:
  %e1 = atomicrmw add ptr %sleepers, i32 1 seq_cst, align 4
  br label %look
look:
  %now = load atomic i32, ptr %p seq_cst, align 4
  %same = icmp eq i32 %now, %value
  br i1 %same, label %sleep, label %rise
sleep:
  %e2 = call i64 (i64, ...) @syscall(i64 {futex}, ptr %p, i32 128, i32 %value, ptr null, ptr null, i32 0)
  br label %look
rise:
  %e3 = atomicrmw sub ptr %sleepers, i32 1 monotonic, align 4
  br label %out
out:
  %last = phi i32 [ %seen, %entry ], [ %now, %rise ]
  ret i32 %last
}}

define internal void @gw.tell(ptr %p, ptr %sleepers) nounwind {{
entry:
  %count = load atomic i32, ptr %sleepers seq_cst, align 4
  %any = icmp ne i32 %count, 0
  br i1 %any, label %wake, label %out
wake:
  %e1 = call i64 (i64, ...) @syscall(i64 {futex}, ptr %p, i32 129, i32 2147483647, ptr null, ptr null, i32 0)
  br label %out
out:
  ret void
}}
"""

_NO_SLEEP = """
define internal i32 @gw.await(ptr %p, i32 %value, ptr %sleepers) nounwind {{
  %now = call i32 @gw.wait(ptr %p, i32 %value, i64 -1)
  ret i32 %now
}}

define internal void @gw.tell(ptr %p, ptr %sleepers) nounwind {{
  ret void
}}
"""
