"""What the network reads besides the target: covariates and the calendar, as columns of numbers.

All of it is fitted on the values that training may see: means, deviations, and which categories there
are. A category that was not there then counts as unknown, whatever a later table calls it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.tasks.data.clock import DAY, Clock
from gatewise.tasks.data.series import Feature, Features, Series

Cycle = Literal["day", "week", "year"]
NEVER = 1e300  # the scale of what never changes
LIMIT = 5.0  # scaled covariates are held within
CYCLES = 2  # of the calendar that history must show before they are told to the network
LEAK = 0.95  # correlation with the target from which a known covariate is suspicious


@dataclass(frozen=True)
class Column:
    """How one covariate becomes numbers.

    Attributes:
        mean, scale: of the values of training; not used for categories.
        codes: categories that training has seen, in order; None for numbers.
        gaps: whether values were missing in training; the network is then told where.
    """

    mean: float = 0.0
    scale: float = 1.0
    codes: tuple[int, ...] | None = None
    gaps: bool = False

    @staticmethod
    def fitted(feature: Feature, values: Floats) -> Column:
        """From the values [n] that training may see, NaN where missing."""
        present = values[~np.isnan(values)]
        gaps = len(present) < len(values)
        if not feature.numeric:
            known = np.unique(present[present < len(feature.categories or ())]).astype(int)
            return Column(codes=tuple(map(int, known)))
        if not len(present):
            return Column(gaps=True)
        scale = float(present.std())
        # nothing can be learned of what never changes: whatever it is later, it is read as its mean
        return Column(float(present.mean()), scale if scale > 0 else NEVER, gaps=gaps)

    @property
    def width(self) -> int:
        return 1 + self.gaps if self.codes is None else len(self.codes) + 1

    def encode(self, values: Floats) -> Floats:
        """Values [n] as numbers [n, width]: scaled, 0 where missing; or a 1 in the category's place."""
        missing = np.isnan(values)
        if self.codes is None:
            scaled = np.where(missing, 0.0, (values - self.mean) / self.scale).clip(-LIMIT, LIMIT)
            return np.stack([scaled, missing], axis=-1)[..., : self.width]
        numbers = np.zeros((*values.shape, self.width))
        for place, code in enumerate(self.codes):
            numbers[..., place + 1] = values == code
        numbers[..., 0] = ~missing & (numbers[..., 1:].sum(-1) == 0)
        return numbers


@dataclass(frozen=True)
class Encoder:
    """All covariates of a table as numbers, and the calendar.

    Attributes:
        past, known, static: a Column for each.
        calendar: names of the cycles told to the network: "day", "week", "year".
    """

    past: tuple[Column, ...] = ()
    known: tuple[Column, ...] = ()
    static: tuple[Column, ...] = ()
    calendar: tuple[Cycle, ...] = ()

    @staticmethod
    def fitted(series: Sequence[Series], features: Features, clock: Clock, stop: int) -> Encoder:
        """From what lies before position ``stop``."""

        def columns(part: str) -> tuple[Column, ...]:
            pieces = [
                getattr(s, part)[: max(0, stop - s.start)] if part != "static" else s.static[None]
                for s in series
            ]
            values = np.concatenate(pieces)
            return tuple(
                Column.fitted(f, values[:, k]) for k, f in enumerate(getattr(features, part))
            )

        length = max(min(s.end, stop) - s.start for s in series)
        return Encoder(columns("past"), columns("known"), columns("static"), cycles(clock, length))

    @property
    def widths(self) -> tuple[int, int, int, int]:
        """Numbers of past, known and static covariates, and of the calendar."""
        parts = (self.past, self.known, self.static)
        past, known, static = (sum(c.width for c in part) for part in parts)
        return past, known, static, 2 * len(self.calendar)

    def encode(self, part: str, values: Floats) -> Floats:
        """Values [..., F] of "past", "known" or "static" as numbers [..., width]."""
        columns: tuple[Column, ...] = getattr(self, part)
        if not columns:
            return np.zeros((*values.shape[:-1], 0))
        return np.concatenate([c.encode(values[..., k]) for k, c in enumerate(columns)], axis=-1)

    def times(self, clock: Clock, positions: Ints) -> Floats:
        """The calendar at positions [...], [..., 2 * cycles]: sine and cosine of the place in each."""
        if not self.calendar:
            return np.zeros((*positions.shape, 0))
        moments = clock.wall_times(positions.reshape(-1))
        turns = [2 * np.pi * place_in(moments, cycle) for cycle in self.calendar]
        waves = np.stack([f(t) for t in turns for f in (np.sin, np.cos)], axis=-1)
        return waves.reshape(*positions.shape, -1)


def cycles(clock: Clock, length: int) -> tuple[Cycle, ...]:
    """The cycles of the calendar that ``length`` steps show often enough."""
    if not clock.datetimes:
        return ()
    step = clock.step * (30 * DAY if clock.kind == "month" else 1) / clock.share
    spans: dict[Cycle, int] = {"day": DAY, "week": 7 * DAY, "year": 365 * DAY}
    return tuple(
        name
        for name, span in spans.items()
        if step * clock.share < span and length * step >= CYCLES * span
    )


def place_in(moments: Ints, cycle: Cycle) -> Floats:
    """How much of the day, the week or the year has gone at moments [n], 0 to 1."""
    if cycle == "day":
        return (moments % DAY) / DAY
    if cycle == "week":
        return (moments % (7 * DAY)) / (7 * DAY)
    years = moments.astype("datetime64[us]").astype("datetime64[Y]")
    starts, ends = (y.astype("datetime64[us]").astype(np.int64) for y in (years, years + 1))
    return np.asarray((moments - starts) / (ends - starts))


def suspicious(series: Sequence[Series], features: Features, stop: int) -> list[str]:
    """A sentence on each known covariate that follows the target too closely to be known beforehand.

    A forecast of the weather explains a part of tomorrow's sales. What explains nearly all changes of
    the target is more likely the target itself, or was written down after it.
    """
    doubts = []
    for k, feature in enumerate(features.known):
        if not feature.numeric:
            continue
        changes = [
            (np.diff(s.values[:n]), np.diff(s.known[:n, k]))
            for s in series
            if (n := min(len(s.values), max(0, stop - s.start))) > 2
        ]
        y, x = (np.concatenate(parts) for parts in zip(*changes, strict=True))
        both = ~np.isnan(y) & ~np.isnan(x)
        if both.sum() < 10 or not y[both].std() > 0 or not x[both].std() > 0:
            continue
        correlation = float(np.corrcoef(y[both], x[both])[0, 1])
        if abs(correlation) > LEAK:
            doubts.append(
                f"the known covariate {feature.name!r} moves with the target (correlation "
                f"of the changes {correlation:.3f}): is it really known when the forecast is made? "
                "If not, name it as past"
            )
    return doubts
