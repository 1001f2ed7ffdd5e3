"""Resumes a saved training."""

from __future__ import annotations

import warnings
from pathlib import Path

from gatewise.control import saved
from gatewise.control.environments import Environments
from gatewise.control.evaluation import check_fits
from gatewise.control.making import is_registered
from gatewise.control.record import SavedEnvironment
from gatewise.control.training import Budget, Training
from gatewise.control.update import make_optimizer
from gatewise.errors import InputError, InputWarning


def check_named(place: SavedEnvironment, folder: Path) -> None:
    """Raises InputError if the environment of a saved model cannot be made from its name."""
    if place.name is None:
        raise InputError(
            f"{folder} was saved without the name of its environment: pass env=, an environment as it learned in"
        )
    if place.module is not None and not is_registered(place.name):
        raise InputError(
            f"the environment {place.name} is registered by a module, and a model names none to import: pass "
            f"env={place.typed!r}"
        )


def adopt(at: Training, record: saved.Saved, environments: Environments) -> None:
    """Bring a training to where a saved model was. Raises InputError if the environment is another one."""
    config = record.config
    check_fits(record.policy, environments)
    at.policy = record.policy
    at.optimizer = make_optimizer(at.policy.network, at.options.learning_rate)
    at.frames, at.updates, at.seconds = config.frames, config.updates, config.seconds
    at.history[:] = record.history
    at.handed_out = config.handed_out
    at.budget = None if config.budget is None else Budget(**dict(config.budget))
    if record.training is not None and not saved.resume(at, record):
        warnings.warn(
            "the environment cannot be brought back to where it was: training continues with new episodes",
            InputWarning,
            stacklevel=3,
        )
