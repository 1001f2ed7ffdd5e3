"""One layer in one direction: forward for inference, forward for training, backward.

Everything is addressed by pointers and distances in values, so that arrays of NumPy and tensors of
torch are the same here. ``ir/sequence.py`` says what is computed.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gatewise.backends.llvm.kernel import BUFFERS, Kernel, address, library
from gatewise.backends.llvm.plan import Plan, Spec
from gatewise.backends.llvm.planner import make_plan
from gatewise.backends.llvm.target import Target
from gatewise.ir import Program

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class View:
    """Values of the caller: an address, and how far apart steps and rows are (in values)."""

    pointer: int
    step: int
    row: int


@dataclass(frozen=True)
class Weight:
    """A parameter of the caller: an address, and how far apart its rows are (in values)."""

    pointer: int
    row: int


@dataclass
class Rows:
    """The rows of a batch cut into tiles, which depend on the batch and its lengths alone."""

    steps: int
    batch: int
    order: Array
    tiles: Array
    total: int  # steps that are visited, over all rows
    lengths: Array | None = None


def cut(steps: int, batch: int, lengths: Array | None) -> Rows:
    """Tiles of at most six rows, an even number of them, of rows that are about as long."""
    order = np.arange(batch, dtype=np.int64)
    if lengths is not None:
        order = np.argsort(-lengths, kind="stable").astype(np.int64)
        lengths = np.ascontiguousarray(lengths[order], np.int64)
    sizes = tile_rows(batch)
    tiles = np.zeros((len(sizes), 5), np.int64)
    row, first = 0, 0
    for k, rows in enumerate(sizes):
        longest = steps if lengths is None else int(lengths[row])
        count = rows * steps if lengths is None else int(lengths[row : row + rows].sum())
        tiles[k] = (row, rows, first, count, longest)
        row, first = row + rows, first + count
    return Rows(steps, batch, order, tiles, first, lengths)


def tile_rows(batch: int) -> list[int]:
    """Rows of each tile: sixes and fours, one odd one at most, an even number of tiles from 2 on."""
    if batch <= 1:
        return [batch] if batch else []
    count = -(-batch // 6)
    count += count % 2
    sizes = [batch // count + (k < batch % count) for k in range(count)]
    if batch >= 8:  # 5 rows cost as much as 6: make it 6 and 4
        fives = [k for k, s in enumerate(sizes) if s == 5]
        for a, b in zip(fives[::2], fives[1::2], strict=False):
            sizes[a], sizes[b] = 6, 4
    return sorted(sizes, reverse=True)


@dataclass
class Tape:
    """What a forward pass kept for the backward pass. ``free`` gives the memory back."""

    rows: Rows
    kept: dict[str, Array]

    def free(self) -> None:
        """Return the memory; may be called more than once."""
        for array in self.kept.values():
            BUFFERS.give(array)
        self.kept = {}


@dataclass(frozen=True)
class Plans:
    """What a layer compiles: schedules of the passes, made by ``gatewise.compile``."""

    program: Program
    schedule: Any
    training: Any = None  # passes' Training
    forward_schedule: Any = None
    backward_schedule: Any = None
    record: tuple[str, ...] = field(default=())


class Layer:
    """The kernels of one cell for given sizes, float type and machine."""

    def __init__(self, plans: Plans, sizes: Mapping[str, int], dtype: Any, target: Target) -> None:
        self.plans, self.sizes, self.target = plans, dict(sizes), target
        self.dtype = np.dtype(dtype)
        self.shared = library(self.dtype.str, target)
        self._kernels: dict[str, Kernel] = {}

    # --- kernels -----------------------------------------------------------------------------

    def plan(self, kind: str) -> Plan:
        """The plan of the ``inference``, ``forward`` or ``backward`` kernel."""
        make = {"inference": self._inference, "forward": self._forward, "backward": self._backward}
        spec, schedule = make[kind]()
        return make_plan(spec, schedule, self.sizes, self.shared.t)

    def kernel(self, kind: str) -> Kernel:
        """A kernel, compiled when first asked for."""
        if kind not in self._kernels:
            self._kernels[kind] = Kernel(self.plan(kind), self.target, self.shared)
        return self._kernels[kind]

    def _results(self, program: Program) -> tuple[tuple[str, int], ...]:
        first = program.states[0].name
        names = dict.fromkeys((first, *self.plans.record))
        return tuple((n, program.named(n)) for n in names)

    def _inference(self) -> tuple[Spec, Any]:
        program = self.plans.program
        return Spec(program, results=self._results(program)), self.plans.schedule

    def _entering(self) -> tuple[str, ...]:
        states = {s.name for s in self.plans.training.forward.states}
        return tuple(i.name for i in self.plans.training.backward.inputs if i.name in states)

    def _forward(self) -> tuple[Spec, Any]:
        program = self.plans.training.forward
        leaf = {str(n.attr): k for k, n in enumerate(program.nodes) if n.op == "state"}
        keep = [(o.name, o.node) for o in program.outputs if o.name.startswith("save.")]
        keep += [(name, leaf[name]) for name in self._entering()]
        results = self._results(program)
        return Spec(program, keep=tuple(keep), results=results), self.plans.forward_schedule

    def _backward(self) -> tuple[Spec, Any]:
        program = self.plans.training.backward
        kept = {i.name for i in program.inputs if i.name.startswith("save.")}
        results = tuple(
            (o.name, o.node)
            for o in program.outputs
            if o.over == "step" and program.nodes[o.node].cols is None
        )
        spec = Spec(program, frozenset(kept | set(self._entering())), (), results, backward=True)
        return spec, self.plans.backward_schedule

    # --- running -----------------------------------------------------------------------------

    def forward(
        self,
        rows: Rows,
        inputs: Mapping[str, View],
        params: Mapping[str, Weight],
        first: Sequence[View],
        restart: Sequence[View],
        outputs: Mapping[str, View],
        last: Sequence[View],
        *,
        reset: View | None,
        reverse: bool,
        training: bool,
        threads: int,
    ) -> Tape | None:
        """Run over the sequences; ``outputs`` by name: the first state and what is recorded."""
        kernel = self.kernel("forward" if training else "inference")
        plan = kernel.plan
        values, held = self._common(kernel, rows, params, threads, reset, reverse)
        values["descending"], values["shift"] = int(reverse), int(reverse)
        self._views(values, "in", inputs)
        self._views(values, "out", outputs)
        for state, a, b, c in zip(plan.program.states, first, last, restart, strict=True):
            for role, view in (("first", a), ("last", b), ("restart", c)):
                values[f"{role}.{state.name}"] = view.pointer
                values[f"{role}.{state.name}:b"] = view.row
        kept = {}
        for name, node in plan.spec.keep:
            kept[name] = self._steps(plan, node, rows.total)
            values[f"kept.{name}"] = address(kept[name])
        kernel.run(values, min(threads, max(1, len(rows.tiles))))
        for array in held:
            BUFFERS.give(array)
        return Tape(rows, kept) if training else None

    def backward(
        self,
        tape: Tape,
        inputs: Mapping[str, View],
        params: Mapping[str, Weight],
        d_last: Sequence[View],
        d_first: Sequence[View],
        d_inputs: Mapping[str, View],
        *,
        reset: View | None,
        reverse: bool,
        threads: int,
    ) -> tuple[dict[str, Array], tuple[Array, ...]]:
        """Go back over a forward pass.

        ``inputs`` holds the inputs and the gradients that come in (``seed.<name>``). Returns the
        gradients of the parameters by name, and of the restart states. The tape stays usable.
        """
        kernel = self.kernel("backward")
        plan, rows, t = kernel.plan, tape.rows, self.shared.t
        values, held = self._common(kernel, rows, params, threads, reset, reverse)
        values["descending"], values["shift"] = int(not reverse), int(reverse)
        self._views(values, "in", {n: v for n, v in inputs.items() if f"in.{n}" in plan.arguments})
        for name, view in d_inputs.items():
            self._views(values, "out" if f"out.{name}" in plan.arguments else "row", {name: view})
        caught = []
        for state, a, b in zip(plan.program.states, d_last, d_first, strict=True):
            units = plan.states[state.name]
            catch = np.zeros((rows.batch, t.padded(units)), self.dtype)
            caught.append(catch[:, :units])
            for role, view in (("first", a), ("last", b), ("restart", View(address(catch), 0, catch.shape[1]))):
                values[f"{role}.{state.name}"] = view.pointer
                values[f"{role}.{state.name}:b"] = view.row
        arrays = dict(tape.kept)
        values |= {f"kept.{n}": address(a) for n, a in tape.kept.items()}
        grabbed = self._grabbed(plan, rows.total)
        held += list(grabbed.values())
        where = {w: address(a) for w, a in self._places(plan, grabbed, rows.total).items()}
        values |= where
        where |= {f"kept.{n}": address(a) for n, a in arrays.items()}
        partial = {}
        for name in [a for a in plan.arguments if a.startswith("batch.")]:
            node = next(o.node for o in plan.program.outputs if f"batch.{o.name}" == name)
            partial[name[6:]] = np.zeros((len(rows.tiles), plan.blocks(node) * t.lanes), self.dtype)
            values[name] = address(partial[name[6:]])
        kernel.run(values, min(threads, max(1, len(rows.tiles))))
        gradients = self._gradients(plan, rows, where, partial, threads)
        for array in held:
            BUFFERS.give(array)
        return gradients, tuple(caught)

    # --- arguments ---------------------------------------------------------------------------

    def _views(self, values: dict[str, int], role: str, views: Mapping[str, View]) -> None:
        for name, view in views.items():
            values[f"{role}.{name}"] = view.pointer
            values[f"{role}.{name}:b"] = view.row
            if role != "row":
                values[f"{role}.{name}:t"] = view.step

    def _common(
        self,
        kernel: Kernel,
        rows: Rows,
        params: Mapping[str, Weight],
        threads: int,
        reset: View | None,
        reverse: bool,
    ) -> tuple[dict[str, int], list[Array]]:
        """Sizes, tiles, workspace and packed weights; also the arrays to give back afterwards."""
        plan = kernel.plan
        workspace = BUFFERS.take(max(1, threads) * 6 * plan.row + 64, self.dtype)
        self._counter = np.zeros(1, np.int64)
        values = {
            "T": rows.steps, "tiles": address(rows.tiles), "count": len(rows.tiles),
            "counter": address(self._counter), "perm": address(rows.order),
            "ws": address(workspace), "ws_stride": 6 * plan.row, "steps": rows.total,
        }  # fmt: skip
        if rows.lengths is not None:
            values["lengths"] = address(rows.lengths)
        if reset is not None:
            values |= {"reset": reset.pointer, "reset:t": reset.step, "reset:b": reset.row}
        held = [workspace]
        for k, count in enumerate(plan.weight_values):
            packed = BUFFERS.take(count, self.dtype, zeroed=True)
            held.append(packed)
            values[f"w.{k}"] = address(packed)
        self._pack(plan, params, values)
        for param in plan.program.params:
            if param.cols is None:
                vector = self._vector(plan, param.name, params[param.name])
                held.append(vector)
                values[f"p.{param.name}"] = address(vector)
        return values, held

    def _pack(self, plan: Plan, params: Mapping[str, Weight], values: Mapping[str, int]) -> None:
        size = self.dtype.itemsize
        for piece in plan.pieces:
            param, weight = plan.program.param(piece.param), params[piece.param]
            assert param.cols is not None
            n = param.blocks
            r = param.rows.evaluate(self.sizes) // n
            c = param.cols.evaluate(self.sizes) // n
            depth, blocks = plan.weight_depth[piece.weights], plan.weight_blocks[piece.weights]
            for b in range(n):
                source = weight.pointer + b * r * weight.row * size
                lanes, k = (c, r) if piece.transposed else (r, c)
                self.shared.pack(
                    values[f"w.{piece.weights}"], source, weight.row, lanes, k, piece.transposed,
                    piece.lane + b * lanes, b * k, depth, blocks, piece.more,
                )  # fmt: skip

    def _vector(self, plan: Plan, name: str, weight: Weight) -> Array:
        """A vector parameter with room to the end of its last vector; a scalar in every lane."""
        param, t = plan.program.param(name), self.shared.t
        units = param.rows.evaluate(self.sizes)
        array = BUFFERS.take(t.padded(units), self.dtype, zeroed=True)
        ctypes.memmove(address(array), weight.pointer, units * self.dtype.itemsize)
        if param.rows.names == frozenset() and units == 1:
            array[:] = array[0]
        return array

    def _steps(self, plan: Plan, node: int, total: int) -> Array:
        return BUFFERS.take(plan.blocks(node) * total * self.shared.t.lanes, self.dtype)

    # --- gradients of parameters -------------------------------------------------------------

    def _grabbed(self, plan: Plan, total: int) -> dict[int, Array]:
        """Memory for what outer products need: the left vectors of a group lie one after another."""
        grabbed: dict[int, Array] = {}
        for k, group in enumerate(plan.outers):
            blocks = sum(plan.blocks(n) for n in group.lefts)
            grabbed[k] = BUFFERS.take(blocks * total * self.shared.t.lanes, self.dtype)
        rest = {n for g in plan.outers for n in g.rights if plan.grabbed[n].startswith("grab.")}
        lefts = {n for g in plan.outers for n in g.lefts}
        for n in sorted(rest - lefts):
            grabbed[-1 - n] = self._steps(plan, n, total)
        return grabbed

    def _places(self, plan: Plan, grabbed: Mapping[int, Array], total: int) -> dict[str, Array]:
        places: dict[str, Array] = {}
        for k, group in enumerate(plan.outers):
            start = 0
            for n in group.lefts:
                count = plan.blocks(n) * total * self.shared.t.lanes
                places[plan.grabbed[n]] = grabbed[k][start : start + count]
                start += count
        for k, array in grabbed.items():
            if k < 0:
                places[plan.grabbed[-1 - k]] = array
        return {w: a for w, a in places.items() if w.startswith("grab.")}

    def _gradients(
        self,
        plan: Plan,
        rows: Rows,
        where: Mapping[str, int],
        partial: Mapping[str, Array],
        threads: int,
    ) -> dict[str, Array]:
        t, gradients = self.shared.t, {}  # type: ignore[var-annotated]
        for name, parts in partial.items():
            node = next(o.node for o in plan.program.outputs if o.name == name)
            gradients[name] = parts.sum(0)[: plan.units[node]]
        for name, node in plan.bias_sums:
            out = np.zeros(plan.blocks(node) * t.lanes, self.dtype)
            self.shared.sums(
                address(out), where[plan.grabbed[node]], rows.total, 0, plan.blocks(node)
            )
            gradients[name] = out[: 1 if plan.scalar[node] else plan.units[node]]
        for name, part in self._outer_products(plan, rows, where, threads):
            gradients[name] = gradients[name] + part if name in gradients else part
        return gradients

    def _outer_products(
        self, plan: Plan, rows: Rows, where: Mapping[str, int], threads: int
    ) -> list[tuple[str, Array]]:
        t = self.shared.t
        table: list[int] = []
        made: dict[tuple[int, int], Array] = {}
        for group in plan.outers:
            height = sum(plan.blocks(n) for n in group.lefts)
            for right in group.rights:
                width = plan.blocks(right)
                out = np.zeros((height * t.lanes, width * t.lanes), self.dtype)
                pieces = min(height, 4 * threads)
                for k in range(pieces):
                    begin, end = height * k // pieces, height * (k + 1) // pieces
                    table += [
                        address(out), out.shape[1], where[plan.grabbed[group.lefts[0]]],
                        where[plan.grabbed[right]], rows.total, begin, end, width,
                    ]  # fmt: skip
                start = 0
                for left in group.lefts:
                    made[left, right] = out[start : start + plan.units[left], : plan.units[right]]
                    start += plan.blocks(left) * t.lanes
        if table and rows.total:
            from gatewise.backends.llvm.threads import parallel

            array = np.array([len(table) // 8, 0, *table], np.int64)
            parallel(self.shared.outer_tasks, address(array), threads)
        results = []
        for output in plan.program.outputs:
            node = plan.program.nodes[output.node]
            if node.op == "outer":
                full = made[node.args[0], node.args[1]]
                blocks = node.attr if isinstance(node.attr, int) else 1
                results.append((output.name, _diagonal(full, blocks)))
        return results


def _diagonal(full: Array, blocks: int) -> Array:
    """The blocks on the diagonal of a matrix, [blocks, rows/blocks, cols/blocks]."""
    if blocks == 1:
        return full
    r, c = full.shape[0] // blocks, full.shape[1] // blocks
    return np.stack([full[b * r : (b + 1) * r, b * c : (b + 1) * c] for b in range(blocks)])
