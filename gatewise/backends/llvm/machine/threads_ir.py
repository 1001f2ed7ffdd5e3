"""The LLVM IR of parallel regions: entering one, the pool's workers, and the barrier.

Every way in is ``i32 enter(ptr team, ptr function, ptr args, i32 wanted)``: it calls
``function(args, thread, count)`` on ``count`` threads at the same time, and returns ``count``.
The module must also hold ``flush_ir``, through which each thread calls it.
"""

from __future__ import annotations

from gatewise.backends.llvm.machine.target import Target

BARRIER_BYTES = 256  # memory of one barrier: zeroed, and aligned to 64 bytes
MAX_WORKERS = 255

# A wait spins without a system call at first, for a step of a kernel is short. Then it also lets
# others run: the thread waited for may be queued on this very core. At last it sleeps, where the
# system can wake a thread by a word of memory: on a busy machine, spinning takes the time of those
# that are waited for.
# some two microseconds
_PAUSES = 64
# about twenty microseconds on a quiet machine
_YIELDS = 256
# about half a millisecond; then a worker of the pool sleeps
_SPINS = 10_000
# where a barrier counts those that sleep, and where it counts how often it has opened
_SLEEPERS, _OPENED = 64, 128
# number of the system call, where Linux has it
_FUTEX = {"x86_64": 202, "aarch64": 98}


def barrier_ir(target: Target) -> str:
    """LLVM IR of ``void @gw.barrier(ptr barrier, i32 threads)``, to be added to a kernel's module.

    It returns when ``threads`` threads have called it; what they wrote before it, all of them see
    after it. ``barrier`` points to ``BARRIER_BYTES`` of zeros, and can be used again and again.
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

define internal void @gw.barrier(ptr %barrier, i32 %threads) nounwind noinline {{
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

ENTER_ONE = """
define i32 @gw.one(ptr %team, ptr %function, ptr %args, i32 %wanted) {
  call void @gw.flushed(ptr %function, ptr %args, i32 0, i32 1)
  ret i32 1
}
"""

# The team is a table of GOMP_parallel, omp_get_thread_num and omp_get_num_threads, and a word that says
# whether a region is running: every thread of the process that enters one would get workers of its own,
# more than there are cores.
ENTER_OPENMP = """
%region = type { ptr, ptr, ptr, i32 }

define i32 @gw.openmp(ptr %team, ptr %function, ptr %args, i32 %wanted) {
entry:
  %call = alloca %region
  %busy = getelementptr ptr, ptr %team, i32 3
  %taken = cmpxchg ptr %busy, i32 0, i32 1 acquire monotonic, align 4
  %ours = extractvalue { i32, i1 } %taken, 1
  br i1 %ours, label %together, label %alone
alone:
  call void @gw.flushed(ptr %function, ptr %args, i32 0, i32 1)
  ret i32 1
together:
  store ptr %function, ptr %call
  %args.at = getelementptr %region, ptr %call, i32 0, i32 1
  store ptr %args, ptr %args.at
  %team.at = getelementptr %region, ptr %call, i32 0, i32 2
  store ptr %team, ptr %team.at
  %run = load ptr, ptr %team
  call void %run(ptr @gw.openmp.thread, ptr %call, i32 %wanted, i32 0)
  %count.at = getelementptr %region, ptr %call, i32 0, i32 3
  %count = load i32, ptr %count.at
  store atomic i32 0, ptr %busy release, align 4
  ret i32 %count
}

define internal void @gw.openmp.thread(ptr %call) {
entry:
  %function = load ptr, ptr %call
  %args.at = getelementptr %region, ptr %call, i32 0, i32 1
  %args = load ptr, ptr %args.at
  %team.at = getelementptr %region, ptr %call, i32 0, i32 2
  %team = load ptr, ptr %team.at
  %number.at = getelementptr ptr, ptr %team, i32 1
  %number = load ptr, ptr %number.at
  %total.at = getelementptr ptr, ptr %team, i32 2
  %total = load ptr, ptr %total.at
  %thread = call i32 %number()
  %count = call i32 %total()
  %first = icmp eq i32 %thread, 0
  br i1 %first, label %tell, label %run
tell:
  %count.at = getelementptr %region, ptr %call, i32 0, i32 3
  store i32 %count, ptr %count.at
  br label %run
run:
  call void @gw.flushed(ptr %function, ptr %args, i32 %thread, i32 %count)
  ret void
}
"""

# A function for a region that times another one. Its arguments are a table: the function and its arguments,
# then for each of the first TIMED_THREADS threads when it began and ended, and for how long it ran in
# between, in nanoseconds. The clocks are Linux's: 1 is the one of Python's perf_counter, 3 the thread's own.
TIMED_THREADS = 64

TIMED_IR = f"""
declare i32 @clock_gettime(i32, ptr)

define internal i64 @gw.clock(i32 %id) nounwind noinline {{
  %time = alloca {{ i64, i64 }}
  %e = call i32 @clock_gettime(i32 %id, ptr %time)
  %part.at = getelementptr i64, ptr %time, i64 1
  %seconds = load i64, ptr %time
  %part = load i64, ptr %part.at
  %whole = mul i64 %seconds, 1000000000
  %all = add i64 %whole, %part
  ret i64 %all
}}

define void @gw.timed(ptr %table, i32 %thread, i32 %threads) nounwind {{
entry:
  %function = load ptr, ptr %table
  %args.at = getelementptr i64, ptr %table, i64 1
  %args = load ptr, ptr %args.at
  %fits = icmp ult i32 %thread, {TIMED_THREADS}
  br i1 %fits, label %watch, label %only
only:
  call void %function(ptr %args, i32 %thread, i32 %threads)
  ret void
watch:
  %k = zext i32 %thread to i64
  %three = mul i64 %k, 3
  %first = add i64 %three, 2
  %begin.at = getelementptr i64, ptr %table, i64 %first
  %end.at = getelementptr i64, ptr %begin.at, i64 1
  %ran.at = getelementptr i64, ptr %begin.at, i64 2
  %begin = call i64 @gw.clock(i32 1)
  %before = call i64 @gw.clock(i32 3)
  call void %function(ptr %args, i32 %thread, i32 %threads)
  %after = call i64 @gw.clock(i32 3)
  %end = call i64 @gw.clock(i32 1)
  %ran = sub i64 %after, %before
  store i64 %begin, ptr %begin.at
  store i64 %end, ptr %end.at
  store i64 %ran, ptr %ran.at
  ret void
}}
"""

# The pool, a line of the cache each: function, args, count | workers that have not finished |
# whether a region is running | number of workers | then the workers' boxes.
# A box: state | mutex | condition | pool, index. A worker sees only its own state, and reads the
# first line only when that says so; so the next region can be written once all have finished.
POOL_BYTES = 256 + 256 * MAX_WORKERS  # zeroed, and aligned to 64 bytes
_IDLE, _GO, _ASLEEP = 0, 1, 2
_LEFT, _BUSY, _WORKERS, _BOXES = 64, 128, 192, 256
_BOX, _MUTEX, _CONDITION, _POOL, _INDEX = 256, 64, 128, 192, 200


def pool_ir() -> str:
    """``@gw.pool`` enters a region of the pool, ``@gw.pool.start(ptr pool)`` adds a worker to it.

    The module must also hold `barrier_ir`. The second returns 0 if a thread could be started; only
    one thread may call it at a time.
    """
    return _POOL_IR.format_map(globals())


_POOL_IR = """
declare i32 @pthread_create(ptr, ptr, ptr, ptr)
declare i32 @pthread_mutex_init(ptr, ptr)
declare i32 @pthread_mutex_lock(ptr)
declare i32 @pthread_mutex_unlock(ptr)
declare i32 @pthread_cond_init(ptr, ptr)
declare i32 @pthread_cond_signal(ptr)
declare i32 @pthread_cond_wait(ptr, ptr)

define i32 @gw.pool(ptr %pool, ptr %function, ptr %args, i32 %wanted) {{
entry:
  %busy = getelementptr i8, ptr %pool, i64 {_BUSY}
  %taken = cmpxchg ptr %busy, i32 0, i32 1 acquire monotonic, align 4
  %ours = extractvalue {{ i32, i1 }} %taken, 1
  br i1 %ours, label %enlist, label %alone
enlist:
  %workers.at = getelementptr i8, ptr %pool, i64 {_WORKERS}
  %workers = load atomic i32, ptr %workers.at acquire, align 4
  %most = add i32 %workers, 1
  %count = call i32 @llvm.smin.i32(i32 %wanted, i32 %most)
  %several = icmp sgt i32 %count, 1
  br i1 %several, label %publish, label %release
release:
  store atomic i32 0, ptr %busy release, align 4
  br label %alone
alone:
  call void @gw.flushed(ptr %function, ptr %args, i32 0, i32 1)
  ret i32 1
publish:
  store ptr %function, ptr %pool
  %args.at = getelementptr i8, ptr %pool, i64 8
  store ptr %args, ptr %args.at
  %count.at = getelementptr i8, ptr %pool, i64 16
  store i32 %count, ptr %count.at
  %left = getelementptr i8, ptr %pool, i64 {_LEFT}
  %others = sub i32 %count, 1
  store atomic i32 %others, ptr %left monotonic, align 4
  %boxes = getelementptr i8, ptr %pool, i64 {_BOXES}
  br label %post
post:
  %k = phi i32 [ 0, %publish ], [ %next, %posted ]
  %k64 = zext i32 %k to i64
  %offset = mul i64 %k64, {_BOX}
  %box = getelementptr i8, ptr %boxes, i64 %offset
  %state = atomicrmw xchg ptr %box, i32 {_GO} acq_rel, align 4
  %asleep = icmp eq i32 %state, {_ASLEEP}
  br i1 %asleep, label %wake, label %posted
wake:
  %mutex = getelementptr i8, ptr %box, i64 {_MUTEX}
  %condition = getelementptr i8, ptr %box, i64 {_CONDITION}
  %e1 = call i32 @pthread_mutex_lock(ptr %mutex)
  %e2 = call i32 @pthread_cond_signal(ptr %condition)
  %e3 = call i32 @pthread_mutex_unlock(ptr %mutex)
  br label %posted
posted:
  %next = add i32 %k, 1
  %more = icmp slt i32 %next, %others
  br i1 %more, label %post, label %mine
mine:
  call void @gw.flushed(ptr %function, ptr %args, i32 0, i32 %count)
  br label %join
join:
  %working = load atomic i32, ptr %left acquire, align 4
  %done = icmp eq i32 %working, 0
  br i1 %done, label %out, label %wait
wait:
  %sleepers = getelementptr i8, ptr %left, i64 32
  %changed = call i32 @gw.await(ptr %left, i32 %working, ptr %sleepers)
  br label %join
out:
  store atomic i32 0, ptr %busy release, align 4
  ret i32 %count
}}

define internal ptr @gw.pool.worker(ptr %box) {{
entry:
  %pool.at = getelementptr i8, ptr %box, i64 {_POOL}
  %pool = load ptr, ptr %pool.at
  %index.at = getelementptr i8, ptr %box, i64 {_INDEX}
  %index = load i32, ptr %index.at
  %mutex = getelementptr i8, ptr %box, i64 {_MUTEX}
  %condition = getelementptr i8, ptr %box, i64 {_CONDITION}
  %args.at = getelementptr i8, ptr %pool, i64 8
  %count.at = getelementptr i8, ptr %pool, i64 16
  %left = getelementptr i8, ptr %pool, i64 {_LEFT}
  br label %idle
idle:
  %state = call i32 @gw.wait(ptr %box, i32 {_IDLE}, i64 {_SPINS})
  %go = icmp eq i32 %state, {_GO}
  br i1 %go, label %run, label %park
park:
  %swap = cmpxchg ptr %box, i32 {_IDLE}, i32 {_ASLEEP} acq_rel acquire, align 4
  %parked = extractvalue {{ i32, i1 }} %swap, 1
  br i1 %parked, label %lock, label %run
lock:
  %e1 = call i32 @pthread_mutex_lock(ptr %mutex)
  br label %check
check:
  %now = load atomic i32, ptr %box acquire, align 4
  %still = icmp eq i32 %now, {_ASLEEP}
  br i1 %still, label %sleep, label %awake
sleep:
  %e2 = call i32 @pthread_cond_wait(ptr %condition, ptr %mutex)
  br label %check
awake:
  %e3 = call i32 @pthread_mutex_unlock(ptr %mutex)
  br label %run
run:
  store atomic i32 {_IDLE}, ptr %box monotonic, align 4
  %function = load ptr, ptr %pool
  %args = load ptr, ptr %args.at
  %count = load i32, ptr %count.at
  call void @gw.flushed(ptr %function, ptr %args, i32 %index, i32 %count)
  %before = atomicrmw sub ptr %left, i32 1 seq_cst, align 4
  %sleepers = getelementptr i8, ptr %left, i64 32
  call void @gw.tell(ptr %left, ptr %sleepers)
  br label %idle
}}

define i32 @gw.pool.start(ptr %pool) {{
entry:
  %thread = alloca i64
  %workers.at = getelementptr i8, ptr %pool, i64 {_WORKERS}
  %workers = load atomic i32, ptr %workers.at monotonic, align 4
  %k = zext i32 %workers to i64
  %offset = mul i64 %k, {_BOX}
  %boxes = getelementptr i8, ptr %pool, i64 {_BOXES}
  %box = getelementptr i8, ptr %boxes, i64 %offset
  %mutex = getelementptr i8, ptr %box, i64 {_MUTEX}
  %condition = getelementptr i8, ptr %box, i64 {_CONDITION}
  %e1 = call i32 @pthread_mutex_init(ptr %mutex, ptr null)
  %e2 = call i32 @pthread_cond_init(ptr %condition, ptr null)
  %pool.at = getelementptr i8, ptr %box, i64 {_POOL}
  store ptr %pool, ptr %pool.at
  %index = add i32 %workers, 1
  %index.at = getelementptr i8, ptr %box, i64 {_INDEX}
  store i32 %index, ptr %index.at
  %failed = call i32 @pthread_create(ptr %thread, ptr null, ptr @gw.pool.worker, ptr %box)
  %fine = icmp eq i32 %failed, 0
  br i1 %fine, label %started, label %out
started:
  store atomic i32 %index, ptr %workers.at release, align 4
  br label %out
out:
  ret i32 %failed
}}
"""
