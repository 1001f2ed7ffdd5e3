"""Training, recipes, results and the table, on the smallest experiments."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import gatewise as gw
from gatewise import lab
from gatewise.errors import CellError, InputError
from gatewise.lab import recipes, results, table
from gatewise.lab.experiment import Setting
from gatewise.lab.network import LabNetwork
from gatewise.lab.training import train
from gatewise.lang import sigmoid, tanh


def one(
    name: str, cell: Any = "lstm", recipe: str = "plain", seconds: float = 20, **fields: Any
) -> lab.Result:
    experiment = lab.make(name, "small", fields)
    cell = gw.cells.get(cell) if isinstance(cell, str) else cell
    (result,) = lab.run(experiment, [cell], recipe, [0], seconds)
    return result


@pytest.fixture(scope="module")
def solved() -> lab.Result:
    return one("2c", recipe="chrono", T=20, kinds=4)


def test_a_run_is_solved_by_its_criterion(solved: lab.Result) -> None:
    assert solved.solved and not solved.note
    assert solved.figures["wrong"] == 0 and solved.figures["of"] == 10_000
    assert solved.help == ["chrono 20"]
    assert solved.sequences == solved.updates * 16 >= 2000
    assert solved.fields == {"T": 20, "kinds": 4}
    assert 50 < len(solved.curve) <= 200
    assert solved.curve[-1][1] < 0.2 < solved.curve[0][1]
    assert set(solved.versions) == {"gatewise", "python", "torch", "numpy"}


def test_the_gap_grows_stage_by_stage() -> None:
    result = one("2c", recipe="grow", T=60, kinds=4)
    assert result.solved
    assert [gap for gap, _, _ in result.stages] == [20, 60]
    assert result.help == ["chrono 60", "growing gap"]


def test_an_elman_network_fails_and_its_best_figure_is_told() -> None:
    result = one("2c", "rnn", T=40, kinds=4, seconds=0.5)
    assert not result.solved
    assert result.note.startswith("stopped after 0.5 s at a gap of 40")
    assert result.figures["wrong"] > 100


def test_runs_with_the_same_seed_are_equal(solved: lab.Result) -> None:
    torch.manual_seed(99)  # what others draw changes nothing
    again = one("2c", recipe="chrono", T=20, kinds=4)
    assert (again.sequences, again.figures) == (solved.sequences, solved.figures)


def test_a_network_that_answers_wrong_is_not_passed() -> None:
    experiment = lab.make("2c", fields={"T": 10, "kinds": 4})
    tested = experiment.test(lambda batch: 1.0 - batch.targets, np.random.default_rng(0), 100)
    assert not tested.passed and tested.figures["wrong"] == 100
    assert experiment.test(lambda batch: batch.targets, np.random.default_rng(0), 100).passed
    nan = experiment.test(lambda batch: batch.targets * np.nan, np.random.default_rng(0), 100)
    assert not nan.passed


def oracle(experiment: Any) -> Any:
    """Answers a batch right."""

    def answer(batch: Any) -> Any:
        if batch.legal is not None:
            return batch.legal
        if experiment.name == "3c":
            return np.where(batch.notes == 1, 0.2, 0.8)[:, None]
        if batch.targets.ndim == 1:
            return np.eye(experiment.outputs)[batch.targets]
        return batch.targets

    return answer


def guess(experiment: Any) -> Any:
    return lambda batch: np.full((len(batch.steps), experiment.outputs), 0.5)


def test_every_experiment_passes_an_oracle_and_refuses_a_guess() -> None:
    """The criterion accepts the right answers and nothing that knows only the shape of the answer."""
    for name in lab.names():
        small = lab.make(name, "small").prepare(np.random.default_rng(0))

        assert small.test(oracle(small), np.random.default_rng(1), 50).passed, name
        assert not small.test(guess(small), np.random.default_rng(1), 50).passed, name


# --- recipes --------------------------------------------------------------------------------------------


def network(cell: str, name: str = "copy") -> tuple[LabNetwork, Any]:
    experiment = lab.make(name, "small")
    return LabNetwork(gw.cells.get(cell), experiment, replace(experiment.setting, H=8)), experiment


def test_help_is_named_and_applied() -> None:
    net, experiment = network("lstm")
    added = recipes.help_of(experiment, "grow")
    said = recipes.start(net, experiment, added, "grow")
    assert said == [
        "orthogonal U",
        "forget bias 5",
        "gates start shut on the blank, by 9",
        "growing gap",
        "50% shorter gaps mixed in",
        "learning rate falls with the gap",
        "loss on the recalled places",
    ]
    views = net.recurrent.equation_parameters()
    blank = experiment.blank
    assert (views["W.f"][:, blank] - views["W.f"][:, 0]).mean() > 4
    assert (views["W.i"][:, blank] - views["W.i"][:, 0]).mean() < -4


def test_help_that_a_cell_cannot_have_is_not_named() -> None:
    net, experiment = network("rnn")
    said = recipes.start(net, experiment, recipes.help_of(experiment, "grow"), "grow")
    assert "forget bias 5" not in said and "growing gap" in said


def test_chrono_without_a_gate_is_a_result_that_says_why() -> None:
    result = one("2c", "rnn", recipe="chrono", T=10)
    assert not result.solved and result.sequences == 0
    assert result.note.startswith(
        "cannot: chrono_ cannot start rnn: rnn has no quantity that multiplies"
    )


@pytest.mark.parametrize("name", gw.cells.names())
def test_every_cell_of_the_catalogue_ends_in_a_result(name: str) -> None:
    result = one("6a", name, T=20, seconds=0.02)
    assert result.note.startswith(("stopped after", "cannot: ealstm needs the input s"))
    assert all(np.isfinite(v) for v in result.figures.values())


def test_a_cell_that_explodes_ends_in_a_sentence() -> None:
    @gw.cell
    def exploding(x, /, h, *, W):  # type: ignore[no-untyped-def]
        h = 100 * h * h + W @ x
        return h

    result = one("6a", exploding, T=20)
    assert result.note.startswith(("the loss became", "the gradient overflowed"))


def test_a_cell_of_ones_own() -> None:
    @gw.cell
    def mine(x, /, h, c, *, W, U, b):  # type: ignore[no-untyped-def]
        f = sigmoid(W.f @ x + U.f @ h + b.f)
        c = f * c + (1 - f) * tanh(W.z @ x + U.z @ h + b.z)
        h = tanh(c)
        return h, c

    assert one("2c", mine, recipe="chrono", T=20, kinds=4).solved


def test_a_test_leaves_the_stream_of_training_where_it_was() -> None:
    experiment = lab.make("msd", "small")
    net = LabNetwork(gw.cells.lstm, experiment, Setting(H=4, B=2))
    batches = experiment.source_of(np.random.default_rng(0), 2)
    net(next(batches))
    before = net._state
    with net.tested():
        experiment.test(net.answer, np.random.default_rng(1))
    assert net._state is before
    net(next(batches))


def test_unknown_recipe() -> None:
    with pytest.raises(InputError, match="Did you mean 'chrono'"):
        list(lab.run(lab.make("2c", "small"), [gw.cells.lstm], "chorno"))


def test_training_raises_for_a_cell_that_cannot() -> None:
    experiment = lab.make("2c", "small")
    with pytest.raises(CellError):
        train(gw.cells.ealstm, experiment, experiment.setting, "plain", 0, 1.0)


# --- results and the table ------------------------------------------------------------------------------


def test_results_are_lines_of_json(tmp_path: Path, solved: lab.Result) -> None:
    path = tmp_path / "lab.jsonl"
    results.append(path, solved)
    results.append(path, replace(solved, seed=1))
    assert len(path.read_text().splitlines()) == 2
    first, second = lab.read([path])
    assert second.seed == 1
    assert json.loads(first.to_json()) == json.loads(solved.to_json())


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 1: not JSON"),
        ("[]", "not a result"),
        ('{"schema": 7}', "schema 7"),
        ('{"schema": 1, "experiment": 3}', "experiment is missing"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "lab.jsonl"
    path.write_text(line)
    with pytest.raises(InputError, match=message):
        lab.read([path])


def test_recipes_have_columns_of_their_own(solved: lab.Result) -> None:
    base = replace(
        solved, experiment="2c", fields={"T": 1000, "kinds": 50}, sequences=4000, cpu=3.0
    )
    runs = [
        base,
        replace(base, seed=1, sequences=6000, cpu=5.0),
        replace(
            base, recipe="plain", solved=False, figures={"wrong": 1000, "of": 2000}, note="stopped"
        ),
        replace(
            base, cell="rnn", recipe="chrono", solved=False, figures={}, note="cannot: no gate"
        ),
    ]
    lstm, rnn = table.rows(runs)
    assert lstm["chrono"] == "2/2, 5,000 seqs, 4 s, 0 wrong of 10,000"
    assert lstm["plain"] == "0/1, 1000 wrong of 2,000"
    assert lstm["grow"] == ""
    assert lstm["published"] == "LSTM 1997: 203,000 sequences"
    assert rnn["chrono"] == "cannot: no gate" and rnn["published"] == ""
    assert "203,000" in table.text(runs) and table.markdown(runs).count("\n") == 3


def test_every_experiment_has_a_published_figure_or_says_none() -> None:
    from gatewise.lab.published import PUBLISHED

    assert set(PUBLISHED) <= set(lab.names())
    assert set(lab.names()) - set(PUBLISHED) == {"nmsd"}


# --- all of them ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", lab.names())
def test_every_experiment_runs(name: str) -> None:
    result = one(name, seconds=1e-6)
    assert result.updates == 0 and result.note.startswith("stopped after")
    experiment = lab.make(name, "small").prepare(np.random.default_rng(0))
    net = LabNetwork(gw.cells.gru, experiment, replace(experiment.setting, H=4, B=4))
    batches = experiment.source_of(np.random.default_rng(0), 4)
    losses = [
        net.loss_of(net(batch), batch).item() for batch, _ in zip(batches, range(2), strict=False)
    ]
    assert np.isfinite(losses).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", lab.names())
def test_the_whole_table_at_small_size(name: str) -> None:
    """An LSTM solves each by one of the recipes; what stays open at this size is written down here."""
    solved = any(
        one(name, recipe=recipe, seconds=30).solved for recipe in ("plain", "chrono", "grow")
    )
    assert solved or name in ("digits", "permuted-digits", "copy")
