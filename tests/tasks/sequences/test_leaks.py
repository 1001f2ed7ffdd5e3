"""Columns that tell the label by themselves are named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gatewise.tasks import SequenceClassifier, SequenceRegressor
from gatewise.tasks.sequences.leaks import tells_class, tells_value
from gatewise.tasks.sequences.ragged import measurements

RNG = np.random.default_rng(0)
CODES = np.arange(60) % 3
OPTIONS: dict[str, Any] = {
    "units": 4,
    "steps": 60,
    "folds": 1,
    "members": 1,
    "learning_rate": 0.05,
    "noise": 0.0,
    "dropout": 0.0,
    "random_state": 0,
}


def data(leak: np.ndarray) -> Any:
    parts = [RNG.standard_normal((6, 2)) for _ in range(60)]
    for part, value in zip(parts, leak, strict=True):
        part[:, 1] = value + 0.01 * RNG.standard_normal(6)
    return measurements(parts, ("noise", "code"))


def test_a_column_that_tells_every_class() -> None:
    assert "column 'code' alone tells the class" in tells_class(data(CODES * 5.0), CODES)
    mixed = CODES.copy()
    mixed[4] = 2
    assert tells_class(data(mixed * 5.0), CODES) == ""
    assert tells_class(data(np.zeros(60)), CODES) == ""
    # a few sequences are told apart by chance
    assert tells_class(data(CODES * 5.0).take(np.arange(9)), CODES[:9]) == ""


def test_a_column_that_is_the_value() -> None:
    values = RNG.standard_normal((60, 2))
    assert "column 'code' alone tells the value" in tells_value(data(3 - 20 * values[:, 1]), values)
    assert tells_value(data(values[:, 0] + RNG.standard_normal(60)), values) == ""


def test_a_perfect_score_names_the_column() -> None:
    rows = [
        {"id": k, "noise": RNG.standard_normal(), "code": CODES[k] + 0.01 * RNG.standard_normal()}
        for k in range(60)
        for _ in range(5)
    ]
    table = pd.DataFrame(rows)
    table["label"] = np.array(["a", "b", "c"])[CODES[table["id"]]]
    model = SequenceClassifier(id="id", label="label", **OPTIONS).fit(table)
    assert model.evaluation_[0].accuracy == 1
    assert any("column 'code' alone tells" in note for note in model.notes_)
    table["label"] = table.groupby("id")["code"].transform("mean")
    regressor = SequenceRegressor(id="id", label="label", **(OPTIONS | {"steps": 1})).fit(table)
    assert any("column 'code' alone tells" in note for note in regressor.notes_)
