"""Which sequences train, stop and judge: stratified, no group and no copy on both sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Ints
from gatewise.errors import InputError
from gatewise.tasks.sequences.options import FOLDS

FEW = 10  # sequences that judge, below which figures say little


@dataclass(frozen=True)
class Rotation:
    """One way to use the parts: train on most, stop by one, judge on another.

    Attributes:
        train, validation, test: indices of sequences.
    """

    train: Ints
    validation: Ints
    test: Ints

    @property
    def known(self) -> Ints:
        """Sequences that what needs no stopping learns from: the first two parts."""
        return np.sort(np.concatenate([self.train, self.validation]))


@dataclass(frozen=True)
class Copies:
    """Sequences that occur more than once.

    Attributes:
        sequences: how many are a copy of an earlier one.
        contradictory: how many of these have another label than the first of them.
        across: how many lie in another group than the first of them.
    """

    sequences: int
    contradictory: int
    across: int

    def remarks(self) -> list[str]:
        """A sentence on them; none if there are none."""
        if not self.sequences:
            return []
        label = f", {self.contradictory} of them with another label" if self.contradictory else ""
        across = f", {self.across} of them in another group" if self.across else ""
        return [
            f"{self.sequences} sequences are equal to an earlier one{label}{across}; copies stay in one part"
        ]

    def describe(self) -> list[str]:
        """For people, as a line of a plan."""
        return [f"copies   {remark}" for remark in self.remarks()]


def copies(content: Ints, labels: Ints, groups: Ints | None) -> Copies:
    """Count copies: ``content`` are the digests of the sequences."""
    _, first, place = np.unique(content, return_index=True, return_inverse=True)
    of = first[place]
    later = np.flatnonzero(of != np.arange(len(content)))
    across = 0 if groups is None else int((groups[later] != groups[of[later]]).sum())
    return Copies(len(later), int((labels[later] != labels[of[later]]).sum()), across)


def blocks(content: Ints, groups: Ints | None) -> Ints:
    """[N] what has to stay together: copies, or groups, or groups that share copies."""
    _, block = np.unique(content, return_inverse=True)
    if groups is None:
        return np.asarray(block, dtype=np.int64)
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    count = int(block.max()) + 1
    _, group = np.unique(groups, return_inverse=True)
    size = count + int(group.max()) + 1
    edges = coo_matrix((np.ones(len(block)), (block, count + group)), shape=(size, size))
    return np.asarray(connected_components(edges, directed=False)[1][block], dtype=np.int64)


def parts(strata: Ints, block: Ints, count: int, rng: np.random.Generator) -> Ints:
    """[N] the part of each sequence, 0 .. count - 1.

    Blocks go to the part that has least of their strata, the largest first: parts have nearly the same
    share of every stratum and nearly the same size, and no block is divided.

    Args:
        strata: [N] what is shared out evenly: classes, or ranges of a target.
        block: [N] what stays together.
        count: parts.
        rng: of the order among equals.
    """
    from scipy.sparse import csr_array

    _, of = np.unique(block, return_inverse=True)
    _, strata = np.unique(strata, return_inverse=True)
    table = csr_array((np.ones(len(of)), (of, strata)))  # sequences of each block and stratum
    total, weight = table.sum(0), table.sum(1)
    order = rng.permutation(len(weight))
    # the largest first, then the rarest strata, so that every part gets some of those
    rarity = table @ (1 / total) / weight
    order = order[np.lexsort((-rarity[order], -weight[order]))]
    filled, size = np.zeros((count, len(total))), np.zeros(count)
    part = np.empty(len(weight), dtype=np.int64)
    for k in order:
        held = slice(table.indptr[k], table.indptr[k + 1])
        mine, number = table.indices[held], table.data[held]
        share = (filled[:, mine] / total[mine] * number).sum(1)
        best = np.flatnonzero(share <= share.min() + 1e-12)
        part[k] = best[np.argmin(size[best] + 1e-9 * ((best - k) % count))]
        filled[part[k], mine] += number
        size[part[k]] += weight[k]
    return part[of]


def rotations(part: Ints, count: int) -> list[Rotation]:
    """The first ``count`` rotations: part k judges, part k + 1 stops, the others train.

    Over as many rotations as there are parts, every sequence judges once and stops once. Raises InputError
    where a part is empty.
    """
    number = int(part.max()) + 1
    sizes = np.bincount(part, minlength=number)
    if number < 3 or not sizes.all():
        raise InputError(
            f"n_samples = {len(part)}, of which only {number} are independent: there are too few to train on some, stop by "
            "others and judge on others. At least 3 are needed (copies count as one, and so does a group)"
        )
    turns = []
    for k in range(count):
        test, validation = part == k, part == (k + 1) % number
        turns.append(
            Rotation(*(np.flatnonzero(rows) for rows in (~(test | validation), validation, test)))
        )
    return turns


def note_few(tested: Ints) -> list[str]:
    """For people: a remark where the sequences that judge are few."""
    count = len(tested)
    if count >= FEW:
        return []
    who = "1 sequence judges" if count == 1 else f"{count} sequences judge"
    return [f"only {who}: the figures say little"]


def split(
    strata: Ints, content: Ints, groups: Ints | None, turns: int, seed: int
) -> list[Rotation]:
    """Rotations of ``FOLDS`` parts, or of as many as there are groups that share no copies.

    Args:
        strata: [N] what is shared out evenly.
        content: [N] digests of the sequences.
        groups: [N] what stays together; None: only copies do.
        turns: rotations, at most as many as parts.
        seed: of the order among equals.

    Raises InputError where there are fewer than three parts.
    """
    block = blocks(content, groups)
    number = min(FOLDS, len(np.unique(block)))
    part = parts(strata, block, number, np.random.default_rng((seed, 0)))
    return rotations(part, min(turns, number))
