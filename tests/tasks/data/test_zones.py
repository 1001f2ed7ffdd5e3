"""Time zones: hours that occur twice, hours that do not occur, days of 23 hours."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest

from gatewise.errors import InputError
from gatewise.tasks.data.reader import read_table
from gatewise.tasks.data.zones import from_wall, to_wall
from gatewise.tasks.forecast.frames import in_zone

BERLIN = "Europe/Berlin"


def hours(first: str, last: str, zone: str = BERLIN) -> pd.DatetimeIndex:
    return pd.date_range(first, last, freq="h", tz=zone)


def micros(times: pd.DatetimeIndex) -> np.ndarray:
    return times.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64)


def local(times: pd.DatetimeIndex) -> pd.DataFrame:
    """As a logger on the wall writes it: no zone."""
    walls = times.tz_localize(None)
    return pd.DataFrame({"ds": walls.astype(str), "y": np.arange(float(len(walls)))})


@pytest.mark.parametrize("zone", [BERLIN, "America/New_York", "Australia/Lord_Howe", "UTC"])
def test_a_year_there_and_back(zone: str) -> None:
    utc = pd.date_range("2024-01-01", "2024-12-31", freq="17min", tz="UTC")
    walls = to_wall(micros(utc), zone)
    np.testing.assert_array_equal(walls, micros(utc.tz_convert(zone)))
    back = from_wall(walls, zone)
    other = back != micros(utc)  # only the hour shown a second time
    assert other.mean() < 2e-4
    second = from_wall(walls, zone, other)
    np.testing.assert_array_equal(second, micros(utc))


def test_the_hour_left_out_in_spring_is_no_gap() -> None:
    frame = local(hours("2024-03-30", "2024-04-01"))
    assert not frame.ds.str.contains("2024-03-31 02:00").any()
    table = read_table(frame, zone=BERLIN)
    assert len(table.series[0].values) == 48
    assert table.series[0].missing == 0
    assert read_table(frame).series[0].missing == 1  # without the zone it looks like one
    walls = table.clock.wall_times(np.arange(48))
    assert list(np.diff(walls) // 3_600_000_000).count(2) == 1


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_hour_that_occurs_twice_in_autumn(newest_first: bool) -> None:
    frame = local(hours("2024-10-26", "2024-10-28"))
    rows = frame[::-1] if newest_first else frame
    table = read_table(rows, zone=BERLIN)
    np.testing.assert_array_equal(table.series[0].values, np.arange(50.0))
    with pytest.raises(InputError, match=r"2024-10-27 02:00:00 occurs twice.*summer time.*--zone"):
        read_table(rows)


def test_a_time_that_does_not_exist() -> None:
    frame = local(hours("2024-03-30", "2024-04-01"))
    frame.loc[3, "ds"] = "2024-03-31 02:00:00"
    with pytest.raises(InputError, match="row 4: 2024-03-31 02:00:00 does not exist in Europe"):
        read_table(frame, zone=BERLIN)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_days_are_counted_on_the_wall(library: str) -> None:
    days = pd.date_range("2024-03-01", periods=60, freq="D", tz=BERLIN)
    frame = pd.DataFrame({"ds": days, "y": np.arange(60.0)})
    table = read_table(frame if library == "pandas" else pl.from_pandas(frame))
    assert table.clock.describe() == "every day"
    assert table.clock.wall
    assert len(table.series[0].values) == 60
    following = table.clock.at(np.array([60, 300]))
    shown = [table.clock.show(int(t)) for t in following]
    assert shown == ["2024-04-30 Europe/Berlin", "2024-12-26 Europe/Berlin"]
    np.testing.assert_array_equal(table.clock.positions(following), [60, 300])


def test_months_too() -> None:
    months = pd.date_range("2024-01-01", periods=12, freq="MS", tz="America/New_York")
    table = read_table(pd.DataFrame({"ds": months, "y": np.arange(12.0)}))
    assert table.clock.describe() == "every month"
    assert table.clock.show(int(table.clock.at(np.array([12]))[0])).startswith("2025-01-01 ")


def test_offsets_of_summer_time_are_one_zone_and_others_are_not() -> None:
    berlin = hours("2024-03-30", "2024-04-01")
    frame = pd.DataFrame({"ds": [t.isoformat() for t in berlin], "y": 1.0})
    table = read_table(frame)
    assert len(table.series[0].values) == 48
    assert table.clock.zone == "UTC"
    assert read_table(frame, zone=BERLIN).clock.zone == BERLIN
    frame.loc[7, "ds"] = "2024-03-30T12:30+05:30"
    with pytest.raises(InputError, match="rows 1 and 8: the times are of different time zones"):
        read_table(frame)


def test_a_later_table_without_the_zone_of_training() -> None:
    table = read_table(local(hours("2024-03-30", "2024-04-01")), zone=BERLIN)
    later = local(hours("2024-04-01 01:00", "2024-04-02"))
    again = read_table(later, clock=table.clock, like=table.features)
    assert again.series[0].start == table.series[0].end


def test_forecasts_come_back_in_the_zone() -> None:
    frame = local(hours("2024-03-20", "2024-03-31"))
    clock = read_table(frame, zone="America/New_York").clock
    times = clock.at(np.arange(3)).astype("datetime64[us]")
    for backend in ("pandas", "polars"):
        out = in_zone(nw.from_dict({"ds": times}, backend=backend), "ds", clock)
        assert out["ds"][0].isoformat() == "2024-03-20T00:00:00-04:00"
