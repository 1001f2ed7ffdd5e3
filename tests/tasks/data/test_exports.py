"""Tables as programs and services export them: each is read as it is meant, or refused by row."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError
from gatewise.tasks.data.reader import Table, read_table

ROWS = 120
DRAW = np.random.default_rng(5)
DAYS = pd.date_range("2024-01-01", periods=ROWS)
HOURS = pd.date_range("2024-01-01", periods=ROWS, freq="h")
WEEKS = pd.date_range("2022-01-03", periods=ROWS, freq="W-MON")
MONTHS = pd.date_range("2012-01-01", periods=ROWS, freq="MS")
Y = np.round(
    50 + 20 * np.sin(2 * np.pi * np.arange(ROWS) / 7) + DRAW.standard_normal(ROWS), 1
).tolist()


def text(head: str, times: pd.DatetimeIndex, row: Callable[[pd.Timestamp, float, int], str]) -> str:
    """The text of a table with a row for each time."""
    return head + "\n" + "".join(row(t, Y[k], k) + "\n" for k, t in enumerate(times))


def german(value: float) -> str:
    return f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")


def until(time: pd.Timestamp, step: str, form: str) -> str:
    return f"{time + pd.Timedelta(step):{form}}"


DAY, HOUR, MONTH = "every day, 2024-01-01", "every hour, 2024-01-01", "every month, 2012-01-01"
READ: dict[str, tuple[str, str]] = {
    "searches, with <1": (
        "Category: All\n\n"
        + text(
            "Week,mower: (World)",
            WEEKS,
            lambda t, y, k: f"{t:%Y-%m-%d},{'<50' if Y[k] == 50 else y}",
        ),
        "every week, 2022-01-03",
    ),
    "a forecast beside the load, from hour to hour": (
        text(
            '"MTU (CET)","Actual Load (MW)","Day-ahead Load Forecast (MW)"',
            HOURS,
            lambda t, y, k: (
                f'"{t:%d/%m/%Y %H:%M} - {until(t, "1h", "%d/%m/%Y %H:%M")}",{y},{y + k % 3}'
            ),
        ),
        HOUR,
    ),
    "names of time zones": (
        text("Time,Load", HOURS, lambda t, y, k: f"{t:%Y-%m-%d %H:%M} CET,{y}"),
        "every hour, 2024-01-01 UTC+01:00",
    ),
    "seconds since 1970 with decimals": (
        text("ts,value", HOURS, lambda t, y, k: f"{t.timestamp():.1f},{y}"),
        "every hour, 2024-01-01 UTC",
    ),
    "intervals beside days": (
        text(
            "Date,Interval,Calls",
            pd.date_range("2024-01-20", periods=ROWS, freq="30min"),
            lambda t, y, k: f"{t:%m/%d/%Y},{t:%H:%M}-{until(t, '30min', '%H:%M')},{y}",
        ),
        "every 30 minutes, 2024-01-20",
    ),
    "week ending": (
        text("Week ending,Sold", WEEKS, lambda t, y, k: f"w/e {t:%d/%m/%Y},{y}"),
        "every week, 2022-01-03",
    ),
    "periods of a firm": (
        text("Period,Sold", MONTHS, lambda t, y, k: f"P{t.month:02d} FY{t.year},{y}"),
        MONTH,
    ),
    "periods behind years": (
        text("Period,Sold", MONTHS, lambda t, y, k: f"{t.year}P{t.month:02d},{y}"),
        MONTH,
    ),
    "quarters in words": (
        text(
            "Quarter,Output",
            pd.date_range("1990-01-01", periods=ROWS, freq="QS"),
            lambda t, y, k: (
                f"{('First', 'Second', 'Third', 'Fourth')[t.quarter - 1]} quarter {t.year},{y}"
            ),
        ),
        "every quarter, 1990-01-01",
    ),
    "names of rows, as R writes them": (
        text('"date","value"', DAYS, lambda t, y, k: f'"{k + 1}","{t:%Y-%m-%d}",{y}'),
        DAY,
    ),
    "names of rows between blanks": (
        text('"date" "value"', DAYS, lambda t, y, k: f'"{k + 1}" "{t:%Y-%m-%d}" {y}'),
        DAY,
    ),
    "days as names of rows": (text("value", DAYS, lambda t, y, k: f"{t:%Y-%m-%d},{y}"), DAY),
    "values that are about": (
        text("Day,Visits", DAYS, lambda t, y, k: f"{t:%Y-%m-%d},{'~' if k % 9 == 0 else ''}{y}"),
        DAY,
    ),
    "two scales": (
        text("Date,degC,degF", DAYS, lambda t, y, k: f"{t:%Y-%m-%d},{y},{y * 1.8 + 32:.1f}"),
        DAY,
    ),
    "prices of a day": (
        text("Date,Close,Adj Close", DAYS, lambda t, y, k: f"{t:%Y-%m-%d},{y},{y}"),
        DAY,
    ),
    "large whole numbers are no quarters": (
        text("Date;Load", HOURS, lambda t, y, k: f"{t:%Y-%m-%d %H:%M};{german(y)}"),
        HOUR,
    ),
    "lists of pairs": (
        json.dumps(
            {
                name: [
                    [int(t.timestamp() * 1000), float(f * y)] for t, y in zip(DAYS, Y, strict=True)
                ]
                for name, f in (("prices", 1), ("caps", 7))
            }
        ),
        "every day, 2024-01-01 UTC",
    ),
}


def read(content: str, tmp_path: Path) -> Table:
    path = tmp_path / "a.csv"
    path.write_text(content)
    return read_table(path)


@pytest.mark.parametrize("name", READ)
def test_exports_are_read(name: str, tmp_path: Path) -> None:
    content, time = READ[name]
    table = read(content, tmp_path)
    assert len(table.series) == 1
    np.testing.assert_allclose(table.series[0].values, Y, rtol=1e-12)
    assert table.describe()[1].startswith(f"time     {time}")


REFUSED: dict[str, tuple[str, str]] = {
    "a total below days without a year": (
        text("Label,Sold", DAYS, lambda t, y, k: f"{t:%d-%b},{y}") + "Grand Total,99\n",
        "'01-Jan' has no year",
    ),
    "a total below names": (
        text("Label,Sold", DAYS, lambda t, y, k: f"item {k},{y}") + "Grand Total,99\n",
        "row 121: 'Grand Total' looks like the row of a total",
    ),
    "a line of a page": (
        text(
            "Date,Sold",
            DAYS,
            lambda t, y, k: f"{t:%Y-%m-%d},{y}" + ("\nPage 1 of 3," if k == 39 else ""),
        ),
        "row 41 has a text and no value .line 42 of the file.: Page 1 of 3",
    ),
    "a second table": (
        text("Date,Sold", DAYS, lambda t, y, k: f"{t:%Y-%m-%d},{y}") + "\nCountry,Sold\nPeru,1\n",
        "row 121 repeats the name of the column: if another table begins",
    ),
    "lengths of time": (
        text("Date,Worked", DAYS, lambda t, y, k: f"{t:%Y-%m-%d},{7 + k % 3:02d}:15"),
        "'07:15' is a length of time",
    ),
    "first days of months or days of January": (
        text("Date,Sold", MONTHS[:12], lambda t, y, k: f"{t:%d/%m/%Y},{y}"),
        "--date-format dmy or --date-format mdy",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_said(name: str, tmp_path: Path) -> None:
    content, what = REFUSED[name]
    with pytest.raises(InputError, match=what):
        read(content, tmp_path)
