"""Elementary functions of vectors, written as LLVM IR text and inlined where they are called.

    math = VectorMath("float", lanes=16, rint=True)
    instruction = f"%h = {math.call('tanh', '%c')}"
    module = functions_made_of_instructions + math.definitions()

Results that are normal numbers lie within 4 units in the last place of the exact ones, with and
without fused multiply-add; denormal results may be flushed to zero. NaN in gives NaN out, and the
infinities give the limits. A product and a sum are one `llvm.fmuladd`, which each target turns into
what it has, so that no target sees a library call. The rounding mode is taken to be to nearest.
"""

import math
from collections.abc import Callable, Sequence

from gatewise.backends.llvm.emit.math_body import Body
from gatewise.backends.llvm.emit.math_constants import CONSTANTS, FloatType
from gatewise.backends.llvm.emit.trigonometry import cosine, sine


class VectorMath:
    """The functions of one float type and one vector width that a module of LLVM IR uses.

    `dtype` is LLVM's name of the type, `lanes` the length of the vectors (one lane is a vector too)
    and `rint` says that the target rounds in one instruction (SSE4.1, NEON, wasm SIMD). Use one
    object for each type and width of a module, and let LLVM's always-inline pass run.
    """

    def __init__(self, dtype: FloatType, lanes: int, rint: bool) -> None:
        self.dtype = dtype
        self.lanes = lanes
        self.rint = rint
        self.vector = f"<{lanes} x {dtype}>"
        self.suffix = f"v{lanes}{CONSTANTS[dtype].suffix}"
        self._definitions: dict[str, str] = {}

    def function(self, name: str) -> str:
        """LLVM's name of one of `FUNCTIONS`; its definition becomes part of `definitions()`."""
        if name in _INTRINSICS or (name == "floor" and self.rint):
            return f"@llvm.{_INTRINSICS.get(name, name)}.{self.suffix}"
        symbol = f"@gw.{name}.{self.suffix}"
        if symbol not in self._definitions:
            body = Body(name, self.dtype, self.lanes)
            result = _WRITERS[name](body, "%x")
            self._definitions[symbol] = (
                f"{''.join(body.tables)}define internal {self.vector} {symbol}({self.vector} %x) "
                "alwaysinline nounwind memory(none) {\n"
                f"{''.join(body.lines)}  ret {self.vector} {result}\n}}\n"
            )
        return symbol

    def call(self, name: str, operand: str) -> str:
        """The right-hand side of an instruction that applies one of `FUNCTIONS` to a value."""
        return f"call {self.vector} {self.function(name)}({self.vector} {operand})"

    def definitions(self) -> str:
        """The text of every function asked for so far. LLVM declares the intrinsics itself."""
        return "\n".join(self._definitions.values())


def _reduce(b: Body, x: str, unit: Sequence[float], base: int) -> tuple[str, str]:
    """x = n unit + r with |r| <= unit / 2. Returns r and a number whose last bits hold base + n.

    `unit` is a sum of one or two terms. Adding 1.5 2^mantissa leaves the integer in the last bits:
    a rounding that every target has.
    """
    magic = 1.5 * 2.0**b.constants.mantissa + base
    shifted = b.mul_add(x, 1.0 / sum(unit), magic)
    n = b.sub(shifted, magic)
    for term in unit:
        x = b.mul_add(n, -term, x)
    return x, shifted


def _power_of_two(b: Body, shifted: str) -> str:
    """2^n out of `_reduce` with the bias for its base: 0 for n = -bias."""
    return b.number(b.integer("shl", b.pattern(shifted), b.constants.mantissa))


def _tanh_of_remainder(b: Body, r: str, scale: float) -> str:
    """tanh(scale r) / scale."""
    square = b.mul(r, r)
    scaled = [c * scale ** (2 * i + 2) for i, c in enumerate(b.constants.tanh)]
    return b.mul_add(b.mul(r, square), b.polynomial(square, scaled), r)


def _exp_fraction(b: Body, x: str) -> tuple[str, str]:
    """exp(x) = 2^n (2 + t) / (2 - t) with t = 2 tanh(r / 2), as numerator and denominator.

    For x from -bias ln 2, where the numerator is 0, to some ln 2 below the greatest exponent.
    """
    k = b.constants
    r, shifted = _reduce(b, x, (k.ln2_high, k.ln2_low), k.bias)
    t = _tanh_of_remainder(b, r, 0.5)
    return b.mul(_power_of_two(b, shifted), b.add(t, 2.0)), b.sub(2.0, t)


def _exp(b: Body, x: str) -> str:
    k = b.constants
    r, shifted = _reduce(b, x, (k.ln2_high, k.ln2_low), 0)
    p = b.polynomial(r, (1.0, *k.exp))
    # Adding n to the exponent of p reaches 2^128, which a product with 2^n would not.
    exponent = b.integer("shl", b.pattern(shifted), k.mantissa)
    y = b.number(b.integer("add", b.pattern(p), exponent))
    y = b.select(b.compare("olt", x, k.exp_least), 0.0, y)
    # Unordered: NaN goes this way too and stays NaN.
    return b.select(b.compare("ugt", x, k.exp_most), b.add(x, math.inf), y)


def _sigmoid(b: Body, x: str) -> str:
    """exp(x) / (1 + exp(x)): accurate in relative terms down to the least normal number."""
    k = b.constants
    x = b.at_least(x, -k.bias * math.log(2.0))
    x = b.at_most(x, (k.mantissa + 6) * math.log(2.0))  # sigmoid is 1 from earlier on
    numerator, denominator = _exp_fraction(b, x)
    return b.div(numerator, b.add(numerator, denominator))


def _tanh(b: Body, x: str) -> str:
    """The addition theorem: x = n ln 2 / 2 + r, t = tanh(r) and tanh(n ln 2 / 2) = (s-1) / (s+1)
    with s = 2^n give (s-1 + (s+1) t) / (s+1 + (s-1) t). It is t for n = 0, and odd to the last bit
    (but for the sign of zero, which is lost).
    """
    half = math.log(2.0) / 2.0
    limit = (b.constants.mantissa + 6) * half  # tanh is 1 from earlier on
    x = b.at_most(b.at_least(x, -limit), limit)
    # One term is enough: where n is large, tanh is flat.
    r, shifted = _reduce(b, x, (half,), b.constants.bias)
    t = _tanh_of_remainder(b, r, 1.0)
    s = _power_of_two(b, shifted)
    above, below = b.add(s, 1.0), b.sub(s, 1.0)
    return b.div(b.mul_add(above, t, below), b.mul_add(below, t, above))


def _two_atanh(b: Body, s: str) -> str:
    """2 atanh(s) = log((1 + s) / (1 - s)) for |s| <= 1/3."""
    z = b.mul(s, s)
    # The sum comes last, so that the roundings of the small term hardly count.
    return b.mul_add(b.mul(s, z), b.polynomial(z, b.constants.atanh), b.add(s, s))


def _log1p_exp_minus_abs(b: Body, x: str) -> str:
    """log(1 + e) = 2 atanh(e / (2 + e)) with e = exp(-|x|)."""
    size = b.at_most(b.intrinsic("fabs", x), b.constants.bias * math.log(2.0))
    numerator, denominator = _exp_fraction(b, b.emit(f"fneg {b.vector} {size}"))
    return _two_atanh(b, b.div(numerator, b.add(numerator, b.add(denominator, denominator))))


def _softplus(b: Body, x: str) -> str:
    return b.add(b.at_least(x, 0.0), _log1p_exp_minus_abs(b, x))


def _log_sigmoid(b: Body, x: str) -> str:
    return b.sub(b.at_most(x, 0.0), _log1p_exp_minus_abs(b, x))


def _erf(b: Body, x: str) -> str:
    """x (1 + P(x x)) up to 1, then 1 - exp(Q(|x|)), where Q is log(1 - erf)."""
    k = b.constants
    square = b.mul(x, x)
    near = b.mul_add(x, b.polynomial(square, k.erf), x)
    size = b.intrinsic("fabs", x)
    t = b.at_most(size, k.erf_most)  # erf is 1 from earlier on
    far = b.intrinsic("copysign", b.sub(1.0, _exp(b, b.polynomial(t, k.log_erfc))), x)
    return b.select(b.compare("olt", size, 1.0), near, far)


def _log(b: Body, x: str) -> str:
    """x = 2^n m with m in [sqrt(1/2), sqrt(2)); log m = 2 atanh((m - 1) / (m + 1))."""
    k = b.constants
    one = k.bias << k.mantissa
    root_half = one - (1 << k.mantissa) + int((math.sqrt(2.0) - 1.0) * 2.0**k.mantissa)
    lift = k.mantissa + 2
    # Denormal arguments have normal logarithms.
    tiny = b.compare("olt", x, 2.0 ** (1 - k.bias))
    lifted = b.select(tiny, b.mul(x, 2.0**lift), x)
    bits = b.integer("add", b.pattern(lifted), one - root_half)
    # The exponent field in the last bits of 2^mantissa: a conversion every target has for i64.
    field = b.integer(
        "or", b.integer("lshr", bits, k.mantissa), (k.bias + k.mantissa) << k.mantissa
    )
    zero_field = 2.0**k.mantissa + k.bias
    n = b.sub(b.number(field), b.select(tiny, zero_field + lift, zero_field))
    fraction = b.integer("and", bits, (1 << k.mantissa) - 1)
    m = b.number(b.integer("add", fraction, root_half))
    y = _two_atanh(b, b.div(b.sub(m, 1.0), b.add(m, 1.0)))
    y = b.mul_add(n, k.ln2_high, b.mul_add(n, k.ln2_low, y))
    y = b.select(b.compare("oeq", x, math.inf), math.inf, y)
    outside = b.select(b.compare("oeq", x, 0.0), -math.inf, math.nan)
    return b.select(b.compare("ogt", x, 0.0), y, outside)


def _floor(b: Body, x: str) -> str:
    """For targets without a rounding instruction: adding and taking away 2^mantissa rounds."""
    k = b.constants
    whole = 2.0**k.mantissa
    size = b.intrinsic("fabs", x)
    nearest = b.intrinsic("copysign", b.sub(b.add(size, whole), whole), x)
    below = b.select(b.compare("ogt", nearest, x), b.sub(nearest, 1.0), nearest)
    return b.select(b.compare("olt", size, whole), below, x)


_INTRINSICS = {"abs": "fabs", "sqrt": "sqrt"}
_WRITERS: dict[str, Callable[[Body, str], str]] = {
    "exp": _exp,
    "log": _log,
    "sigmoid": _sigmoid,
    "log_sigmoid": _log_sigmoid,
    "tanh": _tanh,
    "softplus": _softplus,
    "sin": sine,
    "cos": cosine,
    "erf": _erf,
    "floor": _floor,
}
FUNCTIONS = (*_INTRINSICS, *_WRITERS)
