"""What machine code is made for: this processor, a part of what it can do, or another machine.

    Target.host()             # this processor, or what GATEWISE_CPU asks for
    Target.named("avx2")      # a level of this processor; BackendError if it has no AVX2
    Target.named("aarch64")   # another machine: code to be saved, not to be run here

The flags say what the emitter may write. Without an instruction of its own, ``llvm.fma``,
``llvm.rint`` and masked loads become a library call for each lane; ``llvm.fmuladd`` never does.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace

from gatewise import settings
from gatewise.backends.llvm.machine import tile_unit
from gatewise.errors import BackendError, nearest


@dataclass(frozen=True)
class Target:
    """A kind of machine, and what it has.

    ``vector_bytes`` is the width of its vectors (one float where it has none) and ``registers`` how
    many of them there are. ``level`` names the instructions, apart from the processor: ``avx512``.
    A ``hosted`` target runs in this process; the others are for files.
    """

    name: str
    level: str
    triple: str
    cpu: str
    features: str
    vector_bytes: int
    registers: int
    has_fma: bool = False
    has_rint: bool = False
    has_masked: bool = False
    has_bf16_dot: bool = False
    has_tiles: bool = False
    pointer_bytes: int = 8
    abi: str = ""
    hosted: bool = False

    @staticmethod
    def host() -> Target:
        """What runs here: all that the processor has, or the level ``GATEWISE_CPU`` asks for."""
        return Target.named(settings.CPU.get())

    @staticmethod
    def named(name: str) -> Target:
        """The target of that name.

        ``native`` and the levels ``sse2``, ``avx2``, ``avx512``, ``avx512bf16`` and ``neon`` are
        for this process. Names of other machines stand in ``MACHINES``; those of x86 take a level:
        ``x86_64-windows+avx2``. Raises BackendError for an unknown name, or for a level that this
        processor does not have.
        """
        if name == "native":
            return _native()
        if name in _X86_LEVELS or name == "neon":
            return _level_here(name)
        machine, plus, level = name.partition("+")
        if machine not in MACHINES or (plus and not _takes_level(machine, level)):
            known = ["native", *_X86_LEVELS, "neon", *MACHINES]
            raise BackendError(
                f"there is no target {name!r}.{nearest(name, known)} Known: {', '.join(known)}; "
                f"x86_64 machines take a level, as x86_64-linux+avx2"
            )
        if not plus:
            return MACHINES[machine]
        return replace(_X86_LEVELS[level], name=name, triple=MACHINES[machine].triple)

    @functools.cached_property
    def key(self) -> str:
        """Everything that decides the machine code, as text for the key of a cache."""
        return repr(astuple(self))

    def lanes(self, bytes_per_value: int) -> int:
        """How many values of that size one vector holds; at least one."""
        return max(1, self.vector_bytes // bytes_per_value)


# 512-bit vectors are used only where LLVM is told not to prefer the narrower ones.
_WIDE = "-prefer-256-bit"

_SSE2 = Target("sse2", "sse2", "", "x86-64", "", vector_bytes=16, registers=16)
_AVX2 = replace(
    _SSE2,
    name="avx2",
    level="avx2",
    cpu="x86-64-v3",
    vector_bytes=32,
    has_fma=True,
    has_rint=True,
    has_masked=True,
)
_AVX512 = replace(
    _AVX2,
    name="avx512",
    level="avx512",
    cpu="x86-64-v4",
    features=_WIDE,
    vector_bytes=64,
    registers=32,
)
_AVX512_BF16 = replace(
    _AVX512,
    name="avx512bf16",
    level="avx512bf16",
    features=f"+avx512bf16,{_WIDE}",
    has_bf16_dot=True,
)
_NEON = Target(
    "neon", "neon", "", "generic", "", vector_bytes=16, registers=32, has_fma=True, has_rint=True
)

# From the least to the most; each has what the one before it has.
_X86_LEVELS = {t.level: t for t in (_SSE2, _AVX2, _AVX512, _AVX512_BF16)}

# What LLVM may emit for the level's processor, in LLVM's names; each adds to the one before it.
_X86_FEATURES = {
    "sse2": ("sse2",),
    "avx2": ("avx2", "fma", "bmi", "bmi2", "f16c", "lzcnt", "movbe"),
    "avx512": ("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"),
    "avx512bf16": ("avx512bf16",),
}

_WASM = Target(
    name="wasm32",
    level="simd128",
    triple="wasm32-unknown-unknown",
    cpu="generic",
    features="+simd128",
    vector_bytes=16,
    registers=16,
    pointer_bytes=4,
)

# A processor of which nothing is known: 16-byte vectors, which LLVM splits where it must.
_UNKNOWN = Target(
    name="native",
    level="generic",
    triple="",
    cpu="",
    features="",
    vector_bytes=16,
    registers=16,
    pointer_bytes=struct.calcsize("P"),
)

# No 32-bit target says has_fma or has_rint: on most of them those are library calls.
MACHINES: dict[str, Target] = {
    target.name: target
    for target in (
        replace(_SSE2, name="x86_64-linux", triple="x86_64-unknown-linux-gnu"),
        replace(_SSE2, name="x86_64-windows", triple="x86_64-pc-windows-msvc"),
        replace(_SSE2, name="x86_64-macos", triple="x86_64-apple-macosx11.0.0"),
        replace(_NEON, name="aarch64", triple="aarch64-unknown-linux-gnu"),
        replace(_NEON, name="aarch64-macos", triple="arm64-apple-macosx11.0.0", cpu="apple-m1"),
        Target(
            name="thumbv7em",
            level="fpv4",
            triple="thumbv7em-none-eabihf",
            cpu="cortex-m4",
            features="",
            vector_bytes=4,
            registers=32,
            pointer_bytes=4,
        ),
        Target(
            name="riscv32",
            level="soft",
            triple="riscv32-unknown-elf",
            cpu="generic-rv32",
            features="+m,+a,+c",
            vector_bytes=4,
            registers=16,
            pointer_bytes=4,
            abi="ilp32",
        ),
        Target(
            name="riscv32f",
            level="f",
            triple="riscv32-unknown-elf",
            cpu="generic-rv32",
            features="+m,+a,+c,+f",
            vector_bytes=4,
            registers=32,
            pointer_bytes=4,
            abi="ilp32f",
        ),
        _WASM,
    )
}


def _takes_level(machine: str, level: str) -> bool:
    return machine.startswith("x86_64-") and level in _X86_LEVELS


# --- this machine ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Host:
    """What LLVM says of this machine."""

    triple: str
    cpu: str
    features: Mapping[str, bool]
    flags: str


@functools.cache
def _this_machine() -> _Host:
    import llvmlite.binding as llvm

    try:
        features = llvm.get_host_cpu_features()
    except RuntimeError:  # LLVM cannot ask this kind of processor; its name says enough
        features = llvm.FeatureMap()
    return _Host(llvm.get_process_triple(), llvm.get_host_cpu_name(), features, features.flatten())


def _architecture(triple: str) -> str:
    """``x86_64``, ``aarch64`` or whatever else the triple begins with."""
    first = triple.split("-")[0]
    return {"arm64": "aarch64", "amd64": "x86_64"}.get(first, first)


def _missing(host: _Host, level: str) -> list[str]:
    """The features that the level needs and the processor lacks."""
    levels = list(_X86_LEVELS)
    needed = [f for name in levels[: levels.index(level) + 1] for f in _X86_FEATURES[name]]
    return [feature for feature in needed if not host.features.get(feature)]


@functools.cache
def _level_here(level: str) -> Target:
    """A level on this machine: as LLVM knows it, so that the code is the same on all that have it.

    Raises BackendError, naming it, where this processor does not have it.
    """
    host = _this_machine()
    arch = _architecture(host.triple)
    if level == "neon":
        if arch != "aarch64":
            raise BackendError(f"the processor has no neon: it is {arch} ({host.cpu})")
        return replace(_NEON, triple=host.triple, hosted=True)
    missing = _missing(host, level) if arch == "x86_64" else [arch]
    if missing:
        raise BackendError(
            f"the processor ({host.cpu}) has no {level}: it lacks {', '.join(missing)}; "
            f"take another level (GATEWISE_CPU), or native for what it has"
        )
    return replace(_X86_LEVELS[level], triple=host.triple, hosted=True)


@functools.cache
def _native() -> Target:
    """The processor of this machine by its own name, with every feature it has."""
    host = _this_machine()
    arch = _architecture(host.triple)
    flags, rint = host.flags, bool(host.features.get("sse4.1"))
    if arch == "aarch64":
        known = replace(_NEON, has_bf16_dot=bool(host.features.get("bf16")))
    elif arch == "x86_64":
        best = next(t for level, t in reversed(_X86_LEVELS.items()) if not _missing(host, level))
        tiles = best.has_bf16_dot and tile_unit.usable(host.features)
        known = replace(best, has_rint=best.has_rint or rint, has_tiles=tiles)
        flags += f",{_WIDE}" if best.vector_bytes == 64 else ""
    else:
        known = _UNKNOWN
    return replace(
        known, name="native", triple=host.triple, cpu=host.cpu, features=flags, hosted=True
    )
