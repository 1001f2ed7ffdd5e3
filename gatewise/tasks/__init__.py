"""Estimators over ``gatewise.nn``: from a table to a trained model and its predictions."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gatewise.extras import FORECAST, TABLES, require
from gatewise.settings import sleep_while_waiting

require("gatewise.tasks", "forecast", TABLES)  # reading a table needs no more than these

if TYPE_CHECKING:
    from gatewise.tasks.forecast.estimator import Forecaster as Forecaster

sleep_while_waiting()  # before torch is loaded, if it is not yet


def __getattr__(name: str) -> Any:
    """What is slow to import (torch, scikit-learn) comes when it is asked for."""
    if name == "Forecaster":
        require("gatewise.tasks.Forecaster", "forecast", FORECAST)
        return import_module("gatewise.tasks.forecast.estimator").Forecaster
    raise AttributeError(f"module 'gatewise.tasks' has no attribute {name!r}")
