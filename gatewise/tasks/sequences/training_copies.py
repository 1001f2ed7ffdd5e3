"""Copies of training sequences among others: which they are, and what an evaluation says of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gatewise.arrays import Bools
from gatewise.tasks.sequences.fitted_networks import FittedNetworks
from gatewise.tasks.sequences.ragged import Sequences, digests


def are_copies(fitted: FittedNetworks, data: Sequences) -> Bools:
    """[N] whether a sequence is equal to one that the model was trained on."""
    return np.isin(digests(data), fitted.seen)


def count_copies(sequences: int, copies: int) -> str:
    """How many sequences there are, and how many are copies, for people."""
    return f"{sequences} sequences, {copies} of them copies of training sequences"


def figures_with_copies(table: Sequence[str], copies: int) -> list[str]:
    """The table of figures on all sequences under its title; nothing if there are no copies among them."""
    return ["", "all sequences, COPIES OF TRAINING SEQUENCES INCLUDED", *table] if copies else []
