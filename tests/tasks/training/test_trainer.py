"""The trainings of a fit: seeds, folders and the time that they share."""

from __future__ import annotations

from pathlib import Path

import torch

from gatewise.tasks.sequences.options import SequenceOptions
from gatewise.tasks.training.time_budget import Budget
from gatewise.tasks.training.trainer import Trainer
from tests.tasks.toy import Sums, net
from tests.tasks.training.test_loop import same


def trainer(run: Path | None = None, limit: float | None = None) -> Trainer:
    return Trainer(SequenceOptions(), 0.01, 5, Budget(limit, 2), run, None)


def test_a_member_has_its_seed_and_nobody_elses_numbers_move() -> None:
    before = torch.random.get_rng_state()
    networks = [trainer().untrained(lambda: torch.nn.Linear(3, 2), k) for k in (0, 0, 1)]
    assert same(networks[0], networks[1]) and not same(networks[0], networks[2])
    assert torch.equal(before, torch.random.get_rng_state())


def test_a_training_is_told_and_kept_by_its_stage(tmp_path: Path) -> None:
    told: list[str] = []
    of_fit = Trainer(
        SequenceOptions(),
        0.01,
        5,
        Budget(None, 1),
        tmp_path,
        lambda stage, step, loss: told.append(stage),
    )
    training = of_fit.train(net(), Sums(), "training 1 (all)", 0, 20)
    assert set(told) == {"training 1 (all)"} and (tmp_path / "training-1-all").is_dir()
    assert training.curve[-1].step == 20
    least = min(training.curve, key=lambda entry: entry.check or 0.0)
    assert training.step == least.step


def test_trainings_share_the_time() -> None:
    of_fit = trainer(limit=1e-9)
    ended = of_fit.train(net(), Sums(), "training", 0, 50, until=30)
    assert ended.step == 1 and of_fit.budget.stopped == (1, 30)
