"""When a test is due in training, which gaps a growing gap goes through, and at which rate."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

import gatewise as gw
from gatewise import lab
from gatewise.arrays import Array
from gatewise.lab import training
from gatewise.lab.experiment import Criterion
from gatewise.lab.network import LabNetwork
from gatewise.lab.progress import Curve, Progress

RIGHT, WRONG = np.zeros(4, bool), np.array([True, False, False, False])


def after(*batches: Array, wrong: int = 0) -> Progress:
    """The last 40 sequences may have so many wrong ones."""
    progress = Progress(Criterion(last=40, wrong=wrong), 40)
    for batch in batches:
        progress.update(batch, 0.0)
    return progress


def test_the_last_sequences_count() -> None:
    assert not after(*[RIGHT] * 9).test_is_due()  # too few
    assert after(*[RIGHT] * 10).test_is_due()
    assert not after(*[RIGHT] * 9, WRONG).test_is_due()
    assert after(*[RIGHT] * 9, WRONG, wrong=1).test_is_due()
    assert after(WRONG, *[RIGHT] * 10).test_is_due()  # the wrong one lies further back


def test_the_error_is_a_running_mean() -> None:
    seen = Progress(Criterion(last=0, error=0.1, decay=0.5), 0)
    for _ in range(10):
        seen.update(RIGHT, 1.0)
    assert seen.error == 1.0 and not seen.test_is_due()
    for _ in range(4):
        seen.update(RIGHT, 0.0)
    assert seen.error == 1 / 16 and seen.test_is_due()


def test_a_failed_test_puts_the_next_one_off() -> None:
    seen = after(*[RIGHT] * 20)
    seen.put_off(2)
    seen.update(RIGHT, 0.0)
    assert not seen.test_is_due()
    seen.update(RIGHT, 0.0)
    assert seen.test_is_due()


def test_a_curve_stays_short() -> None:
    curve = Curve()
    for k in range(1, 5000):
        curve.draw(k, 16 * k, 1 / k)
    apart = np.diff([n for n, _ in curve.points])
    assert 100 < len(curve.points) <= 200 and len(set(apart)) == 1


@pytest.mark.parametrize(("T", "gaps"), [(300, 8), (1000, 9), (1, 0), (2, 0)])
def test_gaps_grow_by_the_same_factor(T: int, gaps: int) -> None:
    stages = lab.make("copy", fields={"T": T}).stages()
    assert stages[-1] == T and len(stages) == gaps + 1
    assert all(1 < b / a <= 2.1 for a, b in pairwise(stages))


def test_the_rate_falls_with_the_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    rates: list[float] = []
    monkeypatch.setattr(
        torch.optim.Adam, "step", lambda self: rates.append(self.param_groups[0]["lr"])
    )
    monkeypatch.setattr(Progress, "test_is_due", lambda self: self.updates == 1)
    monkeypatch.setattr(training._Run, "_test", lambda *a, **k: training.Tested(True, {"wrong": 0}))
    experiment = lab.make("adding", fields={"T": 800})
    outcome = training.train(
        gw.cells.gru, experiment, experiment.setting, "grow", seed=0, seconds=60
    )
    assert [T for T, _, _ in outcome.stages] == [50, 126, 317, 800]
    assert rates[0] == experiment.setting.lr
    assert rates[-1] == pytest.approx(rates[0] / 2)  # (800 / 50) ** 0.25


def test_symbols_start_as_far_apart_as_the_setting_says() -> None:
    experiment = lab.make("2c")
    torch.manual_seed(0)
    network = LabNetwork(gw.cells.lstm, experiment, experiment.setting)
    assert network.embedding is not None
    assert network.embedding.weight.std().item() == pytest.approx(
        experiment.setting.spread, rel=0.1
    )
