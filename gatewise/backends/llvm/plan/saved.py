"""Saved arrays that several quantities share, or that hold bits: outer products and masks."""

from __future__ import annotations

from collections.abc import Sequence

from gatewise.backends.llvm.plan.kernel_spec import KernelSpec
from gatewise.backends.llvm.plan.parts import ArraySlot, Outer, OuterProducts, odd
from gatewise.backends.llvm.plan.shapes import Shapes, side_by_side
from gatewise.backends.schedule import Schedule


def plan_outers(schedule: Schedule, spec: KernelSpec) -> OuterProducts:
    """Group outer products: left vectors that meet the same right ones make one product."""
    nodes = spec.program.nodes
    rights_of: dict[int, list[int]] = {}
    for n in schedule.outers:
        left, right = nodes[n].args
        rights = rights_of.setdefault(left, [])
        if right not in rights:
            rights.append(right)
    groups: dict[tuple[int, ...], list[int]] = {}
    for left, rights in rights_of.items():
        groups.setdefault(tuple(sorted(rights)), []).append(left)
    # left vectors lie together, so one that is saved already is copied
    operands = {left: f"outer.{left}" for left in rights_of}
    for n in (n for rights in groups for n in rights):
        at_every_step = spec.reads_saved - set(spec.segments)
        saved = nodes[n].op == "input" and str(nodes[n].attr) in at_every_step
        operands.setdefault(n, f"saved.{nodes[n].attr}" if saved else f"outer.{n}")
    return OuterProducts(
        tuple(Outer(tuple(lefts), rights) for rights, lefts in groups.items()), operands
    )


def share_arrays(spec: KernelSpec, shapes: Shapes, outers: OuterProducts) -> dict[str, ArraySlot]:
    """The places of saved quantities that have no array of vectors of their own."""
    places: dict[str, ArraySlot] = {}
    for group in outers.groups:
        places |= _one_array(group.lefts, shapes)
    return places | _bits(spec, shapes)


def _one_array(lefts: Sequence[int], shapes: Shapes) -> dict[str, ArraySlot]:
    """One array for the left vectors of a group: they meet the right ones in one product."""
    lanes = shapes.t.lanes
    blocks = {n: shapes.blocks(n) for n in lefts}
    width = odd(sum(blocks.values())) * lanes
    offsets, _ = side_by_side(blocks, 0, lanes)
    return {f"outer.{n}": ArraySlot(f"outer.{lefts[0]}", at, width) for n, at in offsets.items()}


def _bits(spec: KernelSpec, shapes: Shapes) -> dict[str, ArraySlot]:
    """Masks are saved as bits: 16 for each vector."""
    t = shapes.t
    nodes = dict(spec.writes_saved)
    nodes |= {str(n.attr): k for k, n in enumerate(spec.program.nodes) if n.op == "input"}
    places = {}
    for name in spec.masks & nodes.keys():
        values = -(-2 * shapes.blocks(nodes[name]) // t.bytes)
        array = f"saved.{name}"
        places[array] = ArraySlot(array, 0, odd(t.blocks(values)) * t.lanes, bits=True)
    return places
