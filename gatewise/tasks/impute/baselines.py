"""Baselines of an imputer: interpolation across a gap, and the mean of the season."""

from __future__ import annotations

import numpy as np

from gatewise.arrays import Bools, Floats
from gatewise.tasks.impute.gaps import read
from gatewise.tasks.impute.problem import Course
from gatewise.tasks.steps.windows import Spans

LINEAR, SEASONAL, MOVED = "linear interpolation", "seasonal mean", "seasonal interpolation"


def baselines(course: Course, spans: Spans, hidden: Bools, season: int) -> dict[str, Floats]:
    """The values [S, C] of each baseline at the steps in spans; NaN elsewhere."""
    values = np.where(hidden, np.nan, course.scaled)
    linear, moved = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
    for k in range(len(spans)):
        low, high = int(spans.low[k]), int(spans.high[k])
        stretch = read(values[low:high], course.profile[low:high])
        inside = slice(int(spans.begin[k]) - low, int(spans.end[k]) - low)
        at = slice(int(spans.begin[k]), int(spans.end[k]))
        linear[at], moved[at] = stretch.base[inside], stretch.seasonal[inside]
    ways: dict[str, Floats] = {LINEAR: linear, SEASONAL if season > 1 else "mean": course.profile}
    return ways | ({MOVED: moved} if season > 1 else {})
