"""What the memory reads of an observation with pictures in it: they go through convolutions, numbers as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from gatewise.control.observations import SMALLEST_PICTURE, ObservationCoding

BYTE = 255.0  # what the values of a picture are divided by


@dataclass(frozen=True)
class Picture:
    """Where a picture lies among the inputs of a network.

    Attributes:
        first: the place of its first value.
        shape: [height, width], [height, width, channels] or [channels, height, width].
    """

    first: int
    shape: tuple[int, ...]

    @property
    def last(self) -> int:
        """The place behind its last value."""
        return self.first + int(np.prod(self.shape))

    @property
    def channels_first(self) -> bool:
        """Whether the first axis holds channels: the shortest axis does."""
        return len(self.shape) == 3 and self.shape[0] < self.shape[2]

    @property
    def size(self) -> tuple[int, int, int]:
        """Channels, height and width."""
        if len(self.shape) == 2:
            return 1, *self.shape
        axes = self.shape if self.channels_first else (self.shape[2], *self.shape[:2])
        return axes[0], axes[1], axes[2]

    def of(self, inputs: Tensor) -> Tensor:
        """[N, channels, height, width] of inputs [N, I]."""
        values = inputs[:, self.first : self.last].reshape(len(inputs), *self.shape)
        if len(self.shape) == 2:
            return values.unsqueeze(1)
        return values if self.channels_first else values.permute(0, 3, 1, 2)


def pictures_of(observation: ObservationCoding) -> tuple[Picture, ...]:
    """The parts of an observation that are pictures: bytes, with at least 36 pixels on each side."""
    pictures, first = [], 0
    for leaf in observation.leaves:
        if leaf.kind == "numbers" and leaf.scale == BYTE and len(leaf.shape) in (2, 3):
            picture = Picture(first, leaf.shape)
            if min(picture.size[1:]) >= SMALLEST_PICTURE:
                pictures.append(picture)
        first += leaf.width
    return tuple(pictures)


class Encoder(nn.Module):
    """Two convolutions for each picture, as in Mnih et al. (2013), and a linear layer over them and the numbers.

    Args:
        inputs: values I that are read at a step.
        units: of the output.
        pictures: among the inputs, in order; at least one.
    """

    rest: Tensor

    def __init__(self, inputs: int, units: int, pictures: Sequence[Picture]) -> None:
        super().__init__()
        self.pictures = tuple(pictures)
        in_pictures = {k for p in pictures for k in range(p.first, p.last)}
        rest = torch.tensor([k for k in range(inputs) if k not in in_pictures], dtype=torch.long)
        self.register_buffer("rest", rest, persistent=False)
        self.convolutions = nn.ModuleList(_convolutions(p.size[0]) for p in pictures)
        self.linear = nn.Linear(sum(_features(p) for p in pictures) + len(rest), units)
        for layer in self.convolutions.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.orthogonal_(layer.weight, 2**0.5)
                assert layer.bias is not None
                nn.init.zeros_(layer.bias)

    def forward(self, inputs: Tensor) -> Tensor:
        """[..., units] of inputs [..., I]."""
        rows = inputs.reshape(-1, inputs.shape[-1])
        parts = [
            convolutions(picture.of(rows))
            for picture, convolutions in zip(self.pictures, self.convolutions, strict=True)
        ]
        features = torch.cat([*parts, rows[:, self.rest]], 1)
        output: Tensor = self.linear(features)
        return output.reshape(*inputs.shape[:-1], -1)


def _convolutions(channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, 16, 8, stride=4),
        nn.ReLU(),
        nn.Conv2d(16, 32, 4, stride=2),
        nn.ReLU(),
        nn.Flatten(),
    )


def _features(picture: Picture) -> int:
    """Values that the convolutions give."""
    _, height, width = picture.size
    sides = [((side - 8) // 4 + 1 - 4) // 2 + 1 for side in (height, width)]
    return 32 * sides[0] * sides[1]
