"""The LLVM IR of parallel regions: on one thread, on those of OpenMP, and timed.

Every way in is ``i32 enter(ptr team, ptr function, ptr args, i32 wanted)``: it calls
``function(args, thread, count)`` on ``count`` threads at the same time, and returns ``count``.
The module must also hold ``flush_ir``, through which each thread calls it. ``pool_ir.py`` has the
third way in.
"""

from __future__ import annotations

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
