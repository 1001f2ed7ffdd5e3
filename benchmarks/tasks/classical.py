"""A global model beside classical ones: ``python -m benchmarks.tasks.classical [MODEL ...]``.

60 series of M4 Hourly, evenly taken, 48 hours ahead; and the weekly carbon dioxide of Mauna Loa (from statsmodels), 26
weeks ahead from four origins half a year apart, with ten years before each: a fit for each origin, as the history of a later
one has the truth of an earlier one in it. Every tool has its defaults and is told
the season. Results are kept by name in ``benchmarks/results/classical.json``.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.tasks import data

RESULTS = Path(__file__).resolve().parents[1] / "results" / "classical.json"
CLASSICAL = ("AutoETS", "AutoTheta", "AutoARIMA")
SERIES, HOURS = 60, 48
WEEKS, ORIGINS, YEARS = 26, 4, 10


def hourly() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Training and test values of 60 series of M4 Hourly."""
    train, test = data.m4("train"), data.m4("test")
    names = [list(train)[k] for k in np.linspace(0, len(train) - 1, SERIES).astype(int)]
    return {n: train[n] for n in names}, {n: test[n] for n in names}


def weekly() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """History and truth at each origin; gaps are filled in by lines, as the classical models know none."""
    from statsmodels.datasets import co2

    values = co2.load_pandas().data["co2"].interpolate().to_numpy()
    ends = [len(values) - WEEKS * k for k in range(ORIGINS, 0, -1)]
    past = {f"origin {e}": values[e - 52 * YEARS : e] for e in ends}
    return past, {f"origin {e}": values[e : e + WEEKS] for e in ends}


def long(past: dict[str, np.ndarray], freq: str) -> pd.DataFrame:
    """All series as one table, each from the same day on."""
    parts = [
        pd.DataFrame(
            {
                "unique_id": name,
                "ds": pd.date_range("2000-01-03", periods=len(y), freq=freq),
                "y": y,
            }
        )
        for name, y in past.items()
    ]
    return pd.concat(parts, ignore_index=True)


def classical(name: str, past: dict[str, np.ndarray], horizon: int, season: int) -> dict[str, Any]:
    """The forecasts of one model of statsforecast, each series by itself."""
    from statsforecast import models

    forecasts = {}
    for key, y in past.items():
        model = getattr(models, name)(season_length=season)
        forecasts[key] = model.forecast(y=y, h=horizon)["mean"]
    return forecasts


def ours(past: dict[str, np.ndarray], horizon: int, freq: str, seed: int) -> dict[str, Any]:
    """The forecasts of one network for all hourly series, or of one for each origin, with its defaults."""
    from gatewise.tasks import Forecaster

    forecasts = {}
    for series in [past] if freq == "h" else [{key: y} for key, y in past.items()]:
        frame = Forecaster(horizon, random_state=seed).fit(long(series, freq)).predict()
        forecasts |= {key: part["LSTM"].to_numpy() for key, part in frame.groupby("unique_id")}
    return forecasts


def smape(forecasts: dict[str, Any], truth: dict[str, np.ndarray]) -> float:
    """The mean over series of the sMAPE of M4, in percent."""
    errors = [
        np.mean(200 * np.abs(y - forecasts[k]) / (np.abs(y) + np.abs(forecasts[k])))
        for k, y in truth.items()
    ]
    return float(np.mean(errors))


def main() -> None:
    """Measure what is asked for, and write the results after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "names", nargs="*", help=f"of Gatewise, {', '.join(CLASSICAL)}; all if left out"
    )
    parser.add_argument("--only", choices=("hourly", "weekly"))
    parser.add_argument("--seeds", type=int, nargs="+", default=(0,))
    arguments = parser.parse_args()
    kinds = {"hourly": (hourly, HOURS, 24, "h"), "weekly": (weekly, WEEKS, 52, "W-MON")}
    for name in arguments.names or ("Gatewise", *CLASSICAL):
        for kind, (load, horizon, season, freq) in kinds.items():
            if arguments.only not in (None, kind):
                continue
            past, truth = load()
            for seed in arguments.seeds if name == "Gatewise" else (0,):
                start = time.perf_counter()
                if name == "Gatewise":
                    forecasts = ours(past, horizon, freq, seed)
                else:
                    forecasts = classical(name, past, horizon, season)
                row = {
                    "sMAPE": smape(forecasts, truth),
                    "seconds": round(time.perf_counter() - start, 1),
                }
                keep(kind, name if name != "Gatewise" else f"Gatewise, seed {seed}", row)
                print(kind, name, seed, row, flush=True)


def keep(kind: str, name: str, row: dict[str, float]) -> None:
    """Put a measurement into the results."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results.setdefault(kind, {})[name] = row
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
