"""Which baseline the network corrects: the choice between them, or the best one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gatewise.arrays import Floats
from gatewise.tasks.forecast.baselines import Baseline
from gatewise.tasks.forecast.config import FitPlan
from gatewise.tasks.forecast.cutoffs import Cutoffs
from gatewise.tasks.forecast.dataset import SeriesDataset
from gatewise.tasks.forecast.objective import reference, scaled
from gatewise.tasks.forecast.plan_dataset import store_of
from gatewise.tasks.forecast.recent_best import recent_best
from gatewise.tasks.forecast.spans import spans_of

# cutoffs on which the baseline to correct is chosen
BACKTEST = 4_000
# the choice between baselines is corrected if its error is at most so many times that of the best one
AS_GOOD = 1.03


@dataclass(frozen=True)
class BaselineChoice:
    """What the trainings of a fit begin with.

    Attributes:
        plan: with the choice between the baselines as the last of them.
        store: the data set of the plan, scaled by the training span.
        cutoffs: of the training, validation, calibration and test span.
        base: the index of the baseline that the network corrects.
    """

    plan: FitPlan
    store: SeriesDataset
    cutoffs: Sequence[Cutoffs]
    base: int


def choose_baseline(plan: FitPlan) -> BaselineChoice:
    """Add the choice between the baselines to a plan, and see on the training span which one to correct.

    It is that choice, unless the best baseline was clearly better. Raises InputError for series that are too short.
    """
    store = store_of(plan, plan.spans.stop)
    cutoffs = spans_of(store, plan.table, plan.spans, plan.choices.least)
    plain = [b for b in plan.baselines if isinstance(b, Baseline)]
    default = int(np.argmin(_errors(store, cutoffs[0])))
    recent = recent_best(plain, plan.choices.seasons, plan.options.horizon, default)
    store.follow(recent)
    *others, error = _errors(store, cutoffs[0])
    best = int(np.argmin(others))
    base = len(others) if error <= AS_GOOD * others[best] else best
    plan = replace(plan, baselines=(*plan.baselines, recent))
    return BaselineChoice(plan, store, cutoffs, base)


def _errors(store: SeriesDataset, cuts: Cutoffs) -> Floats:
    """The errors of the baselines on cutoffs, [K], counted as training counts them."""
    size = reference(store, cuts)
    cuts = cuts.thinned(BACKTEST)
    ahead = store.ahead(cuts)
    truth = scaled(store.truth(cuts), ahead)
    weight = np.sqrt(ahead.scale / (ahead.unit * size[cuts.series]))
    errors = np.abs(ahead.candidates[..., : store.horizon] - truth[:, None]) * weight[:, None, None]
    return np.asarray(np.nanmean(errors, axis=(0, 2)))
