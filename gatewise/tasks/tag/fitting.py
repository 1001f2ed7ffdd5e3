"""A fit of a tagger: a plan that can be read before, then the trainings and what they show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.lang.cell import Cell
from gatewise.tasks.sequences.calibration import calibration_error
from gatewise.tasks.sequences.fitted_networks import common_fields
from gatewise.tasks.sequences.ragged import digests
from gatewise.tasks.sequences.splits import copies
from gatewise.tasks.steps.choices import choices_of
from gatewise.tasks.steps.fitting import Fitting, StepLearner, windowed
from gatewise.tasks.steps.plan import StepPlan
from gatewise.tasks.steps.problem import outputs_of
from gatewise.tasks.steps.source import StepSource
from gatewise.tasks.steps.splits import step_parts
from gatewise.tasks.steps.windows import Spans
from gatewise.tasks.tag.baselines import baselines
from gatewise.tasks.tag.events import Detection, EventRow, chosen_detection, compared
from gatewise.tasks.tag.figures import Row, ordered, row_of
from gatewise.tasks.tag.fitted import Fitted
from gatewise.tasks.tag.labels import StepLabels, read_labels
from gatewise.tasks.tag.options import Options
from gatewise.tasks.tag.report import shown
from gatewise.tasks.tag.source import check_labelled, settled
from gatewise.tasks.tag.target import TagTarget, answered
from gatewise.tasks.tag.tracks import event_labels, tracks_of
from gatewise.tasks.training.trainer import Progress


@dataclass(frozen=True, kw_only=True)
class TaggerPlan(StepPlan):
    """What ``fit`` will do: learn these labels; runs of those with the numbers ``events`` are events."""

    options: Options
    labels: StepLabels
    events: tuple[int, ...]

    @property
    def delay(self) -> int | None:
        return self.options.lookahead

    def describe_target(self) -> list[str]:
        return self.labels.describe()


def plan_of(source: StepSource, options: Options, seed: int) -> TaggerPlan:
    """Plan a fit. Raises InputError for labels that are missing, of one class, or too few steps."""
    check_labelled(source, options)
    options = settled(source, options)
    labels = read_labels(source.y, source.labels, options.what)  # type: ignore[arg-type]
    events = event_labels(labels.what, labels.classes, labels.counts, options.background)
    data = source.sequences
    two_sided = options.lookahead is None
    choices = choices_of(data, options, options.patch if two_sided else 1)
    seen = digests(data)
    strata = labels.strata(data.starts)
    parts = step_parts(
        data.starts,
        labels.known,
        strata,
        seen,
        source.groups,
        folds=choices.folds,
        context=choices.window,
        two_sided=two_sided,
        seed=seed,
    )
    return TaggerPlan(
        source=source,
        labels=labels,
        events=events,
        options=options,
        choices=choices,
        parts=parts,
        copies=copies(seen, strata, source.groups),
        seen=seen,
    )


def fit(
    plan: TaggerPlan, cell: Cell, seed: int, run: Path | None, progress: Progress | None
) -> Fitted:
    """Carry out a plan. Raises TrainingError, and InputError for a run folder of another training."""
    labels, data, options = plan.labels, plan.source.sequences, plan.options
    target = TagTarget.of(labels)
    learner = StepLearner(data, target, cell, plan.choices, options, options.lookahead)
    everything = Spans.whole(data.starts, np.arange(len(data)))
    rotations = plan.parts.rotations
    trained = Fitting(
        learner, everything, rotations, plan.choices, options, seed, run, progress
    ).trained()

    shape = len(labels.values), target.outputs
    outputs = {"validation": np.full(shape, np.nan), "test": np.full(shape, np.nan)}
    for judged in trained.judged:
        read = windowed(judged.coding, data, plan.choices.patch, options.lookahead)
        for part, values in outputs.items():
            spans = getattr(judged.rotation, part)
            places = spans.places()
            values[places] = outputs_of([judged.network], read, spans)[0, places]
    validated = _known(labels, [r.validation for r in rotations])
    tested = _known(labels, [r.test for r in rotations])
    temperature = target.temperature(outputs["validation"][validated], validated)

    def said(values: Floats, warm: float = temperature) -> Floats:
        return answered(labels.what, values[None], warm, target.mean, target.scale)

    name, judged_said = cell.name.upper(), said(outputs["test"])
    others: dict[str, Floats] = {}
    notes: list[str] = [*plan.copies.describe()]
    for rotation in rotations:
        places = rotation.test.places()
        rows = baselines(data, labels, rotation, options.lookahead is not None, seed)
        for other, values in rows.items():
            # a threshold is named after what it looks at, which may differ from part to part
            title = other if len(rotations) == 1 else other.split(" on ")[0]
            others.setdefault(title, np.full(shape, np.nan))[places] = values[places]
    rows_ = {name: judged_said} | others
    evaluation: list[Row] = ordered(
        [row_of(title, labels, values, tested) for title, values in rows_.items()]
    )
    detection, event_rows = Detection(), list[EventRow]()
    if plan.events:
        detection = _detection(plan, said(outputs["validation"]))
        for title, values in rows_.items():
            tracks = [t for r in rotations for t in tracks_of(labels, values, r.test, plan.events)]
            event_rows.append(compared(title, tracks, detection, options.tolerance))
        event_rows.sort(key=lambda row: (-row.f1, row.name != name))
        if not any(row.events for row in event_rows):
            notes.append(
                "the test part holds no event: the figures of events say nothing of recall"
            )
    calibration = None
    if labels.what == "class":
        codes = labels.codes_at(tested)
        calibration = (
            calibration_error(said(outputs["test"], 1.0)[tested], codes),
            calibration_error(judged_said[tested], codes),
        )
    return Fitted(
        what=labels.what,
        classes=labels.classes,
        counts=tuple(map(int, labels.counts)),
        mean=tuple(map(float, target.mean)),
        scale=tuple(map(float, target.scale)),
        events=plan.events,
        temperature=temperature,
        detection=detection,
        evaluation=evaluation,
        event_evaluation=event_rows,
        calibration=calibration,
        notes=tuple(note.removeprefix("copies").strip() for note in notes),
        shown=shown(
            plan.describe(), plan.source, labels, judged_said, rotations, plan.events, detection
        ),
        **common_fields(plan, cell, trained),
    )


def _known(labels: StepLabels, parts: list[Spans]) -> Ints:
    """Places of the steps of parts that have a label."""
    places = np.concatenate([part.places() for part in parts])
    return np.asarray(places[labels.known[places]])


def _detection(plan: TaggerPlan, said: Floats) -> Detection:
    """How probabilities become events, from the training and the validation part."""
    options, rotations = plan.options, plan.parts.rotations
    truth = [t for r in rotations for t in tracks_of(plan.labels, None, r.train, plan.events)]
    validation = [
        t for r in rotations for t in tracks_of(plan.labels, said, r.validation, plan.events)
    ]
    return chosen_detection(
        truth,
        validation,
        options.tolerance,
        options.on,
        options.off,
        options.least,
        options.gap,
    )
