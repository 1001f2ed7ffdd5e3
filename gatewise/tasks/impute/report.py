"""What the report of an imputer tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Bools, Floats
from gatewise.tasks.impute.figures import SHARES
from gatewise.tasks.impute.problem import Course
from gatewise.tasks.sequences.scaling import Scaler
from gatewise.tasks.sequences.value_figures import half_width
from gatewise.tasks.steps.report.page import Shown, summary
from gatewise.tasks.steps.report.pictures import Timeline
from gatewise.tasks.steps.source import StepSource
from gatewise.tasks.steps.windows import Spans

TIMELINES, LONGEST, LEVEL = 4, 300, 90


@dataclass(frozen=True)
class Sample:
    """What a network has filled in, to be shown: its course, what was removed, what it said."""

    course: Course
    spans: Spans
    hidden: Bools
    said: Floats
    scale: Floats
    coding: Scaler


def shown(
    plan: Sequence[str], source: StepSource, samples: Sequence[Sample], residuals: Floats
) -> Shown:
    """Pick what the report shows: one stretch of each of the first channels."""
    timelines = []
    half = half_width(residuals, LEVEL)
    for k in range(min(TIMELINES, samples[0].said.shape[1])):
        one = samples[k % len(samples)]
        begin, end = int(one.spans.begin[0]), int(one.spans.end[0])
        end = min(end, begin + LONGEST)
        mean, deviation = one.coding.mean[k], one.coding.scale[k]
        truth = one.course.scaled[begin:end, k] * deviation + mean
        hidden = one.hidden[begin:end, k]
        said = np.where(hidden, one.said[begin:end, k] * deviation + mean, np.nan)
        wide = np.where(hidden, one.scale[begin:end, k] * deviation * half, np.nan)
        first = begin - int(
            one.course.starts[np.searchsorted(one.course.starts, begin, "right") - 1]
        )
        error = float(np.nanmean(np.abs(said - truth))) if hidden.any() else 0.0
        timelines.append(
            Timeline(
                f"{one.coding.channels[k]}, steps {first} to {first + end - begin - 1}",
                f"mean error {error:.3g}",
                first,
                truth[:, None],
                (one.coding.channels[k],),
                (),
                second=said,
                band=np.stack([said - wide, said + wide], axis=1) if np.isfinite(half) else None,
            )
        )
    data_lines, model_lines = summary(plan, ("values",))
    return Shown(tuple(timelines), data_lines, model_lines)


def head() -> tuple[str, ...]:
    """Titles of the columns of the table."""
    return ("MAE", "RMSE", *(f"{100 * share:.0f} % removed" for share in SHARES))
