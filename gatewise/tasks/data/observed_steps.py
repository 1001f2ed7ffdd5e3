"""Which steps of a table are observed: its calendar is found, named, or that of training."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gatewise.arrays import Bools, Floats
from gatewise.tasks.data.calendar import Calendar
from gatewise.tasks.data.calendar_options import CalendarChoice
from gatewise.tasks.data.clock import Clock, Times
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.covariates import encode
from gatewise.tasks.data.series import Features
from gatewise.tasks.data.series_builder import series_id
from gatewise.tasks.data.series_rows import Rows
from gatewise.tasks.data.table_calendar import (
    closed_days,
    closed_rows,
    has_hours,
    value_of,
    with_calendar,
)

# of the last rows of a series that show what is never observed
MOST_SEEN = 500_000


@dataclass(frozen=True)
class ObservedSteps:
    """What says which steps are observed.

    Attributes:
        columns: of the table.
        choice: what a person has said.
        like: the columns as training has seen them; None for training itself.
        of_training: the clock of training, whose calendar a later table has; None for training itself.
    """

    columns: Columns
    choice: CalendarChoice
    like: Features | None
    of_training: Clock | None

    def apply(
        self,
        values: dict[str, Floats],
        clock: Clock,
        times: Times,
        rows: dict[str, Rows],
        features: Features,
    ) -> tuple[dict[str, Floats], Clock]:
        """The values without those on closed steps, and the clock with its calendar: found, or of training."""
        if self.of_training is not None:
            calendar = self.of_training.calendar
            clock = replace(clock, calendar=calendar)
            if calendar is not None and calendar.column:
                values = {n: np.where(self._closed(calendar), np.nan, v) for n, v in values.items()}
            return values, clock
        opened: object = None
        for column in self.choice.columns:
            closed, opened = closed_rows(self.columns, column, values)
            values = {name: np.where(closed, np.nan, v) for name, v in values.items()}
        seen = {}
        for key, r in rows.items() if has_hours(clock) else ():
            recent = r.first[-MOST_SEEN:]
            for name, v in values.items():
                seen[series_id(key, name, len(values))] = times[recent[~np.isnan(v[recent])]]
        clock = with_calendar(clock, self.choice, seen, closed_days(self.choice.files))
        for column in self.choice.columns:
            feature = next(f for f in features.known if f.name == column)
            calendar = replace(
                clock.calendar or Calendar(), column=column, open_value=value_of(feature, opened)
            )
            clock = replace(clock, calendar=calendar)
        return values, clock

    def _closed(self, calendar: Calendar) -> Bools:
        """The rows of a later table that its column says are closed."""
        features = self.like.known if self.like else ()
        cells = encode(self.columns, [f for f in features if f.name == calendar.column], [])[:, 0]
        return np.asarray(~np.isnan(cells) & (cells != calendar.open_value))
