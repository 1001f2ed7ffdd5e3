"""One kernel for a whole sequence: the loop over time is inside, states stay in registers.

Three ways of cutting the work come from one text. *rows*: a program owns some rows of the batch with all
their units, and keeps the matrices on its processor. *grid*: the units of a row are spread over several
programs, which wait for each other where a vector is exchanged. *apart*: the units are spread as well, and
nothing is exchanged, so nobody waits.
"""

from __future__ import annotations

from collections.abc import Mapping

from gatewise.backends.triton.arguments import Role
from gatewise.backends.triton.kernel_source import KernelSource, kernel_source
from gatewise.backends.triton.plan import GpuPlan, is_whole_sum
from gatewise.backends.triton.product_kernel import ProductKernel
from gatewise.backends.triton.text import BARRIER, PRELUDE, power_of_two
from gatewise.backends.triton.values import Tile
from gatewise.ir import OPS


def loop_kernel(
    plan: GpuPlan,
    sizes: Mapping[str, int],
    tile: Tile,
    *,
    backward: bool,
    output: bool,
    patience: int = 1 << 20,
) -> KernelSource:
    """Write the kernel of a step over all time.

    Args:
        plan: with ``shared_sums`` if several programs share a row.
        sizes: numbers for the Program's sizes.
        tile: how a program cuts its work.
        backward: gradients of the states: where a sequence restarts, they are caught.
        output: whether the first state after every step is a result of its own.
        patience: how often a program looks at a barrier before it gives up.
    """
    return _LoopKernel(plan, sizes, tile, backward, output, patience).source()


class _LoopKernel(ProductKernel):
    def __init__(
        self,
        plan: GpuPlan,
        sizes: Mapping[str, int],
        tile: Tile,
        backward: bool,
        output: bool,
        patience: int,
    ) -> None:
        super().__init__(plan, sizes, tile, backward, output)
        self.patience = patience
        self.waits = plan.barriers > 0
        if tile.programs > 1 and self.waits:
            self.cache = ', cache_modifier=".cg"'

    def _catch(self, k: int, name: str, gradient: str) -> None:
        self.write(f"caught_{k} += {gradient}")

    # --- the whole text

    def source(self) -> KernelSource:
        program, write, programs = self.program, self.write, self.tile.programs
        write("pid = tl.program_id(0)")
        if programs > 1:
            write(f"pm = pid // {programs}")
            write(f"pn = pid % {programs}")
        block = "pm" if programs > 1 else "pid"
        write(f"rm = {block}.to(tl.int64) * {self.tile.rows} + tl.arange(0, {self.tile.rows})")
        write("mm = rm < B")
        self.write_all_ranges()
        with write.block("if LENGTHS:"):
            length = self.argument(Role.LENGTHS, "", "int32")
            write(f"length = tl.load({length} + rm, mask=mm, other=0)")
        self._before_the_loop()
        if programs > 1 and self.waits:
            write("epoch = 0")
            write(f"patience = {self.patience}")
        with write.block("for step in range(0, T):"):
            self._step()
        for state in program.states:
            last = self.argument(Role.LAST, state.name, "float32")
            self._store_state(last, state.name, f"s_{self._state(state.name)}")
        if self.backward:
            with write.block("if CROSSING:"):
                for state in program.states:
                    caught = self.argument(Role.CAUGHT, state.name, "float32")
                    self._store_state(caught, state.name, f"caught_{self._state(state.name)}")
        barrier = BARRIER if programs > 1 and self.waits else ""
        return kernel_source(PRELUDE + barrier, self.arguments, write.lines)

    def _state(self, name: str) -> int:
        return [s.name for s in self.program.states].index(name)

    def _before_the_loop(self) -> None:
        """What stays the same over time: parameters, what there is once for a sequence, matrices."""
        for n in sorted(self._read_in_loop()):
            node = self.nodes[n]
            static = node.op == "input" and self.program.input(str(node.attr)).per == "sequence"
            if (node.op == "param" and node.cols is None) or static:
                self.value(n)
        self.load_matrices()
        for k, state in enumerate(self.program.states):
            start = self.argument(Role.START, state.name, "float32")
            self.write(f"s_{k} = {self._load_state(start, state.name)}")
        if self.backward:
            with self.write.block("if CROSSING:"):
                for k, state in enumerate(self.program.states):
                    width = self._state_shape(state.name)[2]
                    self.write(f"caught_{k} = tl.zeros([{self.tile.rows}, {width}], tl.float32)")

    def _read_in_loop(self) -> set[int]:
        """Leaves that are read unit by unit, or whose value is a result."""
        read = {n for n in (*self.plan.stored, *self.program.next)}
        for n in self.plan.loop:
            if n not in self.plan.columns:
                read |= set(self.plan.reads(n))
        return {n for n in read if OPS[self.nodes[n].op].kind == "leaf"}

    # --- one step

    def _step(self) -> None:
        write = self.write
        write("t = tl.where(REVERSE, T - 1 - step, step).to(tl.int64)")
        write("row = t * B + rm")
        write("enter = row + B if REVERSE else row")
        with write.block("if LENGTHS:"):
            write("active = t < length")
        outside = dict(self.known)
        for k, state in enumerate(self.program.states):
            for n in range(len(self.nodes)):
                if self._is_state(n) and self.nodes[n].attr == state.name:
                    self.known[n] = f"s_{k}"
        order = sorted(self.plan.loop, key=lambda n: (self.plan.level[n], n))
        for n in order:
            if n in self.plan.columns:
                self.begin_column(n)
        self._store_leaves()
        totals = [n for n in order if is_whole_sum(self.program, n)]
        for leaf in dict.fromkeys(a for n in totals for a in self.nodes[n].args):
            if leaf not in self.plan.level:
                self._share(leaf)
        for level in range(self.plan.barriers + 1):
            if level:
                self._barrier()
            here = [n for n in order if self.plan.level[n] == level]
            for n in here:
                if n in self.plan.columns and n not in self.known:
                    self.multiply([m for m in here if self.can_begin(m)])
                elif n not in self.plan.columns:
                    self.compute(n)
                if n in self.places:
                    self._store(n)
                self._share(n)
        self._leave()
        self.known = outside

    def _barrier(self) -> None:
        if self.tile.programs == 1:
            self.write("tl.debug_barrier()")
            return
        counter = self.argument(Role.COUNTER, "", "int32")
        failed = self.argument(Role.FAILED, "", "int32")
        self.write("epoch += 1")
        expected = f"epoch * {self.tile.programs}"
        at = f"{counter} + pm * 32"
        self.write(f"patience = _grid_barrier({at}, {failed}, {expected}, patience)")

    def _share(self, node: int) -> None:
        """Hand on this program's part of the sums that others need."""
        if self.tile.programs == 1:
            return
        for n in self.plan.loop:
            if is_whole_sum(self.program, n) and self.nodes[n].args[0] == node:
                self._store_part(n, node)

    def _store_part(self, total: int, of: int) -> None:
        pointer = self.argument(Role.PART, total, "float32")
        own = super().whole_sum(total)
        at = f"row[:, None] * {self.tile.programs} + pn"
        self.write(f"tl.store({pointer} + {at}, {own}, mask=mm[:, None])")

    def whole_sum(self, node: int) -> str:
        if self.tile.programs == 1:
            return super().whole_sum(node)
        kind = self.nodes[node].op
        pointer, width = self.argument(Role.PART, node, "float32"), power_of_two(self.tile.programs)
        programs = f"tl.arange(0, {width})"
        at = f"row[:, None] * {self.tile.programs} + {programs}[None, :]"
        mask = f"mm[:, None] & ({programs} < {self.tile.programs})[None, :]"
        other = 'float("-inf")' if kind == "amax" else "0.0"
        load = f"tl.load({pointer} + {at}, mask={mask}, other={other}{self.cache})"
        if kind == "amax":
            return f"tl.reduce({load}, 1, _larger, keep_dims=True)"
        return f"tl.sum({load}, axis=1, keep_dims=True)"
