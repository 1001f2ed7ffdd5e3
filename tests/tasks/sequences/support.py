"""Small sequences of two classes that a network learns in a second."""

from __future__ import annotations

import numpy as np
import pandas as pd

QUICK = {
    "units": 12,
    "steps": 60,
    "folds": 1,
    "members": 1,
    "pooling": "mean",
    "learning_rate": 0.03,
    "dropout": 0.1,
    "noise": 0.0,
}


def waves(count: int = 40, seed: int = 0, channels: int = 2) -> tuple[list[np.ndarray], np.ndarray]:
    """Ragged sequences [T, channels]: slow waves and fast ones, labels "fast" and "slow"."""
    rng = np.random.default_rng(seed)
    parts, labels = [], []
    for k in range(count):
        steps, fast = int(rng.integers(8, 20)), k % 2 == 0
        phase = rng.uniform(0, 6) + np.arange(steps)[:, None] * (2.0 if fast else 0.4)
        parts.append(
            np.sin(phase + np.arange(channels)) + 0.05 * rng.standard_normal((steps, channels))
        )
        labels.append("fast" if fast else "slow")
    return parts, np.array(labels)


def long_table(count: int = 40, seed: int = 0) -> pd.DataFrame:
    """The same as a long table: id, t, a, b, label, and a value to learn."""
    parts, labels = waves(count, seed)
    rows = [
        {
            "id": f"s{k:02}",
            "t": t,
            "a": a,
            "b": b,
            "label": label,
            "level": float(part[:, 0].mean()),
        }
        for k, (part, label) in enumerate(zip(parts, labels, strict=True))
        for t, (a, b) in enumerate(part)
    ]
    return pd.DataFrame(rows)
