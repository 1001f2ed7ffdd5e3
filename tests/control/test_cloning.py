from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from gatewise.control import BehaviourCloning, load
from gatewise.control.cloning import cloning_loss
from gatewise.control.episode_batches import Padded
from gatewise.errors import InputError, OptionError


def recorded(episodes: int = 60, seed: int = 0) -> pd.DataFrame:
    """Someone shows a sign at the first step, and is told it at the last one; between them nothing is seen."""
    rng = np.random.default_rng(seed)
    parts = []
    for k in range(episodes):
        steps, sign = int(rng.integers(3, 9)), int(rng.integers(2))
        shown = np.zeros(steps)
        shown[0] = 2 * sign - 1
        last = np.zeros(steps)
        last[-1] = 1
        action = np.where(last == 1, 1 + sign, 0)
        parts.append(
            pd.DataFrame(
                {
                    "id": f"e{k}",
                    "step": np.arange(steps),
                    "shown": shown,
                    "last": last,
                    "action": action,
                }
            )
        )
    return pd.concat(parts, ignore_index=True).sample(frac=1, random_state=seed)


def test_it_does_what_was_done(tmp_path: Path) -> None:
    table = recorded()
    table.to_parquet(tmp_path / "episodes.parquet")
    model = BehaviourCloning(units=16, steps=400, learning_rate=1e-2)
    model.fit(tmp_path / "episodes.parquet")
    assert model.accuracy == 1.0
    assert model.baseline < 0.9
    model.save(tmp_path / "model")
    policy = load(tmp_path / "model")
    for sign in (0, 1):
        state = None
        for t in range(30):
            seen = np.array([2 * sign - 1 if t == 0 else 0, t == 5], np.float32)
            action, state = policy.step(seen, state)
            if t == 5:
                assert action == 1 + sign


def test_nothing_behind_the_end_of_an_episode_counts() -> None:
    model = BehaviourCloning(units=8, steps=1).fit(recorded(6))
    draw = torch.Generator().manual_seed(0)
    inputs = torch.randn(7, 3, 2, generator=draw)
    actions = torch.randint(3, (7, 3, 1), generator=draw)
    weights = (torch.arange(7)[:, None] < torch.tensor([7, 4, 2])).float()
    loss = cloning_loss(model.policy, Padded(inputs, actions, weights))
    behind = weights == 0
    inputs[behind], actions[behind] = 100.0, 2
    again = cloning_loss(model.policy, Padded(inputs, actions, weights))
    assert loss.item() == again.item()
    alone = [
        cloning_loss(model.policy, Padded(inputs[:n, [k]], actions[:n, [k]], weights[:n, [k]])) * n
        for k, n in enumerate((7, 4, 2))
    ]
    assert loss.item() == pytest.approx(sum(alone).item() / 13, rel=1e-5)


def test_numbers_are_cloned_within_their_limits() -> None:
    rng = np.random.default_rng(0)
    parts = []
    for k in range(40):
        seen = rng.normal(size=12)
        # what is done depends on what was seen a step before
        done = np.concatenate([[0.0], 1.5 * seen[:-1]])
        parts.append(
            pd.DataFrame(
                {"id": k, "step": range(12), "x": seen, "action_0": done, "action_1": -done}
            )
        )
    model = BehaviourCloning(units=24, steps=600, learning_rate=1e-2).fit(pd.concat(parts))
    assert model.accuracy > 0.9
    action, _ = model.policy.step(np.array([0.3], np.float32))
    assert action.shape == (2,)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="action"), "no column action"),
        (lambda t: t.drop(columns="id"), "id"),
        (lambda t: t.assign(action=t["action"] - 1), "whole numbers from 0"),
        (
            lambda t: t.assign(shown=t["shown"].where(t["step"] > 0)),
            "row 1: an observation must be a finite number",
        ),
        (lambda t: t[t["id"] == "e0"], "at least two"),
        (lambda t: pd.concat([t, t.iloc[:1]]), "same step"),
    ],
)
def test_a_table_that_does_not_fit_is_told(change: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        BehaviourCloning(steps=1, units=4).fit(change(recorded(6).sort_values(["id", "step"])))


def test_an_option_out_of_range_is_named() -> None:
    with pytest.raises(OptionError, match="units"):
        BehaviourCloning(units=0)
