from __future__ import annotations

import multiprocessing
import os
import signal
import time
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from gatewise.control import RecurrentPPO
from gatewise.control.environments import Environments
from gatewise.control.making import Setting
from gatewise.control.observations import coding_of
from gatewise.control.options import Options
from gatewise.control.policy import make_policy
from gatewise.control.rollout import Experience, Rollout, begin
from gatewise.errors import InputError, InputWarning
from gatewise.tasks.options import single_input_cell
from tests.control.worlds import Line, Misbehaves, Recall, Spaces

PLAIN = Setting(None)


@pytest.mark.parametrize("workers", [False, True])
@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("nan", "environment 0 gave nan as number 0 of its observation, at step 3"),
        ("reward", "environment 0 gave the reward inf at step 3"),
        ("shape", r"observation of the shape \(2,\).* says \(1,\)"),
        ("raise", "failed at step 3: RuntimeError: the motor is stuck"),
    ],
)
def test_what_misbehaves_is_told(how: str, message: str, workers: bool) -> None:
    environments = Environments(lambda: Misbehaves(how), PLAIN, 2, workers)
    try:
        environments.reset()
        with pytest.raises(InputError, match=message):
            for _ in range(5):
                environments.step(np.zeros(2, np.int64))
    finally:
        environments.close()
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("how", ["exit", "kill"])
def test_a_dead_worker_is_told_within_a_second_and_leaves_no_orphan(how: str) -> None:
    environments = Environments(
        lambda: Misbehaves("exit") if how == "exit" else Line(), PLAIN, 3, workers=True
    )
    environments.reset()
    children = multiprocessing.active_children()
    assert len(children) == 3
    environments.step(np.zeros(3, np.int64))
    if how == "kill":
        os.kill(children[1].pid, signal.SIGKILL)
    begun = time.monotonic()
    with pytest.raises(
        InputError, match=r"worker of environment \d has died with exit code (7|-9)"
    ):
        for _ in range(5):
            environments.step(np.zeros(3, np.int64))
    assert time.monotonic() - begun < 10.0  # a second, and the rest for a busy machine
    assert not multiprocessing.active_children()


def test_workers_leave_ctrl_c_to_the_parent() -> None:
    environments = Environments(Line, PLAIN, 2, workers=True)
    try:
        environments.reset()
        for child in multiprocessing.active_children():
            assert child.pid is not None
            os.kill(child.pid, signal.SIGINT)
        moved = environments.step(np.zeros(2, np.int64))
        assert moved.rewards.tolist() == [1.0, 1.0]
    finally:
        environments.close()
    assert not multiprocessing.active_children()


def test_workers_learn_the_same() -> None:
    options: dict[str, Any] = {"n_envs": 3, "n_steps": 16, "units": 8, "n_epochs": 1}
    with (
        RecurrentPPO(Recall, **options) as one,
        RecurrentPPO(Recall, workers=True, **options) as other,
    ):
        one.learn(150)
        other.learn(150)
        for a, b in zip(
            one.policy.network.parameters(), other.policy.network.parameters(), strict=True
        ):
            assert np.array_equal(a.detach().numpy(), b.detach().numpy())
    assert not multiprocessing.active_children()


# --- vector environments ----------------------------------------------------------------------------


def collected(env: Any, count: int = 2) -> Experience:
    options = Options(n_envs=count, n_steps=12, units=8, normalize_returns=False)
    environments = Environments(env, PLAIN, count)
    cell = single_input_cell("lstm", "")
    policy = make_policy(cell, environments.observation, environments.action, options)
    policy.moments = None
    rollout = Rollout(environments, policy, None, options, begin(environments, policy))
    experience, _ = rollout.collect(np.random.default_rng(0))
    return experience


@pytest.mark.parametrize("ends", [{"terminates": 3}, {"truncates": 3}], ids=["terminated", "cut"])
def test_both_ways_to_begin_again_are_learned_from_alike(ends: dict[str, int]) -> None:
    """One begins an episode in the step that ends one, the other in the place of the next: that step counts nowhere."""
    makers = [lambda: Line(**ends)] * 2
    same = collected(SyncVectorEnv(makers, autoreset_mode=AutoresetMode.SAME_STEP))
    later = collected(SyncVectorEnv(makers, autoreset_mode=AutoresetMode.NEXT_STEP))
    assert same.valid.all()
    assert later.valid[:, 0].tolist() == [True, True, True, False] * 3
    assert later.starts[:, 0].tolist() == [True, False, False, False] * 3
    # three episodes of three steps each, step by step
    for name in ("inputs", "values", "advantages", "returns"):
        one, other = getattr(same, name)[:9], getattr(later, name)[later.valid].reshape(9, 2, -1)
        np.testing.assert_allclose(one.reshape(9, 2, -1), other, rtol=1e-5, atol=1e-6, err_msg=name)


def test_a_vector_environment_learns_and_says_what_it_cannot() -> None:
    vector = gymnasium.make_vec("CartPole-v1", 3, vectorization_mode="vector_entry_point")
    learner = RecurrentPPO(vector, n_steps=16, units=8, n_epochs=1)
    assert learner.learn(100).frames >= 100
    with pytest.raises(InputError, match="vector environment"):
        learner.evaluate(3)
    with pytest.raises(InputError, match="wrap those inside"):
        RecurrentPPO(vector, hide=(1,))
    disabled = SyncVectorEnv([Line], autoreset_mode=AutoresetMode.DISABLED)
    with pytest.raises(InputError, match="SAME_STEP"):
        RecurrentPPO(disabled)


class OfStableBaselines:
    """A vector environment in the form of Stable-Baselines3."""

    def __init__(self, count: int, **ends: int) -> None:
        self.num_envs, self.envs = count, [Line(**ends) for _ in range(count)]
        self.observation_space, self.action_space = Line().observation_space, Line().action_space

    def seed(self, seed: int) -> None: ...
    def step_async(self, actions: Any) -> None: ...
    def step_wait(self) -> None: ...
    def env_method(self, name: str) -> None: ...

    def reset(self) -> Any:
        return np.stack([e.reset()[0] for e in self.envs])

    def step(self, actions: Any) -> Any:
        seen, rewards, ended, infos = [], [], [], []
        for env, action in zip(self.envs, actions, strict=True):
            observation, reward, terminated, truncated, info = env.step(action)
            if terminated or truncated:
                info = {"terminal_observation": observation, "TimeLimit.truncated": truncated}
                observation, _ = env.reset()
            seen.append(observation)
            rewards.append(reward)
            ended.append(terminated or truncated)
            infos.append(info)
        return np.stack(seen), np.array(rewards), np.array(ended), infos


@pytest.mark.parametrize("ends", [{"terminates": 3}, {"truncates": 3}], ids=["terminated", "cut"])
def test_those_of_stable_baselines_are_the_same(ends: dict[str, int]) -> None:
    one = collected(OfStableBaselines(2, **ends))
    other = collected(
        SyncVectorEnv([lambda: Line(**ends)] * 2, autoreset_mode=AutoresetMode.SAME_STEP)
    )
    for name in ("inputs", "starts", "advantages", "returns", "valid"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


# --- spaces -----------------------------------------------------------------------------------------

OBSERVATIONS = {
    "image": (spaces.Box(0, 255, (4, 3), np.uint8), 12),
    "grid": (spaces.Box(0, 10, (2, 3, 2), np.uint8), 192),
    "choice": (spaces.Discrete(5, start=2), 5),
    "choices": (spaces.MultiDiscrete([3, 4]), 7),
    "bits": (spaces.MultiBinary(6), 6),
    "tuple": (spaces.Tuple([spaces.Discrete(3), spaces.Box(-1, 1, (2,))]), 5),
    "dict": (
        spaces.Dict(
            {"eye": spaces.Box(-1, 1, (2, 2)), "hand": spaces.Dict({"grip": spaces.Discrete(2)})}
        ),
        6,
    ),
}
ACTIONS = {
    "choice": spaces.Discrete(3, start=-1),
    "choices": spaces.MultiDiscrete([3, 2]),
    "table": spaces.MultiDiscrete([[3, 2], [2, 4]]),
    "bits": spaces.MultiBinary(3),
    "numbers": spaces.Box(np.float32([-2, 0]), np.float32([2, 5])),
    "no limits": spaces.Box(-np.inf, np.inf, (2,), np.float32),
}


@pytest.mark.parametrize("kind", OBSERVATIONS)
def test_observations(kind: str) -> None:
    space, width = OBSERVATIONS[kind]
    learner = RecurrentPPO(
        lambda: Spaces(space, spaces.Discrete(2)), n_envs=2, n_steps=8, n_epochs=1, units=4
    )
    assert learner.policy.observation.width == width
    learner.learn(16)
    action, state = learner.policy.step(space.sample())
    learner.policy.step(space.sample(), state)
    assert action in (0, 1)
    assert learner.evaluate(3).returns == (5.0, 5.0, 5.0)


def test_choices_become_one_out_of_their_values() -> None:
    space, _ = OBSERVATIONS["tuple"]
    learner = RecurrentPPO(lambda: Spaces(space, spaces.Discrete(2)), n_envs=1)
    coding = learner.policy.observation
    row = coding.single((2, np.array([0.25, -0.5], np.float32)))
    assert row.tolist() == [[0, 0, 1, 0.25, -0.5]]
    assert coding.scaled.tolist() == [False, False, False, True, True]
    with pytest.raises(InputError, match="not one of 0 to 2"):
        coding.single((3, np.zeros(2)))
    with pytest.raises(InputError, match="no part"):
        coding.single(7)


def test_small_grids_of_bytes_are_symbols_and_rare_ones_are_scaled_up() -> None:
    space = spaces.Box(0, 255, (2, 3, 1), np.uint8)
    coding = coding_of(space)
    grid = np.array([[1, 0, 5], [15, 2, 1]], np.uint8)[..., None]
    row = coding.single(grid).reshape(6, 16)
    assert row.argmax(1).tolist() == [1, 0, 5, 15, 2, 1]
    assert row.sum() == 6
    assert coding.scaled.all()
    with pytest.warns(InputWarning, match="small grid of bytes.*not told apart"):
        assert coding.single(grid + np.uint8(200)).reshape(6, 16).argmax(1).tolist() == [15] * 6
    # what has one axis, is large, or is no byte, is read as numbers
    for other in (((128,), np.uint8), ((3, 40, 40), np.uint8), ((2, 3, 1), np.float32)):
        assert coding_of(spaces.Box(0, 255, *other)).leaves[0].kind == "numbers"


@pytest.mark.parametrize("kind", ACTIONS)
@pytest.mark.parametrize("previous", [False, True])
def test_actions(kind: str, previous: bool) -> None:
    """The environment asserts that each is one of its space."""
    space = ACTIONS[kind]
    seen = spaces.Box(-1, 1, (2,), np.float32)
    learner = RecurrentPPO(
        lambda: Spaces(seen, space),
        n_envs=2,
        n_steps=8,
        n_epochs=2,
        units=4,
        previous_action=previous,
    )
    learner.learn(32)
    action, _ = learner.policy.step(seen.sample(), rng=np.random.default_rng(0))
    assert space.contains(action)
    coding = learner.policy.action
    drawn = coding.code(action[None])
    np.testing.assert_allclose(coding.decode(drawn)[0], action, rtol=1e-5)


def test_what_is_drawn_beyond_a_limit_is_clipped() -> None:
    learner = RecurrentPPO(
        lambda: Spaces(spaces.Box(-1, 1, (1,), np.float32), ACTIONS["numbers"]), n_envs=1
    )
    decode = learner.policy.action.decode
    assert decode(np.array([[0.0, 0.0]], np.float32)).tolist() == [[0.0, 2.5]]
    assert decode(np.array([[9.0, -9.0]], np.float32)).tolist() == [[2.0, 0.0]]


def test_a_space_that_is_not_supported_is_named() -> None:
    box, text = spaces.Box(-1, 1, (1,), np.float32), spaces.Text(5)
    with pytest.raises(InputError, match=r"actions of the space Text.*TransformAction"):
        RecurrentPPO(lambda: Spaces(box, text))
    with pytest.raises(InputError, match=r"space Text have no fixed size.*FilterObservation"):
        RecurrentPPO(lambda: Spaces(text, spaces.Discrete(2)))


def test_what_is_no_environment_is_told() -> None:
    with pytest.raises(InputError, match=r"a name of Gymnasium such as 'CartPole-v1'.* not int"):
        RecurrentPPO(3)
    with pytest.raises(InputError, match="must make an environment"):
        RecurrentPPO(lambda: 3)
    with pytest.raises(InputError, match="CartPole-v1"):
        RecurrentPPO("CartPole-v9")
    with pytest.raises(InputError, match="FlattenObservation"):
        RecurrentPPO(lambda: Spaces(spaces.Box(-1, 1, (2, 2)), spaces.Discrete(2)), hide=(0,))
    with pytest.raises(InputError, match="numbers 0 to 3"):
        RecurrentPPO("CartPole-v1", hide=(4,))


def test_an_environment_that_is_an_object_is_copied() -> None:
    env = Recall()
    env.reset(seed=0)
    RecurrentPPO(env, n_envs=2, n_steps=8, n_epochs=1, units=4).learn(16)
    assert env.at == 0

    class Stubborn(Recall):
        def __deepcopy__(self, memo: Any) -> Any:
            raise TypeError("there is one of me")

    with pytest.raises(InputError, match="a function that makes one"):
        RecurrentPPO(Stubborn())


def test_a_model_of_another_environment_is_refused() -> None:
    learner = RecurrentPPO("CartPole-v1", hide=(1, 3), n_envs=1)
    from gatewise.control.evaluation import evaluate

    with pytest.raises(InputError, match=r"trained on another environment.*\(2,\).*\(4,\)"):
        evaluate(learner.policy, "CartPole-v1", PLAIN, 2)
    with pytest.raises(InputError, match=r"its actions are choices of \[2\]"):
        evaluate(learner.policy, lambda: Spaces(spaces.Box(-1, 1, (2,)), ACTIONS["bits"]), PLAIN, 2)
