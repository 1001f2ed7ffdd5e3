"""Making the plan of a step kernel from its schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gatewise.backends.llvm.ir_text import Lanes
from gatewise.backends.llvm.plan.kernel_plan import (
    AHEAD,
    STEPPED,
    Argument,
    ArraySlot,
    KernelPlan,
    KernelSpec,
    Outer,
    Phase,
    Piece,
    Product,
    Role,
    Sink,
    SinkKind,
    concrete,
    odd,
)
from gatewise.backends.llvm.plan.strategy import can_run_time_inner
from gatewise.backends.llvm.plan.unit_ranges import fills_panels, units_are_apart
from gatewise.ir import ONE

LEAVES = ("input", "state", "param", "const", "size")
# arguments that say which rows visit which steps, how threads share them, and where they work
TRAVERSAL = [
    Argument("T", pointer=False),
    Argument("tiles"),
    Argument("count", pointer=False),
    Argument("counter"),
    Argument("perm"),
    Argument("lengths"),
    Argument("ws"),
    Argument("ws_stride", pointer=False),
    Argument("steps", pointer=False),
    Argument("descending", pointer=False),
    Argument("reset"),
    Argument("reset:t", pointer=False),
    Argument("reset:b", pointer=False),
    Argument("shift", pointer=False),
    Argument("batch"),
    Argument("shared", pointer=False),
    Argument("barrier"),
]


def make_plan(spec: KernelSpec, schedule: Any, sizes: Mapping[str, int], t: Lanes) -> KernelPlan:
    """Place everything that the schedule's phases compute. ``schedule`` is a passes' Schedule."""
    units, scalar = concrete(spec.program, sizes)
    states = {s.name: 1 if s.size == ONE else s.size.evaluate(sizes) for s in spec.program.states}
    plan = KernelPlan(
        spec, t, dict(sizes), units, scalar, states, phases=[Phase()], slot={}, state_slot={}, row_sum_slot={},
        copies=[], arguments=[], pieces=[], weight_values=[], weight_depth=[], weight_blocks=[],
        outers=[], places={}, outer_operands={},
    )  # fmt: skip
    _Planner(plan, schedule).run()
    return plan


class _Planner:
    def __init__(self, plan: KernelPlan, schedule: Any) -> None:
        self.p, self.schedule = plan, schedule
        self.program = plan.program
        self.phase_of: dict[int, int] = {}  # node -> phase in which it is there; 0 = before all
        self.readers: dict[int, set[int]] = {}  # node -> phases that read it
        self.whole: set[int] = set()  # nodes that are read other than unit by unit
        self.columns: set[int] = set()
        self.in_place: dict[int, str] = {}  # node -> the state whose place it takes

    def run(self) -> None:
        self._phases()
        self._leaves()
        self._products()
        self._outers()
        self._masks()
        self._results()
        self._states()
        self._direct()
        self._slots()
        self.p.row = self._round(self.p.row)
        if not self.p.spec.single:  # there is but one step
            self._look_ahead()
        self._join_products()
        meet = any(kind == "matrix" for _, kind in self.schedule.states)
        self.p.own_way = not meet and units_are_apart(self.p)
        self.p.apart = self.p.own_way and not self.p.spec.single and fills_panels(self.p)
        self.p.innermost = can_run_time_inner(self.p)
        self._partial()
        self._arguments()

    # phase 0 holds what leaves need before the first real phase; an empty one ends the list, so
    # that what a last sum gives can still be used
    def _phases(self) -> None:
        p = self.p
        for phase in self.schedule.phases:
            p.phases.append(Phase(list(phase.moves), [], list(phase.pointwise), list(phase.sums)))
            here = len(p.phases) - 1
            for product in phase.products:
                for column in product.columns:
                    self.phase_of[column.node] = here
                    self.columns.add(column.node)
                self._reads(product.operands, here, whole=True)
            for n in phase.moves:
                self.phase_of[n] = here
                self._reads(self.program.nodes[n].args, here, whole=True)
            for n in phase.pointwise:
                self.phase_of[n] = here
                self._reads(self.program.nodes[n].args, here)
            for n in phase.sums:
                self.phase_of[n] = here + 1
                segment = self._is_segment(n)
                self._reads(self.program.nodes[n].args, here + segment, whole=segment)
        p.phases.append(Phase())
        for phase_sum in [n for f in p.phases for n in f.sums if self._is_segment(n)]:
            # runs of units are summed first thing in the next phase, from the whole vector
            for k, phase in enumerate(p.phases):
                if phase_sum in phase.sums:
                    phase.sums.remove(phase_sum)
                    p.phases[k + 1].moves.insert(0, phase_sum)

    def _is_segment(self, n: int) -> bool:
        node = self.program.nodes[n]
        return node.op == "sum" and not self.p.scalar[n]

    def _reads(self, nodes: tuple[int, ...], phase: int, whole: bool = False) -> None:
        for n in nodes:
            self.readers.setdefault(n, set()).add(phase)
            if whole:
                self.whole.add(n)

    def _leaves(self) -> None:
        for n, node in enumerate(self.program.nodes):
            if node.op in LEAVES:
                self.phase_of[n] = 0

    def _place(self, blocks: int) -> int:
        offset = self.p.row
        self.p.row += blocks * self.p.t.lanes
        return offset

    def _sink(self, sink: Sink) -> None:
        """Put a value away, in the loop over as many units as it has."""
        units = None if self.p.scalar[sink.node] else self.p.units[sink.node]
        self.p.phases[self.phase_of[sink.node]].sinks.setdefault(units, []).append(sink)

    def _products(self) -> None:
        p = self.p
        for k, phase in enumerate(self.schedule.phases):
            for product in phase.products:
                first = p.row
                lanes: dict[int, int] = {}
                for column in product.columns:
                    lanes[column.node] = p.row - first
                    p.slot[column.node] = self._place(p.blocks(column.node))
                blocks = (p.row - first) // p.t.lanes
                for m, operand in enumerate(product.operands):
                    index, depth = len(p.weight_values), p.units[operand]
                    p.weight_values.append(blocks * p.t.lanes * depth)
                    p.weight_depth.append(depth)
                    p.weight_blocks.append(blocks)
                    p.phases[k + 1].products.append(
                        Product(index, operand, first, blocks, depth, more=m > 0)
                    )
                    for column in product.columns:
                        seen = False
                        for term in column.terms:
                            if term.operand == operand:
                                lane = lanes[column.node]
                                p.pieces.append(
                                    Piece(index, term.param, term.transposed, lane, seen)
                                )
                                seen = True

    def _outers(self) -> None:
        """Group outer products: left vectors that meet the same right ones make one product."""
        p, meets = self.p, dict[int, list[int]]()
        for n in self.schedule.outers:
            left, right = self.program.nodes[n].args
            rights = meets.setdefault(left, [])
            if right not in rights:
                rights.append(right)
        groups: dict[tuple[int, ...], list[int]] = {}
        for left, rights in meets.items():
            groups.setdefault(tuple(sorted(rights)), []).append(left)
        for met, lefts in groups.items():
            p.outers.append(Outer(tuple(lefts), met))
            self._share_array(lefts)
        for n in meets:  # left vectors lie together, so one that is saved already is copied
            self._save_for_outer(n)
        for n in (n for group in p.outers for n in group.rights):
            node = self.program.nodes[n]
            if node.op == "input" and str(node.attr) in p.spec.reads_saved:
                p.outer_operands.setdefault(n, f"saved.{node.attr}")
            elif n not in p.outer_operands:
                self._save_for_outer(n)

    def _share_array(self, nodes: list[int]) -> None:
        """One array for the left vectors of a group: they meet the right ones in one product."""
        p, offset = self.p, 0
        width = odd(sum(p.blocks(n) for n in nodes)) * p.t.lanes
        for n in nodes:
            p.places[f"outer.{n}"] = ArraySlot(f"outer.{nodes[0]}", offset, width)
            offset += p.blocks(n) * p.t.lanes

    def _save_for_outer(self, n: int) -> None:
        self.p.outer_operands[n] = f"outer.{n}"
        self._sink(Sink(n, SinkKind.SAVED, f"outer.{n}"))

    def _masks(self) -> None:
        """Masks are saved as bits: 16 for each vector."""
        p = self.p
        nodes = dict(p.spec.writes_saved)
        nodes |= {str(n.attr): k for k, n in enumerate(self.program.nodes) if n.op == "input"}
        for name in p.spec.masks & nodes.keys():
            values = -(-2 * p.blocks(nodes[name]) // p.t.bytes)
            where = f"saved.{name}"
            p.places[where] = ArraySlot(where, 0, odd(p.t.blocks(values)) * p.t.lanes, bits=True)

    def _results(self) -> None:
        p = self.p
        for name, n in p.spec.writes_saved:
            self._sink(Sink(n, SinkKind.SAVED, f"saved.{name}"))
        for k, output in enumerate(self.program.outputs):
            n = output.node
            if self.program.nodes[n].cols is not None or output.name.startswith("save."):
                continue
            if output.over == "row":
                p.row_sum_slot[k] = self._place(p.blocks(n))
                self._sink(Sink(n, SinkKind.ROW, offset=p.row_sum_slot[k]))
            elif output.over == "batch":
                self._sink(Sink(n, SinkKind.BATCH, output.name))

    def _states(self) -> None:
        """New values go into the state's place at once where nobody reads the old ones later."""
        p = self.p
        leaf = {str(n.attr): k for k, n in enumerate(self.program.nodes) if n.op == "state"}
        pointwise = {n for phase in p.phases for n in phase.pointwise}
        taken = {n for _, n in p.spec.results} | set(self.program.next)
        for state, n in zip(self.program.states, self.program.next, strict=True):
            old = leaf.get(state.name)
            if n == old:
                continue
            late = old is None or old in taken or p.scalar[n] or self.phase_of[n] == 0
            late = late or any(k > self.phase_of[n] for k in self.readers.get(old, ()))  # type: ignore[arg-type]
            if late:
                p.copies.append((state.name, n))
                self.whole.add(n)
                continue
            self._sink(Sink(n, SinkKind.STATE, state.name))
            if n in pointwise:
                self.in_place.setdefault(n, state.name)

    def _direct(self) -> None:
        """Whole vectors that only loops over units read or write go without a copy in between."""
        p, results = self.p, {n for _, n in self.p.spec.results}
        steps = {i.name for i in self.program.inputs if i.per == "step"} - p.spec.reads_saved
        apart = self.whole | results
        for k, node in enumerate(self.program.nodes):
            given = node.op == "input" and str(node.attr) in steps
            if given and k not in apart and self._vectors(k):
                p.direct.add(k)
        pointwise = {n for phase in p.phases for n in phase.pointwise}
        for name, n in p.spec.results:
            if n in pointwise and self._vectors(n):
                self._sink(Sink(n, SinkKind.OUT, name))
                p.direct_out.add(name)

    def _vectors(self, k: int) -> bool:
        return not self.p.scalar[k] and self.p.units[k] % self.p.t.lanes == 0

    def _slots(self) -> None:
        """Places for what outlives its loop."""
        p = self.p
        for name, units in p.states.items():
            p.state_slot[name] = self._place(p.t.blocks(units))
        for k, node in enumerate(self.program.nodes):
            if node.op == "state":
                p.slot[k] = p.state_slot[str(node.attr)]
        for k, name in self.in_place.items():
            p.slot[k] = p.state_slot[name]
        results = {n for name, n in p.spec.results if name not in p.direct_out}
        together = self._side_by_side()
        for k, node in enumerate(self.program.nodes):
            if k in p.slot or k not in self.phase_of or node.cols is not None:
                continue
            whole = k in self.whole or k in results
            if node.op == "input":
                needed = whole or not (str(node.attr) in p.spec.reads_saved or k in p.direct)
            elif node.op in LEAVES:
                needed = whole
            else:
                later = any(q > self.phase_of[k] for q in self.readers.get(k, ()))
                needed = later or whole or p.scalar[k] or self._moves(k) or self._is_segment(k)
            if needed:
                p.slot[k] = together[k] if k in together else self._place(p.blocks(k))
                given = node.op == "input" and str(node.attr) not in p.spec.reads_saved
                if not given and node.op != "sum" and not self._moves(k):
                    self._sink(Sink(k, SinkKind.SLOT, offset=p.slot[k]))

    def _moves(self, k: int) -> bool:
        node = self.program.nodes[k]
        if node.op == "repeat":
            return not self.p.scalar[node.args[0]]
        return node.op in ("slice", "concat")

    def _round(self, row: int) -> int:
        """A vector to spare for overhang, and an odd number of them: rows in different cache sets."""
        blocks = row // self.p.t.lanes + 1
        return (blocks + 1 - blocks % 2) * self.p.t.lanes

    def _look_ahead(self) -> None:
        """Products over what the caller gives at each step, where they come first in their sum."""
        p, end = self.p, self.p.spec.tile * self.p.row
        steps = {i.name for i in self.program.inputs if i.per == "step"} - p.spec.reads_saved
        for product in [q for phase in p.phases for q in phase.products]:
            node = p.node(product.operand)
            if node.op == "input" and str(node.attr) in steps and not product.more:
                p.ahead_slot[product.index] = end
                end += AHEAD * product.blocks * p.t.lanes

    def _side_by_side(self) -> dict[int, int]:
        """Places next to each other for operands of one product that are computed unit by unit.

        Operands that end within a vector have lanes behind them that hold anything, so they can only
        come last. The products with most operands choose first."""
        p, offsets = self.p, dict[int, int]()
        pointwise = {n for phase in p.phases for n in phase.pointwise} - set(self.in_place)
        products = [q.operands for phase in self.schedule.phases for q in phase.products]
        for operands in sorted(products, key=len, reverse=True):
            free = [n for n in operands if n in pointwise and n not in offsets and not p.scalar[n]]
            free.sort(key=lambda n: (p.units[n] % p.t.lanes != 0, n))
            if len(free) > 1:
                offsets.update({n: self._place(p.blocks(n)) for n in free})
        return offsets

    def _join_products(self) -> None:
        """Products over operands that lie next to each other become one, with their depths added."""
        p = self.p
        for phase in p.phases:
            done: list[Product] = []
            for q in sorted(phase.products, key=lambda q: (q.offset, p.slot[q.operand])):
                last = done[-1] if done else None
                joins = (
                    last is not None
                    and last.offset == q.offset
                    and p.slot[last.operand] + last.depth == p.slot[q.operand]
                    and last.index not in p.ahead_slot
                    and q.index not in p.ahead_slot
                )
                if not joins or last is None:
                    first = not done or done[-1].offset != q.offset
                    done.append(replace(q, more=not first))
                    continue
                p.pieces = [
                    replace(piece, weights=last.index, start=piece.start + last.depth)
                    if piece.weights == q.index
                    else piece
                    for piece in p.pieces
                ]
                p.weight_values[last.index] += p.weight_values[q.index]
                p.weight_depth[last.index] += p.weight_depth[q.index]
                p.weight_values[q.index] = 0
                done[-1] = replace(last, depth=last.depth + q.depth)
            # what is computed ahead is copied, so it has to be the first of its sum
            phase.products = sorted(done, key=lambda q: (q.offset, q.index not in p.ahead_slot))
            seen: set[int] = set()
            for k, q in enumerate(phase.products):
                phase.products[k] = replace(q, more=q.offset in seen)
                seen.add(q.offset)

    def _arguments(self) -> None:
        """The caller's arrays first, in the order of ``plan.argument_roles``: one write sets them all."""
        p = self.p
        inputs = [i.name for i in self.program.inputs if i.name not in p.spec.reads_saved]
        states = [s.name for s in self.program.states]
        p.argument_roles = [(Role.IN, n) for n in inputs]
        p.argument_roles += [(role, n) for role in (Role.FIRST, Role.RESTART) for n in states]
        p.argument_roles += [(Role.OUT, n) for n, _ in p.spec.results]
        p.argument_roles += [(Role.LAST, n) for n in states]
        p.argument_roles += [
            (Role.ROW, o.name) for k, o in enumerate(self.program.outputs) if k in p.row_sum_slot
        ]
        arguments = []
        for role, name in p.argument_roles:
            arguments.append(Argument(f"{role}.{name}"))
            if role in STEPPED:
                arguments.append(Argument(f"{role}.{name}:t", pointer=False))
            arguments.append(Argument(f"{role}.{name}:b", pointer=False))
        arguments += TRAVERSAL
        arguments += [Argument("parts", pointer=False)] * p.apart
        names = [f"saved.{i.name}" for i in self.program.inputs if i.name in p.spec.reads_saved]
        names += [f"saved.{name}" for name, _ in p.spec.writes_saved]
        names += p.outer_arrays
        names += [f"w.{k}" for k in range(len(p.weight_room))]
        arguments += map(Argument, names)
        for matrix in p.matrices:
            arguments += Argument(f"m.{matrix}"), Argument(f"m.{matrix}:b", pointer=False)
        arguments += [Argument(f"p.{q.name}") for q in self.program.params if q.cols is None]
        p.arguments = list(dict.fromkeys(arguments))

    def _partial(self) -> None:
        """Sums over the batch, of each tile: side by side in one row."""
        p = self.p
        for sink in [s for f in p.phases for of in f.sinks.values() for s in of]:
            if sink.kind is SinkKind.BATCH and sink.name not in p.batch_place:
                p.batch_place[sink.name] = p.batch_row
                p.batch_row += p.blocks(sink.node) * p.t.lanes
