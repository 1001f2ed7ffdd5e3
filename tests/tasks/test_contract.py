"""Every estimator keeps the contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gatewise import tasks
from tests.tasks.conftest import long_frame
from tests.tasks.contract import Make, check_task


def forecaster(**options: Any) -> tasks.Forecaster:
    return tasks.Forecaster(3, **{"units": 4, "steps": 6, "members": 1, **options})


# public name -> an estimator that is quick to fit, and what to fit it on
TASKS: dict[str, tuple[Make, pd.DataFrame]] = {"Forecaster": (forecaster, long_frame(120))}


@pytest.mark.parametrize("name", TASKS)
def test_the_contract(name: str, tmp_path: Path) -> None:
    check_task(*TASKS[name], tmp_path)


def test_every_estimator_has_a_row() -> None:
    assert set(TASKS) == set(tasks.ESTIMATORS)
    assert {kind: getattr(tasks, name).kind for kind, name in tasks.KINDS.items()} == {
        kind: kind for kind in tasks.KINDS
    }
    assert sorted(tasks.KINDS.values()) == sorted(tasks.ESTIMATORS)
