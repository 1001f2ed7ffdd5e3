"""The wall time of a whole fit, against the same model on ``torch.nn.LSTM``; they take turns."""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks.tasks import data
from benchmarks.tasks.scores import fit
from benchmarks.tasks.torch_lstm import on_torch

FRAMES = {
    "m4": (lambda: data.folder() / "M4-Hourly-train.csv", 48),
    "etth1": (lambda: data.etth1().iloc[: data.ETT_TRAIN], 96),
    "airline": (lambda: data.table("airline-passengers").iloc[:-36], 12),
}


def compared(name: str, rounds: int, seed: int = 0) -> dict[str, Any]:
    """Median seconds of both. Training runs to its end, so that both make the same number of steps.

    Only the second training, on all rows, may differ: it makes as many steps as the stopping span found
    best, which rounding can move. So the time is given for a step as well.
    """
    make, horizon = FRAMES[name]
    frame, times = make(), {"gatewise": [], "torch": []}
    steps: dict[str, int] = {}
    for k in range(rounds):
        for kind in ("gatewise", "torch") if k % 2 == 0 else ("torch", "gatewise"):
            if kind == "torch":
                with on_torch():
                    model, out = fit(frame, horizon, seed, patience=10_000)
            else:
                model, out = fit(frame, horizon, seed, patience=10_000)
            times[kind].append(out["fit seconds"])
            steps[kind] = model.choices_.members * (model.choices_.steps + model.steps_)
    seconds = {kind: statistics.median(values) for kind, values in times.items()}
    each = {kind: seconds[kind] / steps[kind] for kind in seconds}
    return {
        "seconds": seconds,
        "all": times,
        "steps": steps,
        "ratio": seconds["torch"] / seconds["gatewise"],
        "ratio of a step": each["torch"] / each["gatewise"],
    }
