"""One batch of a generated experiment: sequences, and the places where an answer is asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Array

Random = np.random.Generator


@dataclass(frozen=True)
class Batch:
    """Sequences side by side.

    Attributes:
        inputs: symbols [T, B] (whole numbers), or values [T, B, I] (float32).
        steps: [N] the steps at which an answer is asked for, and
        rows: [N] in which sequence.
        targets: [N] classes, or [N, O] values.
        lengths: [B] the steps of each sequence, None if all have T. What comes after is never read.
        legal: [N, O] which outputs are right where several are; None elsewhere.
        judged: [N] which answers the criterion looks at; None: all. The loss is taken at every place.
        carry: the sequences go on from where the last batch ended: the state is kept.
        notes: [N] a whole number for each place, by which answers are told apart in a report.
    """

    inputs: Array
    steps: Array
    rows: Array
    targets: Array
    lengths: Array | None = None
    legal: Array | None = None
    judged: Array | None = None
    carry: bool = False
    notes: Array | None = None

    @property
    def size(self) -> int:
        """The number B of sequences."""
        return int(self.inputs.shape[1])

    def per_sequence(self, wrong: Array) -> Array:
        """[B] whether any judged answer of a sequence is wrong, from [N]."""
        wrong = wrong if self.judged is None else wrong & self.judged
        count = np.bincount(self.rows, weights=wrong.astype(float), minlength=self.size)
        return np.asarray(count > 0)


def at_the_end(lengths: Array) -> tuple[Array, Array]:
    """Steps and rows of the last step of each sequence, of [B] lengths."""
    return lengths - 1, np.arange(len(lengths))


def everywhere(T: int, B: int) -> tuple[Array, Array]:
    """Steps and rows of all steps of B sequences of T steps."""
    return np.repeat(np.arange(T), B), np.tile(np.arange(B), T)


def row_by_row(lengths: Array) -> tuple[Array, Array]:
    """Steps and rows of all steps of sequences of these lengths [B], one sequence after the other."""
    return np.concatenate([np.arange(n) for n in lengths]), np.repeat(
        np.arange(len(lengths)), lengths
    )


def a_tenth_longer(random: Random, T: int, B: int) -> Array:
    """[B] lengths from T to 1.1 T, all as likely."""
    return random.integers(T, T + T // 10 + 1, B)


def of_lengths(sequences: list[Array]) -> tuple[Array, Array]:
    """Sequences [T] or [T, I] of any lengths side by side, zeros behind the shorter: inputs and lengths."""
    lengths = np.array([len(s) for s in sequences])
    shape = (int(lengths.max()), len(sequences), *sequences[0].shape[1:])
    inputs = np.zeros(shape, sequences[0].dtype)
    for row, sequence in enumerate(sequences):
        inputs[: len(sequence), row] = sequence
    return inputs, lengths
