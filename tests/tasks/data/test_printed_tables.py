"""Tables as databases print them and statistical offices publish them: drawn lines, footers, two lines of names, marks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError
from gatewise.tasks.data.reader import read_table

DAYS = pd.date_range("2024-01-01", periods=60)
VALUES = np.round(1000 + 300 * np.sin(np.arange(60) / 3), 2)
PAIRS = list(zip(DAYS.strftime("%Y-%m-%d"), VALUES.astype(str), strict=True))
PLAIN = "Date,Revenue\n" + "".join(f"{d},{v}\n" for d, v in PAIRS)
RULE = "+------------+---------+\n"
BARS = "".join(f"| {d} | {v:>7} |\n" for d, v in PAIRS)
MONTHS = pd.date_range("2015-01-01", periods=60, freq="MS").strftime("%Y-%m").tolist()

READ = {
    "psql": (
        " day        | sales\n------------+--------\n"
        + "".join(f" {d} | {v}\n" for d, v in PAIRS)
        + "(60 rows)\n",
        "1 line below the table left out: (60 rows)",
    ),
    "a box": (
        f"{RULE}| day        | sales   |\n{RULE}{BARS}{RULE}60 rows in set (0.01 sec)\n",
        "1 line below the table left out: 60 rows in set",
    ),
    "Markdown": (f"| day | sales |\n|:---|---:|\n{BARS}", "separated by bars"),
    "a list between lines": (
        f"Sales 01\n\n{'-' * 30}\n| day | sales |\n{'-' * 30}\n{BARS}{'-' * 30}\n",
        "1 line before the names of the columns left out: Sales 01",
    ),
    "a source below": (
        PLAIN + "\n* provisional\nSource: Statistics Office\n",
        "2 lines below the table left out: * provisional",
    ),
    "a remark in the first cell": (PLAIN + "Prepared by A. Smith,\n", "1 line below the table"),
    "single quotes": ("'Date','Revenue'\n" + "".join(f"'{d}','{v}'\n" for d, v in PAIRS), ""),
    "provisional figures": (
        PLAIN.replace(f"{PAIRS[-1][1]}\n", f"{PAIRS[-1][1]} p\n"),
        f"{PAIRS[-1][1]} p is read as {PAIRS[-1][1]}",
    ),
}


@pytest.mark.parametrize("name", READ)
def test_they_are_read(name: str, tmp_path: Path) -> None:
    text, note = READ[name]
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    table = read_table(path)
    assert [s.values.tolist() for s in table.series] == [VALUES.tolist()]
    assert note in "\n".join(table.notes)


def test_the_names_of_columns_may_stand_in_two_lines(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    head = ",Berlin,Berlin,Bonn,Bonn\nDate,Sold,Guests,Sold,Guests\n"
    path.write_text(
        head + "".join(f"{d},{v},{k % 7},{k % 5},{k % 3}\n" for k, (d, v) in enumerate(PAIRS)),
        encoding="utf-8",
    )
    table = read_table(path)
    assert [s.id for s in table.series][-2:] == ["Bonn Sold", "Bonn Guests"]


def test_a_text_among_the_rows_is_no_footer(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    lines = PLAIN.splitlines()
    path.write_text("\n".join([*lines[:9], "sensor replaced", *lines[9:]]), encoding="utf-8")
    with pytest.raises(
        InputError, match=r"row 9 has a text and no value \(line 10 of the file\): sensor"
    ):
        read_table(path)
    path.write_text(PLAIN + "2024-03-01\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 61: it has 1 columns"):
        read_table(path)


def test_metadata_of_several_cells_before_names_that_are_years(tmp_path: Path) -> None:
    years = range(1960, 2020)
    path = tmp_path / "table.csv"
    rows = [
        f'"{c}","{c[:2]}",' + ",".join(str(k + y) for y in years)
        for k, c in enumerate(["Chad", "Peru"])
    ]
    head = '"Data Source","Indicators",\n\n"Last Updated Date","2024-05-30",\n\n"Name","Code",'
    path.write_text(head + ",".join(map(str, years)) + "\n" + "\n".join(rows), encoding="utf-8")
    table = read_table(path)
    assert [s.id for s in table.series] == ["Chad", "Peru"]
    assert table.series[1].values.tolist() == [1.0 + y for y in years]


def test_a_table_with_marks_and_gaps_of_which_the_columns_are_months(tmp_path: Path) -> None:
    cells = {
        c: [f"{k + i}.5 p" if i > 57 else f"{k + i}.5 " for i in range(60)]
        for k, c in enumerate("ab")
    }
    cells["a"][3] = ": "
    text = "unit,geo\\TIME\t" + "\t".join(f"{m} " for m in MONTHS) + "\n"
    text += "".join(f"PC,{c}\t" + "\t".join(row) + "\n" for c, row in cells.items())
    path = tmp_path / "table.tsv"
    path.write_text(text, encoding="utf-8")
    table = read_table(path)
    first = next(s for s in table.series if s.id.endswith("a"))
    assert np.isnan(first.values[3])
    assert first.values[-1] == 59.5


def test_counted_columns_behind_several_names() -> None:
    days = {f"d_{k}": [k, 2 * k] for k in range(1, 21)}
    frame = pd.DataFrame({"item": ["A1", "A2"], "shop": ["x", "x"], **days})
    table = read_table(frame)
    assert [(s.id, s.values[:3].tolist()) for s in table.series] == [
        ("A1", [1, 2, 3]),
        ("A2", [2, 4, 6]),
    ]


def test_a_word_for_a_missing_value_is_said_with_the_option(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(PLAIN.replace(PAIRS[6][1], "closed"), encoding="utf-8")
    with pytest.raises(InputError, match=r"row 7: 'closed' is not a number.*\(--missing closed\)"):
        read_table(path)
    path.write_text(PLAIN.replace(PAIRS[6][1], "unavailable"), encoding="utf-8")
    assert np.isnan(read_table(path).series[0].values[6])


def test_a_year_stands_once_above_its_months() -> None:
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    years = [2015 + k // 12 if k % 12 == 0 else None for k in range(48)]
    frame = pd.DataFrame({"Year": years, "Month": names * 4, "Sales": np.arange(48.0) ** 2})
    table = read_table(frame)
    assert (table.clock.describe(), len(table.series[0].values)) == ("every month", 48)
    assert "empty cells of 'Year' mean what stands above them: 2015" in table.notes
