"""Where a training stands, as arrays: optimizer, scale of rewards, memory, and the present episodes.

An environment itself cannot be saved. Its episode can be played again: its seed follows from its number, and its
actions are here. So a resumed training continues bit for bit, where episodes follow from seed and actions.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from gatewise.arrays import Array
from gatewise.control.best import best_arrays, best_of
from gatewise.control.environments import Environments
from gatewise.control.moments import moments_of
from gatewise.control.rollout import Running
from gatewise.control.training import Training
from gatewise.tasks.training.checkpoint import under

OPTIMIZER, MEMORY, PAST, BEST = "optimizer.", "memory.", "past.", "best."


def state_arrays(at: Training) -> dict[str, Array]:
    """The arrays of the state of a training."""
    arrays: dict[str, Array] = {
        "recent.returns": np.array(at.recent.returns, dtype=np.float64),
        "share": np.array([at.share]),
        "recent.lengths": np.array(at.recent.lengths, dtype=np.int64),
    }
    for k, values in at.optimizer.state_dict()["state"].items():
        arrays |= {f"{OPTIMIZER}{k}.{name}": v.numpy() for name, v in values.items()}
    scale = at.scale
    if scale is not None:
        arrays |= {"scale.returns": scale.returns} | scale.moments.arrays("scale")
    if at.best is not None:
        arrays |= {BEST + name: array for name, array in best_arrays(at.best).items()}
    running, environments = at.running, at.environments
    if running is None or environments is None or not environments.replays:
        return arrays
    action = at.policy.action
    kind = np.int64 if action.kind == "choices" else np.float32
    taken = [np.array(of, dtype=kind).reshape(len(of), *action.shape) for of in running.actions]
    arrays |= {
        "episodes": np.array(environments.episodes(), dtype=np.int64),
        "actions": np.concatenate(taken),
        "counts": np.array([len(of) for of in taken], dtype=np.int64),
        "inputs": running.inputs,
        "starts": running.starts.astype(np.uint8),
        "action_rows": running.action_rows,
        "rewards": running.rewards,
        "returns": running.returns,
        "lengths": running.lengths,
    }
    arrays |= {f"{MEMORY}{k}": m for k, m in enumerate(running.memory)}
    if running.past is not None:
        memory, inputs, starts = running.past
        arrays |= {"past.inputs": inputs, "past.starts": starts.astype(np.uint8)}
        arrays |= {f"{PAST}memory.{k}": m for k, m in enumerate(memory)}
    return arrays


def restore(at: Training, arrays: Mapping[str, Array]) -> bool:
    """Bring a training back to a state.

    Returns whether its episodes stand where they stood; else new ones begin. Raises KeyError, ValueError or
    RuntimeError for arrays that are missing or do not fit.
    """
    _restore_optimizer(at, under(arrays, OPTIMIZER))
    at.share = float(arrays["share"][0])
    at.recent.returns[:] = arrays["recent.returns"].tolist()
    at.recent.lengths[:] = arrays["recent.lengths"].tolist()
    scale = at.scale
    if scale is not None:
        scale.returns = _shaped(arrays, "scale.returns", scale.returns)
        scale.moments = moments_of(arrays, "scale", 1)
    best = under(arrays, BEST)
    at.best = best_of(best, at.policy) if best else None
    environments = at.environments
    if "episodes" not in arrays or environments is None or not environments.replays:
        return at.updates == 0
    return _restore_episodes(at, environments, arrays)


def _restore_optimizer(at: Training, arrays: Mapping[str, Array]) -> None:
    state = at.optimizer.state_dict()
    parameters = list(at.policy.network.parameters())
    for name, array in arrays.items():
        number, what = name.split(".", 1)
        parameter = parameters[int(number)]
        if what != "step" and array.shape != tuple(parameter.shape):
            raise ValueError(f"{name} does not fit the network")
        state["state"].setdefault(int(number), {})[what] = torch.from_numpy(array.copy())
    at.optimizer.load_state_dict(state)


def _restore_episodes(
    at: Training, environments: Environments, arrays: Mapping[str, Array]
) -> bool:
    count = environments.count
    fresh = at.policy.start(count)
    counts = arrays["counts"]
    if counts.shape != (count,) or arrays["episodes"].shape != (count,) or (counts < 0).any():
        raise ValueError(f"not the episodes of {count} environments")
    if counts.sum() != len(arrays["actions"]):
        raise ValueError("not as many actions as steps")
    actions = [list(of) for of in np.split(arrays["actions"], np.cumsum(counts)[:-1])]
    inputs = environments.replay(arrays["episodes"].tolist(), actions)
    if not np.array_equal(inputs, arrays["inputs"]):
        return False
    memory = tuple(_shaped(arrays, f"{MEMORY}{k}", m) for k, m in enumerate(fresh.memory))
    past = None
    if "past.inputs" in arrays:
        past_memory = tuple(
            _shaped(arrays, f"{PAST}memory.{k}", m) for k, m in enumerate(fresh.memory)
        )
        if arrays["past.inputs"].shape[:2] != arrays["past.starts"].shape:
            raise ValueError("past: inputs and starts of different steps")
        past = past_memory, arrays["past.inputs"].copy(), arrays["past.starts"].astype(bool)
    at.running = Running(
        inputs,
        _shaped(arrays, "starts", np.zeros(count, np.uint8)).astype(bool),
        _shaped(arrays, "action_rows", fresh.action),
        _shaped(arrays, "rewards", np.zeros(count, np.float32)),
        memory,
        _shaped(arrays, "returns", np.zeros(count)),
        _shaped(arrays, "lengths", np.zeros(count, np.int64)),
        actions,
        (arrays["episodes"] == 0) & environments.apart,
        past,
    )
    return True


def _shaped(arrays: Mapping[str, Array], name: str, like: Array) -> Array:
    """A copy of an array. Raises ValueError if it does not look like another one."""
    array = arrays[name]
    if array.shape != like.shape or array.dtype != like.dtype:
        raise ValueError(f"{name} is of the shape {array.shape}, not {like.shape}")
    return array.copy()
