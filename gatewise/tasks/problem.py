"""Forecasting as a problem for the training loop: windows, the quantile loss, the stopping span."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gatewise.tasks.network import Network, quantile_loss, quantile_sums
from gatewise.tasks.training import Problem
from gatewise.tasks.windows import Cutoffs, Store, Windows

Floats = NDArray[np.float64]
CHECK_WINDOWS = 4000  # of the stopping span that are looked at
PIECE = 1024  # windows that are forecast at once


class ForecastProblem(Problem):
    """Learn to forecast what follows cutoffs.

    Args:
        store: of the series.
        cuts: to learn from.
        stop: to stop by; None where the number of steps is given.
        batch: windows at one step.
        probabilities: of the quantiles.
        names: of the series.
    """

    def __init__(
        self,
        store: Store,
        cuts: Cutoffs,
        stop: Cutoffs | None,
        batch: int,
        probabilities: Sequence[float],
        names: Sequence[str],
    ) -> None:
        self.store, self.cuts, self.names = store, cuts, names
        self.batch = min(batch, len(cuts))
        self.watched = (cuts.take(slice(0)) if stop is None else stop).thinned(CHECK_WINDOWS)
        self.probabilities = tuple(probabilities)
        self.levels = torch.tensor(self.probabilities)

    def draw(self, rng: np.random.Generator) -> Cutoffs:
        return self.cuts.take(rng.integers(0, len(self.cuts), self.batch))

    def part(self, batch: Cutoffs, rank: int, world: int) -> Cutoffs:
        return batch if world == 1 else batch.take(slice(rank, None, world))

    def loss(self, network: nn.Module, part: Cutoffs) -> tuple[Tensor, Tensor]:
        if not len(part):
            return torch.zeros(()), torch.zeros(())
        windows, like = self.store.windows(part), next(network.parameters())
        given = [t.to(like) for t in inputs(windows)]
        wanted = [t.to(like) for t in goal(self.store, part, windows, self.levels)]
        total, count = quantile_sums(network(*given), *wanted)
        return total, count

    def check(self, network: nn.Module) -> float:
        assert isinstance(network, Network)
        return loss_on(network, self.store, self.watched, self.probabilities)

    def describe(self, part: Cutoffs) -> str:
        series = int(part.series[0])
        row = int(part.at[0] - self.store.first[series])
        return f"the window before value {row + 1} of series {self.names[series]!r}"

    def fingerprint(self) -> str:
        found = hashlib.sha256(repr((self.probabilities, self.batch)).encode())
        for array in (self.store.flat, self.cuts.at, self.watched.at):
            found.update(np.ascontiguousarray(array).tobytes())
        return found.hexdigest()


@torch.no_grad()
def forecast(network: Network, store: Store, cuts: Cutoffs) -> tuple[Floats, Windows]:
    """Scaled quantiles [B, h, Q] at cutoffs, and the windows they were made from."""
    network.eval()
    windows, like = store.windows(cuts), next(network.parameters())
    pieces = (t.to(like).split(PIECE) for t in inputs(windows))
    made = [network(*p) for p in zip(*pieces, strict=True)]
    return torch.cat(made).double().cpu().numpy(), windows


@torch.no_grad()
def loss_on(network: Network, store: Store, cuts: Cutoffs, probabilities: Sequence[float]) -> float:
    """The loss at cutoffs."""
    quantiles, windows = forecast(network, store, cuts)
    levels = torch.tensor(tuple(probabilities))
    return quantile_loss(
        torch.from_numpy(quantiles).float(), *goal(store, cuts, windows, levels)
    ).item()


def point_errors(network: Network, store: Store, cuts: Cutoffs) -> Floats:
    """Mean absolute error of the point forecast at each cutoff, [B], weighted as the loss is."""
    quantiles, windows = forecast(network, store, cuts)
    truth, _, weight = goal(store, cuts, windows, torch.zeros(0))
    error = np.abs(quantiles[..., quantiles.shape[-1] // 2] - truth.double().numpy())
    return np.asarray(np.nanmean(error, axis=1) * weight.double().numpy())


def clearly_less(errors: Floats, others: Floats, independent: float) -> bool:
    """Whether errors are less by more than one standard error of the difference.

    Windows overlap: ``independent`` of them count, which is the number of horizons that the values
    they forecast would fill. With fewer than two there is no telling.
    """
    gain = others - errors
    return independent >= 2 and bool(gain.mean() > gain.std() / math.sqrt(independent))


def inputs(windows: Windows) -> tuple[Tensor, Tensor, Tensor]:
    """What the network reads, in single precision."""
    parts = (windows.x, windows.seen, windows.candidates)
    return tuple(torch.from_numpy(p).float() for p in parts)  # type: ignore[return-value]


def goal(
    store: Store, cuts: Cutoffs, windows: Windows, levels: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Scaled truth [B, h], probabilities [Q], weights [B]: on logarithms errors count as relative."""
    truth = (store.truth(cuts) - windows.level[:, None]) / windows.scale[:, None]
    weight = windows.scale if store.log else np.ones(len(cuts))
    return torch.from_numpy(truth).float(), levels, torch.from_numpy(weight).float()
