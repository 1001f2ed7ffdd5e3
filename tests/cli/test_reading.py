"""How a table is written, said on the command line; and forecasts written to files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatewise.cli import main
from gatewise.tasks import Forecaster, load

DAYS = pd.date_range("2024-01-01", periods=120)
VALUES = np.round(100 + 10 * np.sin(np.arange(120) * 2 * np.pi / 7), 2)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (["--sep", "abc"], "--sep must be one character"),
        (["--decimal", "x"], "--decimal must be . or ,"),
        (["--encoding", "klingon"], "--encoding must be the name of one"),
        (["--date-format", "ddd"], "--date-format must be dmy, mdy, ymd"),
        (["--date-format", "%Q"], "--date-format must be such as %d/%m/%Y"),
        (["--freq", "fortnight"], "there is no time step 'fortnight'"),
        (["--agg", "most"], "--agg must be sum, mean"),
    ],
)
def test_a_value_out_of_range_is_wrong_usage(
    option: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("ds,y\n2024-01-01,1\n")
    assert main(["look", str(path), *option]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in " ".join(err.replace("│", " ").split())


def test_the_options_decide_and_are_typed_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    lines = [f"{d:%d.%m.%Y};{v * 13:.0f}" for d, v in zip(DAYS, VALUES, strict=True)]
    path.write_text("Datum;Umsatz\n" + "\n".join(f"{x[:-3]}.{x[-3:]}" for x in lines) + "\n")
    assert main(["look", str(path)]) == 1
    assert "--decimal ," in capsys.readouterr().err
    assert main(["look", str(path), "--decimal", ","]) == 0
    out = capsys.readouterr().out
    assert "is read as 1" in out
    assert "--decimal ," in out.splitlines()[-1]


def test_the_horizon_that_known_rows_allow_is_suggested(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    y = np.where(np.arange(120) < 109, VALUES, np.nan)
    frame = pd.DataFrame({"ds": DAYS, "y": y, "promo": np.arange(120) % 3 == 0})
    frame.to_csv(tmp_path / "a.csv", index=False)
    assert main(["look", str(tmp_path / "a.csv"), "--target", "y", "--known", "promo"]) == 0
    assert "--horizon 11 " in capsys.readouterr().out


def test_a_file_in_the_place_of_a_task(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "a.csv", "--horizon", "7"]) == 2
    err = " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert "gatewise fit forecast a.csv --horizon 7" in err


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of one series in India."""
    ds = [
        t.isoformat() for t in pd.date_range("2024-01-01", periods=120, freq="h", tz="Asia/Kolkata")
    ]
    model = Forecaster(3, steps=2, units=4, members=1, random_state=0)
    path = tmp_path_factory.mktemp("models") / "model"
    model.fit(pd.DataFrame({"ds": ds, "load": VALUES})).save(path)
    return path


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_forecasts_are_written_by_the_ending(
    ending: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"forecast{ending}"
    assert main(["predict", str(folder), "--out", str(path)]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith(f"wrote {path}: 3 rows\n")  # after a warning that training was cut short
    read = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".xlsx": pd.read_excel}[ending]
    frame = read(path)
    assert list(frame.columns)[:2] == ["ds", "LSTM"]
    assert str(frame["ds"][0]) == "2024-01-06 00:00:00+05:30"
    np.testing.assert_array_equal(frame["LSTM"], frame["LSTM"].round(2))
    assert main(["predict", str(folder), "--out", str(path)]) == 1
    assert "--force" in capsys.readouterr().err
    assert main(["predict", str(folder), "--out", str(path), "--force", "--digits", "0"]) == 0
    np.testing.assert_array_equal(read(path)["LSTM"] % 1, 0)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_an_ending_that_is_none(folder: Path, tmp_path: Path) -> None:
    assert main(["predict", str(folder), "--out", str(tmp_path / "a.doc")]) == 2
    assert main(["predict", str(folder), "--out", str(tmp_path / "none" / "a.csv")]) == 1
    assert not list(tmp_path.iterdir())


def test_a_model_keeps_how_its_tables_are_read(tmp_path: Path) -> None:
    days = [int((d - pd.Timestamp("1899-12-30")).days) for d in DAYS]
    table = pd.DataFrame({"date": days, "y": np.where(np.arange(120) == 9, -999, VALUES)})
    reading = {"date_format": "excel", "missing": -999}
    model = Forecaster(3, steps=2, units=4, members=1, random_state=0, reading=reading).fit(table)
    model.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert again.fitted_.options.reading == model.fitted_.options.reading
    pd.testing.assert_frame_equal(again.predict(data=table), model.predict())
