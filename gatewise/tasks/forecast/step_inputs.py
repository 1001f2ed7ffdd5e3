"""What one step of the network reads, as numbers."""

from __future__ import annotations

import numpy as np

from gatewise.arrays import Floats, Singles
from gatewise.tasks.data.encoding import Encoder

# the network reads scaled values clipped to -LIMIT .. LIMIT
LIMIT = 10.0


def step_inputs(
    x: Floats, numbers: Floats, past: Floats, known: Floats, static: Floats, times: Floats
) -> Singles:
    """One step of the network as numbers [..., width], in the float type that it has.

    Args:
        x: [..., patch] scaled values, NaN where missing.
        numbers: [..., 4] change of the level and of the scale, age, unit; NaN where not known.
        past, known: [..., patch, F].
        static: [..., S].
        times: [..., C] the calendar at the cutoff.
    """
    seen = ~np.isnan(x)
    shape = x.shape[:-1]
    return np.concatenate(
        [
            np.where(seen, x, 0.0).clip(-LIMIT, LIMIT),
            seen,
            np.nan_to_num(numbers).clip(-LIMIT, LIMIT),
            past.reshape(*shape, -1),
            known.reshape(*shape, -1),
            np.broadcast_to(static, (*shape, static.shape[-1])),
            times,
        ],
        axis=-1,
        dtype=np.float32,
        casting="same_kind",
    )


def step_width(patch: int, encoder: Encoder) -> int:
    """How many numbers a step of the network reads."""
    past, known, static, times = encoder.widths
    return 2 * patch + 4 + patch * (past + known) + static + times
