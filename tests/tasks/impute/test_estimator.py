"""``SequenceImputer``: gaps in a season are filled better than by simple ways, and intervals hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError
from gatewise.tasks import SequenceImputer

QUICK = {"units": 12, "steps": 60, "batch": 12, "window": 96, "members": 1, "learning_rate": 0.02}


def pair(length: int = 700, seed: int = 0) -> np.ndarray:
    """[T, 2] a wandering value, and another that follows it."""
    rng = np.random.default_rng(seed)
    first = np.convolve(rng.standard_normal(length + 20), np.hanning(12), "same")[10:-10]
    return np.stack([first, 10 * first + 50 + 0.3 * rng.standard_normal(length)], axis=1)


@pytest.fixture(scope="module")
def imputer() -> SequenceImputer:
    return SequenceImputer(random_state=0, **QUICK).fit([pair()])


def test_one_channel_tells_of_the_other(imputer: SequenceImputer) -> None:
    rows = {row.name: row for row in imputer.evaluation_}
    assert rows["LSTM"].mae < 0.9 * rows["linear interpolation"].mae
    new = imputer.evaluate([pair(seed=1)])
    assert new.seen == 0 and new.rows[0].name == "LSTM"
    assert imputer.evaluate([pair()]).rows == []


def test_known_values_stay_and_gaps_are_filled_within_the_interval(
    imputer: SequenceImputer,
) -> None:
    truth = pair(seed=2)
    gaps = truth.copy()
    hidden = np.zeros(truth.shape, dtype=bool)
    for begin in range(5, 690, 23):
        hidden[begin : begin + 7, begin % 2] = True
    gaps[hidden] = np.nan
    filled = imputer.predict([gaps])[0]
    np.testing.assert_array_equal(filled[~hidden], truth[~hidden])
    limits = imputer.predict_interval([gaps], level=80)[0]
    np.testing.assert_array_equal(limits[~hidden, 0], truth[~hidden])
    inside = (limits[..., 0] <= truth) & (truth <= limits[..., 1])
    assert 0.65 < inside[hidden].mean() < 0.97


def test_a_table_keeps_its_rows_and_gets_limits(imputer: SequenceImputer) -> None:
    table = pd.DataFrame(pair(), columns=["a", "b"]).assign(t=np.arange(700))
    table.loc[9:14, "a"] = np.nan
    model = SequenceImputer(random_state=0, order="t", **{**QUICK, "steps": 6}).fit(table)
    frame = model.predict(table.iloc[::-1], level=90)
    assert list(frame.columns) == ["t", "a", "a-lo-90", "a-hi-90", "b", "b-lo-90", "b-hi-90"]
    assert frame.t.tolist() == list(range(699, -1, -1)) and not frame.isna().any().any()
    assert (frame["a-lo-90"] < frame["a"]).sum() == 6


@pytest.mark.parametrize(
    ("X", "options", "match"),
    [
        (["abc"], {}, "no array of numbers"),
        ([np.stack([np.ones(90), np.full(90, np.nan)], 1)], {}, "no value at all"),
        ([np.ones((9, 1))], {}, "too few"),
        ([pair()], {"season": 0}, "season must be"),
    ],
)
def test_bad_input(X: list, options: dict, match: str) -> None:
    with pytest.raises(InputError, match=match):
        SequenceImputer(**{**QUICK, **options}).fit(X)


def test_levels_and_channels_that_do_not_fit(imputer: SequenceImputer) -> None:
    with pytest.raises(InputError, match="a level is percent"):
        imputer.predict_interval([pair()], level=0.9)
    with pytest.raises(InputError, match="2 channels"):
        imputer.predict([np.ones((20, 3))])
