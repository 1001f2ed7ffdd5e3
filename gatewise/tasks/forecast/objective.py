"""Forecasting as a problem for the training loop: stretches of series, the loss, the validation span."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from gatewise.arrays import Bools, Floats, Ints, Singles
from gatewise.tasks.forecast.config import BatchShape
from gatewise.tasks.forecast.cutoffs import Cutoffs
from gatewise.tasks.forecast.dataset import DecoderInputs, SeriesDataset
from gatewise.tasks.forecast.network import Network
from gatewise.tasks.forecast.quantile_loss import quantile_sums
from gatewise.tasks.forecast.series_state import go_on, initial
from gatewise.tasks.training.problem import Problem

# cutoffs of the validation span that are measured, at most
CHECK_CUTOFFS = 4000
# cutoffs that are decoded at once
PIECE = 1024
# cutoffs that a training step learns from, and values that follow them, at most
MOST_LEARNED, MOST_VALUES = 2048, 600_000
# a fifth of a stretch only warms the state up, unless the stretch begins with its series
BURN_IN = 5


class ForecastProblem(Problem):
    """Learn to forecast what follows cutoffs.

    A stretch ends at a drawn cutoff. All cutoffs of it that lie one patch after another are learned
    from in one pass, each from the state that is carried to it: as it will be when rows arrive.

    Args:
        store: of the series.
        cuts: all cutoffs of the training span.
        stop: the cutoffs of the validation span; None where the number of steps is fixed.
        stretches: the shape of a batch.
        probabilities: those of the quantiles.
        names: the names of the series.
    """

    def __init__(
        self,
        store: SeriesDataset,
        cuts: Cutoffs,
        stop: Cutoffs | None,
        stretches: BatchShape,
        probabilities: Sequence[float],
        names: Sequence[str],
    ) -> None:
        self.store, self.cuts, self.names = store, cuts, names
        self.stretches = stretches
        self.watched = some_rows(store, cuts.take(slice(0)) if stop is None else stop)
        self.probabilities = tuple(probabilities)
        self.levels = torch.tensor(self.probabilities)
        self.reference = reference(store, cuts)

    def draw(self, rng: np.random.Generator) -> Cutoffs:
        return self.cuts.take(rng.integers(0, len(self.cuts), self.stretches.batch))

    def part(self, batch: Cutoffs, rank: int, world: int) -> Cutoffs:
        return batch if world == 1 else batch.take(slice(rank, None, world))

    def loss(self, network: nn.Module, part: Cutoffs) -> tuple[Tensor, Tensor]:
        assert isinstance(network, Network)
        if not len(part):
            return torch.zeros(()), torch.zeros(())
        like = next(network.parameters())
        at, used = self._grid(part)
        steps = self.store.patches(at, np.broadcast_to(part.series, at.shape))
        output, _ = network.encode(torch.from_numpy(steps).to(like))
        learned = np.flatnonzero(used)
        cuts = Cutoffs(at.flat[learned], part.series[learned % len(part)])
        ahead = self.store.ahead(cuts)
        state = output.flatten(0, 1).index_select(0, torch.from_numpy(learned).to(like.device))
        return self._sums(network.decode(state, *inputs(ahead, like)), cuts, ahead)

    def check(self, network: nn.Module) -> float:
        assert isinstance(network, Network)
        total, count = 0.0, 0.0
        like = next(network.parameters())
        states = encoded(network, self.store, self.watched)
        for k in range(0, len(self.watched), PIECE):
            cuts = self.watched.take(slice(k, k + PIECE))
            ahead = self.store.ahead(cuts)
            quantiles = network.decode(states[k : k + PIECE].to(like), *inputs(ahead, like))
            a, b = self._sums(quantiles, cuts, ahead)
            total, count = total + a.item(), count + b.item()
        return total / max(count, 1)

    def describe(self, part: Cutoffs) -> str:
        series = int(part.series[0])
        row = int(part.at[0] - self.store.first[series])
        return f"the stretch before value {row + 1} of series {self.names[series]!r}"

    def fingerprint(self) -> str:
        sha256 = hashlib.sha256(repr((self.probabilities, self.stretches)).encode())
        for array in (self.store.flat, self.store.known, self.cuts.at, self.watched.at):
            sha256.update(np.ascontiguousarray(array).tobytes())
        return sha256.hexdigest()

    def _grid(self, part: Cutoffs) -> tuple[Ints, Bools]:
        """Cutoffs [T, B] of stretches, left-aligned, and which of them are learned from."""
        p, length = self.store.running.patch, self.stretches.length
        first = self.store.first[part.series]
        last = part.at - first
        count = np.minimum(length, (last - 1) // p + 1)
        begin = last - (count - 1) * p
        step = np.arange(int(count.max()))[:, None]
        steps = np.minimum(begin + p * step, last)
        warm = (step >= length // BURN_IN) | (begin <= p)
        used = (step < count) & ((steps >= self.stretches.least) & warm | (step == count - 1))
        places = np.flatnonzero(used)
        # neighbouring cutoffs teach much the same, and each costs a run of the decoder
        most = max(1, min(MOST_LEARNED, MOST_VALUES // self.store.horizon))
        if len(places) > most:
            used[:] = False
            used.flat[places[np.linspace(0, len(places) - 1, most).astype(np.int64)]] = True
        return first + steps, used

    def _sums(
        self, quantiles: Tensor, cuts: Cutoffs, ahead: DecoderInputs
    ) -> tuple[Tensor, Tensor]:
        like = quantiles
        unit = torch.from_numpy(ahead.unit).to(like)
        truth = torch.from_numpy(scaled(self.store.truth(cuts), ahead)).to(like) / unit[:, None]
        weight = np.sqrt(ahead.unit * ahead.scale / self.reference[cuts.series])
        return quantile_sums(
            quantiles[:, : self.store.horizon] / unit[:, None, None],
            truth,
            self.levels.to(like),
            torch.from_numpy(weight).to(like),
        )


def reference(store: SeriesDataset, cuts: Cutoffs) -> Floats:
    """What errors are measured by, [N], for each series.

    An error counts by the root of its size in the units of the target and of its size against the
    usual error of the moment: neither calm nor wild stretches rule. Errors of logarithms are relative,
    and compare between series; others are measured by each series' own usual error.
    """
    size = store.unit(cuts.at) * store.tracks["scale"][cuts.at - 1]
    if store.running.log:
        return np.full(len(store.first), max(float(size.mean()), 1e-300) if len(size) else 1.0)
    total = np.bincount(cuts.series, size, len(store.first))
    count = np.bincount(cuts.series, minlength=len(store.first))
    return np.where(count > 0, total / np.maximum(count, 1), 1.0)


def some_rows(store: SeriesDataset, cuts: Cutoffs) -> Cutoffs:
    """At most some thousand cutoffs: all those of some series and phases, which share the encoder's steps."""
    if len(cuts) <= CHECK_CUTOFFS:
        return cuts
    p = store.running.patch
    rows = cuts.series * p + store.position(cuts.at, cuts.series) % p
    sequences = np.unique(rows)
    share = np.linspace(0, len(sequences) - 1, max(1, len(sequences) * CHECK_CUTOFFS // len(cuts)))
    return cuts.take(np.flatnonzero(np.isin(rows, sequences[share.astype(np.int64)])))


def encoded(
    network: Network, store: SeriesDataset, cuts: Cutoffs, states: Sequence[Singles] | None = None
) -> Tensor:
    """The encoder's outputs [B, H] at cutoffs.

    It runs from the beginning of each series, or from ``states`` after the earlier rows.
    """
    network.eval()
    states = states or initial(network, store.running.patch, len(store.first))
    if network.blind:
        return torch.zeros(len(cuts), states[0].shape[-1])
    return go_on(network, store, states, cuts)


def forecast(
    networks: Sequence[Network],
    store: SeriesDataset,
    cuts: Cutoffs,
    states: Sequence[Sequence[Singles]] | None = None,
) -> tuple[Floats, DecoderInputs]:
    """Scaled quantiles [B, h, Q] at cutoffs, averaged over the networks, and the decoder's inputs.

    ``states``: for each network those after the rows before the store; None if it begins with the series.
    """
    return forecasts(networks, store, [cuts], states)[0]


@torch.no_grad()
def forecasts(
    networks: Sequence[Network],
    store: SeriesDataset,
    parts: Sequence[Cutoffs],
    states: Sequence[Sequence[Singles]] | None = None,
) -> list[tuple[Floats, DecoderInputs]]:
    """As ``forecast``, for several sets of cutoffs; the encoders run along their series once."""
    every = Cutoffs(*(np.concatenate([getattr(p, n) for p in parts]) for n in ("at", "series")))
    sizes = [len(p) for p in parts]
    outputs = [
        encoded(network, store, every, None if states is None else states[k]).split(sizes)
        for k, network in enumerate(networks)
    ]
    return [
        decoded(networks, of, store.ahead(cuts), store.horizon)
        for cuts, of in zip(parts, zip(*outputs, strict=True), strict=True)
    ]


@torch.no_grad()
def decoded(
    networks: Sequence[Network], states: Sequence[Tensor], ahead: DecoderInputs, horizon: int
) -> tuple[Floats, DecoderInputs]:
    """Scaled quantiles [B, h, Q] from states [B, H] of each network, their mean."""
    total = np.zeros(())
    for network, state in zip(networks, states, strict=True):
        network.eval()
        batches = zip(*(t.split(PIECE) for t in (state, *inputs(ahead, state))), strict=True)
        total = (
            total + torch.cat([network.decode(*piece) for piece in batches]).double().cpu().numpy()
        )
    return total[:, :horizon] / len(networks), ahead


def inputs(ahead: DecoderInputs, like: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """What the decoder reads besides the state, in the type and on the device of ``like``."""
    parts = (ahead.candidates, ahead.known, ahead.static, ahead.unit)
    return tuple(torch.from_numpy(p).to(like) for p in parts)  # type: ignore[return-value]


def scaled(values: Floats, ahead: DecoderInputs) -> Floats:
    """Values [B, h] in scaled units."""
    return np.asarray((values - ahead.level[:, None]) / ahead.scale[:, None])


def point_errors(networks: Sequence[Network], problem: ForecastProblem) -> Floats:
    """Mean absolute error of the point forecast at the watched cutoffs, [B], weighted as the loss is."""
    cuts, store = problem.watched, problem.store
    quantiles, ahead = forecast(networks, store, cuts)
    error = np.abs(quantiles[..., quantiles.shape[-1] // 2] - scaled(store.truth(cuts), ahead))
    weight = np.sqrt(ahead.scale / (ahead.unit * problem.reference[cuts.series]))
    return np.asarray(np.nanmean(error, axis=1) * weight)


def clearly_less(errors: Floats, others: Floats, independent: float) -> bool:
    """Whether errors are less by more than one standard error of the difference.

    Windows overlap: ``independent`` of them count, which is the number of horizons that the values
    they forecast would fill. With fewer than two there is no telling.
    """
    gain = others - errors
    return independent >= 2 and bool(gain.mean() > gain.std() / math.sqrt(independent))
