"""What is done when: one plan for every way of running a step, read off its schedule.

Three places for the nodes of a step:

- **before** the loop over time, for all steps at once: products that read inputs only, with whatever
  inputs-only nodes they read;
- **in** the loop: everything that the next states need, and what is wanted at every step;
- **after** the loop, for all steps at once: products that no later step reads (``d.x``), outer products
  (the gradients of matrices), and what is made of them.

In the loop a value lives in registers, unit by unit. Where somebody reads a vector as a whole (a product,
a slice, a sum over runs of units), the vector is *exchanged*: written to memory, and read after a barrier.
The *level* of a node is how many barriers of its step come before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gatewise.backends.schedule import Column, Schedule, Term
from gatewise.ir import ONE, OPS, PRODUCTS, REDUCTIONS, Program

Reads = Callable[[int], tuple[int, ...]]

# ops that read their operands by index, not unit by unit
GATHERS = ("slice", "concat", "row_repeat", "column_repeat", "row_sum", "column_sum", "cumsum")


@dataclass(frozen=True)
class GpuPlan:
    """Where and when each node of a step is computed. Nodes are given by their number.

    ``columns``: sums of matrix products, of which ``inside`` are the partial ones. ``stored``: nodes whose
    value at every step is kept in memory ([T, B, n]), the exchanged ones among them. ``inputs_only``:
    nodes that depend on no state.
    """

    program: Program
    columns: Mapping[int, Column]
    inputs_only: frozenset[int]
    before: tuple[int, ...]
    loop: tuple[int, ...]
    after: tuple[int, ...]
    exchanged: frozenset[int]
    stored: tuple[int, ...]
    level: Mapping[int, int]

    @property
    def barriers(self) -> int:
        """Barriers of one step."""
        return max(self.level.values(), default=0)

    def terms_before(self, column: int) -> list[Term]:
        """The terms of a column that read inputs only."""
        return [t for t in self.columns[column].terms if t.operand in self.inputs_only]

    def terms_within(self, column: int) -> list[Term]:
        """The terms of a column that the loop computes."""
        return [t for t in self.columns[column].terms if t.operand not in self.inputs_only]

    @property
    def products(self) -> list[int]:
        """The columns with a term that the loop computes."""
        return [n for n in self.loop if n in self.columns and self.terms_within(n)]

    def reads(self, node: int) -> tuple[int, ...]:
        """The nodes that a node reads."""
        return _reads(self.program, self.columns, node)


def make_plan(
    schedule: Schedule,
    *,
    entering: Iterable[str] = (),
    wanted: Iterable[int] = (),
    shared_sums: bool = False,
    all_within: bool = False,
    also: Iterable[int] = (),
) -> GpuPlan:
    """Plan a step.

    Args:
        schedule: of a legal, fused Program.
        entering: states whose value before every step is to be stored.
        wanted: nodes to store besides what the Program's outputs need.
        shared_sums: units are spread over several programs, so that a sum over all of them is an
            exchange too.
        also: nodes that the loop computes besides.
        all_within: nothing is left for after the loop: a forward step hands on what the loop stored.
    """
    program = schedule.program
    nodes = program.nodes
    columns = {c.node: c for phase in schedule.phases for p in phase.products for c in p.columns}
    inputs_only = frozenset(n for n in schedule.ahead if nodes[n].cols is None)

    def reads(node: int) -> tuple[int, ...]:
        return _reads(program, columns, node)

    results = [o.node for o in program.outputs]
    roots = [*program.next, *also]
    live = _reached(reads, [*roots, *results, *wanted])
    core = live if all_within else _reached(reads, roots)
    after: set[int] = set()
    for n in sorted(live - core):
        late_product = n in columns and n not in inputs_only
        if nodes[n].op == "outer" or late_product or any(a in after for a in reads(n)):
            after.add(n)

    states = {str(nodes[n].attr): n for n in sorted(live) if nodes[n].op == "state"}
    for name in entering:
        if name not in states:
            raise ValueError(f"{program.name} reads no state {name}")
    at_steps = {states[name] for name in entering}
    at_steps |= {n for n in (*results, *wanted) if n not in after}
    for n in sorted(after):
        at_steps |= {a for a in reads(n) if a not in after and a not in inputs_only}

    in_loop = _reached(reads, [*roots, *at_steps], stop=_products_before(columns, inputs_only))
    loop = tuple(n for n in sorted(in_loop) if OPS[nodes[n].op].kind != "leaf")
    whole = {a for n in loop for a in _whole(program, columns, inputs_only, n)}
    exchanged = frozenset(a for a in whole if not _in_memory(program, columns, inputs_only, a))
    level = _levels(program, columns, inputs_only, loop, exchanged, reads, shared_sums)
    stored = tuple(sorted(at_steps | exchanged))
    operands = {t.operand for n in loop if n in columns for t in columns[n].terms}
    operands |= {a for n in after for a in reads(n)}
    before = _reached(reads, [n for n in operands if n in inputs_only])
    computed = tuple(n for n in sorted(before) if OPS[nodes[n].op].kind != "leaf")
    return GpuPlan(
        program,
        columns,
        inputs_only,
        computed,
        loop,
        tuple(sorted(after)),
        exchanged,
        stored,
        level,
    )


def uniform(program: Program, node: int) -> bool:
    """Whether all units of a vector are one number, so that nobody has to exchange it."""
    n = program.nodes[node]
    return n.size == ONE or (n.op == "repeat" and program.nodes[n.args[0]].size == ONE)


def is_gather(program: Program, node: int) -> bool:
    """Whether a node reads its operands by index."""
    n = program.nodes[node]
    if n.op in ("repeat", *REDUCTIONS):
        several = n.size if n.op in REDUCTIONS else program.nodes[n.args[0]].size
        return several != ONE
    return n.op in GATHERS


def is_whole_sum(program: Program, node: int) -> bool:
    """Whether a node is one number of all units: their sum or the largest."""
    n = program.nodes[node]
    return n.op in REDUCTIONS and n.size == ONE and program.nodes[n.args[0]].size != ONE


def _reads(program: Program, columns: Mapping[int, Column], node: int) -> tuple[int, ...]:
    if node in columns:
        return tuple(t.operand for t in columns[node].terms)
    args = program.nodes[node].args
    return args[1:] if program.nodes[node].op in PRODUCTS else args


def _reached(reads: Reads, roots: Iterable[int], stop: frozenset[int] = frozenset()) -> set[int]:
    """The nodes that some depend on, themselves among them; not what those in ``stop`` read."""
    seen: set[int] = set()
    stack = list(roots)
    while stack:
        n = stack.pop()
        if n not in seen:
            seen.add(n)
            if n not in stop:
                stack.extend(reads(n))
    return seen


def _products_before(columns: Mapping[int, Column], inputs_only: frozenset[int]) -> frozenset[int]:
    return frozenset(n for n in columns if n in inputs_only)


def _whole(
    program: Program, columns: Mapping[int, Column], inputs_only: frozenset[int], node: int
) -> list[int]:
    """The operands that a node of the loop reads as a whole. One number has nothing to exchange."""
    if node in columns:
        operands = [t.operand for t in columns[node].terms if t.operand not in inputs_only]
        return [a for a in operands if program.nodes[a].size != ONE]
    if is_gather(program, node):
        return [a for a in program.nodes[node].args if not uniform(program, a)]
    return []


def _in_memory(
    program: Program, columns: Mapping[int, Column], inputs_only: frozenset[int], node: int
) -> bool:
    """Whether a vector lies in memory without having been exchanged."""
    return program.nodes[node].op in ("input", "param") or (node in columns and node in inputs_only)


def _levels(
    program: Program,
    columns: Mapping[int, Column],
    inputs_only: frozenset[int],
    loop: Sequence[int],
    exchanged: frozenset[int],
    reads: Reads,
    shared_sums: bool,
) -> dict[int, int]:
    level: dict[int, int] = {}
    for n in loop:
        whole = set(_whole(program, columns, inputs_only, n))
        if shared_sums and is_whole_sum(program, n):
            whole |= set(program.nodes[n].args)
        before = n in columns and n in inputs_only
        waits = [
            level.get(a, 0) + (a in whole and (a in exchanged or is_whole_sum(program, n)))
            for a in (() if before else reads(n))
        ]
        level[n] = max(waits, default=0)
    return level
