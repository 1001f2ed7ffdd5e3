"""The sizes of a module: what a caller says of them, checked, and bound to those of its Program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatewise.errors import InputError, SizeError
from gatewise.ir import ONE, Input, Program


def input_sizes(program: Program, input_size: int | Sequence[int]) -> tuple[int, ...]:
    """The size of each input that a caller gives. Raises InputError or SizeError.

    A number is the size of the first input; others may be left out if they are scalars.
    """
    wanted = [i for i in program.inputs if i.rate is None]
    sizes = [input_size] if isinstance(input_size, int) else list(input_size)
    if isinstance(input_size, int):
        sizes += [1 for i in wanted[1:] if i.size == ONE]
    if len(sizes) != len(wanted):
        names = ", ".join(i.name for i in wanted)
        shown = (
            f"the single number {input_size}" if isinstance(input_size, int) else f"{input_size!r}"
        )
        raise InputError(
            f"{program.name} has the inputs {names}: input_size must have {len(wanted)} numbers, not {shown}"
        )
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
    items: list[Input] = [i for i in program.inputs if i.rate is None]
    for item, number in zip(items, inputs, strict=True):
        if str(item.size) in program.sizes:
            sizes.setdefault(str(item.size), number)
    bound = program.bind(**sizes)
    first = program.states[0]
    if letter not in program.sizes and first.size.evaluate(bound) != hidden:
        raise SizeError(
            f"hidden_size is {hidden}, but the equations of {program.name} give {first.name} "
            f"{first.size.evaluate(bound)} units: pass hidden_size={first.size.evaluate(bound)}"
        )
    for item, number in zip(items, inputs, strict=True):
        size = item.size.evaluate(bound)
        if size != number:
            raise SizeError(
                f"{program.name}: the input {item.name} has size {item.size} = {size}, not {number}"
            )
    return bound
