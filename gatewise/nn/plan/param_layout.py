"""How the parameters of a layer are kept: a few stacked tensors, seen as the equations name them.

A stacked tensor holds the members of a family one above the other, so that one matrix product serves
all gates. PyTorch's modules prescribe their stacks; for any other cell each family is a stack, and a
family whose members differ in shape is several.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from gatewise.ir import Param, Program, Size

Sizes = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Member:
    """A parameter of the Program inside a stack. ``view`` is its name for users."""

    param: str
    view: str


@dataclass(frozen=True, slots=True)
class Stack:
    """A tensor that holds its members along its first axis. ``name`` is the stem of its name."""

    name: str
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Layout:
    """Parameters and the stacks that hold them.

    A parameter that is a member of two stacks is the sum of both: PyTorch has two biases where the
    equations have one.
    """

    declared: tuple[Param, ...]
    stacks: tuple[Stack, ...]

    @cached_property
    def _param(self) -> dict[str, Param]:
        return {p.name: p for p in self.declared}

    def shape(self, stack: Stack, sizes: Sizes) -> tuple[int, ...]:
        """The shape of a stacked tensor."""
        shapes = [self._param[m.param].shape(sizes) for m in stack.members]
        return (sum(s[0] for s in shapes), *shapes[0][1:])

    def rows(self, stack: Stack, sizes: Sizes) -> list[int]:
        """How many rows each member of a stack has."""
        return [self._param[m.param].shape(sizes)[0] for m in stack.members]

    def views(self, tensors: Sequence[Tensor], sizes: Sizes) -> dict[str, Tensor]:
        """The stacked tensors by the names of the equations: differentiable views."""
        by_view: dict[str, Tensor] = {}
        for stack, tensor in zip(self.stacks, tensors, strict=True):
            parts = tensor.split(self.rows(stack, sizes))
            by_view.update(zip((m.view for m in stack.members), parts, strict=True))
        return by_view

    def params(self, tensors: Sequence[Tensor], sizes: Sizes) -> dict[str, Tensor]:
        """The Program's parameters, for a backend that takes them one by one."""
        by_name: dict[str, Tensor] = {}
        for stack, tensor in zip(self.stacks, tensors, strict=True):
            parts = tensor.split(self.rows(stack, sizes))
            for member, part in zip(stack.members, parts, strict=True):
                known = by_name.get(member.param)
                by_name[member.param] = part if known is None else known + part
        return by_name


def layout_of(program: Program, prescribed: Sequence[Stack] = ()) -> Layout:
    """The layout of a Program: the given stacks, then one for each family that they leave over.

    Of the given stacks, members that the Program lacks are left out (biases that were taken away).
    """
    known = {p.name for p in program.trainable}
    stacks = []
    for stack in prescribed:
        members = tuple(m for m in stack.members if m.param in known)
        if members:
            stacks.append(Stack(stack.name, members))
    placed = {m.param for s in stacks for m in s.members}
    groups: dict[tuple[str, Size | None, int], list[str]] = {}
    for p in program.trainable:
        if p.name not in placed:
            # members that differ in their columns or blocks cannot stand above each other
            groups.setdefault((p.name.split(".")[0], p.cols, p.blocks), []).append(p.name)
    taken = {s.name for s in stacks}
    for (family, _, _), names in groups.items():
        stem = family
        if stem in taken:
            # torch takes no dots in the names of parameters
            stem = "_".join([family, *(n.partition(".")[2].replace(".", "_") for n in names)])
        while stem in taken:
            stem += "_"
        taken.add(stem)
        stacks.append(Stack(stem, tuple(Member(n, n) for n in names)))
    return Layout(program.trainable, tuple(stacks))


# --- initial values ---------------------------------------------------------------------------------

Fill = Callable[[Tensor, list[float], int], object]  # (tensor, arguments, size of the first state)


def _uniform_hidden(t: Tensor, args: list[float], hidden: int) -> None:
    nn.init.uniform_(t, -1 / math.sqrt(hidden), 1 / math.sqrt(hidden))


def _glorot(t: Tensor, args: list[float], hidden: int) -> None:
    bound = math.sqrt(6 / (t.shape[-1] + (t.shape[-2] if t.dim() > 1 else 1)))
    nn.init.uniform_(t, -bound, bound)


def _orthogonal(t: Tensor, args: list[float], hidden: int) -> None:
    for block in t if t.dim() == 3 else (t,):
        nn.init.orthogonal_(block.unsqueeze(0) if block.dim() == 1 else block, args[0])


def _identity(t: Tensor, args: list[float], hidden: int) -> None:
    for block in t if t.dim() == 3 else (t,):
        nn.init.eye_(block).mul_(args[0])


def _chrono(t: Tensor, args: list[float], hidden: int) -> None:
    nn.init.uniform_(t, 1.0, args[0] - 1.0).log_()


def _log_uniform(t: Tensor, args: list[float], hidden: int) -> None:
    nn.init.uniform_(t, args[0], args[1]).log_()


def _power_law(t: Tensor, args: list[float], hidden: int) -> None:
    """Along the units, which are the first axis, and in each part (head) from the start."""
    first, last, power, parts = args
    units = max(len(t) // int(parts), 1)
    along = (torch.arange(len(t), dtype=torch.float64) % units) / max(units - 1, 1)
    values = first + (last - first) * along.pow(power)
    t.copy_(values.reshape(-1, *[1] * (t.dim() - 1)).expand_as(t))


def _frequencies(t: Tensor, args: list[float], hidden: int) -> None:
    along = torch.arange(len(t), dtype=torch.float64) / len(t)
    t.copy_((args[0] ** (-2 * along)).reshape(-1, *[1] * (t.dim() - 1)).expand_as(t))


_FILL: dict[str, Fill] = {
    "uniform_hidden": _uniform_hidden,
    "constant": lambda t, args, hidden: nn.init.constant_(t, args[0]),
    "uniform": lambda t, args, hidden: nn.init.uniform_(t, args[0], args[1]),
    "normal": lambda t, args, hidden: nn.init.normal_(t, 0.0, args[0]),
    "glorot": _glorot,
    "orthogonal": _orthogonal,
    "identity": _identity,
    "chrono": _chrono,
    "log_uniform": _log_uniform,
    "power_law": _power_law,
    "frequencies": _frequencies,
}


@torch.no_grad()
def initialise(program: Program, views: Mapping[str, Tensor], sizes: Sizes) -> None:
    """Fill parameters, given by name, as the cell declares them (``ir.Init``)."""
    hidden = program.states[0].size.evaluate(sizes)
    for param in program.params:
        if param.name in views and param.init.kind != "negative":
            args = [float(a) for a in param.init.args]
            _FILL[param.init.kind](views[param.name], args, hidden)
    for param in program.params:  # now that what they refer to has its value
        if param.name in views and param.init.kind == "negative":
            views[param.name].copy_(-views[str(param.init.args[0])])
