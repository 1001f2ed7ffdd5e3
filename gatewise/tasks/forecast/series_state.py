"""The state of series at their ends, and how the networks carry it along new rows.

A network's step reads a patch, and a cutoff may fall anywhere. So there is one recurrent state for each
phase of the patch: each new row completes exactly one phase's next patch, and is one step of one state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from torch import Tensor

from gatewise.arrays import Array, Floats, Ints, Singles
from gatewise.tasks.forecast.carried_history import CarriedHistory
from gatewise.tasks.forecast.cutoffs import Cutoffs
from gatewise.tasks.forecast.dataset import SeriesDataset
from gatewise.tasks.forecast.network import Network

# series and phases, and steps, that run at once
ROWS, STEPS = 2048, 256


@dataclass(frozen=True)
class SeriesState:
    """The state of N series after their last row: enough to continue without the rows.

    Attributes:
        ids: their names; ``keys`` what stood in the id column; ``targets`` [N] the number of the column.
        position: [N] of the first step that is not known.
        before: what the recurrences carry.
        states: for each network its cell's states, [N, patch, size] each: one for each phase.
        future: [N, F, K] known covariates of the steps that follow, as they stand in tables.
        smoothing: [N, S, 2] the level and the factor of exponential smoothing at each place of its season
            (position modulo S); S is 0 where that is not kept, as in older models.
    """

    ids: tuple[str, ...]
    keys: tuple[str, ...]
    targets: Ints
    position: Ints
    before: CarriedHistory
    states: tuple[tuple[Singles, ...], ...]
    future: Floats
    smoothing: Floats

    def __len__(self) -> int:
        return len(self.ids)

    def outputs(self, patch: int) -> list[Tensor]:
        """The encoders' outputs [N, H] at the ends."""
        phase = self.position % patch
        rows = np.arange(len(self))
        return [torch.from_numpy(states[0][rows, phase]) for states in self.states]

    def take(self, rows: Sequence[int]) -> SeriesState:
        """Some of the series."""
        r = np.asarray(rows, dtype=np.int64)
        b = self.before
        return SeriesState(
            tuple(self.ids[k] for k in r),
            tuple(self.keys[k] for k in r),
            self.targets[r],
            self.position[r],
            CarriedHistory(**{f.name: getattr(b, f.name)[r] for f in fields(b)}),
            tuple(tuple(s[r] for s in states) for states in self.states),
            self.future[r],
            self.smoothing[r],
        )


def joined(a: SeriesState, b: SeriesState) -> SeriesState:
    """The series of both states."""
    every = _merged(a, b, lambda x, y: np.concatenate([x, y]))
    return replace(every, ids=a.ids + b.ids, keys=a.keys + b.keys)


def put_back(every: SeriesState, rows: Sequence[int], part: SeriesState) -> SeriesState:
    """The state of all series, with the rows of ``part`` replaced."""

    def put(x: Array, y: Array) -> Array:
        x = x.copy()
        x[rows] = y
        return x

    return _merged(every, part, put)


def _merged(a: SeriesState, b: SeriesState, merge: Callable[[Array, Array], Array]) -> SeriesState:
    """The state ``a``, with each array merged with that of ``b``."""
    steps = max(a.future.shape[1], b.future.shape[1])
    names = [field.name for field in fields(CarriedHistory)]
    before = CarriedHistory(*(merge(getattr(a.before, n), getattr(b.before, n)) for n in names))
    states = tuple(
        tuple(merge(x, y) for x, y in zip(p, q, strict=True))
        for p, q in zip(a.states, b.states, strict=True)
    )
    return replace(
        a,
        targets=merge(a.targets, b.targets),
        position=merge(a.position, b.position),
        before=before,
        states=states,
        future=merge(_longer(a.future, steps), _longer(b.future, steps)),
        smoothing=merge(a.smoothing, b.smoothing),
    )


def _longer(values: Floats, steps: int) -> Floats:
    return np.pad(values, ((0, 0), (0, steps - values.shape[1]), (0, 0)), constant_values=np.nan)


def initial(network: Network, patch: int, count: int) -> tuple[Singles, ...]:
    """The states before anything was read, [count, patch, size] each, as the cell declares them; read-only."""
    none = torch.zeros(1, 1, network.width).to(next(network.parameters()))
    with torch.no_grad():
        _, states = network.encode(none, None, torch.zeros(1, dtype=torch.int64))
    first = (s[0, 0].float().cpu().numpy() for s in states)
    return tuple(np.broadcast_to(s, (count, patch, len(s))) for s in first)


def go_on(
    network: Network,
    store: SeriesDataset,
    states: Sequence[Singles],
    cuts: Cutoffs | None = None,
) -> Tensor:
    """Run an encoder along the rows of a store.

    Args:
        network: in evaluation mode.
        store: of the rows.
        states: [N, patch, size] each, where the series were before; changed in place to where they
            are after all rows, or if there are ``cuts``, left as they are.
        cuts: cutoffs at which the outputs are wanted.

    Returns:
        The outputs [C, H] at the cutoffs.
    """
    p = store.running.patch
    rows = np.arange(len(store.first) * p)
    ends = (store.start + store.length)[rows // p]
    wanted = np.zeros(0, np.int64) if cuts is None else store.position(cuts.at, cuts.series)
    owner = wanted[:0] if cuts is None else cuts.series * p + wanted % p
    if cuts is not None:
        rows, owner = np.unique(owner, return_inverse=True)
        ends = np.full(len(rows), np.iinfo(np.int64).min)
        np.maximum.at(ends, owner, wanted)
    begin = store.start[rows // p] + 1
    # the first patch of this phase that a new row completes
    begin = begin + (rows - begin) % p
    counts = np.maximum(0, (ends - begin) // p + 1)
    if cuts is None:
        active = counts > 0
        rows, begin, counts = rows[active], begin[active], counts[active]
    outputs = torch.zeros(len(wanted), states[0].shape[-1])
    # before the first row of a store nothing is read: the output is that of the earlier state
    if cuts is not None:
        none = cuts.at == store.first[cuts.series]
        outputs[none] = torch.from_numpy(states[0][cuts.series[none], wanted[none] % p])
    for k in range(0, len(rows), ROWS):
        part = slice(k, k + ROWS)
        here = np.flatnonzero((owner >= k) & (owner < k + ROWS))
        one = _Rows(network, store, rows[part], begin[part], counts[part])
        last = one.run(
            states, outputs, here, owner[here] - k, (wanted[here] - begin[owner[here]]) // p
        )
        if cuts is None:
            for state, values in zip(states, last, strict=True):
                state[rows[part] // p, rows[part] % p] = values
    return outputs


@dataclass(frozen=True)
class _Rows:
    """Some series and phases that are run together: ``rows`` [R] is series * patch + phase."""

    network: Network
    store: SeriesDataset
    rows: Ints
    begin: Ints
    counts: Ints

    @torch.no_grad()
    def run(
        self, states: Sequence[Singles], out: Tensor, place: Ints, row: Ints, step: Ints
    ) -> list[Singles]:
        """All steps; ``out[place]`` becomes the outputs of ``row`` after ``step``. Gives the last states."""
        store, p = self.store, self.store.running.patch
        series = self.rows // p
        like = next(self.network.parameters())
        now: Sequence[Tensor] = [
            torch.from_numpy(s[series, self.rows % p])[None].to(like) for s in states
        ]
        at = store.first[series] + self.begin - store.start[series]
        most = int(self.counts.max(initial=0))
        for t in range(0, most, STEPS):
            steps = min(STEPS, most - t)
            left = np.clip(self.counts - t, 0, steps)
            number = np.minimum(t + np.arange(steps)[:, None], np.maximum(self.counts - 1, 0))
            cuts = np.minimum(at + p * number, store.first[series] + store.length[series])
            x = torch.from_numpy(store.patches(cuts, np.broadcast_to(series, cuts.shape)))
            outputs, now = self.network.encode(x.to(like), now, torch.from_numpy(left))
            inside = np.flatnonzero((step >= t) & (step < t + steps))
            out[place[inside]] = outputs[step[inside] - t, row[inside]].float().cpu()
        return [s[0].float().cpu().numpy() for s in now]


def advanced(ends: SeriesState, store: SeriesDataset, networks: Sequence[Network]) -> SeriesState:
    """The state after the rows of a data set that continues the series."""
    states = tuple(tuple(s.copy() for s in of) for of in ends.states)
    for network, of in zip(networks, states, strict=True):
        go_on(network, store, of)
    return replace(ends, position=store.start + store.length, before=store.after(), states=states)
