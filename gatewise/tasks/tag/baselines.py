"""Baselines of a tagger, on the very parts that judge it; each looks at one step, or at a short stretch of it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge

from gatewise.arrays import Bools, Floats, Ints
from gatewise.tasks.sequences.ragged import Measurements, Sequences
from gatewise.tasks.sequences.scaling import standardised
from gatewise.tasks.steps.splits import StepRotation
from gatewise.tasks.tag.labels import StepLabels

MAJORITY, MEAN, ALONE, THRESHOLD = "majority", "mean", "each step alone", "threshold"
WIDTHS = (1, 5, 25, 125)  # steps over which a threshold looks at the mean and the deviation
MOST_STEPS = 20_000  # that a baseline learns from
CUTS = 40  # thresholds that are tried


def baselines(
    data: Sequences, labels: StepLabels, rotation: StepRotation, causal: bool, seed: int
) -> Mapping[str, Floats]:
    """What each says of all S steps, [S, K]: probabilities or values. They learn from the first two parts."""
    places = rotation.known.places()
    places = places[labels.known[places]]
    size, width = len(labels.values), len(labels.classes)
    said: dict[str, Floats] = {}
    if labels.what == "value":
        said[MEAN] = np.tile(np.nanmean(labels.values[places], 0), (size, 1))
    elif labels.what == "class":
        share = np.bincount(labels.codes_at(places), minlength=width) / len(places)
        said[MAJORITY] = np.tile(share, (size, 1))
    else:
        said[MAJORITY] = np.tile(np.nanmean(labels.values[places], 0), (size, 1))
    if not isinstance(data, Measurements):
        return said
    values = standardised(data).values
    some = np.random.default_rng(seed).permutation(places)[:MOST_STEPS]
    said[ALONE] = (
        np.stack(
            [_alone(values, labels.values[:, k], some) for k in range(labels.values.shape[1])],
            axis=1,
        )
        if labels.what != "class"
        else _classes_alone(values, labels, some)
    )
    if labels.what == "class" and width == 2:
        name, score = _threshold(values, data, labels.codes, some, causal)
        said[name] = np.stack([1 - score, score], axis=1)
    return said


def _classes_alone(values: Floats, labels: StepLabels, some: Ints) -> Floats:
    model = LogisticRegression(max_iter=200).fit(values[some], labels.codes_at(some))
    probabilities = np.zeros((len(values), len(labels.classes)))
    probabilities[:, model.classes_] = model.predict_proba(values)
    return probabilities


def _alone(values: Floats, truth: Floats, some: Ints) -> Floats:
    """[S] the probability, or the value, of one column."""
    some = some[~np.isnan(truth[some])]
    known = truth[some]
    if len(np.unique(known)) == 2 and set(np.unique(known)) == {0.0, 1.0}:
        model = LogisticRegression(max_iter=200).fit(values[some], known)
        return np.asarray(model.predict_proba(values)[:, 1])
    if not len(some) or np.ptp(known) == 0:
        return np.full(len(values), known[0] if len(some) else 0.0)
    return np.asarray(Ridge().fit(values[some], known).predict(values))


def _threshold(
    values: Floats, data: Measurements, codes: Ints, some: Ints, causal: bool
) -> tuple[str, Floats]:
    """The best threshold on the mean or the deviation of one channel around each step, and [S] what it says."""
    truth = codes[some] == 1
    best, chosen = -1.0, (THRESHOLD, np.zeros(len(values)))
    for width in WIDTHS:
        if width > data.longest:
            break
        mean = _moving(values, data.starts, width, causal)
        square = _moving(values**2, data.starts, width, causal)
        kinds = {"mean": mean}
        if width > 1:
            kinds["deviation"] = np.sqrt(np.maximum(square - mean**2, 0))
        for kind, features in kinds.items():
            for k, name in enumerate(data.channels):
                feature = features[:, k]
                cut, sign, score = _best_cut(feature[some], truth)
                if score > best:
                    best = score
                    what = f"{THRESHOLD} on the {kind} of {name!s:.20} over {width} steps"
                    chosen = what, (sign * feature > sign * cut).astype(np.float64)
    return chosen


def _moving(values: Floats, starts: Ints, width: int, causal: bool) -> Floats:
    """[S, C] the mean over so many steps: up to each step, or around it."""
    if width == 1:
        return values
    means = np.empty_like(values)
    for begin, end in pairwise(starts):
        total = np.concatenate([np.zeros((1, values.shape[1])), values[begin:end].cumsum(0)])
        at = np.arange(end - begin)
        high = np.minimum(at + 1 if causal else at + width // 2 + 1, end - begin)
        low = np.maximum(high - width, 0)
        means[begin:end] = (total[high] - total[low]) / (high - low)[:, None]
    return means


def _best_cut(feature: Floats, truth: Bools) -> tuple[float, int, float]:
    """Threshold, side and balanced accuracy."""
    best = (0.0, 1, -1.0)
    for cut in np.unique(np.quantile(feature, np.linspace(0, 1, CUTS))):
        above = feature > cut
        for sign, said in ((1, above), (-1, feature < cut)):
            score = 0.5 * (said[truth].mean() + 1 - said[~truth].mean())
            if score > best[2]:
                best = float(cut), sign, float(score)
    return best
