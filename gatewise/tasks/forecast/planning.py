"""Plans a fit of a table, and measures the quick baselines on it. Needs no torch."""

from __future__ import annotations

import warnings
from dataclasses import replace

from gatewise.errors import InputWarning
from gatewise.tasks.data.encoding import suspicious
from gatewise.tasks.data.read_options import ReadOptions
from gatewise.tasks.data.reader import Table
from gatewise.tasks.forecast.baselines import family
from gatewise.tasks.forecast.config import FitPlan, auto_config, seasons_of
from gatewise.tasks.forecast.covariate_codes import without_covariate_codes
from gatewise.tasks.forecast.domain import domains_of
from gatewise.tasks.forecast.effect_choice import chosen_effect
from gatewise.tasks.forecast.known_effect import unlike_history
from gatewise.tasks.forecast.leaderboard import leaderboard, naive_errors
from gatewise.tasks.forecast.metrics import Row
from gatewise.tasks.forecast.options import Options
from gatewise.tasks.forecast.plan_dataset import store_of
from gatewise.tasks.forecast.spans import Spans, spans_of
from gatewise.tasks.forecast.wrong_values import without_wrong_values


def plan_of(table: Table, options: Options) -> FitPlan:
    """What ``fit`` would do with a table.

    Raises InputError, and warns with InputWarning of covariates that look like the target itself.
    """
    if options.outliers == "mask":
        table, codes = without_wrong_values(table)
        table, more = without_covariate_codes(table)
        options = _with_codes(options, (*codes, *more))
    spans = Spans.of(table, options.horizon)
    doubts = [
        *suspicious(table.series, table.features, spans.stop),
        *unlike_history(table.series, table.features.known),
    ]
    for doubt in doubts:
        warnings.warn(doubt, InputWarning, stacklevel=3)
    choice = chosen_effect(
        table,
        lambda series: seasons_of(series, table.clock, spans, options),
        options.horizon,
        spans.stop,
        spans.calibrate,
        bool(options.log),
    )
    effect = None if choice is None else choice.fitted(table, spans.stop)
    seasons = None if choice is None else choice.seasons
    choices = auto_config(table, spans, options, effect, seasons)
    domains = domains_of(table, options)
    return FitPlan(table, options, spans, choices, family(choices.seasons), domains, effect)


def _with_codes(options: Options, codes: tuple[str, ...]) -> Options:
    """The options with codes that stand for missing values, which later tables are then read with."""
    reading = options.reading or ReadOptions()
    new = tuple(code for code in codes if code not in reading.missing)
    if not new:
        return options
    return replace(options, reading=replace(reading, missing=(*reading.missing, *new)))


def quick_rows(plan: FitPlan) -> list[Row]:
    """Errors of the quick baselines on the test span, best first.

    Raises InputError if one of the spans has no window.
    """
    store = store_of(plan, plan.spans.stop)
    cuts = spans_of(store, plan.table, plan.spans, plan.choices.least)[-1]
    naive = naive_errors(plan.table.series, plan.choices.seasons, plan.spans.stop)
    return leaderboard(store, cuts.measured(store.horizon), naive, smoothing=False)
