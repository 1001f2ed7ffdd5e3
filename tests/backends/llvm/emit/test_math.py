"""Elementary functions of the CPU backend: accuracy, limits and that no target calls a library."""

from __future__ import annotations

import ctypes
import functools
import platform
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import llvmlite.binding as llvm
import numpy as np
import pytest

from gatewise.backends.llvm.emit.math import FUNCTIONS, VectorMath

LIMIT = 4.0  # units in the last place
DTYPES = {"float": np.float32, "double": np.float64}
INFINITY, NAN = np.inf, np.nan

llvm.initialize_all_targets()
llvm.initialize_all_asmprinters()


@dataclass(frozen=True)
class Target:
    triple: str
    cpu: str
    features: str
    lanes: int  # of float
    rint: bool
    needs: str = ""  # the feature this machine must have to run it

    def machine(self) -> Any:
        return llvm.Target.from_triple(self.triple).create_target_machine(
            cpu=self.cpu, features=self.features, opt=3
        )


def host_features() -> Any:
    try:
        return llvm.get_host_cpu_features()
    except RuntimeError:  # LLVM cannot ask this kind of processor; its name says enough
        return llvm.FeatureMap()


HOST = llvm.get_process_triple()
RUNNABLE = {
    "host": Target(HOST, llvm.get_host_cpu_name(), host_features().flatten(), 4, False),
    "sse2": Target(HOST, "x86-64", "-sse4.1,-avx,-avx2,-fma", 4, False, "sse2"),
    "sse4": Target(HOST, "x86-64-v2", "-avx,-avx2,-fma", 4, True, "sse4.1"),
    "avx2": Target(HOST, "x86-64-v3", "", 8, True, "fma"),
    "avx512": Target(HOST, "x86-64-v4", "-prefer-256-bit", 16, True, "avx512f"),
}
FOREIGN = {
    "sse2": Target("x86_64-unknown-linux-gnu", "x86-64", "", 4, False),
    "sse4": Target("x86_64-unknown-linux-gnu", "x86-64-v2", "", 4, True),
    "avx2": Target("x86_64-unknown-linux-gnu", "x86-64-v3", "", 8, True),
    "avx512": Target("x86_64-unknown-linux-gnu", "x86-64-v4", "-prefer-256-bit", 16, True),
    "aarch64": Target("aarch64-unknown-linux-gnu", "", "+neon", 4, True),
    "riscv32": Target("riscv32-unknown-elf", "", "+m,+f,+d", 1, False),
    "thumbv7em": Target("thumbv7em-none-eabihf", "cortex-m4", "", 1, False),
}


def runnable(name: str) -> Target:
    target = RUNNABLE[name]
    if target.needs and platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip(f"{name} needs an x86-64 processor")
    if target.needs and not host_features().get(target.needs):
        pytest.skip(f"this processor has no {target.needs}")
    return target


def module_text(math: VectorMath) -> str:
    """For each function `apply.<name>(in, out, n)` over n elements, a multiple of the lanes."""
    loops = [
        f"""define void @apply.{name}(ptr %in, ptr %out, i64 %n) {{
entry:
  br label %loop
loop:
  %i = phi i64 [0, %entry], [%next, %loop]
  %from = getelementptr {math.dtype}, ptr %in, i64 %i
  %to = getelementptr {math.dtype}, ptr %out, i64 %i
  %x = load {math.vector}, ptr %from, align 4
  %y = {math.call(name, "%x")}
  store {math.vector} %y, ptr %to, align 4
  %next = add i64 %i, {math.lanes}
  %more = icmp ult i64 %next, %n
  br i1 %more, label %loop, label %done
done:
  ret void
}}
"""
        for name in FUNCTIONS
    ]
    return "\n".join(loops) + math.definitions()


def optimised(target: Target, dtype: str, lanes: int) -> tuple[Any, Any]:
    machine = target.machine()
    module = llvm.parse_assembly(module_text(VectorMath(dtype, lanes, target.rint)))
    module.triple = target.triple
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    passes = llvm.create_pass_builder(machine, options)
    passes.getModulePassManager().run(module, passes)
    return module, machine


@functools.cache
def engine(level: str, dtype: str, lanes: int) -> Any:
    compiled = llvm.create_mcjit_compiler(*optimised(RUNNABLE[level], dtype, lanes))
    compiled.finalize_object()
    return compiled


def native(name: str, level: str, dtype: str, lanes: int = 0) -> Callable[[np.ndarray], np.ndarray]:
    """One function as compiled for a level, from an array to a new array."""
    lanes = lanes or runnable(level).lanes
    address = engine(level, dtype, lanes).get_function_address(f"apply.{name}")
    kernel = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)(address)

    def apply(x: np.ndarray) -> np.ndarray:
        padded = np.ones(-(-x.size // lanes) * lanes, DTYPES[dtype])
        padded[: x.size] = x
        y = np.full_like(padded, NAN)
        kernel(padded.ctypes.data, y.ctypes.data, padded.size)
        return y[: x.size]

    return apply


def exact_sigmoid(x: np.ndarray) -> np.ndarray:
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1) / (1 + e)


def exact_softplus(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def exact_erf(x: np.ndarray) -> np.ndarray:
    """2/sqrt(pi) exp(-x x) times the sum of 2^n x^(2n+1) / (1 3 5 ... (2n+1)): no term has another sign."""
    near = np.clip(x, -7, 7)
    term = total = near
    for n in range(1, 200):
        term = term * near * near / x.dtype.type(n + 0.5)
        total = total + term
    tail = 2 * np.exp(-near * near) * total / np.sqrt(4 * np.arctan(x.dtype.type(1)))
    return np.where(np.abs(x) > 7, np.sign(x), tail)


EXACT: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "abs": np.abs,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
    "sigmoid": exact_sigmoid,
    "log_sigmoid": lambda x: -exact_softplus(-x),
    "tanh": np.tanh,
    "softplus": exact_softplus,
    "floor": np.floor,
    "sin": np.sin,
    "cos": np.cos,
    "erf": exact_erf,
}
ROUNDED_EXACTLY = ("abs", "sqrt", "floor")
APPROXIMATED = tuple(name for name in FUNCTIONS if name not in ROUNDED_EXACTLY)


@np.errstate(all="ignore")
def check(x: np.ndarray, got: np.ndarray, exact: np.ndarray) -> None:
    """Normal results within the limit, denormal ones at most flushed, NaN and infinity as they are.

    `exact` is in a wider type than `got`.
    """
    info, wide = np.finfo(got.dtype), exact.dtype.type
    least = wide(info.smallest_normal)
    size = np.abs(exact)
    normal = (size >= least) & (size < wide(info.max) * (1 + wide(info.eps) / 4))
    # The exponent alone: rounding `exact` to the type might reach the next power of two.
    exponent = np.frexp(np.where(normal, exact, 1))[1] - 1
    error = np.abs(got - exact) / np.ldexp(wide(1), exponent - info.nmant)
    # Just below the least normal number, that number itself is as good as a denormal one.
    flushed = (got == 0) | ((np.abs(got) <= least * wide(1 + 4 * info.eps)) & (got * exact >= 0))
    special = (got == exact.astype(got.dtype)) | (np.isnan(got) & np.isnan(exact))
    good = np.where(normal, error <= LIMIT, np.where(size < least, flushed, special))
    if not good.all():
        rows = [
            f"f({x[i]!r}) = {got[i]!r}, exactly {exact[i]!r}: {error[i]:.2f} ulp"
            for i in np.flatnonzero(~good)[:5]
        ]
        raise AssertionError("\n".join([f"{(~good).sum()} of {x.size} are off", *rows]))


def sample(dtype: str) -> np.ndarray:
    """Every exponent and kind of number, and densely where the functions bend."""
    rng = np.random.default_rng(20240607)
    real, count = DTYPES[dtype], 1 << 16
    info = np.finfo(real)
    integers = np.uint32 if real is np.float32 else np.uint64
    reach = 1.05 * float(np.log(info.max))
    marks = [0.0, 1.0, np.log(2) / 4, np.log(2) / 2, reach / 1.05, np.log(info.smallest_normal)]
    marks += [info.smallest_normal, info.smallest_subnormal, info.max, 2.0**info.nmant, 9.0, 19.0]
    # close to multiples of a quarter turn, the last two closer than any other number of their type
    marks += [k * np.pi / 2 for k in (1, 2, 3, 1000, 2607, 2608, 3e5, 667543, 667545, 1e12)]
    marks += [float(np.float32(16367173) * 2.0**72), 4096.0, 2.0**20]
    marks += [6381956970095103 * 2.0**797] if real is np.float64 else []
    near = np.array(marks, real)
    with np.errstate(over="ignore", under="ignore"):
        for _ in range(4):
            up, down = np.nextafter(near, real(INFINITY)), np.nextafter(near, real(0))
            near = np.concatenate([near, up, down])
    parts = [
        rng.integers(0, np.iinfo(integers).max, count, integers, endpoint=True).view(real),
        rng.uniform(-reach, reach, count),
        rng.normal(0, 2, count),
        rng.choice([-1.0, 1.0], count) * 2.0 ** rng.uniform(-60, 6, count),
        1 + rng.normal(0, 0.01, count),
        near,
        -near,
        np.array([INFINITY, -INFINITY, NAN, 0.0, -0.0]),
    ]
    with np.errstate(invalid="ignore"):  # signalling NaN
        return np.concatenate([part.astype(real) for part in parts])


@functools.cache
def reference(name: str, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    x = sample(dtype)
    with np.errstate(all="ignore"):
        return x, EXACT[name](x.astype(np.float64 if dtype == "float" else np.longdouble))


@pytest.mark.parametrize("level", RUNNABLE)
@pytest.mark.parametrize("name", APPROXIMATED)
def test_accuracy_float(name: str, level: str) -> None:
    x, exact = reference(name, "float")
    check(x, native(name, level, "float")(x), exact)


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 63, reason="no type wider than float64")
@pytest.mark.parametrize("level", RUNNABLE)
@pytest.mark.parametrize("name", APPROXIMATED)
def test_accuracy_double(name: str, level: str) -> None:
    x, exact = reference(name, "double")
    check(x, native(name, level, "double")(x), exact)


@pytest.mark.parametrize("level", RUNNABLE)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ROUNDED_EXACTLY)
def test_rounded_exactly(name: str, dtype: str, level: str) -> None:
    x = sample(dtype)
    with np.errstate(invalid="ignore"):
        expected = EXACT[name](x)
    got = native(name, level, dtype)(x)
    np.testing.assert_array_equal(got, expected)
    number = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(got)[number], np.signbit(expected)[number])


@pytest.mark.parametrize("level", RUNNABLE)
@pytest.mark.parametrize("dtype", DTYPES)
def test_limits(dtype: str, level: str) -> None:
    huge = float(np.finfo(DTYPES[dtype]).max)
    least = float(np.finfo(DTYPES[dtype]).smallest_subnormal)
    table: dict[str, dict[float, float]] = {
        "exp": {-INFINITY: 0, -huge: 0, 0: 1, huge: INFINITY, INFINITY: INFINITY},
        "log": {-INFINITY: NAN, -1: NAN, -least: NAN, 0: -INFINITY, 1: 0},
        "sigmoid": {-INFINITY: 0, -huge: 0, 0: 0.5, 100: 1, huge: 1, INFINITY: 1},
        "log_sigmoid": {-INFINITY: -INFINITY, -huge: -huge, huge: 0, INFINITY: 0},
        "tanh": {-INFINITY: -1, -huge: -1, -50: -1, 0: 0, 50: 1, huge: 1, INFINITY: 1},
        "softplus": {-INFINITY: 0, -huge: 0, huge: huge, INFINITY: INFINITY},
        "floor": {-INFINITY: -INFINITY, -0.5: -1, 0.5: 0, 2: 2, huge: huge, INFINITY: INFINITY},
        "sqrt": {-1: NAN, 0: 0, INFINITY: INFINITY},
        "sin": {-INFINITY: NAN, 0: 0, INFINITY: NAN},
        "cos": {-INFINITY: NAN, 0: 1, INFINITY: NAN},
        "erf": {-INFINITY: -1, -huge: -1, -7: -1, 0: 0, 7: 1, huge: 1, INFINITY: 1},
        "abs": {-INFINITY: INFINITY, -1: 1},
    }
    table["log"][INFINITY] = INFINITY
    assert set(table) == set(FUNCTIONS)
    for name, rows in table.items():
        rows = {**rows, NAN: NAN}
        x = np.array([*rows], DTYPES[dtype])
        expected = np.array([*rows.values()], DTYPES[dtype])
        np.testing.assert_array_equal(native(name, level, dtype)(x), expected, err_msg=name)


@pytest.mark.parametrize("level", RUNNABLE)
@pytest.mark.parametrize("dtype", DTYPES)
def test_symmetry_and_bounds(dtype: str, level: str) -> None:
    x = sample(dtype)
    x = x[~np.isnan(x)]
    tanh = native("tanh", level, dtype)
    np.testing.assert_array_equal(tanh(-x), -tanh(x))
    assert np.abs(tanh(x)).max() == 1.0
    sigmoid = native("sigmoid", level, dtype)(x)
    assert sigmoid.min() == 0.0
    assert sigmoid.max() == 1.0
    # Where x^2 is lost against 1, tanh is x itself.
    small = x[np.abs(x) < np.sqrt(np.finfo(x.dtype).eps) / 8]
    np.testing.assert_array_equal(tanh(small), small)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_same_bits_for_any_number_of_lanes(name: str, dtype: str) -> None:
    x = sample(dtype)
    expected = native(name, "host", dtype, 4)(x)
    for lanes in (1, 2, 8, 16):
        np.testing.assert_array_equal(native(name, "host", dtype, lanes)(x), expected)


def undefined_symbols(image: bytes) -> set[str]:
    """Names that a little-endian ELF object leaves to the linker."""
    wide = image[4] == 2
    sections_at = struct.unpack_from("<Q" if wide else "<I", image, 40 if wide else 32)[0]
    size, count = struct.unpack_from("<HH", image, 58 if wide else 46)
    header = "<IIQQQQIIQQ" if wide else "<IIIIIIIIII"
    sections = [struct.unpack_from(header, image, sections_at + i * size) for i in range(count)]
    names: set[str] = set()
    symbol_count = 0
    for _, kind, _, _, offset, length, link, _, _, entry in sections:
        if kind != 2:  # SHT_SYMTAB
            continue
        strings = sections[link][4]
        for at in range(offset + entry, offset + length, entry):  # the first entry is empty
            name_at = struct.unpack_from("<I", image, at)[0]
            section = struct.unpack_from("<H", image, at + (6 if wide else 14))[0]
            symbol_count += 1
            if section == 0:
                start = strings + name_at
                names.add(image[start : image.index(b"\0", start)].decode())
    assert symbol_count >= len(FUNCTIONS)
    return names


def test_undefined_symbols_are_found() -> None:
    # Otherwise the next test would prove nothing: SSE2 has no instruction for llvm.floor.
    target = FOREIGN["sse2"]
    text = module_text(VectorMath("float", 4, rint=True))
    module = llvm.parse_assembly(text)
    module.triple = target.triple
    assert undefined_symbols(target.machine().emit_object(module)) == {"floorf"}


@pytest.mark.parametrize(
    ("name", "dtype"),
    # A Cortex-M4 has no float64: there every operation is a library call.
    [
        (name, dtype)
        for name in FOREIGN
        for dtype in DTYPES
        if (name, dtype) != ("thumbv7em", "double")
    ],
)
def test_no_library_calls(name: str, dtype: str) -> None:
    target = FOREIGN[name]
    module, machine = optimised(target, dtype, target.lanes)
    assert undefined_symbols(machine.emit_object(module)) == set()


@pytest.mark.parametrize("dtype", DTYPES)
def test_no_library_calls_in_wasm(dtype: str) -> None:
    target = Target("wasm32-unknown-unknown", "", "+simd128", 4, True)
    module, machine = optimised(target, dtype, target.lanes)
    declared = set(re.findall(r"^\s*\.functype\s+(\S+)", machine.emit_assembly(module), re.M))
    assert declared == {f"apply.{name}" for name in FUNCTIONS}


@pytest.mark.parametrize("dtype", DTYPES)
def test_text_without_rounding_instruction(dtype: str) -> None:
    text = module_text(VectorMath(dtype, 4, rint=False))
    used = set(re.findall(r"@llvm\.(\w+)\.", text))
    assert used == {"fmuladd", "fabs", "sqrt", "copysign", "fshl"}
    assert "@llvm.floor.v4" in module_text(VectorMath(dtype, 4, rint=True))


def test_only_what_is_used_is_defined() -> None:
    math = VectorMath("float", 16, rint=True)
    assert math.definitions() == ""
    assert math.call("abs", "%x") == "call <16 x float> @llvm.fabs.v16f32(<16 x float> %x)"
    assert math.definitions() == ""
    for _ in range(2):
        assert math.call("tanh", "%x") == "call <16 x float> @gw.tanh.v16f32(<16 x float> %x)"
    assert math.definitions().count("define") == 1


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("level", ["sse2", "avx2"])  # without and with fused multiply-add
@pytest.mark.parametrize("name", APPROXIMATED)
def test_accuracy_of_every_float(name: str, level: str) -> None:
    apply = native(name, level, "float")
    chunk = np.arange(1 << 13, dtype=np.uint32)  # its arrays stay in the cache
    with np.errstate(all="ignore"):
        for start in range(0, 1 << 32, chunk.size):
            x = (chunk + np.uint32(start)).view(np.float32)
            check(x, apply(x), EXACT[name](x.astype(np.float64)))
