"""A training shared by two processes: it is that of one, and ends in both at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from gatewise.tasks.training.loop import train
from tests.tasks.toy import Sums, net, recipe
from tests.tasks.training.test_checkpoint import start


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of trainings in two processes, started once: with and without dropout, and with a clock."""
    folder = tmp_path_factory.mktemp("shared")
    start(
        "torch.distributed.run",
        "--standalone",
        "--local-addr=127.0.0.1",
        "--nproc-per-node=2",
        "-m",
        "tests.tasks.toy",
        str(folder),
        "--dropout",
        "0",
        "0.2",
        "--precision=64-true",
        "--then",
        str(folder),
        "--until",
        "1000000",
        "--limits",
        "1e9",
        "0.2",
    )
    return folder


def test_two_processes_train_as_one(shared: Path) -> None:
    for dropout, pieces in ((0.0, 1), (0.2, 2)):  # dropout is drawn for each piece
        folder = shared / f"0-{dropout}"
        told = json.loads((folder / "told.json").read_text())
        network = net(dropout).double()
        alone = recipe(precision="64-true", pieces=pieces)
        assert train(network, Sums(), alone) == told["steps"]
        for rank in range(2):
            stored = load_file(folder / f"weights-{rank}.safetensors")
            for name, value in network.state_dict().items():
                torch.testing.assert_close(value.float(), stored[name], rtol=0, atol=1e-7)
    # one process takes over what two have begun, in as many pieces
    assert train(net(0.2), Sums(), recipe(precision="64-true"), run=folder / "run") == told["steps"]


def test_processes_end_at_the_same_step(shared: Path) -> None:
    """The clock of one of them is enough."""
    folder = shared / "1000000-0.2"
    assert 0 < json.loads((folder / "told.json").read_text())["steps"] < 1_000_000
    weights = [load_file(folder / f"weights-{rank}.safetensors") for rank in range(2)]
    for name, value in weights[0].items():
        assert value.equal(weights[1][name])
