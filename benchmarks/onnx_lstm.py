"""ONNX Runtime on the weights of an LSTM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


def onnx_run(module: torch.nn.LSTM, x: torch.Tensor) -> Callable[[], object] | None:
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
        [node],
        "lstm",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, list(x.shape))],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("Y", "H", "C")],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    options = ort.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    feed = {"X": x.numpy()}
    return lambda: session.run(None, feed)
