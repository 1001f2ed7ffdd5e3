"""Ragged sequences: taking some, and telling equal ones."""

from __future__ import annotations

import numpy as np

from gatewise.tasks.sequences.ragged import digests, measurements, tokens


def test_taking_keeps_each_sequence_whole() -> None:
    parts = [np.full((n, 2), float(n)) for n in (3, 1, 4)]
    data = measurements(parts, ("a", "b")).take(np.array([2, 0, 2]))
    assert data.lengths.tolist() == [4, 3, 4] and data.channels == ("a", "b")
    for k, n in enumerate((4, 3, 4)):
        np.testing.assert_array_equal(data.one(k), parts[{4: 2, 3: 0}[n]])


def test_tokens_are_numbered_in_order() -> None:
    data = tokens(["ba", "abc"])
    assert data.types == ("a", "b", "c") and data.codes.tolist() == [1, 0, 0, 1, 2]
    assert [data.types[c] for c in data.take(np.array([1])).codes] == list("abc")


def test_equal_content_has_equal_digests() -> None:
    a = np.array([[1.0, np.nan], [0.0, 2.0]])
    numbers = digests(measurements([a, a + 1, a.copy(), np.where(a == 0, -0.0, a)]))
    assert numbers[0] == numbers[2] == numbers[3] != numbers[1]
    words = digests(tokens([["ab", "c"], ["a", "bc"], ["ab", "c"]]))
    assert words[0] == words[2] != words[1]
