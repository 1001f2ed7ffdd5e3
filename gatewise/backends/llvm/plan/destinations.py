"""Where values go besides the workspace: saved arrays, sums, states, the caller's results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gatewise.backends.llvm.plan.flow import Flow
from gatewise.backends.llvm.plan.kernel_spec import KernelSpec
from gatewise.backends.llvm.plan.parts import OuterProducts, Sink, SinkKind
from gatewise.backends.llvm.plan.shapes import Shapes, side_by_side
from gatewise.ir import Output


@dataclass(frozen=True)
class StateWrites:
    """How new values come into the states.

    ``in_place`` has nodes that a loop over units writes into a state at once. ``copies`` are (state,
    node): moved into the state when the step is over.
    """

    copies: tuple[tuple[str, int], ...]
    in_place: Mapping[int, str]
    sinks: tuple[Sink, ...]


@dataclass(frozen=True)
class DirectArrays:
    """The caller's arrays that loops over units use where they are: inputs (nodes), results (names)."""

    inputs: frozenset[int]
    results: frozenset[str]
    sinks: tuple[Sink, ...]


def place_row_sums(spec: KernelSpec, shapes: Shapes, start: int) -> tuple[dict[int, int], int]:
    """Offsets in a row of what is summed over its steps, by output; and where they end."""
    blocks = {
        k: shapes.blocks(output.node)
        for k, output in enumerate(spec.program.outputs)
        if output.over == "row" and _is_sum(spec, output)
    }
    return side_by_side(blocks, start, shapes.t.lanes)


def save_and_sum(
    spec: KernelSpec, outers: OuterProducts, row_sum_slot: Mapping[int, int]
) -> Iterator[Sink]:
    """What is saved, and what is summed over a row or over the batch."""
    for n, name in outers.operands.items():
        if name.startswith("outer."):
            yield Sink(n, SinkKind.SAVED, name)
    for name, n in spec.writes_saved:
        yield Sink(n, SinkKind.SAVED, f"saved.{name}")
    for k, output in enumerate(spec.program.outputs):
        if k in row_sum_slot:
            yield Sink(output.node, SinkKind.ROW, offset=row_sum_slot[k])
        elif output.over == "batch" and _is_sum(spec, output):
            yield Sink(output.node, SinkKind.BATCH, output.name)


def _is_sum(spec: KernelSpec, output: Output) -> bool:
    """Whether a kernel adds an output up: others are saved, or are products after the loop."""
    return spec.program.nodes[output.node].cols is None and not output.name.startswith("save.")


def write_states(spec: KernelSpec, shapes: Shapes, flow: Flow) -> StateWrites:
    """New values go into the state's place at once where nobody reads the old ones later."""
    program = spec.program
    leaf = {str(n.attr): k for k, n in enumerate(program.nodes) if n.op == "state"}
    results = {n for _, n in spec.results} | set(program.next)
    copies, in_place, sinks = list[tuple[str, int]](), dict[int, str](), list[Sink]()
    for state, n in zip(program.states, program.next, strict=True):
        old = leaf.get(state.name)
        if n == old:
            continue
        needs_old = old is None or old in results or flow.read_later(old, flow.ready[n])
        if needs_old or shapes.scalar[n] or flow.ready[n] == 0:
            copies.append((state.name, n))
            continue
        sinks.append(Sink(n, SinkKind.STATE, state.name))
        if n in flow.pointwise:
            in_place.setdefault(n, state.name)
    return StateWrites(tuple(copies), in_place, tuple(sinks))


def find_direct(spec: KernelSpec, shapes: Shapes, flow: Flow, states: StateWrites) -> DirectArrays:
    """Whole vectors that only loops over units read or write go without a copy in between."""
    copied = {n for _, n in states.copies} | {n for _, n in spec.results}
    inputs = frozenset(
        k
        for k, node in enumerate(spec.program.nodes)
        if node.op == "input"
        and str(node.attr) in spec.step_inputs
        and k not in flow.whole | copied
        and shapes.fills_vectors(k)
    )
    written = [
        (name, n) for name, n in spec.results if n in flow.pointwise and shapes.fills_vectors(n)
    ]
    sinks = tuple(Sink(n, SinkKind.OUT, name) for name, n in written)
    return DirectArrays(inputs, frozenset(name for name, _ in written), sinks)
