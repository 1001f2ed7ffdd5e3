"""How far back a gradient reaches: the derivative of the state with respect to the state k steps earlier.

Forward it is carried in pieces, backward each piece is a vector-Jacobian product whose result is brought to length 1
again; the lengths are added up as logarithms. So 10^-219 is a number, and not zero or minus infinity.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from gatewise.errors import InputError
from gatewise.inspect.choices import whole_numbers
from gatewise.inspect.opened import Opened, States, open_layer

LAGS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_PIECE = 50  # steps; no gradient of so few leaves the range of float64


@dataclass(frozen=True)
class GradientByLag:
    """Norms of the derivative of the last state with respect to the state ``lags`` steps earlier, as log10.

    Attributes:
        lags: in steps.
        total: along all paths, all states together, for a random direction; the mean over the sequences.
        direct: {state: along the path of the state alone}: the product of what multiplies it at each step.
            A cell in which nothing multiplies an old state has none.
        cell: the name of the cell.
    """

    lags: tuple[int, ...]
    total: tuple[float, ...]
    direct: dict[str, tuple[float, ...]]
    cell: str

    @property
    def slope(self) -> float:
        """The decay of the total in decades a step, over the longest lag."""
        return self.total[-1] / self.lags[-1]

    def at(self, lag: int) -> float:
        """The total at a lag. Raises InputError for one that was not measured."""
        if lag not in self.lags:
            raise InputError(
                f"lag {lag} was not measured; there are {', '.join(map(str, self.lags))}"
            )
        return self.total[self.lags.index(lag)]


def gradient_by_lag(
    model: nn.Module,
    x: Any,
    lags: Sequence[int] | None = None,
    *,
    layer: int = 0,
    direction: int = 0,
    name: str | None = None,
    seed: int = 0,
) -> GradientByLag:
    """Measure how the gradient of a layer's state decays with the lag, in float64.

    Args:
        model: a recurrent module of ``gatewise.nn``, or a network that has one.
        x: sequences [T, B, I] of one length, or what the network is called with.
        lags: in steps, below T; by default 1, 2, 5, 10, ... as far as x goes.
        layer, direction: which layer of the module.
        name: of the recurrent module, of a network with several.
        seed: of the random directions.

    Raises:
        InputError: for lags that do not fit into the sequences, sequences of different lengths, or values of x that
            are not finite.
    """
    opened = open_layer(model, x, layer, direction, name)
    if opened.lengths is not None:
        raise InputError(
            f"a gradient by lag needs sequences of one length, and these have from {int(opened.lengths.min())} to "
            f"{int(opened.lengths.max())} steps: measure those of one length at a time"
        )
    opened.check_finite()
    if opened.steps < 2:
        raise InputError("a gradient by lag needs sequences of at least 2 steps, and these have 1")
    chosen = whole_numbers("lags", [k for k in LAGS if k < opened.steps] if lags is None else lags)
    if chosen[-1] >= opened.steps:
        raise InputError(
            f"a lag of {chosen[-1]} needs sequences of more than {chosen[-1]} steps, and these have {opened.steps}"
        )
    return GradientByLag(
        chosen, _total(opened, chosen, seed), _direct(opened, chosen), opened.program.name
    )


def _total(opened: Opened, lags: tuple[int, ...], seed: int) -> tuple[float, ...]:
    T = opened.steps
    ends = {T - k for k in lags} | {T}
    cuts = sorted(ends | set(range(T - lags[-1], T, _PIECE)))
    with torch.no_grad():
        states = [opened.run(0, cuts[0], opened.start)]
        for first, last in pairwise(cuts):
            states.append(opened.run(first, last, states[-1]))
    random = torch.Generator().manual_seed(seed)
    vector: States = tuple(
        torch.randn(s.shape, generator=random, dtype=torch.float64) for s in states[-1]
    )
    vector, _ = _unit(vector)
    log = torch.zeros(states[-1][0].shape[1], dtype=torch.float64)
    by_cut: dict[int, float] = {}
    for k in range(len(cuts) - 2, -1, -1):
        vector, length = _unit(_product(opened, cuts[k], cuts[k + 1], states[k], vector))
        log = log + length.log10()
        by_cut[cuts[k]] = float(log.mean())
    return tuple(by_cut[T - k] for k in lags)


def _product(opened: Opened, first: int, last: int, start: States, vector: States) -> States:
    """The vector times the Jacobian of the states at ``last`` with respect to those at ``first``."""
    leaves = tuple(s.detach().clone().requires_grad_() for s in start)
    ends = opened.run(first, last, leaves)
    pairs = [(e, v) for e, v in zip(ends, vector, strict=True) if e.requires_grad]
    gradients = torch.autograd.grad(
        [e for e, _ in pairs], leaves, [v for _, v in pairs], allow_unused=True
    )
    return tuple(
        torch.zeros_like(leaf) if g is None else g
        for leaf, g in zip(leaves, gradients, strict=True)
    )


def _unit(vector: States) -> tuple[States, Tensor]:
    """The vector of each sequence at length 1, and its length [B]."""
    largest = torch.stack([v.abs().amax((0, 2)) for v in vector]).amax(0)
    scale = torch.where(largest > 0, largest, torch.ones_like(largest))
    scaled = [v / scale[None, :, None] for v in vector]
    length = torch.stack([(v * v).sum((0, 2)) for v in scaled]).sum(0).sqrt()
    safe = torch.where(length > 0, length, torch.ones_like(length))
    return tuple(v / safe[None, :, None] for v in scaled), length * scale


def _direct(opened: Opened, lags: tuple[int, ...]) -> dict[str, tuple[float, ...]]:
    if not opened.factors:
        return {}
    with torch.no_grad():
        recorded = opened.record(list(opened.factors.values()))
    direct = {}
    for state, name in opened.factors.items():
        factor = recorded[name].flip(0) if opened.reverse else recorded[name]
        sums = factor.abs().log().flip(0).cumsum(0)  # over the last 1, 2, ... steps
        units = factor.shape[-1]
        norms = [torch.logsumexp(2 * sums[k - 1], -1) - math.log(units) for k in lags]
        direct[state] = tuple(float(n.mean() / 2 / math.log(10)) for n in norms)
    return direct
