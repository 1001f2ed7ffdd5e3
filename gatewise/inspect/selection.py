"""Find where chosen units are active, and which units are active in a span: what LSTMVis does.

Strobelt, Gehrmann, Pfister & Rush (2018), LSTMVis, IEEE Transactions on Visualization and Computer Graphics 24(1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.inspect.choices import whole_numbers


@dataclass(frozen=True)
class Span:
    """Steps ``start`` .. ``stop - 1`` of a sequence; ``strength`` is the mean of the chosen units there."""

    sequence: int
    start: int
    stop: int
    strength: float


def select(
    values: Array, units: Sequence[int], *, above: float = 0.5, shortest: int = 1
) -> list[Span]:
    """Spans in which all chosen units are at ``above`` or more, the longest first.

    Args:
        values: [T, B, H] a recorded quantity, as ``gates`` gives it.
        units: numbers of units.
        above: from which value on a unit counts as active.
        shortest: steps of a span, at least.

    Raises:
        InputError: for values of another shape or units that are not there.
    """
    chosen = _units(values, units)
    active = np.asarray((values[:, :, chosen] >= above).all(-1))
    spans = []
    for row in range(values.shape[1]):
        edges = np.flatnonzero(
            np.diff(np.concatenate([[False], active[:, row], [False]]).astype(int))
        )
        for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            if stop - start >= shortest:
                mean = float(values[start:stop, row][:, chosen].mean())
                spans.append(Span(row, start, stop, mean))
    return sorted(spans, key=lambda s: (s.start - s.stop, -s.strength, s.sequence, s.start))


def active_units(
    values: Array, sequence: int, start: int, stop: int, *, above: float = 0.5, only: bool = True
) -> list[int]:
    """Units that are at ``above`` or more in all steps of a span; with ``only``, not just before and after it.

    Raises InputError for a span that is not there.
    """
    T, B, H = _checked(values).shape
    if not (0 <= sequence < B and 0 <= start < stop <= T):
        raise InputError(
            f"there is no span {start} .. {stop} of sequence {sequence}: {B} sequences of {T} steps"
        )
    active = values[:, sequence] >= above
    inside = active[start:stop].all(0)
    if only:
        inside &= ~active[start - 1] if start else np.ones(H, bool)
        inside &= ~active[stop] if stop < T else np.ones(H, bool)
    return [int(u) for u in np.flatnonzero(inside)]


def _checked(values: Array) -> Array:
    if not isinstance(values, np.ndarray) or values.ndim != 3:
        raise InputError("values must be an array [T, B, H], one of those that gates gives")
    return values


def _units(values: Array, units: Sequence[int]) -> list[int]:
    return list(whole_numbers("units", units, 0, _checked(values).shape[2] - 1))
