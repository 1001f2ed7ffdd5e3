from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from gymnasium import spaces

import gatewise as gw
from gatewise.control import RecurrentPPO, load
from gatewise.control.update import next_share
from gatewise.errors import GatewiseError, InputError, InputWarning, OptionError
from gatewise.lang import tanh
from tests.control.worlds import Line, Recall, Spaces

SMALL: dict[str, Any] = {"n_envs": 4, "n_steps": 16, "units": 8, "n_epochs": 2}


def weights(learner: RecurrentPPO) -> list[torch.Tensor]:
    return [p.detach().clone() for p in learner.policy.network.parameters()]


def same(one: RecurrentPPO, other: RecurrentPPO) -> bool:
    return all(torch.equal(a, b) for a, b in zip(weights(one), weights(other), strict=True))


def test_it_learns_to_remember() -> None:
    """The sign is shown at the first step and asked for at the last; without a memory half is right."""
    options = {"n_envs": 16, "n_steps": 32, "units": 16, "learning_rate": 5e-3}
    with RecurrentPPO(Recall, cell="lstm", **options) as learner:
        before = learner.evaluate(64).mean
        learner.learn(8_192)
        after = learner.evaluate(64)
    assert before < 0.8
    assert after.mean == 1.0
    assert after.lengths == (4,) * 64
    with RecurrentPPO(Recall, cell=forgetful, **options) as learner:
        assert learner.learn(8_192).evaluate(64).mean < 0.8


@gw.cell
def forgetful(x, /, h, *, W, b):
    """A layer that remembers nothing."""
    h = tanh(W.h @ x + b.h)
    return h


def test_the_same_seed_is_the_same_policy() -> None:
    one, other, third = (RecurrentPPO(Recall, seed=s, **SMALL).learn(200) for s in (3, 3, 4))
    assert same(one, other)
    assert not same(one, third)


VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "everything": {
        "burn_in": 8,
        "previous_action": True,
        "previous_reward": True,
        "shared": False,
        "cell": "gru",
    },
    "workers": {"workers": True},
    "as they are": {"normalize_observations": False, "normalize_returns": False, "anneal": True},
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("at", [1, 4])
def test_a_training_that_was_saved_goes_on_bit_for_bit(
    variant: str, at: int, tmp_path: Path
) -> None:
    """CartPole: episodes of any lengths stand in the middle when the training is saved."""
    folder = tmp_path / "model"
    options = SMALL | {"hide": (1, 3), "seed": 5} | VARIANTS[variant]
    whole = RecurrentPPO("CartPole-v1", **options)

    def keep(entry: Any) -> None:
        if entry.update == at:
            whole.save(folder)

    whole.learn(380, progress=keep)
    resumed = RecurrentPPO.load(folder, workers="workers" in VARIANTS[variant])
    assert resumed.updates == at and resumed.interrupted
    resumed.learn()
    assert not resumed.interrupted
    assert resumed.frames == whole.frames == 384
    assert same(whole, resumed)
    returns = [[e.mean_return for e in one.history] for one in (whole, resumed)]
    assert returns[0] == returns[1]
    for learner in (whole, resumed):
        learner.close()


def test_the_callers_random_numbers_are_left_alone() -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    RecurrentPPO(Recall, **SMALL).learn(64)
    assert torch.equal(torch.rand(3), expected)


def test_an_environment_that_is_not_determined_begins_anew(tmp_path: Path) -> None:
    class Random(Recall):
        def _seen(self) -> Any:
            return np.random.default_rng().normal(size=2).astype(np.float32)

    learner = RecurrentPPO(lambda: Random(steps=50), **SMALL).learn(64)
    learner.save(tmp_path / "model")
    with pytest.warns(InputWarning, match="new episodes"):
        resumed = RecurrentPPO.load(tmp_path / "model", lambda: Random(steps=50))
    resumed.learn(64)
    assert resumed.frames == 128


def test_a_goal_ends_it() -> None:
    learner = RecurrentPPO(lambda: Line(terminates=2), **SMALL)
    learner.learn(100_000, goal=3.0)
    assert learner.frames < 1_000
    assert learner.history[-1].mean_return == 3.0


def test_frames_and_time_are_limits() -> None:
    learner = RecurrentPPO(lambda: Line(terminates=2), **SMALL)
    assert learner.learn(65).frames == 128
    assert learner.learn(1).frames == 192
    learner.learn(time=1e-6)
    assert learner.frames == 256
    for bad in ({}, {"frames": 0}, {"frames": 1.5}, {"time": 0}, {"time": float("nan")}):
        with pytest.raises(OptionError):
            learner.learn(**bad)


def test_predict_takes_stable_baselines_form() -> None:
    learner = RecurrentPPO("CartPole-v1", **SMALL).learn(64)
    seen = np.random.default_rng(0).normal(size=(6, 3, 4)).astype(np.float32)
    starts = np.zeros((6, 3), bool)
    starts[3, 1] = True
    state, said = None, []
    for t in range(6):
        action, state = learner.predict(seen[t], state, episode_start=starts[t])
        assert action.shape == (3,)
        said.append(state.memory[0])
    # row 1 begins again at step 3
    state = None
    for t in range(3, 6):
        _, state = learner.predict(seen[t, [1]], state)
        np.testing.assert_allclose(state.memory[0][0], said[t][1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("cell", ["gru", "slstm", "janet", "minlstm"])
def test_any_cell(cell: str, tmp_path: Path) -> None:
    learner = RecurrentPPO(Recall, cell=cell, **SMALL).learn(128)
    learner.save(tmp_path / "model")
    policy = load(tmp_path / "model")
    action, _ = policy.step(np.zeros(2, np.float32))
    assert action in (0, 1)


def test_an_option_out_of_range_is_named() -> None:
    for name, value in {
        "units": 0,
        "n_envs": 1.5,
        "gamma": 1.1,
        "burn_in": -1,
        "shared": 1,
        "seed": -1,
        "learning_rate": "fast",
        "max_steps": 0,
        "hide": (1.5,),
    }.items():
        with pytest.raises(OptionError, match=name):
            RecurrentPPO("CartPole-v1", **{name: value})
    with pytest.raises(OptionError, match="burn_in"):
        RecurrentPPO("CartPole-v1", n_steps=8, burn_in=9)
    with pytest.raises(GatewiseError, match="lstm"):
        RecurrentPPO("CartPole-v1", cell="lstmm")


def test_what_never_ends_and_what_ends_at_once_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatewise.control.learning.NEVER_ENDS", 32)
    with pytest.warns(InputWarning, match="no episode has ended"):
        RecurrentPPO(Line, **SMALL).learn(256)
    with pytest.warns(InputWarning, match="first step"):
        RecurrentPPO(lambda: Line(terminates=1), **SMALL).learn(64)
    monkeypatch.setattr("gatewise.control.evaluation.LONGEST", 50)
    learner = RecurrentPPO(Line, **SMALL)
    with pytest.raises(InputError, match="max_steps"):
        learner.evaluate(2)
    assert RecurrentPPO(Line, max_steps=7, **SMALL).evaluate(3).lengths == (7, 7, 7)


def test_an_update_ends_when_the_policy_has_moved_far_enough() -> None:
    """Steps of the optimizer are counted: the first minibatch always counts."""
    options = SMALL | {"n_epochs": 5, "n_minibatches": 2, "learning_rate": 1e-2}
    counts, rates = [], []
    for target in (None, 100.0, 1e-6):
        learner = RecurrentPPO(Recall, target_kl=target, **options).learn(64)
        states = learner._training.optimizer.state_dict()["state"]
        counts.append(int(states[0]["step"]))
        rates.append(learner._training.share)
        assert learner.history[-1].done == counts[-1] / 10
    assert counts[0] == counts[1] == 10 and rates[:2] == [1.0, 1.0]
    assert 1 <= counts[2] < 10
    assert rates[2] < 1.0  # the next update takes smaller steps


def test_steps_grow_again_when_updates_come_to_their_end() -> None:
    share = 1.0
    for _ in range(100):
        share = next_share(share, 0.5)
    assert 0.0 < share < 0.05
    for _ in range(100):
        share = next_share(share, 1.0)
    assert share == 1.0


@pytest.mark.parametrize(
    ("space", "chosen"),
    [(spaces.Box(0, 255, (2, 3, 1), np.uint8), 0.03), (spaces.Box(0, 1, (2,), np.float32), 0.0)],
    ids=["symbols", "numbers"],
)
def test_worlds_of_symbols_are_explored(space: spaces.Box, chosen: float) -> None:
    def make() -> Spaces:
        return Spaces(space, spaces.Discrete(2))

    assert RecurrentPPO(make, **SMALL).options.ent_coef == chosen
    assert RecurrentPPO(make, ent_coef=0.5, **SMALL).options.ent_coef == 0.5
