"""What is no recurrent cell and runs beside them: a hidden Markov model. A file is found by lying here."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

from gatewise.lab.experiment import Experiment
from gatewise.lab.training import Outcome


class Baseline(Protocol):
    """A model that is given like a cell, by its name."""

    name: str

    def fit(self, experiment: Experiment, seed: int, seconds: float) -> Outcome:
        """Fit it to an experiment. Raises CellError, saying why, where it cannot."""


def find(name: str) -> Baseline | None:
    """The baseline of that name; None if there is none."""
    if not name.isidentifier() or find_spec(f"{__name__}.{name}") is None:
        return None
    baseline: Baseline = import_module(f"{__name__}.{name}").baseline
    return baseline
