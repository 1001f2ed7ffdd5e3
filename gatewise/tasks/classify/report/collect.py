"""Facts from a fit of a classifier: what is picked while the sequences are at hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gatewise.arrays import Bools, Floats, Ints
from gatewise.tasks.classify.labels import Labels
from gatewise.tasks.classify.report.facts import Example, Shown
from gatewise.tasks.sequences.attribution import evidence
from gatewise.tasks.sequences.calibration import BINS
from gatewise.tasks.sequences.class_figures import confusion
from gatewise.tasks.sequences.fitting import Judged, Trained, encoded
from gatewise.tasks.sequences.ragged import Measurements
from gatewise.tasks.sequences.source import Source

RANGES = 5  # of lengths
EXAMPLES = 3  # right ones, and as many wrong ones


def shown(
    plan: Sequence[str],
    source: Source,
    labels: Labels,
    patch: int,
    trained: Trained,
    probability: Floats,
    tested: Ints,
) -> Shown:
    """Pick what the report shows.

    Args:
        plan: its lines, as they were said before training.
        source, labels: of the fit.
        patch: values of a step.
        trained: the networks.
        probability: [B, K] for the sequences of all test parts.
        tested: [B] their indices.
    """
    truth, answer = labels.codes[tested], probability.argmax(-1)
    data_lines, model_lines = trained.summary(plan, ("classes",))
    return Shown(
        confusion(truth, answer, len(labels.classes)),
        tuple(
            _example(source, labels, patch, trained.judged, probability, tested, k, place)
            for k, place in _picked(probability, truth)
        ),
        _by_length(source.sequences.lengths[tested], truth != answer),
        _reliability(probability, truth),
        data_lines,
        model_lines,
    )


def _picked(probability: Floats, truth: Ints) -> list[tuple[int, str]]:
    """Sequences to show, with which of them each is: the surest and the least sure answers."""
    answer, sure = probability.argmax(-1), probability.max(-1)
    picked = []
    for right, word in ((True, "right"), (False, "wrong")):
        places = np.flatnonzero((answer == truth) == right)
        places = places[np.argsort(-sure[places], kind="stable")]
        if len(places):
            middle, last = places[len(places) // 2], places[-1]
            words = ("the surest", "a typical one", "the least sure")
            chosen = {
                int(k): f"{word}: {w}"
                for k, w in zip((last, middle, places[0]), words[::-1], strict=True)
            }
            picked += sorted(chosen.items(), key=lambda item: -sure[item[0]])[:EXAMPLES]
    return picked


def _example(
    source: Source,
    labels: Labels,
    patch: int,
    judged: Sequence[Judged],
    probability: Floats,
    tested: Ints,
    k: int,
    place: str,
) -> Example:
    index, data = int(tested[k]), source.sequences
    sizes = np.cumsum([len(one.rotation.test) for one in judged])
    one = judged[int(np.searchsorted(sizes, k, side="right"))]
    answer = int(probability[k].argmax())
    steps = evidence(one.network, encoded(one.coding, data, patch), index, answer)
    return Example(
        source.ids[index] if source.ids else f"sequence {index}",
        str(labels.classes[labels.codes[index]]),
        str(labels.classes[answer]),
        float(probability[k, answer]),
        place,
        data.one(index)
        if isinstance(data, Measurements)
        else np.zeros((int(data.lengths[index]), 1)),
        ()
        if isinstance(data, Measurements)
        else tuple(data.types[code] for code in data.one(index)),
        steps,
        patch,
    )


def _by_length(lengths: Ints, wrong: Bools) -> tuple[tuple[int, int, int, float], ...]:
    if lengths.min() == lengths.max():
        return ()
    order = np.argsort(lengths, kind="stable")
    return tuple(
        (int(lengths[part].min()), int(lengths[part].max()), len(part), float(wrong[part].mean()))
        for part in np.array_split(order, min(RANGES, len(order)))
    )


def _reliability(probability: Floats, truth: Ints) -> tuple[tuple[float, float, int], ...]:
    sure, right = probability.max(-1), probability.argmax(-1) == truth
    bins = np.minimum((sure * BINS).astype(np.int64), BINS - 1)
    return tuple(
        (float(sure[bins == k].mean()), float(right[bins == k].mean()), int((bins == k).sum()))
        for k in np.unique(bins)
    )
