"""After a shift of the level intervals reach as far as it has moved; one value alone moves none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gatewise.tasks import Forecaster
from gatewise.tasks.forecast.recent_level import reached

QUANTILES = np.tile(np.array([-2.0, -1.0, 0.0, 1.0, 2.0]), (1, 3, 1))
UNIT = np.ones(1)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        (8.0, 10.0, 0.0, 9.0),  # both above: the upper limits move by their mean
        (-8.0, -10.0, -9.0, 0.0),
        (8.0, 0.5, 0.0, 0.0),  # one alone
        (8.0, -8.0, 0.0, 0.0),  # on both sides
        (0.9, 0.9, 0.0, 0.0),  # within the usual error
        (8.0, np.nan, 0.0, 0.0),  # nobody knows
    ],
)
def test_both_of_the_last_values_have_to_lie_far_on_one_side(
    first: float, second: float, low: float, high: float
) -> None:
    continuing = np.stack([np.full((1, 3), first), np.full((1, 3), second)], axis=1)
    out = reached(QUANTILES, continuing, UNIT) - QUANTILES
    np.testing.assert_array_equal(out[0, 0], [low, low, 0.0, high, high])
    assert (np.diff(reached(QUANTILES, continuing, UNIT)) >= 0).all()


def test_intervals_after_a_shift() -> None:
    draw = np.random.default_rng(3)
    y = 100 + 8 * np.sin(2 * np.pi * np.arange(330) / 7) + draw.standard_normal(330)
    frame = pd.DataFrame({"ds": pd.date_range("2023-01-02", periods=330), "y": y})
    model = Forecaster(7, steps=10, units=8, members=1, random_state=0).fit(frame[:300])
    usual = model.predict(data=frame[:303])
    shifted = frame.assign(y=np.where(np.arange(330) < 300, y, y + 25))
    after = {k: model.predict(data=shifted[: 300 + k]) for k in range(1, 6)}
    widths = {k: (f["LSTM-hi-90"] - f["LSTM-lo-90"]).mean() for k, f in after.items()}
    assert widths[1] < 2 * (usual["LSTM-hi-90"] - usual["LSTM-lo-90"]).mean()
    held = []
    for k in range(2, 6):
        low, high = after[k]["LSTM-lo-90"], after[k]["LSTM-hi-90"]
        truth = shifted.y.to_numpy()[300 + k : 307 + k]
        held += list((low <= truth) & (truth <= high))
    assert np.mean(held) > 0.7
