"""The size of what each op gives, from its operands and its attribute.

Each rule raises ProgramError for operands that do not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gatewise.errors import ProgramError
from gatewise.ir.axes import Axes
from gatewise.ir.node import Attr, Node
from gatewise.ir.size import ONE, Size

Shape = tuple[Size, Size | None]


def elementwise(args: Sequence[Node], attr: Attr) -> Shape:
    size = ONE
    for a in args:
        if a.size == size or a.size == ONE:
            continue
        if size != ONE:
            sizes = sorted({str(a.size) for a in args if a.size != ONE})
            raise ProgramError("elementwise operands of sizes " + " and ".join(sizes))
        size = a.size
    return size, None


def scalar(args: Sequence[Node], attr: Attr) -> Shape:
    return ONE, None


def matvec(args: Sequence[Node], attr: Attr) -> Shape:
    if args[0].cols is None or args[0].cols != args[1].size:
        raise ProgramError(f"a matrix with columns {args[0].cols} times a vector of {args[1].size}")
    return args[0].size, None


def matvec_t(args: Sequence[Node], attr: Attr) -> Shape:
    if args[0].cols is None or args[0].size != args[1].size:
        raise ProgramError(f"a matrix with rows {args[0].size}, transposed, times {args[1].size}")
    return args[0].cols, None


def outer(args: Sequence[Node], attr: Attr) -> Shape:
    return args[0].size, args[1].size


def _countable(size: Size) -> bool:
    """Whether it can be a number of units: a plain number is whole and at least one."""
    return bool(size.names) or (size.const >= 1 and size.const.denominator == 1)


def runs(args: Sequence[Node], attr: Attr) -> Shape:
    """Runs of so many units, or so many runs of a part of the units: H/4 makes four of H."""
    run, size = Size.of(attr), args[0].size  # type: ignore[arg-type]
    count = size.over(run)
    if count is None or not _countable(run) or not _countable(count):
        raise ProgramError(f"runs of {run} in a vector of {size}")
    return count, None


def repeat(args: Sequence[Node], attr: Attr) -> Shape:
    times, size = Size.of(attr), args[0].size  # type: ignore[arg-type]
    if not _countable(times):
        raise ProgramError(f"repeat of a vector of {size} by {times}")
    return size * times, None


def cumulated(args: Sequence[Node], attr: Attr) -> Shape:
    if args[0].size == ONE:
        raise ProgramError("a single number has no units to add up one after the other")
    return args[0].size, None


def concat(args: Sequence[Node], attr: Attr) -> Shape:
    total = Size()
    for a in args:
        total += a.size
    return total, None


def _axes(args: Sequence[Node], attr: Attr, of: Callable[[Axes], Size]) -> Axes:
    """The axes that an op has for its attribute, if its operand fits them."""
    if not isinstance(attr, Axes):
        raise ProgramError("the axes of the matrix are missing")
    if args[0].cols is not None or args[0].size != of(attr):
        raise ProgramError(f"a vector of {args[0].size} with a matrix of [{attr}]")
    return attr


def row_repeat(args: Sequence[Node], attr: Attr) -> Shape:
    return _axes(args, attr, lambda axes: axes.rows).entries, None


def column_repeat(args: Sequence[Node], attr: Attr) -> Shape:
    return _axes(args, attr, lambda axes: axes.cols).entries, None


def row_sum(args: Sequence[Node], attr: Attr) -> Shape:
    return _axes(args, attr, lambda axes: axes.entries).rows, None


def column_sum(args: Sequence[Node], attr: Attr) -> Shape:
    return _axes(args, attr, lambda axes: axes.entries).cols, None


def given(args: Sequence[Node], attr: Attr) -> Shape:
    raise ProgramError("the size of this op is given, not derived")
