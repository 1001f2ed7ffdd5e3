"""What the CPU backend makes of a cell, in text: tiles, memory, LLVM IR, the inner loop's assembly."""

from __future__ import annotations

import re

from gatewise.backends.llvm.library import gemm
from gatewise.backends.llvm.machine import jit
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.kernel_spec import KernelKind
from gatewise.backends.llvm.run.compiled_layer import CompiledLayer
from gatewise.backends.llvm.run.kernel import kernel_text


def explain(layer: CompiledLayer) -> str:
    """The kernels of a layer as they are compiled for its sizes, type and machine."""
    target, shape, t = layer.target, layer.shared.shape, layer.shared.t
    sizes = ", ".join(f"{k}={v}" for k, v in layer.sizes.items())
    rows = ", ".join(f"{r} rows x {p * shape.width} vectors" for r, p in shape.rows)
    parts = [
        f"=== llvm: {target.name} ({target.cpu}), {layer.dtype} in vectors of {t.lanes}, {sizes}",
        f"register tiles: {rows}; weight gradient {shape.outer[0]} x {shape.outer[1]} vectors",
    ]
    for kind in (KernelKind.INFERENCE, KernelKind.FORWARD, KernelKind.BACKWARD):
        plan = layer.plan(kind)
        parts.append(f"--- {kind} kernel\n{_memory(plan)}")
    text = kernel_text(layer.plan(KernelKind.INFERENCE), target)
    parts.append(
        f"--- LLVM IR of the inference kernel, optimised\n{jit.optimised_ir(text, target)}"
    )
    rows_of_tile = shape.rows[0][0]
    parts.append(
        f"--- assembly of the inner loop of the {rows_of_tile}-row tile\n"
        f"{inner_loop(jit.assembly(gemm.library(t, shape), target), f'tile{rows_of_tile}x1x{shape.width}')}"
    )
    return "\n\n".join(parts)


def _memory(plan: KernelPlan) -> str:
    """Products and saved arrays of a kernel."""
    lines = [f"workspace: {plan.workspace} values a thread, rows {plan.layout.row} apart"]
    if plan.strategy.apart:
        lines.append("units do not meet: a tile can be a range of them, threads never wait")
    if plan.spec.weights:
        lines.append(f"matrices are read as {plan.spec.weights}")
    for k, phase in enumerate(plan.phases):
        for q in phase.products:
            ahead = ", all steps of a lone row at once" if q.index in plan.layout.ahead_slot else ""
            lines.append(
                f"phase {k}: product {q.index} over %{q.operand}: depth {q.depth}, {q.blocks} vectors"
                f"{', added to the one before' if q.more else ''}{ahead}"
            )
        if phase.pointwise:
            lines.append(f"phase {k}: {len(phase.pointwise)} equations unit by unit")
        if phase.sums:
            lines.append(f"phase {k}: {len(phase.sums)} sums over units")
    for name, node in plan.spec.writes_saved:
        width = plan.place(f"saved.{name}", node).width
        lines.append(f"saves {name}: {width} values a step")
    for group in plan.outers.groups:
        height = sum(plan.units[n] for n in group.lefts)
        width = sum(plan.units[n] for n in group.rights)
        lines.append(f"after the loop: weight gradient {height} x {width}")
    return "\n".join(lines)


def inner_loop(assembly: str, function: str) -> str:
    """The loop of a function that does most: from a label to a jump back to it, the one in which
    the largest share of instructions multiplies and adds."""
    match = re.search(rf"^{function}:\n(.*?)^\.Lfunc_end", assembly, re.S | re.M)
    lines = match[1].splitlines() if match else assembly.splitlines()
    labels: dict[str, int] = {}
    best, most = list[str](), 0.0
    for n, line in enumerate(lines):
        label = re.match(r"^(\.?L\w+):", line)
        if label:
            labels[label[1]] = n
        jump = re.match(r"^\s+(?:j\w+|b\w*(?:\.\w+)?)\s+(\.?L\w+)", line)
        if jump and jump[1] in labels:
            body = lines[labels[jump[1]] : n + 1]
            share = sum("fm" in line or "mul" in line for line in body) / len(body)
            if share > most:
                best, most = body, share
    return "\n".join(best)
