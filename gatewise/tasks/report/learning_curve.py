"""The picture of a training: its loss, and what was measured for validation."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gatewise.tasks.report.svg import MODEL, SIMPLE, WARM, drawn
from gatewise.tasks.training.checkpoint import LogEntry

WIDTH, HEIGHT = 410.0, 235.0  # points: of half of the page
WORDS = "loss in training and on the validation part"


def learning_curve(
    name: str, curve: Sequence[LogEntry], *, words: str = WORDS, lowest: bool = False
) -> str:
    """Training loss and validation loss over the steps; ``lowest``: with a dot where the latter is lowest."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        loss = [(entry.step, entry.loss) for entry in curve if entry.loss is not None]
        check = [(entry.step, entry.check) for entry in curve if entry.check is not None]
        if loss:
            axes.plot(*zip(*loss, strict=True), color=SIMPLE, linewidth=1.6)
        if check:
            axes.plot(*zip(*check, strict=True), color=MODEL, linewidth=2.1)
        if check and lowest:
            axes.plot(
                *min(check, key=lambda at: at[1]), "o", color=WARM, markersize=6, clip_on=False
            )
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
        axes.set_xlabel("step of training")

    return drawn(name, WIDTH, HEIGHT, words, draw)
