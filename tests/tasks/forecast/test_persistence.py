"""Models on disk: the same forecasts, nothing half-written, nothing damaged accepted."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from gatewise.errors import InputError
from gatewise.tasks import Forecaster
from gatewise.tasks.forecast.schema import SavedForecaster
from tests.tasks.conftest import long_frame
from tests.tasks.forecast.test_estimator import own


@pytest.fixture(scope="module")
def model() -> Forecaster:
    return Forecaster(6, own, units=8, steps=20, random_state=0).fit(long_frame(400))


@pytest.fixture
def folder(model: Forecaster, tmp_path: Path) -> Path:
    model.save(tmp_path / "m")
    return tmp_path / "m"


def test_round_trip(model: Forecaster, folder: Path) -> None:
    again = Forecaster.load(folder)
    pd.testing.assert_frame_equal(model.predict(), again.predict())
    data = long_frame(90, seed=3)
    pd.testing.assert_frame_equal(model.predict(4, data), again.predict(4, data))
    assert again.evaluation_ == model.evaluation_
    assert again.cell_ == model.cell_
    again.save(folder.parent / "again")
    assert sorted(p.name for p in folder.parent.iterdir()) == ["again", "m"]


def test_a_loaded_model_goes_on(model: Forecaster, folder: Path) -> None:
    later = long_frame(410).groupby("unique_id").tail(10)
    again = Forecaster.load(folder).update(later)
    model = clone(model).fit(long_frame(400))  # as the fixture, which stays as it is
    pd.testing.assert_frame_equal(again.predict(12), model.update(later).predict(12))
    with pytest.raises(InputError, match="later rows only"):
        again.update(later)
    again.save(folder, force=True)
    pd.testing.assert_frame_equal(Forecaster.load(folder).predict(), again.predict())
    assert Forecaster.load(folder).evaluate(long_frame(410)).seen == 800


def test_no_rows_of_training_inside(folder: Path) -> None:
    rows = long_frame(400).y.to_numpy()[:350]  # all but the last seasons of the first series
    arrays = (folder / "model.safetensors").read_bytes()
    for kind in (np.float32, np.float64):
        assert not any(value.tobytes() in arrays for value in rows.astype(kind))


def test_it_never_overwrites_unasked(model: Forecaster, folder: Path, tmp_path: Path) -> None:
    before = (folder / "config.json").read_bytes()
    with pytest.raises(InputError, match="--force"):
        model.save(folder)
    assert (folder / "config.json").read_bytes() == before
    model.save(folder, force=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="not just a model"):
        model.save(tmp_path / "mine", force=True)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_a_failing_write_leaves_the_old_model(
    model: Forecaster, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gatewise.tasks import model_dir

    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    monkeypatch.setattr(model_dir, "write_synced", full)
    with pytest.raises(InputError, match="No space left"):
        model.save(folder, force=True)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    assert [p.name for p in folder.parent.iterdir()] == ["m"]


def edited(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_fields_that_were_added_later_may_be_missing(folder: Path) -> None:
    """Those with a default, also in what is inside; others are named."""
    path = folder / "config.json"
    config = json.loads(path.read_text())
    optional = {
        n: f.get_default(call_default_factory=True)
        for n, f in SavedForecaster.model_fields.items()
        if not f.is_required()
    }
    assert optional == {
        "stopped": None,
        "validation": {},
        "domains": (),
        "effect": None,
        "unfinished": None,
        "paths": None,
    }
    before = {n: v for n, v in config.items() if n not in optional}
    del before["encoder"]["past"], before["options"]["time_limit"]
    path.write_text(json.dumps(before))
    model = Forecaster.load(folder)
    assert model.stopped_ is None and model.time_limit == 600
    assert len(model.predict()) == 12

    for name, inside in (("seen", ()), ("log", ("choices",))):
        less = json.loads(json.dumps(config))
        part = less
        for key in inside:
            part = part[key]
        del part[name]
        path.write_text(json.dumps(less))
        where = re.escape(".".join((*inside, name)))
        with pytest.raises(
            InputError, match=rf"has no '{where}', which this Gatewise .* fit it again"
        ):
            Forecaster.load(folder)


def test_damage_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a saved model"):
        Forecaster.load(tmp_path / "nowhere")
    good = {p: p.read_bytes() for p in folder.iterdir()}
    weights, config = folder / "model.safetensors", folder / "config.json"

    def refused(match: str) -> None:
        with pytest.raises(InputError, match=match):
            Forecaster.load(folder)
        for path, data in good.items():
            path.write_bytes(data)

    weights.write_bytes(good[weights][:-1])
    refused("damaged or was changed")
    config.write_bytes(good[config][:100])
    refused("damaged")
    config.write_text("[]")
    refused("damaged")
    edited(folder, schema_version=99, gatewise="9.9")
    refused(r"newer Gatewise \(9\.9\)")
    edited(folder, base="first")
    refused("base")
    edited(folder, base=99)
    refused("no baseline number 99")
    edited(folder, ids=["a"], keys=["a"])
    refused("do not fit its networks")
    edited(folder, cell={"name": "x"})
    refused("damaged")
    edited(folder, options={"horizon": 7})
    refused("damaged")
    config.unlink()
    refused("not a saved model")
    Forecaster.load(folder)
