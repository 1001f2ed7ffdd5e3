"""Weights into the layout of the register tile and gradients out of it; a fingerprint of weights.

Packed weights: panels of ``width`` vectors of columns, ``[panel][K][width][lanes]``, the last panel
narrower; a column is one unit of the product's result.
"""

from __future__ import annotations

from gatewise.backends.llvm.ir_text import Function, Lanes
from gatewise.backends.llvm.library.register_tile import Shape

PACK = ("ptr", "ptr", "i64", "i64", "i64", "i1", "i64", "i64", "i64", "i64", "i1")


def pack(t: Lanes, shape: Shape) -> str:
    """src [rows][cols] (row distance ``ld``) into the columns from ``lane0`` on, depth from ``k0`` on.

    Plain: column n of the product is row n of src, k is its column. Transposed: the other way round.
    ``more`` adds to what is there (two terms over one operand). Whole vectors of columns go together;
    the columns of a vector that is not whole go one by one.
    """
    f = Function(
        "void @gw_pack(ptr %dst, ptr %src, i64 %ld, i64 %n, i64 %k, i1 %transposed, i64 %lane0, "
        "i64 %k0, i64 %depth, i64 %blocks, i1 %more) nounwind",
        t,
    )
    by_n = f.let("select i1 %transposed, i64 1, i64 %ld")
    by_k = f.let("select i1 %transposed, i64 %ld, i64 1")
    odd = f.let(f"srem i64 %lane0, {t.lanes}")
    even = f.let(f"icmp eq i64 {odd}, 0")
    whole = f.let(f"sdiv i64 %n, {t.lanes}")
    vectors = f.let(f"select i1 {even}, i64 {whole}, i64 0")
    with f.loop(vectors) as v:
        n0 = f.mul(v, t.lanes)
        to, stride = _place(f, shape.width, f.add(n0, "%lane0"))
        first = f.at("%src", f.mul(n0, by_n))
        rows = [first]
        for _ in range(1, t.lanes):
            rows.append(f.at(rows[-1], by_n))
        with f.when("%transposed"), f.loop("%k") as k:
            _put(f, f.load(f.at(first, f.mul(k, by_k))), f.at(to, f.mul(k, stride)))
        plain = f.let("xor i1 %transposed, true")
        with f.when(plain):
            squares = f.let(f"sdiv i64 %k, {t.lanes}")
            with f.loop(squares) as square:
                k0 = f.mul(square, t.lanes)
                columns = _transposed(f, [f.load(f.at(row, k0)) for row in rows])
                for column, vector in enumerate(columns):
                    _put(f, vector, f.at(to, f.mul(f.add(k0, column), stride)))
            done = f.mul(squares, t.lanes)
            with f.loop(f.sub("%k", done)) as rest:
                k = f.add(done, rest)
                value = "poison"
                for lane, row in enumerate(rows):
                    one = f.load_one(f.at(row, k))
                    value = f.let(f"insertelement {t.vector} {value}, {t.dtype} {one}, i64 {lane}")
                _put(f, value, f.at(to, f.mul(k, stride)))
    done = f.mul(vectors, t.lanes)
    with f.loop(f.sub("%n", done)) as m:
        n0 = f.add(done, m)
        to, stride = _place(f, shape.width, f.add(n0, "%lane0"))
        src = f.at("%src", f.mul(n0, by_n))
        with f.loop("%k") as k:
            value = f.load_one(f.at(src, f.mul(k, by_k)))
            place = f.at(to, f.mul(k, stride))
            total = f.let(f"fadd {t.dtype} {f.load_one(place)}, {value}")
            chosen = f.let(f"select i1 %more, {t.dtype} {total}, {t.dtype} {value}")
            f.do(f"store {t.dtype} {chosen}, ptr {place}, align {t.bytes}")
    f.do("ret void")
    return f.text()


def _transposed(f: Function, rows: list[str]) -> list[str]:
    """The columns of a square of as many vectors as each has lanes.

    Swaps the off-diagonal halves of ever larger blocks: log2(lanes) shuffles a vector, where reading
    value by value takes as many loads as there are lanes.
    """
    lanes, size = len(rows), 1
    while size < lanes:
        swapped = list(rows)
        for k in range(lanes):
            if not k & size:
                one, other = rows[k], rows[k + size]
                upper = [j if not j & size else lanes + j - size for j in range(lanes)]
                lower = [j + size if not j & size else lanes + j for j in range(lanes)]
                swapped[k] = _shuffled(f, one, other, upper)
                swapped[k + size] = _shuffled(f, one, other, lower)
        rows, size = swapped, 2 * size
    return rows


def _shuffled(f: Function, one: str, other: str, lanes: list[int]) -> str:
    mask = ", ".join(f"i32 {lane}" for lane in lanes)
    vector = f.t.vector
    return f.let(f"shufflevector {vector} {one}, {vector} {other}, <{len(lanes)} x i32> <{mask}>")


def place(f: Function, width: int, n: str, depth: str) -> tuple[str, str]:
    """Where column n begins in the packed array, and the distance of its values along k (both in
    values; ``%blocks`` is the number of vectors)."""
    t = f.t
    block, lane = f.let(f"sdiv i64 {n}, {t.lanes}"), f.let(f"srem i64 {n}, {t.lanes}")
    panel, inside = f.let(f"sdiv i64 {block}, {width}"), f.let(f"srem i64 {block}, {width}")
    full, narrow = f.let(f"sdiv i64 %blocks, {width}"), f.let(f"srem i64 %blocks, {width}")
    last = f.let(f"icmp eq i64 {panel}, {full}")
    vectors = f.let(f"select i1 {last}, i64 {narrow}, i64 {width}")
    stride = f.mul(vectors, t.lanes)
    start = f.mul(f.mul(panel, width * t.lanes), depth)
    return f.add(start, f.add(f.mul(inside, t.lanes), lane)), stride


def _place(f: Function, width: int, n: str) -> tuple[str, str]:
    """The address of column n in the packed array, at the depth where this parameter begins."""
    begin, stride = place(f, width, n, "%depth")
    return f.at("%dst", begin, f.mul("%k0", stride)), stride


def _put(f: Function, value: str, place: str) -> None:
    t = f.t
    total = f.let(f"fadd {t.vector} {f.load(place)}, {value}")
    f.store(f.let(f"select i1 %more, {t.vector} {total}, {t.vector} {value}"), place)


COLLECT = ("ptr", "i64", "ptr", "i64", "i64", "i64", "i64", "i64", "i1")


def collect(t: Lanes) -> str:
    """dst [rows][cols] (+)= the sum over ``parts`` of src [rows][cols], parts ``apart`` values apart.

    Nothing beyond the columns is touched; parts are added in their order.
    """
    f = Function(
        "void @gw_collect(ptr %dst, i64 %ld, ptr %src, i64 %sld, i64 %rows, i64 %cols, i64 %parts, "
        "i64 %apart, i1 %more) nounwind",
        t,
    )
    vectors = f.let(f"sdiv i64 %cols, {t.lanes}")
    done = f.mul(vectors, t.lanes)
    with f.loop("%rows") as r:
        to, source = f.at("%dst", f.mul(r, "%ld")), f.at("%src", f.mul(r, "%sld"))
        with f.loop(vectors) as v:
            at = f.mul(v, t.lanes)
            place = f.at(to, at)
            zero = f"{t.vector} zeroinitializer"
            start = f.let(f"select i1 %more, {t.vector} {f.load(place)}, {zero}")
            with f.loop_carrying("%parts", [(t.vector, start)]) as (p, total, after):
                value = f.load(f.at(source, at, f.mul(p, "%apart")))
                after.append(f.let(f"fadd {t.vector} {total[0]}, {value}"))
            f.store(total[0], place)
        with f.loop(f.sub("%cols", done)) as c:
            at = f.add(done, c)
            place = f.at(to, at)
            zero = f"{t.dtype} {t.number(0.0)}"
            start = f.let(f"select i1 %more, {t.dtype} {f.load_one(place)}, {zero}")
            with f.loop_carrying("%parts", [(t.dtype, start)]) as (p, total, after):
                value = f.load_one(f.at(source, at, f.mul(p, "%apart")))
                after.append(f.let(f"fadd {t.dtype} {total[0]}, {value}"))
            f.do(f"store {t.dtype} {total[0]}, ptr {place}, align {t.bytes}")
    f.do("ret void")
    return f.text()


def fingerprint(t: Lanes) -> str:
    """A number that changes when weights change: table [count, then pointer, rows, cols, ld each].

    Each lane of four streams is mixed with one value after the other: fold the upper half onto the
    lower, multiply by an odd number, add the value's bits. Each step can be undone, so one changed
    value always changes the result. The fold is what makes changes of the top bits count: without it
    the signs of two values cancel out, as they only reach the top bit of a product.
    """
    bits = 32 if t.dtype == "float" else 64
    vector = f"<{t.lanes} x i{bits}>"
    factor = 0x9E3779B1 if bits == 32 else 0x9E3779B97F4A7C15
    signed = factor - (1 << bits)
    streams = 4
    f = Function("i64 @gw_fingerprint(ptr %table) nounwind", t)
    count = f.let("load i64, ptr %table, align 8")
    start = [(vector, f"splat (i{bits} {k + 1})") for k in range(streams)] + [("i64", "1")]
    with f.loop_carrying(count, start) as (a, sums, after):
        fields = []
        for k, kind in enumerate(("ptr", "i64", "i64", "i64")):
            place = f.let(
                f"getelementptr inbounds i64, ptr %table, i64 {f.add(f.mul(a, 4), 1 + k)}"
            )
            fields.append(f.let(f"load {kind}, ptr {place}, align 8"))
        pointer, rows, cols, ld = fields
        with f.loop_carrying(rows, list(zip([k for k, _ in start], sums, strict=True))) as (
            r,
            part,
            later,
        ):
            row = f.at(pointer, f.mul(r, ld))
            groups = f.let(f"sdiv i64 {cols}, {t.lanes * streams}")
            carried = [(vector, v) for v in part[:streams]]
            with f.loop_carrying(groups, carried) as (g, lanes, new):
                here = f.at(row, f.mul(g, t.lanes * streams))
                for k in range(streams):
                    place = f.at(here, k * t.lanes)
                    value = f.let(f"load {vector}, ptr {place}, align {t.bytes}")
                    high = f.let(f"lshr {vector} {lanes[k]}, splat (i{bits} {bits // 2 - 1})")
                    folded = f.let(f"xor {vector} {lanes[k]}, {high}")
                    grown = f.let(f"mul {vector} {folded}, splat (i{bits} {signed})")
                    new.append(f.let(f"add {vector} {grown}, {value}"))
            done = f.mul(groups, t.lanes * streams)
            with f.loop_carrying(f.sub(cols, done), [("i64", part[streams])]) as (m, tail, new):
                place = f.at(row, f.add(done, m))
                value = f.let(f"load i{bits}, ptr {place}, align {t.bytes}")
                if bits == 32:
                    value = f.let(f"zext i32 {value} to i64")
                new.append(_mix(f, tail[0], value))
            later += [*lanes, tail[0]]
        after += part
    total = sums[streams]
    for k in range(streams):
        for lane in range(t.lanes):
            value = f.let(f"extractelement {vector} {sums[k]}, i64 {lane}")
            if bits == 32:
                value = f.let(f"zext i32 {value} to i64")
            total = _mix(f, total, value)
    f.do(f"ret i64 {total}")
    return f.text()


def _mix(f: Function, total: str, value: str) -> str:
    """One step of the fingerprint with one 64-bit number."""
    high = f.let(f"lshr i64 {total}, 31")
    folded = f.let(f"xor i64 {total}, {high}")
    grown = f.let(f"mul i64 {folded}, {0x9E3779B97F4A7C15 - (1 << 64)}")
    return f.let(f"add i64 {grown}, {value}")
