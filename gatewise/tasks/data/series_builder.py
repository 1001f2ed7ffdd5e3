"""``SeriesBuilder``: from the rows of each series to values and covariates on a grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.errors import InputError
from gatewise.tasks.data.clock import Clock, Times
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.covariates import check_static, encode, on_grid
from gatewise.tasks.data.future import combine_rows
from gatewise.tasks.data.placing import check_agreement, check_dense, place
from gatewise.tasks.data.series import Features, Series
from gatewise.tasks.data.series_rows import Rows
from gatewise.tasks.data.table_calendar import closed_steps
from gatewise.tasks.data.timestamps import take_rows


@dataclass(frozen=True)
class _Covariates:
    """The covariates of all rows as numbers, [n, F] each."""

    past: Floats
    known: Floats
    static: Floats


@dataclass(frozen=True)
class SeriesBuilder:
    """What the series of one table have in common.

    Attributes:
        columns: of the table.
        features: the columns that are read.
        clock, times: the clock, and the time of each row.
        agg: how the values of rows of one step become one value; None: the first.
        doubts: what a person should hear is added to it.
    """

    columns: Columns
    features: Features
    clock: Clock
    times: Times
    agg: str | None
    doubts: list[str]

    def series(
        self,
        values: Mapping[str, Floats],
        rows_of: Mapping[str, Rows],
        ahead: Mapping[str, tuple[Ints, Floats]],
    ) -> list[Series | None]:
        """The series of each key and target, None for one without a value.

        Args:
            values: [n] the numbers of each target.
            rows_of: the rows of each key.
            ahead: positions [m] and values [m, K] of known covariates after the table, by key; "" for all.

        Raises InputError for a target that the model does not forecast, rows too far apart, and covariates
        that contradict each other.
        """
        encoded = self._encoded()
        series_list: list[Series | None] = []
        # a later table may have some of the targets only
        numbers = {name: k for k, name in enumerate(self.features.names("target"))}
        unknown = [name for name in values if name not in numbers]
        if unknown:
            raise InputError(
                f"the column {unknown[0]!r:.80} holds the values to forecast, but the model forecasts "
                f"{', '.join(map(repr, numbers))}"
            )
        for key, rows in rows_of.items():
            positions = self.clock.positions(take_rows(self.times, rows.first))
            check_dense(positions, self.clock, key)
            grids = self._grids(key, rows, positions, encoded, ahead)
            static = check_static(encoded.static[rows.index], rows.index, self.features.static, key)
            for name, column in values.items():
                one = series_id(key, name, len(values))
                # where no two rows are of one time: the array itself, not a copy
                distinct = rows.starts is None
                agg = self.agg or "first"
                y = take_rows(column, rows.index) if distinct else rows.combined(column, agg)
                series = place(one, key, numbers[name], positions, y, grids, static, rows.first)
                if series is not None:
                    series = replace(series, closed=closed_steps(self.clock, series, self.features))
                series_list.append(series)
        return series_list

    def _encoded(self) -> _Covariates:
        features = self.features
        return _Covariates(
            *(
                encode(self.columns, part, self.doubts)
                for part in (features.past, features.known, features.static)
            )
        )

    def _grids(
        self,
        key: str,
        rows: Rows,
        positions: Ints,
        encoded: _Covariates,
        ahead: Mapping[str, tuple[Ints, Floats]],
    ) -> tuple[Floats, Floats]:
        """Past and known covariates of one key on its steps, the known ones on into the future."""
        features, past, known = self.features, encoded.past, encoded.known
        at, values = ahead.get(key, ahead.get("", (positions[:0], known[:0])))
        check_agreement(positions, known[rows.first], at, values, features, self.clock, key)
        low = int(positions[0])
        high = max(int(positions[-1]) + 1, int(at[-1]) + 1 if len(at) else low)
        known_values = np.concatenate([combine_rows(known, features.known, rows), values])
        return (
            on_grid(positions, combine_rows(past, features.past, rows), low, high),
            on_grid(np.concatenate([positions, at]), known_values, low, high),
        )


def series_id(key: str, target: str, targets: int) -> str:
    """The name of a series: what stands in the id column, the target's name, or both."""
    return f"{key}/{target}" if key and targets > 1 else key or target
