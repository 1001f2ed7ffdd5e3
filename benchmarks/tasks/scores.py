"""The protocols: what is fitted, on which rows it is scored, and how. Each gives one dict of figures."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.tasks import data
from gatewise.tasks import Forecaster
from gatewise.tasks.forecast.evaluation import windows_of
from gatewise.tasks.forecast.exponential_smoothing import smoothing_forecast

HORIZON = {"m4": 48, "etth1": 96, "airline": 12, "temperatures": 14, "seattle": 14, "pollution": 24}
YEAR = 365


def fit(frame: Any, horizon: int, seed: int, **options: Any) -> tuple[Forecaster, dict[str, Any]]:
    """A fitted forecaster, and what is common to all figures."""
    model = Forecaster(horizon, random_state=seed, **options)
    start = time.perf_counter()
    model.fit(frame)
    seconds = time.perf_counter() - start
    return model, {
        "fit seconds": round(seconds, 2),
        "steps": model.steps_,
        "members": len(model.networks_),
        "corrects": model.baselines_[model.base_].name,
        "choices": model.choices_.to_dict(),
    }


def coverage(truth: np.ndarray, quantiles: np.ndarray, levels: tuple[int, ...] = (80, 90)) -> dict:
    """The share of values inside each interval, in percent."""
    middle, seen = quantiles.shape[-1] // 2, ~np.isnan(truth)
    out = {}
    for k, level in enumerate(levels):
        low, high = quantiles[..., middle - 1 - k], quantiles[..., middle + 1 + k]
        out[f"in {level} %"] = round(
            100 * float(((truth >= low) & (truth <= high))[seen].mean()), 2
        )
    return out


def m4(seed: int, **options: Any) -> dict[str, Any]:
    """M4 Hourly: sMAPE and MASE as the competition defines them, one model for all 414 series."""
    train, test = data.m4("train"), data.m4("test")
    model, out = fit(data.folder() / "M4-Hourly-train.csv", 48, seed, **options)
    start = time.perf_counter()
    forecasts = model.predict()
    out["predict seconds"] = round(time.perf_counter() - start, 2)
    columns = [f"LSTM{end}" for end in ("-lo-90", "-lo-80", "", "-hi-80", "-hi-90")]
    grouped = {k: g[columns].to_numpy() for k, g in forecasts.groupby("unique_id")}
    smape, mase = [], []
    for name, truth in test.items():
        error = np.abs(truth - grouped[name][:, 2])
        smape.append(np.mean(200 * error / (np.abs(truth) + np.abs(grouped[name][:, 2]))))
        mase.append(error.mean() / np.abs(train[name][24:] - train[name][:-24]).mean())
    truth, quantiles = np.stack(list(test.values())), np.stack([grouped[n] for n in test])
    return (
        out
        | {"sMAPE": float(np.mean(smape)), "MASE": float(np.mean(mase))}
        | coverage(truth, quantiles)
    )


def m4_quick(seed: int) -> dict[str, Any]:
    """M4 Hourly in a tenth of other tools' time: the only row that is not of the defaults."""
    return m4(seed, steps=100, members=1)


def etth1(seed: int, rows: int = data.ETT_TRAIN) -> dict[str, Any]:
    """ETTh1: fitted on the training span, state carried over the validation span into every test window."""
    frame = data.etth1()
    model, out = fit(frame.iloc[:rows], 96, seed)
    backtest = model.backtest(frame, data.ETT_TEST - 95)
    assert len(backtest.truth) == 7 * 2785
    error = backtest.quantiles[..., backtest.quantiles.shape[-1] // 2] - backtest.truth
    return out | {
        "MSE": float(np.mean(error**2)),
        "MAE": float(np.mean(np.abs(error))),
        "windows": len(backtest.truth) // 7,
        **coverage(backtest.truth, backtest.quantiles),
    }


def etth1_recent(seed: int) -> dict[str, Any]:
    """The same, but fitted on training and validation span, as a user would. Not the usual split."""
    return etth1(seed, data.ETT_TRAIN + data.ETT_VALID)


def airline(seed: int) -> dict[str, Any]:
    """Air passengers: fitted before the last three years, state carried to each of 25 cutoffs in them."""
    frame = data.table("airline-passengers")
    model, out = fit(frame.iloc[:-36], 12, seed)
    return out | against(model, frame, 36 - 12 + 1, relative)


def temperatures(seed: int) -> dict[str, Any]:
    """Daily minimum temperatures, the last year, a fortnight ahead from every day."""
    return last_year(data.table("daily-min-temperatures"), seed, YEAR, 14)


def seattle(seed: int) -> dict[str, Any]:
    """The daily maximum temperature in Seattle, the last year, a fortnight ahead from every day."""
    frame = data.table("seattle-weather")
    return last_year(
        frame, seed, YEAR, 14, target="temp_max", past=["precipitation", "temp_min", "wind"]
    )


def pollution(seed: int) -> dict[str, Any]:
    """Fine dust in Beijing, the last year, a day ahead from every hour; the weather as past covariates."""
    past = ["DEWP", "TEMP", "PRES", "cbwd", "Iws", "Is", "Ir"]
    return last_year(data.table("pollution"), seed, 24 * YEAR, 24, target="pm2.5", past=past)


def last_year(frame: pd.DataFrame, seed: int, rows: int, horizon: int, **options: Any) -> dict:
    """Fitted on all but the last rows, and scored from every cutoff in them."""
    model, out = fit(frame.iloc[:-rows], horizon, seed, **options)
    return out | against(model, frame, rows - horizon + 1, absolute)


def absolute(truth: np.ndarray, forecast: np.ndarray) -> float:
    """Mean absolute error."""
    return float(np.nanmean(np.abs(truth - forecast)))


def relative(truth: np.ndarray, forecast: np.ndarray) -> float:
    """MAPE, in percent."""
    return float(100 * np.nanmean(np.abs(truth - forecast) / np.abs(truth)))


def against(
    model: Forecaster, frame: pd.DataFrame, cutoffs: int, measure: Callable[..., float]
) -> dict[str, Any]:
    """A model's error and coverage on the last cutoffs of a table beside those of the simple forecasts."""
    backtest = model.backtest(frame, cutoffs)
    middle = backtest.quantiles.shape[-1] // 2
    windows = windows_of(model.fitted_, model.fitted_.read(frame))
    store, cuts = windows.store, windows.cuts
    cuts = cuts.take(
        np.flatnonzero(np.isin(store.position(cuts.at, cuts.series), backtest.position))
    )
    assert len(cuts) == len(backtest.truth)
    errors = {
        b.name: measure(
            backtest.truth, store.in_units(b.at(store.tracks, cuts.at, store.horizon), cuts.at)
        )
        for b in store.baselines
    }
    name, forecast = smoothing_forecast(store, cuts)
    errors[name] = measure(backtest.truth, store.in_units(forecast, cuts.at))
    own, best = (
        measure(backtest.truth, backtest.quantiles[..., middle]),
        min(errors, key=errors.__getitem__),
    )
    return {
        "error": own,
        "best baseline": best,
        "its error": errors[best],
        "ratio": own / errors[best],
        "baselines": errors,
        "windows": len(cuts),
        **coverage(backtest.truth, backtest.quantiles),
    }


PROTOCOLS: dict[str, Callable[[int], dict[str, Any]]] = {
    "m4": m4,
    "m4-quick": m4_quick,
    "etth1": etth1,
    "etth1-recent": etth1_recent,
    "airline": airline,
    "temperatures": temperatures,
    "seattle": seattle,
    "pollution": pollution,
}
