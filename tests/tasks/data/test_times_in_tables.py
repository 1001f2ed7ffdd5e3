"""Times as tables have them: whole numbers, two columns, years of two digits, working days, rows that are numbered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError
from gatewise.tasks.data.periods import full_years
from gatewise.tasks.data.reader import read_table
from gatewise.tasks.data.series import Table

ROWS = 60
Y = (50 + 10 * np.sin(np.arange(ROWS)) + np.random.default_rng(0).standard_normal(ROWS)).round(2)
DAYS = pd.date_range("2023-01-01", periods=ROWS)
HOURS = pd.date_range("2023-01-30", periods=ROWS, freq="h")


def read(tmp_path: Path, columns: dict[str, object], **options: object) -> Table:
    """The table of a file with these columns."""
    path = tmp_path / "a.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    return read_table(path, **options)


def ends(table: Table) -> str:
    """Step, first and last time."""
    return table.describe()[1].removeprefix("time     ")


MONTHS = pd.date_range("2012-01-01", periods=ROWS, freq="MS")


@pytest.mark.parametrize("name", ["date", "when"])
@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (DAYS.strftime("%Y%m%d"), "every day, 2023-01-01 to 2023-03-01"),
        (MONTHS.strftime("%Y%m"), "every month, 2012-01-01 to 2016-12-01"),
        (np.arange(1960, 1960 + ROWS), "integer steps of 1, 1960 to 2019"),
        (DAYS.astype("int64") // 10**9, "every day, 2023-01-01 UTC to 2023-03-01 UTC"),
    ],
    ids=["days", "months", "years", "seconds"],
)
def test_whole_numbers_are_times_whatever_their_column_is_called(
    name: str, numbers: object, expected: str, tmp_path: Path
) -> None:
    table = read(tmp_path, {"y": Y, name: numbers})
    assert table.features.names("target") == ("y",)
    assert ends(table) == expected


def test_a_few_months_as_numbers_are_months(tmp_path: Path) -> None:
    months = pd.date_range("2012-01-01", periods=12, freq="MS").strftime("%Y%m")
    assert (
        ends(read(tmp_path, {"period": months, "y": Y[:12]}))
        == "every month, 2012-01-01 to 2012-12-01"
    )


@pytest.mark.parametrize(
    "values", [np.arange(ROWS) % 7 + 2000, [20_000_000] * 2 + [5] * (ROWS - 2)]
)
def test_other_whole_numbers_stay_values(values: object, tmp_path: Path) -> None:
    assert read(tmp_path, {"date": DAYS, "sold": values}).features.names("target") == ("sold",)


@pytest.mark.parametrize(
    ("date", "time", "values"),
    [
        ("%Y-%m-%d", "Time", HOURS.strftime("%H:%M")),
        ("%d.%m.%Y", "Uhrzeit", HOURS.strftime("%H:%M:%S")),
        ("%Y-%m-%d", "clock", HOURS.strftime("%I:%M %p")),
        ("%Y%m%d", "hour", HOURS.hour),
        ("%Y-%m-%d", "time", HOURS.strftime("%H%M")),
    ],
)
def test_a_date_and_a_time_of_day_are_put_together(
    date: str, time: str, values: object, tmp_path: Path
) -> None:
    table = read(tmp_path, {"Date": HOURS.strftime(date), time: values, "y": Y})
    assert ends(table) == "every hour, 2023-01-30 to 2023-02-01 11:00:00"
    assert f"time is put together from Date and {time}" in table.notes


def test_hours_from_1_to_24(tmp_path: Path) -> None:
    table = read(tmp_path, {"date": HOURS.strftime("%Y-%m-%d"), "hour": HOURS.hour + 1, "y": Y})
    assert ends(table) == "every hour, 2023-01-30 01:00:00 to 2023-02-01 12:00:00"


def test_a_later_row_has_its_time_of_day_and_days_do_not_take_one(tmp_path: Path) -> None:
    table = read(
        tmp_path, {"date": HOURS.strftime("%Y-%m-%d"), "time": HOURS.strftime("%H:%M"), "y": Y}
    )
    row = {"date": ["2023-02-01"], "time": ["12:00"], "y": [50.0]}
    later = read(tmp_path, row, like=table.features, clock=table.clock)
    assert later.series[0].start == table.series[0].end
    daily = read(tmp_path, {"date": DAYS, "opens": ["08:30"] * ROWS, "y": Y})
    assert ends(daily) == "every day, 2023-01-01 to 2023-03-01"


def test_what_is_no_time_of_day_is_named_by_its_row(tmp_path: Path) -> None:
    hours = HOURS.hour.to_numpy().copy()
    hours[40] = 31
    with pytest.raises(InputError, match=r"column 'hour', row 41: 31 is no time of day"):
        read(tmp_path, {"date": HOURS.strftime("%Y-%m-%d"), "hour": hours, "y": Y})


@pytest.mark.parametrize(
    "ids", [np.arange(ROWS), np.arange(ROWS)[::-1] + 700, [f"tx{k:04}" for k in range(ROWS)]]
)
def test_an_id_that_numbers_the_rows_is_none(ids: object, tmp_path: Path) -> None:
    table = read(tmp_path, {"id": ids, "date": DAYS, "sales": Y})
    assert (table.layout, table.features.names("target")) == ("single", ("sales",))
    assert (
        "'id' has another value in every row: it numbers the rows, and is left out" in table.notes
    )
    row = {"id": [999], "date": ["2023-03-02"], "sales": [50.0]}
    later = read(tmp_path, row, like=table.features, clock=table.clock, single=True)
    assert [s.id for s in later.series] == ["sales"]


def test_an_id_that_is_named_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"column 'nr' has another value in every row: it numbers the rows"
    ):
        read(tmp_path, {"nr": np.arange(ROWS), "date": DAYS, "sales": Y}, id="nr")


@pytest.mark.parametrize(
    ("texts", "years"),
    [
        (["64"], [1964]),
        (["58", "65", "73"], [1958, 1965, 1973]),
        (["98", "99", "00", "01"], [1998, 1999, 2000, 2001]),
        (["24", "25"], [2024, 2025]),
        (["'07", "2008"], [2007, 2008]),
    ],
)
def test_years_of_two_digits_lie_together_and_not_in_the_future(
    texts: list[str], years: list[int]
) -> None:
    assert full_years(texts) == years


def test_months_with_years_of_two_digits(tmp_path: Path) -> None:
    months = pd.date_range("1964-01-01", periods=ROWS, freq="MS").strftime("%b-%y")
    assert (
        ends(read(tmp_path, {"Month": months, "y": Y})) == "every month, 1964-01-01 to 1968-12-01"
    )


@pytest.mark.parametrize("written", ["%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M:%S"])
def test_24_o_clock_is_the_end_of_the_day(written: str, tmp_path: Path) -> None:
    texts = [
        (t - pd.Timedelta("1h")).strftime(written).replace(" 23:", " 24:")
        if t.hour == 0
        else t.strftime(written)
        for t in HOURS
    ]
    assert (
        ends(read(tmp_path, {"date": texts, "y": Y}))
        == "every hour, 2023-01-30 to 2023-02-01 11:00:00"
    )


def test_other_times_after_24_o_clock_are_none(tmp_path: Path) -> None:
    texts = [t.strftime("%Y-%m-%d %H:%M") for t in HOURS]
    texts[7] = "2023-01-30 24:30"
    with pytest.raises(InputError, match="row 8: '2023-01-30 24:30' is not a date"):
        read(tmp_path, {"date": texts, "y": Y})


@pytest.mark.parametrize("freq", ["BME", "BMS", "BQE"])
def test_working_days_of_the_month_are_a_step(freq: str, tmp_path: Path) -> None:
    dates = pd.date_range("2012-01-01", periods=ROWS + 1, freq=freq)
    table = read(tmp_path, {"date": dates[:-1], "y": Y})
    assert table.series[0].missing == 0
    after = table.clock.at(np.array([table.series[0].end])).astype("datetime64[us]")
    assert pd.Timestamp(after[0]) == dates[-1]


def test_a_holiday_moves_the_last_working_day_of_a_month_or_the_day_of_a_week(
    tmp_path: Path,
) -> None:
    months = pd.date_range("2012-01-31", periods=ROWS, freq="BME").to_series()
    months.iloc[7] -= pd.Timedelta("1D")
    table = read(tmp_path, {"date": months, "y": Y})
    assert "1 date lies a few days beside the last working day of the month" in " ".join(
        table.notes
    )
    weeks = pd.date_range("2023-01-06", periods=ROWS, freq="W-FRI").to_series()
    weeks.iloc[7] -= pd.Timedelta("1D")
    assert ends(read(tmp_path, {"date": weeks, "y": Y})) == "every week, 2023-01-06 to 2024-02-23"


def test_the_30th_of_each_month(tmp_path: Path) -> None:
    starts = pd.date_range("2016-01-01", periods=ROWS, freq="MS")
    dates = [d + pd.Timedelta(days=min(30, d.days_in_month) - 1) for d in starts]
    assert ends(read(tmp_path, {"date": dates, "y": Y})) == "every month, 2016-01-30 to 2020-12-30"
    without = [k for k, d in enumerate(dates) if d.month != 2]
    table = read(tmp_path, {"date": [dates[k] for k in without], "y": Y[without]})
    assert (
        table.series[0].missing == 5  # February
    )  # February of 2017 to 2020: the first one comes after two rows


def test_zeros_in_front_are_kept_however_late_they_come(tmp_path: Path) -> None:
    days = pd.date_range("2018-01-01", periods=1200)
    parts = [
        pd.DataFrame({"shop": s, "date": days, "y": np.arange(1200.0)}) for s in ("1", "2", "01")
    ]
    path = tmp_path / "a.csv"
    pd.concat(parts).to_csv(path, index=False)
    assert [s.id for s in read_table(path, id="shop").series] == ["01", "1", "2"]


MOMENTS = pd.date_range("2024-01-01", periods=100, freq="h")


@pytest.mark.parametrize(
    "texts",
    [
        MOMENTS.strftime("%Y%m%d%H"),
        MOMENTS.strftime("%Y%m%d%H%M").astype("int64"),
        MOMENTS.strftime("%Y%m%d%H%M%S"),
        MOMENTS.strftime("%d%b%Y:%H:%M:%S").str.upper(),
    ],
    ids=["to the hour", "to the minute", "to the second", "SAS"],
)
@pytest.mark.parametrize("name", ["MESS_DATUM", "_time", "Time (local)"])
def test_moments_without_marks(texts: pd.Index, name: str) -> None:
    table = read_table(pd.DataFrame({name: texts, "y": np.sin(np.arange(100.0))}))
    assert table.clock.describe() == "every hour"
    assert table.clock.show(int(table.clock.at(np.array([0]))[0])) == "2024-01-01"


def test_seconds_since_1970_stay_what_they_are() -> None:
    seconds = MOMENTS.to_numpy().astype("datetime64[s]").astype(np.int64)
    table = read_table(pd.DataFrame({"timestamp": seconds, "y": np.sin(np.arange(100.0))}))
    assert table.clock.show(int(table.clock.at(np.array([0]))[0])) == "2024-01-01 UTC"


@pytest.mark.parametrize(
    ("texts", "step"),
    [
        ([f"2023-{k:03}" for k in range(1, 61)], "every day"),
        ([f"{k % 12 + 1:03}/{2015 + k // 12}" for k in range(60)], "every month"),
        ([f"CW{k:02}/21" for k in range(1, 52)], "every week"),
    ],
    ids=["day of the year", "period of SAP", "calendar week"],
)
def test_other_ways_of_writing(texts: list[str], step: str) -> None:
    table = read_table(pd.DataFrame({"date": texts, "y": np.sin(np.arange(len(texts)))}))
    assert table.clock.describe() == step


def test_days_and_months_that_changed_places() -> None:
    days = pd.date_range("2023-01-02", periods=200)
    texts = [f"{d:%d/%m/%Y}" if d.day > 12 else f"{d:%m/%d/%Y}" for d in days]
    table = read_table(pd.DataFrame({"date": texts, "y": np.sin(np.arange(200.0))}))
    assert (len(table.series[0].values), table.clock.describe()) == (200, "every day")
    assert "days and months have changed places" in " ".join(table.notes)


def test_half_hours_that_are_counted() -> None:
    def of_days(counts: list[int]) -> pd.DataFrame:
        days = pd.date_range("2023-10-27", periods=len(counts))
        rows = [(d, k) for d, n in zip(days, counts, strict=True) for k in range(1, n + 1)]
        frame = pd.DataFrame(rows, columns=["SETTLEMENT_DATE", "SETTLEMENT_PERIOD"])
        return frame.assign(demand=np.sin(np.arange(len(rows)) / 7))

    table = read_table(of_days([48, 48, 48]))
    assert (table.clock.describe(), len(table.series[0].values)) == ("every 30 minutes", 144)
    autumn = of_days([48, 48, 50, 48])
    with pytest.raises(InputError, match=r"row 145: 49 is of a day .*--zone Europe/London"):
        read_table(autumn)
    table = read_table(autumn, zone="Europe/London")
    assert len(table.series[0].values) == 194
    assert not np.isnan(table.series[0].values).any()


def test_hours_that_are_named_by_their_end() -> None:
    frame = pd.DataFrame({"Date": MOMENTS.strftime("%Y-%m-%d"), "y": np.sin(np.arange(100.0))})
    for hours in (MOMENTS.strftime("HE%H"), pd.Index((MOMENTS.hour + 1) * 100)):
        name = "Hour Ending" if hours.dtype.kind == "i" else "Hour"
        assert read_table(frame.assign(**{name: hours})).clock.describe() == "every hour"


def test_months_of_a_statistical_office() -> None:
    rows = [(2004 + k // 12, f"M{k % 12 + 1:02}") for k in range(60)]
    frame = pd.DataFrame(rows, columns=["Year", "Period"]).assign(Value=np.sin(np.arange(60.0)))
    assert read_table(frame).clock.describe() == "every month"
    with_mean = pd.concat(
        [frame[:12], pd.DataFrame({"Year": [2004], "Period": ["M13"], "Value": [0.5]}), frame[12:]]
    )
    with pytest.raises(InputError, match="row 13: 'M13' is the mean of a year: take such rows out"):
        read_table(with_mean)


def test_irregular_times_are_said_with_a_step() -> None:
    gaps = np.random.default_rng(0).integers(200, 400, 200)
    times = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.cumsum(gaps), unit="s")
    with pytest.raises(InputError, match=r"the times are irregular: .* --freq 15min --agg mean"):
        read_table(pd.DataFrame({"ds": times, "y": np.sin(np.arange(200.0))}))
