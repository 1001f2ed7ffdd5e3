"""``Forecaster``: from a table to a trained network, honest figures and predictions."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state

from gatewise.errors import InputError, InputWarning
from gatewise.lang.cell import Cell
from gatewise.tasks.data.reader import read_table
from gatewise.tasks.data.series import Table, too_short
from gatewise.tasks.estimator import Estimator
from gatewise.tasks.forecast.config import FitPlan
from gatewise.tasks.forecast.cross_validation import cross_validation
from gatewise.tasks.forecast.evaluation import Backtest, Evaluation, backtest, evaluate
from gatewise.tasks.forecast.fitted import Fitted
from gatewise.tasks.forecast.fitting import fit
from gatewise.tasks.forecast.frames import Forecasts, frame_of
from gatewise.tasks.forecast.metrics import Row
from gatewise.tasks.forecast.network import Network
from gatewise.tasks.forecast.options import Options, cell_of
from gatewise.tasks.forecast.persistence import files, load
from gatewise.tasks.forecast.planning import plan_of, quick_rows
from gatewise.tasks.forecast.report.collect import facts
from gatewise.tasks.forecast.report.page import render

# longest horizon of a forecast, unless the model was fitted with a longer one
FARTHEST = 100_000


class Forecaster(Estimator[Fitted]):
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

    kind = "forecaster"
    record = Fitted
    renamed: ClassVar = {"table_layout_": "layout"}

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

    def plan(self, data: Any) -> FitPlan:
        """What ``fit`` would do with a table. Raises InputError as ``fit`` does."""
        options = Options.of(self.get_params(deep=False))
        table = read_table(
            data,
            time=self.time,
            target=self.target,
            id=self.id,
            known=self.known,
            past=self.past,
            static=self.static,
            zone=self.zone,
        )
        return plan_of(table, options)

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
            data: the frame, or a Table that ``read_table`` made.
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
        self.fitted_ = fit(plan, cell, seed, None if run is None else Path(run), progress)
        return self

    def baselines(self, data: Any) -> list[Row]:
        """Figures of the quick simple forecasts on the span that ``fit`` reports on; nothing is trained.

        Raises InputError as ``fit`` does.
        """
        return quick_rows(self.plan(data))

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
        fitted, rows = self._fitted(), None
        trained = fitted.options.horizon
        steps = trained if horizon is None else horizon
        if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or steps < 1:
            raise InputError(f"the horizon must be a whole number of at least 1, not {steps!r}")
        if steps > max(FARTHEST, trained):
            raise InputError(f"the horizon must be at most {FARTHEST:,} steps, not {steps:,}")
        ends, clock, naming = fitted.ends, fitted.clock, fitted.naming()
        if data is not None:
            table = fitted.read(data, future)
            choices = fitted.choices
            doubt = too_short(table.series, max((choices.patch, *choices.seasons)))
            if doubt:
                warnings.warn(doubt, InputWarning, stacklevel=2)
            clock, naming = table.clock, fitted.naming(table)
            ends = fitted.predictor.start(table.series, clock)
        elif future is not None:
            rows = fitted.read_future(future)
        quantiles = fitted.predictor.forecast(ends, clock, int(steps), rows)
        forecasts = Forecasts(ends.ids, ends.keys, ends.targets, ends.position, quantiles, trained)
        return frame_of(forecasts, naming, clock)

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
        fitted = self._fitted()
        self.fitted_ = fitted.updated(fitted.read_later(data))
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
        fitted = self._fitted()
        return evaluate(fitted, fitted.read(data))

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
        fitted = self._fitted()
        return backtest(fitted, fitted.read(data), cutoffs)

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
        plan = self.plan(data)

        def refitted(table: Table) -> Fitted:
            return clone(self).fit(table).fitted_  # type: ignore[no-any-return]

        return cross_validation(plan.table, plan.options, windows, step, refit, refitted)

    def report(self, command: str = "") -> str:
        """The report of this fit as one HTML file for people; it shows rows of the data.

        ``command`` is what made the model, for the reader. Raises InputError for a loaded model.
        """
        return render(facts(self._fitted(), command or f"{self!r}.fit(table)"))

    @property
    def network_(self) -> Network:
        """The first of the networks."""
        return self._fitted().networks[0]

    def _files(self, report: bool) -> dict[str, bytes]:
        return files(self._fitted(), report)

    @classmethod
    def _restored(cls, folder: Path) -> Self:
        fitted = load(folder)
        model = cls(**fitted.options.arguments, cell=fitted.cell)
        model.fitted_ = fitted
        return model
