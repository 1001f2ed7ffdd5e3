"""Sequences of many lengths against a PackedSequence: forward and backward apart; and whether the time
is proportional to the sum of the lengths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from benchmarks.cases import infer, pair, ratio, without_gradients
from benchmarks.report import say
from benchmarks.timing import medians

SHAPE = B, T, I, H = 32, 100, 128, 256


def run() -> dict[str, Any]:
    """Lengths drawn from 1..T, then shorter ones."""
    ours, theirs = pair("LSTM", I, H)
    x = torch.randn(T, B, I)
    lengths = torch.randint(1, T + 1, (B,))
    packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
    times = {
        "inference": without_gradients(
            {"gatewise": infer(ours, x, lengths=lengths), "torch": infer(theirs, packed)}
        )
    }
    halves = medians(
        {
            "gatewise": _forward(ours, x, lengths=lengths),
            "torch": _forward(theirs, packed),
            "gatewise both": _both(ours, x, lengths=lengths),
            "torch both": _both(theirs, packed),
        }
    )
    times["forward"] = {n: halves[n] for n in ("gatewise", "torch")}
    times["forward + backward"] = {n: halves[f"{n} both"] for n in ("gatewise", "torch")}
    times["backward"] = {n: halves[f"{n} both"] - halves[n] for n in ("gatewise", "torch")}
    for what, of in times.items():
        say(
            f"lengths from 1..{T}, {what:18s} {of['gatewise'] * 1e3:7.2f} ms, {ratio(of):5.2f}x torch on a PackedSequence"
        )
    return {
        "shape": list(SHAPE),
        "times": times,
        "by length": [_by_length(ours, x, n) for n in (T, T // 2, T // 4, T // 10)],
    }


def _by_length(ours: torch.nn.Module, x: torch.Tensor, longest: int) -> dict[str, Any]:
    """Microseconds a step of a row, for lengths drawn from 1..longest."""
    drawn = torch.randint(1, longest + 1, (B,))
    drawn[0] = longest
    seconds = without_gradients({"inference": infer(ours, x, lengths=drawn)})
    seconds |= medians({"training": _both(ours, x, lengths=drawn)})
    each = {n: t / int(drawn.sum()) * 1e6 for n, t in seconds.items()}
    share = int(drawn.sum()) / (B * T)
    say(
        f"lengths from 1..{longest:<4d} {share:4.0%} of the steps: {each['inference']:6.3f} us a step of a row in "
        f"inference, {each['training']:6.3f} in training"
    )
    return {"longest": longest, "share": share, "us a step": each}


def _output(module: torch.nn.Module, x: Any, **extra: Any) -> torch.Tensor:
    output = module(x, **extra)[0]
    return output.data if isinstance(output, PackedSequence) else output


def _forward(module: torch.nn.Module, x: Any, **extra: Any) -> Callable[[], object]:
    return lambda: _output(module, x, **extra)


def _both(module: torch.nn.Module, x: Any, **extra: Any) -> Callable[[], object]:
    def step() -> None:
        output = _output(module, x, **extra)
        output.backward(torch.ones_like(output))
        module.zero_grad(set_to_none=True)

    return step
