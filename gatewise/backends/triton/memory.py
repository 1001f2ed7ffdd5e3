"""What a loop over time keeps in memory: which arrays there are, and where in them each vector lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatewise.backends.triton.plan import GpuPlan
from gatewise.ir import ONE, Program


@dataclass(frozen=True)
class Location:
    """Where a stored vector lies: units ``offset`` .. of each row of an array [T, B, width].

    An array of values that *enter* steps has T + 1 of them: one leaves the last step.
    """

    array: str
    width: int
    offset: int
    entering: bool = False


def units(program: Program, node: int, sizes: Mapping[str, int]) -> int:
    """The number of units of a node."""
    size = program.nodes[node].size
    return 1 if size == ONE else size.evaluate(sizes)


def places(plan: GpuPlan, sizes: Mapping[str, int]) -> dict[int, Location]:
    """A place for each stored node.

    Vectors that products after the loop read stand side by side, so that those products are few.
    """
    nodes = plan.program.nodes
    laid: dict[int, Location] = {}
    read_after = {a for n in plan.after for a in plan.reads(n)}
    joined = [n for n in plan.stored if n in read_after and nodes[n].op != "state"]
    width, offset = sum(units(plan.program, n, sizes) for n in joined), 0
    for n in joined:
        laid[n] = Location("joined", width, offset)
        offset += units(plan.program, n, sizes)
    for n in plan.stored:
        count = units(plan.program, n, sizes)
        if nodes[n].op == "state":
            laid[n] = Location(f"enter_{nodes[n].attr}", count, 0, entering=True)
        elif n not in laid:
            laid[n] = Location(f"step_{n}", count, 0)
    return laid


def shapes(laid: Mapping[int, Location]) -> dict[str, tuple[int, int]]:
    """Of each array its width, and how many more steps it has than there are."""
    return {p.array: (p.width, int(p.entering)) for p in laid.values()}


def room(plan: GpuPlan, sizes: Mapping[str, int], steps: int, batch: int) -> int:
    """How many values all arrays have together, each up to the next 16 bytes."""
    sizes_of = shapes(places(plan, sizes)).values()
    return sum(aligned((steps + more) * batch * width) for width, more in sizes_of)


def aligned(count: int) -> int:
    """Values up to the next 16 bytes, whatever their type."""
    return (count + 7) // 8 * 8


@dataclass(frozen=True)
class ColumnsOver:
    """The columns that read one operand, side by side: [.., width], and where each begins."""

    operand: int
    width: int
    offsets: Mapping[int, int]


def columns_over(
    plan: GpuPlan, sizes: Mapping[str, int], within: bool, columns: list[int]
) -> list[ColumnsOver]:
    """The products by operand, so that each is one: those of the loop, or those before it."""
    groups: dict[int, dict[int, int]] = {}
    widths: dict[int, int] = {}
    for column in columns:
        terms = plan.terms_within(column) if within else plan.terms_before(column)
        for operand in dict.fromkeys(t.operand for t in terms):
            offsets = groups.setdefault(operand, {})
            offsets[column] = widths.get(operand, 0)
            widths[operand] = offsets[column] + units(plan.program, column, sizes)
    return [ColumnsOver(n, widths[n], offsets) for n, offsets in groups.items()]


@dataclass(frozen=True)
class JointProduct:
    """Operands that the same columns read, side by side: one product [B, depth] x [depth, width]."""

    overs: tuple[ColumnsOver, ...]
    depth: int
    places: Mapping[int, int]  # where each operand begins

    @property
    def name(self) -> int:
        """What it is known by: its first operand."""
        return self.overs[0].operand

    @property
    def width(self) -> int:
        """Units of all columns together."""
        return self.overs[0].width

    @property
    def offsets(self) -> Mapping[int, int]:
        """Where each column begins."""
        return self.overs[0].offsets


def joint_products(plan: GpuPlan, sizes: Mapping[str, int]) -> list[JointProduct]:
    """The products of the loop; operands that are there at the same time and that the same columns read
    are joined. One number is no operand of a product."""
    groups: dict[tuple[object, ...], list[ColumnsOver]] = {}
    for over in columns_over(plan, sizes, True, plan.products):
        if over.operand in plan.exchanged:
            key = (plan.level.get(over.operand, 0), *over.offsets.items())
            groups.setdefault(key, []).append(over)
    joint = []
    for overs in groups.values():
        beginnings, depth = {}, 0
        for over in overs:
            beginnings[over.operand] = depth
            depth += units(plan.program, over.operand, sizes)
        joint.append(JointProduct(tuple(overs), depth, beginnings))
    return joint
