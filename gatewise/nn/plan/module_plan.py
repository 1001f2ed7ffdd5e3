"""The plan of a recurrent module: everything about it that its tensors do not say.

A plan is settled when the module is made and never changes, so copies of a module share it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

from gatewise.compile import THROUGHOUT, program_for
from gatewise.errors import CellError, InputError, SizeError
from gatewise.ir import PRODUCTS, Input, Program, validate_cell
from gatewise.lang.cell import Cell
from gatewise.nn.plan.context import Split, split_of
from gatewise.nn.plan.extras import Extras
from gatewise.nn.plan.lease import hold
from gatewise.nn.plan.param_layout import Layout, Stack, layout_of
from gatewise.nn.plan.registry import register
from gatewise.nn.plan.sizes import bind

DIRECTIONS = ("", "_reverse")  # suffixes of parameter names, as PyTorch has them


# what a plan computes when it is made, in this order
_AT_ONCE = (
    "layout",
    "keys",
    "masks",
    "dropped",
    "layers",
    "widths",
    "input_widths",
    "first",
    "zeros",
    "whole",
    "bare",
    "vanilla",
    "values",
    "random",
)


@dataclass(frozen=True)
class LayerPlan:
    """One layer.

    Attributes:
        sizes: its sizes by name.
        numbers: the same in the order of the Program.
        names: of its stacked parameters, for each direction.
        initial: names of its learned initial states, for each direction; None is not learned.
    """

    sizes: Mapping[str, int]
    numbers: list[int]
    names: tuple[tuple[str, ...], ...]
    initial: tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True, eq=False)
class ModulePlan:
    """Layers of one cell.

    Attributes:
        plain: the Program of the cell as the caller gave it, without the extras.
        extras: the extras of the module.
        input_sizes: the sizes of the inputs that the caller gives.
        hidden_size: the size H.
        num_layers: how many layers there are.
        directions: 1 or 2.
        more: the cell's further sizes.
        prescribed: stacks that the parameters are to be in; the others are stacked by family.
        numbered: names of parameters end in ``_l0``, ``_l1`` and so on.
        weights: the type that matrices are read in, in inference; None is their own.

    Raises:
        ProgramError, CellError, SizeError, InputError: for what does not fit together.
    """

    plain: Program
    extras: Extras
    input_sizes: tuple[int, ...]
    hidden_size: int
    num_layers: int
    directions: int
    more: Mapping[str, int] = field(default_factory=dict)
    prescribed: tuple[Stack, ...] = ()
    numbered: bool = True
    weights: str | None = None

    def __post_init__(self) -> None:
        validate_cell(self.plain)
        if self.inputs[0].per != "step":
            raise CellError(
                f"{self.plain.name}: the first input, {self.inputs[0].name}, is static: layers need "
                "one that comes at every step; put that one first"
            )
        for name in self.extras.recorded:
            self.cell.program.named(name)
        # asked for now: what does not fit is refused when the module is made,
        # and torch.compile cannot trace how these are computed
        for name in _AT_ONCE:
            getattr(self, name)
        for layer in self.layers:
            for key in self.keys:
                self.use(key, layer.numbers)

    @cached_property
    def cell(self) -> Cell:
        """The cell with the extras that belong inside its step."""
        # without the function that made it, a cell is data: it can be copied and saved
        return Cell(self.extras.apply(Cell(self.plain)).program)

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """What the caller gives, in order."""
        return tuple(i for i in self.cell.program.inputs if i.rate is None)

    @cached_property
    def masks(self) -> tuple[Input, ...]:
        """The random masks of a step in training, which are drawn for it."""
        return tuple(i for i in self.cell.program.inputs if i.rate is not None)

    @cached_property
    def layout(self) -> Layout:
        """How the parameters of a layer are stacked."""
        return layout_of(self.cell.program, self.prescribed)

    @cached_property
    def keys(self) -> tuple[str, str]:
        """The registered Program for evaluation and for training."""
        program = self.cell.program
        weights = self.weights or ""
        return (
            register(program_for(program), self.layout, weights),
            register(
                program_for(program, True), self.layout, weights if weights == THROUGHOUT else ""
            ),
        )

    @cached_property
    def dropped(self) -> tuple[tuple[bool, ...], ...]:
        """For each stack, which members ``weight_drop`` acts on; empty without it."""
        return _recurrent(self.cell.program, self.layout) if self.extras.weight_drop else ()

    @cached_property
    def layers(self) -> tuple[LayerPlan, ...]:
        """The layers, from the input on."""
        return tuple(self._layer(k) for k in range(self.num_layers))

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """The size of each state; the first is the output's."""
        return tuple(s.size.evaluate(self.layers[0].sizes) for s in self.cell.program.states)

    @cached_property
    def input_widths(self) -> tuple[int, ...]:
        """The size of each input of the first layer."""
        return tuple(i.size.evaluate(self.layers[0].sizes) for i in self.inputs)

    @cached_property
    def first(self) -> str | None:
        """The name of a parameter, whose type and device are the module's; None if it has none."""
        return next(iter(self.layers[0].names[0]), None)

    @cached_property
    def _from_zeros(self) -> bool:
        """All states start from zeros."""
        zero = all(s.initial == 0 for s in self.cell.program.states)
        return zero and not self.extras.learned_initial_state

    @cached_property
    def zeros(self) -> int:
        """The size of the states if all start from zeros of one size, else 0."""
        return self.widths[0] if self._from_zeros and len(set(self.widths)) == 1 else 0

    @cached_property
    def whole(self) -> bool:
        """Time is not cut into pieces."""
        return self.extras.memory == "all" and not self.extras.detach_every

    @cached_property
    def alone(self) -> bool:
        """In inference nothing is done between and around the layers, once the states are there."""
        extras = self.extras
        joined = extras.residual or extras.highway
        return len(self.inputs) == 1 and not joined and not extras.record

    @cached_property
    def bare(self) -> bool:
        """In inference nothing is done between and around the layers, from zeros on."""
        return self.alone and self._from_zeros

    @cached_property
    def vanilla(self) -> bool:
        """PyTorch's function of the same name, if there is one, computes what a plain call does."""
        return self.bare and not self.extras.changed and self.weights is None

    @cached_property
    def random(self) -> bool:
        """Training draws random numbers (but for dropout between layers)."""
        return bool(self.masks or self.extras.input_dropout or self.extras.weight_drop)

    @cached_property
    def split(self) -> Split | None:
        """How the products of a context are taken apart; None if they cannot be."""
        return split_of(self.cell.program, self.layout)

    @cached_property
    def values(self) -> int:
        """How many values the parameters of all layers have."""
        shapes = [self.layout.shape(s, at.sizes) for at in self.layers for s in self.layout.stacks]
        return self.directions * sum(math.prod(shape) for shape in shapes)

    @cached_property
    def narrow(self) -> ModulePlan:
        """The same plan with matrices read as bfloat16 in inference."""
        return self.reading("bfloat16")

    @cached_property
    def narrow_throughout(self) -> ModulePlan:
        """The same plan with matrices read as bfloat16 in inference and in training."""
        return replace(self, weights=THROUGHOUT)

    def reading(self, weights: str | None) -> ModulePlan:
        """The same plan with matrices read as ``weights`` in inference. Raises InputError."""
        if weights not in (None, "bfloat16"):
            raise InputError(
                f'weights must be None or "bfloat16", not {weights!r}: the type in which the '
                "compiled kernels read matrices in inference"
            )
        return replace(self, weights=weights)

    def use(self, key: str, numbers: Sequence[int]) -> None:
        """Keep the kernels of a layer, once they are made, for as long as the plan lives."""
        hold(self, key, tuple(numbers))

    def __deepcopy__(self, memo: dict[int, object]) -> ModulePlan:
        # copies of a module find each other's prepared calls by their plan
        return self

    def __reduce__(self) -> tuple[type[ModulePlan], tuple[object, ...]]:
        # made again from its inputs: another process has to register the Programs and hold kernels
        return type(self), tuple(getattr(self, f.name) for f in fields(self))

    def _check_states(
        self, k: int, below: int, first: Mapping[str, int], sizes: Mapping[str, int]
    ) -> None:
        """Raise SizeError if a state is as long as the input, and layer ``k`` reads more than the first."""
        for state in self.cell.program.states:
            width, units = state.size.evaluate(first), state.size.evaluate(sizes)
            if units != width:
                raise SizeError(
                    f"the state {state.name} has {state.size} units: {width} in the first layer, {units} in "
                    f"layer {k}, which gets {below} values a step; the states of all layers make one tensor. "
                    f"Choose input_size={below}, or stack modules of one layer each"
                )

    def _layer(self, k: int) -> LayerPlan:
        program = self.cell.program
        sizes = first = bind(program, self.input_sizes, self.hidden_size, self.more)
        if k:
            below = self.directions * program.states[0].size.evaluate(first)
            try:
                sizes = bind(program, (below, *self.input_sizes[1:]), self.hidden_size, self.more)
            except SizeError as error:
                raise SizeError(f"layer {k} gets {below} values a step: {error}") from None
            self._check_states(k, below, first, sizes)
        number = f"_l{k}" if self.numbered else ""
        ends = [f"{number}{suffix}" for suffix in DIRECTIONS[: self.directions]]
        learned = [s.name if math.isfinite(s.initial) else None for s in program.states]
        return LayerPlan(
            sizes,
            [sizes[n] for n in program.sizes],
            tuple(tuple(f"{s.name}{end}" for s in self.layout.stacks) for end in ends),
            tuple(tuple(n and f"initial_{n}{end}" for n in learned) for end in ends),
        )


def _recurrent(program: Program, layout: Layout) -> tuple[tuple[bool, ...], ...]:
    """For each stack, which members are matrices applied to something computed from a state."""
    reads: list[bool] = []
    recurrent = set()
    for node in program.nodes:
        reads.append(node.op == "state" or any(reads[a] for a in node.args))
        if node.op in PRODUCTS and reads[node.args[1]]:
            recurrent.add(str(program.nodes[node.args[0]].attr))
    if not recurrent:
        raise InputError(f"weight_drop: {program.name} has no recurrent matrix to drop entries of")
    return tuple(tuple(m.param in recurrent for m in s.members) for s in layout.stacks)
