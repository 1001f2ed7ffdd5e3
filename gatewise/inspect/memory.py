"""How long a layer remembers: from its gates, and by what a linear probe can read back."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from gatewise.arrays import Array
from gatewise.errors import CellError, InputError
from gatewise.inspect.opened import open_layer, recurrent_of
from gatewise.ir.gates import why_not

GAPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_SEQUENCES = 512  # half of them to fit the probe
_READ = 0.9  # share of bits that has to be read back


@dataclass(frozen=True)
class MemoryHorizon:
    """How well one bit is read back after each gap.

    ``accuracy`` is that of a linear probe on all states, on sequences that it was not fitted to (0.5 is guessing);
    ``horizon`` the longest gap with at least 90 %, 0 if there is none.
    """

    gaps: tuple[int, ...]
    accuracy: tuple[float, ...]

    @property
    def horizon(self) -> int:
        """The longest gap over which the bit is read back with 90 % accuracy."""
        return max(
            (g for g, a in zip(self.gaps, self.accuracy, strict=True) if a >= _READ), default=0
        )


@torch.no_grad()
def memory_horizon(
    model: nn.Module, gaps: Sequence[int] = GAPS, *, noise: float = 1.0, seed: int = 0
) -> MemoryHorizon:
    """Over which gap can a bit be read back from the state?

    At the first step every input is +1 or -1, then comes normal noise. A linear probe (ridge regression) on all
    states of all layers tells the bit after each gap.

    Args:
        model: a recurrent module of ``gatewise.nn``, or a network that has one; its module is fed directly.
        gaps: in steps.
        noise: standard deviation of the inputs after the first.
        seed: of bits and noise.

    Raises:
        InputError: for gaps that are no whole numbers, a module that reads from the end to the beginning too, or a
            cell that needs more than one input.
    """
    inner = copy.deepcopy(recurrent_of(model)).to("cpu", torch.float64).eval()
    chosen = tuple(sorted(set(gaps)))
    if not chosen or any(isinstance(g, bool) or not isinstance(g, int) or g < 1 for g in chosen):
        raise InputError(f"gaps must be whole numbers of at least 1, not {gaps!r}")
    if inner.plan.directions == 2:
        raise InputError(
            "a bidirectional module sees the first step last: there is no gap to measure"
        )
    if len(inner.plan.input_widths) != 1:
        raise InputError(
            f"{inner.cell.name} needs more than one input: its horizon cannot be measured"
        )
    random = torch.Generator().manual_seed(seed)
    bits = torch.randint(0, 2, (_SEQUENCES,), generator=random).double() * 2 - 1
    width = inner.plan.input_widths[0]
    state: Any = None
    at, accuracy = -1, []
    for gap in chosen:
        x = noise * torch.randn(
            (gap - at, _SEQUENCES, width), generator=random, dtype=torch.float64
        )
        if at < 0:
            x[0] = bits[:, None]
        x = x.transpose(0, 1).contiguous() if inner.batch_first else x
        _, state = inner(x, state)
        at = gap
        parts = state if isinstance(state, tuple) else (state,)
        features = torch.cat([s.transpose(0, 1).flatten(1) for s in parts], dim=1)
        accuracy.append(_read_back(features, bits))
    return MemoryHorizon(chosen, tuple(accuracy))


def _read_back(features: Tensor, bits: Tensor) -> float:
    """The accuracy of a ridge regression, fitted to one half and tested on the other."""
    half = len(bits) // 2
    scale = features[:half].std(0)
    z = (features - features[:half].mean(0)) / torch.where(scale > 0, scale, torch.ones_like(scale))
    z = torch.cat([torch.nan_to_num(z), torch.ones(len(z), 1, dtype=z.dtype)], dim=1)
    fit = z[:half]
    gram = fit.T @ fit + half * 0.1 * torch.eye(z.shape[1], dtype=z.dtype)
    weights = torch.linalg.solve(gram, fit.T @ bits[:half])
    return float(((z[half:] @ weights > 0) == (bits[half:] > 0)).double().mean())


@torch.no_grad()
def timescales(model: nn.Module, x: Any, *, layer: int = 0, direction: int = 0) -> dict[str, Array]:
    """For each unit of each state that is multiplied from step to step, for how many steps it is kept.

    The time constant is -1 / mean(ln f), f what multiplies the old state: after so many steps without anything new,
    1/e of it is left. It is infinite where nothing is forgotten.

    Returns:
        {state: [units]} in steps.

    Raises:
        CellError: for a cell in which nothing multiplies an old state; the message says why.
    """
    opened = open_layer(model, x, layer, direction)
    if not opened.factors:
        raise CellError(f"no timescales: {why_not(opened.program)}")
    recorded = opened.record(list(opened.factors.values()))
    scales: dict[str, Array] = {}
    for state, name in opened.factors.items():
        rate = -recorded[name].abs().log().mean((0, 1))
        scales[state] = torch.where(rate > 0, 1 / rate, torch.inf).numpy()
    return scales


@torch.no_grad()
def gates(
    model: nn.Module,
    x: Any,
    names: Sequence[str] | None = None,
    *,
    layer: int = 0,
    direction: int = 0,
) -> dict[str, Array]:
    """Every named quantity of the equations at every step.

    Returns:
        {name: [T, B, size]}, by default of all names of the cell, in the order of its equations.

    Raises:
        ProgramError: for an unknown name, with the nearest.
    """
    opened = open_layer(model, x, layer, direction)
    chosen = opened.names if names is None else tuple(names)
    for name in chosen:
        opened.program.named(name)
    return {n: v.numpy() for n, v in opened.record(chosen).items()}
