"""PyTorch's own functions for recurrent layers and cells, without what its modules do around them.

The Python of ``nn.LSTM.forward`` takes 15 to 20 microseconds, that of a cell two or three: a tenth of a call
of one step. Checked here is what the functions leave unchecked; they refuse the rest themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from gatewise.nn.execution import onednn
from gatewise.nn.execution.call_checks import CallerStates
from gatewise.nn.execution.cudnn import without_onednn

# as PyTorch's functions take and return states: one, or those of an LSTM
TorchStates: TypeAlias = Tensor | tuple[Tensor, ...]

# by PyTorch's name of the function; they have no types of their own
SEQUENCES: dict[str, Callable[..., Sequence[Tensor]]] = {
    "LSTM": torch._VF.lstm,
    "GRU": torch._VF.gru,
    "RNN_TANH": torch._VF.rnn_tanh,
    "RNN_RELU": torch._VF.rnn_relu,
}
STEPS: dict[str, Callable[..., TorchStates]] = {
    "LSTM": torch._VF.lstm_cell,
    "GRU": torch._VF.gru_cell,
    "RNN_TANH": torch._VF.rnn_tanh_cell,
    "RNN_RELU": torch._VF.rnn_relu_cell,
}
_CELL_PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class Layers(NamedTuple):
    """The settings of PyTorch's function for sequences.

    Attributes:
        mode: its name.
        widths: of the states.
        numbers: bias, layers, dropout, training and bidirectional, as the function takes them.
        onednn: oneDNN's kernels may run it.
    """

    mode: str
    widths: tuple[int, ...]
    numbers: tuple[bool, int, float, bool, bool]
    onednn: bool

    @property
    def depth(self) -> int:
        """Layers times directions."""
        return self.numbers[1] * (1 + self.numbers[4])

    def run(self, *arguments: object) -> Sequence[Tensor]:
        """The output and the final states."""
        if self.onednn:
            return SEQUENCES[self.mode](*arguments)
        with without_onednn():
            return SEQUENCES[self.mode](*arguments)


def torch_sequence(
    layers: Layers,
    weights: Sequence[Tensor | None],
    x: Tensor | PackedSequence,
    hx: CallerStates,
    batch_first: bool,
) -> tuple[Tensor | PackedSequence, TorchStates]:
    """Run sequences, tensors or packed ones.

    Args:
        layers: the settings.
        weights: the parameters in PyTorch's order.
        x: [T, B, I] ([B, T, I] if batch_first), unbatched [T, I], or a PackedSequence.
        hx: initial states as PyTorch's module takes them; None for zeros.
        batch_first: how sequences lie.

    Returns:
        What PyTorch's module returns.

    Raises:
        ValueError, RuntimeError, TypeError: for what does not fit.
    """
    if isinstance(x, PackedSequence):
        return _run_packed(layers, weights, x, hx)
    lead: tuple[int, ...] = ()
    if x.dim() == 3:
        lead = (x.shape[0 if batch_first else 1],)
    elif x.dim() == 2:
        x = x.unsqueeze(0 if batch_first else 1)
    else:
        raise ValueError("a sequence has two axes or three")
    first = _first(layers.widths, (layers.depth, *lead), hx, x)
    if not lead:
        first = [state.unsqueeze(1) for state in first]
    if layers.mode == "LSTM" and layers.onednn and torch.is_grad_enabled():
        output, *last = onednn.lstm(x, first, weights, (*layers.numbers, batch_first))
    else:
        output, *last = layers.run(x, _joined(first), weights, *layers.numbers, batch_first)
    if not lead:
        output = output.squeeze(0 if batch_first else 1)
        last = [state.squeeze(1) for state in last]
    return output, _joined(last)


def _run_packed(
    layers: Layers,
    weights: Sequence[Tensor | None],
    x: PackedSequence,
    hx: CallerStates,
) -> tuple[PackedSequence, TorchStates]:
    data, batch_sizes, order, back = x
    first = _first(layers.widths, (layers.depth, int(batch_sizes[0])), hx, data)
    if hx is not None and order is not None:
        first = [state.index_select(1, order) for state in first]
    output, *last = layers.run(data, batch_sizes, _joined(first), weights, *layers.numbers)
    if back is not None:
        last = [state.index_select(1, back) for state in last]
    return PackedSequence(output, batch_sizes, order, back), _joined(last)


def torch_step(
    mode: str,
    parameters: Mapping[str, Tensor | None],
    hidden: int,
    x: Tensor,
    hx: CallerStates,
) -> TorchStates:
    """Run one step of a cell.

    Args:
        mode: PyTorch's name of the function.
        parameters: the module's own, by name.
        hidden: the size H.
        x: [B, I] or [I].
        hx: the state as PyTorch's cell takes it; None for zeros.

    Returns:
        The new state, as PyTorch's cell returns it.

    Raises:
        ValueError, RuntimeError, TypeError, KeyError: for what does not fit.
    """
    lead: tuple[int, ...] = ()
    if x.dim() == 2:
        lead = (x.shape[0],)
    elif x.dim() != 1:
        raise ValueError("the input of a step has one axis or two")
    widths = (hidden, hidden) if mode == "LSTM" else (hidden,)
    first = _first(widths, lead, hx, x)
    if not lead:
        x, first = x.unsqueeze(0), [state.unsqueeze(0) for state in first]
    weights = [parameters[name] for name in _CELL_PARAMETERS]
    last = STEPS[mode](x, _joined(first), *weights)
    if lead:
        return last
    return (
        last.squeeze(0) if isinstance(last, Tensor) else tuple([state.squeeze(0) for state in last])
    )


def _first(
    widths: tuple[int, ...], lead: tuple[int, ...], hx: CallerStates, like: Tensor
) -> list[Tensor]:
    """The initial states. States of another size would be broadcast without a word."""
    if hx is None:
        zeros = like.new_zeros(*lead, widths[0])
        # nobody writes to them, so equal ones are one
        return [zeros if n == widths[0] else like.new_zeros(*lead, n) for n in widths]
    several = len(widths) > 1
    states = [hx] if isinstance(hx, Tensor) else list(hx) if several else []
    if [state.shape for state in states] != [(*lead, n) for n in widths]:
        raise ValueError("initial states of another size")
    return states


def _joined(states: Sequence[Tensor]) -> TorchStates:
    """As PyTorch's functions take and return states."""
    return states[0] if len(states) == 1 else tuple(states)
