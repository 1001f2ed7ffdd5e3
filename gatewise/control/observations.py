"""What a network reads of an observation: numbers [B, D] of any space, without the library that made it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np

from gatewise.arrays import Bools, Ints, Singles
from gatewise.errors import InputError, InputWarning

MOST_INPUTS = 1_000_000
SMALLEST_PICTURE = 36  # pixels of a side; a smaller grid of bytes is one of symbols
SYMBOLS = 16  # values of a byte that are told apart in a grid; the last stands for all above


@dataclass(frozen=True)
class Leaf:
    """A part of an observation.

    Attributes:
        path: where it lies in an observation of several parts: keys and positions, from the outside.
        kind: "numbers", read as they are; "choices", each of which becomes one value out of as many as it has;
            "symbols", bytes that name things, such as the cells of a grid: each becomes one value out of ``SYMBOLS``.
        shape: of the part in one observation.
        choices: how many values each choice has, in order; () for numbers.
        start: the first value of each choice.
        scale: what numbers are divided by: 255 for bytes.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    path: tuple[str | int, ...]
    kind: Literal["numbers", "choices", "symbols"]
    shape: tuple[int, ...]
    choices: tuple[int, ...] = ()
    start: tuple[int, ...] = ()
    scale: float = 1.0

    @property
    def width(self) -> int:
        """Values that the network reads of it."""
        if self.kind == "choices":
            return sum(self.choices)
        count = int(np.prod(self.shape, dtype=int))
        return SYMBOLS * count if self.kind == "symbols" else count

    def encode(self, values: Any, batch: int) -> Singles:
        """[B, width] of the part of B observations."""
        rows = np.asarray(values)
        if rows.shape != (batch, *self.shape):
            raise InputError(
                f"the observation{self._where} has the shape {rows.shape[1:]}, and this policy reads {self.shape}"
            )
        rows = rows.reshape(batch, -1)
        if self.kind == "numbers":
            numbers = rows.astype(np.float32)
            return numbers if self.scale == 1.0 else numbers / np.float32(self.scale)
        one_hot = np.zeros((batch, self.width), np.float32)
        one_hot[np.arange(batch)[:, None], self._places(rows)] = 1.0
        return one_hot

    def _places(self, rows: Any) -> Ints:
        """[B, n] which value each choice or symbol sets."""
        codes = rows.astype(np.int64)
        if self.kind == "symbols":
            if codes.max(initial=0) >= SYMBOLS:
                warnings.warn(
                    f"the observation{self._where} is a small grid of bytes, which are read as symbols: those of "
                    f"{SYMBOLS - 1} and more are not told apart. Where they are numbers, wrap the environment so "
                    "that it gives floats",
                    InputWarning,
                    stacklevel=2,
                )
            symbols: Ints = np.clip(codes, 0, SYMBOLS - 1) + self._firsts
            return symbols
        codes -= np.array(self.start)
        wrong = ((codes < 0) | (codes >= np.array(self.choices))).any(0)
        if wrong.any():
            k = int(np.flatnonzero(wrong)[0])
            count, start = self.choices[k], self.start[k]
            raise InputError(
                f"the observation{self._where} is {rows[:, k].tolist()}, not one of {start} to {start + count - 1}"
            )
        places: Ints = codes + self._firsts
        return places

    @cached_property
    def _firsts(self) -> Ints:
        """[n] the place of the first value of each choice or symbol."""
        if self.kind == "symbols":
            return np.arange(0, self.width, SYMBOLS, dtype=np.int64)
        return np.cumsum((0, *self.choices[:-1]), dtype=np.int64)

    @property
    def _where(self) -> str:
        return " at " + ".".join(map(str, self.path)) if self.path else ""


@dataclass(frozen=True)
class ObservationCoding:
    """How observations become numbers: their parts, side by side in this order."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    leaves: tuple[Leaf, ...]

    def __post_init__(self) -> None:
        if not 0 < self.width <= MOST_INPUTS:
            raise InputError(
                f"an observation has {self.width:,} values: 1 to {MOST_INPUTS:,} can be read"
            )

    @property
    def width(self) -> int:
        """Values that the network reads of an observation."""
        return sum(leaf.width for leaf in self.leaves)

    @property
    def scaled(self) -> Bools:
        """[D] which of them are scaled by mean and deviation: all but choices. Of symbols the rare ones say most."""
        return np.concatenate([np.full(leaf.width, leaf.kind != "choices") for leaf in self.leaves])

    @property
    def has_symbols(self) -> bool:
        """Whether a part of it is a small grid of bytes."""
        return any(leaf.kind == "symbols" for leaf in self.leaves)

    def encode(self, observations: Any, batch: int) -> Singles:
        """[B, D] of B observations, batched as the vector environments of Gymnasium batch them.

        Raises InputError for another shape, a choice that does not exist, or a part that is missing.
        """
        parts = [leaf.encode(_part(observations, leaf.path), batch) for leaf in self.leaves]
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)

    def single(self, observation: Any) -> Singles:
        """[1, D] of one observation. Raises InputError as ``encode`` does."""
        parts = [
            leaf.encode(np.asarray(_part(observation, leaf.path))[None], 1) for leaf in self.leaves
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)

    def describe(self) -> str:
        """In a few words."""
        return ", ".join(
            (".".join(map(str, leaf.path)) + " " if leaf.path else "")
            + (f"choices of {list(leaf.choices)}" if leaf.choices else f"{leaf.shape} {leaf.kind}")
            for leaf in self.leaves
        )


def coding_of(space: Any) -> ObservationCoding:
    """The coding of an observation space of Gymnasium. Tuples and dictionaries are laid side by side.

    Raises InputError for a space that has no fixed size (texts, graphs, sequences).
    """
    return ObservationCoding(tuple(_leaves(space, ())))


def _leaves(space: Any, path: tuple[str | int, ...]) -> Iterator[Leaf]:
    from gymnasium import spaces

    if isinstance(space, spaces.Tuple):
        for k, inner in enumerate(space.spaces):
            yield from _leaves(inner, (*path, k))
    elif isinstance(space, spaces.Dict):
        for name, inner in space.spaces.items():
            yield from _leaves(inner, (*path, str(name)))
    elif isinstance(space, spaces.Box):
        if _is_grid(space):
            yield Leaf(path, "symbols", tuple(space.shape))
            return
        scale = 255.0 if space.dtype == np.uint8 else 1.0
        yield Leaf(path, "numbers", tuple(space.shape), scale=scale)
    elif isinstance(space, spaces.Discrete):
        yield Leaf(path, "choices", (), (int(space.n),), (int(space.start),))
    elif isinstance(space, spaces.MultiDiscrete):
        counts = tuple(int(n) for n in space.nvec.ravel())
        start = tuple(int(n) for n in np.asarray(space.start).ravel())
        yield Leaf(path, "choices", tuple(space.shape), counts, start)
    elif isinstance(space, spaces.MultiBinary):
        yield Leaf(path, "numbers", tuple(space.shape))
    else:
        raise InputError(
            f"observations of the space {type(space).__name__} have no fixed size: wrap the environment so that "
            "it gives numbers, with gymnasium.wrappers.TransformObservation, or leave that part out of a "
            "dictionary with gymnasium.wrappers.FilterObservation"
        )


def _is_grid(space: Any) -> bool:
    """Whether a box holds a small grid, [rows, columns, channels] of bytes: too small to be a picture."""
    return (
        space.dtype == np.uint8
        and len(space.shape) == 3
        and sorted(space.shape)[1] < SMALLEST_PICTURE
    )


def _part(observation: Any, path: tuple[str | int, ...]) -> Any:
    try:
        for key in path:
            observation = observation[key]
    except (KeyError, IndexError, TypeError):
        raise InputError(
            f"the observation has no part {'.'.join(map(str, path))}, which this policy reads"
        ) from None
    return observation
