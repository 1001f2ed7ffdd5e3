"""What the page shows, as data, and the page as text."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import numpy as np
import torch
from torch import nn

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.inspect.opened import Opened, open_layer
from gatewise.ir.gates import why_not

MOST_STEPS, MOST_SEQUENCES = 2000, 32  # that are shown
_MOST_VALUES = 30_000_000  # bytes that the page would hold


def page(
    model: nn.Module,
    x: Any,
    *,
    title: str = "Inside the layer",
    lengths: Sequence[int] | None = None,
    labels: Sequence[str] | None = None,
    columns: Sequence[str] = (),
    layer: int = 0,
    direction: int = 0,
) -> str:
    """A page (HTML) on which a person scrubs through sequences and sees inputs, every gate, the states.

    Args:
        model: a recurrent module of ``gatewise.nn``, or a network that has one.
        x: sequences [T, B, I], or what the network is called with; the first 32, and 2,000 steps of each.
        title: of the page.
        lengths: steps of each sequence; those that the network gives its module, or all T, if left out.
        labels: names of the sequences.
        columns: names of the inputs.
        layer, direction: which layer.

    Raises:
        InputError: for lengths or labels of another number than the sequences, or a layer too wide for a page.
    """
    opened = open_layer(model, x, layer, direction, lengths=lengths)
    T, B = opened.inputs[0].shape[:2]
    ends = np.full(B, T) if opened.lengths is None else opened.lengths.numpy()
    if labels is not None and len(labels) != B:
        raise InputError(f"labels must be {B} names, not {len(labels)}")
    count = min(B, MOST_SEQUENCES)
    ends = np.minimum(ends[:count], MOST_STEPS)
    names = [n for n in opened.names if n not in opened.factors.values()]
    with torch.no_grad():
        recorded = {
            n: v[:, :count].numpy()
            for n, v in opened.record([*names, *opened.factors.values()]).items()
        }
    shown = {
        "input": opened.in_time(opened.inputs[0])[:, :count].numpy(),
        **{n: recorded[n] for n in names},
    }
    if sum(v.shape[2] for v in shown.values()) * int(ends.sum()) > _MOST_VALUES:
        raise InputError("too much for a page: take fewer or shorter sequences")
    states = [s.name for s in opened.program.states]
    quantities = []
    for name, values in shown.items():
        note = "what the layer reads" if name == "input" else "state" if name in states else ""
        if name == "input" and columns:
            note = ", ".join(columns[:8]) + (", ..." if len(columns) > 8 else "")
        quantities.append(_quantity(name, values, ends, note))
    times, reason = _times(opened, recorded, ends)
    first = next((n for n in names if n in states), names[0] if names else "input")
    cell = opened.program.name
    data = {
        "title": title,
        "about": f"{cell}, layer {layer}, {opened.module.plan.widths[0]} units; {count} of {B} sequences"
        + (f", the first {MOST_STEPS} steps" if T > MOST_STEPS else ""),
        "lengths": ends.tolist(),
        "offsets": [0, *np.cumsum(ends)[:-1].tolist()],
        "labels": [str(k) for k in (labels if labels is not None else range(B))][:count],
        "quantities": quantities,
        "times": times,
        "reason": reason,
        "first": first,
    }
    text = json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    shell = files("gatewise.inspect.page").joinpath("page.html").read_text(encoding="utf-8")
    return shell.replace("/*DATA*/", text)


def _quantity(name: str, values: Array, ends: Array, note: str) -> dict[str, Any]:
    """A quantity in bytes: 0 is its lowest value, 255 its highest."""
    rows = np.concatenate([values[:n, k] for k, n in enumerate(ends)])
    finite = rows[np.isfinite(rows)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0  # a gate
    span = high - low or 1.0
    scaled = np.clip(np.nan_to_num((rows - low) / span, nan=0, posinf=1, neginf=0), 0, 1)
    return {
        "name": name,
        "note": note,
        "size": int(values.shape[2]),
        "low": low,
        "high": high if high > low else low + 1.0,
        "input": name == "input",
        "lines": name == "input",
        "data": base64.b64encode((255 * scaled).round().astype(np.uint8).tobytes()).decode(),
    }


def _times(
    opened: Opened, recorded: dict[str, Array], ends: Array
) -> tuple[list[float | None] | None, str]:
    """Timescales of the units of the last state that is multiplied, None for one that is never forgotten."""
    if not opened.factors:
        return None, f"none: {why_not(opened.program)}"
    name = list(opened.factors.values())[-1]
    rows = np.concatenate([recorded[name][:n, k] for k, n in enumerate(ends)])
    with np.errstate(divide="ignore"):
        rate = -np.log(np.abs(rows)).mean(0)
    return [float(1 / r) if 0 < r < np.inf else 0.0 if r == np.inf else None for r in rate], ""
