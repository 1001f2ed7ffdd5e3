"""What a network says of actions: the distribution of its outputs, and the actions of an environment.

Choices (discrete, multi-discrete, binary) are categorical, each by itself. Numbers (boxes) are normal, with a
deviation that does not depend on the observation; what is drawn is **clipped** to the limits when it is carried out,
not squashed, and the likelihood is that of the number before it was clipped (as in Stable-Baselines3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from gatewise.arrays import Array, Ints, Singles
from gatewise.errors import InputError

LOG_2PI = float(np.log(2 * np.pi))
MOST_OUTPUTS = 100_000


@dataclass(frozen=True)
class ActionCoding:
    """How outputs of a network become actions.

    Attributes:
        kind: "choices" or "numbers".
        shape: of one action.
        choices: how many values each choice has; () for numbers.
        start: the first value of each choice.
        low, high: the limits of each number; infinities stand as None.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    kind: Literal["choices", "numbers"]
    shape: tuple[int, ...]
    choices: tuple[int, ...] = ()
    start: tuple[int, ...] = ()
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()

    def __post_init__(self) -> None:
        sizes = len(self.choices) if self.kind == "choices" else len(self.low)
        if sizes != int(np.prod(self.shape, dtype=int)) or not 0 < self.outputs <= MOST_OUTPUTS:
            raise InputError(f"actions of the shape {self.shape} do not fit {sizes} values")

    @property
    def parts(self) -> int:
        """How many choices or numbers an action has."""
        return len(self.choices) or len(self.low)

    @property
    def outputs(self) -> int:
        """Outputs of the network: a logit for each value of each choice, or the mean of each number."""
        return sum(self.choices) or len(self.low)

    # --- in a rollout: NumPy ---------------------------------------------------------------------

    def draw(
        self, outputs: Singles, deviation: Singles | None, rng: np.random.Generator | None
    ) -> Array:
        """Actions as the losses read them, [B, parts]: codes of choices, or numbers before they are clipped.

        Without ``rng`` the likeliest ones.
        """
        if self.kind == "numbers":
            if rng is None or deviation is None:
                return outputs.copy()
            return outputs + deviation * rng.standard_normal(outputs.shape, dtype=np.float32)
        if rng is not None:
            # the largest of logits with Gumbel noise is a draw from their distribution
            outputs = outputs - np.log(rng.standard_exponential(outputs.shape, dtype=np.float32))
        if len(self.choices) == 1:
            return np.asarray(outputs.argmax(1)[:, None])
        ends = np.cumsum(self.choices)[:-1]
        return np.stack([part.argmax(1) for part in np.split(outputs, ends, axis=1)], axis=1)

    def decode(self, drawn: Array) -> Array:
        """Actions for the environment, [B, *shape]."""
        if self.kind == "choices":
            return np.asarray(drawn + self._start).reshape(len(drawn), *self.shape)
        middle, half, low, high = self._limits
        return np.asarray(np.clip(middle + half * drawn, low, high)).reshape(
            len(drawn), *self.shape
        )

    def code(self, actions: Any) -> Array:
        """[B, parts] what ``draw`` gives for actions of an environment [B, *shape].

        Raises InputError for actions that are not of this space.
        """
        rows = np.asarray(actions)
        if rows.shape[1:] != self.shape:
            raise InputError(
                f"actions have the shape {rows.shape[1:]}, and the space has {self.shape}"
            )
        rows = rows.reshape(len(rows), -1)
        if self.kind == "numbers":
            middle, half, _, _ = self._limits
            return ((rows - middle) / half).astype(np.float32)
        codes = rows.astype(np.int64) - self._start
        if (codes < 0).any() or (codes >= np.array(self.choices)).any():
            raise InputError(f"an action is not one of the choices {list(self.choices)}")
        return codes

    def one_hot(self, drawn: Array) -> Singles:
        """[B, outputs] an action as a network reads it: choices one out of their values, numbers as they are."""
        if self.kind == "numbers":
            return np.asarray(np.clip(drawn, -10, 10), dtype=np.float32)
        rows = np.zeros((len(drawn), self.outputs), dtype=np.float32)
        offsets = np.cumsum([0, *self.choices[:-1]])
        rows[np.arange(len(drawn))[:, None], drawn + offsets] = 1.0
        return rows

    # --- in a loss: PyTorch ----------------------------------------------------------------------

    def log_likelihood(
        self, outputs: Tensor, log_deviation: Tensor | None, drawn: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The logarithm of the likelihood of actions [..., parts], and the entropy, both [...]."""
        if self.kind == "numbers":
            assert log_deviation is not None
            z = (drawn - outputs) * (-log_deviation).exp()
            likelihood = -(0.5 * z * z + log_deviation + 0.5 * LOG_2PI).sum(-1)
            entropy = (log_deviation + 0.5 * (1.0 + LOG_2PI)).sum().expand(likelihood.shape)
            return likelihood, entropy
        likelihoods, entropies = [], []
        for k, logits in enumerate(outputs.split(self.choices, -1)):
            logs = torch.log_softmax(logits, -1)
            likelihoods.append(logs.gather(-1, drawn[..., k : k + 1]).squeeze(-1))
            entropies.append(-(logs.exp() * logs).sum(-1))
        return sum(likelihoods[1:], likelihoods[0]), sum(entropies[1:], entropies[0])

    # --------------------------------------------------------------------------------------------

    @property
    def _start(self) -> Ints:
        return np.array(self.start, dtype=np.int64)

    @property
    def _limits(self) -> tuple[Singles, Singles, Singles, Singles]:
        """Middle and half of the range of each number (0 and 1 where there is no limit), and its limits."""
        low = np.array([-np.inf if v is None else v for v in self.low], dtype=np.float32)
        high = np.array([np.inf if v is None else v for v in self.high], dtype=np.float32)
        bounded = np.isfinite(low) & np.isfinite(high)
        low_, high_ = np.where(bounded, low, -1.0), np.where(bounded, high, 1.0)
        middle, half = (low_ + high_) / 2, (high_ - low_) / 2
        return middle.astype(np.float32), half.astype(np.float32), low, high

    def describe(self) -> str:
        """In a few words."""
        if self.kind == "choices":
            return f"choices of {list(self.choices)}"
        return f"{len(self.low)} numbers from {list(self.low)} to {list(self.high)}"


def coding_of(space: Any) -> ActionCoding:
    """The coding of an action space of Gymnasium. Raises InputError, with its name, for one that is not supported."""
    from gymnasium import spaces

    if isinstance(space, spaces.Discrete):
        return ActionCoding("choices", (), (int(space.n),), (int(space.start),))
    if isinstance(space, spaces.MultiDiscrete):
        counts = tuple(int(n) for n in space.nvec.ravel())
        start = tuple(int(n) for n in np.asarray(space.start).ravel())
        return ActionCoding("choices", tuple(space.shape), counts, start)
    if isinstance(space, spaces.MultiBinary):
        count = int(np.prod(space.shape))
        return ActionCoding("choices", tuple(space.shape), (2,) * count, (0,) * count)
    if isinstance(space, spaces.Box):
        low, high = (
            tuple(float(v) if np.isfinite(v) else None for v in limits.ravel())
            for limits in (space.low, space.high)
        )
        return ActionCoding("numbers", tuple(space.shape), low=low, high=high)
    raise InputError(
        f"actions of the space {type(space).__name__} are not supported: Discrete, MultiDiscrete, MultiBinary "
        "and Box are. Wrap the environment with gymnasium.wrappers.TransformAction"
    )
