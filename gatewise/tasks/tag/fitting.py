"""A fit of a tagger: a plan that can be read before, then the trainings and what they show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.lang.cell import Cell
from gatewise.tasks.sequences.calibration import calibration_error
from gatewise.tasks.sequences.fitted_networks import common_fields
from gatewise.tasks.steps.choices import choices_of
from gatewise.tasks.steps.fitting import Fitting, StepLearner, Trained, windowed
from gatewise.tasks.steps.plan import StepPlan, plan_fields
from gatewise.tasks.steps.problem import outputs_of
from gatewise.tasks.steps.source import StepSource
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
    two_sided = options.lookahead is None
    data = source.sequences
    choices = choices_of(data, options, options.patch if two_sided else 1)
    strata = labels.strata(data.starts)
    return TaggerPlan(
        labels=labels,
        events=events,
        **plan_fields(
            source, options, choices, labels.known, strata, two_sided=two_sided, seed=seed
        ),
    )


def fit(
    plan: TaggerPlan, cell: Cell, seed: int, run: Path | None, progress: Progress | None
) -> Fitted:
    """Carry out a plan. Raises TrainingError, and InputError for a run folder of another training."""
    labels, data, options = plan.labels, plan.source.sequences, plan.options
    rotations, name = plan.parts.rotations, cell.name.upper()
    target = TagTarget.of(labels)
    learner = StepLearner(data, target, cell, plan.choices, options, options.lookahead)
    trained = Fitting.of(plan, learner, seed, run, progress).trained()
    validation, test = _outputs(plan, trained, target.outputs)
    validated = _known(labels, [r.validation for r in rotations])
    tested = _known(labels, [r.test for r in rotations])
    temperature = target.temperature(validation[validated], validated)

    def said(outputs: Floats, temperature: float = temperature) -> Floats:
        return answered(labels.what, outputs[None], temperature, target.mean, target.scale)

    answers = {name: said(test)} | _baseline_answers(plan, seed)
    evaluation: list[Row] = ordered(
        [row_of(title, labels, values, tested) for title, values in answers.items()]
    )
    notes = [*plan.copies.remarks()]
    detection, event_rows = Detection(), list[EventRow]()
    if plan.events:
        detection = _detection(plan, said(validation))
        event_rows = _event_rows(plan, name, answers, detection)
        if not any(row.events for row in event_rows):
            notes.append(
                "the test part holds no event: the figures of events say nothing of recall"
            )
    calibration = None
    if labels.what == "class":
        codes = labels.codes_at(tested)
        calibration = (
            calibration_error(said(test, 1.0)[tested], codes),
            calibration_error(answers[name][tested], codes),
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
        notes=tuple(notes),
        shown=shown(
            plan.describe(), plan.source, labels, answers[name], rotations, plan.events, detection
        ),
        **common_fields(plan, cell, trained),
    )


def _outputs(plan: TaggerPlan, trained: Trained, width: int) -> tuple[Floats, Floats]:
    """[S, width] outputs at the steps of the validation parts, and of the test parts; NaN at all others."""
    data, lookahead = plan.source.sequences, plan.options.lookahead
    validation, test = (np.full((len(plan.labels.values), width), np.nan) for _ in range(2))
    for judged in trained.judged:
        read = windowed(judged.coding, data, plan.choices.patch, lookahead)
        rotation = judged.rotation
        for values, spans in ((validation, rotation.validation), (test, rotation.test)):
            places = spans.places()
            values[places] = outputs_of([judged.network], read, spans)[0, places]
    return validation, test


def _baseline_answers(plan: TaggerPlan, seed: int) -> dict[str, Floats]:
    """What the baselines say of the steps of the test parts, by their names; NaN at all others."""
    labels, data, rotations = plan.labels, plan.source.sequences, plan.parts.rotations
    answers: dict[str, Floats] = {}
    for rotation in rotations:
        places = rotation.test.places()
        rows = baselines(data, labels, rotation, plan.options.lookahead is not None, seed)
        for name, values in rows.items():
            # a threshold is named after what it looks at, which may differ from part to part
            title = name if len(rotations) == 1 else name.split(" on ")[0]
            answers.setdefault(title, np.full(values.shape, np.nan))[places] = values[places]
    return answers


def _event_rows(
    plan: TaggerPlan, name: str, answers: Mapping[str, Floats], detection: Detection
) -> list[EventRow]:
    """Figures of the events in the test parts, best first; among equals that of the network, ``name``."""
    rows = []
    for title, values in answers.items():
        tracks = [
            track
            for rotation in plan.parts.rotations
            for track in tracks_of(plan.labels, values, rotation.test, plan.events)
        ]
        rows.append(compared(title, tracks, detection, plan.options.tolerance))
    return sorted(rows, key=lambda row: (-row.f1, row.name != name))


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
