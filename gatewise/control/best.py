"""The policy that did best is kept, so that a training which ends worse does not hand out what it ended with."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import numpy as np
import torch

from gatewise.arrays import Array
from gatewise.control.moments import Moments, moments_of
from gatewise.control.policy import Policy
from gatewise.control.training import LAST, Best, Training

CLEARLY = 2.0  # standard errors of a mean return
WEIGHTS, MOMENTS = "weights.", "moments"


def take_up(at: Training) -> None:
    """Keep the policy that has just acted, if its last 100 episodes are better than any 100 before.

    It is called before the update that follows: what comes out of it has not acted yet.
    """
    returns = at.recent.returns
    if len(returns) < LAST:
        return
    mean = float(np.mean(returns))
    if at.best is not None and mean <= at.best.mean_return:
        return
    weights = {n: w.detach().clone() for n, w in at.policy.network.state_dict().items()}
    moments, scale = copy.deepcopy(at.policy.moments), at.policy.reward_scale
    at.best = Best(mean, at.updates, weights, moments, scale)


def hand_out(at: Training) -> bool:
    """Go back to the best policy, if the last 100 episodes are clearly worse: by two standard errors of their mean."""
    best, returns = at.best, at.recent.returns
    if best is None or len(returns) < LAST:
        return False
    error = float(np.std(returns)) / len(returns) ** 0.5
    if float(np.mean(returns)) >= best.mean_return - CLEARLY * error:
        return False
    policy: Policy = at.policy
    policy.network.load_state_dict(best.weights)
    policy.moments, policy.reward_scale = copy.deepcopy(best.moments), best.reward_scale
    policy.read_weights()
    at.handed_out = best.update
    return True


def best_arrays(best: Best) -> dict[str, Array]:
    """As named arrays."""
    arrays: dict[str, Array] = {
        "figures": np.array([best.mean_return, best.update, best.reward_scale])
    }
    arrays |= {WEIGHTS + name: weight.numpy() for name, weight in best.weights.items()}
    if best.moments is not None:
        arrays |= best.moments.arrays(MOMENTS)
    return arrays


def best_of(arrays: Mapping[str, Array], policy: Policy) -> Best:
    """From ``best_arrays``. Raises KeyError or ValueError for arrays that are missing or do not fit."""
    weights = {}
    for name, like in policy.network.state_dict().items():
        array = arrays[WEIGHTS + name]
        if array.shape != tuple(like.shape) or not np.isfinite(array).all():
            raise ValueError(f"{name} does not fit the network")
        weights[name] = torch.from_numpy(array.copy())
    moments: Moments | None = None
    if policy.moments is not None:
        moments = moments_of(arrays, MOMENTS, len(policy.moments.mean))
    mean, update, scale = arrays["figures"].tolist()
    return Best(mean, int(update), weights, moments, scale)
