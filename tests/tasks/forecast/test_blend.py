"""The mean of two simple forecasts: where it stands among them, and what it forecasts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from gatewise.tasks import Forecaster, load
from gatewise.tasks.forecast.baselines import Baseline, Blend
from gatewise.tasks.forecast.running_stats import OnlineStats

PARTS = (Baseline("drift", 4), Baseline("trend", 4))


def test_it_is_the_mean_of_both() -> None:
    running = OnlineStats((4,), 1, 4, 56, False, levels=True, trend=4)
    y = np.sin(np.arange(60.0)) + 0.1 * np.arange(60)
    tracks, _ = running.advance(running.empty(), y)
    cuts = np.array([30, 50])
    first, second = (part.at(tracks, cuts, 9) for part in PARTS)
    blend = Blend(PARTS)
    np.testing.assert_allclose(blend.at(tracks, cuts, 9), (first + second) / 2)
    np.testing.assert_allclose(blend.lead(tracks, cuts, 3), blend.at(tracks, cuts, 9)[:, 2])
    assert blend.name == "mean of seasonal drift 4 and seasonal trend 4"


def months(rows: int = 240) -> pd.DataFrame:
    """A season that changes, on a level that walks: the last season and the profile see one half each."""
    draw = np.random.default_rng(3)
    y = np.cumsum(0.3 + 0.8 * draw.standard_normal(rows))
    y += 8 * np.sin(2 * np.pi * np.arange(rows) / 12)
    changed = np.zeros(rows)
    for k in range(12, rows):
        changed[k] = 0.7 * changed[k - 12] + 2 * draw.standard_normal()
    y += changed + draw.standard_normal(rows)
    return pd.DataFrame({"ds": pd.date_range("2000-01-01", periods=rows, freq="MS"), "y": y})


def test_it_stands_among_the_baselines_where_it_is_better(tmp_path: Path) -> None:
    frame = months()
    model = Forecaster(12, steps=2, units=4, members=1, random_state=0).fit(frame[:200])
    blend = next(b for b in model.baselines_ if isinstance(b, Blend))
    got = model.predict(baseline=blend.name)[blend.name]
    parts = [model.predict(baseline=part.name)[part.name] for part in blend.parts]
    np.testing.assert_allclose(got, (parts[0] + parts[1]) / 2)
    assert blend.name in {row.name for row in model.evaluation_}
    # saved, loaded and carried on
    model.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert isinstance(again, Forecaster)
    pd.testing.assert_frame_equal(again.predict(), model.predict())
    again.update(frame[200:210])
    np.testing.assert_allclose(
        again.predict().LSTM, model.predict(data=frame[:210]).LSTM, rtol=1e-6
    )


def test_it_is_left_out_where_one_alone_is_as_good() -> None:
    days = np.arange(200)
    frame = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=200), "y": 5.0 + days % 7})
    model = Forecaster(7, steps=2, units=4, members=1, random_state=0).fit(frame)
    assert not any(isinstance(b, Blend) for b in model.baselines_)
