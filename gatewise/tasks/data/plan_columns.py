"""Columns beside what was measured: a plan, a budget, somebody's forecast, the year before; and how far off they were.

They are named as such (Actual, Budget, Forecast, Variance), and forecasting them with the measured ones would forecast the
plans of people.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence

import numpy as np

from gatewise.arrays import Floats
from gatewise.tasks.data.names import list_names

# words that say so by themselves, and those that do beside a column that is called actual
_PLANS = """
    plan plans planned budget budgeted forecast forecasts forecasted fcst predicted prediction predictions projected
    projection yhat prognose prognosis prognoza prognos soll planung vorhersage hochrechnung prévision prévisions prévu
    budgété presupuesto presupuestado pronóstico pronostico previsto previsión orçamento preventivo previsione begroting
    vorjahr
"""
_BESIDE_ACTUAL = """
    target goal quota expected estimate estimated outlook ziel objectif objetivo obiettivo doel cel ly py baseline
"""
_ACTUAL = "actual actuals ist réel réalisé real efectivo effettivo werkelijk realized observed measured rzeczywiste"
_YEAR_BEFORE = re.compile(
    r"(last|prior|previous) year|prev\.? year|année (précédente|dernière)|año anterior|n-1"
)
_TOKENS = re.compile(r"[^\W\d_]+")
# parts of the variance by which a difference may be off, as written numbers are rounded
NEAR = 0.02


def without_plans(
    chosen: Sequence[str], values: Mapping[str, Floats], notes: list[str]
) -> list[str]:
    """The columns to forecast without plans and their differences from what was measured, where that is there.

    Args:
        chosen: names of columns.
        values: [n] of each of them.
        notes: get a sentence on what is left out, and how to name it.
    """
    words = {name: _words(name) for name in chosen}
    plain, beside, actual = (set(w.split()) for w in (_PLANS, _BESIDE_ACTUAL, _ACTUAL))
    measured = [n for n in chosen if words[n] & actual]
    named = plain | beside if measured else plain
    plans = [
        n
        for n in chosen
        if n not in measured and (words[n] & named or _YEAR_BEFORE.search(n.lower()))
    ]
    others = [n for n in chosen if n not in plans]
    # names of products: Free, Basic plan, Pro plan
    if not plans or len(plans) > len(others):
        return list(chosen)
    apart = [
        n
        for n in others
        if any(
            _is_difference(values[n], values[a], values[p]) for a in others if a != n for p in plans
        )
    ]
    left = [n for n in others if n not in apart]
    if not left:
        return list(chosen)
    first = shlex.quote(plans[0])
    notes.append(
        f"called a plan, a forecast or another year, and not forecast: {list_names(plans)}. Name them if they explain "
        f"the target: --known {first} if it is known for the future, --past {first} if not; --target {first} forecasts it"
    )
    if apart:
        notes.append(f"differences from those and left out: {list_names(apart)}")
    return left


def _words(name: str) -> set[str]:
    """The words of a name, in lower case: DayAheadForecast has three."""
    apart = re.sub(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý])", " ", name)
    return {w.lower() for w in _TOKENS.findall(apart)}


def _is_difference(column: Floats, actual: Floats, plan: Floats) -> bool:
    """Whether a column is how far two others are apart, in units, as a share or in percent."""
    gap = actual - plan
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = (gap / plan, gap / actual, actual / plan)
    candidates = [gap, *shares, *(100 * s for s in shares)]
    seen = ~np.isnan(column) & ~np.isnan(gap)
    if np.count_nonzero(seen) < 3 or np.ptp(column[seen]) == 0:
        return False
    return any(
        bool(
            np.nanmax(np.abs(np.abs(column) - np.abs(c))[seen], initial=0.0)
            <= NEAR * np.std(column[seen])
        )
        for c in candidates
        if np.isfinite(c[seen]).all()
    )
