"""Random configurations of LSTM, GRU and RNN and of their cells against torch.nn: where are we slower?

    python -m benchmarks.sweep SEED SECONDS [--clock cpu]

Each configuration is measured in turns with PyTorch's module of the same weights; the ratio is PyTorch's
median time to ours. ``python -m benchmarks sweep`` takes seeds that follow the day, so that nothing is
tuned to them.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import torch
from torch.nn.utils.rnn import pack_padded_sequence

import gatewise as gw
from benchmarks.report import say
from benchmarks.timing import clock, use_clock

SECONDS = 240.0
EACH = 0.25
# multiply-adds of the largest configuration
MOST = 3e9
# ratios that are counted
SLOWER, MUCH_SLOWER = 0.95, 0.8


@dataclass(frozen=True)
class Configuration:
    """One module, its input and what is done with it."""

    kind: str
    training: bool
    shape: tuple[int, int, int, int]
    dtype: str
    packed: bool
    options: dict[str, Any]

    @property
    def steps(self) -> int:
        return self.shape[1]

    @property
    def cell(self) -> bool:
        """Whether it is a module for one step."""
        return self.kind.endswith("Cell")

    def __str__(self) -> str:
        words = [self.kind, "train" if self.training else "infer", str(self.shape), self.dtype]
        words += ["packed"] if self.packed else []
        words += [f"{name}={value}" for name, value in self.options.items()]
        return " ".join(words)


def drawn(rng: random.Random) -> Configuration:
    """A configuration that is not too large."""
    while True:
        kind = rng.choice(
            ("LSTM", "LSTM", "LSTM", "GRU", "GRU", "RNN", "RNN", "LSTMCell", "GRUCell", "RNNCell")
        )
        batch, steps = rng.choice((1, 2, 4, 8, 16, 64, 200)), rng.choice((1, 2, 10, 50, 200))
        inputs, hidden = rng.choice((1, 4, 16, 64, 200)), rng.choice((8, 20, 32, 64, 100, 200, 400))
        options: dict[str, Any] = {} if rng.random() < 0.85 else {"bias": False}
        if kind.endswith("Cell"):
            steps = 1
        else:
            options["num_layers"] = rng.choice((1, 1, 2, 3))
            options["bidirectional"] = rng.random() < 0.3
            options["batch_first"] = rng.random() < 0.5
            if kind == "LSTM" and rng.random() < 0.15:
                options["proj_size"] = 5
            if options["num_layers"] > 1 and rng.random() < 0.4:
                options["dropout"] = 0.2
        dtype = rng.choice(("float32", "float32", "float32", "float32", "float64"))
        packed = not kind.endswith("Cell") and batch > 1 and rng.random() < 0.2
        work = batch * steps * hidden * (hidden + inputs) * options.get("num_layers", 1)
        if work < MOST:
            shown = {n: v for n, v in options.items() if v not in (False, 1) or n == "bias"}
            return Configuration(
                kind, rng.random() < 0.5, (batch, steps, inputs, hidden), dtype, packed, shown
            )


def runs(c: Configuration) -> tuple[Callable[[], object], Callable[[], object]]:
    """A call of ours and of PyTorch's, with the same weights."""
    b, t, i, h = c.shape
    dtype = getattr(torch, c.dtype)
    theirs = getattr(torch.nn, c.kind)(i, h, dtype=dtype, **c.options)
    ours = getattr(gw.nn, c.kind)(i, h, dtype=dtype, **c.options)
    ours.load_state_dict(theirs.state_dict())
    if c.cell:
        x: Any = torch.randn(b, i, dtype=dtype)
    else:
        shape = (b, t, i) if c.options.get("batch_first") else (t, b, i)
        x = torch.randn(*shape, dtype=dtype)
    if c.packed:
        lengths = torch.randint(1, t + 1, (b,))
        first = c.options.get("batch_first", False)
        x = pack_padded_sequence(x, lengths, batch_first=first, enforce_sorted=False)

    def run(module: torch.nn.Module) -> Callable[[], object]:
        def train() -> None:
            for p in module.parameters():
                p.grad = None
            y = module(x)
            y = y if isinstance(y, torch.Tensor) else y[0]
            (y.data if c.packed else y).sum().backward()

        def infer() -> None:
            with torch.inference_mode():
                module(x)

        module.train(c.training)
        return train if c.training else infer

    return run(ours), run(theirs)


def ratio(c: Configuration) -> tuple[float, float]:
    """PyTorch's median time to ours, and ours in seconds."""
    ours, theirs = runs(c)
    for _ in range(2):
        ours()
        theirs()
    times: tuple[list[float], list[float]] = ([], [])
    end = time.perf_counter() + EACH
    while time.perf_counter() < end or len(times[0]) < 3:
        start = clock()
        ours()
        middle = clock()
        theirs()
        times[0].append(middle - start)
        times[1].append(clock() - middle)
    own = statistics.median(times[0])
    return statistics.median(times[1]) / own, own


def run(seed: int | None = None, seconds: float = SECONDS) -> list[dict[str, Any]]:
    """Ratios of as many configurations as there is time for."""
    seed = date.today().toordinal() if seed is None else seed
    rng, end = random.Random(seed), time.monotonic() + seconds
    torch.manual_seed(seed)
    rows: list[tuple[float, float, Configuration]] = []
    while time.monotonic() < end:
        c = drawn(rng)
        rows.append((*ratio(c), c))
    rows.sort(key=lambda row: row[0])
    say(f"seed {seed}: {_summary([r for r, _, _ in rows])}")
    for name, of in _groups(rows):
        say(f"  {name:24s} {_summary(of)}")
    say("the slowest")
    for r, own, c in rows[:30]:
        say(f"  {r:5.2f}  {1e6 * own:9.0f} us  {c}")
    return [{"ratio": r, "seconds": own, **asdict(c)} for r, own, c in rows]


def _groups(
    rows: list[tuple[float, float, Configuration]],
) -> Iterator[tuple[str, list[float]]]:
    """Ratios by what the configurations have in common."""
    for training in (False, True):
        word = "training" if training else "inference"
        for steps in (1, 2, 10, 50, 200):
            yield (
                f"{word}, T={steps}",
                [
                    r
                    for r, _, c in rows
                    if (c.training, c.steps) == (training, steps) and not c.packed and not c.cell
                ],
            )
        yield (
            f"{word}, packed T<=2",
            [r for r, _, c in rows if c.training == training and c.packed and c.steps < 3],
        )
        yield (
            f"{word}, packed T>2",
            [r for r, _, c in rows if c.training == training and c.packed and c.steps > 2],
        )
        yield f"{word}, cells", [r for r, _, c in rows if c.training == training and c.cell]
    for kind in ("LSTM", "GRU", "RNN"):
        yield kind, [r for r, _, c in rows if c.kind == kind]


def _summary(ratios: list[float]) -> str:
    if not ratios:
        return "none"
    mean = math.exp(sum(math.log(r) for r in ratios) / len(ratios))
    slower = sum(r < SLOWER for r in ratios)
    return (
        f"{len(ratios):4d} configurations, mean {mean:5.2f}, least {min(ratios):5.2f}, below {SLOWER}: {slower} "
        f"({100 * slower / len(ratios):.0f} %), below {MUCH_SLOWER}: {sum(r < MUCH_SLOWER for r in ratios)}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args()
    use_clock(arguments.clock)
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    run(arguments.seed, arguments.seconds)
