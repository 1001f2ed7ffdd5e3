"""Products in bfloat16 on the tile unit of Intel's processors (AMX): 16 rows times 16 columns at once.

A tile register has 16 rows of 64 bytes. One instruction multiplies 16 rows of 32 values along k with
16 columns of them, and adds what comes out to 16 x 16 sums in float32: 256 dot products of pairs.
The packed weights of ``bf16.py`` are what it reads: 16 pairs along k are the rows of a tile.

``amx``  rows of A, rounded, times all panels, over whole chunks of 16 pairs. What is left of k is
added by the dot products of ``bf16.py``.

What rows and columns a tile register has is a setting of the thread. It is made for each call and let
go of at its end: other code, and a change of threads, pays for tiles in use.
"""

from __future__ import annotations

from gatewise.backends.llvm.ir_text import Function, Lanes

CHUNK = 16  # pairs along k, which are the rows of a tile of weights
ROWS = 16  # of A in a tile
GROUP = 2 * ROWS  # rows that share what is read of the weights

_DECLARED = """
declare void @llvm.x86.ldtilecfg(ptr)
declare void @llvm.x86.tilerelease()
declare void @llvm.x86.tilezero(i8 immarg)
declare void @llvm.x86.tileloadd64(i8 immarg, ptr, i64)
declare void @llvm.x86.tilestored64(i8 immarg, ptr, i64)
declare void @llvm.x86.tdpbf16ps(i8 immarg, i8 immarg, i8 immarg)
"""

# Tile registers: sums of two blocks of rows times two of columns (or of one block of rows times up to
# four of columns), the rows, and two that weights go through in turn.
_SUMS, _A, WEIGHTS = (0, 1, 2, 3), (4, 5), (6, 7)
_SETTING = 64  # bytes


def library(t: Lanes, width: int) -> str:
    """The text of ``amx``, for panels of ``width`` vectors."""
    tiles = [_tile(t, 2, vectors) for vectors in (1, 2)]
    tiles += [_tile(t, 1, vectors) for vectors in range(1, width + 1)]
    return "\n".join([_DECLARED, *tiles, _product(t, width)])


def _tile(t: Lanes, blocks: int, vectors: int) -> str:
    """``blocks`` blocks of rows times ``vectors`` vectors of columns. Distances are in bytes."""
    f = Function(
        f"internal void @amx_{blocks}x{vectors}(ptr %c, i64 %lc, ptr %a, i64 %la, ptr %w, i64 %lw, "
        "i64 %chunks, i1 %more) nounwind",
        t,
    )
    # the registers of one block of rows have as many rows; see ``_set``
    sums = {(b, v): _SUMS[2 * b + v] for b in range(blocks) for v in range(vectors)}
    places = {
        (b, v): f.at(byte_offset(f, "%c", f.mul("%lc", b * ROWS)) if b else "%c", v * t.lanes)
        for b, v in sums
    }
    with f.when("%more"):
        for at, register in sums.items():
            f.do(f"call void @llvm.x86.tileloadd64(i8 {register}, ptr {places[at]}, i64 %lc)")
    with f.when(f.let("xor i1 %more, true")):
        for register in sums.values():
            f.do(f"call void @llvm.x86.tilezero(i8 {register})")
    with f.loop("%chunks") as k:
        a = byte_offset(f, "%a", f.mul(k, 4 * CHUNK))
        w = byte_offset(f, "%w", f.mul(k, f.mul("%lw", CHUNK)))
        for b in range(blocks):
            rows = byte_offset(f, a, f.mul("%la", b * ROWS)) if b else a
            f.do(f"call void @llvm.x86.tileloadd64(i8 {_A[b]}, ptr {rows}, i64 %la)")
        for v in range(vectors):
            weights = WEIGHTS[v % 2]
            columns = f.at(w, v * t.lanes)
            f.do(f"call void @llvm.x86.tileloadd64(i8 {weights}, ptr {columns}, i64 %lw)")
            for b in range(blocks):
                f.do(f"call void @llvm.x86.tdpbf16ps(i8 {sums[b, v]}, i8 {_A[b]}, i8 {weights})")
    for at, register in sums.items():
        f.do(f"call void @llvm.x86.tilestored64(i8 {register}, ptr {places[at]}, i64 %lc)")
    f.do("ret void")
    return f.text()


def _product(t: Lanes, width: int) -> str:
    """All panels, which are ``panel`` values of 32 bits apart, times all rows: a panel is read by one
    group of rows after the other while it is in the cache."""
    f = Function(
        "internal void @amx(i64 %n, ptr %c, i64 %lc, ptr %a, i64 %la, ptr %w, i64 %chunks, i64 %panel, "
        "i64 %blocks, i1 %more) nounwind",
        t,
    )
    setting = _setting(f)
    full, narrow = f.let(f"udiv i64 %blocks, {width}"), f.let(f"urem i64 %blocks, {width}")
    lc, la = f.mul("%lc", t.bytes), f.mul("%la", t.bytes)
    groups = f.let(f"udiv i64 {f.add('%n', GROUP - 1)}, {GROUP}")

    def panel(index: str, vectors: int) -> None:
        w = f.at("%w", f.mul(index, "%panel"))
        columns = f.at("%c", f.mul(index, width * t.lanes))
        with f.loop(groups) as g:
            row = f.mul(g, GROUP)
            two = _set(f, setting, f.sub("%n", row))
            c, a = f.at(columns, f.mul(row, "%lc")), f.at("%a", f.mul(row, "%la"))

            def call(blocks: int, together: int, v: int) -> None:
                to, weights = f.at(c, v * t.lanes), f.at(w, v * t.lanes)
                f.do(
                    f"call void @amx_{blocks}x{together}(ptr {to}, i64 {lc}, ptr {a}, i64 {la}, "
                    f"ptr {weights}, i64 {vectors * t.lanes * t.bytes}, i64 %chunks, i1 %more)"
                )

            with f.when(two):
                for v in range(0, vectors, 2):
                    call(2, min(2, vectors - v), v)
            with f.when(f.let(f"xor i1 {two}, true")):
                call(1, vectors, 0)

    with f.loop(full) as p:
        panel(p, width)
    for v in range(1, width):
        with f.when(f.let(f"icmp eq i64 {narrow}, {v}")):
            panel(full, v)
    f.do("call void @llvm.x86.tilerelease()")
    f.do("ret void")
    return f.text()


def _setting(f: Function) -> str:
    """Memory for a setting, with what is the same in all of them: registers are 64 bytes wide, and
    weights fill them."""
    setting = f.let(f"alloca [{_SETTING} x i8], align 64")
    f.do(f"store <{_SETTING} x i8> zeroinitializer, ptr {setting}, align 64")
    f.do(f"store i8 1, ptr {setting}, align 1")  # the only palette there is
    for register in range(8):
        f.do(f"store i16 {_SETTING}, ptr {byte_offset(f, setting, 16 + 2 * register)}, align 2")
    for register in WEIGHTS:
        f.do(f"store i8 {CHUNK}, ptr {byte_offset(f, setting, 48 + register)}, align 1")
    return setting


def load_setting(f: Function) -> None:
    """Set the thread's tile unit up for whole registers: 16 rows in each."""
    _set(f, _setting(f), str(GROUP))


def _set(f: Function, setting: str, left: str) -> str:
    """Set the thread's tile unit up for so many rows, of which a group is taken. Returns whether they
    are two blocks; a single block has the registers of both."""
    two = f.let(f"icmp sgt i64 {left}, {ROWS}")
    first = f.let(f"select i1 {two}, i64 {ROWS}, i64 {left}")
    rest = f.let(f"call i64 @llvm.smin.i64(i64 {f.sub(left, ROWS)}, i64 {ROWS})")
    second = f.let(f"select i1 {two}, i64 {rest}, i64 {first}")
    rows = {**dict.fromkeys((0, 1, _A[0]), first), **dict.fromkeys((2, 3, _A[1]), second)}
    for register, count in rows.items():
        narrow = f.let(f"trunc i64 {count} to i8")
        f.do(f"store i8 {narrow}, ptr {byte_offset(f, setting, 48 + register)}, align 1")
    f.do(f"call void @llvm.x86.ldtilecfg(ptr {setting})")
    return two


def byte_offset(f: Function, pointer: str, offset: str | int) -> str:
    """The address so many bytes further on."""
    return f.let(f"getelementptr inbounds i8, ptr {pointer}, i64 {offset}")
