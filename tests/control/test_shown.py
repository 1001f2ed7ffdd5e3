"""The report, the probe and the film."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces
from PIL import Image

from gatewise.control import RecurrentPPO
from gatewise.control.episode import Episode, run_episode
from gatewise.control.film import film
from gatewise.control.making import Setting
from gatewise.control.probe import probe
from gatewise.control.report.page import report
from gatewise.extras import MissingExtra
from tests.control.worlds import Line, Recall

SMALL: dict[str, Any] = {"n_envs": 2, "n_steps": 16, "units": 4, "n_epochs": 1}


class Drawn(Recall):
    """An environment that draws itself."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 30}  # noqa: RUF012

    def __init__(self, render_mode: str | None = None) -> None:
        super().__init__(steps=6)
        self.render_mode = render_mode

    def render(self) -> Any:
        picture = np.zeros((24, 32, 3), np.uint8)
        picture[:, : 5 * self.at] = 255
        return picture


def test_a_film_of_what_the_environment_draws(tmp_path: Path) -> None:
    learner = RecurrentPPO(Drawn, **SMALL)
    path = tmp_path / "episode.gif"
    episode, remark = film(learner.policy, Drawn, learner.setting, path, seed=1)
    assert remark == ""
    with Image.open(path) as picture:
        assert picture.n_frames == 6 == len(episode.rewards)
        assert picture.size == (32, 24)


def test_a_film_of_charts_where_it_cannot(tmp_path: Path) -> None:
    learner = RecurrentPPO(Recall, **SMALL)
    path = tmp_path / "episode.gif"
    _, remark = film(learner.policy, Recall, learner.setting, path, seed=1)
    assert "the film shows charts" in remark
    with Image.open(path) as picture:
        assert picture.n_frames == 4
        frames = []
        for k in (0, 3):
            picture.seek(k)
            frames.append(np.asarray(picture.convert("RGB")).astype(int))
    # a line moves along
    assert np.abs(frames[0] - frames[1]).max() > 50


def test_mp4_names_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatewise.control.film.installed", lambda name: False)
    learner = RecurrentPPO(Recall, **SMALL)
    with pytest.raises(MissingExtra, match="pip install imageio-ffmpeg"):
        film(learner.policy, Recall, learner.setting, tmp_path / "e.mp4", seed=1)


def test_an_episode_is_written_down() -> None:
    from gatewise.control.wrappers import Hide

    class Two(Line):
        def __init__(self) -> None:
            super().__init__(terminates=4)
            self.observation_space = spaces.Box(-np.inf, np.inf, (2,), np.float32)

        def _seen(self) -> Any:
            return np.array([self.at, 10 * self.at], np.float32)

    setting = Setting(None, hide=(1,))
    learner = RecurrentPPO(Two, hide=(1,), **SMALL)
    env = setting.wrapped(Two())
    assert isinstance(env, Hide)
    episode = run_episode(learner.policy, env, 0)
    assert episode.observations[:, 0].tolist() == [0, 1, 2, 3]
    assert episode.hidden[:, 0].tolist() == [0, 10, 20, 30]
    assert episode.rewards.tolist() == [1, 2, 3, 4] and episode.terminated
    assert episode.memory.shape == (4, 8)


def played(steps: int, seed: int, knows: bool) -> Episode:
    """The memory of someone who knows the hidden number from the third step on, or never."""
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=(steps, 1)).astype(np.float32)
    memory = rng.normal(size=(steps, 3)).astype(np.float32)
    if knows:
        memory[2:, 1] = 4 * hidden[2:, 0] + 1
    seen = rng.normal(size=(steps, 2)).astype(np.float32)
    zeros = np.zeros(steps)
    return Episode(seen, seen, hidden, memory, zeros[:, None], zeros, True, ())


def test_the_probe_tells_what_the_memory_holds() -> None:
    knows = probe([played(6, k, True) for k in range(80)], (0,))
    assert (knows.explained[2:] > 0.9).all() and (knows.explained[:2] < 0.5).all()
    ignorant = probe([played(6, k, False) for k in range(80)], (0,))
    assert (ignorant.explained < 0.3).all()


def test_without_anything_hidden_it_reads_the_past_back() -> None:
    episodes = []
    for k in range(40):
        one = played(12, k, False)
        memory = np.zeros((12, 4), np.float32)
        memory[:, :2] = one.observations
        memory[2:, 2:] = one.observations[:-2]  # of two steps before
        episodes.append(
            Episode(
                *(getattr(one, n) for n in ("observations", "inputs", "hidden")),
                memory,
                one.actions,
                one.rewards,
                True,
                (),
            )
        )
    probed = probe(episodes, ())
    assert probed.by_lag and probed.at.tolist() == list(range(6))
    shares = probed.explained[:, 0]
    assert shares[0] > 0.99 and shares[2] > 0.9 and shares[1] < 0.1 and shares[3] < 0.1


def test_the_report_is_a_page_that_stands_by_itself() -> None:
    learner = RecurrentPPO("CartPole-v1", hide=(1, 3), cell="gru", **SMALL).learn(64)
    text = report(learner, learner.evaluate(4), "gatewise fit control CartPole-v1 --hide 1,3")
    ET.fromstring(text.replace("<!DOCTYPE html>", ""))
    assert "CartPole-v1" in text and "--hide 1,3" in text
    # the bytes of a picture may hold any letters
    links = re.sub(r"base64,[A-Za-z0-9+/=\s]+", "", text)
    assert "<script" not in text and "//" not in links.replace("http://www.w3.org", "")
    for word in ("Return against frames", "What it knows of what is hidden", "number 3"):
        assert word in text
