"""``AnomalyDetector``: flags steps that are far from what the steps before them let expect."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import narwhals as nw
import numpy as np

from gatewise.lang.cell import Cell
from gatewise.tasks.anomaly.evaluation import Evaluation, evaluate
from gatewise.tasks.anomaly.fitted import Fitted
from gatewise.tasks.anomaly.fitting import PLACES, DetectorPlan, fit, plan_of
from gatewise.tasks.anomaly.options import Options
from gatewise.tasks.anomaly.page import report
from gatewise.tasks.anomaly.persistence import KIND, files, load
from gatewise.tasks.anomaly.scores import ranked
from gatewise.tasks.steps.estimator import StepEstimator, parts_of
from gatewise.tasks.steps.source import StepSource
from gatewise.tasks.training.trainer import Progress


class AnomalyDetector(StepEstimator[Fitted, DetectorPlan]):
    """Flags steps that are far from the forecast of a recurrent network.

    The network learns to forecast quiet data. A step's score is the error of its forecast, in units of the usual error
    of each channel (from the median, so that single outliers do not count), over all channels. The threshold is
    the highest score of the quiet steps that the network had not learned from, times a margin; stretches of them that stand
    out themselves are left out.

    Args:
        cell: a name of the catalogue or a cell; it has one input.
        ahead: steps from the last value that is read to the one that is forecast.
        smooth: steps over which scores are averaged.
        margin: what the highest quiet score is multiplied by.
        quiet: first step, and the one behind the last, of the span of each sequence that is known to be normal;
            None: all steps are taken for normal, but for those with the label 1.
        label: a column of a table that is 1 in anomalies and 0 elsewhere; None: there is none.
        window: values of a window of training at most. So are the others found from the data where they are
            None:
        units: of the recurrence.
        steps: of training at most.
        batch: windows at one step of training.
        members: networks with different seeds whose mean is the forecast; several where that is cheap.
        folds: how often the five parts take turns, where sequences are not cut in time.
        learning_rate: its highest value.
        dropout: of what the head reads.
        noise: deviation of what is added to the standardised values in training.
        patience: checks of the validation part without a better one (there are 25 in ``steps``).
        id, order, group: columns of a long table: which sequence a row belongs to (None: the table is one
            sequence), its place in it, and whose sequences stay together.
        values: columns to read; all other columns of numbers if None.
        missing: what stands for a missing value in the columns or arrays that are read, such as -999; several in a list.
        device: to train on: "cpu", "cuda" or "auto". Scores are computed on the CPU.
        precision: of training: "32-true", or "bf16-mixed".
        time_limit: seconds that all trainings of a fit may take together; None: no limit.
        random_state: an int makes fits repeatable on one machine.

    Attributes:
        choices_: what was chosen.
        evaluation_: errors of the forecast and of its baselines on quiet steps.
        usual_, threshold_, quiet_steps_: what scores are compared with.
        places_: what stands out most in the data of training, ranked.
        networks_, coding_: what forecasts are computed with.
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
        ahead: int = 1,
        smooth: int = 3,
        margin: float = 1.25,
        quiet: list[int] | None = None,
        label: str | None = None,
        window: int | None = None,
        units: int | None = None,
        steps: int | None = None,
        batch: int | None = None,
        members: int | None = None,
        folds: int | None = None,
        learning_rate: float = 5e-3,
        dropout: float = 0.0,
        noise: float = 0.05,
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
        self.ahead = ahead
        self.smooth = smooth
        self.margin = margin
        self.quiet = quiet
        self.label = label
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

    def _plan_of(self, source: StepSource, options: Any, seed: int) -> DetectorPlan:
        return plan_of(source, options, seed)

    def _fit(
        self, plan: DetectorPlan, cell: Cell, seed: int, run: Path | None, progress: Progress | None
    ) -> Fitted:
        return fit(plan, cell, seed, run, progress)

    @classmethod
    def _load(cls, folder: Path) -> Fitted:
        return load(folder)

    # --- answers --------------------------------------------------------------------------------

    def score_samples(self, X: Any, *, lengths: Any = None) -> Any:
        """[N] arrays [T] of scores: the error of the forecast of each step, in usual errors."""
        fitted, source = self._source(X, lengths=lengths)
        return parts_of(fitted.scores(source.sequences), source)

    def predict(self, X: Any, *, lengths: Any = None) -> Any:
        """Whether steps are flagged.

        Returns:
            [N] arrays [T] of 0 and 1; for a table a frame with its steps, the score and the flag ("anomaly"), in the
            order of its rows.

        Raises InputError for sequences of another kind than those of training, NotFittedError.
        """
        fitted, source = self._source(X, lengths=lengths)
        scores = fitted.scores(source.sequences)
        flags = (scores >= fitted.threshold).astype(np.int64)
        if source.row_of_step is None:
            return parts_of(flags, source)
        return source.frame({"score": scores, "anomaly": flags})

    def events(self, X: Any, *, count: int = PLACES, lengths: Any = None) -> Any:
        """The places with the highest scores, ranked.

        Returns:
            A frame of pandas (or of the table's library): rank, sequence, begin, end (not in it), peak, score, flagged.
        """
        fitted, source = self._source(X, lengths=lengths)
        starts = source.sequences.starts
        places = ranked(fitted.scores(source.sequences), starts, fitted.threshold, count)
        data: dict[str, Any] = {"rank": np.array([p.rank for p in places], dtype=np.int64)}
        name = self.id if source.ids and self.id else "sequence"
        data[name] = np.array(
            [source.ids[p.sequence] if source.ids else p.sequence for p in places]
        )
        for field in ("begin", "end", "peak"):
            data[field] = np.array([getattr(p, field) for p in places], dtype=np.int64)
        data["score"] = np.array([p.score for p in places], dtype=np.float64)
        data["flagged"] = np.array([p.flagged for p in places], dtype=bool)
        library: Any = source.library or "pandas"
        return nw.from_dict(data, backend=library).to_native()

    def evaluate(self, X: Any, y: Any = None, *, lengths: Any = None) -> Evaluation:
        """How well the scores tell known anomalies, beside simple scores.

        Args:
            X: sequences, as ``fit`` takes them.
            y: [N] arrays [T] of 0 and 1; None where the table has the column ``label``.
            lengths: [N] the steps that count, for sequences in one array.

        Raises InputError without labels, and where all steps have the same.
        """
        return evaluate(*self._source(X, y, lengths))

    def report(self, command: str = "") -> str:
        """The report of this fit as one HTML file for people; it shows some of the sequences.

        ``command`` is what made the model, for the reader. Raises InputError for a loaded model.
        """
        return report(self._fitted(), command or f"{self!r}.fit(X)")

    def _files(self, report: bool) -> dict[str, bytes]:
        return files(self._fitted(), report)
