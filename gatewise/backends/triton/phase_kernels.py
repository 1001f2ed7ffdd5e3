"""Kernels of a step that products interrupt: one for each phase, everything of the phase fused.

Between them stand products of whole vectors, which a library does. Whatever crosses from one kernel to the
next lies in memory. The arrays of a call are read from a table of addresses that lies on the device, and the
number of the step from a clock: so the launches of a step, recorded once, serve every call and any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatewise.backends.triton.arguments import Argument, Element, Role
from gatewise.backends.triton.memory import JointProduct, joint_products
from gatewise.backends.triton.plan import GpuPlan, uniform
from gatewise.backends.triton.step_kernel import StepKernel
from gatewise.backends.triton.text import PRELUDE
from gatewise.backends.triton.values import Spot, Tile

CONSTEXPRS = ("REVERSE", "LENGTHS", "CROSSING", "ELEMENT")
_TYPES: dict[Element, str] = {
    "weights": "ELEMENT",
    "float32": "tl.float32",
    "int32": "tl.int32",
    "int8": "tl.int8",
}


@dataclass(frozen=True)
class PhaseSource:
    """The text of a kernel. ``table``: what its addresses stand for, in order; ``arguments``: tensors that
    are there between calls, "now" (a state), "operand" (of a product), "product" or "crossing_value"."""

    text: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class PhaseSources:
    """All kernels of a step: of each, the products that are done before it."""

    table: tuple[Argument, ...]
    phases: tuple[tuple[tuple[JointProduct, ...], PhaseSource], ...]


def phase_kernels(
    plan: GpuPlan, sizes: Mapping[str, int], tile: Tile, *, backward: bool, output: bool
) -> PhaseSources:
    """Write the kernels of a step; arguments as for ``loop_kernel``."""
    phase_of = _phases(plan)
    last = plan.barriers
    joint = joint_products(plan, sizes)
    table: dict[tuple[Role, str | int], Argument] = {}
    phases = []
    products: list[JointProduct] = []
    for k in range(last + 1):
        products += [j for j in joint if k and plan.level.get(j.name, 0) == k - 1]
        here = [n for n in plan.loop if phase_of[n] == k]
        if not here and k < last:
            continue
        kernel = _PhaseKernel(plan, sizes, tile, backward, output, phase_of, k, joint, table)
        phases.append((tuple(products), kernel.source()))
        products = []
    return PhaseSources(tuple(table.values()), tuple(phases))


def _phases(plan: GpuPlan) -> dict[int, int]:
    """The kernel that computes each node: the first that can where the node is exchanged, else the last
    that may, so that little crosses."""
    readers: dict[int, list[int]] = {}
    for n in plan.loop:
        for a in plan.reads(n):
            readers.setdefault(a, []).append(n)
    following = set(plan.program.next)
    phase: dict[int, int] = {}
    for n in reversed(plan.loop):
        if n in plan.exchanged or n in plan.products:
            phase[n] = plan.level[n]
        else:
            ends = [phase[r] for r in readers.get(n, ())]
            phase[n] = min([*ends, plan.barriers]) if n not in following or ends else plan.barriers
    return phase


class _PhaseKernel(StepKernel):
    def __init__(
        self,
        plan: GpuPlan,
        sizes: Mapping[str, int],
        tile: Tile,
        backward: bool,
        output: bool,
        phase_of: Mapping[int, int],
        phase: int,
        joint: list[JointProduct],
        table: dict[tuple[Role, str | int], Argument],
    ) -> None:
        super().__init__(plan, sizes, tile, backward, output)
        self.phase_of, self.phase, self.joint, self.table = phase_of, phase, joint, table
        self.addresses: list[str] = []
        self.products = set(plan.products)

    def source(self) -> PhaseSource:
        program, write = self.program, self.write
        rows = self.tile.rows
        write(f"rm = tl.program_id(0).to(tl.int64) * {rows} + tl.arange(0, {rows})")
        write("mm = rm < B")
        self.write_all_ranges()
        write("T = tl.load(table)")
        write("step = tl.load(clock) + ahead")
        write("t = tl.where(REVERSE, T - 1 - step, step)")
        write("row = t * B + rm")
        write("enter = row + B if REVERSE else row")
        with write.block("if LENGTHS:"):
            length = self.pointer(Role.LENGTHS, "", "int32")
            write(f"active = t < tl.load({length} + rm, mask=mm, other=0)")
        last = self.phase == self.plan.barriers
        for n in self.plan.loop:
            if self.phase_of[n] == self.phase:
                self._node(n)
        if last:
            self._store_leaves()
            for k, state in enumerate(program.states):
                now = self.argument(Role.NOW, state.name, "float32")
                write(f"s_{k} = {self._load_state(now, state.name)}")
            self._leave()
            # threads that hold the same element twice have read it by then
            write("tl.debug_barrier()")
            for k, state in enumerate(program.states):
                now = self.argument(Role.NOW, state.name, "float32")
                self._store_state(now, state.name, f"s_{k}")
                if state.name in self.state_nodes:
                    self._store_operand(self.state_nodes[state.name], f"s_{k}")
        names = ["table", "clock", *self.arguments, "ahead", "B"]
        names += [f"{c}: tl.constexpr" for c in CONSTEXPRS]
        head = (
            f'\n\n@triton.jit(do_not_specialize=["ahead", "B"])\ndef kernel({", ".join(names)}):\n'
        )
        text = PRELUDE + head + "\n".join([*self.addresses, *write.lines]) + "\n"
        return PhaseSource(text, tuple(self.arguments.values()))

    def pointer(self, role: Role, of: str | int, kind: Element) -> str:
        if (role, of) not in self.table:
            name = f"p{len(self.table)}"
            self.table[role, of] = Argument(name, role, of, kind)
        entry = self.table[role, of]
        place = list(self.table).index((role, of)) + 1  # the first entry is T
        line = f"    {entry.name} = tl.load(table + {place}).to(tl.pointer_type({_TYPES[kind]}))"
        line += f"  # {role} {of}".rstrip()
        if line not in self.addresses:
            self.addresses.append(line)
        return entry.name

    def _node(self, node: int) -> None:
        if node in self.products:
            self._product(node)
        elif node in self.plan.columns:
            self.value(node)
        else:
            self.compute(node)
        if node in self.places:
            self._store(node)
        self._store_operand(node, self.tiled(node))
        readers = [r for r in self.plan.loop if node in self.plan.reads(r)]
        later = any(self.phase_of[r] > self.phase for r in readers)
        if later or (node in self.program.next and self.phase < self.plan.barriers):
            pointer = self.argument(Role.CROSSING_VALUE, node, "float32")
            at = Spot(pointer, "rm", self.units(node), 0).at(self.index(node))
            self.write(f"tl.store({at}, {self.tiled(node)}, mask={self.mask(node)})")

    def _product(self, column: int) -> None:
        """What a library multiplied, and what was computed before the loop."""
        spots = self._before(column)
        for product in self.joint:
            if column in product.offsets:
                pointer = self.argument(Role.PRODUCT, product.name, "float32")
                spots.append(Spot(pointer, "rm", product.width, product.offsets[column]))
        parts = [
            f"tl.load({s.at(self.index(column))}, mask={self.mask(column)}, other=0.0).to(tl.float32)"
            for s in spots
        ]
        for term in self.plan.terms_within(column):
            if self.single(term.operand):
                matrix = self.pointer(Role.MATRIX, term.param, "weights")
                own, count = self.index(column), self.units(column)
                load = f"tl.load({matrix} + {own}, mask={own} < {count}, other=0.0)"
                parts.append(f"{self.value(term.operand)} * {load}[None, :].to(tl.float32)")
        self.define(column, " + ".join(parts))

    def _store_operand(self, node: int, value: str) -> None:
        """A vector for the products that read it, in the type of the matrices."""
        for product in self.joint:
            if node in product.places:
                pointer = self.argument(Role.OPERAND, product.name, "weights")
                at = Spot(pointer, "rm", product.depth, product.places[node]).at(self.index(node))
                element = f"{pointer}.dtype.element_ty"
                self.write(f"tl.store({at}, ({value}).to({element}), mask={self.mask(node)})")

    def leaf(self, node: int) -> str:
        if self._is_state(node):
            pointer = self.argument(Role.NOW, str(self.nodes[node].attr), "float32")
            at, mask, _ = self._state_shape(str(self.nodes[node].attr))
            self.write(f"v{node} = tl.load({pointer} + {at}, mask={mask}, other=0.0)")
            return f"v{node}"
        if node in self.plan.level and not (
            node in self.plan.columns and node in self.plan.inputs_only
        ):
            pointer = self.argument(Role.CROSSING_VALUE, node, "float32")
            # units that are one number are one here as well, so that vectors of any size meet it
            one = uniform(self.program, node)
            index, mask = (
                ("tl.arange(0, 1)", "mm[:, None]") if one else (self.index(node), self.mask(node))
            )
            at = Spot(pointer, "rm", self.units(node), 0).at(index)
            self.write(f"v{node} = tl.load({at}, mask={mask}, other=0.0)")
            return f"v{node}"
        return super().leaf(node)

    def _catch(self, k: int, name: str, gradient: str) -> None:
        pointer = self.pointer(Role.CAUGHT, name, "float32")
        at, mask, _ = self._state_shape(name)
        had = self._load_state(pointer, name)
        self.write(f"tl.store({pointer} + {at}, {had} + {gradient}, mask={mask})")
