"""What all kernels of a step share: where vectors lie in memory, how they are stored, and how states are
left for the next step."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

from gatewise.backends.triton.arguments import Element, Role
from gatewise.backends.triton.memory import Location, columns_over, places
from gatewise.backends.triton.plan import GpuPlan
from gatewise.backends.triton.values import Spot, Tile, Values
from gatewise.ir import ONE


class StepKernel(Values):
    """Text of a kernel for a step. ``backward``: its states are gradients, which are caught where a
    sequence restarts. ``output``: the first state after every step is a result of its own."""

    def __init__(
        self, plan: GpuPlan, sizes: Mapping[str, int], tile: Tile, backward: bool, output: bool
    ) -> None:
        super().__init__(plan, sizes, tile)
        self.backward, self.output = backward, output
        self.places: dict[int, Location] = places(plan, sizes)
        self.before = columns_over(plan, sizes, False, [n for n in plan.loop if n in plan.columns])
        self.state_nodes = {str(self.nodes[n].attr): n for n in plan.stored if self._is_state(n)}

    def pointer(self, role: Role, of: str | int, kind: Element) -> str:
        """A pointer to something by what it stands for: an argument."""
        return self.argument(role, of, kind)

    def _is_state(self, node: int) -> bool:
        return self.nodes[node].op == "state"

    def write_all_ranges(self) -> None:
        """The indices of units of all sizes that may be needed."""
        leaves = ("state", "param", "input")
        sized = [n for n, node in enumerate(self.nodes) if node.op in leaves and node.cols is None]
        counts = [
            self.units(n)
            for n in (*self.plan.loop, *self.plan.stored, *sized)
            if not self.single(n)
        ]
        states = [s.size for s in self.program.states if s.size != ONE]
        self.write_ranges([*counts, *(size.evaluate(self.sizes) for size in states)])

    def _state_shape(self, name: str, row: str = "rm") -> tuple[str, str, int]:
        """Address within [B, n], or within [T, B, n] where ``row`` counts steps and rows, mask and tile width
        of a state."""
        size = self.program.state(name).size
        if size == ONE:
            return f"{row}[:, None]", "mm[:, None]", 1
        count = size.evaluate(self.sizes)
        return f"{row}[:, None] * {count} + r{count}[None, :]", f"m{count}", self.tile.width(count)

    def _load_state(self, pointer: str, name: str) -> str:
        at, mask, _ = self._state_shape(name)
        return f"tl.load({pointer} + {at}, mask={mask}, other=0.0).to(tl.float32)"

    def _store_state(self, pointer: str, name: str, value: str) -> None:
        at, mask, _ = self._state_shape(name)
        self.write(f"tl.store({pointer} + {at}, {value}, mask={mask})")

    # --- memory

    def leaf(self, node: int) -> str:
        n = self.nodes[node]
        name = f"v{node}"
        if n.op == "param":
            pointer = self.pointer(Role.VECTOR, str(n.attr), "weights")
            if self.single(node):
                self.write(f"{name} = tl.load({pointer}).to(tl.float32)")
            else:
                count = self.units(node)
                r = self.range(count)
                load = f"tl.load({pointer} + {r}, mask={r} < {count}, other=0.0)"
                self.write(f"{name} = {load}[None, :].to(tl.float32)")
        else:
            self.write(f"{name} = {self.read(node)}")
        return name

    def spot(self, node: int) -> list[Spot]:
        n = self.nodes[node]
        count = self.units(node)
        if n.op == "input":
            static = self.program.input(str(n.attr)).per == "sequence"
            pointer = self.pointer(Role.INPUT, str(n.attr), "weights")
            return [Spot(pointer, "rm" if static else "row", count, 0)]
        if n.op == "param":
            return [Spot(self.pointer(Role.VECTOR, str(n.attr), "weights"), "", count, 0)]
        if node in self.plan.columns and node in self.plan.inputs_only:
            return self._before(node)
        place = self.places[node]
        pointer = self.pointer(Role.ARRAY, place.array, "weights")
        return [Spot(pointer, "enter" if place.entering else "row", place.width, place.offset)]

    def _before(self, column: int) -> list[Spot]:
        """Where the part of a column lies that was computed before the loop."""
        return [
            Spot(
                self.pointer(Role.BEFORE, over.operand, "weights"),
                {"step": "row", "sequence": "rm", "constant": ""}[reach(self.plan, over.operand)],
                over.width,
                over.offsets[column],
            )
            for over in self.before
            if column in over.offsets
        ]

    def _store(self, node: int) -> None:
        place = self.places[node]
        pointer = self.pointer(Role.ARRAY, place.array, "weights")
        at = Spot(pointer, "row", place.width, place.offset).at(self.index(node))
        self._store_at(at, pointer, self.tiled(node), self.mask(node))

    def _store_leaves(self) -> None:
        """Store the leaves that are results. States that enter are stored by the step before."""
        for n in self.plan.stored:
            if n not in self.plan.level and not self._is_state(n):
                self._store(n)

    def _store_at(self, at: str, pointer: str, value: str, mask: str) -> None:
        self.write(f"z = {value}")
        with self.write.block("if LENGTHS:"):
            self.write("z = tl.where(active[:, None], z, 0.0)")
        self.write(f"tl.store({at}, z.to({pointer}.dtype.element_ty), mask={mask})")

    @abstractmethod
    def _catch(self, k: int, name: str, gradient: str) -> None:
        """Add to the gradient of a restart state, number k."""

    def _leave(self) -> None:
        """The states after the step: rows that do not visit it keep theirs; where a sequence restarts
        they are replaced, or their gradients are caught."""
        write = self.write
        following = []
        for k, (state, n) in enumerate(zip(self.program.states, self.program.next, strict=True)):
            value = self.tiled(n)
            width = self._state_shape(state.name)[2]
            if self.single(n) and width > 1:
                value = f"{value} + tl.zeros([{self.tile.rows}, {width}], tl.float32)"
            following.append((k, state.name, value))
        for k, _, value in following:
            write(f"n_{k} = {value}")
        if self.output:
            name = self.program.states[0].name
            pointer = self.pointer(Role.OUTPUT, "", "weights")
            at, mask, _ = self._state_shape(name, "row")
            self._store_at(f"{pointer} + {at}", pointer, "n_0", mask)
        with write.block("if LENGTHS:"):
            for k, _, _ in following:
                write(f"n_{k} = tl.where(active[:, None], n_{k}, s_{k})")
        with write.block("if CROSSING:"):
            crossing = self.pointer(Role.CROSSING, "", "int8")
            write(f"crosses = tl.load({crossing} + row, mask=mm, other=0)[:, None] != 0")
            for k, name, _ in following:
                if self.backward:
                    self._catch(k, name, f"tl.where(crosses, n_{k}, 0.0)")
                    write(f"n_{k} = tl.where(crosses, 0.0, n_{k})")
                else:
                    restart = self.pointer(Role.RESTART, name, "float32")
                    write(f"n_{k} = tl.where(crosses, {self._load_state(restart, name)}, n_{k})")
        for k, name, _ in following:
            write(f"s_{k} = n_{k}")
            if name in self.state_nodes:
                place = self.places[self.state_nodes[name]]
                pointer = self.pointer(Role.ARRAY, place.array, "weights")
                at, mask, _ = self._state_shape(name, "(enter - B if REVERSE else enter + B)")
                write(
                    f"tl.store({pointer} + {at}, s_{k}.to({pointer}.dtype.element_ty), mask={mask})"
                )


def reach(plan: GpuPlan, node: int) -> str:
    """How a node that reads inputs only varies: with the "step", the "sequence", or not ("constant")."""
    nodes, program = plan.program.nodes, plan.program
    varies, stack = "constant", [node]
    while stack:
        n = stack.pop()
        if nodes[n].op == "input":
            if program.input(str(nodes[n].attr)).per == "step":
                return "step"
            varies = "sequence"
        stack.extend(plan.reads(n))
    return varies
