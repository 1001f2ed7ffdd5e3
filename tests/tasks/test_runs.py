"""Killed at any moment, or shared by processes: the weights are those of an undisturbed training."""

from __future__ import annotations

import json
import os
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
    assert done.returncode == 0, done.stderr
    # torch's own sockets may speak of a slow machine; Lightning must not speak at all
    assert "ightning" not in done.stdout + done.stderr
    assert done.stdout == "" and ("torch.distributed.run" in words or done.stderr == "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_random_moments(tmp_path: Path) -> None:
    start("tests.tasks.toy", str(tmp_path), "--kill", "--until", "0", "120")
    for until in (None, 120):
        folder = tmp_path / f"{until or 0}-0.2"
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
    start(
        "torch.distributed.run", "--standalone", "--local-addr=127.0.0.1", "--nproc-per-node=2",
        "-m", "tests.tasks.toy", str(tmp_path), "--dropout", "0", "0.2", "--precision=64-true",
    )  # fmt: skip
    for dropout, pieces in ((0.0, 1), (0.2, 2)):  # dropout is drawn for each piece
        folder = tmp_path / f"0-{dropout}"
        told = json.loads((folder / "told.json").read_text())
        network = net(dropout).double()
        alone = recipe(precision="64-true", pieces=pieces)
        assert train(network, Sums(), alone) == told["steps"]
        for rank in range(2):
            found = load_file(folder / f"weights-{rank}.safetensors")
            for name, value in network.state_dict().items():
                torch.testing.assert_close(value.float(), found[name], rtol=0, atol=1e-7)
    # one process takes over what two have begun, in as many pieces
    assert train(net(0.2), Sums(), recipe(precision="64-true"), run=folder / "run") == told["steps"]


def test_pieces_change_nothing_but_dropout(tmp_path: Path) -> None:
    whole, cut = net(0.0).double(), net(0.0).double()
    train(whole, Sums(), recipe(precision="64-true"), until=30)
    train(cut, Sums(), recipe(precision="64-true", pieces=3), until=30)
    for a, b in zip(whole.parameters(), cut.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-10)
