"""Fine data: ``python -m benchmarks.tasks.minutes [TABLE ...]``.

Made-up load of a building: a day whose shape differs between workdays and weekends, weather that lasts some hours, noise.
Quarter-hours of a year and minutes of sixty days, forecast a day ahead with defaults from four midnights which are a day apart. Beside the
forecaster stands the seasonal naive forecast of a day and of a week. Results are kept in ``benchmarks/results/minutes.json``.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gatewise.tasks import Forecaster

RESULTS = Path(__file__).resolve().parents[1] / "results" / "minutes.json"
# steps of a day, days
TABLES = {"15 minutes": (96, 365), "1 minute": (1440, 60)}
ORIGINS = 4


def building(day: int, days: int, seed: int = 0) -> pd.DataFrame:
    """The load of a building in steps of so many a day."""
    draw = np.random.default_rng(seed)
    times = pd.date_range("2023-01-02", periods=day * days, freq=f"{1440 // day}min")
    hour = np.arange(len(times)) % day * 24 / day
    work = np.exp(-(((hour - 13) / 4.5) ** 4))
    shape = 20 + np.where(times.dayofweek < 5, 60 * work, 15 * work)
    keep = np.exp(-1 / (day / 24 * 6))  # of six hours
    weather = np.empty(len(times))
    state, size = 0.0, 6 * np.sqrt(1 - keep**2)
    for k, step in enumerate(size * draw.standard_normal(len(times))):
        state = keep * state + step
        weather[k] = state
    noise = 1.5 * draw.standard_normal(len(times))
    return pd.DataFrame({"ds": times, "load": (shape + weather + noise).round(2)})


def measured(name: str) -> dict[str, Any]:
    """Errors over the last days, coverage, seconds and memory of one fit."""
    day, days = TABLES[name]
    frame = building(day, days)
    first = len(frame) - ORIGINS * day
    start, cpu = time.perf_counter(), time.process_time()
    model = Forecaster(day, random_state=0).fit(frame[:first])
    seconds = {"seconds": time.perf_counter() - start, "CPU seconds": time.process_time() - cpu}
    errors: dict[str, list[float]] = {"error": [], "day before": [], "week before": []}
    inside: dict[int, list[float]] = {80: [], 90: []}
    for k in range(ORIGINS):
        rows = slice(first + k * day, first + (k + 1) * day)
        truth = frame.load.to_numpy()[rows]
        forecast = model.predict(data=frame[: rows.start])
        errors["error"].append(np.abs(forecast.LSTM.to_numpy() - truth).mean())
        for what, back in (("day before", day), ("week before", 7 * day)):
            before = frame.load.to_numpy()[rows.start - back : rows.start - back + day]
            errors[what].append(np.abs(before - truth).mean())
        for level, shares in inside.items():
            low, high = (forecast[f"LSTM-{side}-{level}"].to_numpy() for side in ("lo", "hi"))
            shares.append(100 * np.mean((low <= truth) & (truth <= high)))
    return {
        **{what: float(np.mean(values)) for what, values in errors.items()},
        **{f"in {level} %": float(np.mean(shares)) for level, shares in inside.items()},
        **seconds,
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "rows": first,
        "seasons": list(model.choices_.seasons),
        "context": model.choices_.context,
        "a step reads": model.choices_.patch,
        "steps": model.steps_,
        "corrects": model.baselines_[model.base_].name,
    }


def main() -> None:
    """Measure what is asked for, and write the results after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(TABLES)}; all if left out")
    arguments = parser.parse_args()
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in arguments.names or TABLES:
        results[name] = measured(name)
        print(name, results[name], flush=True)
        RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
