"""The errors of a model and of all baselines on the same cutoffs, whoever wins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gatewise.arrays import Floats
from gatewise.tasks.data.series import Series
from gatewise.tasks.forecast.cutoffs import Cutoffs
from gatewise.tasks.forecast.dataset import SeriesDataset
from gatewise.tasks.forecast.exponential_smoothing import smoothing_forecast
from gatewise.tasks.forecast.metrics import Row, measure, naive_error


def leaderboard(
    store: SeriesDataset,
    cuts: Cutoffs,
    naive: Floats,
    model: tuple[str, Floats, Sequence[int]] | None = None,
    smoothing: bool = True,
) -> list[Row]:
    """Rows of a model and of all baselines at cutoffs, best first.

    Args:
        store: of the series.
        cuts: where forecasts start.
        naive: [N] the denominator of MASE for each series; NaN where it has none.
        own: the model's name, its quantiles [B, h, Q] in the units of the target, and its levels.
        smoothing: whether to include exponential smoothing, which takes some seconds.
    """
    truth, below = store.actual(cuts.at, store.horizon), naive[cuts.series]
    rows = [] if model is None else [measure(model[0], truth, model[1], model[2], below)]
    points = [(b.name, b.at(store.tracks, cuts.at, store.horizon)) for b in store.baselines]
    if smoothing:
        points.append(smoothing_forecast(store, cuts))
    for name, point in points:
        rows.append(measure(name, truth, store.in_units(point, cuts.at)[..., None], (), below))
    return sorted(rows, key=lambda row: row.mae)


def naive_errors(series: Sequence[Series], seasons: tuple[int, ...], stop: int) -> Floats:
    """The denominator of MASE for each series, [N]: from what lies before position ``stop``."""
    season = seasons[0] if seasons else 1
    return np.array([naive_error(s.values[: max(0, stop - s.start)], season) for s in series])
