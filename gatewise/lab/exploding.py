"""Exploding gradients, provoked: an Elman network whose recurrent matrix is orthogonal times 1.5.

Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks. The same training runs with
and without clipping of the gradient's norm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from gatewise import cells
from gatewise.errors import InputError
from gatewise.inspect.gradients import gradient_by_lag
from gatewise.lab.experiments.arithmetic import Adding
from gatewise.lab.network import LabNetwork
from gatewise.nn import Recurrent, init

_LAGS = (10, 100, 500, 1000)


@dataclass(frozen=True)
class Exploded:
    """What came of it.

    Attributes:
        lags, norms: log10 of the gradient's norm by lag, at the start.
        clipped, free: with and without clipping, the loss of each update; it ends where it is no number any more.
        largest: log10 of the largest norm of a gradient in the training without clipping.
    """

    lags: tuple[int, ...]
    norms: tuple[float, ...]
    clipped: tuple[float, ...]
    free: tuple[float, ...]
    largest: float

    def told(self) -> list[str]:
        """The findings as sentences."""
        by_lag = ", ".join(
            f"{n:+.1f} at lag {k}" for k, n in zip(self.lags, self.norms, strict=True)
        )
        return [
            f"log10 of the gradient's norm at the start: {by_lag}",
            f"with clipping: loss {self.clipped[0]:.3g}, at worst {max(self.clipped):.3g}, "
            f"at the end {self.clipped[-1]:.3g}",
            f"without: loss {self.free[0]:.3g}, at worst {max(self.free):.3g}, at the end {self.free[-1]:.3g}; "
            f"largest norm 10^{self.largest:.1f}",
        ]


def explode(gain: float = 1.5, T: int = 100, updates: int = 60, seed: int = 0) -> Exploded:
    """Provoke exploding gradients and train with and without clipping (gradient descent on adding).

    Raises InputError for numbers out of range.
    """
    if not 0 < gain < 100 or T < 2 or updates < 1:
        raise InputError(
            "explode needs a gain between 0 and 100, T of at least 2 and at least 1 update"
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layer = init.orthogonal_(Recurrent("rnn", 8, 64, dtype=torch.float64), gain)
        x = torch.randn(max(_LAGS) + 1, 8, 8, dtype=torch.float64)
        measured = gradient_by_lag(layer, x, _LAGS)
        losses, norms = zip(
            *(_trained(gain, T, updates, seed, clip) for clip in (1.0, None)), strict=True
        )
    return Exploded(measured.lags, measured.total, losses[0], losses[1], norms[1])


def _trained(
    gain: float, T: int, updates: int, seed: int, clip: float | None
) -> tuple[tuple[float, ...], float]:
    experiment, random = Adding(T=T), np.random.default_rng(seed)
    torch.manual_seed(seed)
    network = LabNetwork(cells.get("rnn"), experiment, experiment.setting)
    init.orthogonal_(network.recurrent, gain)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05)
    losses: list[float] = []
    largest = -math.inf
    for _ in range(updates):
        batch = experiment.batch(random, 20)
        loss = network.loss_of(network(batch), batch)
        if not math.isfinite(loss.item()):
            break
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(network.parameters(), clip or math.inf)
        if not bool(torch.isfinite(norm)):
            break
        largest = max(largest, math.log10(max(float(norm), 1e-300)))
        optimizer.step()
    return tuple(losses), largest
