"""What a fit would do with a table, and what simple forecasts make of it. Nothing here needs torch."""

from __future__ import annotations

import warnings

from gatewise.errors import InputError, InputWarning
from gatewise.tasks.data.encoding import Encoder, suspicious
from gatewise.tasks.data.reader import Table
from gatewise.tasks.forecast.baselines import family
from gatewise.tasks.forecast.config import FitPlan, Spans, auto_config
from gatewise.tasks.forecast.dataset import MOST_CUTOFFS, SeriesDataset
from gatewise.tasks.forecast.leaderboard import leaderboard, naive_errors
from gatewise.tasks.forecast.messages import no_window
from gatewise.tasks.forecast.metrics import Row
from gatewise.tasks.forecast.options import Options


def plan_of(table: Table, options: Options) -> FitPlan:
    """What ``fit`` would do with a table.

    Raises InputError, and warns with InputWarning of covariates that look like the target itself.
    """
    spans = Spans.of(table, options.horizon)
    for doubt in suspicious(table.series, table.features, spans.stop):
        warnings.warn(doubt, InputWarning, stacklevel=3)
    choices = auto_config(table, spans, options)
    return FitPlan(table, options, spans, choices, family(choices.seasons))


def store_of(plan: FitPlan, stop: int, before: SeriesDataset | None = None) -> SeriesDataset:
    """The series of a plan; covariates are scaled as they are before position ``stop``.

    It is ``before``, a store of the same plan, where that has just the same numbers.
    """
    table = plan.table
    encoder = Encoder.fitted(table.series, table.features, table.clock, stop)
    if before is not None and before.encoder == encoder:
        return before
    return SeriesDataset(
        table.series,
        plan.choices.running,
        plan.baselines,
        encoder,
        table.clock,
        plan.options.horizon,
        plan.choices.block,
    )


def quick_rows(plan: FitPlan) -> list[Row]:
    """Figures of the quick simple forecasts on the span that ``fit`` reports on, best first.

    Raises InputError where that span has no window.
    """
    store = store_of(plan, plan.spans.stop)
    cuts = store.cutoffs(plan.spans.report, plan.spans.end, plan.choices.least)
    if not len(cuts):
        raise InputError(no_window(plan.table, plan.spans.report, plan.spans.end, "report on"))
    naive = naive_errors(plan.table.series, plan.choices.seasons, plan.spans.stop)
    return leaderboard(store, cuts.thinned(MOST_CUTOFFS), naive, smoothing=False)
