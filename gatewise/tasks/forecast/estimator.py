"""``Forecaster``: trains a network on a table, measures it against baselines, and forecasts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

from sklearn.base import clone
from sklearn.utils import check_random_state

from gatewise.lang.cell import Cell
from gatewise.tasks.data.read_options import ReadOptions
from gatewise.tasks.data.reader import read_table
from gatewise.tasks.data.series import Table
from gatewise.tasks.estimator import Estimator
from gatewise.tasks.forecast.config import FitPlan
from gatewise.tasks.forecast.cross_validation import cross_validation
from gatewise.tasks.forecast.evaluation import Backtest, Evaluation, backtest, evaluate
from gatewise.tasks.forecast.fitted import Fitted
from gatewise.tasks.forecast.fitting import fit
from gatewise.tasks.forecast.metrics import Row
from gatewise.tasks.forecast.network import Network
from gatewise.tasks.forecast.options import Options, cell_of
from gatewise.tasks.forecast.persistence import files, load
from gatewise.tasks.forecast.planning import plan_of, quick_rows
from gatewise.tasks.forecast.prediction import predict
from gatewise.tasks.forecast.report.collect import facts
from gatewise.tasks.forecast.report.page import render


class Forecaster(Estimator[Fitted]):
    """Forecasts one series or thousands with one recurrent network.

    An encoder of any cell runs along the history; its state continues when rows are added. From the last
    state a decoder forecasts every step of the horizon, with intervals, as a correction of the baseline
    that is best on the training span. Training, validation, calibration of the intervals and test use four
    consecutive spans. Then the network is trained again on all rows, for the best number of steps.

    Args:
        horizon: steps to forecast, at least 1.
        cell: a name of the catalogue or a cell with one input.
        time, target, id: names of columns; None: detected. With a list of targets each gets its own
            columns in the output.
        known: covariates whose future values are known when the forecast is made.
        past: covariates that are known up to the cutoff only.
        static: covariates with one value per series.
        zone: the time zone of timestamps without one.
        calendar: which days and hours are observed, where not what the table shows: "all", "business",
            "6-day", "mon-fri 08:00-18:00", a country ("US", "DE-BY") or exchange ("NYSE") whose holidays are
            closed, the name of a column that says which steps are closed, or the path of a file with
            closed days; or several of these.
        reading: how tables are written, where they can be read in more than one way: a mapping of
            the fields of ``ReadOptions``, such as ``{"decimal": ",", "freq": "D", "agg": "sum"}``.
        levels: the levels of the intervals, in percent.
        seasons: the lengths of the seasons in steps; () for none. None leaves this option and those up to
            ``members`` to be chosen from the data.
        log: whether to work on logarithms.
        patch: values that the network reads at one step.
        context: values in a stretch of training.
        units: the size of the recurrent layer.
        steps: training steps, at most.
        batch: stretches in a training step.
        members: networks with different seeds whose mean is the forecast.
        learning_rate: the highest learning rate of the schedule.
        dropout: dropout of the state before the decoder.
        patience: validation checks without an improvement (there are 25 in ``steps``).
        device: where to train: "cpu", "cuda" or "auto". Forecasts are made on the CPU.
        precision: of training: "32-true", or "bf16-mixed", which multiplies matrices in bfloat16.
        time_limit: seconds for all trainings of a fit together, over all its starts; None: no limit. A
            training may take an equal share of what the earlier ones have left. At the limit it ends after
            the current step, with the best weights so far.
        random_state: an int makes fits repeatable on one machine.
        lower, upper: bounds that forecasts and intervals keep; "none" for no bound. None: found from the data.
        integer: whether forecasts are whole numbers; None: if the data are.
        outliers: "mask" takes codes such as -999 and single spikes very far from all other values as missing;
            "keep" takes them as they are.

    Attributes:
        table_layout_, clock_, columns_: the layout of the table, its time step, and the names of its id,
            time and target columns.
        features_, encoder_: its columns with their ranges and categories; how they become numbers.
        choices_, spans_: the options after the automatic choices, and the four spans.
        baselines_, base_: the baselines, and the index of the one that is corrected.
        steps_: training steps of the final networks; 0 if they did not beat the baseline.
        stopped_: None, or (step, steps) of the first training that the time limit ended.
        evaluation_: errors on the test span, of the network before it saw that span and of all baselines,
            best first.
        validation_: mean absolute errors on the validation span by name; ``best_`` is the name of the least.
        history_: the learning curve of the first network, a tuple of ``LogEntry``.
        shown_: the rows that the report shows; not saved.
        cell_, networks_: the cell, and the networks trained on all rows; ``network_`` is the first.
        correction_: what calibration adds to the intervals, [horizon, levels], in units of the usual
            error of a seasonal naive forecast.
        ends_: the state at the end of each series, a ``SeriesState``; ``update`` replaces it.
        seen_: for each series the position up to which training has seen it.
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
        calendar: str | Sequence[str] | None = None,
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
        reading: ReadOptions | Mapping[str, Any] | None = None,
        lower: float | str | None = None,
        upper: float | str | None = None,
        integer: bool | None = None,
        outliers: str = "mask",
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
        self.calendar = calendar
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
        self.reading = reading
        self.lower = lower
        self.upper = upper
        self.integer = integer
        self.outliers = outliers

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
            reading=options.reading,
            calendar=options.calendar,
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
            data: the frame, the path of a file, or a ``Table`` from ``read_table``.
            y: not used; the target is a column.
            progress: called now and then with the stage, the step and the loss.
            run: a folder for the state of training and its metrics. An interrupted fit resumes from it
                and ends as if it had not been interrupted. None: nothing is written.

        Raises:
            InputError: for a table that cannot be read or is too short, an option out of range, or a
                run folder of another training.
            CellError: for an unknown cell.
            TrainingError: if the loss becomes NaN or infinite.
        """
        cell, plan = cell_of(self.cell), self.plan(data)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        self.fitted_ = fit(plan, cell, seed, None if run is None else Path(run), progress)
        return self

    def baselines(self, data: Any) -> list[Row]:
        """Errors of the quick baselines on the test span of ``fit``; nothing is trained.

        Raises InputError as ``fit`` does.
        """
        return quick_rows(self.plan(data))

    # --- forecasting ----------------------------------------------------------------------------

    def predict(
        self,
        horizon: int | None = None,
        data: Any = None,
        future: Any = None,
        *,
        baseline: str | None = None,
        best: bool = False,
        point: str | None = None,
        total: bool = False,
    ) -> Any:
        """Forecast the steps after the end of series.

        Args:
            horizon: steps; None: that of the fit. Steps beyond the horizon of the fit are marked in a
                column ``beyond_horizon``: the decoder continues, but their errors were never measured.
            data: a frame whose series are continued, including series that training has not seen; None:
                the series of training, with the rows that ``update`` has added.
            future: a frame with the known covariates of the steps to forecast.
            baseline: forecast with this baseline instead of the network: a name in ``evaluation_``.
            best: forecast with what had the least error on the validation span, the network or a
                baseline (``best_`` is its name). The errors on the test span then stay honest, as they
                chose nothing.

            point: the point forecasts are the "mean" or the "median" of what may come. The mean of whole numbers is
                none; where most values are 0, so is the median. None: as the network was trained, near both.
            total: a row for each series, the total of all steps at the time of the last one, with intervals
                of its own: errors of neighbouring steps are alike, as measured.

        Returns:
            A frame of the same library, with columns for the id and the time, the point forecast
            (``LSTM``) and the limits of the intervals (``LSTM-lo-90``, ``LSTM-hi-90``). The column of a
            baseline has its name, and a baseline has no intervals.

        Raises:
            InputError: for a table that cannot be read or has another time step, if a known covariate is
                missing, or for a baseline that does not exist.
            NotFittedError: before ``fit``.

        Warns (InputWarning) if series in ``data`` are shorter than a season.
        """
        return predict(self._fitted(), horizon, data, future, baseline, best, point, total)

    def update(self, data: Any) -> Forecaster:
        """Take up new rows: the state continues along them; the weights do not change.

        The cost depends on the number of new rows alone, and forecasts are the same as from all rows.
        Series that are not known yet begin.

        Args:
            data: a frame of rows that follow those seen so far, with the columns of training. Rows at its
                end without a target carry known covariates of the future.

        Raises:
            InputError: for rows that are not later than the last of their series (so applying a file
                twice is safe), and as ``predict`` does. The model is then unchanged.
            NotFittedError: before ``fit``.
        """
        fitted = self._fitted()
        self.fitted_ = fitted.updated(fitted.read_later(data))
        return self

    def evaluate(self, data: Any) -> Evaluation:
        """Errors of the model and of the baselines on a table.

        Windows that overlap the training data are reported separately, as their errors are too low. Rows
        that directly follow the last ones of the model continue from its state, as in ``update``, but the
        model itself does not change. Other series start anew, and need some steps before their first
        forecast.

        Args:
            data: a frame with the columns of training.

        Raises:
            InputError: as ``predict`` does, or if the series are too short.
            NotFittedError: before ``fit``.
        """
        fitted = self._fitted()
        return evaluate(fitted, fitted.read(data))

    def backtest(self, data: Any, cutoffs: int | None = None) -> Backtest:
        """Forecasts from the cutoffs of a table whose horizon lies in it, with the actual values.

        Rows that directly follow the last ones of the model continue from its state, as in ``evaluate``.

        Args:
            data: a frame with the columns of training.
            cutoffs: how many of the last cutoffs of each series; None: all.

        Raises:
            InputError: as ``evaluate`` does.
            NotFittedError: before ``fit``.
        """
        fitted = self._fitted()
        return backtest(fitted, fitted.read(data), cutoffs)

    def cross_validation(
        self, data: Any, windows: int = 3, *, step: int | None = None, refit: bool = False
    ) -> Any:
        """Forecasts from rolling origins over the end of a table, with the actual values.

        Args:
            data: a frame, as for ``fit``.
            windows: the number of origins.
            step: steps from one origin to the next; None: the horizon.
            refit: train a new model at each origin, on the rows before it. If False, train at the first
                origin and update the state for the others.

        Returns:
            A frame of the same library: id, time, ``cutoff`` (the last known timestamp), the actual value,
            and the forecasts as ``predict`` names them. This model itself does not change.

        Raises:
            InputError: as ``fit`` does.
        """
        plan = self.plan(data)

        def refitted(table: Table) -> Fitted:
            return clone(self).fit(table).fitted_  # type: ignore[no-any-return]

        return cross_validation(plan.table, plan.options, windows, step, refit, refitted)

    def report(self, command: str = "") -> str:
        """The report of this fit as one HTML page; it shows rows of the data.

        ``command`` is what made the model, for the reader. Raises InputError for a loaded model.
        """
        return render(facts(self._fitted(), command or f"{self!r}.fit(table)"))

    @property
    def best_(self) -> str:
        """The name of the forecast with the least error on the validation span."""
        return self._fitted().best

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
