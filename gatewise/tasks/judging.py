"""What a fitted model's forecasts are worth: windows of a table, figures of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gatewise.errors import InputError
from gatewise.tasks.compared import compared, in_units, naive_errors
from gatewise.tasks.evaluate import Row
from gatewise.tasks.problem import forecast
from gatewise.tasks.table import Table
from gatewise.tasks.windows import Cutoffs, Store

if TYPE_CHECKING:
    from gatewise.tasks.forecast import Forecaster

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOST_CUTOFFS = 20_000  # on which a model is evaluated


@dataclass(frozen=True)
class Evaluation:
    """A model's figures on a table.

    Attributes:
        rows: of windows that training has not seen a value of, best first; empty if there is none.
        seen_rows: of the others.
        windows, seen_windows: how many there are of each.
        values, seen: values of the table, and how many of them training has seen.
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


def evaluate(fitted: Forecaster, table: Table) -> Evaluation:
    """See ``Forecaster.evaluate``."""
    store, cuts = windows(fitted, table)
    model, levels = fitted._model(), sorted(fitted.levels)
    known = np.array([_known_until(fitted, s.id, table) for s in table.series])
    old = store.position(cuts.at, cuts.series) < known[cuts.series]
    naive = naive_errors(table.series, fitted.choices_.seasons, max(s.end for s in table.series))
    rows = []
    for mask in (~old, old):
        part = cuts.take(np.flatnonzero(mask)).thinned(MOST_CUTOFFS)
        made = model.in_units(*forecast(model.networks, store, part)) if len(part) else None
        own = None if made is None else (fitted.cell_.name.upper(), made, levels)
        rows.append([] if own is None else compared(store, part, naive, own))
    seen = sum(
        int((~np.isnan(s.values[: max(0, int(k) - s.start)])).sum())
        for s, k in zip(table.series, known, strict=True)
    )
    return Evaluation(rows[0], rows[1], int((~old).sum()), int(old.sum()), table.values, seen)


def backtest(fitted: Forecaster, table: Table, cutoffs: int | None) -> Backtest:
    """See ``Forecaster.backtest``."""
    store, cuts = windows(fitted, table)
    if cutoffs is not None:
        left = store.first[cuts.series] + store.length[cuts.series] - store.horizon - cuts.at
        cuts = cuts.take(np.flatnonzero(left < cutoffs))
    model = fitted._model()
    return Backtest(
        tuple(s.id for s in table.series), cuts.series, store.position(cuts.at, cuts.series),
        in_units(store, store.truth(cuts)), model.in_units(*forecast(model.networks, store, cuts)),
    )  # fmt: skip


def windows(fitted: Forecaster, table: Table) -> tuple[Store, Cutoffs]:
    """All cutoffs of a table. Raises InputError if there is none."""
    store = Store(
        table.series, fitted.choices_.running, fitted.baselines_, fitted.encoder_, table.clock,
        fitted.horizon, fitted.choices_.block,
    )  # fmt: skip
    least = fitted.choices_.least
    cuts = store.cutoffs(None, None, least)
    if not len(cuts):
        raise InputError(
            f"the series are too short or too gappy: each needs {least} steps and {fitted.horizon} "
            "to forecast, so give the rows before them too"
        )
    return store, cuts


def _known_until(fitted: Forecaster, name: str, table: Table) -> int:
    """The position on a table's clock up to which training has seen a series."""
    if name not in fitted.seen_:
        return int(np.iinfo(np.int64).min)
    if table.layout == "rows":  # no dates: its rows are taken to be those of training
        return fitted.seen_[name]
    last = fitted.clock_.at(np.array([fitted.seen_[name] - 1]))
    return int(table.clock.positions(last)[0]) + 1
