"""What the report of a regressor shows of the sequences, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from gatewise.arrays import Floats, Ints


@dataclass(frozen=True)
class Shown:
    """Kept with the model in memory, never in its folder as data.

    Attributes:
        truth, answer: [B, K] values over the test parts, and what the networks said; several values in deviations.
        lengths: [B] of these sequences.
        data, model: lines of a summary, each a short title and a text.
    """

    truth: Floats
    answer: Floats
    lengths: Ints
    data: tuple[tuple[str, str], ...]
    model: tuple[tuple[str, str], ...]
