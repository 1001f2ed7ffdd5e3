"""Which baseline the network corrects: the choice between them, or the best one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gatewise.arrays import Floats
from gatewise.tasks.forecast.baselines import Baseline
from gatewise.tasks.forecast.config import FitPlan
from gatewise.tasks.forecast.cutoffs import Cutoffs
from gatewise.tasks.forecast.dataset import SeriesDataset
from gatewise.tasks.forecast.objective import reference, scaled
from gatewise.tasks.forecast.planning import store_of
from gatewise.tasks.forecast.recent_best import recent_best
from gatewise.tasks.forecast.spans import spans_of

# cutoffs on which the baseline to correct is chosen
BACKTEST = 4_000
# the choice between baselines is corrected if its error is at most so many times that of the best one
AS_GOOD = 1.03


def followed(plan: FitPlan) -> tuple[FitPlan, SeriesDataset, list[Cutoffs]]:
    """The plan and its data set with the choice between baselines, and the cutoffs of the four spans.

    Raises InputError for series that are too short.
    """
    store = store_of(plan, plan.spans.stop)
    cutoffs = spans_of(store, plan.table, plan.spans, plan.choices.least)
    default = int(np.argmin(baseline_errors(store, cutoffs[0])))
    seasons, horizon = plan.choices.seasons, plan.options.horizon
    plain = [b for b in plan.baselines if isinstance(b, Baseline)]
    recent = recent_best(plain, seasons, horizon, default)
    store.follow(recent)
    return replace(plan, baselines=(*plan.baselines, recent)), store, cutoffs


def best_baseline(store: SeriesDataset, cuts: Cutoffs) -> int:
    """The baseline to correct: the choice between them, unless the best of them was clearly better on cutoffs."""
    *others, recent = baseline_errors(store, cuts)
    best = int(np.argmin(others))
    return len(others) if recent <= AS_GOOD * others[best] else best


def baseline_errors(store: SeriesDataset, cuts: Cutoffs) -> Floats:
    """The errors of the baselines on cutoffs, [K], counted as training counts them."""
    size = reference(store, cuts)
    cuts = cuts.thinned(BACKTEST)
    ahead = store.ahead(cuts)
    truth = scaled(store.truth(cuts), ahead)
    weight = np.sqrt(ahead.scale / (ahead.unit * size[cuts.series]))
    errors = np.abs(ahead.candidates[..., : store.horizon] - truth[:, None]) * weight[:, None, None]
    return np.asarray(np.nanmean(errors, axis=(0, 2)))
