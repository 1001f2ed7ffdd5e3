"""Targets: what each says it has, LLVM must be able to emit without a library call."""

import platform
import re
from dataclasses import replace

import pytest

from gatewise import settings
from gatewise.backends.llvm.machine import jit
from gatewise.backends.llvm.machine import target as module
from gatewise.backends.llvm.machine.target import MACHINES, Target
from gatewise.errors import BackendError

X86 = platform.machine().lower() in ("x86_64", "amd64")
LEVELS = ["sse2", "avx2", "avx512", "avx512bf16"]
REGISTER = {16: "%xmm", 32: "%ymm", 64: "%zmm"}


def here(name: str) -> Target:
    """The target of that name; skips the test where this processor does not have it."""
    try:
        return Target.named(name)
    except BackendError as error:
        pytest.skip(str(error))


def unary(op: str, lanes: int, body: str) -> str:
    """A function that loads a vector, applies an instruction to it and stores it."""
    vector = f"<{lanes} x float>"
    suffix = f"v{lanes}f32"
    return f"""
define void @{op}(ptr %p) {{
  %x = load {vector}, ptr %p, align 4
  %y = {body.format(v=vector, s=suffix)}
  store {vector} %y, ptr %p, align 4
  ret void
}}
"""


FMA = "call {v} @llvm.fma.{s}({v} %x, {v} %x, {v} %x)"
FMULADD = "call {v} @llvm.fmuladd.{s}({v} %x, {v} %x, {v} %x)"
RINT = "call {v} @llvm.rint.{s}({v} %x)"


def calls(text: str, target: Target) -> list[str]:
    """The library functions that the assembly names."""
    return sorted(set(re.findall(r"\b_?(fmaf|rintf)\b", jit.assembly(text, target))))


@pytest.mark.parametrize("name", [*LEVELS, *MACHINES, "x86_64-windows+avx2", "x86_64-macos+avx512"])
def test_flags_promise_no_library_call(name: str) -> None:
    target = here(name)
    lanes = target.lanes(4)
    assert not calls(unary("muladd", lanes, FMULADD), target)
    if target.has_fma:
        assert not calls(unary("fma", lanes, FMA), target)
    if target.has_rint:
        assert not calls(unary("rint", lanes, RINT), target)


@pytest.mark.parametrize("name", ["sse2", "wasm32", "riscv32"])
def test_without_the_flag_there_is_a_library_call(name: str) -> None:
    target = here(name)
    assert not target.has_fma
    assert calls(unary("fma", target.lanes(4), FMA), target) == ["fmaf"]


@pytest.mark.parametrize("name", LEVELS)
def test_vectors_are_as_wide_as_the_target_says(name: str) -> None:
    target = here(name)
    text = unary("muladd", target.lanes(4), FMULADD)
    used = {r for r in REGISTER.values() if r in jit.assembly(text, target)}
    assert used == {REGISTER[target.vector_bytes]}


def test_native_uses_its_whole_width() -> None:
    target = Target.named("native")
    assert target.hosted and target.lanes(4) * 4 == target.vector_bytes
    if X86:
        text = unary("muladd", target.lanes(4), FMULADD)
        assert REGISTER[target.vector_bytes] in jit.assembly(text, target)


def test_bf16_dot_product_is_one_instruction() -> None:
    target = here("avx512bf16")
    assert target.has_bf16_dot
    text = """
declare <16 x float> @llvm.x86.avx512bf16.dpbf16ps.512(<16 x float>, <32 x bfloat>, <32 x bfloat>)
define void @dot(ptr %p, ptr %q) {
  %a = load <16 x float>, ptr %p
  %x = load <32 x bfloat>, ptr %q
  %s = call <16 x float> @llvm.x86.avx512bf16.dpbf16ps.512(
           <16 x float> %a, <32 x bfloat> %x, <32 x bfloat> %x)
  store <16 x float> %s, ptr %p
  ret void
}
"""
    assert "vdpbf16ps" in jit.assembly(text, target)


@pytest.mark.parametrize(
    ("name", "magic"),
    [
        ("x86_64-linux", b"\x7fELF"),
        ("x86_64-windows", b"\x64\x86"),
        ("x86_64-macos", b"\xcf\xfa\xed\xfe"),
        ("aarch64", b"\x7fELF"),
        ("aarch64-macos", b"\xcf\xfa\xed\xfe"),
        ("thumbv7em", b"\x7fELF"),
        ("riscv32", b"\x7fELF"),
        ("riscv32f", b"\x7fELF"),
        ("wasm32", b"\0asm"),
    ],
)
def test_object_files_of_other_machines(name: str, magic: bytes) -> None:
    target = Target.named(name)
    assert not target.hosted
    data = jit.compile_object(unary("muladd", target.lanes(4), FMULADD), target)
    assert data.startswith(magic)
    if magic == b"\x7fELF":
        assert data[4] == {4: 1, 8: 2}[target.pointer_bytes]  # the class of ELF: 32 or 64 bits


def test_every_machine_is_in_the_format_test() -> None:
    assert len(MACHINES) == 9


@pytest.mark.parametrize("name", ["", "avx", "AVX2", "aarch64+avx2", "x86_64-linux+neon", "arm"])
def test_unknown_names_are_refused(name: str) -> None:
    with pytest.raises(BackendError, match="there is no target"):
        Target.named(name)


@pytest.fixture
def lesser_host(monkeypatch: pytest.MonkeyPatch):
    """Pretend that the processor is an x86 with the features given, and no others."""
    _reset()

    def pretend(*features: str, triple: str = "x86_64-unknown-linux-gnu") -> None:
        flags = ",".join(f"+{f}" for f in features)
        host = module._Host(triple, "testchip", dict.fromkeys(features, True), flags)
        monkeypatch.setattr(module, "_this_machine", lambda: host)

    yield pretend
    _reset()


def _reset() -> None:
    module._native.cache_clear()
    module._level_here.cache_clear()


V3 = ("sse2", "sse4.1", "avx2", "fma", "bmi", "bmi2", "f16c", "lzcnt", "movbe")


def test_a_level_the_processor_lacks_is_refused_by_name(lesser_host) -> None:
    lesser_host(*V3)
    assert Target.named("avx2").has_fma
    with pytest.raises(BackendError, match=r"testchip.* no avx512: .*avx512f.*avx512vl"):
        Target.named("avx512")
    with pytest.raises(BackendError, match="no neon"):
        Target.named("neon")


@pytest.mark.parametrize(
    ("features", "level", "has_rint"),
    [
        (("sse2",), "sse2", False),
        (("sse2", "sse4.1"), "sse2", True),
        (V3, "avx2", True),
        ((*V3, "avx512f"), "avx2", True),  # too little of AVX-512 for what is emitted
    ],
)
def test_native_is_the_best_level_there_is(
    lesser_host, features: tuple[str, ...], level: str, has_rint: bool
) -> None:
    lesser_host(*features)
    native = Target.named("native")
    assert (native.level, native.has_rint) == (level, has_rint)
    assert native.cpu == "testchip" and native.vector_bytes == Target.named(level).vector_bytes


def test_other_processors(lesser_host) -> None:
    lesser_host("bf16", triple="arm64-apple-darwin24")
    native = Target.named("native")
    assert (native.level, native.has_fma, native.has_bf16_dot) == ("neon", True, True)
    with pytest.raises(BackendError, match="aarch64"):
        Target.named("avx2")
    _reset()
    lesser_host(triple="powerpc64le-unknown-linux-gnu")
    native = Target.named("native")
    assert (native.level, native.has_fma, native.has_masked) == ("generic", False, False)


def test_the_setting_forces_the_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(settings.CPU.name, raising=False)
    assert Target.host() == Target.named("native")
    if X86:
        monkeypatch.setenv(settings.CPU.name, "SSE2")
        assert Target.host() == Target.named("sse2")
    monkeypatch.setenv(settings.CPU.name, "z80")
    with pytest.raises(BackendError, match="z80"):
        Target.host()


def test_keys_differ_when_anything_differs() -> None:
    targets = [*map(Target.named, MACHINES), Target.named("native")]
    assert len({target.key for target in targets}) == len(targets)
    target = targets[0]
    assert replace(target, features="+avx").key != target.key
    assert replace(target).key == target.key
