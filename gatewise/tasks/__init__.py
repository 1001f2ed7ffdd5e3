"""Estimators over ``gatewise.nn``: from a table to a trained model and its predictions."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatewise.errors import InputError
from gatewise.extras import FORECAST, TABLES, require
from gatewise.settings import sleep_while_waiting
from gatewise.tasks.model_dir import kind_of
from gatewise.version import __version__

require("gatewise.tasks", "forecast", TABLES)  # reading a table needs no more than these

if TYPE_CHECKING:
    from gatewise.tasks.anomaly.estimator import AnomalyDetector as AnomalyDetector
    from gatewise.tasks.classify.estimator import SequenceClassifier as SequenceClassifier
    from gatewise.tasks.estimator import Estimator
    from gatewise.tasks.forecast.estimator import Forecaster as Forecaster
    from gatewise.tasks.impute.estimator import SequenceImputer as SequenceImputer
    from gatewise.tasks.regress.estimator import SequenceRegressor as SequenceRegressor
    from gatewise.tasks.tag.estimator import SequenceTagger as SequenceTagger

sleep_while_waiting()  # before torch is loaded, if it is not yet

# public name -> the folder whose estimator.py has it
ESTIMATORS = {
    "Forecaster": "forecast",
    "SequenceClassifier": "classify",
    "SequenceRegressor": "regress",
    "SequenceTagger": "tag",
    "SequenceImputer": "impute",
    "AnomalyDetector": "anomaly",
}
# kind, which is in config.json of a saved model -> the public name of its estimator
KINDS = {
    "forecaster": "Forecaster",
    "classifier": "SequenceClassifier",
    "regressor": "SequenceRegressor",
    "tagger": "SequenceTagger",
    "imputer": "SequenceImputer",
    "detector": "AnomalyDetector",
}

# what gatewise.control saves: no estimator
POLICY = "policy"


def load(folder: str | Path) -> Any:
    """Read a saved model, of whatever kind it is.

    Returns:
        The estimator that was saved, such as a ``Forecaster``.

    Raises:
        InputError: if it is missing, damaged, changed, of an unknown kind or from a newer version.
    """
    kind = kind_of(Path(folder))
    if kind == POLICY:
        raise InputError(
            f"{folder} holds a policy: read it with gatewise.control.load. At the command line it has evaluate, "
            "play and info"
        )
    if kind is not None and kind not in KINDS:
        raise InputError(
            f"{folder} holds a model of the kind {kind!r:.80}, which this Gatewise ({__version__}) does not "
            f"have. It has: {', '.join(KINDS)}; update with pip install -U gatewise"
        )
    # a model that does not say its kind is damaged: any estimator says how
    return _estimator(KINDS[kind or "forecaster"]).load(folder)


def _estimator(name: str) -> "type[Estimator[Any]]":
    """An estimator by its public name. It is slow to import (torch, scikit-learn), so only when asked for."""
    require(f"gatewise.tasks.{name}", "forecast", FORECAST)
    module = import_module(f"gatewise.tasks.{ESTIMATORS[name]}.estimator")
    estimator: type[Estimator[Any]] = getattr(module, name)
    return estimator


def __getattr__(name: str) -> Any:
    if name in ESTIMATORS:
        return _estimator(name)
    raise AttributeError(f"module 'gatewise.tasks' has no attribute {name!r}")
