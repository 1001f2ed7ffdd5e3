"""All that a fit of a detector has produced, as one record: scores are computed with it, a folder holds it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.tasks.anomaly.figures import Row
from gatewise.tasks.anomaly.options import Options
from gatewise.tasks.anomaly.scores import Anomaly, scores_of
from gatewise.tasks.sequences.ragged import Measurements, Sequences
from gatewise.tasks.sequences.scaling import Scaler
from gatewise.tasks.steps.fitted import FittedSteps
from gatewise.tasks.steps.fitting import windowed
from gatewise.tasks.steps.network import StepNetwork
from gatewise.tasks.steps.problem import outputs_of
from gatewise.tasks.steps.windows import Spans

WARM = 10  # steps at the beginning of a sequence of which a forecast has seen too little


@dataclass(frozen=True, kw_only=True)
class Fitted(FittedSteps):
    """What a fit has produced. ``AnomalyDetector`` has its fields as attributes.

    Attributes:
        usual: [C] the usual error of the forecast of each channel, in its deviations.
        threshold: the score from which a step is flagged.
        quiet_steps: of the part that the threshold was set by.
        places: what stands out most in the data of training.
    """

    options: Options
    evaluation: list[Row]
    usual: tuple[float, ...]
    threshold: float
    quiet_steps: int
    places: list[Anomaly]

    @property
    def scaler(self) -> Scaler:
        """Of the channels."""
        assert isinstance(self.coding, Scaler)
        return self.coding

    def scores(self, data: Sequences) -> Floats:
        """[S] scores. Raises InputError for sequences of another kind than those of training."""
        residuals = residuals_of(data, self.scaler, self.networks, self.options.ahead)
        return scores_of(residuals, np.array(self.usual), data.starts, self.options.smooth)


def residuals_of(
    data: Sequences, coding: Scaler, networks: tuple[StepNetwork, ...], ahead: int
) -> Floats:
    """[S, C] values less their forecasts, standardised; NaN where there is none of them."""
    read = windowed(coding, data, 1, 0)
    assert isinstance(data, Measurements)
    scaled = (data.values - np.array(coding.mean)) / np.array(coding.scale)
    everything = Spans.whole(data.starts, np.arange(len(data)))
    said = outputs_of(networks, read, everything).mean(0)
    residuals = shifted(scaled, said, data.starts, ahead)
    for begin, end in pairwise(data.starts):
        residuals[begin : begin + min(WARM, (end - begin) // 4)] = np.nan
    return residuals


def shifted(scaled: Floats, said: Floats, starts: Ints, ahead: int) -> Floats:
    """[S, C] values less what was said of them so many steps before."""
    differences = np.full(scaled.shape, np.nan)
    for begin, end in pairwise(starts):
        if end - begin > ahead:
            differences[begin + ahead : end] = (
                scaled[begin + ahead : end] - said[begin : end - ahead]
            )
    return differences
