"""Measures a fitted model on the windows of a table."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gatewise.arrays import Floats, Ints, Singles
from gatewise.errors import InputError
from gatewise.tasks.data.clock import Clock
from gatewise.tasks.data.series import Layout, Series, Table
from gatewise.tasks.forecast.cutoffs import Cutoffs
from gatewise.tasks.forecast.dataset import SeriesDataset
from gatewise.tasks.forecast.fitted import Fitted
from gatewise.tasks.forecast.leaderboard import leaderboard, naive_errors
from gatewise.tasks.forecast.metrics import Row
from gatewise.tasks.forecast.objective import forecast


@dataclass(frozen=True)
class Evaluation:
    """The errors of a model on a table.

    Attributes:
        rows: errors on windows without a value of the training data, best first; empty if there are none.
        seen_rows: errors on the windows that overlap the training data.
        windows, seen_windows: the number of windows of each sort.
        values, seen: the number of values in the table, and how many of them training has seen.
    """

    rows: list[Row]
    seen_rows: list[Row]
    windows: int
    seen_windows: int
    values: int
    seen: int


@dataclass(frozen=True)
class Backtest:
    """Forecasts of a fitted model from every cutoff of some series.

    Attributes:
        ids: names of the series; ``series`` [B] the number of each window's.
        position: [B] of the first step that is forecast, on the clock of the table.
        truth: [B, h], NaN where missing.
        quantiles: [B, h, Q] calibrated, ascending.
    """

    ids: tuple[str, ...]
    series: Ints
    position: Ints
    truth: Floats
    quantiles: Floats


@dataclass(frozen=True)
class Windows:
    """The cutoffs of a table at which it can be forecast.

    Attributes:
        series: of the table; ``clock`` theirs.
        store: of their rows.
        cuts: all cutoffs.
        states: for each network its states before the rows; None if the series begin with them.
    """

    series: tuple[Series, ...]
    clock: Clock
    store: SeriesDataset
    cuts: Cutoffs
    states: tuple[tuple[Singles, ...], ...] | None = None


def evaluate(fitted: Fitted, table: Table) -> Evaluation:
    """See ``Forecaster.evaluate``."""
    windows = windows_of(fitted, table)
    store, cuts = windows.store, windows.cuts
    model, levels = fitted.predictor, fitted.levels
    known = np.array(
        [_known_until(fitted, s.id, table.layout, windows.clock) for s in windows.series]
    )
    targets = np.array([s.target for s in windows.series])
    old = store.position(cuts.at, cuts.series) < known[cuts.series]
    naive = naive_errors(windows.series, fitted.choices.seasons, max(s.end for s in windows.series))
    rows: list[list[Row]] = []
    for mask in (~old, old):
        part = cuts.take(np.flatnonzero(mask)).measured(store.horizon)
        if not len(part):
            rows.append([])
            continue
        quantiles = model.in_units(
            *forecast(fitted.networks, store, part, windows.states), targets[part.series]
        )
        entry = fitted.name, quantiles, levels
        # exponential smoothing needs the history, and knows only these rows
        rows.append(leaderboard(store, part, naive, entry, smoothing=windows.states is None))
    seen = sum(
        int((~np.isnan(s.values[: max(0, int(k) - s.start)])).sum())
        for s, k in zip(windows.series, known, strict=True)
    )
    return Evaluation(rows[0], rows[1], int((~old).sum()), int(old.sum()), table.values, seen)


def backtest(fitted: Fitted, table: Table, cutoffs: int | None) -> Backtest:
    """See ``Forecaster.backtest``."""
    windows = windows_of(fitted, table)
    store, cuts = windows.store, windows.cuts
    if cutoffs is not None:
        left = store.first[cuts.series] + store.length[cuts.series] - store.horizon - cuts.at
        cuts = cuts.take(np.flatnonzero(left < cutoffs))
    model = fitted.predictor
    targets = np.array([s.target for s in windows.series])
    return Backtest(
        tuple(s.id for s in table.series),
        cuts.series,
        store.position(cuts.at, cuts.series),
        store.actual(cuts.at, store.horizon),
        model.in_units(
            *forecast(fitted.networks, store, cuts, windows.states), targets[cuts.series]
        ),
    )


def windows_of(fitted: Fitted, table: Table) -> Windows:
    """All cutoffs of a table.

    Rows that directly follow the last ones of the model continue from its state, as in ``update``. Other
    series begin with their first row, and need some steps before their first forecast.

    Raises InputError if there is no cutoff.
    """
    windows = _following(fitted, table) or _beginning(fitted, table)
    if not len(windows.cuts):
        horizon, least = fitted.options.horizon, fitted.choices.least
        if windows.states is not None:
            raise InputError(
                f"the rows continue where the model ends, but there are fewer of them than its horizon of "
                f"{horizon} steps: give more rows"
            )
        raise InputError(
            f"the series are too short or have too many gaps: each needs {least} steps, then {horizon} to "
            f"forecast. Give earlier rows too, or at least {horizon} rows that directly follow the last "
            f"one that the model has seen{_last(fitted, table)}"
        )
    return windows


def _beginning(fitted: Fitted, table: Table) -> Windows:
    """The windows of series that begin with their first row."""
    store = SeriesDataset(
        table.series,
        fitted.choices.running,
        fitted.baselines,
        fitted.encoder,
        table.clock,
        fitted.options.horizon,
        fitted.choices.block,
        effect=fitted.effect,
    )
    cuts = store.cutoffs(None, None, fitted.choices.least)
    return Windows(table.series, table.clock, store, cuts)


def _following(fitted: Fitted, table: Table) -> Windows | None:
    """The windows of rows that continue the series of a model; None if they do not.

    At least one series must continue at the very next step, and none may begin before its end.
    """
    ends, clock = fitted.ends, fitted.clock
    dated = "rows" not in (table.layout, fitted.layout)
    if not dated or table.clock.wall != clock.wall:
        return None
    try:
        moved = int(clock.positions(table.clock.at(np.zeros(1, np.int64)))[0])
    except InputError:
        # the timestamps do not lie on the model's grid
        return None
    series = tuple(replace(s, start=s.start + moved) for s in table.series)
    place = dict(zip(ends.ids, map(int, ends.position), strict=True))
    gaps = [s.start - place[s.id] for s in series if s.id in place]
    if not gaps or min(gaps) != 0:
        return None
    store, part = fitted.updater.along(ends, series, clock, fitted.options.horizon)
    # the state at their end can be forecast from at once
    least = np.array([0 if s.id in place else fitted.choices.least for s in series])
    return Windows(series, clock, store, store.cutoffs(None, None, least), part.states)


def _last(fitted: Fitted, table: Table) -> str:
    """The last timestamp that a model has seen of the series of a table, for a message."""
    ends = fitted.ends
    names = {s.id for s in table.series}
    last_positions = [
        int(p) for name, p in zip(ends.ids, ends.position, strict=True) if name in names
    ]
    if not last_positions or fitted.layout == "rows":
        return ""
    return f" ({fitted.clock.show(int(fitted.clock.at(np.array([max(last_positions) - 1]))[0]))})"


def _known_until(fitted: Fitted, name: str, layout: Layout, clock: Clock) -> int:
    """The position on a table's clock up to which training has seen a series."""
    if name not in fitted.seen:
        return int(np.iinfo(np.int64).min)
    # a table without dates is taken to begin where the training table began
    if layout == "rows":
        return fitted.seen[name]
    last = fitted.clock.at(np.array([fitted.seen[name] - 1]))
    return int(clock.positions(last)[0]) + 1
