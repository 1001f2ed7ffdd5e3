"""Features of a stream by their names: running means and deviations; new ones may come, others may go."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gatewise.arrays import Singles
from gatewise.errors import InputError

Vector = Singles
LARGEST = 10.0  # deviations from the mean that a network is shown at most


@dataclass
class Features:
    """What is known of the features so far (Welford 1962).

    Attributes:
        place: of each name among the inputs.
        count, mean, square: [I] of each: values, their mean, the sum of squared distances from it.
    """

    place: dict[str, int] = field(default_factory=dict)
    count: list[int] = field(default_factory=list)
    mean: list[float] = field(default_factory=list)
    square: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.place)

    def learn(self, values: Mapping[str, float]) -> None:
        """Take up the values of a step, with the names that are new in the order of the alphabet."""
        for name in sorted(values.keys() - self.place.keys()):
            self.place[name] = len(self.place)
            self.count.append(0)
            self.mean.append(0.0)
            self.square.append(0.0)
        for name, value in values.items():
            k = self.place[name]
            self.count[k] += 1
            apart = value - self.mean[k]
            self.mean[k] += apart / self.count[k]
            self.square[k] += apart * (value - self.mean[k])

    def encode(self, values: Mapping[str, float]) -> Vector:
        """[I] standardised; 0 where a value is missing, or its name is new."""
        encoded = np.zeros(len(self), dtype=np.float32)
        for name, value in values.items():
            k = self.place.get(name)
            if k is not None and self.count[k] > 1:
                deviation = math.sqrt(self.square[k] / self.count[k])
                if deviation > 0:
                    scaled = (value - self.mean[k]) / deviation
                    encoded[k] = max(-LARGEST, min(LARGEST, scaled))
        return encoded


def numbers_of(x: Mapping[Any, Any]) -> dict[str, float]:
    """The values of a step as numbers: a text is a feature ``name=text`` that is 1; missing values are left out.

    Raises InputError for what is neither, and for infinite values.
    """
    numbers: dict[str, float] = {}
    for name, value in x.items():
        if value is None:
            continue
        if isinstance(value, str):
            numbers[f"{name}={value}"] = 1.0
            continue
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise InputError(
                f"feature {name!r} is {value!r:.60}: a feature is a number, a truth value or a text"
            ) from None
        if math.isinf(number):
            raise InputError(f"feature {name!r} is infinite: leave it out where it is not known")
        if not math.isnan(number):
            numbers[str(name)] = number
    return numbers
