"""The keyword-only extras of all recurrent modules: what they are, which values are legal."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Literal, Required, TypedDict

from gatewise import cells
from gatewise.errors import InputError, nearest
from gatewise.lang.cell import Cell

Memory = Literal["all", "sqrt"] | int


class RecurrentDropoutArguments(TypedDict, total=False):
    """The arguments of ``gw.cells.recurrent_dropout`` besides the cell."""

    rate: Required[float]
    form: Literal["semeniuta", "gal"]
    on: str | Sequence[str] | None
    per: Literal["step", "sequence"] | None


class LayerNormArguments(TypedDict, total=False):
    """The arguments of ``gw.cells.layer_norm`` besides the cell."""

    states: str | Sequence[str] | None
    eps: float


class ExtrasArguments(TypedDict, total=False):
    """The extras as keywords of the constructors; ``Extras`` says what they mean."""

    zoneout: float | Mapping[str, float]
    recurrent_dropout: float | RecurrentDropoutArguments
    input_dropout: float
    weight_drop: float
    layer_norm: bool | LayerNormArguments
    learned_initial_state: bool
    memory: Memory
    residual: bool
    highway: bool
    detach_every: int | None
    record: str | Sequence[str]


@dataclass(frozen=True)
class Extras:
    """What PyTorch's recurrent modules lack. Every field is a keyword of the constructors.

    Attributes:
        zoneout: probability that a unit keeps its last value at a step, for all states or by state
            (``{"h": 0.05, "c": 0.5}``). Krueger et al. 2017.
        recurrent_dropout: probability that what is about to be written to the state is dropped
            (Semeniuta et al. 2016); a mapping gives the arguments of
            ``gw.cells.recurrent_dropout``, such as ``{"rate": 0.2, "form": "gal"}``.
        input_dropout: probability that an input of a layer is dropped for the whole sequence: one
            mask for each sequence and layer, shared by all steps and both directions (Gal &
            Ghahramani 2016).
        weight_drop: probability that an entry of a recurrent matrix (one that is applied to
            anything computed from a state) is zero for a whole call (Merity et al. 2018).
        layer_norm: normalise the matrix products (Ba et al. 2016); a mapping gives the arguments
            of ``gw.cells.layer_norm``.
        learned_initial_state: states start from parameters, also after a reset.
        memory: "all" keeps every step for the backward pass; a number k keeps the states at every
            k-th step and computes the rest again; "sqrt" takes k = sqrt(T).
        residual: add the input of each layer but the first to its output.
        highway: mix them by a learned gate g: g * output + (1 - g) * input (Srivastava et al. 2015).
        detach_every: truncated back-propagation: no gradient crosses the boundary before the steps
            k, 2k, 3k, ...
        record: names to return at every step; a call may name others.
    """

    zoneout: float | Mapping[str, float] = 0.0
    recurrent_dropout: float | RecurrentDropoutArguments = 0.0
    input_dropout: float = 0.0
    weight_drop: float = 0.0
    layer_norm: bool | LayerNormArguments = False
    learned_initial_state: bool = False
    memory: Memory = "all"
    residual: bool = False
    highway: bool = False
    detach_every: int | None = None
    record: str | Sequence[str] = ()

    def __post_init__(self) -> None:
        """Raises InputError for a value out of range or of a wrong type."""
        for name in ("zoneout", "recurrent_dropout", "input_dropout", "weight_drop"):
            value = getattr(self, name)
            if not isinstance(value, Mapping):
                _probability(name, value)
        for name in ("learned_initial_state", "residual", "highway"):
            if not isinstance(getattr(self, name), bool):
                raise InputError(f"{name} must be True or False, not {getattr(self, name)!r}")
        if self.residual and self.highway:
            raise InputError("residual and highway both join layers: take one of them")
        if self.memory not in ("all", "sqrt"):
            _count("memory", self.memory, ' or "all" or "sqrt"')
        if self.detach_every is not None:
            _count("detach_every", self.detach_every, " or None")
        object.__setattr__(self, "record", names_of(self.record))

    @staticmethod
    def of(keywords: ExtrasArguments, known: Iterable[str], where: str) -> Extras:
        """The extras that a constructor was given.

        Raises TypeError, with the nearest of its ``known`` arguments, for a keyword that is none.
        """
        names = [f.name for f in fields(Extras)]
        for name in keywords:
            if name not in names:
                raise TypeError(
                    f"{where} has no argument {name!r}.{nearest(name, [*known, *names])}"
                )
        return Extras(**keywords)

    def apply(self, cell: Cell) -> Cell:
        """The cell with what belongs inside its step. Raises CellError where that cannot be."""
        norm, drop, zone = self.layer_norm, self.recurrent_dropout, self.zoneout
        if norm:
            cell = cells.layer_norm(cell, **(norm if isinstance(norm, Mapping) else {}))
        if drop:
            arguments: RecurrentDropoutArguments
            arguments = drop if isinstance(drop, Mapping) else {"rate": drop}
            cell = cells.recurrent_dropout(cell, **arguments)
        if zone and isinstance(zone, Mapping):
            cell = cells.zoneout(cell, **zone)
        elif zone:
            cell = cells.zoneout(cell, zone)
        return cell

    @cached_property
    def changed(self) -> tuple[str, ...]:
        """The names of the extras that are in use."""
        plain = Extras()
        return tuple(
            f.name for f in fields(self) if getattr(self, f.name) != getattr(plain, f.name)
        )

    @cached_property
    def recorded(self) -> tuple[str, ...]:
        """The names in ``record``."""
        return names_of(self.record)

    def chunk(self, steps: int) -> int:
        """How many steps the backward pass computes again at once; 0 for none."""
        if self.memory == "all":
            return 0
        return max(1, math.isqrt(steps)) if self.memory == "sqrt" else int(self.memory)


def names_of(record: object) -> tuple[str, ...]:
    """One name or several as a tuple. Raises InputError for anything else."""
    if isinstance(record, str):
        return (record,)
    if not isinstance(record, Sequence) or not all(isinstance(n, str) for n in record):
        raise InputError(f"record takes names such as ('i', 'f'), not {record!r}")
    return tuple(record)


def _probability(name: str, value: object) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value < 1:  # type: ignore[operator]
        raise InputError(f"{name} must be a probability of at least 0 and below 1, not {value!r}")


def _count(name: str, value: object, also: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(f"{name} must be a number of steps of at least 1{also}, not {value!r}")
