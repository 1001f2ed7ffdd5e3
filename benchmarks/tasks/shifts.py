"""How often intervals hold the truth around a shift of the level: ``python -m benchmarks.tasks.shifts [SEED ...]``.

24 made-up daily series with a week, of which every other one has shifted once in the rows of training. All but
each fourth shift in the rows that follow, by 5 to 20 times the noise; forecasts a fortnight ahead go out from every day.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gatewise.tasks import Forecaster

RESULTS = Path(__file__).resolve().parents[1] / "results" / "shifts.json"
SERIES, TRAINED, LATER, HORIZON = 24, 500, 200, 14
# days from the shift to the cutoff
AGES = {
    "before": (-1000, -HORIZON),
    "within a horizon": (0, HORIZON),
    "two to six weeks after": (HORIZON, 42),
    "later": (42, 1000),
}


def table(seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """All series, and the row of the later shift of each; far away for none."""
    draw = np.random.default_rng(seed)
    days = pd.date_range("2022-01-03", periods=TRAINED + LATER)
    rows, shifts = [], []
    for k in range(SERIES):
        noise = draw.uniform(1, 4)
        y = 100 + 8 * np.sin(2 * np.pi * (np.arange(len(days)) + k) / 7)
        y += noise * draw.standard_normal(len(days))
        if k % 2:
            y[draw.integers(100, TRAINED - 50) :] += (
                noise * draw.uniform(5, 20) * draw.choice([-1, 1])
            )
        at = 10_000 if k % 4 == 0 else int(draw.integers(TRAINED + 40, TRAINED + 80))
        y[at:] += noise * draw.uniform(5, 20)
        shifts.append(at)
        rows.append(pd.DataFrame({"unique_id": f"s{k:02d}", "ds": days, "y": y.round(3)}))
    return pd.concat(rows, ignore_index=True), np.array(shifts)


def measured(seed: int) -> dict[str, Any]:
    """Coverage, width and error by the time since the shift."""
    frame, shifts = table(seed)
    history = frame[frame.groupby("unique_id").cumcount() < TRAINED]
    model = Forecaster(HORIZON, random_state=seed).fit(history)
    backtest = model.backtest(frame, LATER - HORIZON)
    since = backtest.position - backtest.position.min() + TRAINED - shifts[backtest.series]
    calm = shifts[backtest.series] > TRAINED + LATER
    parts = {"calm": calm} | {
        name: ~calm & (since >= low) & (since < high) for name, (low, high) in AGES.items()
    }
    out: dict[str, Any] = {"steps": model.steps_, "corrects": model.baselines_[model.base_].name}
    middle = backtest.quantiles.shape[-1] // 2
    for name, rows in parts.items():
        truth, quantiles = backtest.truth[rows], backtest.quantiles[rows]
        out[name] = {"error": float(np.abs(truth - quantiles[..., middle]).mean())}
        for k, level in enumerate((80, 90)):
            low, high = quantiles[..., middle - 1 - k], quantiles[..., middle + 1 + k]
            out[name][f"in {level} %"] = round(
                100 * float(((truth >= low) & (truth <= high)).mean()), 1
            )
            out[name][f"width {level} %"] = round(float((high - low).mean()), 2)
    return out


def main() -> None:
    """Measure each seed, and write the results."""
    seeds = [int(word) for word in sys.argv[1:]] or [0, 1, 2]
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for seed in seeds:
        results[str(seed)] = measured(seed)
        print(seed, json.dumps(results[str(seed)], indent=1), flush=True)
        RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
