"""Environments with a time limit are set apart, so that a rollout holds all parts of an episode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium.wrappers import TimeLimit

from gatewise.control import RecurrentPPO
from gatewise.control.environments import Environments
from gatewise.control.making import Setting
from gatewise.control.wrappers import limit_of
from tests.control.worlds import Line

SMALL: dict[str, Any] = {"n_envs": 4, "n_steps": 5, "units": 4, "n_epochs": 1}


@pytest.mark.parametrize("workers", [False, True])
def test_first_episodes_are_cut_at_shares_of_the_limit(workers: bool) -> None:
    environments = Environments(Line, Setting(None, max_steps=8), 4, workers, apart=True)
    try:
        environments.reset()
        cuts = np.array([environments.step(np.zeros(4, np.int64)).truncated for _ in range(24)])
    finally:
        environments.close()
    ends = [np.flatnonzero(cuts[:, k]) + 1 for k in range(4)]
    assert [e.tolist() for e in ends] == [[2, 10, 18], [4, 12, 20], [6, 14, 22], [8, 16, 24]]


def test_the_shorter_of_two_limits_counts() -> None:
    assert limit_of(TimeLimit(TimeLimit(Line(), 8), 20)) == 8
    assert limit_of(Line()) is None


def test_without_a_limit_nothing_is_cut() -> None:
    for env, setting in ((lambda: Line(terminates=6), Setting(None)), (Line, Setting(None))):
        environments = Environments(env, setting, 4, apart=True)
        environments.reset()
        moved = [environments.step(np.zeros(4, np.int64)) for _ in range(12)]
        assert not any(m.truncated.any() for m in moved)


def test_what_was_cut_counts_as_no_episode(tmp_path: Path) -> None:
    """An episode of eight steps returns 36; it is saved among the first ones and goes on."""
    learner = RecurrentPPO(Line, max_steps=8, **SMALL)
    learner.learn(20)
    assert learner.history[-1].mean_return is None
    learner.save(tmp_path / "model")
    resumed = RecurrentPPO.load(tmp_path / "model", Line)
    for one in (learner, resumed):
        one.learn(100)
        recent = one._training.recent
        assert len(recent.returns) > 4
        assert set(recent.returns) == {36.0} and set(recent.lengths) == {8}
    assert learner.evaluate(5).lengths == (8,) * 5
