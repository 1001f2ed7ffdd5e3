"""Parts: stratified, without a group or a copy on both sides."""

from __future__ import annotations

import numpy as np
import pytest

from gatewise.errors import InputError
from gatewise.tasks.sequences.splits import blocks, copies, note_few, parts, rotations, split


@pytest.mark.parametrize("seed", range(4))
def test_every_part_has_its_share_of_every_class(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat([0, 1, 2], [60, 30, 11]))
    part = parts(labels, np.arange(101), 5, rng)
    for label, count in ((0, 60), (1, 30), (2, 11)):
        share = np.bincount(part[labels == label], minlength=5)
        assert share.max() - share.min() <= 1 and share.sum() == count
    sizes = np.bincount(part)
    assert sizes.max() - sizes.min() <= 2


@pytest.mark.parametrize("seed", range(4))
def test_no_group_and_no_copy_is_on_both_sides(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels, groups = rng.integers(0, 2, 120), rng.integers(0, 20, 120).astype(str)
    content = np.concatenate([np.arange(117), [3, 3, 50]])
    turns = split(labels, content, groups, 5, seed)
    judged = np.concatenate([turn.test for turn in turns])
    assert sorted(judged) == list(range(120))
    assert sorted(np.concatenate([turn.validation for turn in turns])) == list(range(120))
    for turn in turns:
        sides = [turn.train, turn.validation, turn.test]
        assert sorted(np.concatenate(sides)) == list(range(120))
        for k, side in enumerate(sides):
            others = np.concatenate(sides[:k] + sides[k + 1 :])
            assert not set(groups[side]) & set(groups[others])
            assert not set(content[side]) & set(content[others])


def test_many_strata_are_shared_out() -> None:
    labels = np.arange(12_000) % 6_000  # two sequences each
    part = parts(labels, np.arange(12_000), 5, np.random.default_rng(0))
    assert (part[:6_000] != part[6_000:]).all()
    sizes = np.bincount(part)
    assert sizes.max() - sizes.min() <= 2


def test_groups_that_share_a_copy_stay_together() -> None:
    block = blocks(np.array([7, 8, 8, 9, 9, 5]), np.array(["a", "a", "b", "b", "c", "d"]))
    assert len(set(block[:5])) == 1 and block[5] != block[0]


def test_copies_are_counted() -> None:
    duplicates = copies(
        np.array([4, 4, 4, 5]), np.array([0, 0, 1, 1]), np.array(["a", "b", "a", "a"])
    )
    assert (duplicates.sequences, duplicates.contradictory, duplicates.across) == (2, 1, 1)
    assert "2 sequences are equal" in duplicates.describe()[0]
    assert copies(np.arange(3), np.zeros(3, int), None).describe() == []


def test_too_few_groups_are_refused() -> None:
    with pytest.raises(InputError, match="of which only 2 are independent"):
        split(np.array([0, 1, 0, 1]), np.arange(4), np.array(["a", "a", "b", "b"]), 3, 0)
    with pytest.raises(InputError, match="too few"):
        rotations(np.array([0, 2, 2]), 1)


def test_the_same_seed_gives_the_same_parts() -> None:
    labels = np.arange(50) % 3
    first, second = (split(labels, np.arange(50), None, 1, 5)[0] for _ in range(2))
    other = split(labels, np.arange(50), None, 1, 6)[0]
    np.testing.assert_array_equal(first.test, second.test)
    assert set(first.test) != set(other.test)


def test_few_judges_are_told() -> None:
    assert note_few(np.arange(1)) == ["only 1 sequence judges: the figures say little"]
    assert "only 9 sequences judge" in note_few(np.arange(9))[0] and note_few(np.arange(10)) == []
