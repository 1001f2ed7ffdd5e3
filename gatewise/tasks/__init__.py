"""Estimators over ``gatewise.nn``: from a table to a trained model and its predictions."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatewise.errors import InputError
from gatewise.extras import FORECAST, TABLES, require
from gatewise.settings import sleep_while_waiting
from gatewise.tasks.model_dir import kind_of
from gatewise.version import __version__

require("gatewise.tasks", "forecast", TABLES)  # reading a table needs no more than these

if TYPE_CHECKING:
    from gatewise.tasks.forecast.estimator import Forecaster as Forecaster

sleep_while_waiting()  # before torch is loaded, if it is not yet


def _forecaster() -> Any:
    require("gatewise.tasks.Forecaster", "forecast", FORECAST)
    from gatewise.tasks.forecast.estimator import Forecaster

    return Forecaster


# What is slow to import (torch, scikit-learn) comes when it is asked for.
ESTIMATORS: dict[str, Callable[[], Any]] = {"Forecaster": _forecaster}
# what a saved model says that it is -> its estimator
KINDS = {"forecaster": "Forecaster"}


def load(folder: str | Path) -> Any:
    """Read a saved model, of whatever kind it is.

    Returns:
        The estimator that was saved, such as a ``Forecaster``.

    Raises:
        InputError: if it is missing, damaged, changed, of an unknown kind or from a newer version.
    """
    kind = kind_of(Path(folder))
    if kind is not None and kind not in KINDS:
        raise InputError(
            f"{folder} holds a model of the kind {kind!r:.80}, which this Gatewise ({__version__}) does not "
            f"have. It has: {', '.join(KINDS)}; update with pip install -U gatewise"
        )
    # one that does not say what it is is damaged: any estimator says how
    return ESTIMATORS[KINDS[kind or "forecaster"]]().load(folder)


def __getattr__(name: str) -> Any:
    if name in ESTIMATORS:
        return ESTIMATORS[name]()
    raise AttributeError(f"module 'gatewise.tasks' has no attribute {name!r}")
