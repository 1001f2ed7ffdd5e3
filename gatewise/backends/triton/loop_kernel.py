"""One kernel for a whole sequence: the loop over time is inside, states stay in registers.

Three ways of cutting the work come from one text. *rows*: a program owns some rows of the batch with all
their units, and keeps the matrices on its processor. *grid*: the units of a row are spread over several
programs, which wait for each other where a vector is exchanged. *apart*: the units are spread as well, and
nothing is exchanged, so nobody waits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gatewise.backends.schedule import Term
from gatewise.backends.triton.memory import ColumnsOver, columns_over
from gatewise.backends.triton.plan import Plan, is_whole_sum
from gatewise.backends.triton.step_kernel import StepKernel
from gatewise.backends.triton.text import BARRIER, PRELUDE, power_of_two
from gatewise.backends.triton.values import Argument, Spot, Tile
from gatewise.ir import OPS

CONSTEXPRS = ("REVERSE", "LENGTHS", "CROSSING", "RAISED", "PRECISION")


@dataclass(frozen=True)
class KernelSource:
    """The text of a kernel and its arguments, tensors first."""

    text: str
    arguments: tuple[Argument, ...]


def loop_kernel(
    plan: Plan,
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


class _LoopKernel(StepKernel):
    def __init__(
        self,
        plan: Plan,
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

    def pointer(self, role: str, of: str | int, kind: str) -> str:
        return self.argument(role, of, kind)

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
            length = self.argument("lengths", "", "int32")
            write(f"length = tl.load({length} + rm, mask=mm, other=0)")
        self._before_the_loop()
        if programs > 1 and self.waits:
            write("epoch = 0")
            write(f"patience = {self.patience}")
        with write.block("for step in range(0, T):"):
            self._step()
        for state in program.states:
            last = self.argument("last", state.name, "float32")
            self._store_state(last, state.name, f"s_{self._state(state.name)}")
        if self.backward:
            with write.block("if CROSSING:"):
                for state in program.states:
                    caught = self.argument("caught", state.name, "float32")
                    self._store_state(caught, state.name, f"caught_{self._state(state.name)}")
        names = [*self.arguments, "T", "B", *(f"{c}: tl.constexpr" for c in CONSTEXPRS)]
        head = f'\n\n@triton.jit(do_not_specialize=["T", "B"])\ndef kernel({", ".join(names)}):\n'
        barrier = BARRIER if programs > 1 and self.waits else ""
        text = PRELUDE + barrier + head + "\n".join(write.lines) + "\n"
        return KernelSource(text, tuple(self.arguments.values()))

    def _state(self, name: str) -> int:
        return [s.name for s in self.program.states].index(name)

    def _before_the_loop(self) -> None:
        """What stays the same over time: parameters, what there is once for a sequence, matrices."""
        for n in sorted(self._read_in_loop()):
            node = self.nodes[n]
            static = node.op == "input" and self.program.input(str(node.attr)).per == "sequence"
            if (node.op == "param" and node.cols is None) or static:
                self.value(n)
        for column in self.plan.products:
            for j, term in enumerate(self.plan.terms_within(column)):
                for k, (first, count) in enumerate(self._chunks(term)):
                    self.write(f"w{column}_{j}_{k} = {self._matrix(column, term, first, count)}")
                if self.single(term.operand):
                    self.write(f"w{column}_{j} = {self._vector_of(column, term)}")
        for k, state in enumerate(self.program.states):
            start = self.argument("start", state.name, "float32")
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

    # --- matrices

    def _chunks(self, term: Term) -> list[tuple[int, int]]:
        """The operand of a product in powers of two, the largest first: 768 = 512 + 256, if a chunk may have
        so many."""
        if self.single(term.operand):
            return []
        chunks, first, count = [], 0, self.units(term.operand)
        while first < count:
            width = self.tile.chunk
            while width > 16 and width > count - first:
                width //= 2
            chunks.append((first, width))
            first += width
        return chunks

    def _matrix(self, column: int, term: Term, first: int, count: int) -> str:
        """A tile [count, W] of a matrix, as it stands on the right of a product."""
        param = self.program.param(term.param)
        pointer = self.argument("matrix", term.param, "weights")
        own = "tl.arange(0, 16)" if self.single(column) else self.index(column)
        k = f"({first} + tl.arange(0, {count}))"
        out_of, into = self.units(term.operand), self.units(column)
        row, col = (k, own) if term.transposed else (own, k)
        rows, cols = (out_of, into) if term.transposed else (into, out_of)
        row, col = (
            (f"{row}[:, None]", f"{col}[None, :]")
            if term.transposed
            else (f"{row}[None, :]", f"{col}[:, None]")
        )
        inside = f"({k} < {out_of})[:, None] & ({own} < {into})[None, :]"
        at = f"{row} * {cols} + {col}"
        if param.blocks > 1:  # only the blocks on the diagonal are kept
            high, wide = rows // param.blocks, cols // param.blocks
            inside += f" & ({row} // {high} == {col} // {wide})"
            at = f"{row} * {wide} + {col} % {wide}"
        return f"tl.load({pointer} + {at}, mask={inside}, other=0.0)"

    def _vector_of(self, column: int, term: Term) -> str:
        """A matrix that is applied to one number: it has one column, [1, W]."""
        pointer = self.argument("matrix", term.param, "weights")
        own, count = self.index(column), self.units(column)
        if self.single(column):
            own = "tl.arange(0, 16)"
        load = f"tl.load({pointer} + {own}, mask={own} < {count}, other=0.0)"
        return f"{load}[None, :].to(tl.float32)"

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
                self._begin_column(n)
        for n in self.plan.stored:  # leaves that are results
            if n not in self.plan.level and not self._is_state(n):
                self._store(n)
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
                    self._products([m for m in here if self._can_begin(m)])
                elif n not in self.plan.columns:
                    self.compute(n)
                if n in self.places:
                    self._store(n)
                self._share(n)
        self._leave()
        self.known = outside

    def _begin_column(self, node: int) -> None:
        """What was computed before the loop, to which products are added; read early, as no barrier
        concerns it."""
        spots = self._before(node)
        if spots:
            self.write(f"v{node} = {self._read_spots(spots, node)}")
            if self.single(node) and self.plan.terms_within(node):  # as wide as a product is
                self.write(f"v{node} = tl.where(tl.arange(0, 16)[None, :] == 0, v{node}, 0.0)")
        else:
            width = 16 if self.single(node) else self.tile.width(self.units(node))
            self.write(f"v{node} = tl.zeros([{self.tile.rows}, {width}], tl.float32)")
        if not self.plan.terms_within(node):
            self.known[node] = f"v{node}"

    def _read_spots(self, spots: Sequence[Spot], node: int) -> str:
        loads = [
            f"tl.load({s.at(self.index(node))}, mask={self.mask(node)}, other=0.0).to(tl.float32)"
            for s in spots
        ]
        return " + ".join(loads)

    def _can_begin(self, column: int) -> bool:
        """Whether a product of the loop is still to be done and all that it reads is there; numbers are
        not exchanged, so no barrier says so."""
        if column not in self.plan.columns or column in self.known:
            return False
        return all(
            a in self.known
            for a in self.plan.reads(column)
            if self.single(a) and a in self.plan.level
        )

    def _products(self, columns: list[int]) -> None:
        """Columns over the same operand read each of its chunks once."""
        for over in columns_over(self.plan, self.sizes, True, columns):
            if self.single(over.operand):
                for column, j, _ in self._users(over):
                    self.write(f"v{column} += {self.value(over.operand)} * w{column}_{j}")
                continue
            (spot,) = self.spot(over.operand)
            users = self._users(over)
            count = self.units(over.operand)
            for k, (first, width) in enumerate(self._chunks(users[0][2])):
                self.write(f"k = {first} + tl.arange(0, {width})")
                mask = f"mm[:, None] & (k < {count})[None, :]"
                self.write(f"a = tl.load({spot.at('k')}, mask={mask}, other=0.0{self.cache})")
                with self.write.block("if RAISED:"):
                    self.write("a = a.to(tl.float32)")
                for column, j, _ in users:
                    matrix = f"w{column}_{j}_{k}"
                    right = f"({matrix}.to(tl.float32) if RAISED else {matrix})"
                    self.write(
                        f"v{column} = tl.dot(a, {right}, v{column}, input_precision=PRECISION)"
                    )
        for column in columns:
            if self.single(column):  # all of its tile but the first unit is zero
                self.write(f"v{column} = tl.sum(v{column}, axis=1, keep_dims=True)")
            self.known[column] = f"v{column}"

    def _users(self, over: ColumnsOver) -> list[tuple[int, int, Term]]:
        """The columns that read one operand, with the number and the term."""
        return [
            (column, j, term)
            for column in over.offsets
            for j, term in enumerate(self.plan.terms_within(column))
            if term.operand == over.operand
        ]

    def _barrier(self) -> None:
        if self.tile.programs == 1:
            self.write("tl.debug_barrier()")
            return
        counter = self.argument("counter", "", "int32")
        failed = self.argument("failed", "", "int32")
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
        pointer = self.argument("part", total, "float32")
        own = super().whole_sum(total)
        at = f"row[:, None] * {self.tile.programs} + pn"
        self.write(f"tl.store({pointer} + {at}, {own}, mask=mm[:, None])")

    def whole_sum(self, node: int) -> str:
        if self.tile.programs == 1:
            return super().whole_sum(node)
        kind = self.nodes[node].op
        pointer, width = self.argument("part", node, "float32"), power_of_two(self.tile.programs)
        programs = f"tl.arange(0, {width})"
        at = f"row[:, None] * {self.tile.programs} + {programs}[None, :]"
        mask = f"mm[:, None] & ({programs} < {self.tile.programs})[None, :]"
        other = 'float("-inf")' if kind == "amax" else "0.0"
        load = f"tl.load({pointer} + {at}, mask={mask}, other={other}{self.cache})"
        if kind == "amax":
            return f"tl.reduce({load}, 1, _larger, keep_dims=True)"
        return f"tl.sum({load}, axis=1, keep_dims=True)"
