"""A small problem for the training loop, also as a program: ``python -m tests.tasks.toy``."""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from gatewise.nn import LSTM
from gatewise.tasks.training.checkpoint import STATE
from gatewise.tasks.training.loop import train
from gatewise.tasks.training.problem import Problem, Recipe


class Net(nn.Module):
    """An LSTM, dropout and a line."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.rnn, self.dropout, self.line = LSTM(2, 4), nn.Dropout(dropout), nn.Linear(4, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.line(self.dropout(self.rnn(x)[0][-1]))


class Sums(Problem):
    """The mean of a sequence; batches of 1 to 8, so that a process may have no share."""

    def __init__(self) -> None:
        draw = torch.Generator().manual_seed(3)
        self.x = torch.randn(6, 200, 2, generator=draw)
        self.y = self.x.mean((0, 2))[:, None]
        self.weight = 1 + torch.arange(200.0) % 3

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        return rng.integers(0, 150, rng.integers(1, 9))

    def part(self, batch: np.ndarray, rank: int, world: int) -> np.ndarray:
        return batch[rank::world]

    def loss(self, network: nn.Module, part: np.ndarray) -> tuple[Tensor, Tensor]:
        if not len(part):
            return torch.zeros(()), torch.zeros(())
        like = next(network.parameters())
        x, y, weight = (v.to(like) for v in (self.x[:, part], self.y[part], self.weight[part]))
        return (weight[:, None] * (network(x) - y) ** 2).sum(), weight.sum()

    def check(self, network: nn.Module) -> float:
        total, weight = self.loss(network, np.arange(150, 200))
        return (total / weight).item()

    def describe(self, part: np.ndarray) -> str:
        return f"sequence {part[0]}"

    def fingerprint(self) -> str:
        return "sums"


def net(dropout: float = 0.2) -> Net:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return Net(dropout)


def recipe(**changes: object) -> Recipe:
    return Recipe(**{"steps": 120, "learning_rate": 0.02, "seed": 5, "save_every": 0.0} | changes)


def killed(run: Path, until: int | None, seed: int) -> list[int]:
    """Start the training in a child, kill it at a random moment, again and again; the steps it had."""
    train(net(), Sums(), recipe(), until=1)  # imports and kernels, before the clock runs
    moments, reached = random.Random(seed), []
    while len(reached) < 4:
        before = where(run)
        child = os.fork()
        if child == 0:
            train(net(), Sums(), recipe(), until=until, run=run)
            os._exit(0)
        latest = time.monotonic() + 30
        while len(reached) % 2 and where(run) == before and time.monotonic() < latest:
            time.sleep(0.001)  # every other is killed wherever it is
        time.sleep(moments.uniform(0, 0.1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        reached.append(where(run))
    return reached


def where(run: Path) -> int:
    """The step that a run folder stands at."""
    if not (run / STATE).exists():
        return 0
    with safe_open(run / STATE, framework="pt") as file:
        return int(json.loads(file.metadata()["standing"])["step"])


def main(words: list[str]) -> None:
    """``--then`` begins the words of another training, in the same processes."""
    if "--then" in words:
        at = words.index("--then")
        main(words[:at])
        return main(words[at + 1 :])
    options = argparse.ArgumentParser()
    options.add_argument("folder", type=Path)
    options.add_argument("--kill", action="store_true")
    options.add_argument("--until", type=int, nargs="*", default=[0])  # 0: by the stopping span
    options.add_argument("--dropout", type=float, nargs="*", default=[0.2])
    options.add_argument("--precision", default="32-true")
    options.add_argument("--limits", type=float, nargs="*", default=[])  # seconds, of each process
    args = options.parse_args(words)
    torch.set_num_threads(1)
    for until in args.until:
        for dropout in args.dropout:
            one(args, args.folder / f"{until}-{dropout}", until or None, dropout)


def one(args: argparse.Namespace, folder: Path, until: int | None, dropout: float) -> None:
    rank, run = os.environ.get("RANK", "0"), folder / "run"
    told = {"reached": killed(run, until, 7)} if args.kill else {}
    network = net(dropout)
    limit = args.limits[int(rank)] if args.limits else None
    settings = recipe(precision=args.precision, time_limit=limit)
    told["steps"] = train(network, Sums(), settings, until=until, run=run)
    save_file(network.state_dict(), folder / f"weights-{rank}.safetensors")
    if rank == "0":
        (folder / "told.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1:])
