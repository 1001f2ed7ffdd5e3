"""Where the last values say that a forecast may be wrong: after a shift of the level its interval reaches as far.

A level that has just moved may stay, and nothing of the time before says so. A forecast that stays behind is then off by
the whole shift. What would come if the level of the last two values stayed is their distance from the
profile of the season, put on the profile of the steps ahead; where both lie far beyond the forecast of a step, on the
same side, the interval of that step reaches on to there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.tasks.forecast.gather import pieces

if TYPE_CHECKING:
    from gatewise.tasks.forecast.running_stats import OnlineStats

# values that must agree: one alone may be wrong, or a single event
LAST = 2
# usual errors by which they must lie beyond a forecast
FAR = 1.0


def continued(
    flat: Floats, tracks: dict[str, Floats], running: OnlineStats, at: Ints, steps: int
) -> Floats:
    """What would come after cutoffs ``at`` [B] if the level of each of the last values stayed, [B, LAST, steps].

    NaN where values are missing, of older models, and of data with two seasons, whose first has no profile of its own.
    """
    if "profile" not in tracks or len(running.seasons) > 1:
        return np.full((len(at), LAST, steps), np.nan)
    s, ahead = running.season, np.arange(steps)
    ago = np.arange(1, LAST + 1)
    # a season of one step has no profile, and only the last is carried
    profile = np.nan_to_num(pieces(tracks["profile"], at - s, min(s, steps)))
    before = np.nan_to_num(tracks["profile"][at[:, None] - ago]) if s > 1 else 0.0
    level = flat[at[:, None] - ago] - before
    return np.asarray(level[..., None] + profile.take(ahead % s, axis=-1)[:, None])


def reached(quantiles: Floats, continuing: Floats, unit: Floats) -> Floats:
    """Quantiles [B, h, Q] whose intervals reach on to where the level of the last values would lead.

    Args:
        continuing: [B, LAST, h] as of ``continued``, in the units of the quantiles.
        unit: [B] the usual error.
    """
    middle = quantiles.shape[-1] // 2
    gap = continuing[:, :, : quantiles.shape[1]] - quantiles[:, None, :, middle]
    beyond = np.abs(gap) > FAR * unit[:, None, None]
    agree = beyond.all(1) & ((gap > 0).all(1) | (gap < 0).all(1))
    if not agree.any():
        return quantiles
    nearest = np.where(agree, gap.mean(1), 0.0)
    wide = quantiles.copy()
    wide[..., :middle] += np.minimum(nearest, 0.0)[..., None]
    wide[..., middle + 1 :] += np.maximum(nearest, 0.0)[..., None]
    return wide
