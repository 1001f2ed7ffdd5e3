"""Weights as Keras has them: ``kernel`` [I, n*H], ``recurrent_kernel`` [H, n*H] and ``bias``.

Gates stand in the order i, f, c, o (LSTM) and z, r, h (GRU, where ``reset_after=True`` has a bias of
[2, 3*H], the rows of input and recurrence). A Bidirectional layer has the weights of both directions
one after the other. Keras itself is never imported.
"""

from __future__ import annotations

import numpy as np
import torch

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.nn.convert.kinds import SequenceModule, activations_of, check_extras

GATES = {"lstm": "ifzo", "gru": "zrn", "gru_v3": "zrn", "rnn": ("",)}  # in Keras's order


def to_keras_weights(module: SequenceModule, layer: int = 0) -> list[Array]:
    """The weights of one layer as Keras's ``set_weights`` takes them; both directions if it has two.

    Raises:
        InputError: for a cell, a projection or an extra that Keras does not have, or no such layer.
    """
    lost = [
        n for n in module.plan.extras.changed if n not in ("input_dropout", "recurrent_dropout")
    ]
    if lost:
        check_extras(module, "Keras")
    for cell in GATES:
        if activations_of(module, cell) is not None:
            break
    else:
        raise InputError(f"Keras has LSTM, GRU and SimpleRNN, not {module.plan.plain.name}")
    weights: list[Array] = []
    for d in range(module.plan.directions):
        with torch.no_grad():
            views = module.equation_parameters(layer, d)
            arrays = {n: v.detach().cpu().numpy() for n, v in views.items()}
        weights += _one_direction(cell, arrays)
    return weights


def _one_direction(cell: str, arrays: dict[str, Array]) -> list[Array]:
    gates = [f".{g}" if g else "" for g in GATES[cell]]
    matrices = [np.concatenate([arrays[f"{f}{g}"].T for g in gates], axis=1) for f in "WU"]
    if not any(n.split(".")[0] == "b" for n in arrays):
        return matrices
    rows = []
    for letter in ("", "h"):
        names = [f"b.{letter}{g[1:]}" if g else ("b.h" if letter else "b") for g in gates]
        zero = np.zeros(matrices[1].shape[0], matrices[1].dtype)
        rows.append(np.concatenate([arrays.get(n, zero) for n in names]))
    return [*matrices, np.stack(rows) if cell == "gru" else rows[0] + rows[1]]
