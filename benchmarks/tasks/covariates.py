"""What known covariates are worth: ``python -m benchmarks.tasks.covariates [TABLE ...] [--seeds N ...]``.

Made-up daily tables, four weeks ahead, defaults. Beside the forecaster stands what a person would do: of a shop the mean
of the open days of each day of the week, and zero where it is closed; else a least-squares regression on the covariates
and the day of the week, in logarithms where that fits the rows of training better. Results are kept in ``benchmarks/results/covariates.json``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gatewise.tasks import Forecaster

RESULTS = Path(__file__).resolve().parents[1] / "results" / "covariates.json"
HORIZON, DAYS = 28, 730
WEEK = np.array([0, 0.05, 0, 0.1, 0.25, 0.45, -0.3])
STORES, STORE_DAYS = 12, 300


def shop(seed: int) -> pd.DataFrame:
    """A shop that is closed on a tenth of the days."""
    draw, days = np.random.default_rng(seed), _days(DAYS)
    opened = (draw.random(len(days)) > 0.1).astype(int)
    usual = 100 + 25 * np.sin(2 * np.pi * np.arange(len(days)) / 7)
    sold = opened * np.maximum(usual + 7 * draw.standard_normal(len(days)), 0)
    return pd.DataFrame({"ds": days, "open": opened, "y": sold.round(2)})


def shop_sundays(seed: int) -> pd.DataFrame:
    """The same, closed on Sundays as well, and growing by half."""
    frame = shop(seed)
    frame.loc[frame.ds.dt.dayofweek == 6, ["open", "y"]] = 0
    frame["y"] = (frame.y * (1 + 0.5 * np.arange(len(frame)) / DAYS)).round(2)
    return frame


def retail(
    seed: int, rows: int = DAYS, level: float = 100, year: float = 0, trend: float = 0
) -> pd.DataFrame:
    """A shop with promotions, discounts and holidays in words, all of which are factors."""
    draw, days = np.random.default_rng(seed), _days(rows)
    size = len(days)
    promotion = (draw.random(size) < 0.15).astype(int)
    discount = promotion * draw.choice([10, 20, 30], size)
    holiday = np.where(draw.random(size) < 0.03, draw.choice(["public", "school"], size), "")
    closing = pd.Series(holiday).map({"": 0.0, "public": -0.8, "school": 0.3}).to_numpy()
    log = np.log(level) + WEEK[days.dayofweek] + trend * np.arange(size) / size
    log += year * np.sin(2 * np.pi * days.dayofyear / 365.25)
    log += 0.35 * promotion + 0.008 * discount + closing + 0.09 * draw.standard_normal(size)
    return pd.DataFrame(
        {
            "ds": days,
            "promotion": promotion,
            "discount": discount,
            "holiday": holiday,
            "y": np.exp(log).round(2),
        }
    )


def retail_year(seed: int) -> pd.DataFrame:
    """Three years of it with a season of the year."""
    return retail(seed, 1095, year=0.2)


def retail_growing(seed: int) -> pd.DataFrame:
    """The same, growing by half."""
    return retail(seed, trend=0.4)


def stores(seed: int) -> pd.DataFrame:
    """Twelve such shops of different sizes, each of less than a year."""
    sizes = np.exp(np.random.default_rng(seed).normal(4, 1, STORES))
    parts = [
        retail(100 * seed + k, STORE_DAYS, float(size)).assign(store=f"s{k:02d}")
        for k, size in enumerate(sizes)
    ]
    return pd.concat(parts, ignore_index=True)


def counts(seed: int) -> pd.DataFrame:
    """Counts of a few units with promotions."""
    draw, days = np.random.default_rng(seed), _days(DAYS)
    promotion = (draw.random(len(days)) < 0.15).astype(int)
    sold = draw.poisson(np.exp(0.6 + WEEK[days.dayofweek] + promotion))
    return pd.DataFrame({"ds": days, "promotion": promotion, "y": sold})


def _days(rows: int) -> pd.DatetimeIndex:
    return pd.date_range("2022-01-03", periods=rows + HORIZON)


TABLES: dict[str, Callable[[int], pd.DataFrame]] = {
    "shop": shop,
    "shop, Sundays closed, growing": shop_sundays,
    "retail": retail,
    "retail with a year": retail_year,
    "retail, growing": retail_growing,
    "twelve stores": stores,
    "counts": counts,
}


def by_hand(frame: pd.DataFrame, known: list[str]) -> float:
    """The error of the rule or the regression, the mean over the series."""
    groups = [part for _, part in frame.groupby("store")] if "store" in frame else [frame]
    return float(np.mean([_one_by_hand(part, known) for part in groups]))


def _one_by_hand(part: pd.DataFrame, known: list[str]) -> float:
    y, train = part.y.to_numpy(float), np.arange(len(part)) < len(part) - HORIZON
    weekday = part.ds.dt.dayofweek
    if "open" in part:
        opened = part.open.to_numpy() == 1
        means = part[train & opened].groupby(weekday[train & opened]).y.mean()
        rule = np.where(opened, weekday.map(means).fillna(0.0), 0.0)
        return float(np.abs(rule - y)[~train].mean())
    columns = pd.get_dummies(part[known].assign(weekday=weekday.astype(str))).to_numpy(float)
    errors = []
    for log in (False, True):
        rows = train & (y > 0) if log else train
        z = np.log(np.maximum(y, 1e-9)) if log else y
        forecast = columns @ np.linalg.lstsq(columns[rows], z[rows], rcond=None)[0]
        missed = np.abs((np.exp(forecast) if log else forecast) - y)
        errors.append((missed[train].mean(), missed[~train].mean()))
    return float(min(errors)[1])


def measured(name: str, seed: int) -> dict[str, Any]:
    """The errors, and the shares of the values in the intervals."""
    frame = TABLES[name](seed)
    known = [c for c in frame if c not in ("ds", "y", "store")]
    last = frame.ds > frame.ds.max() - pd.Timedelta(days=HORIZON)
    table = frame.assign(y=frame.y.where(~last))
    id = "store" if "store" in frame else None
    model = Forecaster(HORIZON, target="y", known=known, id=id, random_state=seed).fit(table)
    order = ["store", "ds"] if id else ["ds"]
    forecast, truth = model.predict().sort_values(order), frame[last].sort_values(order)
    y = truth.y.to_numpy()
    out = {"error": float(np.abs(forecast.LSTM.to_numpy() - y).mean())}
    out["by hand"] = by_hand(frame, known)
    for level in (80, 90):
        low, high = forecast[f"LSTM-lo-{level}"], forecast[f"LSTM-hi-{level}"]
        out[f"in {level} %"] = 100 * float(((low.to_numpy() <= y) & (y <= high.to_numpy())).mean())
    return out | {"steps": model.steps_, "corrects": model.baselines_[model.base_].name}


def main() -> None:
    """Measure what is asked for, and write the results after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {'; '.join(TABLES)}; all if left out")
    parser.add_argument("--seeds", type=int, nargs="+", default=(0, 1, 2))
    arguments = parser.parse_args()
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in arguments.names or TABLES:
        for seed in arguments.seeds:
            row = results.setdefault(name, {})[str(seed)] = measured(name, seed)
            print(name, seed, row, flush=True)
            RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
