"""The choice between baselines near the cutoff: what it takes, that it looks at nothing later, and in pieces."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gatewise.tasks import Forecaster
from gatewise.tasks.data.clock import DAY, Clock
from gatewise.tasks.data.encoding import Encoder
from gatewise.tasks.data.series import Series
from gatewise.tasks.forecast.baselines import family
from gatewise.tasks.forecast.dataset import SeriesDataset
from gatewise.tasks.forecast.recent_best import RecentBest, recent_best
from gatewise.tasks.forecast.running_stats import OnlineStats

DAYS = Clock("step", DAY, 0)
RUNNING = OnlineStats((7,), 7, 7, 98, False, levels=True, trend=4)
PLAIN = family((7,))
REGRESSION = [b.name for b in PLAIN].index("regression 7")
RECENT = recent_best(PLAIN, (7,), 14, REGRESSION)


def shifted(count: int = 400, at: int = 350, seed: int = 0) -> np.ndarray:
    y = 100 + 5 * np.sin(2 * np.pi * np.arange(count) / 7)
    y += np.random.default_rng(seed).standard_normal(count)
    y[at:] += 80
    return y


def dataset(y: np.ndarray, start: int = 0, before: SeriesDataset | None = None) -> SeriesDataset:
    return SeriesDataset(
        [Series("a", start, y)],
        RUNNING,
        (*PLAIN, RECENT),
        Encoder(),
        DAYS,
        14,
        7,
        None if before is None else before.after(),
    )


def chosen(store: SeriesDataset) -> list[str]:
    """The name of the baseline after each row."""
    best = store.tracks["best"][store.first[0] : store.first[0] + store.length[0]]
    return [PLAIN[int(k)].name for k in best]


def test_calm_keeps_the_usual_one_and_a_shift_takes_another() -> None:
    names = chosen(dataset(shifted()))
    calm = names[40:350]
    assert calm.count("regression 7") > 0.8 * len(calm)
    assert names[390] != "regression 7"
    store = dataset(shifted())
    forecast = RECENT.at(store.tracks, store.ends().at, 14)[0]
    assert np.abs(forecast.mean() - 180) < 3
    slow = PLAIN[REGRESSION].at(store.tracks, store.ends().at, 14)[0]
    assert slow.mean() < 160


def test_nothing_after_a_cutoff_has_a_say() -> None:
    y = shifted()
    later = y.copy()
    later[370:] = 0
    assert chosen(dataset(y))[:370] == chosen(dataset(later))[:370]


def test_pieces_choose_as_the_whole_does() -> None:
    y = shifted()
    whole = dataset(y)
    store, names, at = dataset(y[:20]), chosen(dataset(y[:20])), 20
    for size in (1, 3, 40, 2, 300, 34):
        store = dataset(y[at : at + size], at, store)
        assert (
            store.tracks["best"][store.first[0] - 1]
            == whole.tracks["best"][whole.first[0] + at - 1]
        )
        names += chosen(store)
        at += size
    assert at == len(y)
    assert names == chosen(whole)
    np.testing.assert_allclose(store.sums, whole.sums)
    np.testing.assert_allclose(store.pending, whole.pending)


def test_a_new_series_takes_the_default() -> None:
    assert chosen(dataset(shifted(5))) == ["regression 7"] * 5


@pytest.fixture(scope="module")
def jumped() -> tuple[Forecaster, pd.DataFrame]:
    days = pd.date_range("2023-01-01", periods=400)
    frame = pd.DataFrame({"ds": days, "y": shifted(400, 360).round(2)})
    return Forecaster(14, steps=20, units=4, members=1, random_state=0).fit(frame), frame


def test_forty_days_after_a_jump_the_forecast_is_there(
    jumped: tuple[Forecaster, pd.DataFrame],
) -> None:
    model, _ = jumped
    out = model.predict()
    assert np.abs(out["LSTM"].mean() - 180) < 4
    # the noise of 1 alone makes intervals of 90 % 3.3 wide
    assert (out["LSTM-hi-90"] - out["LSTM-lo-90"]).mean() < 15
    assert isinstance(model.baselines_[-1], RecentBest)
    assert model.baselines_[model.base_].name == "recently best"
    assert "recently best" in model.predict(baseline="recently best").columns


def test_an_update_carries_the_choice(jumped: tuple[Forecaster, pd.DataFrame]) -> None:
    _, frame = jumped
    model = Forecaster(14, steps=20, units=4, members=1, random_state=0).fit(frame[:365])
    whole = model.predict(data=frame)
    for k in range(365, 400, 5):
        model.update(frame[k : k + 5])
    np.testing.assert_allclose(model.predict().LSTM, whole.LSTM, rtol=1e-4)
    assert np.abs(whole.LSTM.mean() - 180) < 6
