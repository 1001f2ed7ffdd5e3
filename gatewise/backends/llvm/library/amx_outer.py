"""The weight gradient on the tile unit: out [N][M] = sum over k of D[k][n] * A[k][m], in bfloat16.

``gw_outer_bf16`` has the arguments of ``gw_outer``. Both operands are float32 with a step in each row,
and the unit wants pairs of steps next to each other: so a stretch of steps is rounded and laid out in
tiles first, D with its steps along the rows, and stays in the cache while it is used. Sums are float32.
"""

from __future__ import annotations

from gatewise.backends.llvm.ir_text import Function, Lanes
from gatewise.backends.llvm.library.amx import CHUNK, WEIGHTS, byte_offset, load_setting
from gatewise.backends.llvm.library.bf16_rounding import ROUND

_STEPS = 2 * CHUNK  # of a chunk
_DEPTH = 8  # chunks that are laid out at once
_HEIGHT = 32  # vectors of D that are
_TILE = 256  # values of 32 bits
_ROWS = (4, 5)  # tile registers of D


def library(t: Lanes) -> str:
    """The text of ``gw_outer_bf16``."""
    tiles = [_tile(t, blocks, vectors) for blocks in (1, 2) for vectors in (1, 2)]
    return "\n".join([_transposed(), _rows(t), _columns(t), *tiles, _outer(t)])


def _transposed() -> str:
    """16 vectors of 32 bits to their columns, which are stored one after the other."""
    f = Function("internal void @amx_transposed(ptr %to, ptr %from) nounwind", Lanes("float", 16))
    whole = "<16 x i32>"
    values = [f.let(f"load {whole}, ptr {f.at('%from', 16 * r)}, align 64") for r in range(CHUNK)]
    for half in (8, 4, 2, 1):
        swapped = list(values)
        for r in range(CHUNK):
            if r & half:
                continue
            a, b = values[r], values[r + half]
            for to, side in ((r, 0), (r + half, half)):
                lanes = [
                    (lane & ~half) + side + (16 if lane & half else 0) for lane in range(CHUNK)
                ]
                mask = ", ".join(f"i32 {lane}" for lane in lanes)
                swapped[to] = f.let(f"shufflevector {whole} {a}, {whole} {b}, <16 x i32> <{mask}>")
        values = swapped
    for r, value in enumerate(values):
        f.do(f"store {whole} {value}, ptr {f.at('%to', 16 * r)}, align 64")
    f.do("ret void")
    return f.text()


def _pair(f: Function, source: str, distance: str, step: str, steps: str, zeros: str) -> str:
    """A vector of two neighbouring steps, rounded, as 16 pairs. Steps beyond the last one are zero."""
    rows = []
    for k in (step, f.add(step, 1)):
        inside = f.let(f"icmp slt i64 {k}, {steps}")
        row = f.at(source, f.mul(k, distance))
        rows.append(f.load(f.let(f"select i1 {inside}, ptr {row}, ptr {zeros}")))
    low, high = rows
    both = f.let(f"call <32 x bfloat> {ROUND}({f.t.vector} {high}, {f.t.vector} {low})")
    mask = ", ".join(f"i32 {k // 2 + 16 * (k % 2)}" for k in range(32))
    return f.let(f"shufflevector <32 x bfloat> {both}, <32 x bfloat> poison, <32 x i32> <{mask}>")


def _rows(t: Lanes) -> str:
    """Some vectors of D to tiles of 16 rows by 16 pairs of steps: [vector][chunk][row][pair]."""
    f = Function(
        "internal void @amx_rows(ptr %to, ptr %d, i64 %dk, i64 %steps, i64 %chunks, i64 %vectors) nounwind",
        t,
    )
    zeros = _zeros(f)
    pairs = f.let(f"alloca [{_TILE} x i32], align 64")
    with f.loop("%vectors") as v:
        source = f.at("%d", f.mul(v, t.lanes))
        with f.loop("%chunks") as c:
            for p in range(CHUNK):
                step = f.add(f.mul(c, _STEPS), 2 * p)
                value = _pair(f, source, "%dk", step, "%steps", zeros)
                f.do(f"store <32 x bfloat> {value}, ptr {f.at(pairs, 16 * p)}, align 64")
            to = f.at("%to", f.mul(f.add(f.mul(v, _DEPTH), c), _TILE))
            f.do(f"call void @amx_transposed(ptr {to}, ptr {pairs})")
    f.do("ret void")
    return f.text()


def _columns(t: Lanes) -> str:
    """Up to two vectors of A to tiles of 16 pairs of steps by 16 columns: [chunk][vector][pair][column]."""
    f = Function(
        "internal void @amx_columns(ptr %to, ptr %a, i64 %ak, i64 %steps, i64 %chunks, i64 %vectors) nounwind",
        t,
    )
    zeros = _zeros(f)
    with f.loop(f.mul("%chunks", CHUNK)) as p, f.loop("%vectors") as v:
        source = f.at("%a", f.mul(v, t.lanes))
        value = _pair(f, source, "%ak", f.mul(p, 2), "%steps", zeros)
        chunk, pair = f.let(f"udiv i64 {p}, {CHUNK}"), f.let(f"urem i64 {p}, {CHUNK}")
        tile = f.add(f.mul(chunk, 2), v)
        to = f.at("%to", f.mul(tile, _TILE), f.mul(pair, 16))
        f.do(f"store <32 x bfloat> {value}, ptr {to}, align 64")
    f.do("ret void")
    return f.text()


def _zeros(f: Function) -> str:
    zeros = f.let(f"alloca {f.t.vector}, align 64")
    f.store("zeroinitializer", zeros)
    return zeros


def _tile(t: Lanes, blocks: int, vectors: int) -> str:
    """``blocks`` tiles of rows times ``vectors`` of columns of the result."""
    f = Function(
        f"internal void @amx_outer_{blocks}x{vectors}(ptr %out, i64 %ld, ptr %d, ptr %a, i64 %chunks, "
        "i1 %more) nounwind",
        t,
    )
    sums = {(b, v): 2 * b + v for b in range(blocks) for v in range(vectors)}
    places = {
        (b, v): f.at(byte_offset(f, "%out", f.mul("%ld", b * CHUNK)), v * t.lanes) for b, v in sums
    }
    with f.when("%more"):
        for at, register in sums.items():
            f.do(f"call void @llvm.x86.tileloadd64(i8 {register}, ptr {places[at]}, i64 %ld)")
    with f.when(f.let("xor i1 %more, true")):
        for register in sums.values():
            f.do(f"call void @llvm.x86.tilezero(i8 {register})")
    with f.loop("%chunks") as c:
        for b in range(blocks):
            rows = f.at("%d", f.mul(f.add(c, b * _DEPTH), _TILE))
            f.do(f"call void @llvm.x86.tileloadd64(i8 {_ROWS[b]}, ptr {rows}, i64 64)")
        for v in range(vectors):
            columns = f.at("%a", f.mul(f.add(f.mul(c, 2), v), _TILE))
            f.do(f"call void @llvm.x86.tileloadd64(i8 {WEIGHTS[v]}, ptr {columns}, i64 64)")
            for b in range(blocks):
                f.do(
                    f"call void @llvm.x86.tdpbf16ps(i8 {sums[b, v]}, i8 {_ROWS[b]}, i8 {WEIGHTS[v]})"
                )
    for at, register in sums.items():
        f.do(f"call void @llvm.x86.tilestored64(i8 {register}, ptr {places[at]}, i64 %ld)")
    f.do("ret void")
    return f.text()


def _outer(t: Lanes) -> str:
    f = Function(
        "void @gw_outer_bf16(ptr %out, i64 %ld, ptr %d, i64 %dk, ptr %a, i64 %ak, i64 %steps, i64 %first, "
        "i64 %last, i64 %columns, i1 %adds) nounwind",
        t,
    )
    high = f.let(f"alloca [{_HEIGHT * _DEPTH * _TILE} x i32], align 64")
    wide = f.let(f"alloca [{2 * _DEPTH * _TILE} x i32], align 64")
    load_setting(f)
    ld = f.mul("%ld", t.bytes)
    stretch = _DEPTH * _STEPS
    stretches = f.let(f"sdiv i64 {f.add('%steps', stretch - 1)}, {stretch}")
    groups = f.let(f"sdiv i64 {f.add(f.sub('%last', '%first'), _HEIGHT - 1)}, {_HEIGHT}")
    strips = f.let(f"sdiv i64 {f.add('%columns', 1)}, 2")
    with f.loop(stretches) as s:
        start = f.mul(s, stretch)
        steps = _least(f, f.sub("%steps", start), stretch)
        chunks = f.let(f"sdiv i64 {f.add(steps, _STEPS - 1)}, {_STEPS}")
        more = f.let(f"or i1 {f.let(f'icmp sgt i64 {s}, 0')}, %adds")
        with f.loop(groups) as g:
            row = f.add("%first", f.mul(g, _HEIGHT))
            height = _least(f, f.sub("%last", row), _HEIGHT)
            d = f.at("%d", f.mul(start, "%dk"), f.mul(row, t.lanes))
            f.do(
                f"call void @amx_rows(ptr {high}, ptr {d}, i64 %dk, i64 {steps}, i64 {chunks}, i64 {height})"
            )
            with f.loop(strips) as strip:
                column = f.mul(strip, 2)
                width = _least(f, f.sub("%columns", column), 2)
                a = f.at("%a", f.mul(start, "%ak"), f.mul(column, t.lanes))
                f.do(
                    f"call void @amx_columns(ptr {wide}, ptr {a}, i64 %ak, i64 {steps}, i64 {chunks}, "
                    f"i64 {width})"
                )
                two = f.let(f"icmp eq i64 {width}, 2")
                one = f.let(f"xor i1 {two}, true")
                out = f.at("%out", f.mul(f.mul(row, t.lanes), "%ld"), f.mul(column, t.lanes))

                def tile(blocks: int, vectors: int, at: str, out: str = out) -> None:
                    to = f.at(out, f.mul(f.mul(at, t.lanes), "%ld"))
                    rows = f.at(high, f.mul(at, _DEPTH * _TILE))
                    f.do(
                        f"call void @amx_outer_{blocks}x{vectors}(ptr {to}, i64 {ld}, ptr {rows}, "
                        f"ptr {wide}, i64 {chunks}, i1 {more})"
                    )

                pairs = f.let(f"sdiv i64 {height}, 2")
                odd = f.let(f"trunc i64 {height} to i1")
                for vectors, chosen in ((2, two), (1, one)):
                    with f.when(chosen):
                        with f.loop(pairs) as p:
                            tile(2, vectors, f.mul(p, 2))
                        with f.when(odd):
                            tile(1, vectors, f.mul(pairs, 2))
    f.do("call void @llvm.x86.tilerelease()")
    f.do("ret void")
    return f.text()


def _least(f: Function, a: str, b: int) -> str:
    return f.let(f"call i64 @llvm.smin.i64(i64 {a}, i64 {b})")
