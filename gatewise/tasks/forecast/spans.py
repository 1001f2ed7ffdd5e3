"""The four spans of a fit: training, validation, calibration and test. Over time; of short series over series too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatewise.errors import InputError
from gatewise.tasks.data.series import Table
from gatewise.tasks.forecast.cutoffs import Cutoffs
from gatewise.tasks.forecast.dataset import SeriesDataset
from gatewise.tasks.forecast.messages import ends_early, no_window

# share of a series for each of the three spans after the training span
SHARE = 0.1
# with at least so many series, spans may go over series
MANY = 12
# of so many series that follow one another, the last three are validated, calibrated and tested on
GROUP = 6
NAMES = ("training", "validation", "calibration", "test")


@dataclass(frozen=True)
class Spans:
    """The ends of four consecutive spans: the validation span begins at ``stop``, and so on.

    Attributes:
        stop, calibrate, report, end: positions on the clock.
        across: whether the last three spans are of different series instead of different times. They take
            the time from ``stop`` on, and training ends before it; if ``stop`` is the end, they are of
            series that training does not see at all.
    """

    stop: int
    calibrate: int
    report: int
    end: int
    across: bool = False

    @staticmethod
    def of(table: Table, horizon: int) -> Spans:
        """Spans of at least one horizon each. Raises InputError if too little is left for training."""
        end = max(s.start + len(s.values) for s in table.series)
        size = max(horizon, round(SHARE * table.length))
        first = min(table.series, key=lambda s: s.start)
        longest = end - first.start
        if longest - 3 * size >= 2 * horizon + 2:
            return Spans(end - 3 * size, end - 2 * size, end - size, end)
        if len(table.series) >= MANY:
            if longest - horizon >= 2 * horizon + 2:
                stop = end - horizon
                return Spans(stop, stop, stop, end, across=True)
            if longest >= horizon + 3:
                return Spans(end, end, end, end, across=True)
        fits = (longest - 2) // 5
        raise InputError(
            f"the series are too short: {table.length} steps, and a horizon of {horizon} needs "
            f"at least {5 * horizon + 2}"
            + ends_early(table, max(table.series, key=lambda s: s.end))
            + (
                f". The longest horizon that fits is {fits}; a forecast may go further "
                "(predict --horizon), with no figures to say how good it is there"
                if 1 <= fits < horizon
                else ""
            )
        )

    def describe(self, horizon: int) -> list[str]:
        """For people, a line where spans are not what they usually are."""
        if not self.across:
            return []
        if self.stop < self.end:
            return [
                f"spans    the series are short: training ends {horizon} steps before their end, and validation, "
                "calibration and test take the steps after that, each of a third of the series"
            ]
        return [
            "spans    the series are very short: half of them train, and a sixth each validates, calibrates "
            "and tests"
        ]


def spans_of(store: SeriesDataset, table: Table, s: Spans, least: int) -> list[Cutoffs]:
    """The cutoffs of the four spans of a table. Raises InputError where one of them has none."""
    bounds: list[tuple[int | None, int]] = [
        (None, s.stop),
        (s.stop, s.calibrate),
        (s.calibrate, s.report),
        (s.report, s.end),
    ]
    if s.across:
        bounds[1:] = [(s.stop if s.stop < s.end else None, s.end)] * 3
    spans = []
    for k, (low, high) in enumerate(bounds):
        cuts = store.cutoffs(low, high, least)
        if s.across:
            cuts = cuts.take(np.flatnonzero(_of_span(cuts, k, s)))
        if not len(cuts):
            start = min(one.start for one in table.series) if low is None else low
            raise InputError(no_window(table, start, high, NAMES[k]))
        spans.append(cuts)
    return spans


def before_test(store: SeriesDataset, s: Spans, least: int) -> Cutoffs:
    """All cutoffs that have nothing in common with the test span."""
    cuts = store.cutoffs(None, s.report, least)
    if s.across and s.stop == s.end:
        cuts = cuts.take(np.flatnonzero(~_of_span(cuts, 3, s)))
    return cuts


def _of_span(cuts: Cutoffs, span: int, s: Spans) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which cutoffs are of the series of a span, where spans go over series."""
    place = cuts.series % GROUP
    if s.stop == s.end:
        return place < 3 if span == 0 else place == 2 + span
    return np.ones(len(place), bool) if span == 0 else place % 3 == span - 1
