"""What is chosen from the data before training: spans, seasons, scale, sizes. All of it can be set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewise.errors import InputError
from gatewise.tasks.seasons import find_seasons
from gatewise.tasks.table import Series, Table

Floats = NDArray[np.float64]
LONGEST_PATCH = 64  # values that one step of the network reads at most
SHARE = 0.1  # of a series, for each of the spans that training does not see
UNKNOWN = 64  # steps that are allowed for a cycle where no season was found
GROWS = 0.5  # slope of log spread on log level from which logarithms are taken


@dataclass(frozen=True)
class Spans:
    """Four consecutive spans of positions: training ends where stopping begins, and so on."""

    stop: int
    calibrate: int
    report: int
    end: int

    @staticmethod
    def of(table: Table, horizon: int) -> Spans:
        """Spans that hold at least one horizon each. Raises InputError if training would be left none."""
        end = max(s.start + len(s.values) for s in table.series)
        size = max(horizon, round(SHARE * table.length))
        spans = Spans(end - 3 * size, end - 2 * size, end - size, end)
        longest = max(spans.stop - s.start for s in table.series)
        if longest < 2 * horizon + 2:
            needed = 5 * horizon + 2
            raise InputError(
                f"the series are too short: {table.length} steps, and a horizon of {horizon} needs "
                f"at least {needed}" + (". Take a shorter horizon" if horizon > 1 else "")
            )
        return spans


@dataclass(frozen=True)
class Choices:
    """What a model was fitted with. ``patch`` values are read at one step of the network."""

    seasons: tuple[int, ...]
    log: bool
    patch: int
    context: int
    units: int
    steps: int
    batch: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def describe(self) -> list[str]:
        """For people, one choice a line."""
        return [
            f"seasons  {', '.join(map(str, self.seasons)) or 'none found'}",
            f"scale    {'logarithms' if self.log else 'as given'}, normalised by each window itself",
            f"network  {self.units} units; a step reads {_values(self.patch)}, "
            f"the context is {self.context}",
            f"training at most {self.steps} steps of {self.batch} windows",
        ]


def decide(table: Table, horizon: int, spans: Spans, given: dict[str, Any]) -> Choices:
    """Choose from the training span alone; ``given`` has what the user set, None where not."""
    past = [s.values[: max(0, spans.stop - s.start)] for s in table.series]
    past = [y for y in past if len(y) > 2]
    seasons = given["seasons"]
    if seasons is None:
        seasons = find_seasons(past, table.clock.cycles())
    seasons = tuple(sorted({int(s) for s in seasons}))
    length = int(np.median([len(y) for y in past]))
    log = given["log"]
    positive = all(np.nanmin(s.values) > 0 for s in table.series)
    if log and not positive:
        raise InputError("log=True needs values above zero in every series")
    if log is None:
        log = positive and spread_grows(past, max(8, *seasons) if seasons else 8)
    patch = given["patch"]
    if patch is None:
        short = seasons[0] if seasons else 1
        patch = short if short <= LONGEST_PATCH and length >= 6 * short else 1
    context = given["context"] or _context(horizon, seasons, length)
    context = -(-context // patch) * patch
    windows = sum(max(0, len(y) - horizon) for y in past)
    batch = given["batch"] or int(np.clip(windows // 4, 16, 256))
    steps = given["steps"]
    if steps is None:
        steps = int(np.clip(60 * windows / batch, 300, 1500))
    units = given["units"] or next(
        (u for u, rows in ((16, 500), (32, 5_000), (64, 50_000)) if table.values < rows), 128
    )
    return Choices(seasons, bool(log), patch, context, units, steps, batch)


def spread_grows(series: Sequence[Floats], block: int) -> bool:
    """Whether blocks with a higher level have a wider spread, within the series and between them."""
    points = []
    for y in series:
        for k in range(0, len(y) - block + 1, block):
            part = y[k : k + block]
            part = part[~np.isnan(part)]
            if len(part) >= 4 and (spread := float(part.std())) > 0:
                points.append((np.log(part.mean()), np.log(spread)))
    if len(points) < 4:
        return False
    level, spread_ = np.array(points).T
    level = level - level.mean()
    size = float(level @ level)
    return size > 1e-6 * len(points) and float(level @ (spread_ - spread_.mean())) / size > GROWS


def _context(horizon: int, seasons: tuple[int, ...], length: int) -> int:
    cycle = max(seasons, default=UNKNOWN)
    wanted = int(np.clip(2 * max(horizon, cycle), 32, 512))
    return max(2, min(wanted, length - horizon))


def _values(count: int) -> str:
    return "one value" if count == 1 else f"{count} values"


def check_series(series: Sequence[Series], log: bool) -> None:
    """Raises InputError where a model on logarithms is given values that have none."""
    for s in series:
        if log and np.nanmin(s.values) <= 0:
            raise InputError(
                f"series {s.id!r} has the value {np.nanmin(s.values):g}, but the model works on "
                "logarithms and was trained on values above zero"
            )
