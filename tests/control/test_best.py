"""A training that ends worse than it was hands out the policy that did best."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gatewise.control import RecurrentPPO
from gatewise.control.best import hand_out, take_up
from gatewise.control.history import Entry
from tests.control.worlds import Line

SMALL: dict[str, Any] = {"n_envs": 4, "n_steps": 16, "units": 8, "n_epochs": 1}


def learner(**more: Any) -> RecurrentPPO:
    return RecurrentPPO(lambda: Line(terminates=2), **(SMALL | more))


def weights(one: RecurrentPPO) -> list[torch.Tensor]:
    return [w.clone() for w in one.policy.network.state_dict().values()]


def equal(one: list[torch.Tensor], other: list[torch.Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_the_policy_that_acted_is_kept_until_a_better_one() -> None:
    one = learner().learn(1)
    at = one._training
    at.best = None
    at.recent.returns = [1.0] * 99
    take_up(at)
    assert at.best is None  # not yet a hundred
    at.recent.returns = [1.0] * 100
    take_up(at)
    first, best = weights(one), at.best
    one.learn(1)
    assert not equal(first, weights(one))
    at.best, at.handed_out = best, None
    at.recent.returns = [0.9] * 100
    take_up(at)
    assert at.best is not None and at.best.mean_return == 1.0
    assert hand_out(at)
    assert equal(first, weights(one))
    assert one.handed_out == at.best.update == 1


@pytest.mark.parametrize(("shift", "goes_back"), [(0.1, False), (0.5, True)])
def test_chance_is_no_reason_to_go_back(shift: float, goes_back: bool) -> None:
    """The deviation of a return is 1, of the mean of a hundred 0.1; two of those are the least."""
    one = learner().learn(1)
    at = one._training
    at.recent.returns = [-1.0, 1.0] * 50
    at.best = None
    take_up(at)
    at.recent.returns = [-1.0 - shift, 1.0 - shift] * 50
    assert hand_out(at) is goes_back


@pytest.mark.parametrize("keep_best", [True, False])
def test_learn_ends_with_the_best(keep_best: bool) -> None:
    one = learner(keep_best=keep_best)
    acted: dict[int, list[torch.Tensor]] = {}

    def spoil(entry: Entry) -> None:
        acted[entry.update] = weights(one)
        if entry.update == 5:  # all that follows counts as worse
            assert one._training.environments is not None
            one._training.recent.returns = [-5.0] * 100
            best = one._training.best
            assert best is not None and best.mean_return == 3.0

    one.learn(7 * 64, progress=spoil)
    best = one._training.best
    assert best is not None and one.updates == 7
    assert equal(weights(one), acted[best.update]) is keep_best
    assert (one.handed_out == best.update) is keep_best
    if keep_best:
        moments = one.policy.moments
        assert moments is not None and best.moments is not None
        assert np.array_equal(moments.mean, best.moments.mean)


def test_the_best_travels_with_the_training(tmp_path: Path) -> None:
    one = learner().learn(300)
    best = one._training.best
    assert best is not None
    one.save(tmp_path / "model")
    other = RecurrentPPO.load(tmp_path / "model", lambda: Line(terminates=2))._training.best
    assert other is not None
    assert (other.mean_return, other.update) == (best.mean_return, best.update)
    assert all(torch.equal(best.weights[n], other.weights[n]) for n in best.weights)
