"""What is looked up at a cutoff: what it holds, what it never holds, and series gone on with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gatewise.tasks.data.clock import Clock
from gatewise.tasks.data.encoding import Column, Encoder
from gatewise.tasks.data.series import Series
from gatewise.tasks.forecast.baselines import family
from gatewise.tasks.forecast.dataset import SeriesDataset
from gatewise.tasks.forecast.running_stats import OnlineStats

DRAW = np.random.default_rng(0)
CLOCK = Clock("integer", 1, 0)
RUNNING = OnlineStats((4,), 4, 4, 30, False, levels=True, trend=4)
ENCODER = Encoder(past=(Column(),), known=(Column(),), static=(Column(),))


def series(name: str, start: int, count: int, **changes: Any) -> Series:
    record = Series(
        name,
        start,
        DRAW.standard_normal(count),
        DRAW.standard_normal((count, 1)),
        DRAW.standard_normal((count + 3, 1)),
        DRAW.standard_normal(1),
    )
    return replace(record, **changes)


SERIES = [series("a", 0, 50), series("b", 10, 30)]


def store(of: list[Series] = SERIES, log: bool = False, before: Any = None) -> SeriesDataset:
    running = replace(RUNNING, log=log)
    return SeriesDataset(of, running, family((4,)), ENCODER, CLOCK, 3, 2, before)


def test_a_step_reads_the_series_own_patch() -> None:
    s = store()
    cuts = s.cutoffs(None, None, 8)
    steps, ahead, truth = s.patches(cuts.at, cuts.series), s.ahead(cuts), s.truth(cuts)
    for row, (at, of) in enumerate(zip(cuts.at, cuts.series, strict=True)):
        one = SERIES[of]
        c = at - s.first[of]
        np.testing.assert_array_equal(truth[row], one.values[c : c + 3])
        patch = one.values[c - 4 : c]
        assert ahead.level[row] == pytest.approx(patch.mean())
        np.testing.assert_allclose(
            steps[row, :4], ((patch - ahead.level[row]) / ahead.scale[row]).clip(-10, 10)
        )
        np.testing.assert_array_equal(steps[row, 4:8], 1)
        np.testing.assert_allclose(steps[row, 12:16], one.past[c - 4 : c, 0])
        np.testing.assert_allclose(steps[row, 16:20], one.known[c - 4 : c, 0])
        np.testing.assert_allclose(steps[row, 20:], one.static)
        np.testing.assert_allclose(ahead.known[row, :3, 0], one.known[c : c + 3, 0])


def test_spans_are_disjoint_and_whole() -> None:
    s = store()
    ends = ((None, 20), (20, 30), (30, 40))
    spans = [s.cutoffs(low, high, 4) for low, high in ends]
    for (low, high), cuts in zip(ends, spans, strict=True):
        position = s.position(cuts.at, cuts.series)
        assert position.min() >= (low or 0)
        assert position.max() + 3 == high


def test_a_short_series_sees_nothing_of_its_neighbour() -> None:
    short = series("s", 0, 3, values=np.array([5.0, 6.0, 7.0]))
    s = store([SERIES[0], short])
    end = s.ends().take(np.array([1]))
    step = s.patches(end.at, end.series)[0]
    assert list(step[4:8]) == [0, 1, 1, 1]
    ahead = s.ahead(end)
    assert ahead.level[0] == 6.0
    assert np.isfinite(ahead.candidates).all()
    alone = store([short])
    np.testing.assert_array_equal(step, alone.patches(alone.ends().at, alone.ends().series)[0])


def test_nothing_after_a_cutoff_is_looked_up() -> None:
    later = [
        replace(
            s,
            values=np.concatenate([s.values[:20], 100 + s.values[20:]]),
            past=np.concatenate([s.past[:20], 100 + s.past[20:]]),
        )
        for s in SERIES
    ]
    one, other = store(), store(later)
    cuts = one.cutoffs(None, None, 8)
    known = cuts.take(np.flatnonzero(cuts.at - one.first[cuts.series] <= 20))
    assert len(known) > 10
    np.testing.assert_array_equal(
        one.patches(known.at, known.series), other.patches(known.at, known.series)
    )
    a, b = one.ahead(known), other.ahead(known)
    for name in ("candidates", "known", "unit", "level", "scale"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


@pytest.mark.parametrize("log", [False, True])
def test_a_store_that_goes_on_looks_up_what_the_whole_does(log: bool) -> None:
    whole = [replace(s, values=np.exp(s.values)) for s in SERIES]
    first = [replace(s, values=s.values[:21], past=s.past[:21], known=s.known[:21]) for s in whole]
    rest = [
        replace(s, start=s.start + 21, values=s.values[21:], past=s.past[21:], known=s.known[21:])
        for s in whole
    ]
    full, on = store(whole, log), store(rest, log, store(first, log).after())
    for k in range(2):
        shift = on.first[k] - full.first[k] - 21
        at = full.first[k] + np.arange(21, len(whole[k].values) + 1)
        of = np.full(len(at), k)
        np.testing.assert_allclose(
            on.patches(at + shift, of), full.patches(at, of), rtol=1e-8, atol=1e-9
        )
    a, b = on.ahead(on.ends()), full.ahead(full.ends())
    for name in ("candidates", "known", "static", "unit", "level", "scale"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=1e-8, atol=1e-9)


def test_logarithms() -> None:
    of = [replace(s, values=np.exp(s.values)) for s in SERIES]
    s, plain = store(of, True), store(of)
    cuts = s.cutoffs(None, None, 8)
    np.testing.assert_allclose(np.exp(s.truth(cuts)), plain.truth(cuts))
