"""Matrices in bfloat16: half the bytes to read, which is what a step of few rows waits for.

Definition, on every machine: matrices are rounded to the nearest bfloat16 (ties to even) when they are
packed, and so is the vector that a matrix is applied to, each time. Their products are exact in
float32, where they are summed; vectors, states and equations are float32 as ever.

``gw_gemm_bf16``        as ``gw_gemm``; rounds the rows of A into ``scratch`` first.
``gw_gemv_bf16``        as ``gw_gemv``; rounds both operands as it reads them.
``gw_pack_bf16_tasks``  as ``gw_pack_tasks``, into packed bfloat16.
``gw_outer_bf16_tasks`` as ``gw_outer_tasks``, where there is a unit for tiles (``amx_outer.py``).

Where the processor has a dot product of pairs, a value of 32 bits holds two neighbours along k, and
one instruction does both; where it has a unit for tiles (``amx.py``), that takes all but the last pairs.
Elsewhere a weight becomes a float by a shift.
"""

from __future__ import annotations

from gatewise.backends.llvm.ir_text import Function, Lanes
from gatewise.backends.llvm.library import amx, amx_outer
from gatewise.backends.llvm.library.bf16_rounding import (
    ROUND,
    half,
    nearest,
    place_of,
    rounded,
    rounded_row,
)
from gatewise.backends.llvm.library.gemm import OUTER, tasks
from gatewise.backends.llvm.library.gemv import gemv
from gatewise.backends.llvm.library.pack import PACK, place
from gatewise.backends.llvm.library.register_tile import Shape
from gatewise.backends.llvm.machine.target import Target

_DOT = "@llvm.x86.avx512bf16.dpbf16ps.512"
_DECLARED = f"""
declare <16 x float> {_DOT}(<16 x float>, <32 x bfloat>, <32 x bfloat>)
declare <32 x bfloat> {ROUND}(<16 x float>, <16 x float>)
"""


def has_dot(t: Lanes, target: Target) -> bool:
    """Whether the dot product of pairs is used."""
    return target.has_bf16_dot and t.lanes == 16 and target.registers == 32


def has_tiles(t: Lanes, target: Target) -> bool:
    """Whether the unit for tiles is used."""
    return target.has_tiles and has_dot(t, target)


def library(t: Lanes, shape: Shape, dot: bool, tiles: bool = False) -> str:
    """The text of the kernels above, for float32."""
    parts = [_DECLARED] if dot else []
    if tiles:
        parts += [amx.library(t, shape.width), amx_outer.library(t)]
        parts += [tasks(t, "gw_outer_bf16_tasks", OUTER, "gw_outer_bf16")]
    parts += [rounded_row(t, dot), _gemm(t, shape, dot, tiles), _pack(t, shape, dot)]
    parts.append(gemv(t, "gw_gemv_bf16", rounded))
    return "\n".join([*parts, tasks(t, "gw_pack_bf16_tasks", PACK, "gw_pack_bf16")])


# --- products -------------------------------------------------------------------------------------


def _tile(t: Lanes, name: str, rows: int, panels: int, width: int, dot: bool) -> str:
    """Some rows times some panels; ``%k`` counts pairs where there is a dot product."""
    f = Function(
        f"internal void @{name}(ptr noalias %c, i64 %lc, ptr noalias readonly %a, i64 %la, "
        f"ptr noalias readonly %w, i64 %k, i64 %step, i1 %more) nounwind",
        t,
    )
    unit = "i32" if dot else "i16"
    source = [f.at("%a", f.mul("%la", r)) for r in range(rows)]
    panel = [place_of(f, unit, "%w", f.mul("%step", p)) for p in range(panels)]
    places = [
        f.at("%c", f.mul("%lc", r), (p * width + v) * t.lanes)
        for r in range(rows)
        for p in range(panels)
        for v in range(width)
    ]
    start = []
    for c in places:
        old = f.load(c)
        zero = f"{t.vector} zeroinitializer"
        start.append((t.vector, f.let(f"select i1 %more, {t.vector} {old}, {zero}")))
    with f.loop_carrying("%k", start) as (k, sums, after):
        at = f.mul(k, width * t.lanes)
        weights = [
            _weight(f, t, place_of(f, unit, q, f.add(at, v * t.lanes)), dot)
            for q in panel
            for v in range(width)
        ]
        for r in range(rows):
            value = _operand(f, t, f.at(source[r], k), dot)
            for n, weight in enumerate(weights):
                after.append(_step(f, t, value, weight, sums[r * len(weights) + n], dot))
    for c, total in zip(places, sums, strict=True):
        f.store(total, c)
    f.do("ret void")
    return f.text()


def _weight(f: Function, t: Lanes, where: str, dot: bool) -> str:
    if dot:
        return f.let(f"load <32 x bfloat>, ptr {where}, align 4")
    halves = f.let(f"load <{t.lanes} x i16>, ptr {where}, align 2")
    whole = f"<{t.lanes} x i32>"
    wide = f.let(f"zext <{t.lanes} x i16> {halves} to {whole}")
    return f.let(f"bitcast {whole} {f.let(f'shl {whole} {wide}, splat (i32 16)')} to {t.vector}")


def _operand(f: Function, t: Lanes, where: str, dot: bool) -> str:
    if not dot:
        return f.spread(f.load_one(where))
    pair = f.spread(f.let(f"load i32, ptr {where}, align 4"), Lanes("i32", 16))
    return f.let(f"bitcast <16 x i32> {pair} to <32 x bfloat>")


def _step(f: Function, t: Lanes, value: str, weight: str, total: str, dot: bool) -> str:
    if not dot:
        return f.mul_add(value, weight, total)
    pairs = f"<32 x bfloat> {weight}, <32 x bfloat> {value}"
    return f.let(f"call {t.vector} {_DOT}({t.vector} {total}, {pairs})")


def _gemm(t: Lanes, shape: Shape, dot: bool, tiles: bool) -> str:
    """Rows rounded, then against all panels; each is read once for all of them."""
    f = Function(
        "void @gw_gemm_bf16(i64 %n, ptr %c, i64 %lc, ptr %a, i64 %la, ptr %w, i64 %k, i64 %blocks, "
        "i1 %more, ptr %scratch) nounwind",
        t,
    )
    chunk, width = 2 * t.lanes, shape.width
    padded = f.mul(f.let(f"sdiv i64 {f.add('%k', chunk - 1)}, {chunk}"), chunk)
    distance = f.add(padded, t.lanes)
    with f.loop("%n") as r:
        to, source = f.at("%scratch", f.mul(r, distance)), f.at("%a", f.mul(r, "%la"))
        f.do(f"call void @gw_rounded(ptr {to}, ptr {source}, i64 %k)")
    pairs = f.let(f"sdiv i64 {f.add('%k', 1)}, 2")
    depth, packed = (pairs, pairs) if dot else ("%k", f.mul(pairs, 2))
    panel = f.mul(packed, width * t.lanes)
    most = shape.rows[0][0]
    start, more = "0", "%more"
    if tiles:
        start, more = _by_tiles(f, distance, pairs, panel)
    few = f.let(f"icmp sle i64 %n, {most}")

    def call(n: str, c: str, a: str, w: str, blocks: str) -> None:
        f.do(
            f"call void @bf16_few(i64 {n}, ptr {c}, i64 %lc, ptr {a}, i64 {distance}, ptr {w}, "
            f"i64 {start}, i64 {depth}, i64 {panel}, i64 {blocks}, i1 {more})"
        )

    with f.when(few):
        call("%n", "%c", "%scratch", "%w", "%blocks")
    with f.when(f.let(f"xor i1 {few}, true")):
        panels = f.let(f"sdiv i64 {f.add('%blocks', width - 1)}, {width}")
        groups = f.let(f"sdiv i64 {f.add('%n', most - 1)}, {most}")
        with f.loop(panels) as p:
            first = f.mul(p, width)
            blocks = _least(f, f.sub("%blocks", first), width)
            w = place_of(f, "i32" if dot else "i16", "%w", f.mul(p, panel))
            with f.loop(groups) as g:
                row = f.mul(g, most)
                c = f.at("%c", f.mul(row, "%lc"), f.mul(first, t.lanes))
                a = f.at("%scratch", f.mul(row, distance))
                call(_least(f, f.sub("%n", row), most), c, a, w, blocks)
    f.do("ret void")
    return "\n".join([_few(t, shape, dot), f.text()])


def _by_tiles(f: Function, distance: str, pairs: str, panel: str) -> tuple[str, str]:
    """All whole chunks of pairs. Returns where the pairs that are left begin, and whether they are
    added; where there are none, the function ends."""
    chunks = f.let(f"udiv i64 {pairs}, {amx.CHUNK}")
    done = f.mul(chunks, amx.CHUNK)
    some = f.let(f"icmp ne i64 {chunks}, 0")
    with f.when(some):
        f.do(
            f"call void @amx(i64 %n, ptr %c, i64 %lc, ptr %scratch, i64 {distance}, ptr %w, "
            f"i64 {chunks}, i64 {panel}, i64 %blocks, i1 %more)"
        )
    f.do(f"br i1 {f.let(f'icmp eq i64 {done}, {pairs}')}, label %complete, label %pairs")
    f.label("complete")
    f.do("ret void")
    f.label("pairs")
    return done, f.let(f"or i1 {some}, %more")


def _least(f: Function, a: str, b: int) -> str:
    return f.let(f"select i1 {f.let(f'icmp slt i64 {a}, {b}')}, i64 {a}, i64 {b}")


def _few(t: Lanes, shape: Shape, dot: bool) -> str:
    """``bf16_few``: at most as many rows as the largest register tile has, against all panels; from
    ``%from`` to ``%k``."""
    parts, width = [], shape.width
    f = Function(
        "internal void @bf16_few(i64 %n, ptr %c, i64 %lc, ptr %a, i64 %la, ptr %w, i64 %from, i64 %k, "
        "i64 %panel, i64 %blocks, i1 %more) nounwind",
        t,
    )
    unit = "i32" if dot else "i16"
    left, a = f.sub("%k", "%from"), f.at("%a", "%from")
    full, narrow = f.let(f"sdiv i64 %blocks, {width}"), f.let(f"srem i64 %blocks, {width}")
    shapes = list(shape.rows)
    for (rows, together), below in zip(shapes, [r for r, _ in shapes[1:]] + [0], strict=True):
        for panels, vectors in {(together, width), (1, width), *((1, v) for v in range(1, width))}:
            name = f"bf16_{rows}x{panels}x{vectors}"
            parts.append(_tile(t, name, rows, panels, vectors, dot))
        fits = f.let(f"icmp sgt i64 %n, {below}")
        if rows != shapes[0][0]:
            fits = f.let(f"and i1 {fits}, {f.let(f'icmp sle i64 %n, {rows}')}")
        with f.when(fits):

            def call(panels: int, vectors: int, first: str, rows: int = rows) -> None:
                c = f.at("%c", f.mul(first, width * t.lanes))
                w = place_of(f, unit, "%w", f.mul(first, "%panel"))
                w = place_of(f, unit, w, f.mul("%from", vectors * t.lanes))
                f.do(
                    f"call void @bf16_{rows}x{panels}x{vectors}(ptr {c}, i64 %lc, ptr {a}, i64 %la, "
                    f"ptr {w}, i64 {left}, i64 %panel, i1 %more)"
                )

            groups = f.let(f"sdiv i64 {full}, {together}")
            with f.loop(groups) as g:
                call(together, width, f.mul(g, together))
            done = f.mul(groups, together)
            with f.loop(f.sub(full, done)) as g:
                call(1, width, f.add(done, g))
            for v in range(1, width):
                with f.when(f.let(f"icmp eq i64 {narrow}, {v}")):
                    call(1, v, full)
    f.do("ret void")
    return "\n".join([*parts, f.text()])


# --- packing --------------------------------------------------------------------------------------


def _pack(t: Lanes, shape: Shape, dot: bool) -> str:
    """``gw_pack_bf16`` packs a parameter as ``gw_pack`` does, but one value after the other: that is
    done only when weights have changed."""
    f = Function(
        "void @gw_pack_bf16(ptr %dst, ptr %src, i64 %ld, i64 %n, i64 %k, i1 %transposed, i64 %lane0, "
        "i64 %k0, i64 %depth, i64 %blocks, i1 %more) nounwind",
        t,
    )
    by_n = f.let("select i1 %transposed, i64 1, i64 %ld")
    by_k = f.let("select i1 %transposed, i64 %ld, i64 1")
    pairs = f.let(f"sdiv i64 {f.add('%depth', 1)}, 2")
    packed = pairs if dot else f.mul(pairs, 2)
    with f.loop("%n") as n:
        begin, stride = place(f, shape.width, f.add(n, "%lane0"), packed)
        src = f.at("%src", f.mul(n, by_n))
        with f.loop("%k") as k:
            value = f.load_one(f.at(src, f.mul(k, by_k)))
            at = f.add(k, "%k0")
            if dot:
                pair, which = f.let(f"lshr i64 {at}, 1"), f.let(f"and i64 {at}, 1")
                index = f.add(f.mul(f.add(begin, f.mul(pair, stride)), 2), which)
            else:
                index = f.add(begin, f.mul(at, stride))
            to = place_of(f, "i16", "%dst", index)
            old = f.let(f"zext i16 {f.let(f'load i16, ptr {to}, align 2')} to i32")
            old = f.let(f"bitcast i32 {f.let(f'shl i32 {old}, 16')} to float")
            total = f.let(f"fadd float {old}, {value}")
            chosen = f.let(f"select i1 %more, float {total}, float {value}")
            f.do(f"store i16 {half(f, nearest(f, chosen))}, ptr {to}, align 2")
    f.do("ret void")
    return f.text()
