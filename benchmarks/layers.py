"""LSTM and GRU at every shape, inference and training, against PyTorch; at batch 1 ONNX Runtime."""

from __future__ import annotations

import math
import statistics
from typing import Any

import torch

from benchmarks.cases import SHAPES, infer, multiply_adds, pair, ratio, train, without_gradients
from benchmarks.onnx_lstm import onnx_run
from benchmarks.report import say
from benchmarks.timing import medians, peak_gflops


def run(shapes: list[tuple[int, int, int, int]] = SHAPES) -> dict[str, Any]:
    """Rows by cell and shape."""
    peak = peak_gflops(torch.get_num_threads())
    say(f"multiply-add peak, from one core: about {peak:.0f} GFLOP/s")
    rows = [_row(kind, shape, peak) for kind in ("LSTM", "GRU") for shape in shapes]
    for kind in ("LSTM", "GRU"):
        many = [r for r in rows if r["cell"] == kind and r["shape"][0] >= 8]
        for what in ("inference", "training"):
            mean = math.exp(statistics.mean(math.log(ratio(r[what])) for r in many)) if many else 1
            say(f"{kind} {what}, geometric mean over B >= 8: {mean:.2f}x torch")
    return {"peak": peak, "rows": rows}


def _row(kind: str, shape: tuple[int, int, int, int], peak: float) -> dict[str, Any]:
    b, t, i, h = shape
    ours, theirs = pair(kind, i, h)
    x, seed = torch.randn(t, b, i), torch.randn(t, b, h)
    inference = without_gradients({"gatewise": infer(ours, x), "torch": infer(theirs, x)})
    training = medians({"gatewise": train(ours, x, seed), "torch": train(theirs, x, seed)})
    if kind == "LSTM" and b == 1:
        # each by itself: idle threads of ONNX Runtime spin, and would take our cores
        with_onnx = onnx_run(theirs, x)
        inference["gatewise alone"] = without_gradients({"alone": infer(ours, x)})["alone"]
        inference |= medians({"onnxruntime": with_onnx}) if with_onnx else {}
    work = 2 * t * b * multiply_adds(theirs)
    back = 3 * work - 2 * t * b * theirs.weight_ih_l0.numel()  # nobody asks for the gradient of x
    speed = {
        "inference": work / inference["gatewise"] / 1e9,
        "training": back / training["gatewise"] / 1e9,
    }
    more = ""
    if "onnxruntime" in inference:
        more = f", {inference['onnxruntime'] / inference['gatewise alone']:5.2f}x onnx"
    say(
        f"{kind:4s} {shape!s:19s} inference {inference['gatewise'] * 1e6:9.1f} us, {ratio(inference):5.2f}x torch"
        f"{more or ' ' * 13}, {speed['inference'] / peak:4.0%} of peak | training "
        f"{training['gatewise'] * 1e6:9.1f} us, {ratio(training):5.2f}x torch, {speed['training'] / peak:4.0%} of peak"
    )
    return {
        "cell": kind,
        "shape": list(shape),
        "inference": inference,
        "training": training,
        "gflops": speed,
    }
