"""What a kernel takes on a GPU, found out by compiling it; no GPU is needed for that."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gatewise.backends.triton.arguments import Argument, Role
from gatewise.backends.triton.kernels import element, launch_options, load
from gatewise.backends.triton.phases import PhasedStep
from gatewise.backends.triton.sequence import GpuStep, LoopStep

SHORT = {"float32": "fp32", "bfloat16": "bf16", "float16": "fp16", "int32": "i32", "int8": "i8"}


@dataclass(frozen=True)
class Resources:
    """What ptxas made of a kernel: registers of a thread, bytes of stack (what was spilled lies there),
    bytes of shared memory of a program; the PTX text."""

    registers: int
    stack: int
    shared: int
    ptx: str

    def count(self, instruction: str) -> int:
        """How often an instruction stands in the PTX text."""
        return len(re.findall(re.escape(instruction), self.ptx))

    def __str__(self) -> str:
        counts = {n: self.count(n) for n in ("bar.sync", "mma", "ld.global.nc")}
        inside = ", ".join(f"{n} {c}" for n, c in counts.items())
        return f"{self.registers} registers, {self.stack} bytes of stack, {self.shared} of shared memory; {inside}"


def resources(
    text: str,
    arguments: Sequence[Argument],
    scalars: Sequence[str],
    constants: Mapping[str, object],
    dtype: str,
    capability: int,
    *,
    warps: int = 4,
    cooperative: bool = False,
) -> Resources:
    """Compile a kernel for GPUs of a compute capability (80, 90, 100).

    ``scalars`` are the arguments after the tensors, ``constants`` what it is compiled for.
    """
    import triton
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    kernel = load(text)
    kinds = {
        a.name: "*" + SHORT[dtype if a.kind == "weights" else a.kind]
        if a.kind != "table"
        else "*i64"
        for a in arguments
    }
    signature = kinds | {s: "i32" for s in scalars} | {c: "constexpr" for c in constants}
    aligned = {(k,): [["tt.divisibility", 16]] for k in range(len(arguments))}
    source = ASTSource(fn=kernel, signature=signature, constexprs=dict(constants), attrs=aligned)
    options = launch_options(warps, cooperative)
    compiled = triton.compile(source, target=GPUTarget("cuda", capability, 32), options=options)
    registers, stack = _usage(compiled.asm["cubin"], Path(triton.__file__).parent)
    return Resources(registers, stack, compiled.metadata.shared, compiled.asm["ptx"])


def _usage(cubin: bytes, package: Path) -> tuple[int, int]:
    """Registers and stack of a compiled kernel, as the tool that comes with Triton says."""
    tool = package / "backends" / "nvidia" / "bin" / "cuobjdump"
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(cubin)
        file.flush()
        command = [str(tool), "--dump-resource-usage", file.name]
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    numbers = re.search(r"REG:(\d+) STACK:(\d+)", shown)
    assert numbers is not None, shown
    return int(numbers[1]), int(numbers[2])


def of_step(
    step: GpuStep, cooperative: bool, dtype: str, capability: int, warps: int | None = None
) -> list[Resources]:
    """What the kernels of a step take, one after the other, without lengths and resets."""
    flags = {"REVERSE": step.backward, "LENGTHS": False, "CROSSING": False}
    if isinstance(step, LoopStep):
        precision = "tf32x3" if dtype == "float32" else "ieee"
        constants = flags | {"RAISED": False, "PRECISION": precision}
        source = step.source
        return [
            resources(
                source.text,
                source.arguments,
                ["T", "B"],
                constants,
                dtype,
                capability,
                warps=warps or step.warps,
                cooperative=cooperative,
            )
        ]
    assert isinstance(step, PhasedStep)
    lead = (Argument("table", Role.TABLE, "", "table"), Argument("clock", Role.CLOCK, "", "table"))
    return [
        resources(
            source.text,
            (*lead, *source.arguments),
            ["ahead", "B"],
            flags | {"ELEMENT": element(dtype)},
            dtype,
            capability,
            warps=warps or step.warps,
        )
        for _, source in step.sources.phases
    ]
