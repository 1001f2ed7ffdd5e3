"""``LSTM``, ``GRU`` and ``RNN``: the drop-ins for PyTorch's modules of these names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import torch
from torch import Tensor, nn

from gatewise import cells
from gatewise.lang.cell import Cell
from gatewise.nn.execution.call_checks import CallError, CallerStates
from gatewise.nn.modules.base import States
from gatewise.nn.modules.dropin import DropIn, TorchSettings
from gatewise.nn.plan.extras import ExtrasArguments
from gatewise.nn.plan.param_layout import Stack
from gatewise.nn.plan.torch_stacks import STACKS


class LSTM(DropIn):
    """``torch.nn.LSTM``, compiled and with everything that it lacks.

    Besides PyTorch's arguments, by keyword: ``backend`` ("auto", "eager", "interpreter", "llvm", "triton" or "vendor"), and the
    extras (``gatewise.nn.Extras``) zoneout, recurrent_dropout, input_dropout, weight_drop, layer_norm,
    learned_initial_state, memory, residual, highway, detach_every, record.

    Raises:
        ValueError, TypeError: as PyTorch's constructor.
        InputError, CellError: for an extra out of range, or that does not fit the cell.
    """

    _labels = ("hidden[0]", "hidden[1]")

    # what PyTorch's class has besides its base, for programs that call it
    get_expected_cell_size = nn.LSTM.get_expected_cell_size
    check_forward_args = nn.LSTM.check_forward_args  # type: ignore[assignment]
    permute_hidden = nn.LSTM.permute_hidden  # type: ignore[assignment]

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        backend: str = "auto",
        **extras: Unpack[ExtrasArguments],
    ) -> None:
        settings: TorchSettings = {
            "input_size": input_size,
            "hidden_size": hidden_size,
            "num_layers": num_layers,
            "bias": bias,
            "batch_first": batch_first,
            "dropout": dropout,
            "bidirectional": bidirectional,
            "proj_size": proj_size,
            "device": device,
            "dtype": dtype,
        }
        super().__init__("LSTM", settings, backend, extras)

    def _plain_cell(self) -> Cell:
        return cells.get("lstmp" if self.proj_size else "lstm")

    def _stacks_of(self) -> tuple[Stack, ...]:
        return STACKS["LSTMP" if self.proj_size else "LSTM"]

    def _states_given(self, hx: CallerStates) -> Sequence[object] | None:
        if isinstance(hx, Tensor):
            raise CallError("lstm expects two hidden states: pass hx as a tuple (h_0, c_0)")
        return None if hx is None else list(hx)

    def _states_returned(self, states: tuple[Tensor, ...]) -> States:
        return states


class GRU(DropIn):
    """``torch.nn.GRU``, compiled and with everything that it lacks.

    Besides PyTorch's arguments, by keyword: ``backend`` ("auto", "eager", "interpreter", "llvm", "triton" or "vendor"), and the
    extras (``gatewise.nn.Extras``) zoneout, recurrent_dropout, input_dropout, weight_drop, layer_norm,
    learned_initial_state, memory, residual, highway, detach_every, record.

    Raises:
        ValueError, TypeError: as PyTorch's constructor.
        InputError, CellError: for an extra out of range, or that does not fit the cell.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        backend: str = "auto",
        **extras: Unpack[ExtrasArguments],
    ) -> None:
        _no_projection(extras)
        settings: TorchSettings = {
            "input_size": input_size,
            "hidden_size": hidden_size,
            "num_layers": num_layers,
            "bias": bias,
            "batch_first": batch_first,
            "dropout": dropout,
            "bidirectional": bidirectional,
            "device": device,
            "dtype": dtype,
        }
        super().__init__("GRU", settings, backend, extras)

    def _plain_cell(self) -> Cell:
        return cells.get("gru")

    def _type_under_autocast(self, x: Tensor) -> torch.dtype | None:
        # PyTorch's GRU, unlike its LSTM and RNN, gives back the type of its input on a CPU
        return x.dtype if x.device.type == "cpu" else None


class RNN(DropIn):
    """``torch.nn.RNN``, compiled and with everything that it lacks.

    Besides PyTorch's arguments, by keyword: ``backend`` ("auto", "eager", "interpreter", "llvm", "triton" or "vendor"), and the
    extras (``gatewise.nn.Extras``) zoneout, recurrent_dropout, input_dropout, weight_drop, layer_norm,
    learned_initial_state, memory, residual, highway, detach_every, record.

    Raises:
        ValueError, TypeError: as PyTorch's constructor.
        InputError, CellError: for an extra out of range, or that does not fit the cell.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        backend: str = "auto",
        **extras: Unpack[ExtrasArguments],
    ) -> None:
        _no_projection(extras)
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'."
            )
        self.nonlinearity: str = nonlinearity
        settings: TorchSettings = {
            "input_size": input_size,
            "hidden_size": hidden_size,
            "num_layers": num_layers,
            "bias": bias,
            "batch_first": batch_first,
            "dropout": dropout,
            "bidirectional": bidirectional,
            "device": device,
            "dtype": dtype,
        }
        super().__init__(f"RNN_{nonlinearity.upper()}", settings, backend, extras)

    def _plain_cell(self) -> Cell:
        return cells.get("rnn")(nonlinearity=self.mode.split("_")[1].lower())


def _no_projection(extras: ExtrasArguments) -> None:
    if "proj_size" in extras:
        raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
