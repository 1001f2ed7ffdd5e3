"""Probabilities that mean what they say: a temperature, and how far off they are.

Guo, Pleiss, Sun & Weinberger 2017, *On calibration of modern neural networks*.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from gatewise.arrays import Floats, Ints

RANGE = (0.05, 20.0)  # temperatures that are looked at
MOST_LOGITS = 1_000_000  # that a temperature is fitted to: every n-th row of more
BINS = 15  # of the expected calibration error


def probabilities(logits: Floats, temperature: float) -> Floats:
    """[..., K] from logits [..., K]; each row adds up to 1."""
    return np.asarray(softmax(logits / temperature, axis=-1))


def log_loss(logits: Floats, labels: Ints, weight: Floats | None = None) -> float:
    """Mean cross-entropy of logits [B, K], in nats."""
    each = -log_softmax(logits, axis=-1)[np.arange(len(labels)), labels]
    return float(np.average(each, weights=weight))


def best_temperature(logits: Floats, labels: Ints, weight: Floats | None = None) -> float:
    """The temperature at which the cross-entropy of logits [B, K] is least.

    Where all of them are right it would go to zero; one wrong answer in half a sequence is assumed then.
    """
    every = max(1, logits.size // MOST_LOGITS)
    logits, labels = logits[::every], labels[::every]
    weight = None if weight is None else weight[::every]
    classes = logits.shape[-1]

    def cost(log_temperature: float) -> float:
        said = log_softmax(logits / np.exp(log_temperature), axis=-1)
        loss = -np.average(said[np.arange(len(labels)), labels], weights=weight)
        # the mean logits of all classes stand for half a sequence whose class is anything
        return float(loss - said.mean() * 0.5 / max(len(labels), classes))

    low, high = np.log(RANGE)
    minimum = minimize_scalar(cost, bounds=(low, high), method="bounded", options={"xatol": 0.01})
    return float(np.exp(minimum.x))


def calibration_error(probability: Floats, labels: Ints) -> float:
    """Expected calibration error of probabilities [B, K]: how far the largest is from its share of hits."""
    sure, right = probability.max(-1), probability.argmax(-1) == labels
    bins = np.minimum((sure * BINS).astype(np.int64), BINS - 1)
    total = np.bincount(bins, minlength=BINS)
    gap = np.bincount(bins, sure, BINS) - np.bincount(bins, right, BINS)
    return float(np.abs(gap).sum() / max(total.sum(), 1))
