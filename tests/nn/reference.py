"""An LSTM with every extra as a plain loop over rows and steps: slow, and written from the papers."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass
class Settings:
    """What the loop does besides an LSTM."""

    hidden: int
    directions: int = 1
    lengths: list[int] | None = None
    reset: Tensor | None = None  # [T, B]
    dropout: float = 0.0
    input_dropout: float = 0.0
    weight_drop: float = 0.0
    recurrent_dropout: float = 0.0
    zoneout: dict[str, float] = field(default_factory=dict)
    residual: bool = False
    highway: bool = False
    detach_every: int = 0
    training: bool = True


def gates(p: dict[str, Tensor], x: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """i, f, g, o of one row, in PyTorch's order of the rows."""
    a = p["weight_ih"] @ x + p["weight_hh"] @ h
    if "bias_ih" in p:
        a = a + p["bias_ih"] + p["bias_hh"]
    i, f, g, o = a.chunk(4)
    return i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()


def step(
    s: Settings, p: dict[str, Tensor], x: Tensor, h: Tensor, c: Tensor, masks: dict[str, Tensor]
) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """One step of one row; ``masks`` are truth values of this row and step."""
    i, f, g, o = gates(p, x, h)
    seen = {"i": i, "f": f, "z": g, "o": o}
    if s.recurrent_dropout and s.training:
        g = torch.where(masks["z"], g / (1 - s.recurrent_dropout), torch.zeros_like(g))
    c_new = f * c + i * g
    h_new = o * c_new.tanh()
    for name, rate in s.zoneout.items():
        last, new = {"h": (h, h_new), "c": (c, c_new)}[name]
        held = torch.where(masks[name], last, new) if s.training else rate * last + (1 - rate) * new
        if name == "h":
            h_new = held
        else:
            c_new = held
    return h_new, c_new, {**seen, "h": h_new, "c": c_new}


def direction(
    s: Settings,
    p: dict[str, Tensor],
    x: Tensor,
    start: list[Tensor],
    own: list[Tensor],
    reverse: bool,
    masks: dict[str, Tensor],
) -> tuple[Tensor, list[Tensor], dict[str, Tensor]]:
    """All rows through all steps. ``start`` and ``own`` are [B, H] for h and c."""
    steps, batch, _ = x.shape
    zero = torch.zeros(s.hidden, dtype=x.dtype)
    outputs = [[zero] * batch for _ in range(steps)]
    seen: dict[str, list[list[Tensor]]] = {
        n: [[zero] * batch for _ in range(steps)] for n in ("i", "f", "z", "o", "h", "c")
    }
    last_h, last_c = [], []
    for b in range(batch):
        h, c = start[0][b], start[1][b]
        length = steps if s.lengths is None else s.lengths[b]
        order = range(length - 1, -1, -1) if reverse else range(length)
        for t in order:
            edge = t + 1 if reverse else t  # the boundary that the state crosses to get here
            if s.detach_every and edge % s.detach_every == 0 and 0 < edge < length:
                h, c = h.detach(), c.detach()
            if s.reset is not None and edge < length and s.reset[edge, b]:
                h, c = own[0][b], own[1][b]
            here = {n: m[t, b] for n, m in masks.items()}
            h, c, values = step(s, p, x[t, b], h, c, here)
            outputs[t][b] = h
            for name, value in values.items():
                seen[name][t][b] = value
        last_h.append(h)
        last_c.append(c)
    recorded = {n: torch.stack([torch.stack(r) for r in rows]) for n, rows in seen.items()}
    output = torch.stack([torch.stack(r) for r in outputs])
    return output, [torch.stack(last_h), torch.stack(last_c)], recorded


def draw_masks(s: Settings, steps: int, batch: int) -> dict[str, Tensor]:
    """The masks of one layer and direction, in the order in which the modules draw them."""
    masks = {}
    if s.recurrent_dropout:
        masks["z"] = torch.rand(steps, batch, s.hidden) < 1 - s.recurrent_dropout
    for name, rate in s.zoneout.items():
        masks[name] = torch.rand(steps, batch, s.hidden) < rate
    return masks


def network(
    s: Settings,
    parameters: dict[str, Tensor],
    x: Tensor,
    layers: int,
    start: tuple[Tensor, Tensor] | None = None,
) -> tuple[Tensor, list[Tensor], dict[str, list[Tensor]]]:
    """Layers and directions. ``parameters`` are named as in ``state_dict``; x is [T, B, I]."""
    steps, batch, _ = x.shape
    states: list[list[Tensor]] = [[], []]
    recorded: dict[str, list[Tensor]] = {}
    below = x
    for k in range(layers):
        fed = below
        if s.input_dropout and s.training:
            keep = torch.rand(batch, below.shape[-1]) >= s.input_dropout
            fed = below * keep / (1 - s.input_dropout)
        outputs = []
        for d in range(s.directions):
            end = f"_l{k}" + ("_reverse" if d else "")
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            p = {n: parameters[n + end] for n in names if n + end in parameters}
            if s.weight_drop and s.training:
                p["weight_hh"] = F.dropout(p["weight_hh"], s.weight_drop, True)
            zero = torch.zeros(batch, s.hidden, dtype=x.dtype)
            own = [parameters.get(f"initial_{n}{end}", zero[0]).expand(batch, -1) for n in "hc"]
            at = k * s.directions + d
            first = own if start is None else [v[at] for v in start]
            masks = draw_masks(s, steps, batch) if s.training else {}
            output, last, seen = direction(s, p, fed, first, own, d == 1, masks)
            outputs.append(output)
            for n, value in enumerate(last):
                states[n].append(value)
            for name, value in seen.items():
                recorded.setdefault(name, []).append(value)
        above = torch.cat(outputs, -1)
        if k and s.residual:
            above = above + below
        if k and s.highway:
            weight, bias = parameters[f"highway_weight_l{k}"], parameters[f"highway_bias_l{k}"]
            gate = torch.sigmoid(below @ weight.T + bias)
            above = gate * above + (1 - gate) * below
        if k + 1 < layers and s.dropout and s.training:
            above = F.dropout(above, s.dropout, True)
        below = above
    return below, [torch.stack(v) for v in states], recorded
