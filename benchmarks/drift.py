"""``python -m benchmarks.drift``: a stream of river's own whose concept changes, beside river's classifiers.

river's SEA (Street & Kim 2001) with one rule, then another: each step is predicted first and learned from then. The same for
a stream that only a memory can tell: SEA's labels, one step late. Needs ``pip install river``, here or in the folder
``GATEWISE_PEERS``. Writes ``benchmarks/results/drift.txt``.
"""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

RESULTS = Path(__file__).resolve().parent / "results"
STEPS, CHANGE, LATE = 2000, 1000, 1
WINDOW = 250  # steps that a figure is the mean of
SEEDS = (0, 1)


def sea(seed: int) -> Iterator[tuple[dict[Any, float], Any]]:
    """SEA, whose rule changes at step ``CHANGE``."""
    from river.datasets import synth

    first, second = synth.SEA(variant=0, seed=seed), synth.SEA(variant=3, seed=seed)
    yield from first.take(CHANGE)
    yield from second.take(STEPS - CHANGE)


def late(seed: int) -> Iterator[tuple[dict[Any, float], Any]]:
    """The same, but a label is that of the step before."""
    labels: deque[Any] = deque()
    for x, y in sea(seed):
        labels.append(y)
        if len(labels) > LATE:
            yield x, labels.popleft()


def models(seed: int) -> dict[str, Any]:
    """Those that are compared."""
    from river import dummy, linear_model, preprocessing, tree

    from gatewise.tasks.stream.river import RiverClassifier

    return {
        "Gatewise LSTM": RiverClassifier(seed=seed),
        "Hoeffding adaptive tree": tree.HoeffdingAdaptiveTreeClassifier(seed=seed),
        "logistic regression": preprocessing.StandardScaler() | linear_model.LogisticRegression(),
        "last label": dummy.NoChangeClassifier(),
    }


def hits(model: Any, stream: Iterator[tuple[dict[Any, float], Any]]) -> np.ndarray:
    """Whether each step was predicted before it was learned from."""
    out = []
    for x, y in stream:
        out.append(model.predict_one(x) == y)
        model.learn_one(x, y)
    return np.array(out, dtype=float)


def main() -> None:
    """Run all and write the table."""
    peers = os.environ.get("GATEWISE_PEERS")
    if peers:
        sys.path.append(peers)
    import torch

    torch.set_num_threads(1)
    spans = {
        "before": slice(CHANGE - WINDOW, CHANGE),
        "just after": slice(CHANGE, CHANGE + WINDOW),
        "at the end": slice(STEPS - WINDOW - LATE, STEPS - LATE),
    }
    lines = [
        f"Share of right answers over {WINDOW} steps before the change of concept (step {CHANGE}), just after it and at the",
        f"end (step {STEPS}); mean of {len(SEEDS)} seeds. Milliseconds of one core a step, predicting and learning.",
    ]
    for title, stream in (("SEA", sea), (f"SEA, labels {LATE} step late", late)):
        lines += ["", f"{title:28}" + "".join(f"{name:>12}" for name in spans) + "     ms"]
        for name in models(0):
            rows, seconds = [], 0.0
            for seed in SEEDS:
                start = time.process_time()
                right = hits(models(seed)[name], stream(seed))
                seconds += time.process_time() - start
                rows.append([right[span].mean() for span in spans.values()])
            figures = "".join(f"{100 * value:10.1f} %" for value in np.mean(rows, axis=0))
            lines.append(f"{name:28}{figures}  {1e3 * seconds / STEPS / len(SEEDS):5.2f}")
            print(lines[-1], flush=True)
    (RESULTS / "drift.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
