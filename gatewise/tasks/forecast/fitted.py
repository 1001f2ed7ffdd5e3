"""``Fitted``: the result of a fit as one record, which forecasts are computed with and a model folder holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from gatewise.arrays import Floats
from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.tasks.data.clock import Clock
from gatewise.tasks.data.encoding import Encoder
from gatewise.tasks.data.reader import future_rows, read_table
from gatewise.tasks.data.series import Features, Layout, Series, Table
from gatewise.tasks.forecast.baselines import Simple
from gatewise.tasks.forecast.config import Config, check_series
from gatewise.tasks.forecast.covariate_codes import without_covariate_codes
from gatewise.tasks.forecast.domain import Domain, check_later
from gatewise.tasks.forecast.error_paths import ErrorPaths
from gatewise.tasks.forecast.frames import ColumnNames, Library, library_of
from gatewise.tasks.forecast.future_steps import Future
from gatewise.tasks.forecast.known_effect import KnownEffect
from gatewise.tasks.forecast.longer import remark
from gatewise.tasks.forecast.metrics import Row, format_table
from gatewise.tasks.forecast.network import Network
from gatewise.tasks.forecast.options import Options
from gatewise.tasks.forecast.predictor import Predictor
from gatewise.tasks.forecast.recent_best import RecentBest
from gatewise.tasks.forecast.report.facts import Shown
from gatewise.tasks.forecast.series_state import SeriesState
from gatewise.tasks.forecast.spans import Spans
from gatewise.tasks.forecast.state_updater import StateUpdater
from gatewise.tasks.forecast.wrong_values import without_wrong_values
from gatewise.tasks.training.checkpoint import LogEntry

# errors that differ by this share are the same
TIE = 1e-6


@dataclass(frozen=True)
class Fitted:
    """The result of a fit. ``Forecaster`` documents most fields, as attributes of the same names.

    Attributes:
        options, cell: the arguments of the estimator.
        layout, columns, clock, features, frame: the layout of the table, the names of its id, time and
            target columns, its time step, its columns, and the library of its frame.
        choices, spans, baselines, base: the automatic choices, the four spans, the baselines, and the index
            of the one that is corrected.
        encoder, effect, networks, correction: what forecasts are computed with.
        steps, stopped, evaluation: training steps, the stop by the time limit, and the errors.
        validation: mean absolute errors on the validation span, by name; {} for an older model.
        ends, seen: the state at the end of each series, and the position up to which training saw it.
        history: the learning curve; () for a loaded model.
        shown: the rows that a report shows; None for a loaded model.
        unfinished: the steps that training was allowed, if the validation loss was still falling then.
        paths: how errors are correlated from step to step; None for an older model.
        domains: the domain of each target; () for an older model, whose forecasts are not bounded.
    """

    options: Options
    cell: Cell
    layout: Layout
    columns: tuple[str, str, str]
    clock: Clock
    features: Features
    frame: Library
    choices: Config
    spans: Spans
    baselines: tuple[Simple | RecentBest, ...]
    base: int
    encoder: Encoder
    networks: tuple[Network, ...]
    correction: Floats
    steps: int
    stopped: tuple[int, int] | None
    evaluation: list[Row]
    validation: dict[str, float]
    ends: SeriesState
    seen: dict[str, int]
    history: tuple[LogEntry, ...] = ()
    shown: Shown | None = None
    domains: tuple[Domain, ...] = ()
    effect: KnownEffect | None = None
    unfinished: int | None = None
    paths: ErrorPaths | None = None

    @property
    def cut_short(self) -> str:
        """In what way training was cut short; "" if it was not."""
        return remark(self.stopped, self.unfinished, self.options.time_limit)

    def table(self) -> list[str]:
        """The errors on the test span as a table of text, with a mark where training was cut short."""
        if not self.cut_short:
            return format_table(self.evaluation)
        mark = f"{self.name} *"
        rows = [replace(r, name=mark) if r.name == self.name else r for r in self.evaluation]
        return [*format_table(rows), f"* training was {self.cut_short}"]

    @property
    def name(self) -> str:
        """The name of the model's row of errors and of its column of forecasts."""
        return self.cell.name.upper()

    @property
    def levels(self) -> tuple[int, ...]:
        """The levels of the intervals, ascending."""
        return tuple(sorted(self.options.levels))

    @property
    def best(self) -> str:
        """The name of the forecast with the least error on the validation span: the model's or a baseline's.

        Raises InputError for a model that was saved before these errors were kept.
        """
        if not self.validation:
            raise InputError(
                "this model was saved by an older Gatewise, which did not keep the errors on the validation "
                "span: name a baseline yourself, or fit the model again"
            )
        least = min(self.validation.values())
        # a network that is still its baseline has the same error, and intervals as well
        if self.validation[self.name] <= least * (1 + TIE):
            return self.name
        return min(self.validation, key=self.validation.__getitem__)

    @property
    def updater(self) -> StateUpdater:
        """The part that takes rows up into the state of series."""
        return StateUpdater(
            self.networks,
            self.choices.running,
            self.baselines,
            self.encoder,
            self.features,
            self.effect,
        )

    @property
    def predictor(self) -> Predictor:
        """The part that forecasts are computed with."""
        return Predictor(self.updater, self.correction, self.domains, self.paths)

    def read(self, data: Any, future: Any = None) -> Table:
        """A table with the columns and the time step of training, and its own clock. Raises InputError."""
        options = self.options
        table = read_table(
            data,
            time=options.time,
            target=options.target,
            id=options.id,
            zone=options.zone,
            future=future,
            like=self.features,
            reading=options.reading,
            pace=self.clock,
            single=self.layout == "single",
        )
        if options.outliers == "mask":
            table, _ = without_wrong_values(table)
            table, _ = without_covariate_codes(table)
        if (table.clock.kind, table.clock.step) != (self.clock.kind, self.clock.step):
            raise InputError(
                f"the table runs {table.clock.describe()}, the model was trained on one that runs "
                f"{self.clock.describe()}"
            )
        check_later(table, self.domains, self.options)
        check_series(self.bases(table), self.choices.log)
        return table

    def read_later(self, data: Any) -> Table:
        """A table of rows that follow those of training, on the model's clock. Raises InputError."""
        options = self.options
        id, time, target = options.id, options.time, options.target
        # a model of a table with a series a row is updated by a long table
        if self.layout == "rows":
            id, time, target = (
                id or self.columns[0],
                time or self.columns[1],
                target or self.columns[2],
            )
        table = read_table(
            data,
            time=time,
            target=target,
            id=id,
            zone=options.zone,
            like=self.features,
            clock=self.clock,
            reading=options.reading,
            single=self.layout == "single",
        )
        if table.layout == "rows":
            raise InputError(
                "a table with one series a row has no times, and an update needs them: give a table "
                f"with the columns {self.columns[0]}, {self.columns[1]} and {self.columns[2]}"
            )
        check_later(table, self.domains, self.options)
        check_series(self.bases(table), self.choices.log)
        return table

    def bases(self, table: Table) -> Sequence[Series]:
        """The series of a table without the effect of its known covariates."""
        return (
            table.series
            if self.effect is None
            else self.effect.taken_off(table.series, table.clock)
        )

    def read_future(self, data: Any) -> Future:
        """Known covariates of the steps to forecast. Raises InputError."""
        if not self.features.known:
            raise InputError(
                "future rows were given, but the model was fitted without known covariates: leave them out, or fit it with known="
            )
        id, time, _ = self.columns
        return future_rows(
            data,
            id=id,
            time=time,
            zone=self.options.zone or "",
            features=self.features,
            clock=self.clock,
            reading=self.options.reading,
        )

    def updated(self, table: Table) -> Fitted:
        """The record after an update with new rows. Raises InputError for rows that do not follow."""
        return replace(self, ends=self.updater.go_on(self.ends, table.series, self.clock))

    def naming(self, table: Table | None = None, baseline: str | None = None) -> ColumnNames:
        """The column names of a frame of forecasts: those of the table, or of the training table.

        ``baseline`` is the name of the one whose forecasts they are, without intervals.
        """
        columns, frame, layout = self.columns, self.frame, self.layout
        if table is not None:
            layout = table.layout
            columns, frame = (table.id, table.time, table.target), library_of(table.frame)
        id, time, target = columns
        targets: Sequence[str] = ()
        if self.options.several_targets:
            targets = self.features.names("target")
        # a table of one series has no column of ids, and its forecast gets none
        if layout == "single" or (layout == "wide" and targets):
            id = ""
        levels = self.levels if baseline is None else ()
        name = self.name if baseline is None else baseline
        return ColumnNames(name, id, time, levels, frame, target, tuple(targets))
