"""What a fit would do with a table, and what simple forecasts make of it. Nothing here needs torch."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from gatewise.errors import InputError, InputWarning
from gatewise.tasks.data.encoding import Encoder, suspicious
from gatewise.tasks.data.reader import Table
from gatewise.tasks.forecast.baselines import family
from gatewise.tasks.forecast.config import Plan, Spans, decide
from gatewise.tasks.forecast.dataset import Store
from gatewise.tasks.forecast.leaderboard import compared, naive_errors
from gatewise.tasks.forecast.messages import no_window
from gatewise.tasks.forecast.metrics import Row

MOST_CUTOFFS = 20_000  # of the reporting span that figures are taken on
LEFT_OUT: Mapping[str, Any] = dict.fromkeys(
    ("seasons", "log", "patch", "context", "units", "steps", "batch", "members")
)


def plan_of(table: Table, horizon: int, given: Mapping[str, Any] = LEFT_OUT) -> Plan:
    """What ``fit`` would do; ``given`` has what the user set, None where not.

    Raises InputError, and warns with InputWarning of covariates that look like the target itself.
    """
    spans = Spans.of(table, horizon)
    for doubt in suspicious(table.series, table.features, spans.stop):
        warnings.warn(doubt, InputWarning, stacklevel=3)
    choices = decide(table, horizon, spans, dict(given))
    return Plan(table, spans, choices, family(choices.seasons))


def store_of(plan: Plan, horizon: int, stop: int, before: Store | None = None) -> Store:
    """The series of a plan; covariates are scaled as they are before position ``stop``.

    It is ``before``, a store of the same plan and horizon, where that has just the same numbers.
    """
    table = plan.table
    encoder = Encoder.fitted(table.series, table.features, table.clock, stop)
    if before is not None and before.encoder == encoder:
        return before
    return Store(
        table.series, plan.choices.running, plan.baselines, encoder, table.clock, horizon,
        plan.choices.block,
    )  # fmt: skip


def quick_rows(plan: Plan, horizon: int) -> list[Row]:
    """Figures of the quick simple forecasts on the span that ``fit`` reports on, best first.

    Raises InputError where that span has no window.
    """
    store = store_of(plan, horizon, plan.spans.stop)
    cuts = store.cutoffs(plan.spans.report, plan.spans.end, plan.choices.least)
    if not len(cuts):
        raise InputError(no_window(plan.table, plan.spans.report, plan.spans.end, "report on"))
    naive = naive_errors(plan.table.series, plan.choices.seasons, plan.spans.stop)
    return compared(store, cuts.thinned(MOST_CUTOFFS), naive, smoothing=False)
