"""A fit of a classifier: a plan that can be read before, then the trainings and what they show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gatewise.arrays import Floats
from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.tasks.classify.baselines import baseline_rows
from gatewise.tasks.classify.fitted import Fitted, unknown_mark
from gatewise.tasks.classify.labels import Labels, read_labels
from gatewise.tasks.classify.options import Options
from gatewise.tasks.classify.report.collect import shown
from gatewise.tasks.classify.target import ClassTarget
from gatewise.tasks.sequences.calibration import best_temperature, calibration_error, probabilities
from gatewise.tasks.sequences.choices import choices_of
from gatewise.tasks.sequences.class_figures import ordered, row_of
from gatewise.tasks.sequences.fitted import shared_fields
from gatewise.tasks.sequences.fitting import Fitting
from gatewise.tasks.sequences.leaks import tells_class
from gatewise.tasks.sequences.plan import SequencePlan
from gatewise.tasks.sequences.ragged import digests
from gatewise.tasks.sequences.source import Source, check_labelled
from gatewise.tasks.sequences.splits import copies, note_few, split
from gatewise.tasks.training.trainer import Progress

# of how rare a class is, that its sequences count by
POWERS = {"equal": 0.0, "mild": 0.25, "balanced": 1.0}


@dataclass(frozen=True, kw_only=True)
class ClassifierPlan(SequencePlan):
    """What ``fit`` will do: learn these labels."""

    options: Options
    labels: Labels

    def describe_target(self) -> list[str]:
        return self.labels.describe()


def plan_of(source: Source, options: Options, seed: int) -> ClassifierPlan:
    """Plan a fit. Raises InputError for labels that are missing, of one class, or too few sequences."""
    check_labelled(source)
    labels = read_labels(source.y, len(source.sequences))
    if options.unknown_below is not None:
        unknown_mark(labels.classes)
    class_weights(options, labels)
    seen = digests(source.sequences)
    choices = choices_of(source.sequences, options)
    return ClassifierPlan(
        source=source,
        labels=labels,
        options=options,
        choices=choices,
        rotations=tuple(split(labels.codes, seen, source.groups, choices.folds, seed)),
        copies=copies(seen, labels.codes, source.groups),
        seen=seen,
    )


def fit(
    plan: ClassifierPlan, cell: Cell, seed: int, run: Path | None, progress: Progress | None
) -> Fitted:
    """Carry out a plan. Raises TrainingError, and InputError for a run folder of another training."""
    labels, data = plan.labels, plan.source.sequences
    classes = len(labels.classes)
    target = ClassTarget(labels.codes, class_weights(plan.options, labels))
    trained = Fitting(
        data,
        target,
        plan.rotations,
        cell,
        plan.choices,
        plan.options,
        seed,
        run,
        progress,
        plan.source.reading.masking(plan.options.masking),
    ).trained()
    validated = np.concatenate([r.validation for r in plan.rotations])
    temperature = best_temperature(
        np.concatenate([judged.validation for judged in trained.judged]), labels.codes[validated]
    )
    tested = np.concatenate([r.test for r in plan.rotations])
    logits, truth = np.concatenate([judged.test for judged in trained.judged]), labels.codes[tested]
    probability = probabilities(logits, temperature)
    model_row = row_of(cell.name.upper(), truth, probability.argmax(-1), classes, probability)
    others, notes = baseline_rows(data, labels.codes, classes, plan.rotations, seed)
    rows = ordered([model_row, *others])
    if rows[0].accuracy == 1:
        # too good to be true, or easy: a column that tells the label by itself is named
        notes = [*filter(None, [tells_class(data, labels.codes)]), *notes]
    return Fitted(
        classes=labels.classes,
        counts=tuple(map(int, labels.counts)),
        temperature=temperature,
        evaluation=rows,
        calibration=(
            calibration_error(probabilities(logits, 1.0), truth),
            calibration_error(probability, truth),
        ),
        notes=(*plan.copies.remarks(), *note_few(tested), *notes),
        shown=shown(
            plan.describe(), plan.source, labels, plan.choices.patch, trained, probability, tested
        ),
        **shared_fields(plan, cell, trained),
    )


def class_weights(options: Options, labels: Labels) -> Floats:
    """[K] what a sequence of each class counts. Raises InputError for labels that are not there."""
    chosen = options.class_weight or "equal"
    if isinstance(chosen, str):
        weights = labels.counts.astype(np.float64) ** -POWERS[chosen]
        return weights * (len(labels.codes) / float((weights * labels.counts).sum()))
    weight_of, known = dict(chosen), labels.classes.tolist()
    other = [label for label in weight_of if label not in known]
    if other:
        raise InputError(
            f"class_weight has {other[0]!r}, which is no class; there are {known[:10]}"
        )
    weights = np.array([weight_of.get(label, 1.0) for label in known])
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
        raise InputError("class_weight: weights are numbers of at least 0, one of them above 0")
    return weights
