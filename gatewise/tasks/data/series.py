"""What a table is understood as: series on one clock, their covariates, and the names they had."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from gatewise.arrays import Bools, Floats, Ints
from gatewise.errors import some_of
from gatewise.tasks.data.clock import Clock

Layout = Literal["long", "wide", "rows", "single"]


@dataclass(frozen=True)
class Feature:
    """A column as training has seen it.

    Attributes:
        name: of the column.
        categories: None for numbers. Otherwise texts: k stands for ``categories[k]``,
            ``len(categories)`` for one that is not among them, NaN for a missing one.
        low, high: the range of the numbers; both 0 for texts.
        decimals: of the numbers, where it is known how many they have.
    """

    name: str
    categories: tuple[str, ...] | None = None
    low: float = 0.0
    high: float = 0.0
    decimals: int | None = None

    @property
    def numeric(self) -> bool:
        return self.categories is None

    @property
    def codes(self) -> int:
        """How many different codes there can be, the one of unknown texts included; 0 for numbers."""
        return 0 if self.categories is None else len(self.categories) + 1

    def describe(self) -> str:
        if self.categories is None:
            return f"{self.name} (numbers)"
        return f"{self.name} ({len(self.categories)} categories)"


@dataclass(frozen=True)
class Features:
    """The columns of a table by their part in it; what a later table is read and checked with.

    Attributes:
        target: columns that are forecast.
        past: covariates known up to the cutoff only, such as a measured temperature.
        known: covariates known for the horizon too, as known when the forecast is made.
        static: covariates that are one value a series.
    """

    target: tuple[Feature, ...] = ()
    past: tuple[Feature, ...] = ()
    known: tuple[Feature, ...] = ()
    static: tuple[Feature, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.past or self.known or self.static)

    def covariates(self) -> Iterator[tuple[str, tuple[Feature, ...]]]:
        """The parts that have columns, with their names."""
        for part in ("past", "known", "static"):
            if features := getattr(self, part):
                yield part, features

    def names(self, part: str) -> tuple[str, ...]:
        """Names of the columns of "target", "past", "known" or "static"."""
        return tuple(f.name for f in getattr(self, part))

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


NOTHING = np.zeros((0, 0))


@dataclass(frozen=True)
class Series:
    """Values [n] at positions ``start``, ``start + 1``, ... of the clock; NaN is a missing one.

    Attributes:
        id: its name; unique in the table.
        past: [n, P] numbers or codes (see Feature) of the past covariates; NaN where missing.
        known: [n + f, K] of the known ones; the table continues for f steps after the last value.
        static: [S] of the static ones.
        key: what stands in the id column; differs from the id where a table has several targets.
        target: the number of its column among the targets.
        rows: where its values stand in the table, where that is known: what a position is less than the
            number of its row (counted from 1), if there is a row at every step; else positions and their rows.
        closed: [n] steps at which nothing is observed, as of a holiday: they are not missing. None for none.
    """

    id: str
    start: int
    values: Floats
    past: Floats = field(default_factory=lambda: NOTHING)
    known: Floats = field(default_factory=lambda: NOTHING)
    static: Floats = field(default_factory=lambda: np.zeros(0))
    key: str = ""
    target: int = 0
    rows: int | tuple[Ints, Ints] | None = None
    closed: Bools | None = None

    def __post_init__(self) -> None:
        for name in ("past", "known"):
            if getattr(self, name) is NOTHING:
                object.__setattr__(self, name, np.zeros((len(self.values), 0)))

    @property
    def end(self) -> int:
        """The position after the last value."""
        return self.start + len(self.values)

    @property
    def missing(self) -> int:
        return int(self.absent.sum())

    @property
    def absent(self) -> Bools:
        """Where a value is missing, [n]; a closed step has none to miss."""
        nothing = np.isnan(self.values)
        return nothing if self.closed is None else nothing & ~self.closed

    def row(self, position: int) -> int | None:
        """The row of the table at a position, counted from 1; None where that is not known."""
        if isinstance(self.rows, tuple):
            positions, numbers = self.rows
            k = int(np.searchsorted(positions, position))
            return int(numbers[k]) if k < len(positions) and positions[k] == position else None
        return None if self.rows is None else self.rows + position


@dataclass(frozen=True)
class Table:
    """Series of one clock, and how they stood in the file.

    Attributes:
        layout: "long", "wide", "rows" or "single".
        series: at least one; every one begins and ends with a value that is there.
        clock: what positions stand for.
        id, time, target: names of columns, for what is given back.
        frame: the library of the table given ("pandas" or "polars").
        notes: what was inferred or left out, in sentences.
        features: the columns that were read, with their ranges and categories.
    """

    layout: Layout
    series: tuple[Series, ...]
    clock: Clock
    id: str
    time: str
    target: str
    frame: str
    notes: tuple[str, ...] = ()
    features: Features = field(default_factory=Features)

    @property
    def values(self) -> int:
        """Values that are there, of all series."""
        return sum(int(np.count_nonzero(~np.isnan(s.values))) for s in self.series)

    @property
    def length(self) -> int:
        """The median length of the series."""
        return int(np.median([len(s.values) for s in self.series]))

    def place(self, series: Series, step: int) -> str:
        """Where value number ``step`` of a series stands, for messages: row, series and time."""
        position = series.start + step
        row = series.row(position)
        words = [] if row is None else [f"row {row}"]
        if len(self.series) > 1:
            words.append(f"series {series.id!r}")
        words.append(self.clock.show(int(self.clock.at(np.array([position]))[0])))
        return ", ".join(words)

    def describe(self) -> list[str]:
        """The table in lines for people."""
        lengths = sorted(len(s.values) for s in self.series)
        span = f"{lengths[0]}" if lengths[0] == lengths[-1] else f"{lengths[0]} to {lengths[-1]}"
        first, last = min(s.start for s in self.series), max(s.end for s in self.series) - 1
        ends = [self.clock.show(int(t)) for t in self.clock.at(np.array([first, last]))]
        missing = sum(s.missing for s in self.series)
        calendar = self.clock.describe_calendar()
        return [
            f"layout   {self.layout}: {len(self.series)} series of {span} steps",
            f"time     {self.clock.describe()}, {ends[0]} to {ends[1]}",
            *(
                [f"calendar {calendar}. Other steps are neither missing nor forecast (--calendar)"]
                if calendar
                else []
            ),
            f"missing  {missing} of {self.values + missing} values" + self._gaps(),
            f"target   {self._targets()}",
            *(
                f"{part:<8} {', '.join(f.describe() for f in features)}"
                for part, features in self.features.covariates()
            ),
            *(f"note     {note}" for note in self.notes),
        ]

    def _targets(self) -> str:
        """The columns that are forecast, by name."""
        names = self.features.names("target")
        if self.layout == "rows":
            return "the values of each row"
        return some_of(names, 5)

    def _gaps(self) -> str:
        """How many gaps there are, and how long they are, in words."""
        lengths = np.concatenate([runs(s.absent) for s in self.series])
        if not len(lengths):
            return ""
        count = "1 gap" if len(lengths) == 1 else f"{len(lengths)} gaps"
        longest = int(lengths.max())
        return f" in {count} of " + ("up to " if len(lengths) > 1 else "") + f"{longest}, masked"


MOST_DECIMALS = 6
SHOWN = 3  # figures of a usual value that are given at least


def decimals_of(values: Floats) -> int | None:
    """How many decimals numbers have, so that at least three figures of a usual one are kept.

    None if they have more than most measurements do: they have been computed.
    """
    sample = values[np.isfinite(values)][:10_000]
    if not len(sample):
        return None
    usual = float(np.median(np.abs(sample[sample != 0]))) if np.any(sample) else 1.0
    for decimals in range(MOST_DECIMALS + 1):
        off = np.abs(sample - np.round(sample, decimals))
        if np.all(off <= 1e-12 * np.maximum(np.abs(sample), 1.0)):
            least = SHOWN - 1 - math.floor(math.log10(usual))
            return min(max(decimals, least), 15)
    return None


def runs(absent: Bools) -> Ints:
    """Lengths of the runs of missing values."""
    edges = np.flatnonzero(np.diff(absent, prepend=False, append=False))
    return np.asarray(edges[1::2] - edges[::2])


def too_short(series: Sequence[Series], needed: int) -> str:
    """What to say of series that a forecast begins from with less than a season; "" if there are none."""
    short = [s for s in series if len(s.values) < needed]
    if not short:
        return ""
    others = f" and {len(short) - 1} more" if len(short) > 1 else ""
    return (
        f"series {short[0].id!r}{others}: {len(short[0].values)} rows are fewer than a season ({needed} steps), so the "
        "forecast has little more than their level to go by; give rows from further back, or, where they "
        "follow what the model has seen, take them up with `update`"
    )
