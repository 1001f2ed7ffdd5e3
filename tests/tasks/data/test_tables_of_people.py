"""Tables as offices and instruments write them: each is read as one series of sixty days, or refused by name."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from gatewise.errors import InputError
from gatewise.tasks.data import files, spool
from gatewise.tasks.data.reader import read_table

DAYS = pd.date_range("2024-01-01", periods=60)
VALUES = np.round(1000 + 300 * np.sin(np.arange(60) / 3), 2)
FRAME = pd.DataFrame({"Date": DAYS, "Revenue": VALUES})


def rows(
    cell: Callable[[float], str] = str,
    head: str = "Date,Revenue",
    sep: str = ",",
    date: str = "%Y-%m-%d",
) -> str:
    lines = [f"{d:{date}}{sep}{cell(float(v))}" for d, v in zip(DAYS, VALUES, strict=True)]
    return "\n".join([head, *lines]) + "\n"


def german(value: float) -> str:
    return f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")


def with_line(at: int, line: str, text: str) -> str:
    lines = text.splitlines()
    return "\n".join([*lines[:at], line, *lines[at:]]) + "\n"


PLAIN = rows()
GERMAN = rows(german, "Datum;Umsatz", ";", "%d.%m.%Y")
READ: dict[str, tuple[str | bytes, str]] = {
    "German": (GERMAN, "1.000,00 is read as 1000"),
    "American": (rows(lambda v: f'"{v:,.2f}"', date="%m/%d/%Y"), "1,000.00 is read as 1000"),
    "no-break spaces": (
        rows(lambda v: f"{v:,.2f} €".replace(",", "\u00a0")),
        "1\u00a0000.00 € is read as 1000",
    ),
    "currency": (rows(lambda v: f"EUR {v:.2f}"), "EUR 1000.00 is read as 1000"),
    "sep=": ("sep=;\n" + GERMAN, "the line sep= is left out"),
    "comments": ("# by meter 7\n# kWh\n" + PLAIN, "lines that begin with #"),
    "names in a comment": ("# by meter 7\n# Date,Revenue\n" + PLAIN.split("\n", 1)[1], ""),
    "a comment in between": (with_line(9, "# sensor replaced", PLAIN), "lines that begin with #"),
    "a title": (
        '"Monthly report"\n"Created","2024-06-01"\n\n' + PLAIN,
        "2 lines before the names of the columns",
    ),
    "a title in a wide sheet": ("Report,\n,\n" + PLAIN, "lines before the names"),
    "units": (with_line(1, ",EUR", PLAIN), "between the names and the rows left out: ,EUR"),
    "a separator at the end of rows": (
        PLAIN.replace("\n", ",\n").replace(",\n", "\n", 1),
        "without any value",
    ),
    "a separator at the end of the names": (PLAIN.replace("\n", ",\n", 1), ""),
    "empty rows at the end": (PLAIN + ",\n,\n", ""),
    "UTF-16": (GERMAN.encode("utf-16"), "the text is read as UTF-16"),
    "Windows-1252": (
        rows(head="Datum;Größe", sep=";").encode("cp1252"),
        "the text is read as Windows-1252",
    ),
    "a unit": (rows(lambda v: f"{v:.2f} kWh"), "1000.00 kWh is read as 1000"),
    "a price of a unit": (rows(lambda v: f"{v:.2f} €/kg"), "1000.00 €/kg is read as 1000"),
    "letters for powers": (
        rows(lambda v: f"{v / 1e6:.8f}M" if v > 1250 else f"{v / 1e3:.5f}K"),
        "1.00000K is read as 1000",
    ),
    "a sign and a code": (rows(lambda v: f'"${v:,.2f} MXN"'), "$1,000.00 MXN is read as 1000"),
    "roubles": (
        rows(lambda v: f"{german(v).replace('.', chr(160))} руб.", "Дата;Выручка", ";"),
        "is read as 1000",
    ),
    "formulas of texts": (
        rows(lambda v: f'"=""{v}"""', date='"=""%Y-%m-%d"""'),
        "",
    ),
    "aligned by blanks": (
        rows(lambda v: f"{v:>10}", "Date          Revenue", " "),
        "columns are separated by blanks",
    ),
    "Windows-1250": (
        rows(lambda v: f"{german(v)} zł", "Dzień;Obrót", ";").encode("cp1250"),
        "the text is read as Windows-1250",
    ),
    "the old Mac": (
        rows(head="Datum;Größe", sep=";").encode("mac_roman"),
        "the text is read as Mac Roman (--encoding says otherwise): Größe",
    ),
    "dates of East Asia": (rows(date="%Y年%m月%d日"), "2024年01月01日 is read as year, month, day"),
    "stretches": (
        rows(date="%d.%m.%Y 00:00 - %d.%m.%Y 23:59"),
        "is read as its beginning, 01.01.2024 00:00",
    ),
    "days of the week before dates": (rows(date="mar %d/%m/%Y"), "is read as day, month, year"),
    "days in words": (rows(date="%A, %B %d, %Y").replace(", ", " "), "is read as 2024-01-01"),
}


@pytest.fixture(params=[("pandas", "1G"), ("polars", "1G"), ("pandas", "1K"), ("polars", "1K")])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the ways of reading: either library, at once or in pieces."""
    library, memory = request.param
    for module in (files, spool):
        monkeypatch.setattr(module, "library", lambda: library)
    monkeypatch.setenv("GATEWISE_TABLE_MEMORY", memory)


@pytest.mark.parametrize("name", READ)
def test_they_are_read(name: str, way: None, tmp_path: Path) -> None:
    content, note = READ[name]
    path = tmp_path / "a.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    table = read_table(path)
    np.testing.assert_array_equal(table.series[0].values, VALUES)
    assert (len(table.series), table.clock.describe()) == (1, "every day")
    assert (
        table.clock.show(int(table.clock.at(np.array([table.series[0].start]))[0])) == "2024-01-01"
    )
    assert note in " | ".join(table.notes)


REFUSED: dict[str, tuple[str | bytes, dict[str, Any], list[str]]] = {
    "points between thousands or decimals": (
        rows(lambda v: f"{v + 400:,.0f}".replace(",", "."), "Datum;Umsatz", ";"),
        {},
        ["'1.400' may be 1400", "or 1.400", "--decimal , or --decimal ."],
    ),
    "commas between thousands or decimals": (
        rows(lambda v: f'"{v + 400:,.0f}"'),
        {},
        ["row 1", "'1,400' may be 1400"],
    ),
    "the names once more": (
        with_line(31, "Date,Revenue", PLAIN),
        {},
        ["row 31 repeats the names", "line 32"],
    ),
    "a total": (PLAIN + "Total,60000\n", {}, ["row 61", "'Total' is not a date", "total"]),
    "a total in German": (
        GERMAN + "Summe;60.000,00\n",
        {},
        ["row 61", "'Summe' is not a date", "total"],
    ),
    "a cell without a number": (
        rows(lambda v: "n/v" if v == VALUES[16] else f"${v}"),
        {},
        ["column 'Revenue', row 17", "'n/v' is not a number"],
    ),
    "half in another encoding": (
        (PLAIN + "2024-03-01,ö\n").encode() + b"2024-03-02,\xf6\n",
        {},
        ["UTF-8 in part only", "--encoding"],
    ),
    "UTF-16 without a mark": (PLAIN.encode("utf-16-le"), {}, ["--encoding utf-16-le"]),
    "days as Excel counts them": (
        rows(date="%j").replace("\n0", "\n453").replace("\n45300", "\n4530"),
        {},
        ["may be a date as Excel counts days", "--date-format excel or --date-format number"],
    ),
    "day or month": (
        "Date,y\n" + "".join(f"{1 + k % 12}/{1 + k % 11}/{2000 + k},{k}.5\n" for k in range(30)),
        {},
        ["which is the day", "2011-01-12 or 2011-12-01", "--date-format dmy or --date-format mdy"],
    ),
    "another separator": (
        rows(head="Date~Revenue", sep="~"),
        {},
        ["one of texts such as 2024-01-01~", "--sep"],
    ),
    "a sheet of a text": (PLAIN, {"sheet": "A"}, ["is no Excel file"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_they_are_refused(name: str, tmp_path: Path) -> None:
    content, reading, parts = REFUSED[name]
    path = tmp_path / "a.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        read_table(path, reading=reading)
    for part in parts:
        assert part in str(caught.value), str(caught.value)


DATES: dict[str, tuple[Callable[[int], str], str]] = {
    "quarters": (lambda k: f"Q{1 + k % 4} {2005 + k // 4}", "every quarter"),
    "short quarters": (lambda k: f"{1 + k % 4}Q{10 + k // 4}", "every quarter"),
    "half-years": (lambda k: f"H{1 + k % 2} {2000 + k // 2}", "every half-year"),
    "weeks": (
        lambda k: "KW {0[1]}/{0[0]}".format((DAYS[0] + pd.Timedelta(weeks=k)).isocalendar()),
        "every week",
    ),
    "Excel's months": (
        lambda k: f"{pd.Timestamp(2019 + k // 12, 1 + k % 12, 1):%b-%y}",
        "every month",
    ),
    "months of statistics": (lambda k: f"{2019 + k // 12}M{1 + k % 12:02}", "every month"),
    "months by numbers": (lambda k: f"{1 + k % 12:02}.{2019 + k // 12}", "every month"),
    "the 30th": (
        lambda k: str((pd.Timestamp(2019, 1, 30) + pd.DateOffset(months=k)).date()),
        "every month",
    ),
    "years of firms": (lambda k: f"FY{50 + k if k < 50 else k - 50:02}", "every year"),
    "years from summer to summer": (lambda k: f"{1960 + k}/{(61 + k) % 100:02}", "every year"),
    "quarters of firms": (lambda k: f"FY{10 + k // 4} Q{1 + k % 4}", "every quarter"),
    "stretches of months": (
        lambda k: f"{['Jan-Mar', 'Apr-Jun', 'Jul-Sep', 'Oct-Dec'][k % 4]} {2005 + k // 4}",
        "every quarter",
    ),
    "weeks as numbers": (
        lambda k: "{0[0]}{0[1]:02}".format((DAYS[0] + pd.Timedelta(weeks=k)).isocalendar()),
        "every week",
    ),
    "an uneven clock": (
        lambda k: str(pd.Timestamp(2024, 1, 1) + pd.Timedelta(hours=k, seconds=(k * 7) % 40)),
        "every hour",
    ),
}
MONTHS = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pl": "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
    "es, short": "ene feb mar abr may jun jul ago sep oct nov dic",
    "sr": "јануар фебруар март април мај јун јул август септембар октобар новембар децембар",
    "ru": "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
}


@pytest.mark.parametrize("name", [*DATES, *MONTHS])
def test_dates(name: str, tmp_path: Path) -> None:
    if name in DATES:
        write, step = DATES[name]
    else:
        words = MONTHS[name].split()
        write, step = (lambda k: f"{words[k % 12]} {2019 + k // 12}"), "every month"
    lines = [f"{write(k)};{v}" for k, v in enumerate(VALUES)]
    (tmp_path / "a.csv").write_text("when;y\n" + "\n".join(lines) + "\n", encoding="utf-8")
    table = read_table(tmp_path / "a.csv")
    assert table.clock.describe() == step
    np.testing.assert_array_equal(table.series[0].values, VALUES)


SPREAD: dict[str, tuple[str, Callable[[int], str], str]] = {
    "Jahr;Monat": ("Jahr;Monat", lambda k: f"{2019 + k // 12};{k % 12 + 1}", "every month"),
    "month in words": (
        "Year;Month",
        lambda k: f"{2019 + k // 12};{pd.Timestamp(2019, k % 12 + 1, 1):%B}",
        "every month",
    ),
    "année;trimestre": (
        "année;trimestre",
        lambda k: f"{2005 + k // 4};{k % 4 + 1}",
        "every quarter",
    ),
    "quarter in words": (
        "Year;Quarter",
        lambda k: f"{2005 + k // 4};Q{k % 4 + 1}",
        "every quarter",
    ),
    "Jahr;KW": (
        "Jahr;KW",
        lambda k: "{0[0]};{0[1]}".format((DAYS[0] + pd.Timedelta(weeks=k)).isocalendar()),
        "every week",
    ),
}


@pytest.mark.parametrize("name", SPREAD)
def test_times_in_two_columns(name: str) -> None:
    head, write, step = SPREAD[name]
    text = "".join(f"{write(k)};{v}\n" for k, v in enumerate(VALUES))
    table = read_table(pd.read_csv(io.StringIO(f"{head};y\n{text}"), sep=";"))
    assert table.clock.describe() == step
    np.testing.assert_array_equal(table.series[0].values, VALUES)


def test_a_week_that_its_year_does_not_have() -> None:
    frame = pd.DataFrame({"Jahr": 2023, "KW": [51, 52, 53], "y": 1.0})
    with pytest.raises(InputError, match=r"row 3: .* 2023 has no week 53"):
        read_table(frame)


def sheets(path: Path, **frames: pd.DataFrame) -> None:
    with pd.ExcelWriter(path) as writer:
        for name, frame in frames.items():
            frame.to_excel(writer, sheet_name=name, index=False)


def packed(path: Path, *names: str) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, PLAIN)


def report(path: Path) -> None:
    """A sheet with a title, that begins in the second column."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["B2"], sheet["B4"], sheet["C4"] = "Report 2024", "Datum", "Umsatz"
    for k in range(60):
        sheet.cell(5 + k, 2, DAYS[k].to_pydatetime())
        sheet.cell(5 + k, 3, float(VALUES[k]))
    book.save(path)


def sheet_in_archive(path: Path) -> None:
    sheets(path.with_suffix(".xlsx"), A=FRAME)
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(path.with_suffix(".xlsx"), "a.xlsx")


NOTES = pd.DataFrame({"About": ["a", "b"]})
FILES: dict[str, tuple[str, Callable[[Path], object], dict[str, Any]]] = {
    "a sheet": ("a.xlsx", lambda p: sheets(p, A=FRAME), {}),
    "the only sheet with a table": ("a.xlsx", lambda p: sheets(p, Notes=NOTES, A=FRAME), {}),
    "a sheet that is named": (
        "a.xlsx",
        lambda p: sheets(p, B=FRAME[::-1], A=FRAME),
        {"sheet": "A"},
    ),
    "a report": ("a.xlsx", report, {}),
    "text that is named as a sheet": ("a.xlsx", lambda p: p.write_text(PLAIN), {}),
    "gzip": ("a.csv.gz", lambda p: p.write_bytes(gzip.compress(GERMAN.encode())), {}),
    "a sheet in an archive": ("a.zip", sheet_in_archive, {}),
    "an archive": ("a.zip", lambda p: packed(p, "a.csv", "__MACOSX/a.csv"), {}),
    "Feather": ("a.feather", lambda p: FRAME.to_feather(p), {}),
    "Parquet": ("a.parquet", lambda p: FRAME.to_parquet(p), {}),
}


@pytest.mark.parametrize("memory", ["1G", "1K"])
@pytest.mark.parametrize("name", FILES)
def test_kinds_of_files(
    name: str, memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWISE_TABLE_MEMORY", memory)
    file, write, reading = FILES[name]
    write(tmp_path / file)
    table = read_table(tmp_path / file, reading=reading)
    np.testing.assert_array_equal(table.series[0].values, VALUES)
    assert table.clock.describe() == "every day"


def document_type(path: Path) -> None:
    """A sheet whose text would grow when it is read."""
    sheets(path, A=FRAME)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = b'<!DOCTYPE x [<!ENTITY a "b">]>' + parts[sheet]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"a,b\n" + b"1,2\n" * 17_000_000)


def half(path: Path) -> None:
    sheets(path, A=FRAME)
    path.write_bytes(path.read_bytes() + PLAIN.encode())


NO_FILES: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "two sheets": (
        "a.xlsx",
        lambda p: sheets(p, North=FRAME, South=FRAME),
        "'North', 'South'.*--sheet",
    ),
    "no table": ("a.xlsx", lambda p: sheets(p, Notes=NOTES), "no sheet .* has a table.*'Notes'"),
    "half Excel, half CSV": ("a.xlsx", half, "an Excel file with .* something else behind it"),
    "half CSV, half Excel": (
        "a.csv",
        lambda p: p.write_bytes(PLAIN.encode() * 9 + b"PK\x03\x04\x00"),
        "row 549",
    ),
    "a document type": ("a.xlsx", document_type, "has a document type"),
    "a damaged archive": ("a.zip", lambda p: p.write_bytes(b"PK\x03\x04" + b"x" * 99), "damaged"),
    "two tables": ("a.zip", lambda p: packed(p, "a.csv", "b.csv"), "holds a.csv, b.csv"),
    "a bomb": ("a.zip", bomb, "more than 64 MB"),
    "packed twice": (
        "a.gz",
        lambda p: p.write_bytes(gzip.compress(gzip.compress(b"a"))),
        "packed once more",
    ),
    "damaged gzip": (
        "a.gz",
        lambda p: p.write_bytes(gzip.compress(PLAIN.encode())[:-20]),
        "damaged",
    ),
    "the old Excel": (
        "a.xls",
        lambda p: p.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 99),
        "old kind",
    ),
}


@pytest.mark.parametrize("name", NO_FILES)
def test_files_that_are_refused(name: str, tmp_path: Path) -> None:
    file, write, message = NO_FILES[name]
    write(tmp_path / file)
    with pytest.raises(InputError, match=message):
        read_table(tmp_path / file)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(GERMAN.encode())))
    np.testing.assert_array_equal(read_table("-").series[0].values, VALUES)


IN_PYTHON: dict[str, tuple[Any, str]] = {
    "a series with times": (FRAME.set_index("Date").Revenue, "every day"),
    "a series without a name": (pd.Series(VALUES, index=DAYS), "every day"),
    "a frame with times as its index": (FRAME.set_index("Date"), "every day"),
    "a list": (VALUES.tolist(), "integer steps of 1"),
    "an array": (VALUES, "integer steps of 1"),
    "a mapping": ({"ds": DAYS, "y": VALUES}, "every day"),
    "rows": ([{"ds": d, "y": v} for d, v in zip(DAYS, VALUES, strict=True)], "every day"),
    "dates of Python": (pd.DataFrame({"ds": [d.date() for d in DAYS], "y": VALUES}), "every day"),
    "Polars": (pl.from_pandas(FRAME), "every day"),
    "a series of Polars": (pl.Series("y", VALUES), "integer steps of 1"),
    "Arrow": (pa.Table.from_pandas(FRAME), "every day"),
    "a batch of Arrow": (pa.RecordBatch.from_pandas(FRAME), "every day"),
    "an array of Arrow": (pa.chunked_array([pa.array(VALUES)]), "integer steps of 1"),
    "lazy Polars": (pl.from_pandas(FRAME).lazy(), "every day"),
    "columns of two levels": (
        pd.DataFrame({("Close", "AAPL"): VALUES}, index=pd.Index(DAYS, name="Date")),
        "every day",
    ),
}


@pytest.mark.parametrize("name", IN_PYTHON)
def test_what_people_hold_in_python(name: str) -> None:
    data, step = IN_PYTHON[name]
    table = read_table(data)
    np.testing.assert_array_equal(table.series[0].values, VALUES)
    assert table.clock.describe() == step
