"""The records that make up a Program: frozen, hashable, comparable by value.

A Program is one time step of a recurrent cell in static single assignment form: ``nodes`` is a list
in which every node reads only earlier ones. Vectors have one value per unit; whatever stands for the
batch is left to those who run the Program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from operator import index
from typing import Literal, TypeVar

from gatewise.errors import ProgramError, SizeError, nearest
from gatewise.ir.axes import Axes
from gatewise.ir.size import ONE, Size

Attr = None | str | int | float | Size | Axes

# what a cumsum is marked with that begins at the last unit
REVERSE = "reverse"
_MOST = 2**28  # values of a parameter: a hostile file must not fill the memory


@dataclass(frozen=True, slots=True)
class Node:
    """One operation. ``size`` counts the units of a vector or the rows of a matrix.

    ``cols`` is set for matrices only. ``attr`` depends on the op: the name of a leaf, the value of a
    constant, the offset of a slice, the run length of ``sum`` and ``repeat``, the blocks of ``outer``, the
    axes of what makes a matrix of a vector or sums one.
    """

    op: str
    args: tuple[int, ...] = ()
    size: Size = ONE
    cols: Size | None = None
    attr: Attr = None


@dataclass(frozen=True, slots=True)
class Input:
    """Something given from outside at each step, or once for a sequence.

    ``rate`` marks a random mask: ones with that probability, zeros otherwise.
    """

    name: str
    size: Size
    per: Literal["step", "sequence"] = "step"
    rate: float | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Something carried from step to step, with the value it starts from.

    ``axes`` are set for a matrix, whose entries are ``size`` values.
    """

    name: str
    size: Size
    initial: float = 0.0
    axes: Axes | None = None


@dataclass(frozen=True, slots=True)
class Init:
    """How a parameter starts: a kind from ``INITS`` and its numbers or the name it refers to."""

    kind: str = "uniform_hidden"
    args: tuple[float | str, ...] = ()


# kind -> (number of arguments, meaning). fan = columns of a matrix; H = size of the first state.
INITS: dict[str, tuple[int, str]] = {
    "uniform_hidden": (0, "uniform in +-1/sqrt(H), PyTorch's default"),
    "constant": (1, "one value"),
    "uniform": (2, "uniform between two values"),
    "normal": (1, "normal with this standard deviation"),
    "glorot": (0, "uniform in +-sqrt(6/(rows + columns)), Glorot & Bengio 2010"),
    "orthogonal": (1, "orthogonal rows or columns times a gain, Saxe et al. 2014"),
    "identity": (1, "ones on the diagonal of a matrix times a gain, Le et al. 2015"),
    "chrono": (1, "log(uniform(1, longest - 1)), Tallec & Ollivier 2018"),
    "log_uniform": (2, "log(uniform between two values above 0)"),
    "power_law": (
        4,
        "first + (last - first) (k/(n-1))^power along the units, in each of so many equal parts",
    ),
    "frequencies": (1, "base^(-2k/n) along the n units: angles from 1 down to base^-2"),
    "negative": (1, "the negative of another parameter"),
}


@dataclass(frozen=True, slots=True)
class Param:
    """A matrix (``cols`` set) or vector. A block-diagonal matrix keeps only its ``blocks``.

    ``values`` makes it a constant, which is not trained: its numbers row by row, as ``ir/constants.py``
    packs them.
    """

    name: str
    rows: Size
    cols: Size | None = None
    blocks: int = 1
    init: Init = field(default_factory=Init)
    values: bytes | None = field(default=None, repr=False)

    def shape(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """Shape of its array: [rows], [rows, cols] or [blocks, rows/blocks, cols/blocks]."""
        if self.cols is None:
            return (self.rows.evaluate(sizes),)
        if self.blocks == 1:
            return (self.rows.evaluate(sizes), self.cols.evaluate(sizes))
        rows, cols = (
            (self.rows / self.blocks).evaluate(sizes),
            (self.cols / self.blocks).evaluate(sizes),
        )
        return (self.blocks, rows, cols)


@dataclass(frozen=True, slots=True)
class Output:
    """A result beside the states: at each ``step``, summed over time for each ``row`` of the batch,
    or summed over time and ``batch``."""

    name: str
    node: int
    over: Literal["step", "row", "batch"] = "step"


@dataclass(frozen=True, slots=True)
class Program:
    """One time step of a cell, or of its derivative.

    ``next`` holds the node that each state becomes. ``names`` keeps the names of the equations: they
    can be recorded at every step. ``sizes`` are the free sizes, in the order in which they are given.
    """

    name: str
    nodes: tuple[Node, ...]
    inputs: tuple[Input, ...]
    states: tuple[State, ...]
    params: tuple[Param, ...]
    next: tuple[int, ...]
    outputs: tuple[Output, ...] = ()
    names: tuple[tuple[str, int], ...] = ()
    sizes: tuple[str, ...] = ()
    doc: str = ""

    @property
    def trainable(self) -> tuple[Param, ...]:
        """The parameters that are trained: all but constants."""
        return tuple(p for p in self.params if p.values is None)

    def state(self, name: str) -> State:
        """The state of that name. Raises ProgramError."""
        return _find(self.states, name, f"state of {self.name}")

    def param(self, name: str) -> Param:
        """The parameter of that name. Raises ProgramError."""
        return _find(self.params, name, f"parameter of {self.name}")

    def input(self, name: str) -> Input:
        """The input of that name. Raises ProgramError."""
        return _find(self.inputs, name, f"input of {self.name}")

    def named(self, name: str) -> int:
        """The node of a recordable name. Raises ProgramError with the nearest name."""
        for known, node in self.names:
            if known == name:
                return node
        known_names = [n for n, _ in self.names]
        raise ProgramError(
            f"{name!r} is not a quantity of {self.name}.{nearest(name, known_names)} "
            f"It has: {', '.join(known_names)}"
        )

    def bind(self, /, **sizes: int) -> dict[str, int]:
        """Check named sizes against ``self.sizes`` and return them.

        Raises SizeError for a size that is missing, unknown, below one or that does not divide.
        """
        for name, value in sizes.items():
            if name not in self.sizes:
                raise SizeError(
                    f"{self.name} has no size {name!r}. Its sizes: {', '.join(self.sizes)}"
                )
            if isinstance(value, bool) or not hasattr(value, "__index__") or value < 1:
                raise SizeError(f"size {name} must be a whole number of at least 1, not {value!r}")
        missing = [n for n in self.sizes if n not in sizes]
        if missing:
            raise SizeError(f"{self.name} needs the sizes {', '.join(missing)} as well")
        sizes = {name: index(value) for name, value in sizes.items()}  # NumPy's integers too
        for size in (*(i.size for i in self.inputs), *(s.size for s in self.states)):
            size.evaluate(sizes)
        for param in self.params:
            count = prod(param.shape(sizes))
            if count > _MOST:
                raise SizeError(
                    f"the parameter {param.name} has {count:,} values, more than {_MOST:,}"
                )
        for node in self.nodes:
            _check_node(node, self.nodes, sizes)
        return sizes

    def parameter_count(self, /, **sizes: int) -> int:
        """Number of trainable values for given sizes, such as ``I=4, H=8``. Raises SizeError."""
        bound, total = self.bind(**sizes), 0
        for param in self.trainable:
            count = 1
            for n in param.shape(bound):
                count *= n
            total += count
        return total


def _check_node(node: Node, nodes: tuple[Node, ...], sizes: Mapping[str, int]) -> None:
    """Raises SizeError where a node's size is not a whole number or a slice leaves its vector."""
    units = node.size.evaluate(sizes)
    if isinstance(node.attr, Axes):
        node.attr.numbers(sizes)
    if node.op == "outer" and node.cols is not None:
        blocks = node.attr if isinstance(node.attr, int) else 1
        (node.size / blocks).evaluate(sizes)
        (node.cols / blocks).evaluate(sizes)
    elif node.op in ("sum", "amax", "repeat") and isinstance(node.attr, Size):
        node.attr.evaluate(sizes)
    elif node.op == "slice" and isinstance(node.attr, Size):
        start = node.attr.evaluate(sizes) if node.attr != Size() else 0
        if start + units > nodes[node.args[0]].size.evaluate(sizes):
            raise SizeError(
                f"units {start} to {start + units} of a vector of {nodes[node.args[0]].size}: "
                "it has fewer"
            )


_Item = TypeVar("_Item", Input, State, Param)


def _find(items: tuple[_Item, ...], name: str, what: str) -> _Item:
    for item in items:
        if item.name == name:
            return item
    known = [item.name for item in items]
    raise ProgramError(
        f"no {what} is called {name!r}.{nearest(name, known)} Known: {', '.join(known)}"
    )
