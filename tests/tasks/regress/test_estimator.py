"""The regressor from sequences to values with intervals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gatewise.cli import main
from gatewise.errors import InputError
from gatewise.tasks import SequenceRegressor, load
from gatewise.tasks.sequences.value_figures import half_width, row_of
from tests.tasks.sequences.support import QUICK, long_table, waves

X, _ = waves(60)
Y = np.array([part[:, 0].mean() for part in X])
NEW, _ = waves(40, seed=1)
TRUTH = np.array([part[:, 0].mean() for part in NEW])


def regressor(**options: Any) -> SequenceRegressor:
    quick = {**QUICK, "steps": 80, "dropout": 0.0, "noise": 0.0, "random_state": 0}
    return SequenceRegressor(**{**quick, **options})


@pytest.fixture(scope="module")
def model() -> SequenceRegressor:
    return regressor(folds=5).fit(X, Y)


def test_it_learns_a_mean(model: SequenceRegressor) -> None:
    assert model.score(NEW, TRUTH) > 0.8
    names = [row.name for row in model.evaluation_]
    assert set(names) == {"LSTM", "mean", "ridge on summaries", "1-NN DTW"}
    errors = [row.rmse for row in model.evaluation_]
    assert errors == sorted(errors)


def test_intervals_hold_what_they_promise(model: SequenceRegressor) -> None:
    for level in (50, 90):
        low, high = model.predict_interval(NEW, level).T
        share = ((low <= TRUTH) & (high >= TRUTH)).mean()
        # 40 sequences: four standard errors of a share
        assert share > level / 100 - 4 * (level / 100 * (1 - level / 100) / 40) ** 0.5
    assert np.isinf(model.predict_interval(NEW, 99.9)).all()
    with pytest.raises(InputError, match="level"):
        model.predict_interval(NEW, 100)


def test_the_rank_of_a_conformal_interval() -> None:
    residuals = np.arange(1.0, 10.0)
    assert half_width(residuals, 80) == 8.0 and half_width(residuals, 90) == 9.0
    assert half_width(residuals, 91) == np.inf


def test_figures() -> None:
    row = row_of("x", np.array([0.0, 2.0]), np.array([1.0, 2.0]))
    assert row.rmse == pytest.approx(0.5**0.5) and row.mae == 0.5 and row.r2 == 0.5


def test_a_table_in_a_frame_out() -> None:
    model = regressor(id="id", order="t", label="level", values=["a", "b"]).fit(long_table(60))
    new = long_table(40, seed=1)
    frame = model.predict(new.drop(columns="level"))
    assert list(frame.columns) == ["id", "level"]
    evaluation = model.evaluate(new)
    assert evaluation.seen == 0 and evaluation.row is not None
    assert evaluation.row.rmse < evaluation.mean.rmse


def test_several_values_at_once(tmp_path: Path) -> None:
    both = np.stack([Y, 1000 * np.array([len(part) for part in X])], axis=1)
    model = regressor(units=8).fit(X, both)
    truth = np.stack([TRUTH, 1000 * np.array([len(part) for part in NEW])], axis=1)
    answer = model.predict(NEW)
    assert answer.shape == (40, 2)
    for k in range(2):
        assert np.corrcoef(answer[:, k], truth[:, k])[0, 1] > 0.7
    assert model.score(NEW, truth) > 0.5
    limits = model.predict_interval(NEW, 80)
    assert limits.shape == (40, 2, 2) and (limits[..., 0] < limits[..., 1]).all()
    # errors of both count alike, though one value is a thousand times as large
    assert {row.name for row in model.evaluation_} >= {"LSTM", "mean", "ridge on summaries"}
    assert all(0 < row.rmse < 3 for row in model.evaluation_)
    assert model.evaluate(NEW, truth).row.rmse < 1
    with pytest.raises(InputError, match="tells 2 values of a sequence, and y has 1"):
        model.evaluate(NEW, TRUTH)
    model.save(tmp_path / "model", report=model.report())
    again = load(tmp_path / "model")
    np.testing.assert_array_equal(again.predict(NEW), answer)
    np.testing.assert_array_equal(again.predict_interval(NEW, 80), limits)


def test_several_columns_of_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = long_table(30)
    table["size"] = table.groupby("id")["t"].transform("max")
    file, out = tmp_path / "data.csv", tmp_path / "model"
    table.to_csv(file, index=False)
    words = ["--id", "id", "--order", "t", "--values", "a", "--label", "level", "--label", "size"]
    quick = [word for name, value in QUICK.items() for word in ("--set", f"{name}={value}")]
    assert main(["fit", "regress", str(file), *words, *quick, "--out", str(out)]) == 0
    assert "errors are told in deviations" in capsys.readouterr().err
    assert main(["predict", str(out), "--data", str(file)]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "id,level,size"
    assert main(["info", str(out)]) == 0
    assert "size: values around" in capsys.readouterr().out
    assert main(["fit", "classify", str(file), *words, *quick]) == 2
    assert "label is the name of a column" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, "requires y"),
        (Y[:-1], "60 sequences and 59 values"),
        (np.where(np.arange(60) == 4, np.nan, Y), "value of sequence 4 is missing"),
        (np.where(np.arange(60) == 4, np.inf, Y), "value of sequence 4 is infinite"),
        (["a"] * 60, "no numbers"),
        (np.stack([Y, np.where(np.arange(60) == 4, np.nan, Y)], 1), "value 1 of sequence 4 is"),
        (np.empty((60, 0)), "no column"),
        (np.where(np.arange(60) == 4, 1e250, Y), "value of sequence 4 is too large"),
        (np.zeros((60, 2, 2)), "has the shape"),
    ],
)
def test_bad_values_are_refused(y: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        regressor().fit(X, y)
