"""Gradients that decay below the smallest normal number: a loss at the last step alone against a loss at
every step, for every cell of the catalogue; and single steps whose inputs are such numbers.

A processor takes a hundred cycles or more for an operation on a subnormal number, unless it is told to
take it for zero, as the kernels do. Each cell is measured in this process and in a forked child, which
has a control word of its own.

``python -m benchmarks.subnormal [CELL ...]`` measures some cells only.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

import gatewise as gw
from benchmarks.cases import of_catalogue
from benchmarks.report import say
from benchmarks.timing import medians

BATCH, INPUTS, HIDDEN = 50, 2, 64
STEPS = [1000, 5000]
LOSSES: dict[str, Callable[[Tensor], Tensor]] = {
    "last": lambda y: y[-1].sum(),
    "every": lambda y: y.mean(),
}
SUBNORMAL = 1e-40


def run(names: list[str] | None = None) -> list[dict[str, Any]]:
    """Seconds of a training step by cell, steps and loss, and of a single step by the size of inputs."""
    say(
        f"B={BATCH}, I={INPUTS}, H={HIDDEN}; ratios: loss at the last step to loss at every step, by T; "
        f"T=1, inputs of {SUBNORMAL:g} to ordinary ones"
    )
    rows = []
    for name in names or gw.cells.names():
        row: dict[str, Any] = {"cell": name, "training": {}, "forked": {}}
        for steps in STEPS:
            row["training"][steps] = training(name, steps)
        if hasattr(os, "fork"):
            row["forked"][STEPS[0]] = _in_child(partial(training, name, STEPS[0]))
        row["one step"] = one_step(name)
        rows.append(row)
        say(_line(row))
    return rows


def training(name: str, steps: int) -> dict[str, float]:
    """Median seconds of forward and backward, by loss."""
    module, x = of_catalogue(name, (BATCH, steps, INPUTS, HIDDEN))

    def step(loss: Callable[[Tensor], Tensor]) -> None:
        loss(module(x)[0]).backward()
        module.zero_grad(set_to_none=True)

    return medians({n: partial(step, loss) for n, loss in LOSSES.items()}, 0.5)


def one_step(name: str) -> dict[str, float]:
    """Median seconds of a call of one step of one row."""
    module, x = of_catalogue(name, (1, 1, INPUTS, HIDDEN))
    inputs = x if isinstance(x, tuple) else (x,)
    tiny = tuple(SUBNORMAL * t for t in inputs)
    with torch.inference_mode():
        return medians(
            {
                "ordinary": partial(module, x),
                "subnormal": partial(module, tiny if isinstance(x, tuple) else tiny[0]),
            },
            0.2,
        )


def _line(row: dict[str, Any]) -> str:
    parts = [
        f"T={n} {f['every'] * 1e3:7.1f} ms, {f['last'] / f['every']:5.2f}x"
        for n, f in row["training"].items()
    ]
    parts += [f"forked T={n} {f['last'] / f['every']:5.2f}x" for n, f in row["forked"].items()]
    one = row["one step"]
    parts.append(f"T=1 {one['ordinary'] * 1e6:5.1f} us, {one['subnormal'] / one['ordinary']:5.2f}x")
    return f"{row['cell']:22s} {' | '.join(parts)}"


def _in_child(measure: Callable[[], dict[str, float]]) -> dict[str, float]:
    """What is measured in a forked child, on one thread."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            torch.set_num_threads(1)
            os.write(write, json.dumps(measure()).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with open(read, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise RuntimeError(f"the forked child failed with status {status}")
    seconds: dict[str, float] = json.loads(told)
    return seconds


if __name__ == "__main__":
    run(sys.argv[1:])
