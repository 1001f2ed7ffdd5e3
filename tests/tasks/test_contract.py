"""Every estimator keeps the contract."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gatewise import tasks
from tests.tasks.conftest import long_frame
from tests.tasks.contract import Make, Predict, check_task
from tests.tasks.sequences.support import QUICK, long_table


def forecaster(**options: Any) -> tasks.Forecaster:
    return tasks.Forecaster(3, **{"units": 4, "steps": 6, "members": 1, **options})


def classifier(**options: Any) -> tasks.SequenceClassifier:
    columns = {"id": "id", "order": "t", "label": "label", "values": ["a", "b"]}
    return tasks.SequenceClassifier(**{**QUICK, "steps": 6, **columns, **options})


def regressor(**options: Any) -> tasks.SequenceRegressor:
    columns = {"id": "id", "order": "t", "label": "level", "values": ["a", "b"]}
    return tasks.SequenceRegressor(**{**QUICK, "steps": 6, **columns, **options})


def tagger(**options: Any) -> tasks.SequenceTagger:
    columns = {"id": "id", "order": "t", "label": "label", "values": ["a", "b"]}
    return tasks.SequenceTagger(**{"units": 4, "steps": 6, "members": 1, **columns, **options})


def imputer(**options: Any) -> tasks.SequenceImputer:
    columns = {"id": "id", "order": "t", "values": ["a", "b"]}
    return tasks.SequenceImputer(**{"units": 4, "steps": 6, "members": 1, **columns, **options})


def detector(**options: Any) -> tasks.AnomalyDetector:
    columns = {"id": "id", "order": "t", "values": ["a", "b"]}
    return tasks.AnomalyDetector(**{"units": 4, "steps": 6, "members": 1, **columns, **options})


def from_the_end(model: Any, data: pd.DataFrame) -> pd.DataFrame:
    return model.predict()


def of_the_data(model: Any, data: pd.DataFrame) -> pd.DataFrame:
    return model.predict(data)


# public name -> an estimator that is quick to fit, what to fit it on, and how to ask it
TASKS: dict[str, tuple[Make, pd.DataFrame, Predict]] = {
    "Forecaster": (forecaster, long_frame(120), from_the_end),
    "SequenceClassifier": (classifier, long_table(20), of_the_data),
    "SequenceRegressor": (regressor, long_table(20), of_the_data),
    "SequenceTagger": (tagger, long_table(20), of_the_data),
    "SequenceImputer": (imputer, long_table(20), of_the_data),
    "AnomalyDetector": (detector, long_table(20), of_the_data),
}


@pytest.mark.parametrize("name", TASKS)
def test_the_contract(name: str, tmp_path: Path) -> None:
    check_task(*TASKS[name], tmp_path)


def test_every_estimator_has_a_row() -> None:
    assert set(TASKS) == set(tasks.ESTIMATORS)
    assert {kind: getattr(tasks, name).kind for kind, name in tasks.KINDS.items()} == {
        kind: kind for kind in tasks.KINDS
    }
    assert sorted(tasks.KINDS.values()) == sorted(tasks.ESTIMATORS)
    typed = re.findall(
        r"estimator import (\w+) as \1$", Path(tasks.__file__).read_text(), re.MULTILINE
    )
    assert set(typed) == set(tasks.ESTIMATORS), "names under TYPE_CHECKING"
