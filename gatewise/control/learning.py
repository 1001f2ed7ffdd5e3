"""How a policy is learned: rollouts and updates in turns, until a budget is spent."""

from __future__ import annotations

import time as clock
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from gatewise.control import best
from gatewise.control.environments import Environments
from gatewise.control.history import Entry
from gatewise.control.rollout import Rollout, begin
from gatewise.control.training import LAST, Budget, Training
from gatewise.control.update import Sequences, next_share, update
from gatewise.errors import InputWarning

LOWEST_RATE = 0.1  # of the learning rate, at the end of the schedule
NEVER_ENDS = 20_000  # steps of an environment without the end of an episode


def learn(
    at: Training,
    budget: Budget,
    environments: Environments,
    progress: Callable[[Entry], None] | None = None,
) -> None:
    """Continue a training until its budget is spent; ``progress`` is called after each update.

    Raises InputError for an environment that fails, and TrainingError if a gradient is not a number.
    """
    if at.running is None:
        at.running = begin(environments, at.policy)
        if at.scale is not None:
            at.scale.returns[:] = 0.0
    rollout = Rollout(environments, at.policy, at.scale, at.options, at.running)
    at.handed_out = None
    seconds, spent, begun = at.seconds, budget.spent, clock.monotonic()
    while not _ends(at, budget):
        _update(at, rollout, budget.share(at.frames))
        passed = clock.monotonic() - begun
        at.seconds, budget.spent = seconds + passed, spent + passed
        entry = at.history[-1] = at.history[-1].at(at.seconds)
        if progress is not None:
            progress(entry)
    at.budget = None
    if at.options.keep_best:
        best.hand_out(at)


def _ends(at: Training, budget: Budget) -> bool:
    returns = at.recent.returns
    reached = budget.goal is not None and len(returns) >= LAST
    return budget.share(at.frames) >= 1.0 or (
        reached and float(np.mean(returns)) >= (budget.goal or 0.0)
    )


def _update(at: Training, rollout: Rollout, done: float) -> None:
    """One rollout and what is learned from it; ``done`` is the share of the budget that is spent."""
    options, policy = at.options, at.policy
    # what is drawn depends on the seed and the number of the update alone
    rng = np.random.default_rng((options.seed, at.updates))
    experience, finished = rollout.collect(rng)
    at.follow(finished)
    best.take_up(at)
    falls = (1 - LOWEST_RATE) * min(done, 1.0) if options.anneal else 0.0
    for group in at.optimizer.param_groups:
        group["lr"] = options.learning_rate * (1 - falls) * at.share
    sequences = Sequences.of(experience, policy.action, policy.network)
    figures = update(policy.network, at.optimizer, policy.action, sequences, options, rng)
    at.share = next_share(at.share, figures.done)
    policy.read_weights()
    if at.scale is not None:
        policy.reward_scale = at.scale.deviation
    at.frames += int(experience.valid.sum())
    at.updates += 1
    explained = _explained(experience.returns, experience.values, experience.valid)
    at.history.append(Entry.of(at.updates, at.frames, at.recent, figures, explained))
    _warn(at)


def _warn(at: Training) -> None:
    steps, lengths = at.options.n_steps * at.updates, at.recent.lengths
    if not lengths and NEVER_ENDS <= steps < NEVER_ENDS + at.options.n_steps:
        warnings.warn(
            f"no episode has ended in {steps:,} steps of each environment: returns cannot be followed. Give "
            "episodes a limit with max_steps",
            InputWarning,
            stacklevel=5,
        )
    if at.updates == 1 and lengths and max(lengths) == 1:
        warnings.warn(
            "every episode ended with its first step: there is nothing to remember. Look at what the "
            "environment returns as terminated and truncated",
            InputWarning,
            stacklevel=5,
        )


def _explained(returns: Any, values: Any, valid: Any) -> float | None:
    """How much of the variance of the returns the critic explains; None where they are all the same."""
    wanted, said = returns[valid], values[valid]
    variance = float(wanted.var()) if wanted.size else 0.0
    return 1.0 - float((wanted - said).var()) / variance if variance > 1e-12 else None
