"""The matrix kernels that every cell shares: register tiles, compiled once for a machine.

``gw_gemm``   C [rows][N] (+)= A [rows][K] times packed weights, a few rows at a time.
``gw_gemv``   a few rows times a matrix that is not packed (``gemv.py``).
``gw_outer``  out [N][M] = sum over k of D[k][n] * A[k][m]: the weight gradient, over all steps at once.
``gw_collect`` results of it, and sums of tiles, to where they belong (``pack.py``).
``gw_pack``   a parameter into the layout that ``gw_gemm`` reads (``pack.py``).

The names with ``_tasks`` take a table of calls and share it out among threads; ``gw_each`` runs
several kernels at the same time.

Packed weights: panels of ``width`` vectors, ``[panel][K][width][lanes]``, the last panel narrower.
Rows of A, C and D have any distance.

Every tile sums over k in the same order whatever its number of rows, so a row's result does not
depend on which rows are computed with it.
"""

from __future__ import annotations

from gatewise.backends.llvm.ir_text import Function, Lanes
from gatewise.backends.llvm.library.gemv import gemv
from gatewise.backends.llvm.library.pack import COLLECT, PACK, collect, fingerprint, pack
from gatewise.backends.llvm.library.register_tile import Shape

OUTER = ("ptr", "i64", "ptr", "i64", "ptr", "i64", "i64", "i64", "i64", "i64", "i1")


def library(t: Lanes, shape: Shape) -> str:
    """The text of all kernels for one float type and tile shape."""
    parts = [_gemm(t, shape), gemv(t), _outer(t, shape), collect(t), pack(t, shape), fingerprint(t)]
    parts.append(tasks(t, "gw_outer_tasks", OUTER, "gw_outer"))
    parts.append(tasks(t, "gw_collect_tasks", COLLECT, "gw_collect"))
    parts.append(tasks(t, "gw_pack_tasks", PACK, "gw_pack"))
    parts.append(_each(t))
    return "\n".join(parts)


def _tile(t: Lanes, name: str, rows: int, panels: int, width: int) -> str:
    """Some rows times ``panels`` panels of ``width`` vectors, panels ``step`` values apart."""
    f = Function(
        f"internal void @{name}(ptr noalias %c, i64 %lc, ptr noalias readonly %a, i64 %la, "
        f"ptr noalias readonly %w, i64 %k, i64 %step, i1 %more) nounwind",
        t,
    )
    source = [f.at("%a", f.mul("%la", r)) if r else "%a" for r in range(rows)]
    panel = [f.at("%w", f.mul("%step", p)) if p else "%w" for p in range(panels)]
    places = []
    for r in range(rows):
        row = f.at("%c", f.mul("%lc", r)) if r else "%c"
        places += [
            f.at(row, (p * width + v) * t.lanes) for p in range(panels) for v in range(width)
        ]
    start = []
    for place in places:
        old = f.load(place)
        start.append(
            (t.vector, f.let(f"select i1 %more, {t.vector} {old}, {t.vector} zeroinitializer"))
        )
    with f.loop_carrying("%k", start) as (k, sums, after):
        at = f.mul(k, width * t.lanes)
        weights = [f.load(f.at(q, at, v * t.lanes)) for q in panel for v in range(width)]
        for r in range(rows):
            value = f.spread(f.load_one(f.at(source[r], k)))
            for n, weight in enumerate(weights):
                after.append(f.mul_add(value, weight, sums[r * len(weights) + n]))
    for place, total in zip(places, sums, strict=True):
        f.store(total, place)
    f.do("ret void")
    return f.text()


_GEMM = "i64 %n, ptr %c, i64 %lc, ptr %a, i64 %la, ptr %w, i64 %k, i64 %blocks, i1 %more, i1 %back"


def _turned(f: Function, index: str, count: str) -> str:
    """The number of a panel, from the last one on where ``%back``."""
    last = f.sub(f.sub(count, index), 1)
    return f.let(f"select i1 %back, i64 {last}, i64 {index}")


def _gemm(t: Lanes, shape: Shape) -> str:
    """Any number of rows; each panel is read once for all of them. ``back``: from the last panel to
    the first, for every other step: what was read last is still in the cache."""
    f = Function(f"void @gw_gemm({_GEMM}) nounwind", t)
    most, width = shape.rows[0][0], shape.width
    few = f.let(f"icmp sle i64 %n, {most}")
    same = "ptr %w, i64 %k"
    with f.when(few):
        f.do(
            f"call void @gw_few(i64 %n, ptr %c, i64 %lc, ptr %a, i64 %la, {same}, i64 %blocks, i1 %more, i1 %back)"
        )
    with f.when(f.let(f"xor i1 {few}, true")):
        panels = f.let(f"sdiv i64 {f.add('%blocks', width - 1)}, {width}")
        groups = f.let(f"sdiv i64 {f.add('%n', most - 1)}, {most}")
        with f.loop(panels) as p:
            first = f.mul(_turned(f, p, panels), width)
            left = f.sub("%blocks", first)
            wide = f.let(f"icmp sgt i64 {left}, {width}")
            blocks = f.let(f"select i1 {wide}, i64 {width}, i64 {left}")
            w = f.at("%w", f.mul(first, f.mul("%k", t.lanes)))
            with f.loop(groups) as g:
                row = f.mul(g, most)
                remaining = f.sub("%n", row)
                many = f.let(f"icmp sgt i64 {remaining}, {most}")
                n = f.let(f"select i1 {many}, i64 {most}, i64 {remaining}")
                c = f.at("%c", f.mul(row, "%lc"), f.mul(first, t.lanes))
                a = f.at("%a", f.mul(row, "%la"))
                f.do(
                    f"call void @gw_few(i64 {n}, ptr {c}, i64 %lc, ptr {a}, i64 %la, ptr {w}, i64 %k, "
                    f"i64 {blocks}, i1 %more, i1 false)"
                )
    f.do("ret void")
    return "\n".join([_few(t, shape), f.text()])


def _few(t: Lanes, shape: Shape) -> str:
    """``gw_few``: at most as many rows as the largest tile has, against all panels."""
    parts = []
    f = Function(
        f"internal void @gw_few({_GEMM}) nounwind",
        t,
    )
    width = shape.width
    full, narrow = f.let(f"sdiv i64 %blocks, {width}"), f.let(f"srem i64 %blocks, {width}")
    panel = f.mul("%k", width * t.lanes)
    smaller = [r for r, _ in shape.rows[1:]] + [0]
    for (rows, together), below in zip(shape.rows, smaller, strict=True):
        parts += [_tile(t, f"tile{rows}x{together}x{width}", rows, together, width)]
        if together > 1:
            parts.append(_tile(t, f"tile{rows}x1x{width}", rows, 1, width))
        parts += [_tile(t, f"tile{rows}x1x{v}", rows, 1, v) for v in range(1, width)]
        above = f.let(f"icmp sgt i64 %n, {below}")
        if rows != shape.rows[0][0]:
            high = f.let(f"icmp sle i64 %n, {rows}")
            above = f.let(f"and i1 {above}, {high}")
        with f.when(above):
            arguments = f"i64 %lc, ptr %a, i64 %la, ptr {{w}}, i64 %k, i64 {panel}, i1 %more"

            def call(name: str, block: str, weights: str, arguments: str = arguments) -> None:
                c = f.at("%c", f.mul(block, t.lanes))
                f.do(f"call void @{name}(ptr {c}, {arguments.format(w=weights)})")

            groups = f.let(f"sdiv i64 {full}, {together}")
            with f.loop(groups) as g:
                first = f.mul(_turned(f, g, groups), together)
                call(
                    f"tile{rows}x{together}x{width}",
                    f.mul(first, width),
                    f.at("%w", f.mul(first, panel)),
                )
            if together > 1:
                done = f.mul(groups, together)
                with f.loop(f.sub(full, done)) as g:
                    one = f.add(done, g)
                    call(f"tile{rows}x1x{width}", f.mul(one, width), f.at("%w", f.mul(one, panel)))
            for v in range(1, width):
                with f.when(f.let(f"icmp eq i64 {narrow}, {v}")):
                    call(f"tile{rows}x1x{v}", f.mul(full, width), f.at("%w", f.mul(full, panel)))
    f.do("ret void")
    return "\n".join([*parts, f.text()])


def _outer_tile(t: Lanes, rows: int, vectors: int) -> str:
    """out [rows][vectors] += sum over k: D broadcast, A by vectors."""
    f = Function(
        f"internal void @outer{vectors}(ptr noalias %out, i64 %ld, ptr noalias readonly %d, i64 %dk, "
        "ptr noalias readonly %a, i64 %ak, i64 %k, i1 %more, i64 %next) nounwind",
        t,
    )
    places = []
    for r in range(rows):
        row = f.at("%out", f.mul("%ld", r)) if r else "%out"
        places += [f.at(row, v * t.lanes) for v in range(vectors)]
    start = []
    for place in places:
        old = f.load(place)
        zero = f"{t.vector} zeroinitializer"
        start.append((t.vector, f.let(f"select i1 %more, {t.vector} {old}, {zero}")))
    with f.loop_carrying("%k", start) as (k, sums, after):
        here = f.at("%a", f.mul(k, "%ak"))
        values = [f.load(f.at(here, v * t.lanes)) for v in range(vectors)]
        row = f.at("%d", f.mul(k, "%dk"))
        f.do(f"call void @llvm.prefetch.p0(ptr {f.at(row, '%next')}, i32 0, i32 2, i32 1)")
        for r in range(rows):
            value = f.spread(f.load_one(f.at(row, r)))
            after += [f.mul_add(value, x, sums[r * vectors + v]) for v, x in enumerate(values)]
    for place, total in zip(places, sums, strict=True):
        f.store(total, place)
    f.do("ret void")
    return f.text()


def _outer(t: Lanes, shape: Shape) -> str:
    """out for the row blocks first .. last: k in stretches, a strip of A kept in the cache."""
    rows, vectors = shape.outer
    rows = min(rows, t.lanes)
    parts = [_outer_tile(t, rows, v) for v in range(1, vectors + 1)]
    f = Function(
        "void @gw_outer(ptr %out, i64 %ld, ptr %d, i64 %dk, ptr %a, i64 %ak, i64 %steps, i64 %first, "
        "i64 %last, i64 %columns, i1 %adds) nounwind",
        t,
    )
    depths = f.let(f"sdiv i64 {f.add('%steps', shape.depth - 1)}, {shape.depth}")
    # strips about as wide as each other: a strip of one vector has a load for every multiply-add
    strips = f.let(f"sdiv i64 {f.add('%columns', vectors - 1)}, {vectors}")
    tiles = f.mul(f.sub("%last", "%first"), t.lanes // rows)
    start = f.mul("%first", t.lanes)
    ahead = f.mul("%dk", shape.depth)
    with f.loop(depths) as depth:
        k0 = f.mul(depth, shape.depth)
        left = f.sub("%steps", k0)
        short = f.let(f"icmp slt i64 {left}, {shape.depth}")
        k = f.let(f"select i1 {short}, i64 {left}, i64 {shape.depth}")
        more = f.let(f"or i1 {f.let(f'icmp sgt i64 {depth}, 0')}, %adds")
        with f.loop(strips) as s:
            column = f.let(f"sdiv i64 {f.mul(s, '%columns')}, {strips}")
            end = f.let(f"sdiv i64 {f.mul(f.add(s, 1), '%columns')}, {strips}")
            a = f.at("%a", f.mul(column, t.lanes), f.mul(k0, "%ak"))
            wide = f.sub(end, column)
            with f.loop(tiles) as tile:
                n = f.add(start, f.mul(tile, rows))
                d = f.at("%d", n, f.mul(k0, "%dk"))
                out = f.at("%out", f.mul(n, "%ld"), f.mul(column, t.lanes))
                for v in range(1, vectors + 1):
                    with f.when(f.let(f"icmp eq i64 {wide}, {v}")):
                        f.do(
                            f"call void @outer{v}(ptr {out}, i64 %ld, ptr {d}, i64 %dk, ptr {a}, "
                            f"i64 %ak, i64 {k}, i1 {more}, i64 {ahead})"
                        )
    f.do("ret void")
    return "\n".join([*parts, f.text()])


def _each(t: Lanes) -> str:
    """Several kernels, whose tiles are one pool: table [count, then entry and arguments]. A thread goes
    on to the next kernel when it finds no tile of this one left."""
    f = Function("void @gw_each(ptr %table, i32 %thread, i32 %threads) nounwind", t)
    count = f.let("load i64, ptr %table, align 8")
    with f.loop(count) as n:
        first = f.add(f.mul(n, 2), 1)
        fields = []
        for k in range(2):
            place = f.let(f"getelementptr inbounds i64, ptr %table, i64 {f.add(first, k)}")
            fields.append(f.let(f"load ptr, ptr {place}, align 8"))
        f.do(f"call void {fields[0]}(ptr {fields[1]}, i32 %thread, i32 %threads)")
    f.do("ret void")
    return f.text()


def tasks(t: Lanes, name: str, kinds: tuple[str, ...], callee: str) -> str:
    """``callee`` for a table of tasks [count, next, then one number each argument], taken in turn."""
    f = Function(f"void @{name}(ptr %table, i32 %thread, i32 %threads) nounwind", t)
    count = f.let("load i64, ptr %table, align 8")
    counter = f.let("getelementptr inbounds i64, ptr %table, i64 1")
    f.do("br label %next")
    f.label("next")
    task = f.let(f"atomicrmw add ptr {counter}, i64 1 monotonic")
    f.do(f"%more = icmp slt i64 {task}, {count}")
    f.do("br i1 %more, label %work, label %finished")
    f.label("work")
    first = f.add(f.mul(task, len(kinds)), 2)
    fields = []
    for k, kind in enumerate(kinds):
        place = f.let(f"getelementptr inbounds i64, ptr %table, i64 {f.add(first, k)}")
        wide = "i64" if kind == "i1" else kind
        value = f.let(f"load {wide}, ptr {place}, align 8")
        fields.append(f"{kind} {f.let(f'trunc i64 {value} to i1') if kind == 'i1' else value}")
    f.do(f"call void @{callee}({', '.join(fields)})")
    f.do("br label %next")
    f.label("finished")
    f.do("ret void")
    return f.text()
