"""``SequenceTagger``: a class, several labels or a value for every step of sequences, and the events in them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.tasks.sequences.scaling import for_answers
from gatewise.tasks.steps.estimator import StepEstimator, parts_of
from gatewise.tasks.steps.source import StepSource
from gatewise.tasks.tag.evaluation import Evaluation, evaluate
from gatewise.tasks.tag.events import events_of
from gatewise.tasks.tag.fitted import Fitted
from gatewise.tasks.tag.fitting import TaggerPlan, fit, plan_of
from gatewise.tasks.tag.options import Options
from gatewise.tasks.tag.persistence import KIND, files, load
from gatewise.tasks.tag.report import report
from gatewise.tasks.tag.source import read_tagged
from gatewise.tasks.tag.stream import Stream
from gatewise.tasks.training.trainer import Progress


class SequenceTagger(StepEstimator[Fitted, TaggerPlan]):
    """Says something of every step of sequences with a recurrent network of any cell.

    Sequences may be of any lengths, from many short ones to one long recording; nothing is padded. With five or more
    independent sequences, three parts of them train, one stops the training, calibrates and chooses the
    threshold of events, and one judges, beside its baselines. Fewer are cut in time. Then networks are
    trained on all steps for as many training steps as were best. Steps without a label are read but
    count nowhere.

    Args:
        cell: a name of the catalogue or a cell; it has one input.
        lookahead: steps that may be read behind the one that is spoken of: 0 for streams, k for a delay of k
            steps, None to read each sequence to its end, in both directions.
        what: "class" (one of several classes), "several" (labels that are true at once, columns of 0 and 1) or
            "value"; None: as the labels look.
        background: the class whose runs are no events; None: the most frequent one.
        on, off: probabilities at which an event begins and down to which it lasts. So are the others found
            from the data where they are None:
        least: steps of an event at least.
        gap: pauses of up to so many steps in an event are closed.
        tolerance: compare events as points that may be so many steps apart; None: by their overlap.
        rate: steps a second, for figures an hour.
        sounds: samples a second: sequences are sounds (arrays [n], or paths of files of any rate), and a step is a
            frame of 16 ms: mel bands of the 32 ms that end with it. Then ``stream().sound(samples)`` answers a stream.
            None for sound files: their most frequent rate, at most 16,000.
        pattern: what the names of files in a folder say: ``{group}_{}`` keeps those of a speaker together.
        tokens: whether whole numbers are tokens; None: only texts are.
        patch: values that one step of the network reads.
        window: values of a window of training at most.
        units: of each direction.
        steps: of training at most.
        batch: windows at one step of training.
        members: networks with different seeds whose mean is the answer; several where that is cheap.
        folds: how often the five parts take turns, 1 to 5, where sequences are not cut in time.
        learning_rate: its highest value.
        dropout: of what the head reads.
        noise: deviation of what is added to the standardised values in training.
        patience: checks of the validation part without a better one (there are 25 in ``steps``).
        id, order, label, group: columns of a long table: which sequence a row belongs to (None: the table is one
            sequence), its place in it, what is said (several names for several labels), and whose
            sequences stay together. Of sound files ``label`` is the column of the file of labels beside each; of
            WFDB records "beat" (None too), "symbol" or "rhythm".
        values: columns to read; all other columns of numbers if None.
        missing: what stands for a missing value in the columns or arrays that are read, such as -999; several in a list.
        device: to train on: "cpu", "cuda" or "auto". Predictions are made on the CPU.
        precision: of training: "32-true", or "bf16-mixed".
        time_limit: seconds that all trainings of a fit may take together; None: no limit.
        random_state: an int makes fits repeatable on one machine.

    Attributes:
        what_, classes_, counts_: what is said, of how many steps.
        choices_: what was chosen.
        evaluation_: figures of the network and of its baselines on the same unseen steps.
        event_evaluation_: of the events there.
        detection_: how probabilities become events.
        calibration_: expected calibration error there, before and after the temperature.
        temperature_, networks_, coding_: what probabilities are computed with.
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
        lookahead: int | None = None,
        what: str | None = None,
        background: str | bool | int | float | None = None,
        on: float | None = None,
        off: float | None = None,
        least: int | None = None,
        gap: int | None = None,
        tolerance: int | None = None,
        rate: float | None = None,
        sounds: int | None = None,
        pattern: str | None = None,
        tokens: bool | None = None,
        patch: int | None = None,
        window: int | None = None,
        units: int | None = None,
        steps: int | None = None,
        batch: int | None = None,
        members: int | None = None,
        folds: int | None = None,
        learning_rate: float = 5e-3,
        dropout: float = 0.1,
        noise: float = 0.1,
        patience: int = 10,
        id: str | None = None,
        order: str | None = None,
        label: str | list[str] | None = None,
        group: str | None = None,
        values: str | list[str] | None = None,
        missing: str | float | list[str | float] | None = None,
        device: str = "cpu",
        precision: str = "32-true",
        time_limit: float | None = 600,
        random_state: Any = None,
    ) -> None:
        self.cell = cell
        self.lookahead = lookahead
        self.what = what
        self.background = background
        self.on = on
        self.off = off
        self.least = least
        self.gap = gap
        self.tolerance = tolerance
        self.rate = rate
        self.sounds = sounds
        self.pattern = pattern
        self.tokens = tokens
        self.patch = patch
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
        self.label = label
        self.group = group
        self.values = values
        self.missing = missing
        self.device = device
        self.precision = precision
        self.time_limit = time_limit
        self.random_state = random_state

    def _plan_of(self, source: StepSource, options: Any, seed: int) -> TaggerPlan:
        return plan_of(source, options, seed)

    def _fit(
        self, plan: TaggerPlan, cell: Cell, seed: int, run: Path | None, progress: Progress | None
    ) -> Fitted:
        return fit(plan, cell, seed, run, progress)

    def _source_of(
        self, X: Any, y: Any, options: Any, lengths: Any, groups: Any, labelled: bool = True
    ) -> StepSource:
        return read_tagged(X, y, options, lengths, groups, labelled)

    def _unlabelled(self, X: Any, lengths: Any) -> tuple[Fitted, StepSource]:
        """Sequences to answer for; files of labels beside recordings are left alone."""
        fitted = self._fitted()
        options = for_answers(fitted.options, fitted.coding)
        return fitted, self._source_of(X, None, options, lengths, None, labelled=False)

    @classmethod
    def _load(cls, folder: Path) -> Fitted:
        return load(folder)

    # --- answers --------------------------------------------------------------------------------

    def predict(self, X: Any, *, lengths: Any = None) -> Any:
        """What is said of each step.

        Returns:
            [N] arrays [T] of labels or values ([T, K] of several); for a table a frame with its steps, in the order
            of its rows.

        Raises InputError for sequences of another kind than those of training, NotFittedError.
        """
        fitted, source = self._unlabelled(X, lengths)
        said = fitted.said(source.sequences)
        answers = fitted.answers(said)
        if source.row_of_step is None:
            return parts_of(answers, source)
        names = self._names(fitted)
        if fitted.what == "class":
            columns = {names[0]: answers, "probability": said.max(1)}
        else:
            columns = dict(zip(names, answers.reshape(len(answers), -1).T, strict=True))
        return source.frame(columns)

    def predict_proba(self, X: Any, *, lengths: Any = None) -> Any:
        """[N] arrays [T, K] of the probability of each class or label; for a table a frame.

        Raises InputError for a tagger of values.
        """
        fitted, source = self._unlabelled(X, lengths)
        if fitted.what == "value":
            raise InputError("a tagger of values has no probabilities: use predict")
        said = fitted.said(source.sequences)
        if source.row_of_step is None:
            return parts_of(said, source)
        names = map(str, fitted.classes.tolist())
        return source.frame(dict(zip(names, said.T, strict=True)))

    def events(self, X: Any, *, lengths: Any = None) -> Any:
        """The events in sequences: runs of steps of a class (but the background) or of a label.

        Returns:
            A frame of pandas (or of the table's library) with a row for each event: sequence, label, begin, end (not
            in it), peak (its most probable step) and the probability there; of sounds and records also where it
            begins and ends in seconds.

        Raises InputError for a tagger of values.
        """
        fitted, source = self._unlabelled(X, lengths)
        if not fitted.events:
            raise InputError("a tagger of values has no events")
        said, starts = fitted.said(source.sequences), source.sequences.starts
        rows: list[tuple[Any, ...]] = []
        for n, (begin, end) in enumerate(pairwise(starts)):
            name = source.ids[n] if source.ids else n
            events = [
                (name, str(fitted.classes[k]), e.begin, e.end, e.peak, e.score)
                for k in fitted.events
                for e in events_of(said[begin:end, k], fitted.detection)
            ]
            rows += sorted(events, key=lambda row: row[2])
        return _event_frame(rows, source)

    def stream(self) -> Stream:
        """Answers for a stream, step by step. Raises InputError for a tagger that reads both ways."""
        return Stream(self._fitted())

    def score(self, X: Any, y: Any = None, *, lengths: Any = None) -> float:
        """The share of labelled steps with the right answer; of values the share of explained variance."""
        row = evaluate(*self._source(X, y, lengths)).all
        return row.r2 if hasattr(row, "r2") else row.accuracy

    def evaluate(self, X: Any, y: Any = None, *, lengths: Any = None) -> Evaluation:
        """Figures on other sequences; copies of training sequences are counted apart."""
        return evaluate(*self._source(X, y, lengths))

    def report(self, command: str = "") -> str:
        """The report of this fit as one HTML file for people; it shows some of the sequences.

        ``command`` is what made the model, for the reader. Raises InputError for a loaded model.
        """
        return report(self._fitted(), command or f"{self!r}.fit(X, y)")

    def _names(self, fitted: Fitted) -> list[str]:
        """Names of the columns of answers."""
        if fitted.what == "class":
            return [*fitted.options.labels[:1], "label"][:1]
        return [str(name) for name in fitted.classes.tolist()]

    def _files(self, report: bool) -> dict[str, bytes]:
        return files(self._fitted(), report)


def _event_frame(rows: list[tuple[Any, ...]], source: StepSource) -> Any:
    import narwhals as nw

    names = (
        source.named if source.ids and source.named else "sequence",
        "label",
        "begin",
        "end",
        "peak",
        "probability",
    )
    kinds = (None, str, np.int64, np.int64, np.int64, np.float64)
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    data = {
        name: np.array(column, dtype=kind)
        for name, column, kind in zip(names, columns, kinds, strict=True)
    }
    if source.pace is not None:
        data["begin_seconds"] = np.round(data["begin"] * source.pace, 6)
        data["end_seconds"] = np.round(data["end"] * source.pace, 6)
    library: Any = source.library or "pandas"
    return nw.from_dict(data, backend=library).to_native()
