"""The domain of a target is found from its values, and forecasts and intervals keep it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError, InputWarning
from gatewise.tasks import Forecaster, load
from gatewise.tasks.data.reader import read_table
from gatewise.tasks.forecast.domain import Domain, domains_of, keep
from gatewise.tasks.forecast.options import Options

DAYS = pd.date_range("2024-01-01", periods=300)
QUICK: dict[str, Any] = {"units": 8, "steps": 10, "members": 1, "random_state": 0}


def draw() -> np.random.Generator:
    return np.random.default_rng(5)


def found(values: np.ndarray, name: str = "y", **options: Any) -> Domain:
    table = read_table(pd.DataFrame({"ds": DAYS[: len(values)], name: values}))
    return domains_of(table, Options(**options))[0]


WAVE = np.sin(2 * np.pi * np.arange(300) / 7)


@pytest.mark.parametrize(
    ("values", "domain"),
    [
        (draw().poisson(3.0, 300), Domain(0.0, None, True)),
        (draw().poisson(300.0, 300), Domain(0.0, None, True)),
        (np.where(draw().random(300) < 0.1, 0.0, 20.5), Domain(0.0)),
        (draw().lognormal(3, 1, 300), Domain(0.0)),
        (np.clip(0.5 + 0.5 * WAVE, 0, 1), Domain(0.0, 1.0)),
        (np.clip(60 + 60 * WAVE, 0, 100), Domain(0.0, 100.0)),
        # the degrees of a summer: they may go below 0
        (16 + 4 * draw().standard_normal(300).clip(-3.5, 3.5), Domain()),
        # an exchange rate below 1
        (0.9 + 0.04 * WAVE, Domain()),
        (100 * draw().standard_normal(300), Domain()),
        (draw().poisson(3.0, 300) - 3, Domain(None, None, True)),
        # sales of at most 98 are no percentages
        (40 + 18.3 * draw().random(300) * 3, Domain()),
    ],
)
def test_it_is_found_from_the_values(values: np.ndarray, domain: Domain) -> None:
    assert found(values) == domain


def test_the_name_of_a_column_may_say_percent() -> None:
    values = 30 + 20 * WAVE
    assert found(values).high is None
    assert found(values, "load_percent") == Domain(0.0, 100.0)


def test_options_decide_otherwise() -> None:
    values = draw().poisson(3.0, 300)
    assert found(values, lower="none", integer=False) == Domain()
    assert found(values, lower=-2, upper=50) == Domain(-2.0, 50.0, True)
    with pytest.raises(InputError, match="lower must be less"):
        Options(lower=3, upper=3)
    with pytest.raises(InputError, match="lower must be a number, or 'none'"):
        Options(lower="zero")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"upper": 11.0}, r"row 8, 2024-01-08 has the value 12\.5, which is above .* 11.*--upper"),
        ({"lower": 3}, r"row 3, 2024-01-03 has the value 2, which is below .* 3.*--lower"),
        ({"integer": True}, r"row 8, 2024-01-08 has the value 12\.5, .*no whole.*--integer"),
    ],
)
def test_a_value_that_breaks_a_bound_is_named_by_its_row(
    options: dict[str, Any], words: str
) -> None:
    values = np.full(40, 9.0)
    values[7], values[2] = 12.5, 2.0
    with pytest.raises(InputError, match=words):
        found(values, **options)


def test_the_row_of_a_shuffled_table_with_gaps_is_the_row_of_the_file() -> None:
    frame = (
        pd.DataFrame({"ds": DAYS, "y": np.arange(300.0)})
        .drop(index=[5, 6])
        .sample(frac=1, random_state=0)
    )
    row = frame.y.tolist().index(299.0) + 1
    with pytest.raises(InputError, match=rf"row {row}, 2024-10-26 has the value 299"):
        domains_of(read_table(frame), Options(upper=298.5))


def test_rounding_keeps_the_values_that_an_interval_holds() -> None:
    rng = draw()
    middle = rng.normal(3, 3, (200, 4))
    inner, outer = rng.exponential(2, (2, 200, 4)), rng.exponential(1, (2, 200, 4))
    quantiles = np.stack(
        [
            middle - inner[0] - outer[0],
            middle - inner[0],
            middle,
            middle + inner[1],
            middle + inner[1] + outer[1],
        ],
        axis=-1,
    )
    whole = keep(quantiles, [Domain(0.0, None, True)], np.zeros(200, np.int64))
    np.testing.assert_array_equal(whole, np.round(whole))
    assert np.all(np.diff(whole, axis=-1) >= 0)
    assert whole.min() == 0
    for value in range(12):
        for low, high in ((0, 4), (1, 3)):
            before = (quantiles[..., low] <= value) & (value <= quantiles[..., high])
            after = (whole[..., low] <= value) & (value <= whole[..., high])
            assert np.all(after | ~before)
            # only an interval that held no value of the domain holds more than before
            none = np.ceil(quantiles[..., low].clip(0)) > np.floor(quantiles[..., high])
            assert np.all(before | ~after | none)


def test_each_series_keeps_the_domain_of_its_own_target() -> None:
    quantiles = np.tile([-1.0, 0.5, 2.0], (3, 2, 1))
    domains = [Domain(), Domain(0.0, 1.0), Domain(None, None, True)]
    got = keep(quantiles, domains, np.array([2, 0, 1]))
    np.testing.assert_array_equal(got[:, 0], [[-1, 0, 2], [-1, 0.5, 2], [0, 0.5, 1]])


def test_forecasts_baselines_and_saved_models_keep_it(tmp_path: Any) -> None:
    rate = np.clip(3 + 4 * WAVE - np.arange(300) / 100, 0.05, None)
    frame = pd.DataFrame({"ds": DAYS, "sold": draw().poisson(rate)})
    model = Forecaster(7, **QUICK).fit(frame)
    got = model.predict(30).select_dtypes("number")
    np.testing.assert_array_equal(got, np.round(got))
    assert got.min().min() == 0
    assert model.predict(200, baseline="seasonal drift 7").iloc[:, -2].min() >= 0
    assert model.backtest(frame).quantiles.min() == 0
    model.save(tmp_path / "m")
    pd.testing.assert_frame_equal(load(tmp_path / "m").predict(30), model.predict(30))


def test_a_later_table_may_break_what_was_found_but_not_what_was_named() -> None:
    frame = pd.DataFrame({"ds": DAYS, "sold": draw().poisson(4, 300)})
    model = Forecaster(7, **QUICK).fit(frame)
    later = frame.copy()
    later.loc[3, "sold"] = -2
    with pytest.warns(InputWarning, match="row 4, 2024-01-04 has the value -2, which is below"):
        assert model.predict(data=later).LSTM.min() >= 0
    named = Forecaster(7, lower=0, **QUICK).fit(frame)
    with pytest.raises(InputError, match=r"row 4.*--lower"):
        named.predict(data=later)
