"""What is chosen from the data before training. All of it can be set."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gatewise.tasks.sequences.network import POOLINGS, Pooling
from gatewise.tasks.sequences.options import FOLDS, SequenceOptions
from gatewise.tasks.sequences.ragged import Measurements, Sequences

ALIKE = 0.5  # autocorrelation down to which neighbouring values are read at one step
MOST_PATCH, LEAST_STEPS = 16, 14  # values of a step; steps that are left of a typical sequence
MOST_TOKENS = 4  # of a step, where sequences are long
LONG = 200  # steps from which the start of the network makes states last
SAMPLE = 500  # sequences whose autocorrelation is looked at
STEPS = (200, 2000)  # of training, at least and at most
# passes over numbers, over long texts and over those of a step for each token, between those limits
EPOCHS, LONG_TEXTS, SHORT_TEXTS = 30, 8, 16
BATCHES = ((4_000, 64), (np.inf, 128))  # sequences of a batch, by sequences
UNITS = ((1_000, 32), (5_000, 64), (np.inf, 128))  # of each direction, by sequences
RATES = ((1_000, 1e-2), (np.inf, 5e-3))  # of learning at its highest, by sequences
TOKEN_RATES = ((1_000, 1e-2), (5_000, 5e-3), (np.inf, 1e-2))  # many texts come in larger batches
EMBEDDING = 32  # numbers of a token
# steps of the network times units that go through one training, up to which several are cheap
CHEAP, CHEAP_TEXTS = 1.2e8, 2.5e8  # of short texts, of which several tell most


@dataclass(frozen=True)
class Choices:
    """What a model is fitted with.

    Attributes:
        patch: values that one step of the network reads.
        units: of each direction.
        steps: of training at most.
        batch: sequences at one step of training.
        members: networks whose mean is the answer.
        folds: rotations of the parts, each of which trains, stops and judges; FOLDS parts in all.
        poolings: that are tried.
        lasting: steps that states last at the start of training; 0: as the cell has it.
        learning_rate: its highest value.
    """

    patch: int
    units: int
    steps: int
    batch: int
    members: int
    folds: int
    poolings: tuple[Pooling, ...]
    lasting: int
    learning_rate: float = 5e-3

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def describe(self, streaming: bool) -> list[str]:
        """For people, one choice a line."""
        direction = "one direction" if streaming else "two directions"
        values = "one value" if self.patch == 1 else f"{self.patch} values"
        pooling = " or ".join(self.poolings) + " over time"
        if self.poolings == ("all",):
            pooling = "mean, last and maximum over time, side by side"
        how = " (the better on the validation part)" if len(self.poolings) > 1 else ""
        networks = "" if self.members == 1 else f", the mean of {self.members} networks"
        lasting = f"; states last up to {self.lasting} steps at first" if self.lasting else ""
        rotation = "one split" if self.folds == 1 else f"{self.folds} rotations"
        return [
            f"network  {self.units} units, {direction}; a step reads {values}{networks}{lasting}",
            f"pooling  {pooling}{how}",
            f"training at most {self.steps} steps of {self.batch} sequences",
            f"figures  {rotation} of {FOLDS} parts: three train, one stops and calibrates, one judges; then all "
            "sequences train",
        ]


def choices_of(data: Sequences, options: SequenceOptions) -> Choices:
    """Choose from the data what the options leave open (None)."""
    count = len(data)
    patch = options.patch or patch_of(data)
    lengths = -(-data.lengths // patch)
    batch = min(options.batch or next(b for most, b in BATCHES if count <= most), count)
    units = options.units or next(u for most, u in UNITS if count <= most)
    is_short = not isinstance(data, Measurements) and patch == 1
    epochs = EPOCHS if isinstance(data, Measurements) else SHORT_TEXTS if is_short else LONG_TEXTS
    steps = options.steps or int(np.clip(epochs * count / batch, *STEPS))
    work = steps * batch * float(lengths.mean()) * units
    several = 3 if work <= (CHEAP_TEXTS if is_short else CHEAP) else 1
    rates = RATES if isinstance(data, Measurements) else TOKEN_RATES
    rate = options.learning_rate or next(r for most, r in rates if count <= most)
    poolings = tuple(p for p in POOLINGS if p == (options.pooling or "all"))
    lasting = int(lengths.max()) if lengths.max() > LONG else 0
    return Choices(
        int(patch),
        int(units),
        int(steps),
        int(batch),
        int(options.members or several),
        int(options.folds or several),
        poolings,
        lasting,
        float(rate),
    )


def patch_of(data: Sequences) -> int:
    """How many values one step reads of whole sequences: where they are smooth, or long texts.

    Of tokens as many as leave a sequence of median length ``LONG`` steps, at most ``MOST_TOKENS``.
    """
    if isinstance(data, Measurements):
        return smooth_patch(data)
    return int(np.clip(np.ceil(np.median(data.lengths) / LONG), 1, MOST_TOKENS))


def smooth_patch(data: Sequences) -> int:
    """How many values one step reads: as far as a sequence stays like itself.

    It is the largest lag up to which the autocorrelation (the mean over channels) is at least ``ALIKE``,
    at most ``MOST_PATCH``, and so that a sequence of median length keeps ``LEAST_STEPS`` steps. Tokens are
    never like the ones before.
    """
    if not isinstance(data, Measurements):
        return 1
    most = min(MOST_PATCH, int(np.median(data.lengths)) // LEAST_STEPS)
    if most < 2:
        return 1
    chosen = np.linspace(0, len(data) - 1, min(len(data), SAMPLE)).astype(np.int64)
    sample = data.take(np.unique(chosen))
    variance = np.nanvar(sample.values, axis=0)
    moving = variance > 0
    if not moving.any():
        return 1
    values = sample.values[:, moving]
    for lag in range(1, most + 1):
        inside = np.ones(len(values), dtype=bool)
        for k in range(lag):
            ends = sample.starts[1:] - 1 - k
            inside[ends[ends >= 0]] = False
        at = np.flatnonzero(inside)
        at = at[at + lag < len(values)]
        if not len(at):
            return max(1, lag - 1)
        apart = np.nanmean((values[at + lag] - values[at]) ** 2, axis=0)
        if float(np.nanmean(1 - apart / (2 * variance[moving]))) < ALIKE:
            return max(1, lag - 1)
    return most
