"""Time warping against the plain recursion."""

from __future__ import annotations

import numpy as np
import pytest

from gatewise.tasks.sequences import dtw
from gatewise.tasks.sequences.ragged import measurements, tokens


def plain(a: np.ndarray, b: np.ndarray, band: int) -> float:
    table = np.full((len(a) + 1, len(b) + 1), np.inf)
    table[0, 0] = 0.0
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            if abs(i - j) <= band:
                least = min(table[i - 1, j], table[i, j - 1], table[i - 1, j - 1])
                table[i, j] = ((a[i - 1] - b[j - 1]) ** 2).sum() + least
    return float(table[-1, -1] ** 0.5)


@pytest.mark.parametrize("lengths", [(6, 6, 6), (1, 1), (9, 4, 7, 5), (30, 30, 28)])
def test_it_is_the_plain_recursion(
    lengths: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dtw, "PIECE", 40)
    rng = np.random.default_rng(0)
    parts = [rng.standard_normal((n, 2)) for n in lengths]
    band = max(1, int(np.ceil(0.1 * max(lengths))), max(lengths) - min(lengths))
    matrix = dtw.distances(measurements(parts))
    for i, a in enumerate(parts):
        for j, b in enumerate(parts):
            expected = 0.0 if i == j else plain(a, b, band)
            assert matrix[i, j] == pytest.approx(expected, rel=1e-5)


def test_what_it_cannot_do_is_said() -> None:
    assert dtw.obstacle(tokens(["ab"])) and not dtw.obstacle(measurements([np.ones((3, 1))] * 3))
    assert "too many" in dtw.obstacle(measurements([np.ones((1000, 1))] * 2000))


def test_many_pairs_are_compared_by_means(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    data = measurements([rng.standard_normal((n, 2)) for n in (7, 12, 9, 10)])
    assert dtw.size_of_means(data) == 1
    monkeypatch.setattr(dtw, "MOST_CELLS", 600)
    size = dtw.size_of_means(data)
    assert size > 1
    short = dtw.means(data, 3)
    assert short.lengths.tolist() == [3, 4, 3, 4]
    np.testing.assert_allclose(short.one(0)[:2], data.one(0)[:6].reshape(2, 3, 2).mean(1))
    np.testing.assert_allclose(short.one(0)[2], data.one(0)[6])
    matrix = dtw.distances(data)
    monkeypatch.setattr(dtw, "MOST_CELLS", 1e9)
    np.testing.assert_allclose(matrix, dtw.distances(dtw.means(data, size)), rtol=1e-6)
