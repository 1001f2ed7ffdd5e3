"""Windows: what they hold, what they never hold, and scaling that no quiet stretch upsets."""

from __future__ import annotations

import numpy as np
import pytest

from gatewise.tasks.baselines import family
from gatewise.tasks.table import Series
from gatewise.tasks.windows import Store

DRAW = np.random.default_rng(0)
SERIES = [Series("a", 0, DRAW.standard_normal(50)), Series("b", 10, DRAW.standard_normal(30))]


def store(series: list[Series] = SERIES, **options: object) -> Store:
    given = {"context": 8, "horizon": 3, "recent": 4, "log": False} | options
    return Store(series, family((4,)), **given)  # type: ignore[arg-type]


def test_truth_and_context_are_the_series_own() -> None:
    s = store()
    cuts = s.cutoffs(None, None, 8)
    windows, truth = s.windows(cuts), s.truth(cuts)
    for row, (at, of) in enumerate(zip(cuts.at, cuts.series, strict=True)):
        c = at - s.first[of]
        y = SERIES[of].values
        np.testing.assert_array_equal(truth[row], y[c : c + 3])
        np.testing.assert_allclose(
            windows.x[row] * windows.scale[row] + windows.level[row], y[c - 8 : c]
        )
        assert windows.level[row] == pytest.approx(y[c - 4 : c].mean())


def test_spans_are_disjoint_and_whole() -> None:
    s = store()
    ends = ((None, 20), (20, 30), (30, 40))
    found = [s.cutoffs(low, high, 4) for low, high in ends]
    for (low, high), cuts in zip(ends, found, strict=True):
        position = cuts.at - s.first[cuts.series] + s.start[cuts.series]
        assert position.min() >= (low or 0)
        assert position.max() + 3 == high


def test_a_short_series_is_padded_with_nothing_of_its_neighbour() -> None:
    short = [SERIES[0], Series("s", 0, np.array([5.0, 6.0, 7.0]))]
    s = store(short)
    ends = s.ends()
    windows = s.windows(ends.take(np.array([1])))
    assert list(windows.seen[0]) == [0, 0, 0, 0, 0, 1, 1, 1]
    assert windows.level[0] == 6.0
    assert np.isfinite(windows.candidates).all()


def test_a_quiet_stretch_does_not_make_the_next_values_enormous() -> None:
    y = np.concatenate([10 * DRAW.standard_normal(200), np.zeros(20), [10.0, -10.0, 5.0]])
    s = store([Series("a", 0, y)])
    cuts = s.cutoffs(None, None, 8)
    windows = s.windows(cuts)
    scaled = (s.truth(cuts) - windows.level[:, None]) / windows.scale[:, None]
    assert np.abs(scaled).max() < 20
    constant = store([Series("a", 0, np.full(30, 1e6))])
    assert np.all(constant.windows(constant.cutoffs(None, None, 8)).scale > 0)


def test_logarithms() -> None:
    y = np.exp(DRAW.standard_normal(40))
    s, plain = store([Series("a", 0, y)], log=True), store([Series("a", 0, y)])
    np.testing.assert_allclose(np.exp(s.truth(s.ends().take(slice(0, 0)))), np.zeros((0, 3)))
    cuts = s.cutoffs(None, None, 8)
    np.testing.assert_allclose(np.exp(s.truth(cuts)), plain.truth(cuts))
