"""Sine and cosine of vectors, accurate for every argument.

Both take n quarter turns off the angle. Up to ``near`` that is n times pi / 2 in four parts, each product
exact (Cody & Waite 1980). Beyond it, lane by lane, the mantissa is multiplied by those binary digits of
2 / pi that its exponent leaves less than a whole turn (Payne & Hanek 1983); only a vector with such a
lane comes there.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from gatewise.backends.llvm.emit.math_body import Body
from gatewise.backends.llvm.emit.math_constants import TWO_OVER_PI

_WORDS = {"float": 4, "double": 6}  # of 2 / pi that are multiplied
_KEPT = {"float": 2, "double": 4}  # of the product that are read


def sine(b: Body, x: str) -> str:
    """sin(x); NaN for the infinities."""
    r, quarter = _reduce(b, x)
    return _of_quarter(b, r, quarter)


def cosine(b: Body, x: str) -> str:
    """cos(x), which is sin a quarter turn later."""
    r, quarter = _reduce(b, x)
    return _of_quarter(b, r, b.integer("add", quarter, 1))


def _of_quarter(b: Body, r: str, quarter: str) -> str:
    """sin(r + quarter * pi / 2) for |r| <= pi / 4; of the integer only the last two bits count."""
    k = b.constants
    square = b.mul(r, r)
    sin = b.mul_add(b.mul(r, square), b.polynomial(square, k.sin), r)
    cos = b.mul_add(square, -0.5, 1.0)
    cos = b.mul_add(b.mul(square, square), b.polynomial(square, k.cos), cos)
    odd = b.integer("icmp eq", b.integer("and", quarter, 1), 0)
    sign = b.integer("shl", b.integer("and", quarter, 2), k.bits - 2)
    return b.number(b.integer("xor", b.pattern(b.select(odd, sin, cos)), sign))


def _reduce(b: Body, x: str) -> tuple[str, str]:
    """x = n pi / 2 + r with |r| <= pi / 4: r, and n as integers."""
    k = b.constants
    magic = 1.5 * 2.0**k.mantissa
    shifted = b.mul_add(x, 2.0 / math.pi, magic)
    n = b.sub(shifted, magic)
    r = x
    for part in k.half_pi:
        r = b.mul_add(n, -part, r)
    quarter = b.pattern(shifted)
    size = b.intrinsic("fabs", x)
    far = b.compare("ogt", size, k.near)
    far = b.emit(f"and <{b.lanes} x i1> {far}, {b.compare('olt', size, math.inf)}")
    bits = b.emit(f"bitcast <{b.lanes} x i1> {far} to i{b.lanes}")
    some = b.emit(f"icmp ne i{b.lanes} {bits}, 0")
    kinds = b.vector, b.integers
    places = [b.emit(f"alloca {kind}, align 64") for kind in kinds]
    counter = b.emit("alloca i32, align 4")
    b.do(f"br i1 {some}, label %lanes, label %reduced")
    b.label("lanes")
    for kind, value, place in zip(kinds, (r, quarter), places, strict=True):
        b.do(f"store {kind} {value}, ptr {place}, align 64")
    _large_lanes(b, x, far, places, counter)
    b.label("done")
    later = [
        b.emit(f"load {k}, ptr {place}, align 64") for k, place in zip(kinds, places, strict=True)
    ]
    b.do("br label %reduced")
    b.label("reduced")
    b.lines.insert(0, "near:\n")
    r, quarter = (
        b.emit(f"phi {kind} [{value}, %near], [{other}, %done]")
        for kind, value, other in zip(kinds, (r, quarter), later, strict=True)
    )
    return r, quarter


def _large_lanes(b: Body, x: str, far: str, places: Sequence[str], counter: str) -> None:
    """A loop over the lanes: those that are far get what ``_large`` says of them."""
    b.do(f"store i32 0, ptr {counter}, align 4")
    b.do("br label %lane")
    b.label("lane")
    k = b.emit(f"load i32, ptr {counter}, align 4")
    chosen = b.emit(f"extractelement <{b.lanes} x i1> {far}, i32 {k}")
    b.do(f"br i1 {chosen}, label %large, label %later")
    b.label("large")
    one = b.emit(f"extractelement {b.vector} {x}, i32 {k}")
    for value, kind, to in zip(
        _large(b, one), (b.dtype, f"i{b.constants.bits}"), places, strict=True
    ):
        at = b.emit(f"getelementptr inbounds {kind}, ptr {to}, i32 {k}")
        b.do(f"store {kind} {value}, ptr {at}, align {b.constants.bits // 8}")
    b.do("br label %later")
    b.label("later")
    after = b.emit(f"add i32 {k}, 1")
    b.do(f"store i32 {after}, ptr {counter}, align 4")
    more = b.emit(f"icmp ult i32 {after}, {b.lanes}")
    b.do(f"br i1 {more}, label %lane, label %done")


def _large(b: Body, x: str) -> tuple[str, str]:
    """The remainder of one large number, and its quarter turns: whole numbers of 32 bits throughout."""
    k, kind = b.constants, f"i{b.constants.bits}"
    bits = b.emit(f"bitcast {b.dtype} {x} to {kind}")
    exponent = b.emit(f"lshr {kind} {bits}, {k.mantissa}")
    exponent = b.emit(f"and {kind} {exponent}, {2 * k.bias + 1}")
    exponent = exponent if k.bits == 32 else b.emit(f"trunc i64 {exponent} to i32")
    # 2 / pi times 2^exponent of the last bit of the mantissa: digits worth whole turns are left out
    start = b.emit(f"sub i32 {exponent}, {k.bias + k.mantissa + 2 - 64}")
    digits = _digits(b, start)
    mantissa = b.emit(f"and {kind} {bits}, {(1 << k.mantissa) - 1}")
    mantissa = b.emit(f"or {kind} {mantissa}, {1 << k.mantissa}")
    parts = [mantissa]
    if k.bits == 64:
        high = b.emit(f"lshr i64 {mantissa}, 32")
        parts = [b.emit(f"trunc i64 {part} to i32") for part in (mantissa, high)]
    turns = _times(b, digits, parts)
    # to the nearest quarter, and what is left of a turn as a sign and a size
    half = b.emit(f"add i32 {turns[0]}, {1 << 29}")
    quarter = b.emit(f"lshr i32 {half}, 30")
    turns[0] = b.emit(f"sub i32 {turns[0]}, {b.emit(f'shl i32 {quarter}, 30')}")
    sign = b.emit(f"ashr i32 {turns[0]}, 31")
    r = ""
    for at, word in enumerate(turns[: _KEPT[b.dtype]]):
        size = b.emit(f"xor i32 {word}, {sign}")
        value = b.emit(f"uitofp i32 {size} to {b.dtype}")
        scaled = b.emit(f"fmul {b.dtype} {value}, {b.scalar(2.0 ** (-32 * (at + 1)))}")
        r = scaled if not r else b.emit(f"fadd {b.dtype} {r}, {scaled}")
    r = b.emit(f"fmul {b.dtype} {r}, {b.scalar(2 * math.pi)}")
    # the sign of x turns both
    turned = b.emit(f"icmp slt {kind} {bits}, 0")
    negative = b.emit(f"icmp slt i32 {sign}, 0")
    minus = b.emit(f"xor i1 {turned}, {negative}")
    r = b.emit(f"select i1 {minus}, {b.dtype} {b.emit(f'fneg {b.dtype} {r}')}, {b.dtype} {r}")
    back = b.emit(f"sub i32 0, {quarter}")
    quarter = b.emit(f"select i1 {turned}, i32 {back}, i32 {quarter}")
    return r, quarter if k.bits == 32 else b.emit(f"zext i32 {quarter} to i64")


def _digits(b: Body, start: str) -> list[str]:
    """Words of 2 / pi from a binary digit on."""
    words = ", ".join(f"i32 {word}" for word in TWO_OVER_PI)
    table = f"@gw.two_over_pi.{b.name}.{b.suffix}"
    b.tables.append(f"{table} = internal constant [{len(TWO_OVER_PI)} x i32] [{words}]\n")
    first, skip = b.emit(f"lshr i32 {start}, 5"), b.emit(f"and i32 {start}, 31")
    loaded = []
    for k in range(_WORDS[b.dtype] + 1):
        index = b.emit(f"add i32 {first}, {k}")
        at = b.emit(f"getelementptr inbounds i32, ptr {table}, i32 {index}")
        loaded.append(b.emit(f"load i32, ptr {at}, align 4"))
    return [
        b.emit(f"call i32 @llvm.fshl.i32(i32 {a}, i32 {c}, i32 {skip})")
        for a, c in itertools.pairwise(loaded)
    ]


def _times(b: Body, digits: list[str], parts: list[str]) -> list[str]:
    """The fraction of ``digits`` (words, the first worth most) times a whole number (its last word first)."""
    product: list[str | None] = [None] * len(digits)
    for shift, part in enumerate(parts):
        factor = b.emit(f"zext i32 {part} to i64")
        carry = ""
        for k in range(len(digits) - 1, shift - 1, -1):
            word = b.emit(f"zext i32 {digits[k]} to i64")
            total = b.emit(f"mul i64 {word}, {factor}")
            before = product[k - shift]
            if before is not None:
                total = b.emit(f"add i64 {total}, {b.emit(f'zext i32 {before} to i64')}")
            if carry:
                total = b.emit(f"add i64 {total}, {carry}")
            product[k - shift] = b.emit(f"trunc i64 {total} to i32")
            carry = b.emit(f"lshr i64 {total}, 32")
    return [str(word) for word in product]
