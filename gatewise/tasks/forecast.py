"""``Forecaster``: from a table to a trained network, honest figures and predictions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils import check_random_state

from gatewise import cells
from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.tasks.baselines import Baseline, family
from gatewise.tasks.choices import Choices, Spans, check_series, decide
from gatewise.tasks.evaluate import Row, conformal, measure, naive_error, probabilities, widen
from gatewise.tasks.network import Network
from gatewise.tasks.output import Ends, frame_of
from gatewise.tasks.problem import (
    ForecastProblem,
    clearly_less,
    forecast,
    inputs,
    point_errors,
)  # fmt: skip
from gatewise.tasks.report import shown
from gatewise.tasks.runs import Note
from gatewise.tasks.table import Series, Table, understand
from gatewise.tasks.training import Recipe, copy, train
from gatewise.tasks.windows import Cutoffs, Store

Floats = NDArray[np.float64]
MOST_WINDOWS = 20_000  # that the reporting and calibration spans are measured on
BACKTEST = 4_000  # windows on which the baseline to start from is chosen


@dataclass(frozen=True)
class Plan:
    """What ``fit`` will do with a table."""

    table: Table
    spans: Spans
    choices: Choices
    baselines: tuple[Baseline, ...]

    @property
    def least(self) -> int:
        """Steps of its series that a window needs before its cutoff: two seasons, if that is not too long."""
        return max(2, min(self.choices.context, 2 * max(self.choices.seasons, default=1)))

    def describe(self) -> list[str]:
        """For people, a line each."""
        return [*self.table.describe(), *self.choices.describe()]


class Forecaster(BaseEstimator):  # type: ignore[misc]
    """Forecasts one series or thousands with one recurrent network.

    An encoder of any cell reads the history; from its last state every step of the horizon is
    forecast at once, as a correction of the simple forecast that did best on the training span, with
    intervals. Training, stopping, calibration of the intervals and the figures use four consecutive
    spans; then the network is trained anew on all rows for the number of steps that was found best.

    Args:
        horizon: steps to forecast, at least 1.
        cell: a name of the catalogue or a cell; it has one input.
        time, target, id: names of columns; looked for if None.
        levels: of the intervals, in percent.
        seasons: steps in each; found from the data if None, () for none. So are the others:
        log: work on logarithms.
        patch: values that the network reads at one step, a whole season where it is short.
        context: steps of history that it reads.
        units: of its layer.
        steps: of training at most.
        batch: windows at one step of training.
        learning_rate: its highest value.
        dropout: of the state before the head.
        patience: checks of the stopping span without a better one (there are 25 in ``steps``).
        random_state: an int makes fits repeatable on one machine.

    Attributes:
        table_layout_, clock_, columns_: of the table: its layout, its time, its id, time and target.
        choices_, spans_: what was chosen.
        baselines_, base_: the simple forecasts, and the number of the one that is corrected.
        steps_: of training that the shipped weights have had.
        evaluation_: figures on the reporting span, of the network and all baselines, best first. They
            are those of the network that had not seen it.
        shown_: what the report shows of the reporting span; not saved.
        history_: the learning curve of the network that was measured, as ``runs.Note``.
        cell_, network_: the cell, and the network trained on all rows.
        correction_: what calibration adds to the intervals, [horizon, levels], in scaled units.
        ends_: where each series ended, as the network's state.
    """

    def __init__(
        self,
        horizon: int = 1,
        cell: str | Cell = "lstm",
        *,
        time: str | None = None,
        target: str | Sequence[str] | None = None,
        id: str | None = None,
        levels: Sequence[int] = (80, 90),
        seasons: Sequence[int] | None = None,
        log: bool | None = None,
        patch: int | None = None,
        context: int | None = None,
        units: int | None = None,
        steps: int | None = None,
        batch: int | None = None,
        learning_rate: float = 2e-3,
        dropout: float = 0.1,
        patience: int = 8,
        random_state: Any = None,
    ) -> None:
        self.horizon = horizon
        self.cell = cell
        self.time = time
        self.target = target
        self.id = id
        self.levels = levels
        self.seasons = seasons
        self.log = log
        self.patch = patch
        self.context = context
        self.units = units
        self.steps = steps
        self.batch = batch
        self.learning_rate = learning_rate
        self.dropout = dropout
        self.patience = patience
        self.random_state = random_state

    def plan(self, data: Any) -> Plan:
        """What ``fit`` would do with a table. Raises InputError as ``fit`` does."""
        self._check()
        table = understand(data, time=self.time, target=self.target, id=self.id)
        spans = Spans.of(table, self.horizon)
        choices = decide(table, self.horizon, spans, self.get_params(deep=False))
        return Plan(table, spans, choices, family(choices.seasons))

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
        plan = self.plan(data)
        cell = self._cell()
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        store = self._store(plan.table.series, plan.choices, plan.baselines)
        least = plan.least
        s = plan.spans
        past, stop, calibrate, report = (
            store.cutoffs(low, high, least)
            for low, high in (
                (None, s.stop),
                (s.stop, s.calibrate),
                (s.calibrate, s.report),
                (s.report, s.end),
            )
        )
        for cuts, what in (
            (past, "train on"),
            (stop, "stop by"),
            (calibrate, "calibrate by"),
            (report, "report on"),
        ):
            if not len(cuts):
                raise InputError(
                    f"the series are too short or too gappy: there is no window to {what}"
                )
        base = self._best(store, past)
        recipe = Recipe(plan.choices.steps, self.learning_rate, self.patience, seed)
        names = [one.id for one in plan.table.series]

        def trained(
            cuts: Cutoffs, stage: str, stop: Cutoffs | None = None, until: int | None = None
        ) -> tuple[Network, int, list[Note]]:
            problem = ForecastProblem(
                store, cuts, stop, plan.choices.batch, probabilities(sorted(self.levels)), names
            )
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                network = self._network(cell, plan.choices, base, len(plan.baselines))
            untrained = copy(network)
            notes: list[Note] = []
            steps = train(
                network, problem, recipe, until=until, history=notes,
                run=None if run is None else Path(run) / stage.replace(" ", "-"),
                progress=None if progress is None else lambda k, loss: progress(stage, k, loss),
            )  # fmt: skip
            if stop is not None and not _better(network, untrained, store, problem.watched):
                network.load_state_dict(untrained)
                steps = 0
            return network, steps, notes

        network, steps, self.history_ = trained(past, "training", stop=stop)
        scaled, windows = forecast(network, store, calibrate := calibrate.thinned(MOST_WINDOWS))
        truth = (store.truth(calibrate) - windows.level[:, None]) / windows.scale[:, None]
        self.correction_ = conformal(truth, scaled, sorted(self.levels))
        self.cell_, self.choices_, self.spans_ = cell, plan.choices, s
        self.baselines_, self.base_, self.steps_ = plan.baselines, base, steps
        self.table_layout_, self.clock_ = plan.table.layout, plan.table.clock
        self.columns_ = (plan.table.id, plan.table.time, plan.table.target)
        self.evaluation_ = self._evaluate(network, store, report.thinned(MOST_WINDOWS), plan)
        self.network_, _, _ = trained(
            store.cutoffs(None, None, least), "training on all rows", until=steps
        )
        self.ends_ = self._ends(store, plan.table)
        return self

    def baselines(self, data: Any) -> list[Row]:
        """Figures of the simple forecasts alone on the span that ``fit`` reports on; nothing is trained.

        Raises InputError as ``fit`` does.
        """
        plan = self.plan(data)
        store = self._store(plan.table.series, plan.choices, plan.baselines)
        cuts = store.cutoffs(plan.spans.report, plan.spans.end, plan.least)
        if not len(cuts):
            raise InputError(
                "the series are too short or too gappy: there is no window to report on"
            )
        return _scored(store, cuts.thinned(MOST_WINDOWS), plan)

    def predict(self, horizon: int | None = None, data: Any = None) -> Any:
        """Forecast what follows.

        Args:
            horizon: steps, up to the one that the model was fitted for, which is the default.
            data: a frame whose series are continued, also ones that training has not seen; if None,
                the series of training.

        Returns:
            A frame of the kind that was given, with columns for the id and the time, the point
            forecast (``LSTM``) and the limits of the intervals (``LSTM-lo-90``, ``LSTM-hi-90``).

        Raises:
            InputError: for a longer horizon, a table that cannot be understood or has another time
                step.
            NotFittedError: before ``fit``.
        """
        self._check_fitted()
        steps = self.horizon if horizon is None else horizon
        if isinstance(steps, bool) or not isinstance(steps, int) or not 1 <= steps <= self.horizon:
            raise InputError(
                f"the horizon must be 1 to {self.horizon}, which the model was fitted for, not "
                f"{steps!r}: fit again with a longer horizon to see further"
            )
        ends, clock, columns = self.ends_, self.clock_, self.columns_
        if data is not None:
            table = understand(data, time=self.time, target=self.target, id=self.id)
            clock, columns = table.clock, (table.id, table.time, table.target)
            if (clock.kind, clock.step) != (self.clock_.kind, self.clock_.step):
                raise InputError(
                    f"the table runs {clock.describe()}, the model was trained on one that runs "
                    f"{self.clock_.describe()}"
                )
            check_series(table.series, self.choices_.log)
            ends = self._ends(self._store(table.series, self.choices_, self.baselines_), table)
        quantiles = self.quantiles(ends)[:, :steps]
        return frame_of(
            ends, quantiles, self.cell_.name.upper(), sorted(self.levels), clock, columns[:2]
        )

    def quantiles(self, ends: Ends) -> Floats:
        """Calibrated quantiles [N, horizon, Q] from where series ended."""
        self.network_.eval()
        with torch.no_grad():
            scaled = self.network_.decode(
                torch.from_numpy(ends.state), torch.from_numpy(ends.candidates).float()
            )
        return self._unscaled(scaled.double().numpy(), ends.level, ends.scale)

    def report(self, command: str = "") -> str:
        """The report of this fit as one HTML file for people; it shows rows of the data.

        ``command`` is what made the model, for the reader. Raises InputError for a loaded model.
        """
        from gatewise.tasks.report import facts
        from gatewise.tasks.report.page import render

        self._check_fitted()
        return render(facts(self, command))

    def save(self, folder: str | Path, *, force: bool = False, report: str | None = None) -> None:
        """Write the model to a folder, with a report where one is given; see ``gatewise.tasks.saved``.

        Raises InputError.
        """
        from gatewise.tasks.saved import save

        save(self, folder, force=force, report=report)

    @staticmethod
    def load(folder: str | Path) -> Forecaster:
        """Read a model that ``save`` has written. Raises InputError if it is damaged."""
        from gatewise.tasks.saved import load

        return load(folder)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "ends_")

    # --- parts ----------------------------------------------------------------------------------

    def _check(self) -> None:
        """Raises InputError for an argument out of range."""
        counts = ("horizon", "patience", "patch", "context", "units", "steps", "batch")
        for name in counts:
            value = getattr(self, name)
            if value is None and name not in ("horizon", "patience"):
                continue
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
                raise InputError(f"{name} must be a whole number of at least 1, not {value!r}")
        for name, top in (("learning_rate", 1.0), ("dropout", 0.999)):
            value = getattr(self, name)
            if (
                isinstance(value, bool)
                or not isinstance(value, int | float)
                or not 0 <= value <= top
            ):
                raise InputError(f"{name} must be a number from 0 to {top:g}, not {value!r}")
        if self.log not in (None, True, False):
            raise InputError(f"log must be True, False or None, not {self.log!r}")
        if not _whole(self.levels, 1, 99) or not len(self.levels):
            raise InputError(f"levels are different percentages from 1 to 99, not {self.levels!r}")
        if self.seasons is not None and not _whole(self.seasons, 2, 100_000):
            raise InputError(
                f"seasons are different whole numbers of at least 2, not {self.seasons!r}"
            )

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise NotFittedError("this Forecaster is not fitted yet: call fit first")

    def _cell(self) -> Cell:
        cell = cells.get(self.cell) if isinstance(self.cell, str) else self.cell
        if not isinstance(cell, Cell):
            raise InputError(
                f"cell is a name of the catalogue or a cell, not {type(cell).__name__}"
            )
        if len(cell.program.inputs) != 1:
            names = ", ".join(i.name for i in cell.program.inputs)
            raise InputError(
                f"the cell {cell.name} has several inputs ({names}); forecasting gives it one"
            )
        return cell

    def _network(self, cell: Cell, choices: Choices, base: int, baselines: int) -> Network:
        return Network(
            cell,
            choices.patch,
            choices.units,
            self.horizon,
            baselines,
            base,
            len(self.levels),
            self.dropout,
        )

    def _store(self, series: Sequence[Series], c: Choices, baselines: Sequence[Baseline]) -> Store:
        recent = c.seasons[0] if c.seasons else min(c.context, 8)
        return Store(series, baselines, c.context, self.horizon, recent, c.log)

    def _best(self, store: Store, cuts: Cutoffs) -> int:
        """The baseline with the least scaled error on the training span."""
        cuts = cuts.thinned(BACKTEST)
        windows, truth = store.windows(cuts), store.truth(cuts)
        errors = []
        for k in range(len(store.baselines)):
            made = windows.candidates[:, k] * windows.scale[:, None] + windows.level[:, None]
            error = np.abs(made - truth) / (1.0 if store.log else windows.scale[:, None])
            errors.append(float(np.nanmean(error)))
        return int(np.argmin(errors))

    def _unscaled(self, scaled: Floats, level: Floats, scale: Floats) -> Floats:
        made = widen(scaled, self.correction_) * scale[:, None, None] + level[:, None, None]
        return np.exp(made) if self.choices_.log else made

    def _evaluate(self, network: Network, store: Store, cuts: Cutoffs, plan: Plan) -> list[Row]:
        """Figures of the network and all baselines, best first."""
        scaled, windows = forecast(network, store, cuts)
        own = self._unscaled(scaled, windows.level, windows.scale)
        truth, naive = _truth(store, cuts), _naive(plan)[cuts.series]
        levels, others = sorted(self.levels), _scored(store, cuts, plan)
        row = measure(self.cell_.name.upper(), truth, own, levels, naive)
        simple = [b.name for b in plan.baselines].index(others[0].name)
        self.shown_ = shown(network, store, cuts, plan, truth, own, levels, simple)
        return sorted([row, *others], key=lambda row: row.mae)

    def _ends(self, store: Store, table: Table) -> Ends:
        """Where each series ended: what a forecast needs, and no more."""
        cuts = store.ends()
        windows = store.windows(cuts)
        self.network_.eval()
        with torch.no_grad():
            x, seen, _ = inputs(windows)
            state = self.network_.encode(x, seen).numpy()
        position = np.array([s.start + len(s.values) for s in table.series])
        ids = tuple(s.id for s in table.series)
        return Ends(
            ids, position, state, windows.level, windows.scale, windows.candidates, table.frame
        )


def _better(network: Network, untrained: Any, store: Store, cuts: Cutoffs) -> bool:
    """Whether a network forecasts clearly better at cutoffs than with the weights it started with."""
    errors, kept = point_errors(network, store, cuts), copy(network)
    network.load_state_dict(untrained)
    before = point_errors(network, store, cuts)
    network.load_state_dict(kept)
    spans = len(cuts) / store.horizon + len(np.unique(cuts.series))
    return clearly_less(errors, before, spans)


def _scored(store: Store, cuts: Cutoffs, plan: Plan) -> list[Row]:
    """Figures of the baselines, best first."""
    truth, naive, rows = _truth(store, cuts), _naive(plan)[cuts.series], []
    for k, baseline in enumerate(plan.baselines):
        made = store.baseline(k, cuts)
        point = np.exp(made) if store.log else made
        rows.append(measure(baseline.name, truth, point[..., None], (), naive))
    return sorted(rows, key=lambda row: row.mae)


def _truth(store: Store, cuts: Cutoffs) -> Floats:
    """What came after cutoffs, in the units of the target."""
    truth = store.truth(cuts)
    return np.exp(truth) if store.log else truth


def _naive(plan: Plan) -> Floats:
    """The denominator of MASE for each series: from its training span."""
    season = plan.choices.seasons[0] if plan.choices.seasons else 1
    stop = plan.spans.stop
    return np.array(
        [naive_error(s.values[: max(0, stop - s.start)], season) for s in plan.table.series]
    )


def _whole(values: object, low: int, high: int) -> bool:
    """Whether it is a sequence of different whole numbers in a range."""
    if isinstance(values, str) or not isinstance(values, Sequence):
        return False
    numbers = all(isinstance(v, int) and not isinstance(v, bool) for v in values)
    return numbers and len(set(values)) == len(values) and all(low <= v <= high for v in values)
