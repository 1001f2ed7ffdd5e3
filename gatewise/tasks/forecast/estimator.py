"""``Forecaster``: from a table to a trained network, honest figures and predictions."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils import check_random_state

from gatewise.errors import InputError, InputWarning
from gatewise.lang.cell import Cell
from gatewise.tasks.data.reader import Table, future_rows, understand
from gatewise.tasks.data.series import too_short
from gatewise.tasks.forecast.config import Plan as Plan
from gatewise.tasks.forecast.config import check_series
from gatewise.tasks.forecast.dataset import Store
from gatewise.tasks.forecast.evaluation import (
    Backtest,
    Evaluation,
    backtest,
    evaluate,
)
from gatewise.tasks.forecast.fitting import Fitting
from gatewise.tasks.forecast.frames import Made, Naming, frame_of, library_of
from gatewise.tasks.forecast.leaderboard import compared, in_units, naive_errors
from gatewise.tasks.forecast.metrics import Row
from gatewise.tasks.forecast.network import Network
from gatewise.tasks.forecast.options import cell_of, check
from gatewise.tasks.forecast.planning import plan_of, quick_rows
from gatewise.tasks.forecast.predictor import Future, Model
from gatewise.tasks.forecast.report import shown
from gatewise.tasks.training.time_budget import Budget

Floats = NDArray[np.float64]


FARTHEST = 100_000  # steps that are forecast at most, if the model was not fitted for more


class Forecaster(BaseEstimator):  # type: ignore[misc]
    """Forecasts one series or thousands with one recurrent network.

    An encoder of any cell goes along the history, and its state is carried on when rows are added. From
    the last state a decoder forecasts every step of the horizon, as a correction of the simple forecast
    that did best on the training span, with intervals. Training, stopping, calibration of the intervals
    and the figures use four consecutive spans; then the network is trained anew on all rows for the
    number of steps that was found best.

    Args:
        horizon: steps to forecast, at least 1.
        cell: a name of the catalogue or a cell; it has one input.
        time, target, id: names of columns; looked for if None. With a list of targets each gets columns
            of its own in the output.
        known: columns that are known for the horizon too: "as known when the forecast is made".
        past: columns that are known up to the cutoff only.
        static: columns with one value a series.
        zone: the time zone of times that carry none.
        levels: of the intervals, in percent.
        seasons: steps in each; found from the data if None, () for none. So are the others:
        log: work on logarithms.
        patch: values that the network reads at one step, a whole season where it is short.
        context: values of a stretch of a series that training goes along at once.
        units: of its layer.
        steps: of training at most.
        batch: stretches at one step of training.
        members: networks with different seeds whose mean is the forecast; several where that is cheap.
        learning_rate: its highest value.
        dropout: of the state before the decoder.
        patience: checks of the stopping span without a better one (there are 25 in ``steps``).
        device: to train on: "cpu", "cuda" or "auto". Forecasts are made on the CPU.
        precision: of training: "32-true", or "bf16-mixed", which multiplies matrices in bfloat16.
        time_limit: seconds that all trainings of a fit may take together, over all its starts; None: no
            limit. Each of them may take an equal part of what those before it have left; one that is
            out of time ends at the next step, with the best weights it has found.
        random_state: an int makes fits repeatable on one machine.

    Attributes:
        table_layout_, clock_, columns_: of the table: its layout, its time, its id, time and target.
        features_: the columns it had, with their ranges and categories; ``encoder_`` makes numbers of them.
        choices_, spans_: what was chosen.
        baselines_, base_: the simple forecasts, and the number of the one that is corrected.
        steps_: of training that the shipped networks have had.
        stopped_: None, or the step at which the time limit ended a training, and of how many; of the first
            that was ended so.
        evaluation_: figures on the reporting span, of the network and all baselines, best first. They
            are those of networks that had not seen it.
        history_: the learning curve of the first of them, as ``runs.Note``.
        shown_: what the report shows of the reporting span; not saved.
        cell_, networks_: the cell, and the networks trained on all rows; ``network_`` is the first.
        correction_: what calibration adds to the intervals, [horizon, levels], in units of the usual
            error of a seasonal naive forecast.
        ends_: where each series ended, as ``state.Ends``; ``update`` moves it on.
        seen_: by series, the position up to which training has seen it.
    """

    def __init__(
        self,
        horizon: int = 1,
        cell: str | Cell = "lstm",
        *,
        time: str | None = None,
        target: str | Sequence[str] | None = None,
        id: str | None = None,
        known: str | Sequence[str] = (),
        past: str | Sequence[str] = (),
        static: str | Sequence[str] = (),
        zone: str | None = None,
        levels: Sequence[int] = (80, 90),
        seasons: Sequence[int] | None = None,
        log: bool | None = None,
        patch: int | None = None,
        context: int | None = None,
        units: int | None = None,
        steps: int | None = None,
        batch: int | None = None,
        members: int | None = None,
        learning_rate: float = 2e-3,
        dropout: float = 0.1,
        patience: int = 8,
        device: str = "cpu",
        precision: str = "32-true",
        time_limit: float | None = 600,
        random_state: Any = None,
    ) -> None:
        self.horizon = horizon
        self.cell = cell
        self.time = time
        self.target = target
        self.id = id
        self.known = known
        self.past = past
        self.static = static
        self.zone = zone
        self.levels = levels
        self.seasons = seasons
        self.log = log
        self.patch = patch
        self.context = context
        self.units = units
        self.steps = steps
        self.batch = batch
        self.members = members
        self.learning_rate = learning_rate
        self.dropout = dropout
        self.patience = patience
        self.device = device
        self.precision = precision
        self.time_limit = time_limit
        self.random_state = random_state

    # --- training -------------------------------------------------------------------------------

    def plan(self, data: Any) -> Plan:
        """What ``fit`` would do with a table. Raises InputError as ``fit`` does."""
        check(self.get_params(deep=False))
        table = understand(
            data, time=self.time, target=self.target, id=self.id, known=self.known, past=self.past,
            static=self.static, zone=self.zone,
        )  # fmt: skip
        return plan_of(table, self.horizon, self.get_params(deep=False))

    def fit(
        self,
        data: Any,
        y: None = None,
        *,
        progress: Callable[[str, int, float], None] | None = None,
        run: str | Path | None = None,
    ) -> Forecaster:
        """Train on a frame of pandas or Polars.

        Args:
            data: the frame, or a Table that ``understand`` made.
            y: not used; the target is a column.
            progress: is called with the stage, the step and the loss now and then.
            run: a folder for the state of training and its metrics. A fit that was interrupted goes
                on from there and ends as if it had not been; nothing is written if it is None.

        Raises:
            InputError: for a table that cannot be understood or is too short, an option out of
                range, or a run folder of another training.
            CellError: for an unknown cell.
            TrainingError: where the loss stops being a number.
        """
        plan, cell = self.plan(data), cell_of(self.cell)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        levels = tuple(sorted(self.levels))
        # a network is trained, and then another on all rows
        budget = Budget(self.time_limit, 2 * plan.choices.members)
        found = Fitting(
            plan, cell, self.horizon, levels, self.learning_rate, self.dropout, self.patience, seed,
            None if run is None else Path(run), progress, budget, self.device, self.precision,
        ).fitted()  # fmt: skip
        table = plan.table
        self.cell_, self.choices_, self.spans_ = cell, plan.choices, plan.spans
        self.table_layout_, self.clock_, self.features_ = table.layout, table.clock, table.features
        self.columns_ = (table.id, table.time, table.target)
        self.baselines_, self.base_, self.steps_ = plan.baselines, found.base, found.steps
        self.correction_, self.history_ = found.correction, found.history
        self.stopped_ = budget.stopped
        self.encoder_, self.networks_, self.frame_ = found.encoder, found.networks, table.frame
        naive = naive_errors(table.series, plan.choices.seasons, plan.spans.stop)
        judged, store, cuts = (
            self._model(found.judged, found.measured),
            found.measured,
            found.report,
        )
        made = judged.in_units(*found.reported)
        self.evaluation_ = compared(store, cuts, naive, (cell.name.upper(), made, levels))
        names = [b.name for b in plan.baselines]
        simple = next(names.index(row.name) for row in self.evaluation_ if row.name in names)
        self.shown_ = shown(
            found.judged[0],
            store,
            cuts,
            plan,
            in_units(store, store.truth(cuts)),
            made,
            levels,
            simple,
        )
        self.ends_ = self._model().start(table.series, table.clock)
        self.seen_ = dict(zip(self.ends_.ids, map(int, self.ends_.position), strict=True))
        return self

    def baselines(self, data: Any) -> list[Row]:
        """Figures of the quick simple forecasts on the span that ``fit`` reports on; nothing is trained.

        Raises InputError as ``fit`` does.
        """
        return quick_rows(self.plan(data), self.horizon)

    # --- forecasting ----------------------------------------------------------------------------

    def predict(self, horizon: int | None = None, data: Any = None, future: Any = None) -> Any:
        """Forecast what follows.

        Args:
            horizon: steps; that of the fit if None. With more than that, steps beyond it are marked in a
                column ``beyond_horizon``: the decoder goes on there, but nothing has measured how well.
            data: a frame whose series are continued, also ones that training has not seen; if None,
                the series of training, and what ``update`` has added.
            future: a frame with the known covariates of the steps to forecast.

        Returns:
            A frame of the kind that was given, with columns for the id and the time, the point
            forecast (``LSTM``) and the limits of the intervals (``LSTM-lo-90``, ``LSTM-hi-90``).

        Raises:
            InputError: for a table that cannot be understood or has another time step, and where a
                known covariate is missing.
            NotFittedError: before ``fit``.

        Warns (InputWarning) of series in ``data`` that are shorter than a season.
        """
        self._check_fitted()
        steps = self.horizon if horizon is None else horizon
        if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or steps < 1:
            raise InputError(f"the horizon must be a whole number of at least 1, not {steps!r}")
        if steps > max(FARTHEST, self.horizon):
            raise InputError(f"the horizon must be at most {FARTHEST:,} steps, not {steps:,}")
        ends, clock, naming, rows = self.ends_, self.clock_, self._naming(), None
        if data is not None:
            table = self._understood(data, future)
            doubt = too_short(table.series, max((self.choices_.patch, *self.choices_.seasons)))
            if doubt:
                warnings.warn(doubt, InputWarning, stacklevel=2)
            clock, naming = table.clock, self._naming(table)
            ends = self._model().start(table.series, clock)
        elif future is not None:
            rows = self._future(future)
        quantiles = self._model().forecast(ends, clock, int(steps), rows)
        made = Made(ends.ids, ends.keys, ends.targets, ends.position, quantiles, self.horizon)
        return frame_of(made, naming, clock)

    def update(self, data: Any) -> Forecaster:
        """Take up new rows: the state goes on from where it was; the weights stay as they are.

        It costs as much as there are new rows, however long the history is, and gives what a forecast
        from all rows would give. Series that are not known yet begin.

        Args:
            data: a frame of rows that follow those seen so far, with the columns of training. Rows
                without a target at its end carry known covariates of the future.

        Raises:
            InputError: for rows that are not later than the last of their series (so a file that is
                applied twice does no harm), and as ``predict`` does. Nothing has changed then.
            NotFittedError: before ``fit``.
        """
        self._check_fitted()
        id, time, target = self.id, self.time, self.target
        if (
            self.table_layout_ == "rows"
        ):  # a long table is needed then, with the columns of forecasts
            names = self.columns_
            id, time, target = id or names[0], time or names[1], target or names[2]
        table = understand(
            data, time=time, target=target, id=id, zone=self.zone, like=self.features_,
            clock=self.clock_,
        )  # fmt: skip
        if table.layout == "rows":
            raise InputError(
                "a table with one series a row has no times, and an update needs them: give a table "
                f"with the columns {self.columns_[0]}, {self.columns_[1]} and {self.columns_[2]}"
            )
        check_series(table.series, self.choices_.log)
        self.ends_ = self._model().go_on(self.ends_, table.series, self.clock_)
        return self

    def evaluate(self, data: Any) -> Evaluation:
        """The model's figures on a table, beside those of the simple forecasts.

        Windows that training has seen a value of are counted for themselves: their errors are too low.
        Rows that follow directly on the last that the model has taken up go on from there, as in
        ``update``; the model itself does not move. Others begin anew, and need some steps before they
        are forecast.

        Args:
            data: a frame with the columns of training.

        Raises:
            InputError: as ``predict`` does, and where the series are too short.
            NotFittedError: before ``fit``.
        """
        self._check_fitted()
        return evaluate(self, self._understood(data))

    def backtest(self, data: Any, cutoffs: int | None = None) -> Backtest:
        """Forecasts from the cutoffs of a table whose horizon lies in it, beside what came.

        Rows that follow on the last ones go on from there, as in ``evaluate``.

        Args:
            data: a frame with the columns of training.
            cutoffs: only the last so many of each series; all if None.

        Raises:
            InputError: as ``evaluate`` does.
            NotFittedError: before ``fit``.
        """
        self._check_fitted()
        return backtest(self, self._understood(data), cutoffs)

    def cross_validation(
        self, data: Any, windows: int = 3, *, step: int | None = None, refit: bool = False
    ) -> Any:
        """Forecasts from rolling origins over the end of a table, beside what came.

        Args:
            data: a frame, as for ``fit``.
            windows: how many origins.
            step: steps from one to the next; the horizon if None.
            refit: train anew at each origin, on what lies before it. If not, train at the first and
                carry the state on to the others.

        Returns:
            A frame of the kind that was given: id, time, ``cutoff`` (the last time that was known), the
            truth, and the forecasts as ``predict`` names them. This model itself is not changed.

        Raises:
            InputError: as ``fit`` does.
        """
        from gatewise.tasks.forecast.cross_validation import cross_validation

        return cross_validation(self, data, windows, step, refit)

    def report(self, command: str = "") -> str:
        """The report of this fit as one HTML file for people; it shows rows of the data.

        ``command`` is what made the model, for the reader. Raises InputError for a loaded model.
        """
        from gatewise.tasks.forecast.report import facts
        from gatewise.tasks.forecast.report.page import render

        self._check_fitted()
        return render(facts(self, command))

    def save(self, folder: str | Path, *, force: bool = False, report: str | None = None) -> None:
        """Write the model to a folder, with a report where one is given; see ``gatewise.tasks.forecast.persistence``.

        Raises InputError.
        """
        from gatewise.tasks.forecast.persistence import save

        save(self, folder, force=force, report=report)

    @staticmethod
    def load(folder: str | Path) -> Forecaster:
        """Read a model that ``save`` has written. Raises InputError if it is damaged."""
        from gatewise.tasks.forecast.persistence import load

        return load(folder)

    @property
    def network_(self) -> Network:
        """The first of the networks."""
        return self.networks_[0]

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "ends_")

    # --- parts ----------------------------------------------------------------------------------

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise NotFittedError("this Forecaster is not fitted yet: call fit first")

    def _model(
        self, networks: Sequence[Network] | None = None, store: Store | None = None
    ) -> Model:
        """What forecasts are made with: as shipped, or with others that were fitted on a store."""
        return Model(
            tuple(networks or self.networks_), self.choices_.running, self.baselines_,
            self.encoder_ if store is None else store.encoder, self.features_, self.correction_,
        )  # fmt: skip

    def _naming(self, table: Table | None = None) -> Naming:
        id, time, target = self.columns_ if table is None else (table.id, table.time, table.target)
        several = not isinstance(self.target, str) and len(self.target or ()) > 1
        return Naming(
            self.cell_.name.upper(), id, time, tuple(sorted(self.levels)),
            library_of(self.frame_ if table is None else table.frame), target,
            self.features_.names("target") if several else (),
        )  # fmt: skip

    def _understood(self, data: Any, future: Any = None) -> Table:
        """A table of the same columns and time step, on its own clock."""
        table = understand(
            data, time=self.time, target=self.target, id=self.id, zone=self.zone, future=future,
            like=self.features_,
        )  # fmt: skip
        if (table.clock.kind, table.clock.step) != (self.clock_.kind, self.clock_.step):
            raise InputError(
                f"the table runs {table.clock.describe()}, the model was trained on one that runs "
                f"{self.clock_.describe()}"
            )
        check_series(table.series, self.choices_.log)
        return table

    def _future(self, data: Any) -> Future:
        if not self.features_.known:
            raise InputError("there are future rows, but no covariate is named as known")
        id, time, _ = self.columns_
        return future_rows(
            data, id=id, time=time, zone=self.zone or "", features=self.features_, clock=self.clock_
        )
