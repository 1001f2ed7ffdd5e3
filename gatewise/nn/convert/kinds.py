"""Which of the networks that others have too a module is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from torch import Tensor
from torch.nn import Parameter

from gatewise import cells
from gatewise.errors import InputError
from gatewise.ir import Program
from gatewise.ir.builder import rebuild
from gatewise.nn.plan.cell_rewrites import ACTIVATIONS, squashed, without_biases
from gatewise.nn.plan.module_plan import ModulePlan


class SequenceModule(Protocol):
    """What a module of whole sequences tells of itself; see ``gatewise.nn.modules.base``."""

    hidden_size: int
    batch_first: bool
    dropout: float
    training: bool

    @property
    def plan(self) -> ModulePlan: ...

    def parameter(self, name: str) -> Tensor: ...

    def equation_parameters(self, layer: int = 0, direction: int = 0) -> dict[str, Tensor]: ...

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]: ...


HARMLESS = ("memory", "record")  # extras that change no result


def check_extras(module: SequenceModule, where: str) -> None:
    """Raises InputError if a module does what ``where`` cannot."""
    lost = [n for n in module.plan.extras.changed if n not in HARMLESS]
    if lost:
        raise InputError(f"{where} has no {', '.join(lost)}: the network would not be the same")


def same(a: Program, b: Program) -> bool:
    """Whether two Programs compute the same by the same nodes; initial values of parameters aside."""
    a, b = rebuild(a), rebuild(b)
    if (a.nodes, a.next) != (b.nodes, b.next):
        return False
    return [(s.name, s.initial) for s in a.states] == [(s.name, s.initial) for s in b.states]


def is_cell(module: SequenceModule, name: str, **options: str) -> bool:
    """Whether a module's cell is that of the catalogue, with or without biases."""
    known = cells.get(name)
    if options:
        known = known(**options)
    return any(same(module.plan.plain, c.program) for c in (known, without_biases(known)))


def activations_of(module: SequenceModule, name: str) -> tuple[str, str] | None:
    """The functions in place of tanh and sigmoid if a module's cell is that of the catalogue but for
    them; else None."""
    known = cells.get(name)
    pairs = [("tanh", "sigmoid"), *((a, g) for a in ACTIVATIONS for g in ACTIVATIONS)]
    for bare in (known, without_biases(known)):
        for activation, gate in pairs:
            if same(module.plan.plain, squashed(bare, activation, gate).program):
                return activation, gate
    return None
