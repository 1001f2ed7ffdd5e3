"""Collects the facts of a report: windows to draw while the data are in memory, and facts of the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from gatewise.arrays import Floats, Ints
from gatewise.errors import InputError, some_of
from gatewise.nn import Recurrent
from gatewise.tasks.forecast.config import FitPlan
from gatewise.tasks.forecast.cutoffs import Cutoffs
from gatewise.tasks.forecast.dataset import SeriesDataset
from gatewise.tasks.forecast.fitted import Fitted
from gatewise.tasks.forecast.leaderboard import naive_errors
from gatewise.tasks.forecast.network import Network
from gatewise.tasks.forecast.report.events import Events, events_of
from gatewise.tasks.forecast.report.facts import (
    Facts,
    Gates,
    SeriesErrors,
    Shown,
    Window,
    quantities,
    ranks,
)
from gatewise.tasks.forecast.report.outlook import LEAST_PAST, outlooks, shown_times, times_of
from gatewise.tasks.report.versions import versions

# names of series in a title
TITLES = 3
# steps of forecasts that a page holds, of all series together
MOST_STEPS = 30_000


@dataclass(frozen=True)
class SpanForecasts:
    """The forecasts of a network on the test span.

    Attributes:
        store: of the series.
        cuts: the N cutoffs of the span.
        truth: [N, h] in the units of the target, NaN where missing.
        quantiles: [N, h, 2 * L + 1] in the same units.
        levels: those of the L intervals, ascending.
    """

    store: SeriesDataset
    cuts: Cutoffs
    truth: Floats
    quantiles: Floats
    levels: Sequence[int]

    @property
    def point(self) -> Floats:
        """The point forecasts, [N, h]."""
        return self.quantiles[..., len(self.levels)]

    def errors(self) -> Floats:
        """The mean absolute error of each window, [N]; NaN where all its values are missing."""
        seen = ~np.isnan(self.truth)
        total = np.where(seen, np.abs(self.truth - self.point), 0.0).sum(1)
        return np.where(seen.any(1), total / np.maximum(seen.sum(1), 1), np.nan)


def shown(network: Network, span: SpanForecasts, plan: FitPlan, baseline: int) -> Shown:
    """Pick windows of the test span to draw; ``baseline`` is the number of the best baseline."""
    errors, events = span.errors(), events_of(plan.table)
    ranked = ranks(errors)
    typical, _ = ranked[0]
    return Shown(
        title=_title(plan),
        windows=[
            _window(span, k, place, float(errors[k]), plan, baseline, events) for k, place in ranked
        ],
        baseline=plan.baselines[baseline].name,
        gates=_gates(network, span.store, span.cuts.take(slice(typical, typical + 1)), plan),
        data=_pairs(plan.table.describe()),
        model=_pairs(plan.choices.describe()),
        kernel=_kernel(network),
        errors=_errors_by_series(span, plan, baseline),
        tails=_tails(plan),
        events=events_of(plan.table, _tail(plan)),
    )


def _errors_by_series(span: SpanForecasts, plan: FitPlan, baseline: int) -> list[SeriesErrors]:
    """Of each series with a window in the test span, the worst first: by MASE, or by MAE without one."""
    store, cuts, truth = span.store, span.cuts, span.truth
    point = store.baselines[baseline].at(store.tracks, cuts.at, store.horizon)
    of_baseline = store.in_units(point, cuts.at)
    naive = naive_errors(plan.table.series, plan.choices.seasons, plan.spans.stop)
    rows_of_errors = []
    for k in np.unique(cuts.series):
        rows = cuts.series == k
        mae = float(np.nanmean(np.abs(truth[rows] - span.point[rows])))
        mase = mae / float(naive[k]) if naive[k] > 0 else None
        other = float(np.nanmean(np.abs(truth[rows] - of_baseline[rows])))
        rows_of_errors.append(SeriesErrors(plan.table.series[k].id, mae, other, mase))
    # a series that never changed in the training span has no MASE: it comes last
    ranked = any(one.mase is not None for one in rows_of_errors)
    return sorted(rows_of_errors, key=lambda one: -((one.mase or 0.0) if ranked else one.mae))


def _tails(plan: FitPlan) -> dict[str, Floats]:
    """The last values of each series, as many as a picture shows."""
    return {s.id: s.values[-_tail(plan) :].copy() for s in plan.table.series}


def _tail(plan: FitPlan) -> int:
    """How many of the last values of a series a picture shows."""
    return max(LEAST_PAST, 3 * plan.options.horizon, *(2 * s for s in plan.choices.seasons[:1]))


def _window(
    span: SpanForecasts,
    k: int,
    place: str,
    error: float,
    plan: FitPlan,
    baseline: int,
    events: Events,
) -> Window:
    """Window number k of the test span, with the values before it."""
    store, cut = span.store, span.cuts.take(slice(k, k + 1))
    before = min(plan.choices.context, max(LEAST_PAST, 2 * store.horizon))
    series, times, values = _around(store, cut, plan, before)
    middle = len(span.levels)
    limits = {
        level: np.stack([span.quantiles[k, :, low], span.quantiles[k, :, high]], axis=1)
        for level, low, high in zip(
            span.levels,
            range(middle - 1, -1, -1),
            range(middle + 1, 2 * middle + 1),
            strict=True,
        )
    }
    point = store.baselines[baseline].at(store.tracks, cut.at, store.horizon)
    return Window(
        series=series,
        since=shown_times(plan.table.clock, _places(store, cut, 0)[:1])[0],
        place=place,
        error=error,
        times=times,
        past=values[:before],
        truth=span.truth[k],
        point=span.point[k],
        baseline=store.in_units(point, cut.at)[0],
        limits=limits,
        marks=events.at(series, _places(store, cut, before)),
    )


def facts(fitted: Fitted, command: str) -> Facts:
    """All facts of a model that was fitted here. Raises InputError for one that was loaded.

    ``command`` is what made it, for the reader.
    """
    shown = fitted.shown
    if shown is None:
        raise InputError(
            "a report needs the rows that the fit has seen, and a saved model does not keep them: "
            "look at the report.html in its folder, or fit again"
        )
    horizon, ends = fitted.options.horizon, fitted.ends
    # after an update other values are the last ones, and those are in the state
    tails = {
        name: shown.tails[name]
        for name, end in zip(ends.ids, ends.position, strict=True)
        if fitted.seen.get(name) == end and name in shown.tails
    }
    first = ends.take(range(min(len(ends), max(1, MOST_STEPS // horizon))))
    unmade = ""
    try:
        following = outlooks(fitted, first, fitted.clock, horizon, tails=tails, events=shown.events)
    except InputError as error:
        following, unmade = [], str(error)
    return Facts(
        target=shown.title,
        model_name=fitted.name,
        base=fitted.baselines[fitted.base].name,
        steps=fitted.steps,
        data=shown.data,
        model=[("cell", fitted.cell.name), *shown.model],
        rows=fitted.evaluation,
        levels=fitted.levels,
        windows=shown.windows,
        baseline=shown.baseline,
        curve=fitted.history,
        gates=shown.gates,
        command=command,
        versions=versions(shown.kernel),
        outlooks=following,
        series=len(ends),
        unmade=unmade,
        errors=shown.errors,
        cut_short=fitted.cut_short,
        events=shown.events.labels,
    )


def _around(
    store: SeriesDataset, cut: Cutoffs, plan: FitPlan, before: int
) -> tuple[str, NDArray[np.generic], Floats]:
    """A window's series, the times of its points [before + h] and the values at them."""
    series, at = int(cut.series[0]), int(cut.at[0])
    values = store.actual(np.array([at - before]), before + store.horizon)[0]
    times = times_of(plan.table.clock, _places(store, cut, before))
    return plan.table.series[series].id, times, values


def _places(store: SeriesDataset, cut: Cutoffs, before: int) -> Ints:
    """Positions of a window's points, [before + h]."""
    series = int(cut.series[0])
    position = int(store.start[series] + cut.at[0] - store.first[series])
    return position + np.arange(-before, store.horizon)


def _gates(network: Network, store: SeriesDataset, cut: Cutoffs, plan: FitPlan) -> Gates | None:
    """What the cell does along the last stretch before a cutoff, as long as one of training."""
    patch, length = plan.choices.patch, plan.choices.context
    at = cut.at - np.arange(length - patch, -1, -patch)[:, None]
    steps = torch.from_numpy(store.patches(at, np.broadcast_to(cut.series, at.shape))).float()
    recorded = quantities(network, lambda: network.encode(steps))
    if not recorded:
        return None
    series, times, values = _around(store, cut, plan, length)
    return Gates(series, times[:length], values[:length], recorded)


def _title(plan: FitPlan) -> str:
    """What is forecast: the column, or the series where a column is one."""
    names = [one.id for one in plan.table.series]
    if plan.table.layout in ("long", "single"):
        return plan.table.target
    return some_of(names, TITLES)


def _pairs(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Lines as people read them at the prompt: a short title, then text."""
    split = (line.split(None, 1) for line in lines if line.strip())
    return [(words[0], words[1] if len(words) > 1 else "") for words in split]


def _kernel(network: nn.Module) -> str:
    layer = next((m for m in network.modules() if isinstance(m, Recurrent)), None)
    return "" if layer is None else str(layer.explain())
