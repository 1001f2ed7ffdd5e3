"""Killed at any moment, or shared by processes: the weights are those of an undisturbed training."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from gatewise.errors import InputError
from gatewise.tasks.training.checkpoint import METRICS, STATE
from gatewise.tasks.training.loop import train
from tests.forks import Fork, needs_fork
from tests.tasks import toy
from tests.tasks.toy import Sums, net, recipe


@needs_fork
def test_killed_at_random_moments(tmp_path: Path) -> None:
    words = [str(tmp_path), "--kill", "--until", "0", "120"]
    with Fork(partial(toy.main, words), tmp_path / "told") as trained:
        assert trained.wait() == 0, trained.err.read_text()
    assert trained.out.read_text() == trained.err.read_text() == ""
    for until in (None, 120):
        folder = tmp_path / f"{until or 0}-0.2"
        told = json.loads((folder / "told.json").read_text())
        assert len({step for step in told["reached"] if 0 < step < 120}) >= 2, told
        network, history = net(), []
        assert train(network, Sums(), recipe(), until=until, history=history) == told["steps"]
        stored = load_file(folder / "weights-0.safetensors")
        for name, value in network.state_dict().items():
            assert torch.equal(value, stored[name]), name
        lines = [json.loads(s) for s in (folder / "run" / METRICS).read_text().splitlines()]
        assert [(n["step"], n["loss"], n["check"]) for n in lines] == [
            (note.step, note.loss, note.check) for note in history
        ]


def test_pieces_change_nothing_but_dropout(tmp_path: Path) -> None:
    whole, cut = net(0.0).double(), net(0.0).double()
    train(whole, Sums(), recipe(precision="64-true"), until=30)
    train(cut, Sums(), recipe(precision="64-true", pieces=3), until=30)
    for a, b in zip(whole.parameters(), cut.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-10)


def test_damaged_states_are_named(tmp_path: Path) -> None:
    run = tmp_path / "run"
    train(net(), Sums(), recipe(), until=5, run=run)
    state = run / STATE
    with safe_open(state, framework="pt") as file:
        header = file.metadata()
    tensors, good = load_file(state), state.read_bytes()

    def refused() -> None:
        with pytest.raises(InputError, match="is damaged"):
            train(net(), Sums(), recipe(), until=5, run=run)

    standing = json.loads(header["standing"])
    for change in (
        {"step": "5"},
        {"step": None},
        {"notes": [{"step": 1}]},
        {"notes": "[" * 5000},
        {"best": []},
    ):
        save_file(tensors, state, header | {"standing": json.dumps(standing | change)})
        refused()
    for text in ("", "[" * 5000, "null", "\ud800".encode("utf-8", "replace").decode()):
        save_file(tensors, state, header | {"standing": text})
        refused()
    for data in (b"", good[:100], b"\xff" * 100):
        state.write_bytes(data)
        refused()
    state.unlink()
    os.mkfifo(state)  # nobody writes into it: to open it would take forever
    refused()
    state.unlink()
    state.symlink_to("/dev/zero")
    refused()
    state.unlink()
    state.write_bytes(good)
    train(net(), Sums(), recipe(), until=5, run=run)


def test_a_run_is_not_written_through_links(tmp_path: Path) -> None:
    mine = tmp_path / "thesis.txt"
    mine.write_text("years of work")
    run = tmp_path / "run"
    run.mkdir()
    for name in (STATE, METRICS, STATE + ".new", METRICS + ".new"):
        (run / name).symlink_to("../thesis.txt")
    (run / STATE).unlink()
    train(net(), Sums(), recipe(), until=5, run=run)
    assert mine.read_text() == "years of work"
    assert {p.name for p in run.iterdir() if not p.is_symlink()} == {STATE, METRICS}
