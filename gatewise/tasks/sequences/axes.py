"""Arrays in which time is the last axis, [N, C, T] as aeon has them: they are read as [N, T, C], and that is said."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from gatewise.arrays import Floats
from gatewise.errors import InputWarning

# channels for each step from which a sequence may lie the other way; steps at least, if it does
MORE, LEAST = 4, 20
SMOOTH = 0.5  # correlation of neighbours along the axis of time
SAMPLE = 50  # sequences that are looked at


def warn_of_axes(parts: Sequence[Floats], block: bool) -> None:
    """Warn (InputWarning) of sequences of equal lengths that look like [C, T].

    They have one step, or many more channels than steps and channels that are like their neighbours, as steps are.

    Args:
        parts: N arrays [T, C].
        block: whether they came as one array.
    """
    steps, channels = parts[0].shape
    if channels < max(LEAST, MORE * steps) or any(part.shape != parts[0].shape for part in parts):
        return
    if steps > 1 and not _smooth(np.stack(parts[:SAMPLE])):
        return
    n = len(parts)
    what = (
        f"the array [{n}, {steps}, {channels}] is" if block else f"arrays [{steps}, {channels}] are"
    )
    count = "1 step" if steps == 1 else f"{steps} steps"
    turned = "X.swapaxes(1, 2)" if block else "[x.T for x in X]"
    warnings.warn(
        f"{what} read as sequences of {count} with {channels} channels. If time is the last axis, as in aeon ({channels} "
        f"steps), give {turned}",
        InputWarning,
        stacklevel=5,
    )


def _smooth(values: Floats) -> bool:
    """Whether values [n, T, C] are like their neighbours along the last axis, more than along the other."""
    across, along = _likeness(values, 2), _likeness(values, 1)
    return across >= SMOOTH and across > along


def _likeness(values: Floats, axis: int) -> float:
    """The correlation of neighbours along an axis."""
    apart = np.nanmean(np.diff(values, axis=axis) ** 2)
    # levels of the lines along the axis do not count
    variance = np.nanmean(np.nanvar(values, axis=axis))
    return float(1 - apart / (2 * variance)) if variance > 0 else 0.0
