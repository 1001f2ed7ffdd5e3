"""A few rows times a matrix as the caller has it: ``gw_gemv``, for a call of one step.

Packed weights pay when they are read many times. A single step would read the parameters to see
whether they changed and then the packed copy; this reads the parameters and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable

from gatewise.backends.llvm.ir_text import Function, Lanes


def _as_it_is(f: Function, vector: str) -> str:
    return vector


def gemv(
    t: Lanes, name: str = "gw_gemv", rounded: Callable[[Function, str], str] = _as_it_is
) -> str:
    """c [n][rows] (+)= a [n][k] times w [rows][k], rows of w ``ld`` values apart, for some groups of
    rows of w.

    All ``n`` rows of a meet a group while it is in the first-level cache. A group is as many rows as a vector has lanes, each summed in a vector of its own; then the lanes of
    all of them are added at once. ``first`` and ``last`` say which groups; the last group of all may
    have fewer rows: it reads its last row several times, and only what is asked for is written.
    ``rounded`` writes what is done to vectors of both operands first (``bf16.py``).
    """
    f = Function(
        f"void @{name}(i64 %n, ptr noalias %c, i64 %lc, ptr noalias readonly %a, i64 %la, "
        "ptr noalias readonly %w, i64 %ld, i64 %rows, i64 %k, i64 %first, i64 %last, i1 %more) nounwind",
        t,
    )
    spill = f.let(f"alloca {t.vector}, align 64")
    whole = f.let(f"udiv i64 %k, {t.lanes}")
    done = f.mul(whole, t.lanes)
    with f.loop(f.sub("%last", "%first")) as g:
        row = f.mul(f.add(g, "%first"), t.lanes)
        left = f.sub(f.sub("%rows", row), 1)
        # Each row by its own number. As distances from the row before, LLVM would weigh all sums of
        # them against each other: a sixth of a second for sixteen rows.
        rows = []
        for r in range(t.lanes):
            within = f.let(f"call i64 @llvm.umin.i64(i64 {left}, i64 {r})") if r else 0
            rows.append(f.at("%w", f.mul(f.add(row, within), "%ld")))
        zeros = [(t.vector, "zeroinitializer")] * t.lanes
        with f.loop("%n") as b:
            c, a = f.at("%c", f.mul(b, "%lc"), row), f.at("%a", f.mul(b, "%la"))
            with f.loop_carrying(whole, zeros) as (v, sums, after):
                at = f.mul(v, t.lanes)
                x = rounded(f, f.load(f.at(a, at)))
                for w, one in zip(rows, sums, strict=True):
                    after.append(f.mul_add(rounded(f, f.load(f.at(w, at))), x, one))
            start = [(t.vector, _added(f, sums))]
            with f.loop_carrying(f.sub("%k", done), start) as (n, total, after):
                at = f.add(done, n)
                column = "poison"
                for lane, w in enumerate(rows):
                    one = f.load_one(f.at(w, at))
                    column = f.let(
                        f"insertelement {t.vector} {column}, {t.dtype} {one}, i64 {lane}"
                    )
                x = rounded(f, f.spread(f.load_one(f.at(a, at))))
                after.append(f.mul_add(rounded(f, column), x, total[0]))
            _written(f, c, total[0], left, spill)
    f.do("ret void")
    return f.text()


def _added(f: Function, sums: list[str]) -> str:
    """The sum of the lanes of each vector, in one vector: halves of two are added into one, and so on."""
    v, lanes, run = f.t.vector, f.t.lanes, 1
    while len(sums) > 1:
        # what is finished stands in runs: the even ones of both, and the odd ones of both
        order = [k for n in range(lanes // run // 2) for k in _runs(n, run, lanes)]
        lower = ", ".join(f"i32 {k}" for k in order)
        upper = ", ".join(f"i32 {k + run}" for k in order)
        paired = []
        for a, b in zip(sums[::2], sums[1::2], strict=True):
            halves = [
                f.let(f"shufflevector {v} {a}, {v} {b}, <{lanes} x i32> <{mask}>")
                for mask in (lower, upper)
            ]
            paired.append(f.let(f"fadd {v} {halves[0]}, {halves[1]}"))
        sums, run = paired, 2 * run
    return sums[0]


def _runs(n: int, run: int, lanes: int) -> list[int]:
    """The ``n``-th even run of the first vector, then that of the second."""
    first = 2 * n * run
    return [*range(first, first + run), *range(lanes + first, lanes + first + run)]


def _written(f: Function, to: str, total: str, left: str, spill: str) -> None:
    """A group's sums to their place: all, or as many rows as there are."""
    t = f.t
    full = f.let(f"icmp uge i64 {left}, {t.lanes - 1}")
    with f.when(full):
        old = f.let(f"select i1 %more, {t.vector} {f.load(to)}, {t.vector} zeroinitializer")
        f.store(f.let(f"fadd {t.vector} {old}, {total}"), to)
    with f.when(f.let(f"xor i1 {full}, true")):
        f.do(f"store {t.vector} {total}, ptr {spill}, align 64")
        with f.loop(f.add(left, 1)) as r:
            place, zero = f.at(to, r), t.number(0.0)
            old = f.let(f"select i1 %more, {t.dtype} {f.load_one(place)}, {t.dtype} {zero}")
            value = f.let(f"fadd {t.dtype} {old}, {f.load_one(f.at(spill, r))}")
            f.do(f"store {t.dtype} {value}, ptr {place}, align {t.bytes}")
