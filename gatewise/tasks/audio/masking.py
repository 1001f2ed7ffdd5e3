"""Bands and times of a sound that are hidden in training, so that a network does not rest on few of them.

Park et al. 2019, *SpecAugment*.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

MASKS = 2  # of each kind for a sequence
# shares of all bands, and of the length of a sequence, that one mask hides at most
BANDS, TIME = 0.25, 0.2


@dataclass(frozen=True)
class Masking:
    """Masks for standardised frames; what is hidden becomes 0, the mean.

    Attributes:
        bands: neighbouring ones, of which a frame consists; 0: only times are hidden.
    """

    bands: int

    def apply(self, steps: Tensor, lengths: Tensor) -> Tensor:
        """Steps [T, B, patch * bands] of sequences of lengths [B], each with masks of its own."""
        time = torch.arange(len(steps), device=steps.device)[:, None]
        hidden = _spans(time, lengths.to(steps), TIME)[..., None]
        if self.bands:
            band = torch.arange(steps.shape[2], device=steps.device)[:, None] % self.bands
            most = torch.full((steps.shape[1],), float(self.bands)).to(steps)
            hidden = hidden | _spans(band, most, BANDS).T
        return steps.masked_fill(hidden, 0.0)


def _spans(places: Tensor, sizes: Tensor, share: float) -> Tensor:
    """[places, B] whether a place lies within one of the random spans of an axis of sizes [B]."""
    hidden = torch.zeros(len(places), len(sizes), dtype=torch.bool, device=sizes.device)
    for _ in range(MASKS):
        length = torch.rand_like(sizes) * share * sizes
        begin = torch.rand_like(sizes) * (sizes - length)
        hidden |= (places >= begin) & (places < begin + length)
    return hidden
