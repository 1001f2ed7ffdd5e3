"""float32 to the nearest bfloat16, ties to even: one value, a vector, a row."""

from __future__ import annotations

from gatewise.backends.llvm.ir_text import Function, Lanes

ROUND = "@llvm.x86.avx512bf16.cvtne2ps2bf16.512"  # of two vectors, the second one in the lower half


def nearest(f: Function, value: str, lanes: int = 0) -> str:
    """The bits of a float32 (or of a vector of them), the lower half rounded away to nearest even."""
    whole, number = ("i32", "float") if not lanes else (f"<{lanes} x i32>", f"<{lanes} x float>")

    def constant(n: int) -> str:
        return f"splat (i32 {n})" if lanes else str(n)

    bits = f.let(f"bitcast {number} {value} to {whole}")
    odd = f.let(f"and {whole} {f.let(f'lshr {whole} {bits}, {constant(16)}')}, {constant(1)}")
    up = f.let(f"add {whole} {f.let(f'add {whole} {bits}, {odd}')}, {constant(0x7FFF)}")
    nan = f.let(f"fcmp uno {number} {value}, {value}")
    quiet = f.let(f"or {whole} {bits}, {constant(0x400000)}")
    mask = f"<{lanes} x i1>" if lanes else "i1"
    chosen = f.let(f"select {mask} {nan}, {whole} {quiet}, {whole} {up}")
    return f.let(f"and {whole} {chosen}, {constant(-0x10000)}")


def rounded(f: Function, vector: str) -> str:
    """A vector of float32 to the nearest bfloat16, as float32 again."""
    bits = nearest(f, vector, f.t.lanes)
    return f.let(f"bitcast <{f.t.lanes} x i32> {bits} to {f.t.vector}")


def half(f: Function, bits: str) -> str:
    """The upper half of 32 bits."""
    return f.let(f"trunc i32 {f.let(f'lshr i32 {bits}, 16')} to i16")


def place_of(f: Function, kind: str, pointer: str, values: str | int) -> str:
    """The address so many values of a kind further on."""
    return f.let(f"getelementptr inbounds {kind}, ptr {pointer}, i64 {values}")


def rounded_row(t: Lanes, dot: bool) -> str:
    """A row of k float32 to bfloat16: as pairs for the dot product, else as float32 again."""
    f = Function(
        "internal void @gw_rounded(ptr noalias %to, ptr noalias %from, i64 %k) nounwind", t
    )
    chunk = 2 * t.lanes if dot else t.lanes
    full = f.let(f"sdiv i64 %k, {chunk}")
    with f.loop(full) as c:
        source = f.at("%from", f.mul(c, chunk))
        if dot:
            low, high = f.load(source), f.load(f.at(source, t.lanes))
            both = f.let(f"call <32 x bfloat> {ROUND}({t.vector} {high}, {t.vector} {low})")
            to = f.at("%to", f.mul(c, t.lanes))
            f.do(f"store <32 x bfloat> {both}, ptr {to}, align 4")
        else:
            bits = nearest(f, f.load(source), t.lanes)
            whole = f"<{t.lanes} x i32>"
            f.do(f"store {whole} {bits}, ptr {f.at('%to', f.mul(c, chunk))}, align 4")
    done = f.mul(full, chunk)
    with f.loop(f.sub("%k", done)) as r:
        k = f.add(done, r)
        bits = nearest(f, f.load_one(f.at("%from", k)))
        if dot:
            f.do(f"store i16 {half(f, bits)}, ptr {place_of(f, 'i16', '%to', k)}, align 2")
        else:
            f.do(f"store i32 {bits}, ptr {f.at('%to', k)}, align 4")
    if dot:  # the last pair of an odd depth
        odd = f.let(f"trunc i64 {f.let('and i64 %k, 1')} to i1")
        with f.when(odd):
            f.do(f"store i16 0, ptr {place_of(f, 'i16', '%to', '%k')}, align 2")
    f.do("ret void")
    return f.text()
