"""A training may begin with what was learned elsewhere: in an easier environment, or from recorded episodes."""

from __future__ import annotations

import copy

from gatewise.control.evaluation import check_same
from gatewise.control.policy import Policy
from gatewise.errors import InputError


def take_over(policy: Policy, learned: Policy) -> None:
    """Give a new policy the weights of another one, and the means and deviations of its observations.

    How it was trained is left behind: the optimizer, the scale of rewards and the mean returns begin anew.

    Raises InputError, with both, if one reads, does or computes what the other does not.
    """
    if not isinstance(learned, Policy):
        raise InputError(
            f"start_from is a policy, such as gatewise.control.load reads, not {type(learned).__name__}"
        )
    check_same(learned, policy.observation, policy.action)
    wanted, present = _described(policy), _described(learned)
    if wanted != present or _shapes(policy) != _shapes(learned):
        raise InputError(
            f"start_from has {present}, and this learner {wanted}: make it with the same cell and options"
        )
    policy.network.load_state_dict(learned.network.state_dict())
    policy.moments = copy.deepcopy(learned.moments)
    policy.read_weights()


def _described(policy: Policy) -> str:
    memories = policy.network.memories
    memory = policy.network.memory(0)
    also = [
        *(["the last action"] if policy.reads.previous_action else []),
        *(["the last reward"] if policy.reads.previous_reward else []),
    ]
    return ", ".join(
        [
            f"{len(memories)} x {memory.cell.name} of {memory.plan.widths[0]} units",
            "observations as they are" if policy.moments is None else "scaled observations",
            *([f"reading {' and '.join(also)}"] if also else []),
        ]
    )


def _shapes(policy: Policy) -> tuple[str, dict[str, tuple[int, ...]]]:
    """The equations and the sizes of all weights."""
    shapes = {name: tuple(w.shape) for name, w in policy.network.state_dict().items()}
    return policy.network.memory(0).cell.to_json(), shapes
