"""A training shared by two processes: it is that of one, and ends in both at once."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from gatewise.tasks.training.loop import train
from tests.tasks.toy import Sums, net, recipe

ROOT = Path(__file__).resolve().parents[3]
TOY = ("-m", "tests.tasks.toy")
TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--local-addr=127.0.0.1")


def start(words: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
    )


def by_torchrun(words: Sequence[str]) -> list[subprocess.Popen[str]]:
    return [start([*TORCHRUN, "--nproc-per-node=2", *TOY, *words], {})]


def by_variables(words: Sequence[str]) -> list[subprocess.Popen[str]]:
    """With what torchrun tells a process, and without torchrun, which takes as long as a process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {
        "TORCHELASTIC_RUN_ID": "none",
        "WORLD_SIZE": "2",
        "LOCAL_WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }
    ranks = ({"RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(2))
    return [start([*TOY, *words], shared | rank) for rank in ranks]


@pytest.fixture(
    scope="module", params=[by_variables, pytest.param(by_torchrun, marks=pytest.mark.slow)]
)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of trainings in two processes, started once: with and without dropout, and with a clock."""
    folder = tmp_path_factory.mktemp("shared")
    first = [str(folder), "--dropout", "0", "0.2", "--precision=64-true"]
    second = [str(folder), "--until", "1000000", "--limits", "1e9", "0.2"]
    processes = request.param([*first, "--then", *second])
    try:
        for process in processes:
            told, errors = process.communicate(timeout=120)
            assert process.returncode == 0, errors
            # torch's own sockets may speak of a slow machine; Lightning must not speak at all
            assert told == "" and "ightning" not in errors
    finally:
        for process in processes:
            process.kill()
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
