"""Tables of every layout become the same series; what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gatewise.errors import InputError
from gatewise.tasks.data.files import read
from gatewise.tasks.data.reader import read_table

DAYS = pd.date_range("2024-01-01", periods=12, freq="D")
UP = np.arange(12.0)


def test_long_with_other_names_and_in_any_order() -> None:
    frame = pd.DataFrame(
        {"shop": ["x"] * 12 + ["y"] * 12, "when": [*DAYS, *DAYS], "sold": [*UP, *(UP + 100)]}
    )
    shuffled = frame.sample(frac=1, random_state=0)
    for unread in (frame, shuffled):
        table = read_table(unread, id="shop", time="when", target="sold")
        assert table.layout == "long"
        assert [s.id for s in table.series] == ["x", "y"]
        np.testing.assert_array_equal(table.series[1].values, UP + 100)
        assert (table.id, table.time, table.target) == ("shop", "when", "sold")
    assert any("sorted" in note for note in table.notes)


def test_wide_columns_are_series_and_words_are_left_out() -> None:
    frame = pd.DataFrame({"date": DAYS.astype(str), "a": UP, "b": -UP, "weather": "rain"})
    table = read_table(frame)
    assert table.layout == "wide"
    assert [s.id for s in table.series] == ["a", "b"]
    assert "'weather'" in " ".join(table.notes)


def test_one_row_a_series_is_aligned_at_the_end() -> None:
    frame = pd.DataFrame([["H1", *UP], ["H2", *UP[:9], None, None, None]])
    frame.columns = [f"V{k}" for k in range(1, 14)]
    table = read_table(frame)
    assert table.layout == "rows"
    assert [len(s.values) for s in table.series] == [12, 9]
    assert [s.start + len(s.values) for s in table.series] == [0, 0]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_pandas_and_polars_read_alike(make) -> None:  # type: ignore[no-untyped-def]
    table = read_table(make({"ds": [d.to_pydatetime() for d in DAYS], "y": UP.tolist()}))
    assert table.layout == "single"
    np.testing.assert_array_equal(table.series[0].values, UP)
    assert table.clock.describe() == "every day"


def test_gaps_and_missing_values_stay_missing() -> None:
    frame = pd.DataFrame({"ds": DAYS, "y": UP})
    frame.loc[4, "y"] = np.nan
    table = read_table(frame.drop(index=[7, 8]))
    assert "missing  3 of 12 values in 2 gaps of up to 2, masked" in table.describe()
    values = table.series[0].values
    assert list(np.flatnonzero(np.isnan(values))) == [4, 7, 8]
    assert len(values) == 12


def test_integer_time_and_none_at_all() -> None:
    table = read_table(pd.DataFrame({"t": [10, 12, 16, 18], "y": [1.0, 2.0, 3.0, 4.0]}))
    assert table.clock.step == 2
    assert list(np.isnan(table.series[0].values)) == [False, False, True, False, False]
    bare = read_table(pd.DataFrame({"value": UP}))
    assert any("consecutive" in note for note in bare.notes)


def good() -> pd.DataFrame:
    return pd.DataFrame({"ds": DAYS.astype(str), "sales": UP})


def changed(row: int, column: str, value: object) -> pd.DataFrame:
    frame = good().astype({column: object})
    frame.loc[row, column] = value
    return frame


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (good(), {"target": "sale"}, r"no column 'sale'\. Did you mean 'sales'"),
        (good(), {"time": "date"}, "no column 'date'"),
        (changed(3, "ds", "yesterday"), {}, "column 'ds', row 4: 'yesterday' is not a date"),
        (changed(3, "ds", None), {}, "row 4: the time is missing"),
        (changed(3, "ds", "2024-01-02"), {}, "2024-01-02 occurs twice, in rows 2 and 4"),
        (changed(3, "sales", "many"), {"target": "sales"}, "row 4: 'many' is not a number"),
        (
            good().assign(sales=[np.inf, *UP[1:]]),
            {},
            "column 'sales', row 1: the value is infinite",
        ),
        (good().assign(sales=np.nan), {}, "every cell of the target is missing"),
        (good()[:0], {}, "no rows"),
        (good()[["ds"]], {}, "no column of numbers"),
        (object(), {}, "or the path of a file, not a object"),
        (np.zeros((2, 2, 2)), {}, "an array of 3 dimensions is no table"),
        (good().assign(id=["a", None] * 6), {}, "'id', row 2: it is not said which series"),
        (changed(11, "ds", "9024-01-12"), {}, "nothing between 2024-01-11 and 9024-01-12"),
        (good(), {"known": "sales", "target": "sales"}, "named as target and as known"),
        (good().assign(x=np.nan), {"known": "x", "target": "sales"}, "'x' has no value in any row"),
        (
            good().assign(s=UP),
            {"static": "s", "target": "sales"},
            "changes within the series, in rows 1 and 2",
        ),
        (good(), {"zone": "Europe/Berlim"}, "Did you mean 'Europe/Berlin'"),
    ],
)
def test_what_is_wrong_is_named(frame: object, options: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_table(frame, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"ds,y\n", "header and no rows"),
        ("a.csv", "ds,ö\n2024-01-01,\n".encode() + b"\xf6,1\n", "is UTF-8 in part only"),
        ("a.parquet", b"not parquet at all", "cannot read"),
    ],
)
def test_bad_files(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=message):
        read(tmp_path / name)
    with pytest.raises(InputError, match="there is no file"):
        read(tmp_path / "other.csv")


def test_csv_and_parquet_say_the_same(tmp_path: Path) -> None:
    good().to_csv(tmp_path / "a.csv", index=False)
    good().to_parquet(tmp_path / "a.parquet")
    one, other = (read_table(read(tmp_path / f"a.{kind}").frame) for kind in ("csv", "parquet"))
    np.testing.assert_array_equal(one.series[0].values, other.series[0].values)
    assert one.clock == other.clock


def test_series_that_stand_still_are_named() -> None:
    t = np.arange(100)
    moving = np.sin(t)
    stuck = np.where(t < 70, moving, 3.0)
    stuck[80] = np.nan
    frame = pd.DataFrame({"t": t, "moving": moving, "stuck": stuck, "dead": 5.0})
    notes = read_table(frame, target=["moving", "stuck", "dead"]).notes
    assert "1 series never changing: dead" in notes
    assert any("stuck (29 times)" in n and "stuck sensor" in n for n in notes)
    assert "moving" not in " ".join(notes)


def test_zeros_are_named_where_percentages_fail() -> None:
    frame = pd.DataFrame({"t": np.arange(50), "y": np.where(np.arange(50) % 5, UP.mean(), 0.0)})
    assert any("20% of the values are 0" in n and "sMAPE" in n for n in read_table(frame).notes)
    assert not any("sMAPE" in n for n in read_table(frame.assign(y=1.0 + frame.y)).notes)


def test_columns_that_are_not_used_are_named() -> None:
    frame = good().assign(price=UP, weather="rain")
    assert (
        "not used unless named as known, past or static: 'weather'"
        in read_table(frame, target="sales", past="price").notes
    )
