"""Killed at any moment, or shared by processes: the weights are those of an undisturbed training."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from gatewise.tasks.runs import METRICS
from gatewise.tasks.training import train
from tests.tasks.toy import Sums, net, recipe

ROOT = Path(__file__).resolve().parents[2]


def start(*words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_random_moments(tmp_path: Path) -> None:
    start("tests.tasks.toy", str(tmp_path), "--kill", "--until", "0", "120")
    for until in (None, 120):
        folder = tmp_path / str(until or 0)
        told = json.loads((folder / "told.json").read_text())
        assert len({step for step in told["reached"] if 0 < step < 120}) >= 2, told
        network, history = net(), []
        assert train(network, Sums(), recipe(), until=until, history=history) == told["steps"]
        found = load_file(folder / "weights-0.safetensors")
        for name, value in network.state_dict().items():
            assert torch.equal(value, found[name]), name
        lines = [json.loads(s) for s in (folder / "run" / METRICS).read_text().splitlines()]
        assert [(n["step"], n["loss"], n["check"]) for n in lines] == [
            (note.step, note.loss, note.check) for note in history
        ]


def test_two_processes_train_as_one(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start(
        "torch.distributed.run", "--nproc-per-node=2", "--rdzv-backend=static",
        "--master-addr=127.0.0.1", f"--master-port={port}",
        "-m", "tests.tasks.toy", str(tmp_path), "--dropout=0", "--precision=64-true",
    )  # fmt: skip
    told = json.loads((tmp_path / "0" / "told.json").read_text())
    network = net(0.0).double()
    assert train(network, Sums(), recipe(precision="64-true")) == told["steps"]
    for rank in range(2):
        found = load_file(tmp_path / "0" / f"weights-{rank}.safetensors")
        for name, value in network.state_dict().items():
            torch.testing.assert_close(value.float(), found[name], rtol=0, atol=1e-7)
