"""The whole text of a kernel that goes through all of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gatewise.backends.triton.arguments import Argument

CONSTEXPRS = ("REVERSE", "LENGTHS", "CROSSING", "RAISED", "PRECISION")


@dataclass(frozen=True)
class KernelSource:
    """The text of a kernel and its arguments, tensors first."""

    text: str
    arguments: tuple[Argument, ...]


def kernel_source(
    functions: str, arguments: Mapping[str, Argument], lines: Sequence[str]
) -> KernelSource:
    """A kernel of these arguments and lines, below the functions that it calls."""
    names = [*arguments, "T", "B", *(f"{c}: tl.constexpr" for c in CONSTEXPRS)]
    head = f'\n\n@triton.jit(do_not_specialize=["T", "B"])\ndef kernel({", ".join(names)}):\n'
    return KernelSource(functions + head + "\n".join(lines) + "\n", tuple(arguments.values()))
