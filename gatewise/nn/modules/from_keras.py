"""Modules from Keras layers, or from their lists of weights: Keras itself is never imported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from gatewise import cells
from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.nn.convert.to_keras import GATES
from gatewise.nn.modules.base import RecurrentBase
from gatewise.nn.modules.lstm_gru_rnn import GRU, LSTM, RNN
from gatewise.nn.modules.recurrent import Recurrent
from gatewise.nn.plan.cell_rewrites import squashed, without_biases

_CELL_OF = {4: "lstm", 3: "gru", 1: "rnn"}
_LAYERS = {"LSTM": "lstm", "GRU": "gru", "SimpleRNN": "rnn"}


@dataclass
class _Layer:
    """What a Keras layer is: its cell, functions and weights for each direction."""

    cell: str
    weights: list[list[Array]]
    activation: str = "tanh"
    gate: str = "sigmoid"
    extras: dict[str, Any] = field(default_factory=dict)


def from_keras(
    layer_or_weights: Any,
    *,
    reset_after: bool | None = None,
    activation: str | None = None,
    recurrent_activation: str | None = None,
    batch_first: bool = True,
    **keywords: Any,
) -> RecurrentBase:
    """The network of a Keras layer: LSTM, GRU, SimpleRNN, or Bidirectional around one of them.

    Args:
        layer_or_weights: a layer, or the list of arrays that its ``get_weights()`` gives.
        reset_after: of a GRU; needed only for weights without a bias, which do not tell.
        activation, recurrent_activation: functions by Keras's names; those of the layer, or tanh and
            sigmoid.
        batch_first: as in Keras, [B, T, n].
        **keywords: passed on to the module: backend, extras, device, dtype.

    Returns:
        ``gw.nn.LSTM``, ``gw.nn.GRU`` or ``gw.nn.RNN`` where they are the same network, else a
        ``gw.nn.Recurrent``. The output is the whole sequence (``return_sequences=True``). Dropouts of
        the layer become ``input_dropout`` and ``recurrent_dropout``.

    Raises:
        InputError: for weights that are not those of such a layer, or a layer that does what we do not
            (``go_backwards``, another ``merge_mode`` than concat).
    """
    if hasattr(layer_or_weights, "get_weights"):
        layer = _of_layer(layer_or_weights)
    else:
        layer = _Layer("", _split(_arrays(layer_or_weights)))
        layer.cell = _cell_of(layer.weights[0], reset_after)
    layer.activation = activation or layer.activation
    layer.gate = recurrent_activation or layer.gate
    kernel, recurrent = layer.weights[0][:2]
    module = _module(
        layer,
        kernel.shape[0],
        recurrent.shape[0],
        {
            "bidirectional": len(layer.weights) == 2,
            "batch_first": batch_first,
            **layer.extras,
            **keywords,
        },
    )
    with torch.no_grad():
        for d, weights in enumerate(layer.weights):
            views = module.equation_parameters(0, d)
            for view in views.values():
                view.zero_()
            for name, value in _by_equation(layer.cell, weights).items():
                at = name if name in views else name.replace(".h", ".")  # one bias takes up two
                views[at].add_(torch.from_numpy(np.ascontiguousarray(value)))
    return module


def _module(layer: _Layer, inputs: int, hidden: int, keywords: dict[str, Any]) -> RecurrentBase:
    bias = len(layer.weights[0]) == 3
    plain = (layer.activation, layer.gate) == ("tanh", "sigmoid")
    if layer.cell == "rnn" and layer.activation in ("tanh", "relu"):
        return RNN(inputs, hidden, nonlinearity=layer.activation, bias=bias, **keywords)
    if plain and layer.cell in ("lstm", "gru"):
        kinds: dict[str, type[LSTM] | type[GRU]] = {"lstm": LSTM, "gru": GRU}
        return kinds[layer.cell](inputs, hidden, bias=bias, **keywords)
    cell = squashed(cells.get(layer.cell), layer.activation, layer.gate)
    return Recurrent(cell if bias else without_biases(cell), inputs, hidden, **keywords)


def _arrays(weights: Any) -> list[Array]:
    if not isinstance(weights, Sequence) or isinstance(weights, str | bytes):
        raise InputError(
            f"from_keras takes a layer or its get_weights(), not {type(weights).__name__}"
        )
    return [np.asarray(w) for w in weights]


def _split(arrays: list[Array]) -> list[list[Array]]:
    """The weights of each direction."""
    count = {2: 2, 3: 3, 4: 2, 6: 3}.get(len(arrays))
    if count is None or any(a.ndim not in (1, 2) for a in arrays):
        raise InputError(
            "the weights of a Keras layer are kernel, recurrent_kernel and bias (twice these if it is "
            f"Bidirectional), got arrays of shapes {[a.shape for a in arrays]}"
        )
    return [arrays[k : k + count] for k in range(0, len(arrays), count)]


def _cell_of(weights: list[Array], reset_after: bool | None) -> str:
    """Which cell has weights of these shapes. Raises InputError."""
    kernel, recurrent = weights[:2]
    if kernel.ndim == 2 and recurrent.ndim == 2 and kernel.shape[1] == recurrent.shape[1]:
        hidden = recurrent.shape[0]
        cell = _CELL_OF.get(recurrent.shape[1] / hidden)
        if cell == "gru":
            return _gru_of(weights, hidden, reset_after)
        if cell and (len(weights) < 3 or weights[2].shape == (recurrent.shape[1],)):
            return str(cell)
    raise InputError(
        f"no LSTM, GRU or SimpleRNN of Keras has weights of shapes {[w.shape for w in weights]}"
    )


def _gru_of(weights: list[Array], hidden: int, reset_after: bool | None) -> str:
    if len(weights) == 3:
        after = {(2, 3 * hidden): True, (3 * hidden,): False}.get(weights[2].shape)
        if after is None or reset_after not in (None, after):
            raise InputError(
                f"the bias {weights[2].shape} does not fit a GRU of {hidden} units"
                + ("" if reset_after is None else f" with reset_after={reset_after}")
            )
        reset_after = after
    if reset_after is None:
        raise InputError("GRU weights without a bias do not tell how they reset: pass reset_after=")
    return "gru" if reset_after else "gru_v3"


def _of_layer(layer: Any) -> _Layer:
    if hasattr(layer, "forward_layer"):
        mode = getattr(layer, "merge_mode", "concat")
        if mode != "concat":
            raise InputError(
                f"a Bidirectional layer with merge_mode={mode!r}: only 'concat' is the output "
                "of a bidirectional module; merge the two halves yourself"
            )
        both = _of_layer(layer.forward_layer)
        both.weights.append(_arrays(layer.backward_layer.get_weights()))
        return both
    kind, config = type(layer).__name__, dict(layer.get_config())
    if kind not in _LAYERS:
        raise InputError(f"from_keras knows {', '.join(_LAYERS)} and Bidirectional, not {kind}")
    if config.get("go_backwards"):
        raise InputError(
            f"{kind} with go_backwards=True runs in reverse only: flip its input instead"
        )
    weights = _arrays(layer.get_weights())
    if not weights:
        raise InputError(f"this {kind} has no weights yet: build it (call it once) first")
    reset_after = config.get("reset_after", True) if kind == "GRU" else None
    rates = {"input_dropout": config.get("dropout", 0.0)}
    if config.get("recurrent_dropout"):
        rates["recurrent_dropout"] = {"rate": config["recurrent_dropout"], "form": "gal", "on": "h"}
    return _Layer(
        _cell_of(weights, reset_after),
        [weights],
        str(config.get("activation", "tanh")),
        str(config.get("recurrent_activation", "sigmoid")),
        {k: v for k, v in rates.items() if v},
    )


def _by_equation(cell: str, weights: list[Array]) -> dict[str, Array]:
    """One direction's weights by the names of the equations."""
    gates = [f".{g}" if g else "" for g in GATES[cell]]
    by_name: dict[str, Array] = {}
    for family, matrix in zip("WU", weights[:2], strict=True):
        parts = np.split(matrix, len(gates), axis=1)
        by_name |= {f"{family}{g}": part.T for g, part in zip(gates, parts, strict=True)}
    if len(weights) == 3:
        rows = np.atleast_2d(weights[2])
        for letter, row in zip(("", "h"), rows, strict=False):
            parts = np.split(row, len(gates))
            by_name |= {
                f"b.{letter}{g[1:]}" if g else "b": p for g, p in zip(gates, parts, strict=True)
            }
    return by_name
