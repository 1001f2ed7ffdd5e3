"""The compiled CPU backend against PyTorch, ONNX Runtime and loops in eager and compiled PyTorch.

Everything is measured through the modules that a person uses: ``gatewise.nn.LSTM`` against
``torch.nn.LSTM`` and so on, same weights, same inputs.
"""

from __future__ import annotations

import copy
import itertools
import json
import math
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

import gatewise as gw
from benchmarks.timing import machine, medians, peak_gflops, use_clock
from gatewise import nn as gnn

SHAPES = [
    (1, 1, 32, 32), (1, 1, 64, 256), (1, 100, 64, 64), (1, 100, 256, 512), (8, 200, 16, 32),
    (32, 24, 8, 64), (32, 100, 64, 128), (32, 100, 128, 256), (64, 100, 256, 512),
    (256, 50, 64, 64), (64, 50, 512, 1024),
]  # fmt: skip


def _multiply_adds(module: torch.nn.Module) -> int:
    """Of one step of one row: the values of all matrices."""
    return sum(p.numel() for p in module.parameters() if p.dim() > 1)


def _infer(module: torch.nn.Module, x: Any, **extra: Any) -> Callable[[], object]:
    def run() -> None:
        with torch.inference_mode():
            module(x, **extra)

    return run


def _train(
    module: torch.nn.Module, x: Any, seed: torch.Tensor | None, **extra: Any
) -> Callable[[], object]:
    def run() -> None:
        output = module(x, **extra)[0]
        data = output.data if isinstance(output, torch.nn.utils.rnn.PackedSequence) else output
        data.backward(seed if seed is not None else torch.ones_like(data))
        module.zero_grad(set_to_none=True)

    return run


def _onnx(module: torch.nn.LSTM, x: torch.Tensor) -> Callable[[], object] | None:
    """ONNX Runtime on an LSTM node with the same weights (gate order i, o, f, c)."""
    try:
        import onnxruntime as ort
        from onnx import TensorProto, helper, numpy_helper
    except ImportError:
        return None
    h = module.hidden_size

    def gates(w: torch.Tensor) -> Any:
        i, f, g, o = w.detach().split(h)
        return torch.cat([i, o, f, g])[None].contiguous().numpy()

    bias = torch.cat(
        [
            torch.from_numpy(gates(module.bias_ih_l0)[0]),
            torch.from_numpy(gates(module.bias_hh_l0)[0]),
        ]
    )
    weights = [
        numpy_helper.from_array(gates(module.weight_ih_l0), "W"),
        numpy_helper.from_array(gates(module.weight_hh_l0), "R"),
        numpy_helper.from_array(bias[None].numpy(), "B"),
    ]
    node = helper.make_node("LSTM", ["X", "W", "R", "B"], ["Y", "H", "C"], hidden_size=h)
    graph = helper.make_graph(
        [node], "lstm", [helper.make_tensor_value_info("X", TensorProto.FLOAT, list(x.shape))],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("Y", "H", "C")], weights,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    options = ort.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    feed = {"X": x.numpy()}
    return lambda: session.run(None, feed)


def lstm_and_gru() -> list[dict[str, Any]]:
    """LSTM and GRU at every shape: inference and training."""
    rows = []
    for kind in ("LSTM", "GRU"):
        for b, t, i, h in SHAPES:
            torch.manual_seed(0)
            theirs = getattr(torch.nn, kind)(i, h)
            ours = getattr(gnn, kind)(i, h)
            ours.load_state_dict(theirs.state_dict())
            x, seed = torch.randn(t, b, i), torch.randn(t, b, h)
            runs = {"gatewise": _infer(ours, x), "torch": _infer(theirs, x)}
            if kind == "LSTM" and b == 1:
                with_onnx = _onnx(theirs, x)
                runs |= {"onnxruntime": with_onnx} if with_onnx else {}
            inference = medians(runs)
            training = medians(
                {"gatewise": _train(ours, x, seed), "torch": _train(theirs, x, seed)}
            )
            flops = 2 * t * b * _multiply_adds(theirs)
            rows.append({
                "cell": kind, "shape": [b, t, i, h], "inference": inference, "training": training,
                "gflops": {"inference": flops / inference["gatewise"] / 1e9,
                           "training": (3 * flops - 2 * t * b * theirs.weight_ih_l0.numel()) / training["gatewise"] / 1e9},
            })  # fmt: skip
            _say(kind, (b, t, i, h), inference, training)
    return rows


def _say(what: str, shape: Any, inference: dict[str, float], training: dict[str, float]) -> None:
    ratio = inference["torch"] / inference["gatewise"], training["torch"] / training["gatewise"]
    print(f"{what:6s} {shape!s:20s} inference {inference['gatewise'] * 1e6:10.1f} us, {ratio[0]:5.2f}x torch"
          f" | training {training['gatewise'] * 1e6:10.1f} us, {ratio[1]:5.2f}x torch", flush=True)  # fmt: skip


def ragged() -> dict[str, Any]:
    """Lengths drawn from 1..T against PackedSequence."""
    b, t, i, h = 32, 100, 128, 256
    torch.manual_seed(0)
    theirs, ours = torch.nn.LSTM(i, h), gnn.LSTM(i, h)
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(t, b, i)
    lengths = torch.randint(1, t + 1, (b,))
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
    full = medians({"gatewise": _infer(ours, x)})["gatewise"]
    inference = medians(
        {"gatewise": _infer(ours, x, lengths=lengths), "torch": _infer(theirs, packed)}
    )
    training = medians(
        {"gatewise": _train(ours, x, None, lengths=lengths), "torch": _train(theirs, packed, None)}
    )
    share = float(lengths.sum()) / (b * t)
    _say("ragged", (b, t, i, h), inference, training)
    return {"shape": [b, t, i, h], "share of steps": share, "share of the full time": inference["gatewise"] / full,
            "inference": inference, "training": training}  # fmt: skip


def every_cell() -> list[dict[str, Any]]:
    """Every cell of the catalogue at one shape, as a share of our vanilla LSTM's GFLOP/s."""
    b, t, i, h = 32, 100, 128, 256
    speeds: dict[str, tuple[float, float]] = {}
    for name in ("lstm", *[n for n in gw.cells.names() if n != "lstm"]):
        cell = gw.cells.get(name)
        torch.manual_seed(0)
        extra = {k: {"S": 16, "P": 128}[k] for k in cell.program.sizes if k not in "IH"}
        sizes, inputs = {"I": i, "H": h, **extra}, []
        widths = [item.size.evaluate(sizes) for item in cell.program.inputs]
        free = {k: v for k, v in extra.items() if k != "S"}
        given = {"sizes": free} if free else {}
        module = gnn.Recurrent(cell, widths[0] if len(widths) == 1 else tuple(widths), h, **given)
        for item, units in zip(cell.program.inputs, widths, strict=True):
            inputs.append(torch.randn(*((t, b) if item.per == "step" else (b,)), units))
        x: Any = inputs[0] if len(inputs) == 1 else tuple(inputs)
        work = 2 * t * b * _multiply_adds(module)
        first = medians({"run": _infer(module, x)}, 0.5)["run"]
        seed = torch.ones_like(module(x)[0])
        both = medians({"run": _train(module, x, seed)}, 0.5)["run"]
        speeds[name] = work / first / 1e9, 3 * work / both / 1e9
        mine, base = speeds[name], speeds["lstm"]
        print(f"{name:22s} inference {mine[0]:6.1f} GFLOP/s ({mine[0] / base[0]:4.0%} of lstm)"
              f" | training {mine[1]:6.1f} ({mine[1] / base[1]:4.0%})", flush=True)  # fmt: skip
    return [{"cell": n, "inference": a, "training": c} for n, (a, c) in speeds.items()]


def narrow_weights() -> list[dict[str, Any]]:
    """Inference with matrices in bfloat16 against float32."""
    rows = []
    for cell, (b, t, i, h) in itertools.product(
        ("lstm", "gru", "gru_v3"),
        [(1, 1, 512, 512), (1, 100, 256, 512), (1, 100, 512, 512), (1, 100, 1024, 1024),
         (6, 100, 256, 512), (64, 50, 256, 512)],
    ):  # fmt: skip
        torch.manual_seed(0)
        plain = gnn.Recurrent(cell, i, h)
        narrow = copy.deepcopy(plain)
        narrow.weights = "bfloat16"
        x = torch.randn(t, b, i)
        times = medians({"float32": _infer(plain, x), "bfloat16": _infer(narrow, x)}, 0.5)
        with torch.inference_mode():
            one, other = plain(x)[0], narrow(x)[0]
        error = float((one - other).abs().max() / one.abs().max())
        ratio = times["float32"] / times["bfloat16"]
        print(f"{cell:7s} {(b, t, i, h)!s:20s} bfloat16 {times['bfloat16'] * 1e6:9.1f} us, {ratio:4.2f}x float32,"
              f" largest difference {error:.1e} of the largest output", flush=True)  # fmt: skip
        rows.append({"cell": cell, "shape": [b, t, i, h], "inference": times, "difference": error})
    return rows


def units_apart() -> list[dict[str, Any]]:
    """Cells without a matrix over a state on one and two rows: GFLOP/s on one thread and on all."""
    rows, threads = [], torch.get_num_threads()
    for name, b in itertools.product(("sru", "minlstm", "mingru", "indrnn"), (1, 2)):
        t, i, h = 400, 256, 512
        torch.manual_seed(0)
        module = gnn.Recurrent(name, i, h)
        x, seed = torch.randn(t, b, i), torch.randn(t, b, h)
        work = 2 * t * b * _multiply_adds(module)
        found = {}
        for n in dict.fromkeys((1, threads)):
            torch.set_num_threads(n)
            times = medians({"inference": _infer(module, x)}, 0.3)
            times |= medians({"training": _train(module, x, seed)}, 0.3)
            # the gradient of the input is not asked for: two products, not three
            found[n] = {"inference": work / times["inference"] / 1e9,
                        "training": 2 * work / times["training"] / 1e9}  # fmt: skip
        torch.set_num_threads(threads)
        text = "; ".join(f"{n} thread(s): inference {v['inference']:4.0f}, training {v['training']:4.0f} GFLOP/s"
                         for n, v in found.items())  # fmt: skip
        print(f"{name:8s} {(b, t, i, h)!s:20s} {text}", flush=True)
        rows.append({"cell": name, "shape": [b, t, i, h], "gflops": found})
    return rows


class _PeepholeLoop(torch.nn.Module):
    """A peephole LSTM as people write it in PyTorch."""

    def __init__(self, i: int, h: int) -> None:
        super().__init__()
        self.w = torch.nn.Linear(i, 4 * h)
        self.u = torch.nn.Linear(h, 4 * h, bias=False)
        self.p = torch.nn.Parameter(torch.randn(3, h) * 0.1)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, Any]:
        wx, outputs = self.w(x), []
        h = c = x.new_zeros(x.shape[1], self.u.in_features)
        for step in wx:
            i, f, z, o = (step + self.u(h)).chunk(4, -1)
            i, f = torch.sigmoid(i + self.p[0] * c), torch.sigmoid(f + self.p[1] * c)
            c = f * c + i * torch.tanh(z)
            o = torch.sigmoid(o + self.p[2] * c)
            h = o * torch.tanh(c)
            outputs.append(h)
        return torch.stack(outputs), (h, c)


def peephole() -> dict[str, Any]:
    """A peephole LSTM, forward and backward: ours, a PyTorch loop, the same loop compiled."""
    b, t, i, h = 32, 100, 64, 128
    torch.manual_seed(0)
    ours, loop = gnn.Recurrent("peephole_lstm", i, h), _PeepholeLoop(i, h)
    x, seed = torch.randn(t, b, i), torch.randn(t, b, h)
    runs = {"gatewise": _train(ours, x, seed), "torch loop": _train(loop, x, seed)}
    try:
        runs["torch.compile"] = _train(torch.compile(loop), x, seed)
        runs["torch.compile"]()
    except Exception as error:  # any failure of the other tool is reported, not ours to judge
        print(f"torch.compile of the loop failed: {type(error).__name__}")
        runs.pop("torch.compile")
    times = medians(runs)
    print("peephole", {n: f"{v * 1e3:.2f} ms" for n, v in times.items()}, flush=True)
    return {"shape": [b, t, i, h], "training": times}


def main(threads: int | None, clock: str) -> None:
    """Measure everything, print it, and write ``benchmarks/results/cpu-<threads>.json``."""
    use_clock(clock)
    if threads is not None:
        torch.set_num_threads(threads)
    threads = torch.get_num_threads()
    print(machine())
    peak = peak_gflops(threads)
    print(f"multiply-add peak, from one core: about {peak:.0f} GFLOP/s")
    result: dict[str, Any] = {"machine": machine(), "peak": peak}
    result |= {"layers": lstm_and_gru(), "ragged": ragged(), "cells": every_cell()}
    result |= {"bfloat16": narrow_weights(), "apart": units_apart()}
    result |= {"peephole": peephole()}
    for kind in ("LSTM", "GRU"):
        ratios = [
            row["training"]["torch"] / row["training"]["gatewise"]
            for row in result["layers"]
            if row["shape"][0] >= 8 and row["cell"] == kind
        ]
        mean = math.exp(statistics.mean(map(math.log, ratios)))
        print(f"{kind} training, geometric mean over B >= 8: {mean:.2f}x")
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    (folder / f"cpu-{threads}.json").write_text(json.dumps(result, indent=1) + "\n")
