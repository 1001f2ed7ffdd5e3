"""The plan of a recurrent module: everything about it that its tensors do not say.

A plan is settled when the module is made and never changes, so copies of a module share it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gatewise.compile import program_for
from gatewise.errors import CellError, InputError, SizeError
from gatewise.ir import ONE, Input, Program, validate_cell
from gatewise.lang.cell import Cell
from gatewise.nn.plan.context import Split, split_of
from gatewise.nn.plan.extras import Extras
from gatewise.nn.plan.lease import Lease, lease
from gatewise.nn.plan.param_layout import Layout, Stack, layout_of
from gatewise.nn.plan.registry import register

DIRECTIONS = ("", "_reverse")  # suffixes of parameter names, as PyTorch has them


@dataclass(frozen=True)
class LayerPlan:
    """One layer: its named sizes, and its parameters' names for each direction."""

    sizes: Mapping[str, int]
    numbers: list[int]  # the sizes in the order of the Program
    names: tuple[tuple[str, ...], ...]
    initial: tuple[tuple[str | None, ...], ...]  # learned initial states; None is not learned


class ModulePlan:
    """Layers of one cell.

    Attributes:
        plain: the Program of the cell as it was given.
        cell: the cell with the extras that belong inside its step.
        layout: how the parameters of a layer are stacked.
        inputs: what the caller gives, in order; random masks are drawn here.
        layers: one plan a layer.
        directions: 1 or 2.
        widths: the size of each state; the first is the output's.
        weights: the type that matrices are read in, in inference; None is their own.
        keys: the registered Program for evaluation and for training.
        masks: the random masks of a step in training.
        dropped: for each stack, which members weight_drop acts on.
        input_widths: the size of each input.
        first: the name of a parameter, whose type and device are the module's; None if it has none.
        whole: time is not cut into pieces.
        bare: in inference nothing is done between and around the layers.
        vanilla: PyTorch's function of the same name, if there is one, computes what a plain call does.
        random: training draws random numbers (but for dropout between layers).
        zeros: the size of the states if all start from zeros of one size, else 0.
    """

    def __init__(
        self,
        cell: Cell,
        extras: Extras,
        input_sizes: Sequence[int],
        hidden_size: int,
        num_layers: int,
        directions: int,
        *,
        more: Mapping[str, int] | None = None,
        stacks: Sequence[Stack] = (),
        numbered: bool = True,
        weights: str | None = None,
    ) -> None:
        """``more`` are further sizes, ``stacks`` prescribed ones; ``numbered``: names end in _l0."""
        self.plain = validate_cell(cell.program)
        self._made_of = (
            self.plain,
            extras,
            tuple(input_sizes),
            hidden_size,
            num_layers,
            directions,
        )
        self._more, self._stacks, self._numbered = dict(more or {}), tuple(stacks), numbered
        self.extras, self.directions = extras, directions
        # without the function that made it, a cell is data: it can be copied and saved
        self.cell = Cell(extras.apply(cell).program)
        program = self.cell.program
        self.inputs = tuple(i for i in program.inputs if i.rate is None)
        self.masks = tuple(i for i in program.inputs if i.rate is not None)
        if self.inputs[0].per != "step":
            raise CellError(f"{cell.name}: the first input, {self.inputs[0].name}, is static: layers "
                            "need one that comes at every step; put that one first")  # fmt: skip
        self.layout = layout_of(program, stacks)
        self.weights = weights
        self.keys = (
            register(program_for(program), self.layout, weights or ""),
            register(program_for(program, True), self.layout),
        )
        for name in extras.record:
            program.named(name)
        self.dropped = _recurrent(program, self.layout) if extras.weight_drop else ()
        self.layers = tuple(self._layer(k, input_sizes, hidden_size) for k in range(num_layers))
        first = self.layers[0].sizes
        self.widths = tuple(s.size.evaluate(first) for s in program.states)
        self.input_widths = tuple(i.size.evaluate(first) for i in self.inputs)
        self.first = next(iter(self.layers[0].names[0]), None)
        zero = all(s.initial == 0 for s in program.states) and not extras.learned_initial_state
        self.zeros = self.widths[0] if zero and len(set(self.widths)) == 1 else 0
        self.whole = extras.memory == "all" and not extras.detach_every
        joined = extras.residual or extras.highway
        self.bare = len(self.inputs) == 1 and zero and not joined and not extras.record
        self.vanilla = self.bare and not extras.changed and weights is None
        self.random = bool(self.masks or extras.input_dropout or extras.weight_drop)
        self._leases: dict[tuple[str, tuple[int, ...]], Lease] = {}
        for at in self.layers:
            for key in self.keys:
                self.use(key, at.numbers)

    def _layer(self, k: int, input_sizes: Sequence[int], hidden: int) -> LayerPlan:
        program = self.cell.program
        sizes = bind(program, input_sizes, hidden, self._more)
        if k:
            below = self.directions * program.states[0].size.evaluate(sizes)
            try:
                sizes = bind(program, (below, *input_sizes[1:]), hidden, self._more)
            except SizeError as error:
                raise SizeError(f"layer {k} gets {below} values a step: {error}") from None
        at = f"_l{k}" if self._numbered else ""
        ends = [f"{at}{suffix}" for suffix in DIRECTIONS[: self.directions]]
        return LayerPlan(
            sizes,
            [sizes[n] for n in program.sizes],
            tuple(tuple(f"{s.name}{end}" for s in self.layout.stacks) for end in ends),
            tuple(
                tuple(
                    f"initial_{s.name}{end}" if math.isfinite(s.initial) else None
                    for s in program.states
                )
                for end in ends
            ),
        )

    def use(self, key: str, numbers: Sequence[int]) -> None:
        """Keep the kernels of a layer, once they are made, for as long as the plan lives."""
        what = key, tuple(numbers)
        if what not in self._leases:
            self._leases[what] = lease(*what)

    @cached_property
    def split(self) -> Split | None:
        """How the products of a context are taken apart; None if they cannot be."""
        return split_of(self.cell.program, self.layout)

    @cached_property
    def values(self) -> int:
        """How many the parameters of all layers have."""
        shapes = [self.layout.shape(s, at.sizes) for at in self.layers for s in self.layout.stacks]
        return self.directions * sum(math.prod(shape) for shape in shapes)

    @cached_property
    def narrow(self) -> ModulePlan:
        """The same plan with matrices read as bfloat16 in inference."""
        return self.reading("bfloat16")

    def __deepcopy__(self, memo: dict[int, Any]) -> ModulePlan:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, self._recipe(self.weights)

    def _recipe(self, weights: str | None) -> tuple[Any, ...]:
        return (*self._made_of, self._more, self._stacks, self._numbered, weights)

    def reading(self, weights: str | None) -> ModulePlan:
        """The same plan with matrices read as ``weights`` in inference. Raises InputError."""
        if weights not in (None, "bfloat16"):
            raise InputError(
                f'weights must be None or "bfloat16", not {weights!r}: the type in which the '
                "compiled kernels read matrices in inference"
            )
        return _again(*self._recipe(weights))


def _again(
    program: Program,
    extras: Extras,
    input_sizes: tuple[int, ...],
    hidden: int,
    layers: int,
    directions: int,
    more: Mapping[str, int],
    stacks: tuple[Stack, ...],
    numbered: bool,
    weights: str | None,
) -> ModulePlan:
    """A plan from what it was made of, registered in this process."""
    return ModulePlan(
        Cell(program), extras, input_sizes, hidden, layers, directions,
        more=more, stacks=stacks, numbered=numbered, weights=weights,
    )  # fmt: skip


def input_sizes(program: Program, given: int | Sequence[int]) -> tuple[int, ...]:
    """The size of each input that a caller gives. Raises InputError or SizeError.

    A number is the size of the first input; others may be left out if they are scalars.
    """
    wanted = [i for i in program.inputs if i.rate is None]
    sizes = [given] if isinstance(given, int) else list(given)
    if isinstance(given, int):
        sizes += [1 for i in wanted[1:] if i.size == ONE]
    if len(sizes) != len(wanted):
        names = ", ".join(i.name for i in wanted)
        raise InputError(f"{program.name} has the inputs {names}: input_size must have "
                         f"{len(wanted)} numbers, not {given!r}")  # fmt: skip
    for item, size in zip(wanted, sizes, strict=True):
        whole("input_size", size, item.name if len(wanted) > 1 else "")
    return tuple(sizes)


def whole(name: str, value: object, of: str = "") -> int:
    """``value`` as a whole number of at least 1. Raises TypeError or ValueError as PyTorch does."""
    what = f"{name} of {of}" if of else name
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{what} should be of type int, got: {type(value).__name__}")
    if value < 1:
        raise SizeError(f"{what} must be greater than zero, not {value}")
    return value


def bind(
    program: Program, inputs: Sequence[int], hidden: int, more: Mapping[str, int]
) -> dict[str, int]:
    """Numbers for the sizes of a Program. Raises SizeError where they do not fit."""
    sizes = dict(more)
    letter = "H" if "H" in program.sizes else str(program.states[0].size)
    if letter in sizes and sizes[letter] != hidden:
        raise SizeError(
            f"hidden_size is {hidden}, but the size {letter} is given as {sizes[letter]}"
        )
    if letter in program.sizes:
        sizes[letter] = hidden
    given: list[Input] = [i for i in program.inputs if i.rate is None]
    for item, number in zip(given, inputs, strict=True):
        if str(item.size) in program.sizes:
            sizes.setdefault(str(item.size), number)
    bound = program.bind(**sizes)
    for item, number in zip(given, inputs, strict=True):
        size = item.size.evaluate(bound)
        if size != number:
            raise SizeError(f"{program.name}: the input {item.name} has size {item.size} = {size}, "
                            f"not {number}")  # fmt: skip
    return bound


def _recurrent(program: Program, layout: Layout) -> tuple[tuple[bool, ...], ...]:
    """For each stack, which members are matrices applied to something computed from a state."""
    reads: list[bool] = []
    found = set()
    for node in program.nodes:
        reads.append(node.op == "state" or any(reads[a] for a in node.args))
        if node.op == "matvec" and reads[node.args[1]]:
            found.add(str(program.nodes[node.args[0]].attr))
    if not found:
        raise InputError(f"weight_drop: {program.name} has no recurrent matrix to drop entries of")
    return tuple(tuple(m.param in found for m in s.members) for s in layout.stacks)
