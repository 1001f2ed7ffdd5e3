"""How long a layer remembers: from its gates, and by what a linear probe can read back."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from gatewise.arrays import Array
from gatewise.errors import CellError, InputError, ProgramError, nearest
from gatewise.inspect.choices import whole_numbers
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
    model: nn.Module,
    gaps: Sequence[int] = GAPS,
    *,
    noise: float = 1.0,
    name: str | None = None,
    seed: int = 0,
) -> MemoryHorizon:
    """Over which gap can a bit be read back from the state?

    At the first step every input is +1 or -1, then comes normal noise. A linear probe (ridge regression) on all
    states of all layers tells the bit after each gap.

    Args:
        model: a recurrent module of ``gatewise.nn``, or a network that has one; its module is fed directly.
        gaps: in steps.
        noise: standard deviation of the inputs after the first.
        name: of the recurrent module, of a network with several.
        seed: of bits and noise.

    Raises:
        InputError: for gaps that are no whole numbers, a noise below 0, a module that reads from the end to the beginning too, or a
            cell that needs more than one input.
    """
    inner = copy.deepcopy(recurrent_of(model, name)).to("cpu", torch.float64).eval()
    chosen = whole_numbers("gaps", gaps)
    if not 0 <= noise < math.inf:
        raise InputError(f"noise must be a number of at least 0, not {noise!r}")
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
def timescales(
    model: nn.Module, x: Any, *, layer: int = 0, direction: int = 0, name: str | None = None
) -> dict[str, Array]:
    """For each unit of each state that is multiplied from step to step, for how many steps it is kept.

    The time constant is -1 / mean(ln f), f what multiplies the old state: after so many steps without anything new,
    1/e of it is left. It is infinite where nothing is forgotten. Of a network with several recurrent modules, ``name``
    says which.

    Returns:
        {state: [units]} in steps.

    Raises:
        CellError: for a cell in which nothing multiplies an old state; the message says why.
        InputError: for values of x that are not finite.
    """
    opened = open_layer(model, x, layer, direction, name)
    if not opened.factors:
        raise CellError(f"no timescales: {why_not(opened.program)}")
    opened.check_finite()
    recorded, valid = opened.record(list(opened.factors.values())), opened.valid()
    scales: dict[str, Array] = {}
    for state, factor in opened.factors.items():
        rate = -recorded[factor][valid].abs().log().mean(0)
        scales[state] = torch.where(rate > 0, 1 / rate, torch.inf).numpy()
    return scales


@torch.no_grad()
def gates(
    model: nn.Module,
    x: Any,
    names: Sequence[str] | str | None = None,
    *,
    layer: int = 0,
    direction: int = 0,
    name: str | None = None,
) -> dict[str, Array]:
    """Every named quantity of the equations at every step.

    Args:
        model: a recurrent module of ``gatewise.nn``, or a network that has one.
        x: sequences [T, B, I], or what the network is called with.
        names: of quantities, or one of them.
        layer, direction: which layer of the module.
        name: of the recurrent module, of a network with several.

    Returns:
        {name: [T, B, size]}, by default of all names of the cell, in the order of its equations. After the end of a
        shorter sequence stand zeros.

    Raises:
        ProgramError: for an unknown name, with the nearest.
    """
    opened = open_layer(model, x, layer, direction, name)
    chosen = opened.names if names is None else (names,) if isinstance(names, str) else tuple(names)
    for quantity in chosen:
        if quantity not in opened.names:
            raise ProgramError(
                f"{quantity!r} is not a quantity of {opened.program.name}."
                f"{nearest(str(quantity), list(opened.names))} It has: {', '.join(opened.names)}"
            )
    return {n: v.numpy() for n, v in opened.record(chosen).items()}
