"""``SequenceRegressor``: from sequences of any length to a value, with an interval."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score

from gatewise.arrays import Floats
from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.tasks.regress.evaluation import Evaluation, evaluate
from gatewise.tasks.regress.fitted import Fitted
from gatewise.tasks.regress.fitting import RegressorPlan, fit, plan_of
from gatewise.tasks.regress.options import Options
from gatewise.tasks.regress.persistence import KIND, files, load
from gatewise.tasks.regress.report.page import facts_of, render
from gatewise.tasks.regress.values import read_values
from gatewise.tasks.sequences.estimator import SequenceEstimator
from gatewise.tasks.sequences.frames import frame_of
from gatewise.tasks.sequences.source import Source
from gatewise.tasks.sequences.stream import SequenceStream
from gatewise.tasks.training.trainer import Progress


class SequenceRegressor(RegressorMixin, SequenceEstimator[Fitted, RegressorPlan]):  # type: ignore[misc]
    """Tells a value, or several values, of whole sequences with a recurrent network of any cell.

    Sequences may be of any lengths; nothing is padded. The data are cut into five parts, of which no two share a
    group or a copy of a sequence. On three of them a network is trained, one stops the training,
    and on one the network is measured, beside its baselines; its errors there
    make the intervals. Where that is cheap, the parts take turns. Then networks are trained on all
    sequences for the number of steps that was found best.

    Args:
        cell: a name of the catalogue or a cell; it has one input.
        streaming: read from the beginning to the end only, so that the answer can follow a stream.
        pooling: "mean", "last" or "max" of the outputs over time, or "all" of them side by side (None). These are
            found from the data where they are None:
        tokens: whether whole numbers are tokens; None: only texts are.
        patch: values that one step of the network reads.
        units: of each direction.
        steps: of training at most.
        batch: sequences at one step of training.
        members: networks with different seeds whose mean is the answer; several where that is cheap.
        folds: how often the five parts take turns, 1 to 5.
        learning_rate: its highest value; None: 0.01 for up to 1,000 sequences, 0.005 for more.
        dropout: of what the head reads.
        noise: deviation of what is added to the standardised values in training.
        patience: checks of the validation part without a better one (there are 25 in ``steps``).
        id, order, label, group: columns of a table: which sequence a row belongs to, its place in it, the
            value (several names for several values), and whose sequences stay together (a person, a speaker).
        values: columns to read; all other columns of numbers if None.
        missing: what stands for a missing value in the columns or arrays that are read, such as -999; several in a list.
        wide: whether a row of a table is a whole sequence, and its columns are the steps; ``id`` names the rows then.
        pattern: what the names of files in a folder say: ``{label}_{group}_{}``; None: a folder for each label.
        rate: samples a second at which sounds are read; arrays are samples of sounds then. None: the most
            frequent rate of the files, at most 16,000.
        features: of sounds: "log-mel" (None too) or "mfcc".
        masking: hide random times and bands of sounds in training (Park et al. 2019).
        text: read texts by "characters" or "words"; None: by words where they are long.
        device: to train on: "cpu", "cuda" or "auto". Predictions are made on the CPU.
        precision: of training: "32-true", or "bf16-mixed".
        time_limit: seconds that all trainings of a fit may take together; None: no limit.
        random_state: an int makes fits repeatable on one machine.

    Attributes:
        choices_, pooling_: what was chosen.
        evaluation_: figures of the network and of its baselines on the same unseen sequences; of several values
            errors are in deviations of each.
        residuals_: [K, n] absolute errors of each value there, ascending.
        names_: of several values.
        networks_, coding_, mean_, scale_: what values are computed with.
        steps_, stopped_, history_: of training.
        notes_: what was remarked on: copies, baselines that were left out.
    """

    kind: ClassVar[str] = KIND
    record: ClassVar[type] = Fitted
    options: ClassVar[type[Options]] = Options

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        # columns of a plain table are read as steps of a sequence, which asks for many more rows
        tags.regressor_tags.poor_score = True
        return tags

    # --- answers --------------------------------------------------------------------------------

    def predict(self, X: Any, *, lengths: Any = None) -> Any:
        """The value of each sequence.

        Returns:
            [N] numbers, or [N, K] of several values; for a table or a file a frame with the id and the values.

        Raises InputError for sequences of another kind than those of training, NotFittedError.
        """
        fitted, source = self._read(X, lengths=lengths)
        values = fitted.values(source.sequences)
        if not source.library:
            return values
        names = fitted.names or fitted.options.labels or ("value",)
        return frame_of(source, dict(zip(names, values.reshape(len(values), -1).T, strict=True)))

    def predict_interval(self, X: Any, level: float = 90, *, lengths: Any = None) -> Floats:
        """[N, 2] limits that hold the true value for so many percent of new sequences like these.

        Of several values [N, K, 2]. All intervals of a value are equally wide: twice the error that so many of the sequences that judged had at most.
        They are infinite where these were too few to promise the level. Raises InputError for a level
        that is below 1 or not below 100.
        """
        if not 1 <= level < 100:
            raise InputError(f"a level is percent from 1 to below 100, such as 90, not {level!r}")
        fitted, source = self._read(X, lengths=lengths)
        values, half = fitted.values(source.sequences), fitted.half_widths(level)
        return np.stack([values - half, values + half], axis=-1)

    def stream(self) -> SequenceStream:
        """The value of a sequence that comes step by step: an answer after each, the one of ``predict`` so far.

        Raises InputError for a regressor that reads both ways; fit one with ``streaming=True``.
        """
        fitted = self._fitted()

        def finish(outputs: Floats) -> tuple[Any, Floats]:
            values = fitted.finished(outputs)
            return values[0], np.atleast_1d(values[0])

        return SequenceStream(fitted, finish)

    def score(
        self, X: Any, y: Any = None, sample_weight: Any = None, *, lengths: Any = None
    ) -> float:
        """The share of the variance that is explained (R²); of several values the mean of their shares."""
        fitted, source = self._read(X, y, lengths)
        answer = fitted.values(source.sequences)
        truth = read_values(source.y, len(answer)).numbers
        return float(r2_score(truth, answer, sample_weight=sample_weight))

    def evaluate(self, X: Any, y: Any = None, *, lengths: Any = None) -> Evaluation:
        """Figures on other sequences; copies of training sequences are counted apart."""
        return evaluate(*self._read(X, y, lengths))

    def report(self, command: str = "") -> str:
        """The report of this fit as one HTML file for people; it shows some of the sequences.

        ``command`` is what made the model, for the reader. Raises InputError for a loaded model.
        """
        return render(facts_of(self._fitted(), command or f"{self!r}.fit(X, y)"))

    def _plan_of(self, source: Source, options: Any, seed: int) -> RegressorPlan:
        return plan_of(source, options, seed)

    def _fit(
        self,
        plan: RegressorPlan,
        cell: Cell,
        seed: int,
        run: Path | None,
        progress: Progress | None,
    ) -> Fitted:
        return fit(plan, cell, seed, run, progress)

    def _files(self, report: bool) -> dict[str, bytes]:
        return files(self._fitted(), report)

    @classmethod
    def _load(cls, folder: Path) -> Fitted:
        return load(folder)
