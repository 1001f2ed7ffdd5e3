"""``SequenceImputer``: fills the missing values of sequences in, with intervals."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.tasks.impute.evaluation import Evaluation, evaluate, measured
from gatewise.tasks.impute.fitted import Fitted
from gatewise.tasks.impute.fitting import ImputerPlan, fit, plan_of
from gatewise.tasks.impute.options import Options
from gatewise.tasks.impute.page import report
from gatewise.tasks.impute.persistence import KIND, files, load
from gatewise.tasks.steps.estimator import StepEstimator, parts_of
from gatewise.tasks.steps.source import StepSource
from gatewise.tasks.training.trainer import Progress


class SequenceImputer(StepEstimator[Fitted, ImputerPlan]):
    """Fills missing values in with a recurrent network that reads both sides of a gap.

    In training, blocks of known values are removed, and the network learns to correct the linear interpolation across
    them, and how far off it will be. A part of the data stops training, and one judges, beside linear
    interpolation and the seasonal mean; its errors there make the intervals. Then networks are trained
    on all steps.

    Args:
        cell: a name of the catalogue or a cell; it has one input.
        season: steps until the values look like themselves again, 1 for none; None: from the autocorrelation. So are
            the others found from the data where they are None:
        block: steps of the removed blocks at most.
        window: values of a window of training at most.
        units: of each direction.
        steps: of training at most.
        batch: windows at one step of training.
        members: networks with different seeds whose mean is the answer; several where that is cheap.
        folds: how often the five parts take turns, where sequences are not cut in time.
        learning_rate: its highest value.
        dropout: of what the head reads.
        noise: deviation of what is added to the inputs in training.
        patience: checks of the validation part without a better one (there are 25 in ``steps``).
        id, order, group: columns of a long table: which sequence a row belongs to (None: the table is one
            sequence), its place in it, and whose sequences stay together.
        values: columns to fill; all other columns of numbers if None.
        missing: what stands for a missing value in the columns or arrays that are read, such as -999; several in a list.
        device: to train on: "cpu", "cuda" or "auto". Predictions are made on the CPU.
        precision: of training: "32-true", or "bf16-mixed".
        time_limit: seconds that all trainings of a fit may take together; None: no limit.
        random_state: an int makes fits repeatable on one machine.

    Attributes:
        choices_, season_, block_: what was chosen.
        evaluation_: figures of the network and of its baselines on the same removed values.
        residuals_: what intervals are made of.
        networks_, coding_, profile_: what values are computed with.
        steps_, stopped_, history_: of training.
        notes_: what was remarked on.
    """

    kind: ClassVar[str] = KIND
    record: ClassVar[type] = Fitted
    options: ClassVar[type[Options]] = Options

    def __init__(
        self,
        cell: str | Cell = "lstm",
        *,
        season: int | None = None,
        block: int | None = None,
        window: int | None = None,
        units: int | None = None,
        steps: int | None = None,
        batch: int | None = None,
        members: int | None = None,
        folds: int | None = None,
        learning_rate: float = 5e-3,
        dropout: float = 0.0,
        noise: float = 0.0,
        patience: int = 10,
        id: str | None = None,
        order: str | None = None,
        group: str | None = None,
        values: str | list[str] | None = None,
        missing: str | float | list[str | float] | None = None,
        device: str = "cpu",
        precision: str = "32-true",
        time_limit: float | None = 600,
        random_state: Any = None,
    ) -> None:
        self.cell = cell
        self.season = season
        self.block = block
        self.window = window
        self.units = units
        self.steps = steps
        self.batch = batch
        self.members = members
        self.folds = folds
        self.learning_rate = learning_rate
        self.dropout = dropout
        self.noise = noise
        self.patience = patience
        self.id = id
        self.order = order
        self.group = group
        self.values = values
        self.missing = missing
        self.device = device
        self.precision = precision
        self.time_limit = time_limit
        self.random_state = random_state

    def _plan_of(self, source: StepSource, options: Any, seed: int) -> ImputerPlan:
        return plan_of(source, options, seed)

    def _fit(
        self, plan: ImputerPlan, cell: Cell, seed: int, run: Path | None, progress: Progress | None
    ) -> Fitted:
        return fit(plan, cell, seed, run, progress)

    @classmethod
    def _load(cls, folder: Path) -> Fitted:
        return load(folder)

    # --- answers --------------------------------------------------------------------------------

    def predict(self, X: Any, *, level: float | None = None, lengths: Any = None) -> Any:
        """The sequences with every value.

        Args:
            X: sequences, as ``fit`` takes them.
            level: percent; then a frame has the limits ``-lo-90`` and ``-hi-90`` of every column.
            lengths: [N] the steps that count, for sequences in one array.

        Returns:
            [N] arrays [T, C]; for a table a frame with its steps, in the order of its rows. Known values stay as they
            are.

        Raises InputError for sequences of another kind than those of training, NotFittedError.
        """
        fitted, source = self._source(X, lengths=lengths)
        filled, expected = fitted.filled(source.sequences)
        if source.row_of_step is None:
            if level is not None:
                raise InputError("arrays have no columns for limits: use predict_interval")
            return parts_of(filled.values, source)
        columns = {}
        for k, name in enumerate(filled.channels):
            columns[name] = filled.values[:, k]
            if level is not None:
                half = fitted.half(level) * np.where(expected[:, k] > 0, expected[:, k], 0.0)
                columns[f"{name}-lo-{level:g}"] = filled.values[:, k] - half
                columns[f"{name}-hi-{level:g}"] = filled.values[:, k] + half
        return source.frame(columns)

    def transform(self, X: Any) -> Any:
        """The same as ``predict``, for pipelines."""
        return self.predict(X)

    def predict_interval(self, X: Any, level: float = 90, *, lengths: Any = None) -> Any:
        """[N] arrays [T, C, 2] of limits that hold so many percent of missing values like those that were removed.

        Of known values both limits are the value. Raises InputError for a level out of range.
        """
        fitted, source = self._source(X, lengths=lengths)
        half = fitted.half(level)
        filled, expected = fitted.filled(source.sequences)
        wide = np.where(expected > 0, half * expected, 0.0)
        limits = np.stack([filled.values - wide, filled.values + wide], axis=-1)
        return parts_of(limits, source)

    def evaluate(self, X: Any, *, lengths: Any = None) -> Evaluation:
        """Figures on other sequences: blocks of their known values are removed and filled in again."""
        return evaluate(*self._source(X, lengths=lengths))

    def score(self, X: Any, y: Any = None) -> float:
        """The negative mean absolute error of removed values, in deviations of each channel."""
        fitted, source = self._source(X)
        rows = measured(fitted, source, np.arange(len(source.sequences)))
        return -next(row.mae for row in rows if row.name == fitted.name)

    def report(self, command: str = "") -> str:
        """The report of this fit as one HTML file for people; it shows some of the sequences.

        ``command`` is what made the model, for the reader. Raises InputError for a loaded model.
        """
        return report(self._fitted(), command or f"{self!r}.fit(X)")

    def _files(self, report: bool) -> dict[str, bytes]:
        return files(self._fitted(), report)
