"""``gatewise plot``: a picture of a forecast as a file."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatewise.cli import main
from gatewise.errors import InputError
from gatewise.tasks import Forecaster
from gatewise.tasks.forecast.report.outlook import outlook_of
from tests.tasks.conftest import long_frame

HOSTILE = "b <b> & $x$"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plot")
    rows = long_frame(200).assign(y=lambda t: t.y.round(2))
    rows["unique_id"] = rows.unique_id.replace({"b": HOSTILE})
    rows.to_csv(folder / "rows.csv", index=False)
    fitted = Forecaster(6, steps=4, units=4, members=1, random_state=0).fit(folder / "rows.csv")
    fitted.save(folder / "model")
    return folder / "model"


def texts(path: Path) -> str:
    root = ET.parse(path).getroot()
    return "\n".join(e.text or "" for e in root.iter("{http://www.w3.org/2000/svg}text"))


def test_png_and_svg(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    png, svg = tmp_path / "forecast.png", tmp_path / "forecast.SVG"
    assert main(["plot", str(model), "--out", str(png)]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"wrote {png}: a, 2024-01-09 08:00 to 2024-01-09 13:00\n"
    data = png.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">2I", data[16:24]) == (1680, 760)

    assert main(["plot", str(model), "--id", HOSTILE, "--out", str(svg), "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    words = texts(svg)
    assert f"{HOSTILE}, from 2024-01-09 08:00" in words
    assert "LSTM" in words and "80 % and 90 % intervals" in words and "last values" in words
    # no stand-in is left where a page would put its own colour
    assert "#0000a" not in svg.read_text() and "var(" not in svg.read_text()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_the_picture_is_the_forecast(model: Path) -> None:
    fitted = Forecaster.load(model).fitted_
    rows = pd.read_csv(model.parent / "rows.csv")
    own = rows[rows.unique_id == HOSTILE].y.to_numpy()
    carried = outlook_of(fitted, HOSTILE, 8)
    frame = Forecaster.load(model).predict(8)
    np.testing.assert_allclose(carried.point, frame[frame.unique_id == HOSTILE].LSTM)
    np.testing.assert_allclose(carried.past, own[-len(carried.past) :])
    assert len(carried.past) == 24  # the season that a folder holds
    longer = outlook_of(fitted, HOSTILE, 40, rows)
    np.testing.assert_allclose(longer.past, own[-120:])
    np.testing.assert_allclose(longer.point[:8], carried.point, rtol=1e-5)
    with pytest.raises(InputError, match="at most 100,000"):
        outlook_of(fitted, horizon=100_001)


def test_refusals(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(code: int, *words: str) -> str:
        assert main(["plot", str(model), *words]) == code
        return " ".join(capsys.readouterr().err.replace("│", " ").split())

    assert "must end in .png, .svg" in refused(2, "--out", "x.pdf")
    assert "--out" in refused(2)
    path = tmp_path / "x.png"
    message = refused(1, "--out", str(path), "--id", "c")
    assert f"there is no series 'c': name one of a, {HOSTILE}" in message
    assert list(tmp_path.iterdir()) == []
    path.write_text("mine")
    assert "overwrite it with --force" in refused(1, "--out", str(path))
    assert path.read_text() == "mine"
    assert main(["plot", str(model), "--out", str(path), "--force"]) == 0
    assert path.read_bytes()[:4] == b"\x89PNG"
    assert "no folder" in refused(1, "--out", str(tmp_path / "no" / "x.png"))
