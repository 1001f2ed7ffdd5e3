"""Pictures go through convolutions; everything else is read as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces

from gatewise.control import RecurrentPPO, load
from gatewise.control.encoder import Encoder, Picture, pictures_of
from gatewise.control.observations import coding_of
from tests.tolerances import assert_close

SMALL: dict[str, Any] = {"n_envs": 2, "n_steps": 8, "units": 8, "n_epochs": 1}


class Shows(gymnasium.Env):
    """A picture that is bright on the left or on the right, and where to look; it is to say which side."""

    def __init__(self) -> None:
        self.observation_space = spaces.Dict(
            {
                "eye": spaces.Box(0, 255, (40, 36, 3), np.uint8),
                "at": spaces.Box(-1, 1, (2,), np.float32),
            }
        )
        self.action_space = spaces.Discrete(2)

    def _seen(self) -> Any:
        self.side = int(self.np_random.integers(2))
        picture = np.zeros((40, 36, 3), np.uint8)
        picture[:, 18 * self.side : 18 * self.side + 18] = 200
        return {"eye": picture, "at": np.array([0.25, -0.5], np.float32)}

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        self.at = 0
        return self._seen(), {}

    def step(self, action: Any) -> Any:
        reward = float(int(action) == self.side)
        self.at += 1
        return self._seen(), reward, self.at == 8, False, {}


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((40, 36, 3), (3, 40, 36)),
        ((4, 84, 84), (4, 84, 84)),
        ((84, 90), (1, 84, 90)),
        ((7, 7, 3), None),
        ((128,), None),
    ],
)
def test_what_is_a_picture(shape: tuple[int, ...], size: tuple[int, ...] | None) -> None:
    coding = coding_of(spaces.Box(0, 255, shape, np.uint8))
    assert [p.size for p in pictures_of(coding)] == ([size] if size else [])
    assert not pictures_of(coding_of(spaces.Box(0, 1, shape, np.float32)))


def test_channels_are_found_where_they_lie() -> None:
    values = torch.arange(2 * 3 * 40 * 36, dtype=torch.float32).reshape(2, 3, 40, 36)
    last = values.permute(0, 2, 3, 1).reshape(2, -1)
    assert torch.equal(Picture(0, (40, 36, 3)).of(last), values)
    assert torch.equal(Picture(0, (3, 40, 36)).of(values.reshape(2, -1)), values)
    # two more values before it
    assert torch.equal(
        Picture(2, (3, 40, 36)).of(torch.cat([last[:, :2], values.reshape(2, -1)], 1)), values
    )


def test_each_part_goes_its_way() -> None:
    """A number changes the output in a line; a pixel through both convolutions."""
    encoder = Encoder(36 * 36 + 2, 5, [Picture(1, (36, 36))])
    x = torch.rand(3, 2, 36 * 36 + 2)
    assert encoder(x).shape == (3, 2, 5)
    for place in (0, 36 * 36 + 1):
        moved = x.clone()
        moved[..., place] += 2.0
        column = 0 if place == 0 else 1
        expected = encoder(x) + 2.0 * encoder.linear.weight[:, column - 2]
        assert_close(encoder(moved).detach(), expected.detach(), "float32", "forward")
    moved = x.clone()
    moved[..., 1 : 36 * 36 + 1] = 0.0
    assert not torch.allclose(encoder(moved), encoder(x))


def test_a_policy_that_sees_steps_as_its_network_runs(tmp_path: Path) -> None:
    learner = RecurrentPPO(Shows, **SMALL).learn(32)
    first = learner.policy.network.embeddings[0]
    assert isinstance(first, Encoder)
    env = Shows()
    seen = [env.reset(seed=3)[0]] + [env.step(0)[0] for _ in range(4)]
    learner.save(tmp_path / "model")
    policy, state, values = load(tmp_path / "model"), None, []
    for observation in seen:
        values.append(learner.policy.value(observation, state))
        again, _ = policy.step(observation, state)
        action, state = learner.policy.step(observation, state)
        assert action == again
    read = np.stack([policy.scaled(policy.observation.single(o)) for o in seen])
    start = [torch.from_numpy(m) for m in policy.start(1).memory]
    with torch.no_grad():
        _, expected, _ = policy.network(torch.from_numpy(read), start, None)
    assert_close(np.array(values, np.float32), expected[:, 0].numpy(), "float32", "forward")


def test_pictures_are_learned_from() -> None:
    learner = RecurrentPPO(Shows, n_envs=8, n_steps=16, units=16, n_epochs=4, n_minibatches=2)
    assert learner.learn(4_000).evaluate(16).mean > 7.0  # 4 without a look


def test_without_pixels_every_value_is_a_number_of_its_own() -> None:
    learner = RecurrentPPO(Shows, pixels=False, **SMALL).learn(16)
    assert isinstance(learner.policy.network.embeddings[0], torch.nn.Linear)
    # bytes that never change have no deviation: seen as pictures they are not blown up
    seen = RecurrentPPO(Shows, **SMALL).learn(16).policy
    row = seen.observation.single(Shows().reset(seed=0)[0])
    places = seen.network.pictures[0]
    part = slice(places.first, places.last)
    assert np.array_equal(seen.scaled(row)[:, part], row[:, part])
