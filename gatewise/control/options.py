"""The options of recurrent PPO as one record, under the names of Stable-Baselines3 where it has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Self

from gatewise.control.observations import ObservationCoding
from gatewise.tasks.options import CheckedOptions, Rule, count, number, one_of, whole

ENTROPY_OF_SYMBOLS = 0.03  # the weight of the entropy where observations are symbols


@dataclass(frozen=True)
class Options(CheckedOptions):
    """Arguments of ``RecurrentPPO`` besides the environment and the cell; it says what they mean.

    Raises OptionError for one out of range.
    """

    rules: ClassVar[Mapping[str, Rule]] = {
        "units": count(4_096, optional=False),
        "n_envs": count(4_096, optional=False),
        "n_steps": count(100_000, optional=False),
        "n_epochs": count(1_000, optional=False),
        "n_minibatches": count(4_096, optional=False),
        "learning_rate": number(0, 1),
        "anneal": one_of(True, False),
        "gamma": number(0, 1),
        "gae_lambda": number(0, 1),
        "clip_range": number(0.001, 10),
        "target_kl": number(1e-6, 100, optional=True),
        "ent_coef": number(0, 10, optional=True),
        "vf_coef": number(0, 100),
        "max_grad_norm": number(1e-6, 1e6),
        "burn_in": whole(0, 10_000),
        "shared": one_of(True, False),
        "previous_action": one_of(True, False),
        "previous_reward": one_of(True, False),
        "keep_best": one_of(True, False),
        "pixels": one_of(True, False),
        "normalize_observations": one_of(True, False),
        "normalize_returns": one_of(True, False),
        "seed": whole(0, 2**32 - 1),
    }

    units: int = 64
    n_envs: int = 16
    n_steps: int = 128
    n_epochs: int = 10
    n_minibatches: int = 4
    learning_rate: float = 1e-3
    anneal: bool = False
    gamma: float = 0.99
    gae_lambda: float = 0.95
    clip_range: float = 0.2
    target_kl: float | None = 0.03
    ent_coef: float | None = None
    vf_coef: float = 0.5
    max_grad_norm: float = 0.5
    burn_in: int = 0
    shared: bool = True
    previous_action: bool = False
    previous_reward: bool = False
    keep_best: bool = True
    pixels: bool = True
    normalize_observations: bool = True
    normalize_returns: bool = True
    seed: int = 0

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Self:
        """The options among the arguments of an estimator; whole numbers may stand for numbers."""
        values: dict[str, Any] = {}
        for field in fields(cls):
            value = arguments[field.name]
            is_whole = isinstance(value, int) and not isinstance(value, bool)
            values[field.name] = (
                float(value) if str(field.type).startswith("float") and is_whole else value
            )
        return cls(**values)

    def suited_to(self, observation: ObservationCoding) -> Self:
        """The same, with what depends on the observations where it was left open.

        In worlds of symbols rewards are often rare: a policy that is sure too early would not look around any more.
        """
        if self.ent_coef is not None:
            return self
        return replace(self, ent_coef=ENTROPY_OF_SYMBOLS if observation.has_symbols else 0.0)
