"""Sequences of different lengths, one after another in one array: nothing is padded."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.errors import InputError


@dataclass(frozen=True)
class Ragged:
    """N sequences, their S steps one after another.

    Attributes:
        starts: [N + 1] where each begins in the array of steps; the last is S.
    """

    starts: Ints

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> Ints:
        """[N] steps of each."""
        return np.diff(self.starts)

    @property
    def longest(self) -> int:
        """Steps of the longest."""
        return int(self.lengths.max())


@dataclass(frozen=True)
class Measurements(Ragged):
    """Sequences of numbers.

    Attributes:
        values: [S, C], NaN where missing.
        channels: their C names.
    """

    values: Floats
    channels: tuple[str, ...]

    def take(self, index: Ints) -> Measurements:
        """Some of them, in the order of the index."""
        starts, places = _places(self.starts, index)
        return Measurements(starts, self.values[places], self.channels)

    def take_steps(self, places: Ints) -> Measurements:
        """Some steps as one sequence."""
        return Measurements(np.array([0, len(places)]), self.values[places], self.channels)

    def one(self, k: int) -> Floats:
        """Sequence k, [T, C]."""
        return self.values[self.starts[k] : self.starts[k + 1]]


@dataclass(frozen=True)
class Tokens(Ragged):
    """Sequences of tokens.

    Attributes:
        codes: [S], each the number of its token.
        types: the different tokens as texts.
    """

    codes: Ints
    types: tuple[str, ...]

    def take(self, index: Ints) -> Tokens:
        """Some of them, in the order of the index."""
        starts, places = _places(self.starts, index)
        return Tokens(starts, self.codes[places], self.types)

    def take_steps(self, places: Ints) -> Tokens:
        """Some steps as one sequence."""
        return Tokens(np.array([0, len(places)]), self.codes[places], self.types)

    def one(self, k: int) -> Ints:
        """Sequence k, [T]."""
        return self.codes[self.starts[k] : self.starts[k + 1]]


Sequences = Measurements | Tokens


def measurements(parts: Sequence[Floats], channels: Sequence[str] = ()) -> Measurements:
    """Sequences [T_i, C] as one; channels are numbered from 0 where they have no names."""
    width = parts[0].shape[1]
    names = tuple(channels) or tuple(str(k) for k in range(width))
    return Measurements(_starts(parts), np.concatenate(parts).astype(np.float64), names)


def tokens(parts: Sequence[Sequence[str]]) -> Tokens:
    """Sequences of texts as one. Raises InputError for what UTF-8 cannot write, halves of a surrogate pair."""
    flat = [token for part in parts for token in part]
    types = sorted(set(flat))
    broken = next((token for token in types if not _is_unicode(token)), None)
    if broken is not None:
        k = next(k for k, part in enumerate(parts) if broken in part)
        raise InputError(
            f"sequence {k} holds {broken!r:.80}, which is no character: read it as UTF-8"
        )
    code = {token: k for k, token in enumerate(types)}
    codes = np.array([code[token] for token in flat], dtype=np.int64)
    return Tokens(_starts(parts), codes, tuple(types))


def digests(sequences: Sequences) -> Ints:
    """[N] a number for the content of each sequence: equal for those that are the same in every value."""
    numbers = np.empty(len(sequences), dtype=np.int64)
    names = None if isinstance(sequences, Measurements) else sequences.types
    for k in range(len(sequences)):
        if names is None:
            content = np.ascontiguousarray(sequences.one(k) + 0.0).tobytes()
        else:
            content = "\0".join(names[code] for code in sequences.one(k)).encode()
        numbers[k] = int.from_bytes(hashlib.sha256(content).digest()[:8], "little", signed=True)
    return numbers


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _starts(parts: Sequence[Sequence[str]] | Sequence[Floats]) -> Ints:
    return np.concatenate([[0], np.cumsum([len(p) for p in parts])]).astype(np.int64)


def _places(starts: Ints, index: Ints) -> tuple[Ints, Ints]:
    """The new starts of some sequences, and where their steps lie."""
    lengths = np.diff(starts)[index]
    new = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return new, np.arange(new[-1]) + np.repeat(starts[index] - new[:-1], lengths)
