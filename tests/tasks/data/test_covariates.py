"""Covariates: kinds, codes, grids, rows that reach into the future, what training has not seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gatewise.errors import InputError, InputWarning
from gatewise.tasks.data.covariates import needed
from gatewise.tasks.data.reader import future_rows, read_table
from gatewise.tasks.data.series import Features

HOURS = pd.date_range("2024-01-01", periods=10, freq="h")
NAMES = {"known": "promo", "past": ["wind", "sky"], "static": "size"}


def frame(ahead: int = 3) -> pd.DataFrame:
    """Two shops; the last rows have no sales yet, and one hour is missing in the second."""
    pieces = []
    for k, shop in enumerate("ab"):
        sold = np.arange(10.0) + 100 * k
        sold[10 - ahead :] = np.nan
        one = pd.DataFrame({"id": shop, "ds": HOURS, "y": sold})
        one["promo"] = np.arange(10) % 2 == 0
        one["wind"] = np.arange(10) * 0.5
        one["sky"] = ["sun", "rain", None, "fog", "sun"] * 2
        one["size"] = 50.0 * (k + 1)
        pieces.append(one)
    return pd.concat([pieces[0], pieces[1].drop(index=4)], ignore_index=True)


def test_kinds_codes_and_the_steps_ahead() -> None:
    table = read_table(frame(), **NAMES)
    f = table.features
    assert [x.name for x in (*f.known, *f.past, *f.static)] == ["promo", "wind", "sky", "size"]
    assert f.past[0].categories is None
    assert f.past[1].categories == ("fog", "rain", "sun")
    assert f.past[1].codes == 4
    assert (f.past[0].low, f.past[0].high) == (0.0, 4.5)
    a, b = table.series
    assert len(a.values) == 7
    assert a.past.shape == (7, 2)
    assert a.known.shape == (10, 1)
    np.testing.assert_array_equal(a.known[:, 0], np.arange(10) % 2 == 0)
    np.testing.assert_array_equal(a.past[:, 1], [2, 1, np.nan, 0, 2, 2, 1])
    assert np.isnan(b.past[4]).all()
    assert np.isnan(b.known[4, 0])
    assert (a.static[0], b.static[0]) == (50.0, 100.0)
    assert "past     wind (numbers), sky (3 categories)" in table.describe()


def test_a_series_that_begins_late_has_its_own_covariates() -> None:
    late = frame()
    late.loc[late.index[:3], "y"] = np.nan
    a = read_table(late, **NAMES).series[0]
    assert a.start == 3
    np.testing.assert_array_equal(a.past[:, 0], np.arange(3, 7) * 0.5)
    np.testing.assert_array_equal(a.known[:, 0], np.arange(3, 10) % 2 == 0)


def test_several_targets_share_their_covariates() -> None:
    two = frame().assign(returns=lambda f: f.y * 0.1)
    table = read_table(two, target=["y", "returns"], **NAMES)
    assert [s.id for s in table.series] == ["a/y", "a/returns", "b/y", "b/returns"]
    assert [(s.key, s.target) for s in table.series[:2]] == [("a", 0), ("a", 1)]
    assert np.shares_memory(table.series[0].known, table.series[1].known)
    assert table.features.names("target") == ("y", "returns")


def test_a_target_may_be_a_past_covariate_of_the_others() -> None:
    table = read_table(frame(), target="y", past=["wind", "y"])
    np.testing.assert_array_equal(table.series[0].past[:, 1], table.series[0].values)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.from_pandas])
def test_future_rows_of_a_frame_of_their_own(make) -> None:  # type: ignore[no-untyped-def]
    whole = frame()
    past = whole[whole.y.notna()]
    ahead = whole.loc[whole.y.isna(), ["id", "ds", "promo"]].sample(frac=1, random_state=0)
    a, b = read_table(make(past), future=make(ahead), **NAMES).series
    same, other = read_table(whole, **NAMES).series
    np.testing.assert_array_equal(a.known, same.known)
    np.testing.assert_array_equal(b.known, other.known)
    # without ids it holds for all series
    one = ahead[ahead.id == "a"].drop(columns="id")
    for s in read_table(make(past), future=make(one), **NAMES).series:
        np.testing.assert_array_equal(s.known[-3:, 0], same.known[-3:, 0])


def test_a_later_table_is_read_as_training_was() -> None:
    table = read_table(frame(), **NAMES)
    later = frame().assign(sky="hail", ds=lambda f: f.ds + pd.Timedelta("2h"))
    columns = list(later.columns[::-1])  # in another order
    with pytest.warns(InputWarning, match="'sky': 'hail' did not occur in training .* unknown"):
        again = read_table(later[columns], like=table.features, clock=table.clock)
    assert again.features == table.features
    assert again.series[0].start == 2
    assert set(again.series[0].past[:, 1]) == {3.0}


@pytest.mark.parametrize("column", ["wind", "y"])
@pytest.mark.parametrize("factor", [1000.0, -40.0])
def test_another_unit_is_warned_about(column: str, factor: float) -> None:
    table = read_table(frame(), **NAMES)
    other = frame()
    other[column] = other[column] * factor
    with pytest.warns(InputWarning, match=f"column '{column}' runs from .* another unit"):
        read_table(other, like=table.features)


def test_a_column_that_training_had_is_missed_by_name() -> None:
    table = read_table(frame(), **NAMES)
    with pytest.raises(InputError, match="no column 'wind'"):
        read_table(frame().drop(columns="wind"), like=table.features)


def test_texts_that_are_no_category() -> None:
    many = pd.DataFrame({"t": np.arange(600), "y": 1.0, "note": [f"n{k}" for k in range(600)]})
    with pytest.raises(InputError, match="600 different texts in 600 rows"):
        read_table(many, target="y", past="note")


def test_what_the_horizon_needs() -> None:
    table = read_table(frame(), **NAMES)
    rows = future_rows(
        frame(), id="id", time="ds", zone="", features=table.features, clock=table.clock
    )
    assert list(rows) == ["a", "b"]
    known = table.series[0].known[7:]
    needed(known, table.features, "a", 3, str)
    with pytest.raises(InputError, match=r"'promo' is needed .* 4 steps .* 'a'.* value at 3: "):
        needed(known, table.features, "a", 4, str)
    with pytest.raises(InputError, match="no covariate is named as known"):
        read_table(frame(), future=frame())
    assert not Features()
