from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from gatewise.control import BehaviourCloning, RecurrentPPO
from gatewise.errors import InputError
from tests.control.worlds import Line, Recall

SMALL: dict[str, Any] = {"n_envs": 4, "n_steps": 16, "units": 8, "n_epochs": 2}


def test_what_was_learned_in_an_easier_world_is_begun_with() -> None:
    options = {"n_envs": 16, "n_steps": 32, "units": 16, "learning_rate": 5e-3}
    with RecurrentPPO(lambda: Recall(3), **options) as easier:
        easier.learn(8_192)
    before = [p.detach().clone() for p in easier.policy.network.parameters()]
    with RecurrentPPO(lambda: Recall(4), start_from=easier.policy, seed=1, **options) as learner:
        assert learner.frames == 0 and not learner.history
        seen = np.array([1.0, 0.0], np.float32)
        assert learner.policy.value(seen) == easier.policy.value(seen)
        learner.learn(2_048)
        assert learner.evaluate(64).mean == 1.0
    # it was copied: what is learned later is not learned by the policy that it came from
    assert all(
        torch.equal(a, b) for a, b in zip(before, easier.policy.network.parameters(), strict=True)
    )


def test_a_policy_that_was_cloned_is_begun_with() -> None:
    """The table tells the sign at the first step, and the action of the last one is the sign."""
    rows = [
        {"id": e, "step": t, "x": (2.0 * (e % 2) - 1) * (t == 0), "at": t / 4, "action": e % 2}
        for e in range(40)
        for t in range(4)
    ]
    cloning = BehaviourCloning(units=16, learning_rate=1e-2).fit(pd.DataFrame(rows))
    with RecurrentPPO(Recall, units=16, start_from=cloning.policy) as learner:
        assert learner.evaluate(32).mean == 1.0


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"units": 16}, "lstm of 8 units, .*and this learner .*16 units"),
        ({"cell": "gru"}, "1 x lstm.* 1 x gru"),
        ({"shared": False}, "1 x lstm.* 2 x lstm"),
        ({"previous_action": True}, "reading the last action"),
        ({"normalize_observations": False}, "observations as they are"),
        ({"env": Line}, "another environment"),
    ],
)
def test_a_policy_that_does_not_fit_is_refused(other: dict[str, Any], message: str) -> None:
    with RecurrentPPO(Recall, **SMALL) as learner, pytest.raises(InputError, match=message):
        RecurrentPPO(**({"env": Recall} | SMALL | other), start_from=learner.policy)


def test_what_is_no_policy_is_refused() -> None:
    folder: Any = "model"
    with pytest.raises(InputError, match="load reads, not str"):
        RecurrentPPO(Recall, start_from=folder, **SMALL)
