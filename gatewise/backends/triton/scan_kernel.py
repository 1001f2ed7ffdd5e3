"""One kernel for a whole sequence whose states are linear: many steps at a time, joined by a scan.

The way *apart* for few rows and units, which would leave most of a GPU idle: a program owns one row of the
batch and some units. Its tiles are [steps, units] where those of other kernels are [rows, units]; everything
else is written by the same code.
"""

from __future__ import annotations

from collections.abc import Mapping

from gatewise.backends.triton.arguments import Role
from gatewise.backends.triton.kernel_source import KernelSource, kernel_source
from gatewise.backends.triton.linear import LinearStep
from gatewise.backends.triton.plan import GpuPlan
from gatewise.backends.triton.step_kernel import StepKernel
from gatewise.backends.triton.text import PRELUDE
from gatewise.backends.triton.values import Tile

FOLLOW = """

@triton.jit
def _follow(factor, rest, next_factor, next_rest):
    return factor * next_factor, next_factor * rest + next_rest
"""


def scan_kernel(
    plan: GpuPlan,
    linear: LinearStep,
    sizes: Mapping[str, int],
    tile: Tile,
    *,
    backward: bool,
    output: bool,
) -> KernelSource:
    """Write the kernel; ``plan`` is of ``linear.program``, ``tile.rows`` are steps. Other arguments as for
    ``loop_kernel``."""
    return _ScanKernel(plan, linear, sizes, tile, backward, output).source()


class _ScanKernel(StepKernel):
    def __init__(
        self,
        plan: GpuPlan,
        linear: LinearStep,
        sizes: Mapping[str, int],
        tile: Tile,
        backward: bool,
        output: bool,
    ) -> None:
        super().__init__(plan, sizes, tile, backward, output)
        self.linear = linear

    def source(self) -> KernelSource:
        write, count = self.write, self.tile.rows
        write("pid = tl.program_id(0)")
        write(f"own = (pid // {self.tile.programs}).to(tl.int64)")
        write(f"pn = pid % {self.tile.programs}")
        write(f"inside = tl.arange(0, {count})")
        for k, state in enumerate(self.program.states):
            start = self.argument(Role.START, state.name, "float32")
            write(f"s_{k} = {self._of_row(start, state.name, load=True)}")
            if self.backward:
                write(f"caught_{k} = s_{k} * 0.0")
        with write.block("if LENGTHS:"):
            write(f"length = tl.load({self.argument(Role.LENGTHS, '', 'int32')} + own)")
        with write.block(f"for chunk in range(0, tl.cdiv(T, {count})):"):
            self._chunk()
        for k, state in enumerate(self.program.states):
            last = self.argument(Role.LAST, state.name, "float32")
            self._of_row(last, state.name, f"s_{k}")
            if self.backward:
                with write.block("if CROSSING:"):
                    caught = self.argument(Role.CAUGHT, state.name, "float32")
                    self._of_row(caught, state.name, f"caught_{k}")
        return kernel_source(PRELUDE + FOLLOW, self.arguments, write.lines)

    def _of_row(self, pointer: str, name: str, value: str = "", load: bool = False) -> str:
        """A state of the program's row, [1, W]: loaded, or stored."""
        units = self.program.state(name).size.evaluate(self.sizes)
        width = self._state_shape(name)[2]
        first = f"pn * {width} + " if width > 1 and self.tile.programs > 1 else ""
        index = f"({first}tl.arange(0, {width}))[None, :]"
        at = f"{pointer} + own * {units} + {index}"
        if load:
            return f"tl.load({at}, mask={index} < {units}, other=0.0)"
        self.write(f"tl.store({at}, {value}, mask={index} < {units})")
        return ""

    def _chunk(self) -> None:
        """Some steps at a time."""
        write = self.write
        write(f"step = chunk * {self.tile.rows} + inside")
        write("mm = step < T")
        write("t = tl.where(REVERSE, T - 1 - step, step).to(tl.int64)")
        write("row = t * B + own")
        write("enter = row + B if REVERSE else row")
        write("rm = own + 0 * step")
        self.write_all_ranges()
        with write.block("if LENGTHS:"):
            write("active = t < length")
        with write.block("if CROSSING:"):
            crossing = self.pointer(Role.CROSSING, "", "int8")
            write(f"crosses = tl.load({crossing} + row, mask=mm, other=0)[:, None] != 0")
        done: set[int] = set()
        for k in self.linear.order:
            name = self.program.states[k].name
            parts = self._needed(self.linear.factors[k], self.linear.rests[k])
            self._nodes([n for n in self.plan.loop if n in parts - done])
            done |= parts
            self._scan(k, name)
            self.known |= {
                n: f"entered_{k}"
                for n, node in enumerate(self.nodes)
                if self._is_state(n) and node.attr == name
            }
        self._store_leaves()
        self._nodes([n for n in self.plan.loop if n not in done])
        self._leave()

    def _needed(self, *roots: int) -> set[int]:
        """What the parts of a state are made of: it depends on states that are done, if on any."""
        needed, stack = set(), list(roots)
        while stack:
            n = stack.pop()
            if n not in needed:
                needed.add(n)
                before = n in self.plan.columns and n in self.plan.inputs_only
                stack.extend(() if before else self.plan.reads(n))
        return needed

    def _nodes(self, nodes: list[int]) -> None:
        for n in nodes:
            if n in self.plan.columns:
                self.value(n)
            else:
                self.compute(n)
            if n in self.places:
                self._store(n)

    def _scan(self, k: int, name: str) -> None:
        """State number k before each step, and after the last one."""
        write, last = self.write, self.tile.rows - 1
        width = self._state_shape(name)[2]
        full = f"tl.zeros([{self.tile.rows}, {width}], tl.float32)"
        write(f"a = {self.value(self.linear.factors[k])} + {full}")
        write(f"b = {self.value(self.linear.rests[k])} + {full}")
        with write.block("if CROSSING:"):
            fresh = "0.0"
            if not self.backward:
                fresh = self._load_state(self.pointer(Role.RESTART, name, "float32"), name)
            write("a = tl.where(crosses, 0.0, a)")
            write(f"b = tl.where(crosses, {fresh}, b)")
        with write.block("if LENGTHS:"):
            write("a = tl.where(active[:, None], a, 1.0)")
            write("b = tl.where(active[:, None], b, 0.0)")
        write("a = tl.where(mm[:, None], a, 1.0)")
        write("b = tl.where(mm[:, None], b, 0.0)")
        write("a, b = tl.associative_scan((a, b), 0, _follow)")
        write(f"after = a * s_{k} + b")
        # each step reads what the one before it left
        scratch = self.argument(Role.CHUNK, name, "float32")
        units = self.program.state(name).size.evaluate(self.sizes)
        first = f"pn * {width} + " if width > 1 and self.tile.programs > 1 else ""
        index = f"({first}tl.arange(0, {width}))[None, :]"
        at = f"{scratch} + (own * {self.tile.rows} + inside[:, None]) * {units} + {index}"
        write("tl.debug_barrier()")
        write(f"tl.store({at}, after, mask={index} < {units})")
        write("tl.debug_barrier()")
        mask = f"(inside > 0)[:, None] & ({index} < {units})"
        write(f"entered_{k} = tl.load({at} - {units}, mask={mask}, other=0.0)")
        write(f"entered_{k} = tl.where((inside == 0)[:, None], s_{k}, entered_{k})")
        write(f"s_{k} = tl.sum(tl.where((inside == {last})[:, None], after, 0.0), axis=0)[None, :]")

    def _leave(self) -> None:
        """What a step leaves, beside its states."""
        write = self.write
        for k, (state, n) in enumerate(zip(self.program.states, self.program.next, strict=True)):
            if state.name in self.state_nodes:
                place = self.places[self.state_nodes[state.name]]
                pointer = self.pointer(Role.ARRAY, place.array, "weights")
                at, mask, _ = self._state_shape(state.name, "enter")
                value = f"entered_{k}.to({pointer}.dtype.element_ty)"
                write(f"tl.store({pointer} + {at}, {value}, mask={mask})")
            if self.backward:
                with write.block("if CROSSING:"):
                    self._catch(k, state.name, f"tl.where(crosses, {self.tiled(n)}, 0.0)")
        if self.output:
            name = self.program.states[0].name
            pointer = self.pointer(Role.OUTPUT, "", "weights")
            at, mask, width = self._state_shape(name, "row")
            value = f"{self.tiled(self.program.next[0])} + tl.zeros([{self.tile.rows}, {width}], tl.float32)"
            self._store_at(f"{pointer} + {at}", pointer, value, mask)

    def _catch(self, k: int, name: str, gradient: str) -> None:
        mask = self._state_shape(name)[1]
        self.write(f"caught_{k} += tl.sum(tl.where({mask}, {gradient}, 0.0), axis=0)[None, :]")
