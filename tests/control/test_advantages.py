from __future__ import annotations

import numpy as np
import pytest

from gatewise.control.advantages import advantages
from gatewise.control.environments import Environments
from gatewise.control.making import Setting
from gatewise.control.options import Options
from gatewise.control.policy import make_policy
from gatewise.control.rollout import Rollout, begin
from gatewise.tasks.options import single_input_cell
from tests.control.worlds import Line


def column(*values: float) -> np.ndarray:
    return np.array(values, np.float32)[:, None]


def test_by_hand() -> None:
    """Three steps, the second of which ends an episode; gamma 0.5, lambda 0.5."""
    rewards, values = column(1, 2, 3), column(4, 5, 6)
    following = column(5, 10, 7)  # behind the end: what the last observation is worth
    ended = column(0, 1, 0).astype(bool)
    # d0 = 1 + 0.5*5 - 4, d2 = 3 + 0.5*7 - 6; truncated: d1 = 2 + 0.5*10 - 5, terminated: d1 = 2 - 5
    for terminated, second in ((ended, -3.0), (np.zeros_like(ended), 2.0)):
        gained = advantages(rewards, values, following, terminated, ended, 0.5, 0.5)
        assert gained[:, 0].tolist() == [-0.5 + 0.25 * second, second, 0.5]


@pytest.mark.parametrize("truncates", [True, False])
def test_a_rollout_bootstraps_what_was_cut_and_only_that(truncates: bool) -> None:
    """At a cut, the advantage holds the value of the last observation, computed with the memory of that moment."""
    ends = {"truncates": 3} if truncates else {"terminates": 3}
    options = Options(n_envs=2, n_steps=5, units=8, normalize_returns=False, gamma=0.9)
    environments = Environments(lambda: Line(**ends), Setting(None), 2)
    cell = single_input_cell("gru", "")
    policy = make_policy(cell, environments.observation, environments.action, options)
    policy.moments = None
    rollout = Rollout(environments, policy, None, options, begin(environments, policy))
    experience, finished = rollout.collect(np.random.default_rng(0))
    assert finished.returns == [6.0, 6.0] and finished.lengths == [3, 3]

    # the values of the first episode of environment 0, step by step, by the policy itself
    state, values = None, []
    for k in range(4):
        values.append(policy.value(np.array([k], np.float32), state))
        _, state = policy.step(np.array([k], np.float32), state)
    np.testing.assert_allclose(experience.values[:3, 0], values[:3], rtol=1e-5, atol=1e-6)
    last = values[3] if truncates else 0.0
    assert experience.advantages[2, 0] == pytest.approx(3 + 0.9 * last - values[2], abs=1e-5)
    assert experience.starts[:, 0].tolist() == [True, False, False, True, False]
