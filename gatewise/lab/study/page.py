"""A study as a page of text and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gatewise.extras import require
from gatewise.lab.study.findings import compare, conclusions
from gatewise.lab.study.trials import VANILLA, Trial


def markdown(trials: Sequence[Trial]) -> str:
    """The study as a page: the table and the conclusions."""
    rows = compare(trials)
    lines = [
        "| task | cell | median error | quartiles | best | beside vanilla | p |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.task} | {r.cell} | {r.median:.3f} | {r.low:.3f} .. {r.high:.3f} | {r.best:.4f} | {r.ratio:.2f}x | {r.p:.2f} |"
        for r in rows
    ]
    return "\n".join([*lines, "", *(f"- {c}" for c in conclusions(trials))])


def plot(trials: Sequence[Trial]) -> Any:
    """Box plots of the errors of every cell, a row for each task: medians, quartiles, all trials."""
    require("a picture", "lab", ("matplotlib",))
    from matplotlib.figure import Figure

    tasks = tuple(dict.fromkeys(t.task for t in trials))
    names = tuple(dict.fromkeys(t.cell for t in trials))
    figure = Figure(figsize=(9, 2.6 * len(tasks)), layout="constrained")
    for axis, task in zip(figure.subplots(len(tasks), 1, squeeze=False)[:, 0], tasks, strict=True):
        errors = [[t.error for t in trials if t.task == task and t.cell == c] for c in names]
        axis.boxplot(errors, showfliers=False, medianprops={"color": "#c2410c"})
        for k, values in enumerate(errors, 1):
            axis.plot([k] * len(values), values, ".", color="#2563a8", alpha=0.4, ms=4)
        base = np.median(errors[names.index(VANILLA)]) if VANILLA in names else None
        if base is not None:
            axis.axhline(base, color="0.7", lw=0.8, ls="--")
        axis.set(yscale="log", ylabel=f"error, {task}")
        axis.set_xticks(range(1, len(names) + 1), names, rotation=30, fontsize=8)
    return figure
