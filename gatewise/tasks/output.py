"""Where series ended, and the frames in which forecasts are given back."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from gatewise.tasks.clock import Clock

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ends:
    """What is known of N series after their last value: enough to forecast them, without their rows.

    Attributes:
        ids: their names.
        position: [N] of the first step to forecast.
        state: [N, H] float32, the encoder's last output.
        level, scale: [N] of the last window.
        candidates: [N, K, h] scaled forecasts of the baselines, which repeat values of the last season.
        frame: the library in which forecasts are given back.
    """

    ids: tuple[str, ...]
    position: NDArray[np.int64]
    state: NDArray[np.float32]
    level: Floats
    scale: Floats
    candidates: Floats
    frame: str


def frame_of(
    ends: Ends,
    quantiles: Floats,
    name: str,
    levels: Sequence[int],
    clock: Clock,
    columns: Sequence[str],
) -> Any:
    """Forecasts [N, h, Q] as a frame: id, time, point, limits of the intervals."""
    count, steps, _ = quantiles.shape
    middle = quantiles.shape[-1] // 2
    times = clock.at((ends.position[:, None] + np.arange(steps)).reshape(-1))
    out: dict[str, Any] = {}
    out[columns[0]] = [i for i in ends.ids for _ in range(steps)]
    out[columns[1]] = times.astype("datetime64[us]") if clock.datetimes else times
    flat = quantiles.reshape(count * steps, -1)
    out[name] = flat[:, middle]
    for k, level in enumerate(levels):
        out[f"{name}-lo-{level}"] = flat[:, middle - 1 - k]
        out[f"{name}-hi-{level}"] = flat[:, middle + 1 + k]
    kind: Any = ends.frame if importlib.util.find_spec(ends.frame) else "pandas"
    return in_zone(nw.from_dict(out, backend=kind), columns[1], clock).to_native()


def in_zone(frame: Any, column: str, clock: Clock) -> Any:
    """The frame with its times in UTC moved to the zone of the clock, if that has one."""
    if not clock.zone:
        return frame
    when = nw.col(column).dt.replace_time_zone("UTC").dt.convert_time_zone(clock.zone)
    return frame.with_columns(when)
