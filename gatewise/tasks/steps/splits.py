"""Which steps train, stop and judge: whole sequences where there are enough of them, else spans of time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gatewise.arrays import Bools, Ints
from gatewise.errors import InputError
from gatewise.tasks.sequences.options import FOLDS
from gatewise.tasks.sequences.splits import blocks, split
from gatewise.tasks.steps.windows import Spans

CUTS = (0.6, 0.8)  # of the steps with a truth: before the first train, behind the last judge
LEAST = 5  # steps of a part


@dataclass(frozen=True)
class StepRotation:
    """One way to use the steps: train on most, stop by some, judge on others."""

    train: Spans
    validation: Spans
    test: Spans

    @property
    def known(self) -> Spans:
        """Steps that what needs no stopping learns from: the first two parts."""
        pairs = [
            np.concatenate(pair)
            for pair in zip(_ends(self.train), _ends(self.validation), strict=True)
        ]
        order = np.argsort(pairs[0], kind="stable")
        return Spans(*(array[order] for array in pairs))


@dataclass(frozen=True)
class StepParts:
    """The parts of the steps.

    Attributes:
        rotations: of them.
        by_time: whether each sequence was cut in time.
    """

    rotations: tuple[StepRotation, ...]
    by_time: bool

    def describe(self) -> list[str]:
        """For people."""
        if self.by_time:
            return [
                "figures  each sequence is cut in time: 60 % of its labelled steps train, then 20 % stop and "
                "calibrate, the last 20 % judge; then all steps train"
            ]
        turns = len(self.rotations)
        rotation = "one split" if turns == 1 else f"{turns} rotations"
        return [
            f"figures  {rotation} of {FOLDS} parts of whole sequences: three train, one stops and calibrates, one "
            "judges; then all sequences train"
        ]


def step_parts(
    starts: Ints,
    known: Bools,
    strata: Ints,
    content: Ints,
    groups: NDArray[np.generic] | None,
    *,
    folds: int,
    context: int,
    two_sided: bool,
    seed: int,
) -> StepParts:
    """Cut sequences into parts.

    Args:
        starts: [N + 1] of the sequences.
        known: [S] steps of which a truth is known.
        strata: [N] what the parts share evenly where they are whole sequences.
        content, groups: [N] as ``sequences.splits.split`` has them.
        folds: rotations, where the parts are whole sequences.
        context: steps that a network reads before (and, where it reads both ways, behind) what it is judged by.
        two_sided: whether it reads both ways.
        seed: of the order among equals.

    Raises InputError where there are too few steps with a truth.
    """
    labelled = np.add.reduceat(known, starts[:-1]) > 0
    if len(np.unique(blocks(content, groups)[labelled])) >= FOLDS:  # type: ignore[arg-type]
        index = np.flatnonzero(labelled)
        turns = split(
            strata[index],
            content[index],
            None if groups is None else groups[index],  # type: ignore[arg-type]
            folds,
            seed,
        )
        rotations = tuple(
            StepRotation(
                *(Spans.whole(starts, index[part]) for part in (r.train, r.validation, r.test))
            )
            for r in turns
        )
        return StepParts(rotations, False)
    if groups is not None and len(np.unique(groups)) > 1:
        raise InputError(
            f"there are {len(np.unique(groups))} groups, and at least {FOLDS} are needed to train on some and "
            "judge on others: leave the group out, and each sequence is cut in time"
        )
    return StepParts((_by_time(starts, known, context, two_sided),), True)


def _by_time(starts: Ints, known: Bools, context: int, two_sided: bool) -> StepRotation:
    cuts: list[list[tuple[int, int]]] = [[], [], []]
    for begin, end in pairwise(starts):
        places = begin + np.flatnonzero(known[begin:end])
        if len(places) < 3 * LEAST:
            continue
        first, second = (int(places[int(share * len(places))]) for share in CUTS)
        for part, ends in zip(cuts, ((begin, first), (first, second), (second, end)), strict=True):
            part.append((int(ends[0]), int(ends[1])))
    if not cuts[0]:
        raise InputError(
            f"n_samples = {len(starts) - 1}: there are {int(known.sum())} steps with a label, too few to train on "
            f"some, stop by others and judge on others: at least {3 * LEAST} in one sequence are needed"
        )
    return StepRotation(
        _spans(cuts[0], starts, 0, False),
        _spans(cuts[1], starts, context, two_sided),
        _spans(cuts[2], starts, context, two_sided),
    )


def _spans(ends: list[tuple[int, int]], starts: Ints, context: int, two_sided: bool) -> Spans:
    begin, end = np.array(ends, dtype=np.int64).T
    of = np.searchsorted(starts, begin, side="right") - 1
    low = np.maximum(starts[of], begin - context)
    high = np.minimum(starts[of + 1], end + context) if two_sided else end
    return Spans(begin, end, low, high)


def _ends(spans: Spans) -> tuple[Ints, Ints, Ints, Ints]:
    return spans.begin, spans.end, spans.low, spans.high
