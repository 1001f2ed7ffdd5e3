"""Which phase computes a node, and which phases read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatewise.backends.llvm.plan.shapes import Shapes
from gatewise.backends.schedule import Schedule
from gatewise.ir import Node
from gatewise.ir.matrices import MAKES

LEAVES = ("input", "state", "param", "const", "size")


@dataclass(frozen=True)
class PhaseNodes:
    """The nodes of a phase, but for its products."""

    moves: tuple[int, ...]
    pointwise: tuple[int, ...]
    sums: tuple[int, ...]


@dataclass(frozen=True)
class Flow:
    """The way of values through the phases of a step.

    ``ready`` says from which phase on a node can be read, 0 being before all products. ``readers`` has
    the phases that read it. ``whole`` are the nodes that somebody reads other than unit by unit.
    """

    phases: tuple[PhaseNodes, ...]
    ready: Mapping[int, int]
    readers: Mapping[int, frozenset[int]]
    whole: frozenset[int]

    @property
    def pointwise(self) -> frozenset[int]:
        """What loops over units compute."""
        return frozenset(n for phase in self.phases for n in phase.pointwise)

    def read_later(self, node: int, phase: int) -> bool:
        """Whether a phase after this one reads a node."""
        return any(reader > phase for reader in self.readers.get(node, ()))


def trace(schedule: Schedule, shapes: Shapes) -> Flow:
    """Follow all values of a step."""
    nodes = shapes.program.nodes
    phases = _phases(schedule, shapes)
    ready: dict[int, int] = {}
    readers: dict[int, set[int]] = {}
    whole: set[int] = set()
    for here, phase in enumerate(phases):
        products = schedule.phases[here - 1].products if 0 < here <= len(schedule.phases) else ()
        ready |= {column.node: here for product in products for column in product.columns}
        ready |= dict.fromkeys((*phase.moves, *phase.pointwise), here)
        ready |= dict.fromkeys(phase.sums, here + 1)
        by_vector = [n for product in products for n in product.operands]
        by_vector += [a for n in phase.moves for a in nodes[n].args]
        by_unit = [a for n in (*phase.pointwise, *phase.sums) for a in nodes[n].args]
        by_entry = [n for n in (*phase.pointwise, *phase.sums) if isinstance(shapes.loop(n), tuple)]
        repeats = {a for n in by_entry for a in (n, *nodes[n].args) if nodes[a].op in MAKES}
        spread = [a for n in sorted(repeats) for a in nodes[n].args]
        whole.update((*by_vector, *(n for n in spread if not shapes.scalar[n])))
        for n in (*by_vector, *by_unit):
            readers.setdefault(n, set()).add(here)
        # loops over entries come after those over units, which may overwrite a state
        for n in (
            *spread,
            *(a for k in by_entry for a in nodes[k].args if _flat(nodes[a], shapes)),
        ):
            readers.setdefault(n, set()).add(here + 1)
    ready |= {n: 0 for n, node in enumerate(nodes) if node.op in LEAVES}
    frozen = {n: frozenset(of) for n, of in readers.items()}
    return Flow(phases, ready, frozen, frozenset(whole))


def _flat(node: Node, shapes: Shapes) -> bool:
    """Whether it is a state whose new value no loop over entries computes."""
    states = [s.name for s in shapes.program.states]
    return node.op == "state" and not isinstance(
        shapes.loop(shapes.program.next[states.index(str(node.attr))]), tuple
    )


def _phases(schedule: Schedule, shapes: Shapes) -> tuple[PhaseNodes, ...]:
    """The phases of a schedule between two more.

    The first one takes what leaves need before any product. The last one uses what a last sum gives.
    Runs of units are summed first thing in the phase after theirs, from the whole vector.
    """
    phases = [PhaseNodes((), (), ())]
    runs: tuple[int, ...] = ()
    for phase in schedule.phases:
        sums = tuple(n for n in phase.sums if not shapes.sums_runs(n))
        phases.append(PhaseNodes((*reversed(runs), *phase.moves), tuple(phase.pointwise), sums))
        runs = tuple(n for n in phase.sums if shapes.sums_runs(n))
    return *phases, PhaseNodes(tuple(reversed(runs)), (), ())
