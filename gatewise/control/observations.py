"""What a network reads of an observation: numbers [B, D] of any space, without the library that made it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from gatewise.arrays import Bools, Singles
from gatewise.errors import InputError

MOST_INPUTS = 1_000_000


@dataclass(frozen=True)
class Leaf:
    """A part of an observation.

    Attributes:
        path: where it lies in an observation of several parts: keys and positions, from the outside.
        kind: "numbers", read as they are; "choices", each of which becomes one value out of as many as it has.
        shape: of the part in one observation.
        choices: how many values each choice has, in order; () for numbers.
        start: the first value of each choice.
        scale: what numbers are divided by: 255 for bytes.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    path: tuple[str | int, ...]
    kind: Literal["numbers", "choices"]
    shape: tuple[int, ...]
    choices: tuple[int, ...] = ()
    start: tuple[int, ...] = ()
    scale: float = 1.0

    @property
    def width(self) -> int:
        """Values that the network reads of it."""
        return sum(self.choices) if self.kind == "choices" else int(np.prod(self.shape, dtype=int))

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
        parts = []
        for k, (count, start) in enumerate(zip(self.choices, self.start, strict=True)):
            codes = rows[:, k].astype(np.int64) - start
            if ((codes < 0) | (codes >= count)).any():
                raise InputError(
                    f"the observation{self._where} is {rows[:, k].tolist()}, not one of {start} to {start + count - 1}"
                )
            parts.append(np.eye(count, dtype=np.float32)[codes])
        return np.concatenate(parts, axis=1)

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
    def numbers(self) -> Bools:
        """[D] which of them are numbers, not choices."""
        return np.concatenate([np.full(leaf.width, leaf.kind == "numbers") for leaf in self.leaves])

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
            + (f"choices of {list(leaf.choices)}" if leaf.choices else f"{leaf.shape} numbers")
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


def _part(observation: Any, path: tuple[str | int, ...]) -> Any:
    try:
        for key in path:
            observation = observation[key]
    except (KeyError, IndexError, TypeError):
        raise InputError(
            f"the observation has no part {'.'.join(map(str, path))}, which this policy reads"
        ) from None
    return observation
