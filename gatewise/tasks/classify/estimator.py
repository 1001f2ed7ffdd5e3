"""``SequenceClassifier``: from sequences of any length to a class, with probabilities that can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score

from gatewise.arrays import Floats
from gatewise.lang.cell import Cell
from gatewise.tasks.classify.evaluation import Evaluation, evaluate
from gatewise.tasks.classify.fitted import Fitted
from gatewise.tasks.classify.fitting import ClassifierPlan, fit, plan_of
from gatewise.tasks.classify.options import Options
from gatewise.tasks.classify.persistence import KIND, files, load
from gatewise.tasks.classify.report.page import facts_of, render
from gatewise.tasks.sequences.estimator import SequenceEstimator
from gatewise.tasks.sequences.frames import frame_of
from gatewise.tasks.sequences.source import Source
from gatewise.tasks.sequences.stream import SequenceStream
from gatewise.tasks.training.trainer import Progress


class SequenceClassifier(ClassifierMixin, SequenceEstimator[Fitted, ClassifierPlan]):  # type: ignore[misc]
    """Tells the class of whole sequences with a recurrent network of any cell.

    Sequences may be of any lengths; nothing is padded. The data are cut into five parts, of which no two share a
    group or a copy of a sequence. On three of them a network is trained, one stops the training
    and sets the temperature of the probabilities, and on one the network is measured, beside
    its baselines. Where that is cheap, the parts take turns. Then networks are trained on all
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
        class_weight: "equal" (every sequence counts the same; None too), "mild" (rare classes count a little more, by the
            fourth root of how rare they are), "balanced" (every class counts the same) or a dict.
        unknown_below: answer "unknown" (-1 for whole numbers, NaN for others) where no class is as likely as this.
        learning_rate: its highest value; None: 0.01 for up to 1,000 sequences, 0.005 for more.
        dropout: of what the head reads.
        noise: deviation of what is added to the standardised values in training.
        patience: checks of the validation part without a better one (there are 25 in ``steps``).
        id, order, label, group: columns of a table: which sequence a row belongs to, its place in it, the
            class, and whose sequences stay together (a person, a speaker).
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
        classes_: [K] labels, in order; ``counts_`` their training sequences.
        choices_, pooling_: what was chosen.
        evaluation_: figures of the network and of its baselines on the same unseen sequences.
        calibration_: expected calibration error there, before and after the temperature.
        temperature_, networks_, coding_: what probabilities are computed with.
        steps_, stopped_, history_: of training.
        notes_: what was remarked on: copies, baselines that were left out.
    """

    kind: ClassVar[str] = KIND
    record: ClassVar[type] = Fitted
    options: ClassVar[type[Options]] = Options

    def __init__(
        self,
        cell: str | Cell = "lstm",
        *,
        streaming: bool = False,
        pooling: str | None = None,
        tokens: bool | None = None,
        patch: int | None = None,
        units: int | None = None,
        steps: int | None = None,
        batch: int | None = None,
        members: int | None = None,
        folds: int | None = None,
        class_weight: str | Mapping[Any, float] | None = None,
        unknown_below: float | None = None,
        learning_rate: float | None = None,
        dropout: float = 0.4,
        noise: float = 0.3,
        patience: int = 10,
        id: str | None = None,
        order: str | None = None,
        label: str | None = None,
        group: str | None = None,
        values: str | list[str] | None = None,
        missing: str | float | list[str | float] | None = None,
        wide: bool = False,
        pattern: str | None = None,
        rate: int | None = None,
        features: str | None = None,
        masking: bool = False,
        text: str | None = None,
        device: str = "cpu",
        precision: str = "32-true",
        time_limit: float | None = 600,
        random_state: Any = None,
    ) -> None:
        super().__init__(
            cell,
            streaming=streaming,
            pooling=pooling,
            tokens=tokens,
            patch=patch,
            units=units,
            steps=steps,
            batch=batch,
            members=members,
            folds=folds,
            learning_rate=learning_rate,
            dropout=dropout,
            noise=noise,
            patience=patience,
            id=id,
            order=order,
            label=label,
            group=group,
            values=values,
            missing=missing,
            wide=wide,
            pattern=pattern,
            rate=rate,
            features=features,
            masking=masking,
            text=text,
            device=device,
            precision=precision,
            time_limit=time_limit,
            random_state=random_state,
        )
        self.class_weight = class_weight
        self.unknown_below = unknown_below

    # --- answers --------------------------------------------------------------------------------

    def predict(self, X: Any, *, lengths: Any = None) -> Any:
        """The class of each sequence.

        Returns:
            [N] labels; for a table or a file a frame with the id, the label and its probability.

        Raises InputError for sequences of another kind than those of training, NotFittedError.
        """
        fitted, source = self._read(X, lengths=lengths)
        probability = fitted.probability(source.sequences)
        answers = fitted.answers(probability)
        if not source.library:
            return answers
        columns = {
            (*fitted.options.labels, "label")[0]: answers,
            "probability": probability.max(-1),
        }
        return frame_of(source, columns)

    def predict_proba(self, X: Any, *, lengths: Any = None) -> Any:
        """The probability of each class, [N, K] in the order of ``classes_``; for a table a frame."""
        fitted, source = self._read(X, lengths=lengths)
        probability = fitted.probability(source.sequences)
        if not source.library:
            return probability
        names = map(str, fitted.classes.tolist())
        return frame_of(source, dict(zip(names, probability.T, strict=True)))

    def stream(self) -> SequenceStream:
        """The class of a sequence that comes step by step: an answer after each, the one of ``predict`` so far.

        Raises InputError for a classifier that reads both ways; fit one with ``streaming=True``.
        """
        fitted = self._fitted()

        def finish(outputs: Floats) -> tuple[Any, Floats]:
            probability = fitted.finished(outputs)
            return fitted.answers(probability)[0], probability[0]

        return SequenceStream(fitted, finish)

    def score(
        self, X: Any, y: Any = None, sample_weight: Any = None, *, lengths: Any = None
    ) -> float:
        """The share of right answers; an answer "unknown" is not right."""
        fitted, source = self._read(X, y, lengths)
        truth = np.asarray(source.y)
        answers = fitted.answers(fitted.probability(source.sequences))
        if truth.dtype.kind in "OUT":
            answers, truth = answers.astype(str), truth.astype(str)
        return float(accuracy_score(truth, answers, sample_weight=sample_weight))

    def evaluate(self, X: Any, y: Any = None, *, lengths: Any = None) -> Evaluation:
        """Figures on other sequences; copies of training sequences are counted apart."""
        return evaluate(*self._read(X, y, lengths))

    def report(self, command: str = "") -> str:
        """The report of this fit as one HTML file for people; it shows some of the sequences.

        ``command`` is what made the model, for the reader. Raises InputError for a loaded model.
        """
        return render(facts_of(self._fitted(), command or f"{self!r}.fit(X, y)"))

    def _plan_of(self, source: Source, options: Any, seed: int) -> ClassifierPlan:
        return plan_of(source, options, seed)

    def _fit(
        self,
        plan: ClassifierPlan,
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
