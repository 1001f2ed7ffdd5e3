"""What the reader sees in tables that people have: rows, columns and series, and what each is for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError
from gatewise.tasks.data.reader import read_table

DAYS = pd.date_range("2024-01-01", periods=60)
VALUES = np.round(1000 + 300 * np.sin(np.arange(60) / 3), 2)
FRAME = pd.DataFrame({"Date": DAYS, "Revenue": VALUES})


def test_rows_of_one_time_step() -> None:
    hours = pd.date_range("2024-01-01", periods=240, freq="6h") + pd.Timedelta("17min")
    frame = pd.DataFrame({"ds": hours, "y": np.arange(240.0), "k": 1.0})
    with pytest.raises(InputError, match=r"occurs twice.*--agg sum"):
        read_table(frame, reading={"freq": "D"}, target="y")
    table = read_table(frame, reading={"freq": "D", "agg": "sum"}, target="y", known="k")
    np.testing.assert_array_equal(table.series[0].values, np.arange(240.0).reshape(60, 4).sum(1))
    np.testing.assert_array_equal(table.series[0].known[:, 0], np.ones(60))
    weekly = read_table(frame, reading={"freq": "W", "agg": "mean"}, target="y")
    assert weekly.clock.describe() == "every week"


def test_rows_that_are_the_same_count_once() -> None:
    table = read_table(pd.concat([FRAME, FRAME[5:7]]))
    np.testing.assert_array_equal(table.series[0].values, VALUES)
    assert "2 rows are the same" in " ".join(table.notes)
    with pytest.raises(InputError, match="2024-01-06 occurs twice, in rows 6 and 61"):
        read_table(pd.concat([FRAME, FRAME[5:6].assign(Revenue=1.0)]))


def test_a_word_that_is_a_category() -> None:
    names = np.where(np.arange(60) % 7 == 0, "public", "none")
    known = read_table(FRAME.assign(holiday=names), target="Revenue", known="holiday")
    assert known.features.known[0].categories == ("none", "public")
    empty = FRAME.assign(holiday=np.where(names == "none", None, names))
    table = read_table(empty, target="Revenue", known="holiday")
    assert table.features.known[0].categories == ("", "public")
    assert not np.isnan(table.series[0].known).any()
    # an empty cell of a row that is yet to come is a value that nobody knows
    empty.loc[50:, "Revenue"] = np.nan
    full = empty.assign(holiday=np.where(np.arange(60) < 50, names, None))
    later = read_table(full, target="Revenue", known="holiday").series[0]
    assert np.isnan(later.known[50:]).all()


def test_values_that_stand_for_missing_ones() -> None:
    values = np.where(np.arange(60) == 7, -999, VALUES)
    table = read_table(FRAME.assign(Revenue=values), reading={"missing": -999})
    assert np.flatnonzero(np.isnan(table.series[0].values)).tolist() == [7]


def test_one_offset_is_a_zone() -> None:
    texts = [
        t.isoformat() for t in pd.date_range("2024-06-01", periods=60, freq="h", tz="Asia/Kolkata")
    ]
    clock = read_table(pd.DataFrame({"ds": texts, "y": VALUES})).clock
    assert clock.zone == "UTC+05:30"
    assert clock.show(int(clock.at(np.zeros(1, np.int64))[0])) == "2024-06-01 UTC+05:30"


def test_switches_are_not_forecast_beside_a_target() -> None:
    switched = FRAME.assign(Promo=np.arange(60) % 2, Price=9.99)
    table = read_table(switched)
    assert table.features.names("target") == ("Revenue",)
    assert "not forecast: 'Promo', 'Price'" in " ".join(table.notes)
    assert "target   Revenue" in table.describe()
    assert read_table(switched, target="Promo").features.names("target") == ("Promo",)


def test_columns_that_go_on_are_suggested_as_known() -> None:
    sales = np.where(np.arange(60) < 50, VALUES, np.nan)
    table = read_table(FRAME.assign(Revenue=sales, Price=VALUES / 3), target="Revenue")
    assert "'Price' has values in the last 10 rows" in " ".join(table.notes)
    assert "--target Revenue --known Price" in " ".join(table.notes)


def test_the_column_that_tells_series_apart() -> None:
    shops = pd.concat([FRAME.assign(Store=s, Kind=k) for s, k in (("A 1", "x"), ("A 2", "x"))])
    with pytest.raises(InputError, match="--id Store"):
        read_table(shops)


def test_two_columns_that_tell_series_apart_together() -> None:
    pairs = [("A", 1), ("A", 2), ("B", 1), ("B", 2)]
    shops = pd.concat([FRAME.assign(Store=s, Item=k) for s, k in pairs])
    with pytest.raises(InputError, match=r"'Store' and 'Item' together .* --id Store,Item"):
        read_table(shops)
    table = read_table(shops, id="Store,Item", target="Revenue")
    assert [s.id for s in table.series] == ["A / 1", "A / 2", "B / 1", "B / 2"]
    assert table.id == "Store,Item"


def test_a_total_among_series_is_named() -> None:
    shops = pd.concat([FRAME.assign(shop=s) for s in ("A", "B", "Gesamt")])
    notes = " ".join(read_table(shops, id="shop").notes)
    assert "'Gesamt' is called a total" in notes
    assert "is called a total" not in " ".join(read_table(shops[:120], id="shop").notes)


def test_future_rows_that_contradict_the_table() -> None:
    sales = FRAME.assign(Price=np.arange(60) % 5.0)
    future = pd.DataFrame({"Date": pd.date_range("2024-02-28", periods=5), "Price": 2.0})
    with pytest.raises(
        InputError, match="'Price': at 2024-02-28 the table has 3 and the future rows have 2"
    ):
        read_table(sales, target="Revenue", known="Price", future=future)


@pytest.mark.parametrize("row", [1, 2, 3])
def test_a_note_beside_an_early_row_costs_no_row(row: int, tmp_path: Path) -> None:
    """A row that is wider than the table is refused with its number; rows of values are never left out."""
    lines = FRAME.to_csv(index=False).splitlines()
    lines[row] += ",,a note"
    path = tmp_path / "note.csv"
    path.write_text("\n".join(lines))
    with pytest.raises(InputError, match=rf"row {row}\b"):
        read_table(path)


@pytest.mark.parametrize(
    ("texts", "years"),
    [
        (["3Q98", "4Q98", "1Q99", "2Q99"], [1998, 1999]),
        (["Q3'98", "Q4'98", "Q1'99", "Q2'99"], [1998, 1999]),
        (["2H98", "1H99", "2H99", "1H00"], [1998, 2000]),
        (["3Q04", "4Q04", "1Q05", "2Q05"], [2004, 2005]),
    ],
)
def test_years_of_two_digits_in_periods(texts: list[str], years: list[int]) -> None:
    table = read_table(pd.DataFrame({"quarter": texts, "y": [1.0, 2.0, 3.0, 5.0]}))
    (series,) = table.series
    first, last = table.clock.at(np.array([series.start, series.end - 1]))
    assert [int(table.clock.show(int(t))[:4]) for t in (first, last)] == years
    np.testing.assert_array_equal(series.values, [1.0, 2.0, 3.0, 5.0])
