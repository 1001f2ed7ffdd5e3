"""JSON, workbooks of several sheets, readings below a limit, plans beside what was measured, and series of different steps."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError
from gatewise.tasks.data.reader import Table, read_table

DAYS = pd.date_range("2024-01-01", periods=60)
VALUES = np.round(1000 + 300 * np.sin(np.arange(60) / 3), 2)
FRAME = pd.DataFrame({"Date": DAYS.strftime("%Y-%m-%d"), "Revenue": VALUES})
HOURS = [f"2024-01-{1 + k // 24:02d}T{k % 24:02d}:00" for k in range(60)]

JSON: dict[str, str] = {
    "records": FRAME.to_json(orient="records"),
    "records in lines": FRAME.to_json(orient="records", lines=True),
    "columns": FRAME.to_json(),
    "columns by date": FRAME.set_index("Date").to_json(),
    "rows by date": FRAME.set_index("Date").to_json(orient="index"),
    "columns, index and data": FRAME.set_index("Date").to_json(orient="split"),
    "with a schema": FRAME.to_json(orient="table"),
    "lists": json.dumps({"Date": list(FRAME.Date), "Revenue": VALUES.tolist()}),
    "rows below their names": json.dumps([["Date", "Revenue"], *FRAME.to_numpy().tolist()]),
    "of a web service": json.dumps(
        {"place": {"lat": 52.5}, "daily": {"time": list(FRAME.Date), "sum": VALUES.tolist()}}
    ),
    "objects within records": json.dumps(
        [
            {"at": d, "main": {"sum": v}, "tags": ["a"]}
            for d, v in zip(FRAME.Date, VALUES, strict=True)
        ]
    ),
    "dates and numbers": json.dumps(dict(zip(FRAME.Date, VALUES.tolist(), strict=True))),
    "pairs": json.dumps(
        [[1704067200000 + 86_400_000 * k, v] for k, v in enumerate(VALUES.tolist())]
    ),
}


@pytest.mark.parametrize("memory", ["1G", "1K"])
@pytest.mark.parametrize("name", JSON)
def test_json_is_read(
    name: str, memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWISE_TABLE_MEMORY", memory)
    path = tmp_path / "a.json"
    path.write_text(JSON[name])
    table = read_table(path)
    np.testing.assert_array_equal(table.series[0].values, VALUES)
    assert len(table.series) == 1
    assert table.clock.describe() == "every day"


NO_JSON = {
    "not JSON": ('{"a": 1, "b"', r"not JSON \(line 1, column 13"),
    "a broken line": ('{"a": 1}\n{"a": 2}\n{"a": 3\n', "line 3 is not JSON"),
    "a line that is a number": ('{"a": 1}\n{"a": 2}\n3\n', "line 3 is no object"),
    "no table": ('{"a": 1}', "no table in its JSON"),
    "two tables": (
        '{"a": [{"x": 1}, {"x": 2}], "b": [{"x": 1}, {"x": 2}]}',
        "several tables.*'a', 'b'",
    ),
    "lists within lists": ("[" * 100_000, "cannot read"),
}


@pytest.mark.parametrize("name", NO_JSON)
def test_what_is_no_table_in_json_is_said(name: str, tmp_path: Path) -> None:
    text, what = NO_JSON[name]
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(InputError, match=what):
        read_table(path)


def test_names_in_brackets_are_no_json(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("[Date],[Sold]\n" + FRAME.to_csv(index=False, header=False))
    np.testing.assert_array_equal(read_table(path).series[0].values, VALUES)


# --- sheets ---------------------------------------------------------------------------------------


def book(path: Path, **frames: pd.DataFrame) -> Path:
    with pd.ExcelWriter(path) as writer:
        for name, frame in frames.items():
            frame.to_excel(writer, sheet_name=name, index=False)
    return path


def every_sheet(path: Path) -> Table:
    return read_table(path, reading={"sheet": "all"})


def test_sheets_of_years_are_one_series(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx", **{"2022": FRAME[:30], "2023": FRAME[30:][["Revenue", "Date"]]}
    )
    table = every_sheet(path)
    np.testing.assert_array_equal(table.series[0].values, VALUES)
    assert "2 sheets are read as one table: '2022', '2023'" in table.notes
    with pytest.raises(InputError, match="--sheet all"):
        read_table(path)


def test_sheets_of_months_alone_get_the_year_of_their_names(tmp_path: Path) -> None:
    months = pd.DataFrame({"Month": pd.date_range("2024", periods=12, freq="MS").strftime("%b")})
    frames = {f"Sales {y}": months.assign(Sold=y - 2000.5) for y in (2021, 2022, 2023)}
    table = every_sheet(book(tmp_path / "a.xlsx", **frames))
    np.testing.assert_array_equal(table.series[0].values, np.repeat([20.5, 21.5, 22.5], 12))


def test_sheets_of_the_same_days_are_series(tmp_path: Path) -> None:
    notes = pd.DataFrame({"About": ["a", "b"]})
    path = book(tmp_path / "a.xlsx", North=FRAME, South=FRAME.assign(Revenue=1.5), About=notes)
    table = every_sheet(path)
    assert [s.id for s in table.series] == ["North", "South"]
    np.testing.assert_array_equal(table.series[0].values, VALUES)


def test_sheets_of_other_columns_are_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", A=FRAME, B=FRAME.rename(columns={"Revenue": "Cost"}))
    with pytest.raises(InputError, match=r"'A' and 'B' have other columns .'cost' is in 'B'"):
        every_sheet(path)


def test_a_later_table_need_not_have_the_sheet(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", A=FRAME, B=FRAME)
    table = read_table(path, reading={"sheet": "A"})
    text = tmp_path / "a.csv"
    text.write_text(FRAME.to_csv(index=False))
    other = book(tmp_path / "b.xlsx", New=FRAME)
    for later in (text, other):
        again = read_table(later, reading={"sheet": "A"}, like=table.features)
        np.testing.assert_array_equal(again.series[0].values, VALUES)


# --- cells and columns ----------------------------------------------------------------------------


@pytest.mark.parametrize("memory", ["1G", "1K"])
def test_readings_below_a_limit_are_the_limit(
    memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWISE_TABLE_MEMORY", memory)
    cells = [f"{v:.2f}" for v in VALUES]
    cells[3], cells[50] = "<700", "> 1300.5"
    path = tmp_path / "a.csv"
    path.write_text(FRAME.assign(Revenue=cells).to_csv(index=False))
    table = read_table(path)
    assert (table.series[0].values[3], table.series[0].values[50]) == (700, 1300.5)
    assert any("<700 is read as 700, its limit; --missing '<700'" in n for n in table.notes)
    without = read_table(path, reading={"missing": ["<700"]})
    assert np.isnan(without.series[0].values[3])


def test_groups_such_as_below_18_are_words() -> None:
    ages = np.where(np.arange(60) % 2, "<18", ">65")
    table = read_table(FRAME.assign(age=ages))
    assert table.features.names("target") == ("Revenue",)


def test_plans_and_their_differences_are_not_forecast() -> None:
    draw = np.random.default_rng(0)
    frame = FRAME.rename(columns={"Revenue": "Actual"})
    frame["Budget"], frame["DayAheadForecast"] = (
        np.arange(60) + 900.0,
        VALUES + draw.normal(size=60),
    )
    frame["Variance"] = (frame.Actual - frame.Budget).round(2)
    frame["Var %"] = (100 * frame.Variance / frame.Budget).round(1)
    table = read_table(frame)
    assert table.features.names("target") == ("Actual",)
    assert any("'Budget', 'DayAheadForecast'" in n and "--known Budget" in n for n in table.notes)
    assert any("differences" in n and "'Var %'" in n for n in table.notes)
    assert read_table(frame, target="Budget").features.names("target") == ("Budget",)


def test_plans_that_are_products_are_forecast() -> None:
    draw = np.random.default_rng(0)
    names = ("Free", "Basic plan", "Pro plan")
    frame = FRAME[["Date"]].assign(**{n: 9 + draw.normal(size=60) for n in names})
    assert read_table(frame).features.names("target") == names


def series(name: str, first: str, rows: int, freq: str) -> pd.DataFrame:
    days = pd.date_range(first, periods=rows, freq=freq)
    return pd.DataFrame({"unique_id": name, "ds": days, "y": np.arange(rows) % 9 + 1.0})


MIXED: dict[str, tuple[Callable[[], list[pd.DataFrame]], str]] = {
    "days and months": (
        lambda: [series("d", "2024-01-01", 90, "D"), series("m", "2020-01-31", 30, "ME")],
        "'d' .* 24 hours, 'm' .* 31 days.*--freq MS",
    ),
    "hours and days": (
        lambda: [series("h", "2024-01-01", 400, "h"), series("d", "2024-01-01", 20, "D")],
        "--freq D",
    ),
    "months and quarters": (
        lambda: [series("m", "2020-01-01", 30, "MS"), series("q", "2018-01-01", 20, "QS")],
        "--freq QS",
    ),
}


@pytest.mark.parametrize("name", MIXED)
def test_series_of_different_steps_are_refused(name: str) -> None:
    parts, what = MIXED[name]
    with pytest.raises(InputError, match=f"run at different steps.*{what}"):
        read_table(pd.concat(parts()))


def test_the_step_that_is_named_brings_them_together() -> None:
    parts = [series("d", "2024-01-01", 90, "D"), series("m", "2020-01-31", 30, "ME")]
    table = read_table(pd.concat(parts), reading={"freq": "MS", "agg": "mean"})
    assert table.clock.describe() == "every month"


def test_a_series_of_saturdays_among_days_is_closed_on_the_others() -> None:
    parts = [series("d", "2024-01-01", 200, "D"), series("w", "2024-01-06", 20, "W-SAT")]
    assert read_table(pd.concat(parts)).clock.describe() == "every day"
