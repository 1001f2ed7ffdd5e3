"""The loop: best weights, patience, the learning curve, what is written, and losses that are no number."""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import gatewise as gw
from gatewise.errors import InputError, TrainingError
from gatewise.lang import exp
from gatewise.tasks.training import loop
from gatewise.tasks.training.checkpoint import METRICS, STATE, LogEntry
from gatewise.tasks.training.distributed import Processes
from gatewise.tasks.training.loop import train
from tests.tasks.toy import Sums, net, recipe


class Scripted(Sums):
    """The validation loss is what it is told to be."""

    def __init__(self, losses: list[float]) -> None:
        super().__init__()
        self.losses, self.asked = losses, 0

    def check(self, network: nn.Module) -> float:
        self.asked += 1
        return self.losses[self.asked - 1]


def same(one: nn.Module, other: nn.Module) -> bool:
    a, b = one.state_dict(), other.state_dict()
    return all(torch.equal(a[name], b[name]) for name in a)


def test_it_learns() -> None:
    network, history = net(0.0), []
    steps = train(network, Sums(), recipe(steps=300), history=history)
    assert history[0] == LogEntry(0, None, history[0].check, history[0].rate, 0.0)
    assert history[-1].check is not None and history[-1].check < 0.2 * history[0].check
    assert 0 < steps <= 300 and not network.training


def test_the_best_weights_are_kept_and_patience_ends_it() -> None:
    problem, history = Scripted([9, 5, 3, 4, 3, 8, 1]), []
    network = net()
    steps = train(network, problem, recipe(patience=3, checks=12), history=history)
    assert steps == 20  # the second check of 12 in 120 steps; an equal one is not better
    assert [note.step for note in history] == [0, 10, 20, 30, 40, 50]
    again = net()
    assert train(again, Sums(), recipe(), until=20) == 20
    assert same(network, again)


def test_the_first_weights_are_kept_where_training_only_harms() -> None:
    network = net()
    assert train(network, Scripted([1, 2, 3, 4]), recipe(patience=3)) == 0
    assert same(network, net())


def test_so_many_steps_as_were_asked_for() -> None:
    network = net()
    assert train(network, Sums(), recipe(), until=0) == 0
    assert same(network, net())
    history: list[LogEntry] = []
    assert train(network, Scripted([]), recipe(), until=130, history=history) == 130  # never asked
    assert history[-1].step == 130 and all(note.check is None for note in history)


def test_the_seed_decides_and_other_random_numbers_are_left_alone() -> None:
    torch.manual_seed(4)
    before, networks = torch.get_rng_state(), []
    for seed in (5, 5, 6):
        network = net()
        train(network, Sums(), recipe(seed=seed), until=10)
        networks.append(network)
    assert same(networks[0], networks[1]) and not same(networks[0], networks[2])
    assert torch.equal(torch.get_rng_state(), before)


def test_a_step_is_clipped() -> None:
    """With decay and rate fixed, AdamW does not see the size of a gradient, but its history does."""
    free, held = net(0.0), net(0.0)
    train(free, Sums(), recipe(clip=1e9), until=5)
    train(held, Sums(), recipe(clip=1e-3), until=5)
    assert not same(free, held)


@pytest.mark.parametrize("precision", ["64-true", "bf16-mixed"])
def test_other_precisions_come_near(precision: str) -> None:
    plain, other = net(0.0), net(0.0)
    train(plain, Sums(), recipe(), until=40)
    train(other, Sums(), recipe(precision=precision), until=40)
    assert not same(plain, other)
    far = 1e-4 if precision == "64-true" else 0.1
    for a, b in zip(plain.parameters(), other.parameters(), strict=True):
        assert b.dtype == torch.float32
        torch.testing.assert_close(a, b, atol=far, rtol=far)


@pytest.mark.parametrize("wrong", [{"precision": "8-true"}, {"device": "abacus"}])
def test_unknown_options_are_named(wrong: dict[str, str]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong.values()))):
        train(net(), Sums(), recipe(**wrong))


def test_processes_must_divide_the_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    class Two(Processes):
        def __init__(self, device: str, precision: str) -> None:
            super().__init__(device, precision)
            self.world = 2

        def set_up(self, network: nn.Module) -> object:
            return contextlib.nullcontext()

    monkeypatch.setattr(loop, "Processes", Two)
    with pytest.raises(InputError, match="2 processes cannot share 3 pieces of a batch"):
        train(net(), Sums(), recipe(pieces=3))


# --- what is written ----------------------------------------------------------------------------


def test_only_the_run_folder_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    train(net(), Sums(), recipe(), until=20)
    assert not list(tmp_path.iterdir())
    history: list[LogEntry] = []
    train(net(), Sums(), recipe(), run=tmp_path / "a" / "run", history=history)
    files = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    assert files == {f"a/run/{STATE}", f"a/run/{METRICS}"}
    lines = (tmp_path / "a" / "run" / METRICS).read_text().splitlines()
    assert [LogEntry(**json.loads(line)) for line in lines] == history
    assert capfd.readouterr() == ("", "")  # Lightning talks where it is let


def test_progress_is_told_up_to_the_last_step() -> None:
    told: list[tuple[int, float]] = []
    train(net(), Sums(), recipe(), until=50, progress=lambda step, loss: told.append((step, loss)))
    assert told[-1][0] == 50 and all(math.isfinite(loss) for _, loss in told)


def test_a_finished_run_is_taken_as_it_is(tmp_path: Path) -> None:
    first, second, history = net(), net(), []
    steps = train(first, Sums(), recipe(), run=tmp_path)
    before = (tmp_path / METRICS).read_bytes()
    again = train(second, Scripted([]), recipe(), run=tmp_path, history=history)
    assert again == steps and same(first, second)
    assert (tmp_path / METRICS).read_bytes() == before
    assert len(history) == len(before.splitlines())


@pytest.mark.parametrize("other", ["options", "network", "data"])
def test_the_run_of_another_training_is_refused(tmp_path: Path, other: str) -> None:
    train(net(), Sums(), recipe(), until=3, run=tmp_path)
    network, problem, changes = net(), Sums(), {}
    if other == "options":
        changes = {"learning_rate": 0.01}
    elif other == "network":
        network.line.bias.data += 1
    else:
        problem.fingerprint = lambda: "others"  # type: ignore[method-assign]
    with pytest.raises(InputError, match=f"its {other} differ"):
        train(network, problem, recipe(**changes), until=3, run=tmp_path)


def test_a_damaged_state_is_refused(tmp_path: Path) -> None:
    train(net(), Sums(), recipe(), until=3, run=tmp_path)
    whole = (tmp_path / STATE).read_bytes()
    for damaged in (b"", whole[:50], whole[:-3], b"\xff" * 64 + whole[64:]):
        (tmp_path / STATE).write_bytes(damaged)
        with pytest.raises(InputError, match="delete it to start over"):
            train(net(), Sums(), recipe(), until=3, run=tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot write the run to"):
        train(net(), Sums(), recipe(), until=3, run=tmp_path / "file" / "run")


# --- losses that are no number ------------------------------------------------------------------


def test_a_bad_truth_is_traced_to_its_example() -> None:
    problem = Sums()
    problem.y[42] = math.inf
    with pytest.raises(TrainingError, match=r"the loss itself.*for sequence 42: check the val"):
        train(net(), problem, recipe(), until=100)


def test_a_bad_input_is_traced_to_its_example() -> None:
    problem = Sums()
    problem.x[2, 17] = math.nan
    with pytest.raises(TrainingError, match=r"the input of rnn, for sequence 17"):
        train(net(), problem, recipe(), until=200)


class Root(nn.Module):
    """Its value is no number below zero, and its slope none at zero."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.sqrt(x)


def test_a_bad_module_is_named() -> None:
    network = net(0.0)
    network.line = nn.Sequential(network.line, Root())
    with pytest.raises(TrainingError, match=r"It began in line\.1, for sequence"):
        train(network, Sums(), recipe(), until=20)


def test_a_bad_quantity_of_a_cell_is_named() -> None:
    @gw.cell(init={"W.i": 0.0, "W.h": 0.0, "U.h": 0.0, "b.h": 0.0, "b.i": 60.0})
    def bursting(x, /, h, *, W, U, b):  # type: ignore[no-untyped-def]
        """Doubles what it exponentiates at each step: too much for single precision at the second."""
        i = exp(W.i @ x + b.i * (1 + h))
        h = i / (i + 1) + 0 * (W.h @ x + U.h @ h + b.h)
        return h

    network = net(0.0)
    network.rnn = gw.nn.Recurrent(bursting, 2, 4)
    with pytest.raises(TrainingError, match=r"began in rnn \('i' first, at step 2 of"):
        train(network, Sums(), recipe(), until=5)


def test_a_bad_gradient_is_named() -> None:
    network = net(0.0)
    network.line = nn.Sequential(network.line, Root())
    nn.init.zeros_(network.line[0].weight)
    nn.init.zeros_(network.line[0].bias)
    with pytest.raises(TrainingError, match=r"at step 1, but its gradient of .*is not a number"):
        train(network, Sums(), recipe(), until=5)


def test_weights_that_overflow_are_named() -> None:
    with pytest.raises(
        TrainingError, match=r"largest output of the network is .*e\+.*try a lower learning rate"
    ):
        train(net(), Sums(), recipe(learning_rate=1e25, weight_decay=0.0), until=50)
    with pytest.raises(
        TrainingError, match=r"weights stopped being .* before step 2, first in rnn"
    ):
        train(net(), Sums(), recipe(learning_rate=1e38, weight_decay=1e3), until=50)


def test_a_validation_span_without_a_loss_is_named() -> None:
    with pytest.raises(TrainingError, match="validation loss is nan after step 0"):
        train(net(), Scripted([math.nan]), recipe())


def test_batches_are_those_of_the_seed_and_the_step() -> None:
    drawn: list[list[int]] = []

    class Seen(Sums):
        def draw(self, rng: np.random.Generator) -> np.ndarray:
            drawn.append(list(batch := super().draw(rng)))
            return batch

    train(net(), Seen(), recipe(), until=6)
    train(net(), Seen(), recipe(), until=3)
    assert drawn[:3] == drawn[6:] and len({tuple(batch) for batch in drawn[:6]}) == 6
