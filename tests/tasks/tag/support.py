"""Small recordings with shaken stretches, that a tagger learns in a second."""

from __future__ import annotations

import numpy as np

QUICK = {"units": 10, "steps": 45, "batch": 16, "members": 1, "learning_rate": 0.03, "patch": 1}


def recording(length: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """[T, 1] a slow wave with fast stretches in it, and [T] where these are."""
    rng = np.random.default_rng(seed)
    shaken = np.zeros(length, dtype=bool)
    at = 0
    while at < length:
        at += int(rng.integers(15, 30))
        last = at + int(rng.integers(8, 16))
        shaken[at:last] = True
        at = last
    steps = np.arange(length)
    values = np.where(shaken, np.sin(steps * 1.6), np.sin(steps * 0.2))
    return (values + 0.1 * rng.standard_normal(length))[:, None], shaken


def recordings(count: int = 8, length: int = 120) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Several of them, with the labels "shaken" and "calm"."""
    pairs = [recording(length + 7 * k, k) for k in range(count)]
    return [x for x, _ in pairs], [np.where(y, "shaken", "calm") for _, y in pairs]
