"""LSTMs in bfloat16 and float16 on a CPU, as modules of that type and under autocast: against
``nn.LSTM`` in the same type, our float32, and plain operations (``backend="eager"``).

``python -m benchmarks.low_types "B,T,I,H" ...`` measures some shapes only.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.cases import pair, train
from benchmarks.report import say
from benchmarks.timing import clock, medians
from gatewise import nn as gnn

SHAPES = [
    (32, 100, 128, 256),
    (64, 100, 256, 512),
    (8, 20, 16, 32),
    (32, 1, 256, 256),
    (1, 1, 64, 128),
    (1, 1, 512, 512),
]
SLOW = ("torch", "plain operations")
TYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16}


class Cast(nn.Module):
    """A module under autocast."""

    def __init__(self, module: nn.Module, dtype: torch.dtype) -> None:
        super().__init__()
        self.module, self.dtype = module, dtype

    def forward(self, x: Tensor) -> Any:
        with torch.autocast("cpu", dtype=self.dtype):
            return self.module(x)


def run(shapes: list[tuple[int, ...]] | None = None) -> list[dict[str, Any]]:
    """Seconds by shape, type, module or autocast, and who computes."""
    rows = []
    for shape in shapes or SHAPES:
        b, t, i, h = shape
        ours, theirs = pair("LSTM", i, h)
        plain = gnn.LSTM(i, h, backend="eager")
        plain.load_state_dict(theirs.state_dict())
        who = {"gatewise": ours, "torch": theirs, "plain operations": plain}
        x = torch.randn(t, b, i)
        for name, dtype in TYPES.items():
            low = {n: copy.deepcopy(m).to(dtype) for n, m in who.items()}
            cast: dict[str, nn.Module] = {n: Cast(m, dtype) for n, m in who.items()}
            for kind, modules, sample in (("module", low, x.to(dtype)), ("autocast", cast, x)):
                rows.append(
                    {
                        "shape": list(shape),
                        "type": name,
                        "kind": kind,
                        **_times(ours, x, modules, sample),
                    }
                )
                say(_line(rows[-1]))
    return rows


def _times(
    wide: nn.Module, x: Tensor, modules: dict[str, nn.Module], cast_input: Tensor
) -> dict[str, dict[str, float]]:
    """Of inference and training. PyTorch refuses some types on some processors."""
    calls: dict[str, tuple[nn.Module, Tensor]] = {"float32": (wide, x)}
    calls |= {n: (m, cast_input) for n, m in modules.items() if _serves(m, cast_input)}
    inference: dict[str, Callable[[], object]] = {
        n: lambda m=m, v=v: m(v) for n, (m, v) in calls.items()
    }
    training = {n: train(m, v, torch.randn_like(m(v)[0].detach())) for n, (m, v) in calls.items()}
    with torch.inference_mode():
        seconds = {"inference": _medians(inference)}
    return {**seconds, "training": _medians(training)}


def _medians(runs: dict[str, Callable[[], object]]) -> dict[str, float]:
    """As ``medians``; what takes more than a second is run once, if it is not ours."""
    once = {}
    for name, run in runs.items():
        start = clock()
        run()
        once[name] = clock() - start
    slow = {n: t for n, t in once.items() if t > 1 and n in SLOW}
    return {**slow, **medians({n: run for n, run in runs.items() if n not in slow}, 0.5)}


def _serves(module: nn.Module, x: Tensor) -> bool:
    try:
        module(x)[0].float().sum().backward()
    except RuntimeError:
        return False
    module.zero_grad(set_to_none=True)
    return True


def _line(row: dict[str, Any]) -> str:
    parts = []
    for kind in ("inference", "training"):
        times = row[kind]
        ours = times["gatewise"]
        others = ", ".join(
            f"{times[n] / ours:5.2f}x {n}" if n in times else f"{n} refuses"
            for n in ("float32", "torch", "plain operations")
        )
        parts.append(f"{kind} {ours * 1e3:8.3f} ms, {others}")
    shape = ",".join(map(str, row["shape"]))
    return f"({shape:14s}) {row['type']:8s} {row['kind']:8s} {'; '.join(parts)}"


if __name__ == "__main__":
    run([tuple(map(int, shape.split(","))) for shape in sys.argv[1:]])
