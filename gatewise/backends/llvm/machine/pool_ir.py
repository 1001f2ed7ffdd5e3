"""The LLVM IR of a pool of threads: entering a region of it, and what its workers do."""

from __future__ import annotations

MAX_WORKERS = 255
# a worker spins so often, about half a millisecond, then it sleeps
_SPINS = 10_000

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
