"""The pictures of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from gatewise.control.episode import Episode
from gatewise.control.history import Entry
from gatewise.control.probe import Probed
from gatewise.tasks.report.svg import INK, MODEL, MUTED, SIMPLE, WARM, drawn

HALF, WIDE = 500.0, 1040.0  # points
LONGEST = 200  # steps that are shown
UNITS = 16  # of a quantity that are shown: those that move most
NUMBERS = 6  # of an observation that are shown
SHADES = (INK, MODEL, WARM, MUTED, SIMPLE, INK)
# heat maps are pictures inside of the page: their colours serve a light and a dark one
GATE = LinearSegmentedColormap.from_list("gate", ["#10131f", "#3f5bd8", "#c9d2ff"])
SIGNED = LinearSegmentedColormap.from_list("signed", ["#d8602a", "#16181f", "#8ea5ff"])


def return_curve(name: str, history: Sequence[Entry]) -> str:
    """The mean return of the last 100 episodes against frames."""
    points = [(e.frames, e.mean_return) for e in history if e.mean_return is not None]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        if points:
            axes.plot(*zip(*points, strict=True), color=MODEL, linewidth=2.1)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
        axes.xaxis.set_major_formatter(lambda x, _: _frames(x))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
        axes.set_xlabel("frames")

    last = f"{points[-1][1]:.1f} after {points[-1][0]:,} frames" if points else "no episode ended"
    return drawn(name, HALF, 260, f"return against frames: {last}", draw)


def _frames(count: float) -> str:
    if count >= 1e6:
        return f"{count / 1e6:g} M"
    return f"{count / 1e3:g} k" if count >= 1e3 else f"{count:g}"


def probe_curve(name: str, probed: Probed) -> str:
    """How much of what is hidden a line through the states explains."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for k, what in enumerate(probed.names):
            shade = (MODEL, WARM, INK, MUTED)[k % 4]
            axes.plot(probed.at, np.clip(probed.explained[:, k], -0.2, 1), color=shade, label=what)
        axes.set_ylim(-0.25, 1.05)
        axes.axhline(0, color=SIMPLE, linewidth=0.9)
        axes.set_xlabel("steps before" if probed.by_lag else "step of the episode")
        axes.set_ylabel("variance explained")
        axes.legend(fontsize=9, loc="lower right")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))

    return drawn(name, HALF, 260, "variance of what is hidden that the states explain", draw)


def episode_picture(
    name: str, episode: Episode, recorded: Mapping[str, NDArray[np.floating]]
) -> str:
    """Observations, actions and quantities of the cell over the steps of an episode, aligned.

    ``recorded``: {name: [T, units]}.
    """
    T = min(len(episode.rewards), LONGEST)
    steps = np.arange(T)

    def draw(figure: Figure) -> None:
        heights = [1.5, 0.6, *[1.0] * len(recorded)]
        axes = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
        seen = episode.observations[:T, :NUMBERS]
        # numbers of different sizes in one panel
        spread = episode.observations.std(0)[:NUMBERS] + 1e-9
        for k in range(seen.shape[1]):
            axes[0].plot(
                steps, (seen[:, k] - seen[:, k].mean()) / spread[k], color=SHADES[k], linewidth=1.1
            )
        axes[0].set_title("what it sees, each number in its own deviations", fontsize=10)
        for k in range(min(2, episode.actions.shape[1])):
            axes[1].step(
                steps, episode.actions[:T, k], where="post", color=(MODEL, WARM)[k], linewidth=0.9
            )
        axes[1].set_title("what it does", fontsize=10)
        axes[1].yaxis.set_major_locator(MaxNLocator(integer=True, nbins=2))
        for panel, (quantity, values) in zip(axes[2:], recorded.items(), strict=True):
            _heat(panel, quantity, values[:T])
        axes[-1].set_xlabel("step")
        axes[-1].set_xlim(0, max(T - 1, 1))

    height = 190 + 78.0 * len(recorded)
    return drawn(name, WIDE, height, f"an episode with {', '.join(recorded)} beside it", draw)


def _heat(panel: object, quantity: str, values: NDArray[np.floating]) -> None:
    from matplotlib.axes import Axes

    assert isinstance(panel, Axes)
    gate = values.min() >= 0 and values.max() <= 1
    reach = float(np.quantile(np.abs(values), 0.99)) or 1.0
    low, high = (float(v) for v in np.quantile(values, [0.01, 0.99]))
    # the units that move most, those with similar means beside each other
    moving = np.argsort(values.std(0))[-UNITS:]
    rows = values.T[moving[np.argsort(values.mean(0)[moving])]]
    panel.imshow(
        rows,
        aspect="auto",
        interpolation="nearest",
        origin="lower",
        cmap=GATE if gate else SIGNED,
        vmin=low if gate else -reach,
        vmax=high if gate else reach,
    )
    what = f"{low:.2f} dark to {high:.2f} light"
    if not gate:
        what = f"{-reach:.1f} orange, 0 dark, {reach:.1f} blue"
    panel.set_title(f"{quantity}, {len(rows)} of {values.shape[1]} units ({what})", fontsize=10)
    panel.set_yticks([])
    panel.grid(False)
