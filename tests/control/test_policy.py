from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gatewise.control import PolicyState, RecurrentPPO, load
from gatewise.errors import InputError


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("control") / "model"
    options: dict[str, Any] = {"n_envs": 4, "n_steps": 32, "units": 16}
    learner = RecurrentPPO(
        "CartPole-v1", hide=(1, 3), previous_action=True, previous_reward=True, **options
    )
    learner.learn(256).save(folder)
    return folder


def test_a_state_is_a_value(model: Path, tmp_path: Path) -> None:
    """It is saved in the middle of an episode; another process goes on with it: the same 1,000 actions."""
    seen = np.random.default_rng(0).normal(0, 0.1, size=(1_100, 2)).astype(np.float32)
    rewards = np.random.default_rng(1).normal(size=1_100)
    policy = load(model)
    state, actions = None, []
    for t in range(1_100):
        if t == 100:
            np.savez(tmp_path / "state.npz", **state.arrays())
            before = [m.copy() for m in state.memory]
        action, new = policy.step(seen[t], state, reward=rewards[t], rng=np.random.default_rng(t))
        if t == 100:
            # the step has left the state as it was
            assert all(np.array_equal(a, b) for a, b in zip(before, state.memory, strict=True))
        state = new
        actions.append(int(action))
    assert len(set(actions)) == 2

    again = load(model)
    with np.load(tmp_path / "state.npz") as arrays:
        state = PolicyState.of(arrays)
    for t in range(100, 1_100):
        action, state = again.step(seen[t], state, reward=rewards[t], rng=np.random.default_rng(t))
        assert int(action) == actions[t], t


def test_side_by_side_is_one_by_one(model: Path) -> None:
    policy = load(model)
    seen = np.random.default_rng(2).normal(0, 0.1, size=(20, 3, 2)).astype(np.float32)
    state, single = None, [None, None, None]
    for t in range(20):
        _, state = policy.step_batch(seen[t], state)
        for k in range(3):
            _, single[k] = policy.step(seen[t, k], single[k])
            np.testing.assert_allclose(
                state.memory[0][k], single[k].memory[0][0], rtol=1e-4, atol=1e-5
            )


def test_actions_are_drawn_where_they_are_asked_for(model: Path) -> None:
    policy = load(model)
    rng = np.random.default_rng(0)
    drawn = {int(policy.step(np.zeros(2, np.float32), rng=rng)[0]) for _ in range(40)}
    assert drawn == {0, 1}


def test_what_does_not_fit_is_refused(model: Path) -> None:
    policy = load(model)
    with pytest.raises(InputError, match=r"\(3,\).*\(2,\)"):
        policy.step(np.zeros(3, np.float32))
    with pytest.raises(InputError, match="no state of a policy"):
        PolicyState.of({"a": np.zeros(3)})
    state = policy.start(3)
    with pytest.raises(InputError, match="state"):
        policy.step(np.zeros(2, np.float32), state)
