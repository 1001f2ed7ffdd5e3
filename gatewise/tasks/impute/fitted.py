"""All that a fit of an imputer has produced, as one record: gaps are filled with it, a folder holds it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Floats
from gatewise.errors import InputError
from gatewise.tasks.impute.figures import Row
from gatewise.tasks.impute.options import Options
from gatewise.tasks.impute.problem import course_of, fill
from gatewise.tasks.sequences.ragged import Measurements, Sequences
from gatewise.tasks.sequences.scaling import Scaler
from gatewise.tasks.sequences.value_figures import half_width
from gatewise.tasks.steps.fitted import FittedSteps
from gatewise.tasks.steps.windows import Spans


@dataclass(frozen=True, kw_only=True)
class Fitted(FittedSteps):
    """What a fit has produced. ``SequenceImputer`` has its fields as attributes.

    Attributes:
        season: steps; 1: none.
        block: steps of the blocks that were removed at most.
        profile: [season, C] the course of the season, standardised.
        residuals: errors of removed values over the error that was expected there, ascending: what intervals
            are made of.
    """

    options: Options
    evaluation: list[Row]
    season: int
    block: int
    profile: Floats
    residuals: Floats

    @property
    def scaler(self) -> Scaler:
        """Of the channels."""
        assert isinstance(self.coding, Scaler)
        return self.coding

    def filled(self, data: Sequences) -> tuple[Measurements, Floats]:
        """The same sequences with all values, and [S, C] the error that is expected of those filled in.

        Raises InputError for sequences of another kind than those of training.
        """
        self.scaler.encode(data)  # checks
        assert isinstance(data, Measurements)
        course = course_of(data, self.scaler, self.profile)
        everything = Spans.whole(data.starts, np.arange(len(data)))
        said, scale = fill(course, list(self.networks), everything, None)
        mean, deviation = np.array(self.scaler.mean), np.array(self.scaler.scale)
        missing = np.isnan(data.values)
        values = np.where(missing, said * deviation + mean, data.values)
        expected = np.where(missing, scale * deviation, 0.0)
        return Measurements(data.starts, values, data.channels), expected

    def half(self, level: float) -> float:
        """Half of an interval, in units of the expected error. Raises InputError for a level out of range."""
        if not 1 <= level < 100:
            raise InputError(f"a level is percent from 1 to below 100, such as 90, not {level!r}")
        return half_width(self.residuals, level)
