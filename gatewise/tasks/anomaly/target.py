"""What a detector learns: the values some steps ahead."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from gatewise.arrays import Bools, Floats, Ints


@dataclass(frozen=True)
class AheadTarget:
    """The values [C] that are so many steps ahead of each of S steps.

    Attributes:
        ahead: [S, C] standardised, NaN where there is none or it is not known.
        known: [S] steps at which anything of it is known, and that are quiet.
    """

    ahead: Floats
    known: Bools = field(repr=False)

    @staticmethod
    def of(scaled: Floats, starts: Ints, steps: int, quiet: Bools) -> AheadTarget:
        """From values [S, C], N sequences, and [S] whether steps are quiet."""
        ahead = np.full(scaled.shape, np.nan)
        calm = np.zeros(len(scaled), dtype=bool)
        for begin, end in pairwise(starts):
            if end - begin > steps:
                ahead[begin : end - steps] = scaled[begin + steps : end]
                calm[begin : end - steps] = quiet[begin + steps : end]
        return AheadTarget(ahead, calm & ~np.isnan(ahead).all(1))

    @property
    def outputs(self) -> int:
        return int(self.ahead.shape[1])

    def loss(self, outputs: Tensor, places: Ints) -> tuple[Tensor, Tensor]:
        """Huber's loss."""
        truth = torch.from_numpy(self.ahead[places]).to(outputs)
        held = ~torch.isnan(truth)
        total = F.smooth_l1_loss(outputs[held], truth[held], reduction="sum")
        return total, held.sum().to(outputs.dtype)

    def check(self, outputs: Floats, places: Ints) -> float:
        """The mean absolute error."""
        return float(np.nanmean(np.abs(outputs - self.ahead[places])))

    def fingerprint(self) -> bytes:
        return np.ascontiguousarray(self.ahead).tobytes() + self.known.tobytes()
