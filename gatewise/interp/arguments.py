"""What a run is given: a Program, arrays by name, and what the sequences are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.interp.step import Arrays
from gatewise.ir import Param, Program, validate
from gatewise.ir.builder import spread
from gatewise.ir.constants import numbers


@dataclass(frozen=True)
class Sequences:
    """The arguments that say what a sequence is; ``ir/sequence.py`` says what they mean.

    ``steps`` T and ``batch`` B; ``lengths`` [B] of whole numbers in 0..T; ``reset`` [T, B] of truth
    values.
    """

    steps: int
    batch: int
    lengths: Array | None = None
    reset: Array | None = None
    reverse: bool = False

    def __post_init__(self) -> None:
        """Raises InputError for lengths or resets of a wrong shape, type or range."""
        if self.lengths is not None:
            lengths = np.asarray(self.lengths)
            if lengths.shape != (self.batch,) or not np.issubdtype(lengths.dtype, np.integer):
                raise InputError(f"lengths must be {self.batch} whole numbers, not {lengths!r}")
            if len(lengths) and (lengths.min() < 0 or lengths.max() > self.steps):
                raise InputError(f"lengths must lie in 0..{self.steps}: {lengths.tolist()}")
        if self.reset is not None:
            reset = np.asarray(self.reset)
            if reset.shape != (self.steps, self.batch) or reset.dtype != np.bool_:
                raise InputError(
                    f"reset must be truth values of shape {(self.steps, self.batch)}, not "
                    f"{reset.dtype} of shape {reset.shape}"
                )

    def active(self, t: int) -> Array | None:
        """Rows that visit step t."""
        if self.lengths is None:
            return None
        return np.flatnonzero(np.asarray(self.lengths) > t)

    def crossing(self, t: int, rows: Array | None) -> Array:
        """Which of those rows have a boundary before t; one in the padding is none."""
        mask = np.asarray(self.reset)[t]
        if self.lengths is not None:
            mask = mask & (np.asarray(self.lengths) > t)
        return np.asarray(mask if rows is None else mask[rows])


def initial_states(
    program: Program, batch: int, sizes: Mapping[str, int], dtype: Any
) -> list[Array]:
    """The declared initial states, [B, size] each."""
    return [np.full((batch, s.size.evaluate(sizes)), s.initial, dtype) for s in program.states]


def states_as_arrays(
    program: Program, states: Sequence[Array] | None, declared: list[Array], dtype: Any
) -> list[Array]:
    """The states as arrays. Raises InputError for a wrong number of them or a wrong shape."""
    if states is None:
        return declared
    if len(states) != len(declared):
        names = ", ".join(s.name for s in program.states)
        raise InputError(f"{program.name}: {len(states)} states given, it has {names}")
    for state, array, like in zip(program.states, states, declared, strict=True):
        _expect(program, f"the state {state.name!r}", array, like.shape)
    return [np.asarray(s, dtype) for s in states]


@lru_cache(maxsize=256)
def legal(program: Program) -> Program:
    """The Program, checked, each state of its full size."""
    return spread(validate(program))


def with_constants(program: Program, params: Arrays) -> dict[str, Array]:
    """The parameters, and beside them the constants that the Program has."""
    fixed = {p.name: constant_array(p) for p in program.params if p.values is not None}
    return {**params, **fixed}


@lru_cache(maxsize=256)
def constant_array(param: Param) -> Array:
    """The numbers of a constant in its shape."""
    return np.array(numbers(param)).reshape(param.shape({}))


def check_arrays(
    program: Program, inputs: Arrays, params: Arrays, sizes: Mapping[str, int], seq: Sequences
) -> None:
    """Raises InputError for an array that is missing or has a wrong shape."""
    for item in program.inputs:
        if item.name not in inputs:
            raise InputError(f"{program.name}: the input {item.name!r} is missing")
        lead = (seq.steps, seq.batch) if item.per == "step" else (seq.batch,)
        _expect(
            program,
            f"the input {item.name!r}",
            inputs[item.name],
            (*lead, item.size.evaluate(sizes)),
        )
    for param in program.params:
        if param.name not in params:
            raise InputError(f"{program.name}: the parameter {param.name!r} is missing")
        _expect(program, f"the parameter {param.name!r}", params[param.name], param.shape(sizes))


def _expect(program: Program, what: str, array: Array, shape: tuple[int, ...]) -> None:
    if tuple(np.shape(array)) != shape:
        raise InputError(f"{program.name}: {what} must have shape {shape}, not {np.shape(array)}")
