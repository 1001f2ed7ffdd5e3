"""What was measured after each update of a training; a line of ``metrics.jsonl``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Self

import numpy as np
from pydantic import TypeAdapter

from gatewise.control.rollout import Finished
from gatewise.control.update import Figures
from gatewise.errors import InputError


@dataclass(frozen=True)
class Entry:
    """After an update.

    Attributes:
        update, frames: how many so far.
        seconds: of training so far.
        mean_return, mean_length: of the last 100 episodes; None before the first has ended.
        explained: how much of the variance of the returns the critic explained; None where there is none.
        actor_loss, critic_loss, entropy, change, clipped, gradient, done: as ``update.Figures``.
    """

    update: int
    frames: int
    seconds: float
    mean_return: float | None
    mean_length: float | None
    explained: float | None
    actor_loss: float
    critic_loss: float
    entropy: float
    change: float
    clipped: float
    gradient: float
    done: float = 1.0

    @classmethod
    def of(
        cls,
        update: int,
        frames: int,
        recent: Finished,
        figures: Figures,
        explained: float | None,
    ) -> Self:
        """From what an update did and the last episodes."""
        known = bool(recent.returns)
        return cls(
            update,
            frames,
            0.0,
            float(np.mean(recent.returns)) if known else None,
            float(np.mean(recent.lengths)) if known else None,
            explained,
            **asdict(figures),
        )

    def at(self, seconds: float) -> Self:
        """The same with its time."""
        return replace(self, seconds=round(seconds, 3))

    def told(self) -> str:
        """In a line, for people."""
        shown = "no episode yet" if self.mean_return is None else f"return {self.mean_return:.2f}"
        return f"{self.frames:,} frames, {self.seconds:.0f} s: {shown}, entropy {self.entropy:.2f}"


def lines(history: Iterable[Entry]) -> str:
    """One line of JSON for each entry."""
    return "".join(json.dumps(asdict(entry)) + "\n" for entry in history)


def parse(text: bytes) -> list[Entry]:
    """The entries of ``lines``. Raises InputError for something else."""
    adapter = TypeAdapter(list[Entry])
    try:
        rows = [json.loads(line) for line in text.decode().splitlines()]
        return adapter.validate_python(rows)
    except (ValueError, RecursionError) as error:
        raise InputError(f"metrics.jsonl is damaged: {str(error).splitlines()[0]:.200}") from None
