"""Training a network on windows: AdamW, warm-up and cosine, patience on a span of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gatewise.errors import GatewiseError
from gatewise.tasks.network import Network, quantile_loss
from gatewise.tasks.windows import Cutoffs, Store, Windows

Floats = NDArray[np.float64]
WARM_UP, LAST_RATE, CLIP = 0.05, 0.02, 1.0
CHECKS = 25  # of the stopping span in a whole training
CHECK_WINDOWS = 4000
PIECE = 1024  # windows that are forecast at once


class TrainingError(GatewiseError):
    """Training has gone wrong: the loss is no longer a number."""


@dataclass(frozen=True)
class Recipe:
    """How to train. ``steps`` shapes the learning rate; training may end earlier."""

    steps: int
    batch: int
    learning_rate: float
    patience: int
    seed: int
    probabilities: tuple[float, ...]


def train(
    network: Network,
    store: Store,
    cuts: Cutoffs,
    recipe: Recipe,
    *,
    stop: Cutoffs | None = None,
    until: int | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> int:
    """Train in place and return the number of steps whose weights the network has now.

    With ``stop`` the weights with the least loss on its windows are kept; those before the first step
    where the others do not clearly forecast better. With ``until`` exactly so many steps are made, at
    the same rates.

    Raises:
        TrainingError: where the loss stops being a number.
    """
    weights = list(network.parameters())
    optimizer = torch.optim.AdamW(weights, lr=recipe.learning_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: rate(k, recipe.steps))
    draw = np.random.default_rng(recipe.seed)
    levels = torch.tensor(recipe.probabilities)
    check = max(1, recipe.steps // CHECKS)
    watched = None if stop is None else stop.thinned(CHECK_WINDOWS)
    untrained = kept = _copy(network)
    best, since, chosen = math.inf, 0, 0
    if watched is not None:
        before = point_errors(network, store, watched)
    for step in range(1, (recipe.steps if until is None else until) + 1):
        batch = cuts.take(draw.integers(0, len(cuts), min(recipe.batch, len(cuts))))
        windows = store.windows(batch)
        network.train()
        optimizer.zero_grad()
        loss = quantile_loss(network(*inputs(windows)), *goal(store, batch, windows, levels))
        if not torch.isfinite(loss):
            raise TrainingError(
                f"the loss is {loss.item()} at step {step}: take a lower learning rate than "
                f"{recipe.learning_rate:g}"
            )
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, CLIP)
        optimizer.step()
        schedule.step()
        if watched is not None and (step % check == 0 or step == recipe.steps):
            found = loss_on(network, store, watched, recipe.probabilities)
            if progress is not None:
                progress(step, found)
            since += 1
            if found < best:
                best, kept, since, chosen = found, _copy(network), 0, step
            elif since >= recipe.patience:
                break
        elif progress is not None and step % check == 0:
            progress(step, loss.item())
    if watched is None:
        return step if until != 0 else 0
    network.load_state_dict(kept)
    spans = len(watched) / store.horizon + len(np.unique(watched.series))
    if clearly_less(point_errors(network, store, watched), before, spans):
        return chosen
    network.load_state_dict(untrained)
    return 0


def rate(step: int, steps: int) -> float:
    """The learning rate's factor: a linear warm-up, then half a cosine (Loshchilov & Hutter 2017)."""
    warm = max(1, round(WARM_UP * steps))
    if step < warm:
        return (step + 1) / warm
    done = min(1.0, (step - warm) / max(1, steps - warm))
    return LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * done))


@torch.no_grad()
def forecast(network: Network, store: Store, cuts: Cutoffs) -> tuple[Floats, Windows]:
    """Scaled quantiles [B, h, Q] at cutoffs, and the windows they were made from."""
    network.eval()
    windows = store.windows(cuts)
    x, seen, candidates = inputs(windows)
    made = [
        network(*p)
        for p in zip(x.split(PIECE), seen.split(PIECE), candidates.split(PIECE), strict=True)
    ]
    return torch.cat(made).double().numpy(), windows


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


def _copy(network: Network) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}
