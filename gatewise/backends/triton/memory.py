"""What a loop over time keeps in memory: which arrays there are, and where in them each vector lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatewise.backends.triton.plan import Plan
from gatewise.ir import ONE, Program


@dataclass(frozen=True)
class Place:
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


def places(plan: Plan, sizes: Mapping[str, int]) -> dict[int, Place]:
    """A place for each stored node.

    Vectors that products after the loop read stand side by side, so that those products are few.
    """
    nodes = plan.program.nodes
    laid: dict[int, Place] = {}
    read_after = {a for n in plan.after for a in plan.reads(n)}
    joined = [n for n in plan.stored if n in read_after and nodes[n].op != "state"]
    width, offset = sum(units(plan.program, n, sizes) for n in joined), 0
    for n in joined:
        laid[n] = Place("joined", width, offset)
        offset += units(plan.program, n, sizes)
    for n in plan.stored:
        count = units(plan.program, n, sizes)
        if nodes[n].op == "state":
            laid[n] = Place(f"enter_{nodes[n].attr}", count, 0, entering=True)
        elif n not in laid:
            laid[n] = Place(f"step_{n}", count, 0)
    return laid


@dataclass(frozen=True)
class ColumnsOver:
    """The columns that read one operand, side by side: [.., width], and where each begins."""

    operand: int
    width: int
    offsets: Mapping[int, int]


def columns_over(
    plan: Plan, sizes: Mapping[str, int], within: bool, columns: list[int]
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
