"""Which baseline the network corrects: the choice between them, or the best one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from gatewise.arrays import Floats
from gatewise.tasks.forecast.baselines import Baseline, Blend, Simple
from gatewise.tasks.forecast.config import FitPlan
from gatewise.tasks.forecast.cutoffs import Cutoffs
from gatewise.tasks.forecast.dataset import SeriesDataset
from gatewise.tasks.forecast.objective import reference, scaled
from gatewise.tasks.forecast.plan_dataset import store_of
from gatewise.tasks.forecast.recent_best import recent_best
from gatewise.tasks.forecast.spans import spans_of

# cutoffs on which the baseline to correct is chosen
BACKTEST = 4_000
# values of one baseline that are compared there, at most
VALUES = 1_000_000
# the choice between baselines is corrected if its error is at most so many times that of the best one
AS_GOOD = 1.03
# so many of the best are blended two by two, and the mean stands beside them if its error is below this share of theirs
BLENDED, BETTER = 4, 0.97


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
    errors, blend = _with_blend(store, cutoffs[0], plain)
    simple: list[Simple] = [*plain, *([blend] if blend else [])]
    store.baselines = tuple(simple)
    default = int(np.argmin(errors))
    recent = recent_best(simple, plan.choices.seasons, plan.options.horizon, default)
    store.follow(recent)
    *others, error = _errors(store, cutoffs[0])
    best = int(np.argmin(others))
    base = len(others) if error <= AS_GOOD * others[best] else best
    plan = replace(plan, baselines=(*simple, recent))
    return BaselineChoice(plan, store, cutoffs, base)


def _with_blend(
    store: SeriesDataset, cuts: Cutoffs, plain: Sequence[Baseline]
) -> tuple[Floats, Blend | None]:
    """The errors of baselines, and the mean of two of the best, with its error behind theirs, if it is clearly better."""
    forecasts, truth, weight = _compared(store, cuts)
    errors = _mean_errors(forecasts, truth, weight)
    best = np.argsort(errors)[:BLENDED]
    pairs = list(combinations(best.tolist(), 2))
    if not pairs:
        return errors, None
    of_pairs = np.array(
        [_mean_errors(forecasts[:, pair].mean(1)[:, None], truth, weight)[0] for pair in pairs]
    )
    k = int(np.argmin(of_pairs))
    if not of_pairs[k] < BETTER * errors.min():
        return errors, None
    first, second = pairs[k]
    return np.append(errors, of_pairs[k]), Blend((plain[first], plain[second]))


def _errors(store: SeriesDataset, cuts: Cutoffs) -> Floats:
    """The errors of the baselines on cutoffs, [K], counted as training counts them."""
    return _mean_errors(*_compared(store, cuts))


def _compared(store: SeriesDataset, cuts: Cutoffs) -> tuple[Floats, Floats, Floats]:
    """Forecasts [B, K, h] of the baselines at some cutoffs, the truth [B, h], and what an error counts, [B]."""
    size = reference(store, cuts)
    cuts = cuts.thinned(min(BACKTEST, VALUES // store.horizon))
    ahead = store.ahead(cuts)
    truth = scaled(store.truth(cuts), ahead)
    weight = np.sqrt(ahead.scale / (ahead.unit * size[cuts.series]))
    return ahead.candidates[..., : store.horizon], truth, weight


def _mean_errors(forecasts: Floats, truth: Floats, weight: Floats) -> Floats:
    errors = np.abs(forecasts - truth[:, None]) * weight[:, None, None]
    return np.asarray(np.nanmean(errors, axis=(0, 2)))
