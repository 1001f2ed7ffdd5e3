"""A model that an earlier version has saved is read, and forecasts what it did."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError
from gatewise.tasks import Forecaster, load

MODELS = (
    Path(__file__).parent / "models"
)  # each with what it forecast then; none is ever written anew


@pytest.mark.parametrize("name", sorted(path.name for path in MODELS.iterdir() if path.is_dir()))
def test_it_forecasts_what_it_did(name: str, tmp_path: Path) -> None:
    expected = pd.DataFrame(json.loads((MODELS / f"{name}.json").read_text()))
    days = pd.date_range("2024-05-10", periods=3, tz="Europe/Berlin")
    future = pd.DataFrame({"shop": "a", "day": days, "open": "yes"})
    model = load(MODELS / name)
    assert isinstance(model, Forecaster)
    got = model.predict(future=future)
    assert list(got.columns) == list(expected.columns)
    assert got.day.astype(str).tolist() == expected.day.tolist()
    numbers = expected.columns[2:]
    np.testing.assert_allclose(got[numbers], expected[numbers], rtol=1e-5)

    if name == "schema-2":
        kept_nothing_for_baselines_that_learn(model, future)

    model.save(tmp_path / "again")
    again = load(tmp_path / "again").predict(future=future)
    pd.testing.assert_frame_equal(again, got)
    copy = tmp_path / "copy"
    shutil.copytree(MODELS / name, copy)
    later = pd.DataFrame(
        {
            "shop": "a",
            "day": pd.date_range("2024-05-10", periods=2, tz="Europe/Berlin"),
            "sales": [4.2, 5.0],
            "open": "yes",
            "wind": 0.1,
            "town": "N",
        }
    )
    load(copy).update(later).save(copy, force=True)
    assert len(load(copy).predict(1, future=future)) == 1


def kept_nothing_for_baselines_that_learn(model: Forecaster, future: pd.DataFrame) -> None:
    """The simple baselines forecast; exponential smoothing and the best of the validation span are refused."""
    simple = model.predict(baseline="last value", future=future)
    assert simple["last value"].nunique() == 1
    smoothing = next(r.name for r in model.evaluation_ if r.name.startswith("exponential"))
    with pytest.raises(InputError, match=r"saved by an older Gatewise.*--data FILE"):
        model.predict(baseline=smoothing, future=future)
    with pytest.raises(InputError, match=r"saved by an older Gatewise.*fit the model again"):
        model.predict(best=True, future=future)
    rows = pd.DataFrame(
        {
            "shop": "a",
            "day": pd.date_range("2024-01-01", periods=130, tz="Europe/Berlin"),
            "sales": 5 + np.sin(np.arange(130)),
            "open": "yes",
            "wind": 0.0,
            "town": "N",
        }
    )
    assert model.predict(data=rows, baseline=smoothing)[smoothing].notna().all()
