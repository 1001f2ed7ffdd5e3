"""What a network reads of sequences: standardised channels with a mark where a value is missing, or codes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from gatewise.arrays import Floats, Ints, Singles
from gatewise.errors import InputError, some_of
from gatewise.tasks.options import EstimatorOptions
from gatewise.tasks.sequences.ragged import Measurements, Sequences, Tokens

UNKNOWN = 0  # the code of a token that training has not seen
SHOWN = 10  # columns that a message names
MANY = 1000  # tokens, from which those that occur once count as unknown: the network learns of those, too


@dataclass(frozen=True)
class Scaler:
    """Standardises each channel by its mean and deviation on the training data.

    Attributes:
        channels: their names.
        mean, scale: of each.
        marks: whether training has missing values: then each channel has a second one that is 1 where the
            value is missing, and the value itself is 0 there.
    """

    channels: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    marks: bool

    @staticmethod
    def of(data: Measurements) -> Scaler:
        """Means and deviations of the values that are known; a constant channel keeps its size."""
        values = data.values
        known = ~np.isnan(values)
        count = np.maximum(known.sum(0), 1)
        mean = np.where(known, values, 0.0).sum(0) / count
        apart = np.where(known, values - mean, 0.0)
        deviation = np.sqrt((apart**2).sum(0) / count)
        # a deviation of rounding alone tells nothing
        scale = np.where(deviation > 1e-9 * np.maximum(np.abs(mean), 1e-300), deviation, 1.0)
        return Scaler(
            data.channels, tuple(map(float, mean)), tuple(map(float, scale)), bool(not known.all())
        )

    @property
    def width(self) -> int:
        """Numbers that are read of a step."""
        return len(self.channels) * (1 + self.marks)

    def encode(self, data: Sequences) -> Singles:
        """[S, width] without a NaN; channels with names are taken by their names, in any order.

        Raises InputError for data of another kind, and for channels that are not there.
        """
        if not isinstance(data, Measurements):
            raise InputError("the model was trained on numbers, and these are sequences of tokens")
        read = self._arranged(data)
        missing = np.isnan(read)
        values = (read - np.array(self.mean)) / np.array(self.scale)
        scaled = np.where(missing, 0.0, values).astype(np.float32)
        if self.marks:
            return np.concatenate([scaled, missing.astype(np.float32)], axis=1)
        return scaled

    def _arranged(self, data: Measurements) -> Floats:
        """[S, C] the channels of training, in their order."""
        place = {name: k for k, name in enumerate(data.channels)}
        if named(self.channels) and named(data.channels):
            missing = [name for name in self.channels if name not in place]
            if missing:
                more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
                raise InputError(
                    f"the model reads a column {missing[0]!r}{more}, which is not here: there are "
                    f"{some_of(map(repr, data.channels), SHOWN)}"
                )
            return data.values[:, [place[name] for name in self.channels]]
        if data.values.shape[1] != len(self.channels):
            raise InputError(
                f"the model was trained on sequences of {len(self.channels)} channels, and these have "
                f"{data.values.shape[1]}"
            )
        return data.values

    def doubt(self, data: Sequences) -> str:
        """What is odd about other data, in a sentence; "" if nothing."""
        if self.marks or not isinstance(data, Measurements):
            return ""
        share = 100 * float(np.isnan(data.values).mean())
        if not share:
            return ""
        return (
            f"{share:.2g} % of the values are missing, and training had none that were: each counts as the "
            "mean of its channel"
        )


@dataclass(frozen=True)
class Vocabulary:
    """Numbers the tokens that training has seen, from 1 on; 0 is every other one.

    Attributes:
        types: the tokens, in order.
    """

    types: tuple[str, ...]

    @staticmethod
    def of(data: Tokens) -> Vocabulary:
        """The tokens that occur; of many, those that occur twice."""
        codes, counts = np.unique(data.codes, return_counts=True)
        if len(codes) > MANY:
            codes = codes[counts > 1]
        return Vocabulary(tuple(data.types[k] for k in codes))

    @property
    def size(self) -> int:
        """Codes that there are."""
        return len(self.types) + 1

    def encode(self, data: Sequences) -> Ints:
        """[S] codes. Raises InputError for numbers."""
        if not isinstance(data, Tokens):
            raise InputError("the model was trained on tokens, and these are sequences of numbers")
        code = {token: k + 1 for k, token in enumerate(self.types)}
        numbers = np.array([code.get(token, UNKNOWN) for token in data.types], dtype=np.int64)
        return np.asarray(numbers[data.codes])

    def doubt(self, data: Sequences) -> str:
        """What is odd about other data, in a sentence; "" if nothing."""
        if not isinstance(data, Tokens):
            return ""
        unknown = self.encode(data) == UNKNOWN
        if not unknown.any():
            return ""
        first = data.types[data.codes[np.argmax(unknown)]]
        return (
            f"{int(unknown.sum())} of {len(unknown)} tokens were not in the training data, such as "
            f"{first!r:.40}: they count as unknown"
        )


Coding = Scaler | Vocabulary
O = TypeVar("O", bound=EstimatorOptions)


def named(channels: tuple[str, ...]) -> bool:
    """Whether channels have names of their own; those of arrays are numbered."""
    return channels != tuple(str(k) for k in range(len(channels)))


def for_answers(options: O, coding: Coding) -> O:
    """The options by which the data of a prediction are read: the columns of training by name, and no groups."""
    changes: dict[str, Any] = {"group": None}
    if isinstance(coding, Scaler) and named(coding.channels):
        changes["values"] = coding.channels
    return replace(options, **changes)


def coding_of(data: Sequences) -> Coding:
    """A scaler or a vocabulary from training data."""
    return Scaler.of(data) if isinstance(data, Measurements) else Vocabulary.of(data)


def standardised(data: Sequences) -> Measurements:
    """Numbers of equal size by channel, without a missing one: what distances and summaries are taken of.

    Raises InputError for tokens.
    """
    if not isinstance(data, Measurements):
        raise InputError("tokens have no distances")
    scaler = Scaler.of(data)
    values = scaler.encode(data)[:, : len(scaler.channels)].astype(np.float64)
    return Measurements(data.starts, values, data.channels)
