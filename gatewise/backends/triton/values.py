"""The values of nodes in a kernel: where each comes from, and what computes it, as text.

A value is a tile [BM, W] in float32: so many rows of the batch, and units up to the next power of two; or
[BM, 1] for one number a row. ``LoopKernel`` and ``PhaseKernel`` say where vectors lie that others computed.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from gatewise.backends.triton.arguments import Argument, Element, Role
from gatewise.backends.triton.memory import units
from gatewise.backends.triton.plan import GpuPlan, is_gather, is_whole_sum, uniform
from gatewise.backends.triton.text import EXPRESSIONS, Writer, number, power_of_two
from gatewise.errors import BackendError
from gatewise.ir import ONE, REVERSE, Axes, Node, Size


@dataclass(frozen=True)
class Spot:
    """Where a kernel reads a vector of which it has not computed all units: a pointer, the row that it
    adds (empty: the same for all rows), the width of such a row, and where the vector begins in it."""

    pointer: str
    row: str
    width: int
    offset: int

    def at(self, index: str, axes: int = 2) -> str:
        """The addresses of some units; ``index`` has axes [W] or, of three axes, [W, K]."""
        before = "[:, None]" if axes == 2 else "[:, None, None]"
        parts = [self.pointer]
        if self.row:
            times = f" * {self.width}" if self.width != 1 else ""
            parts.append(f"{self.row}{before}{times}")
        parts += [str(self.offset)] * (self.offset > 0)
        return " + ".join(
            [*parts, f"({index})[None, :]" if axes == 2 else f"({index})[None, :, :]"]
        )


@dataclass(frozen=True)
class Tile:
    """How one program cuts its work.

    ``rows`` of the batch; ``programs``: how many share the units of a row, 1 if one has them all;
    ``least``: units below which no tile goes (a matrix product wants 16); ``chunk``: units of an operand that a
    product reads at once.
    """

    rows: int
    programs: int = 1
    least: int = 1
    chunk: int = 512

    def width(self, count: int) -> int:
        """The units of a vector of so many that one program computes, with padding."""
        return max(self.least, power_of_two(-(-count // self.programs)))


class Values(ABC):
    """Writes what computes nodes; a kernel extends it by where things lie."""

    # how exchanged values are read: past the first cache, where other processors wrote them
    cache = ""

    def __init__(self, plan: GpuPlan, sizes: Mapping[str, int], tile: Tile) -> None:
        self.plan, self.sizes, self.tile = plan, sizes, tile
        self.program, self.nodes = plan.program, plan.program.nodes
        self.write = Writer()
        self.arguments: dict[str, Argument] = {}
        self.known: dict[int, str] = {}
        self._ranges: set[int] = set()

    # --- what a kernel says about itself

    @abstractmethod
    def spot(self, node: int) -> list[Spot]:
        """Where a vector lies that is read as a whole; its units are the sum of what lies there."""

    @abstractmethod
    def leaf(self, node: int) -> str:
        """The value of a node that this kernel does not compute."""

    # --- names

    def argument(self, role: Role, of: str | int, kind: Element) -> str:
        """An argument by what it stands for."""
        wanted = (role, of)
        for known in self.arguments.values():
            if (known.role, known.of) == wanted:
                return known.name
        name = _identifier(f"{role}_{of}" if of != "" else role)
        while name in self.arguments:
            name += "_"
        self.arguments[name] = Argument(name, role, of, kind)
        return name

    def units(self, node: int) -> int:
        """The number of units of a node."""
        return units(self.program, node, self.sizes)

    def single(self, node: int) -> bool:
        """Whether a node is one number a row."""
        return self.nodes[node].size == ONE

    def range(self, count: int) -> str:
        """The units of a vector of so many that this program computes: an index [W]. Its mask is the
        same name with m for r."""
        if count not in self._ranges:
            raise AssertionError(f"no range for {count} units")
        return f"r{count}"

    def write_ranges(self, counts: list[int]) -> None:
        """The indices of units, for vectors of so many."""
        for count in sorted(set(counts)):
            width = self.tile.width(count)
            first = f"pn * {width} + " if self.tile.programs > 1 else ""
            self.write(f"r{count} = {first}tl.arange(0, {width})")
            self.write(f"m{count} = mm[:, None] & (r{count} < {count})[None, :]")
            self._ranges.add(count)

    def value(self, node: int) -> str:
        """The value of a node."""
        if node not in self.known:
            self.known[node] = self._literal(node) or self.leaf(node)
        return self.known[node]

    def tiled(self, node: int) -> str:
        """The value of a node, in all units of its tile."""
        value = self.value(node)
        if not (value == self._literal(node) or uniform(self.program, node)):
            return value
        width = 1 if self.single(node) else self.tile.width(self.units(node))
        return f"({value} + tl.zeros([{self.tile.rows}, {width}], tl.float32))"

    def mask(self, node: int) -> str:
        """Which elements of a node's tile there are."""
        return "mm[:, None]" if self.single(node) else f"m{self.units(node)}"

    def index(self, node: int) -> str:
        """The units of a node that this program computes."""
        return "tl.arange(0, 1)" if self.single(node) else self.range(self.units(node))

    def _literal(self, node: int) -> str:
        n = self.nodes[node]
        if n.op == "const":
            return number(float(n.attr))  # type: ignore[arg-type]
        if n.op == "size":
            return number(float(Size.of(n.attr).evaluate(self.sizes)))  # type: ignore[arg-type]
        return ""

    # --- what computes a node

    def read(self, node: int, index: str | None = None, mask: str | None = None) -> str:
        """Units of a vector from where it lies, in float32."""
        index = self.index(node) if index is None else index
        mask = self.mask(node) if mask is None else mask
        loads = [
            f"tl.load({spot.at(index)}, mask={mask}, other=0.0{self.cache}).to(tl.float32)"
            for spot in self.spot(node)
        ]
        return " + ".join(loads)

    def compute(self, node: int) -> None:
        """Write what computes a node that is no column."""
        n = self.nodes[node]
        if is_whole_sum(self.program, node):
            text = self.whole_sum(node)
        elif is_gather(self.program, node):
            text = self._gather(node)
        elif n.op == "repeat":
            text = self.value(n.args[0])
        elif n.op in EXPRESSIONS:
            text = EXPRESSIONS[n.op].format(*(self.value(a) for a in n.args))
        else:
            raise BackendError(f"the backend triton has no op {n.op!r}")
        self.define(node, text)

    def define(self, node: int, text: str) -> None:
        """Give a node its value."""
        self.write(f"v{node} = {text}")
        self.known[node] = f"v{node}"

    def whole_sum(self, node: int) -> str:
        """All units of a vector as one number: their sum or the largest."""
        (of,) = self.nodes[node].args
        return reduced(self.nodes[node].op, self.tiled(of), self.mask(of), 1)

    def _gather(self, node: int) -> str:
        """A node that reads its operands by index."""
        n, own = self.nodes[node], self.index(node)
        of = n.args[0]
        if n.op == "concat":
            return self._concat(node)
        if uniform(self.program, of) and n.op in ("slice", "repeat", "row_repeat", "column_repeat"):
            return self.value(of)
        if n.op == "slice":
            return self.read(of, f"{_number_of(n, self.sizes)} + {own}", self.mask(node))
        if n.op == "repeat":
            return self.read(of, f"{own} // {_number_of(n, self.sizes)}", self.mask(node))
        if n.op == "row_repeat":
            _, cols, blocks = _axes_of(n, self.sizes)
            return self.read(of, f"{own} // {cols // blocks}", self.mask(node))
        if n.op == "column_repeat":
            rows, cols, blocks = _axes_of(n, self.sizes)
            within, block = cols // blocks, (rows // blocks) * (cols // blocks)
            return self.read(of, f"{own} // {block} * {within} + {own} % {within}", self.mask(node))
        if n.op == "cumsum":
            if self.tile.programs > 1:
                raise BackendError("a cumsum needs all units in one program")
            turned = n.attr == REVERSE
            return f"tl.cumsum({masked(self._all(of), self.mask(of))}, axis=1, reverse={turned})"
        return self._runs(node, of)

    def _all(self, node: int) -> str:
        return self.tiled(node) if uniform(self.program, node) else self.read(node)

    def _concat(self, node: int) -> str:
        own, text, offset = self.index(node), "0.0", 0
        for part in self.nodes[node].args:
            count = self.units(part)
            inside = f"(({own} >= {offset}) & ({own} < {offset + count}))[None, :]"
            if uniform(self.program, part):
                value = self.value(part)
            else:
                value = self.read(part, f"{own} - {offset}", f"{self.mask(node)} & {inside}")
            text, offset = f"tl.where({inside}, {value}, {text})", offset + count
        return text

    def _runs(self, node: int, of: int) -> str:
        """One value of each run of units, read as [BM, runs, units of a run]."""
        n, own = self.nodes[node], self.index(node)
        if n.op == "column_sum":
            rows, cols, blocks = _axes_of(n, self.sizes)
            within, run = cols // blocks, rows // blocks
            first = f"({own} // {within} * {within * run} + {own} % {within})"
            step = f" * {within}"
        else:
            if n.op == "row_sum":
                _, cols, blocks = _axes_of(n, self.sizes)
                run = cols // blocks
            else:
                run = _number_of(n, self.sizes)
            first, step = f"({own} * {run})", ""
        units_of_run = f"tl.arange(0, {power_of_two(run)})"
        index = f"{first}[:, None] + {units_of_run}[None, :]{step}"
        mask = f"{self.mask(node)}[:, :, None] & ({units_of_run} < {run})[None, None, :]"
        kind = "amax" if n.op == "amax" else "sum"
        if uniform(self.program, of):
            value = self.value(of)
            return value if kind == "amax" else f"{value} * {run}"
        other = ', other=float("-inf")' if kind == "amax" else ", other=0.0"
        loads = [
            f"tl.load({spot.at(index, 3)}, mask={mask}{other}{self.cache}).to(tl.float32)"
            for spot in self.spot(of)
        ]
        return reduced(kind, " + ".join(loads), "", 2)


def masked(value: str, mask: str, other: str = "0.0") -> str:
    """A value, with something harmless where there is none."""
    return f"tl.where({mask}, {value}, {other})" if mask else value


def reduced(kind: str, value: str, mask: str, axis: int) -> str:
    """A value, its last axis summed or its largest element taken; two axes stay two."""
    keep = ", keep_dims=True" if axis == 1 else ""
    if kind == "amax":
        value = masked(value, mask, 'float("-inf")')
        return f"tl.reduce({value}, {axis}, _larger{keep})"
    return f"tl.sum({masked(value, mask)}, axis={axis}{keep})"


def _number_of(node: Node, sizes: Mapping[str, int]) -> int:
    """The attribute of a node that is a size or a whole number."""
    if isinstance(node.attr, Size):
        return 0 if node.attr == Size() else node.attr.evaluate(sizes)
    assert isinstance(node.attr, int)
    return node.attr


def _axes_of(node: Node, sizes: Mapping[str, int]) -> tuple[int, int, int]:
    """The attribute of a node that takes a matrix apart: rows, columns and blocks."""
    assert isinstance(node.attr, Axes)
    return node.attr.numbers(sizes)


def _identifier(name: str) -> str:
    """A name that Python and Triton take: letters of other alphabets become their numbers."""
    plain = re.sub("[.#]", "_", name)
    return "".join(c if c.isascii() else f"_{ord(c):x}_" for c in plain)
