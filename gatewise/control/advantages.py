"""Advantages: how much better an action was than expected (Schulman et al. 2016, generalised advantage estimation)."""

from __future__ import annotations

import numpy as np

from gatewise.arrays import Bools, Singles


def advantages(
    rewards: Singles,
    values: Singles,
    following: Singles,
    terminated: Bools,
    ended: Bools,
    gamma: float,
    gae_lambda: float,
) -> Singles:
    """A_t = d_t + gamma lambda A_{t+1}, with d_t = r_t + gamma V_{t+1} - V_t.

    Behind the end of an episode nothing follows: A_{t+1} is left out. V_{t+1} is left out only where the episode
    *terminated*. One that was cut (truncated, by a time limit) would have gone on, so the value of its last
    observation stands for what would have come.

    Args:
        rewards, values: [T, B] of each step.
        following: [T, B] the value of the observation that the step led to, before any reset.
        terminated: [T, B] steps after which there is nothing.
        ended: [T, B] steps that ended an episode, terminated or truncated.
        gamma: the discount of a step.
        gae_lambda: 0 trusts the values, 1 the rewards.

    Returns [T, B].
    """
    result = np.zeros_like(rewards)
    differences = rewards + gamma * following * ~terminated - values
    carry = np.zeros(rewards.shape[1], dtype=rewards.dtype)
    for t in range(len(rewards) - 1, -1, -1):
        carry = differences[t] + gamma * gae_lambda * ~ended[t] * carry
        result[t] = carry
    return result
