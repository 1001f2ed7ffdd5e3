"""One call from Python of the smallest network, in inference mode: what is not arithmetic."""

from __future__ import annotations

from typing import Any

import torch

from benchmarks.cases import infer, pair, ratio, without_gradients
from benchmarks.report import say
from gatewise import nn as gnn


def run() -> list[dict[str, Any]]:
    """Seconds of a call with and without a state, and of one step of a cell."""
    rows = []
    x, h = torch.randn(1, 1, 32), torch.randn(1, 1, 32)
    for kind in ("LSTM", "GRU", "RNN"):
        ours, theirs = pair(kind, 32, 32)
        cells = getattr(gnn, f"{kind}Cell")(32, 32), getattr(torch.nn, f"{kind}Cell")(32, 32)
        hx: Any = (h, h) if kind == "LSTM" else h
        step: Any = (h[0], h[0]) if kind == "LSTM" else h[0]
        for what, (a, b), sample, state in (
            (kind, (ours, theirs), x, None),
            (f"{kind} with hx", (ours, theirs), x, hx),
            (f"{kind}Cell", cells, x[0], step),
        ):
            times = without_gradients(
                {"gatewise": infer(a, sample, hx=state), "torch": infer(b, sample, hx=state)}
            )
            say(
                f"call (1, 1, 32, 32) {what:13s} {times['gatewise'] * 1e6:6.1f} us, {ratio(times):5.2f}x torch"
            )
            rows.append({"call": what, "time": times})
    return rows
