"""Pictures for papers and pages: gates beside the input, gradients by lag, timescales, curves of training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.extras import require
from gatewise.inspect.gradients import GradientByLag

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _figure(width: float, height: float) -> Figure:
    require("a picture", "lab", ("matplotlib",))
    from matplotlib.figure import Figure  # without pyplot: no window, no global state

    return Figure(figsize=(width, height), layout="constrained")


def plot_gates(recorded: Mapping[str, Array], inputs: Array, sequence: int = 0) -> Figure:
    """Heat maps of recorded quantities (units by steps), aligned with the input above them.

    Args:
        recorded: {name: [T, B, H]}, as ``gates`` gives it.
        inputs: [T, B, I].
        sequence: which one.

    Raises:
        InputError: for a sequence that is not there, or arrays that do not fit each other.
    """
    inputs = np.asarray(inputs)
    if (
        inputs.ndim != 3
        or not recorded
        or any(v.shape[:2] != inputs.shape[:2] for v in recorded.values())
    ):
        raise InputError(
            "inputs must be [T, B, I] and every recorded quantity [T, B, H], of the same sequences"
        )
    if not 0 <= sequence < inputs.shape[1]:
        raise InputError(f"there is no sequence {sequence}: there are {inputs.shape[1]}, from 0 on")
    figure = _figure(9, 1.2 + 1.1 * len(recorded))
    axes = figure.subplots(
        len(recorded) + 1,
        1,
        sharex=True,
        gridspec_kw={"height_ratios": [0.8, *[1] * len(recorded)]},
    )
    axes[0].plot(inputs[:, sequence], lw=0.9)
    axes[0].set_ylabel("input")
    for axis, (name, values) in zip(axes[1:], recorded.items(), strict=True):
        rows = values[:, sequence].T
        gate = rows.min() >= 0 and rows.max() <= 1
        reach = float(np.abs(rows).max()) or 1.0
        picture = axis.imshow(
            rows,
            aspect="auto",
            interpolation="nearest",
            origin="lower",
            cmap="Blues" if gate else "RdBu",
            vmin=0.0 if gate else -reach,
            vmax=1.0 if gate else reach,
        )
        axis.set_ylabel(name)
        figure.colorbar(picture, ax=axis, pad=0.01)
    axes[-1].set_xlabel("step")
    return figure


def plot_gradients(measured: Mapping[str, GradientByLag]) -> Figure:
    """Gradient by lag of several cells on one plot, the exponent of ten upward; dashed: the direct path."""
    if not measured:
        raise InputError("nothing to draw: give {label: gradient_by_lag(...)}")
    figure = _figure(7.5, 4.5)
    axis = figure.subplots()
    for label, one in measured.items():
        (line,) = axis.plot(one.lags, one.total, marker="o", ms=3, label=label)
        if one.direct:
            direct = next(iter(one.direct.values()))
            axis.plot(one.lags, direct, ls="--", lw=0.8, color=line.get_color())
    axis.set(
        xscale="log",
        xlabel="lag, steps",
        ylabel="log10 of the gradient's norm",
        title="derivative of the state with respect to the state k steps earlier (dashed: direct path)",
    )
    axis.axhline(0, color="0.7", lw=0.8)
    axis.legend(fontsize=8)
    return figure


def plot_timescales(scales: Mapping[str, Array]) -> Figure:
    """Histograms of timescales on a logarithmic axis; what is never forgotten is counted in the legend."""
    if not scales:
        raise InputError("nothing to draw: give {label: timescales}")
    figure = _figure(7, 3.6)
    axis = figure.subplots()
    finite = np.concatenate([np.asarray(v)[np.isfinite(v)] for v in scales.values()])
    low, high = (max(finite.min(), 1e-2), finite.max()) if finite.size else (1.0, 10.0)
    bins = np.geomspace(low / 1.1, high * 1.1, 30)
    for label, values in scales.items():
        array = np.asarray(values)
        endless = int((~np.isfinite(array)).sum())
        more = f" ({endless} never forget)" if endless else ""
        axis.hist(array[np.isfinite(array)], bins=bins.tolist(), alpha=0.6, label=label + more)
    axis.set(xscale="log", xlabel="timescale, steps", ylabel="units")
    axis.legend(fontsize=8)
    return figure


def plot_curves(
    curves: Mapping[str, Sequence[tuple[float, float]]], below: float | None = None
) -> Figure:
    """Curves of training: {label: [(sequences, error), ...]}; ``below`` draws the criterion."""
    if not curves:
        raise InputError("nothing to draw: give {label: [(sequences, error), ...]}")
    figure = _figure(7, 3.8)
    axis = figure.subplots()
    for label, points in curves.items():
        array = np.asarray(points, float).reshape(-1, 2)
        axis.plot(array[:, 0], array[:, 1], label=label)
    if below is not None:
        axis.axhline(below, color="0.6", ls="--", lw=0.8)
    axis.set(xlabel="sequences", ylabel="running error", yscale="log")
    axis.legend(fontsize=8)
    return figure
