"""One step at a time: drop-ins for PyTorch's ``nn.LSTMCell``, ``nn.GRUCell`` and ``nn.RNNCell``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

import torch
from torch import Tensor, nn

from gatewise import cells
from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.nn.compiled.fast_path import run_step
from gatewise.nn.convert.kinds import check_extras
from gatewise.nn.convert.to_torch import cell_to_torch
from gatewise.nn.execution.by_pytorch import torch_step
from gatewise.nn.execution.call_checks import CallError, CallerStates, check_step
from gatewise.nn.execution.dispatch import check_backend
from gatewise.nn.execution.handover import REFUSALS, step_handed_over
from gatewise.nn.execution.sequence_format import SequenceFormat
from gatewise.nn.modules.base import CheckedCall, RecurrentBase
from gatewise.nn.plan.cell_rewrites import without_biases
from gatewise.nn.plan.extras import Extras, ExtrasArguments
from gatewise.nn.plan.module_plan import ModulePlan
from gatewise.nn.plan.torch_stacks import STACKS

_INSIDE = ("zoneout", "recurrent_dropout", "layer_norm", "learned_initial_state", "record")


class CellSettings(TypedDict):
    """The arguments of PyTorch's ``nn.RNNCellBase``."""

    input_size: int
    hidden_size: int
    bias: bool
    num_chunks: int
    device: torch.device | str | None
    dtype: torch.dtype | None


class StepCell(RecurrentBase, nn.RNNCellBase):
    """What the drop-ins for one step share."""

    batch_first = False
    dropout = 0.0
    kind: str

    def __init__(
        self, settings: CellSettings, backend: str, extra_arguments: ExtrasArguments
    ) -> None:
        extras = Extras.of(extra_arguments, (*settings, "backend"), type(self).__name__)
        backend = check_backend(backend)
        outside = [n for n in extras.changed if n not in _INSIDE]
        if outside:
            name = type(self).__name__
            raise InputError(
                f"{name} runs one step: {outside[0]} belongs to sequences, give it to "
                f"{name.removesuffix('Cell')}"
            )
        nn.RNNCellBase.__init__(self, **settings)
        self.backend = backend
        if self.hidden_size:
            self._plan(extras)
            self._add_parameters(self.weight_ih.device, self.weight_ih.dtype)
            self._reset_extras(tuple(s.name for s in STACKS[self.kind]))

    def _plan(self, extras: Extras) -> None:
        cell = self._plain_cell()
        self.plan = ModulePlan(
            (cell if self.bias else without_biases(cell)).program,
            extras,
            (self.input_size,),
            self.hidden_size,
            num_layers=1,
            directions=1,
            prescribed=STACKS[self.kind],
            numbered=False,
        )
        if any(mask.per == "sequence" for mask in self.plan.masks):
            raise InputError(
                f"{type(self).__name__} does not know where a sequence begins: masks for a sequence "
                "belong to modules that run whole sequences"
            )

    def _plain_cell(self) -> Cell:
        return cells.get(self.kind.lower())

    def reset_parameters(self) -> None:
        """Draw all parameters anew: PyTorch's as PyTorch does, those of the extras as declared."""
        bound = self.hidden_size**-0.5 if self.hidden_size else 0.0
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            parameter = self._parameters.get(name)
            if parameter is not None:
                nn.init.uniform_(parameter, -bound, bound)
        if "plan" in self.__dict__:
            self._reset_extras(tuple(s.name for s in STACKS[self.kind]))

    def forward(
        self,
        input: Tensor,
        hx: CallerStates = None,
        *,
        record: str | Sequence[str] | None = None,
    ) -> Any:
        """One step.

        Args:
            input: [B, I], or unbatched [I].
            hx: the state h, for an LSTM (h, c), each [B, H] or unbatched [H]; initial ones if left out.
            record: names of quantities to return.

        Returns:
            The new ``hx``; with ``record`` a pair of it and a dict of tensors [B, size].

        Raises:
            CallError: (a ValueError and a RuntimeError) for tensors that do not fit.
        """
        if record is None and self.backend == "auto" and self._handed_over(input):
            try:
                return torch_step(self._function, self._parameters, self.hidden_size, input, hx)
            except REFUSALS:
                pass  # what does not fit is said below
        start = self._states_given(hx)
        if record is None:
            plain = self._in_inference(input, start)
            if plain is not None:
                return plain if len(plain) > 1 else plain[0]
        x, checked = check_step(
            input,
            start,
            self._labels,
            type(self).__name__,
            self.parameter("weight_ih"),
            (self.input_size, self.hidden_size),
        )
        if not self.hidden_size:  # a cell of no units: nothing to compute
            return super().forward(input, hx)
        batched = x.dim() == 2
        names = self._record(record)
        x = x if batched else x.unsqueeze(0)
        first = None
        if checked is not None:
            first = [(s if batched else s.unsqueeze(0)).unsqueeze(0) for s in checked]
        form = SequenceFormat(False, [x.unsqueeze(0)], 1, x.shape[0])
        choice = self._choose(x.device, None, None, names)
        outcome = self._run(CheckedCall(form, first, names, choice.name))

        def out(value: Tensor) -> Tensor:
            return value.squeeze(0) if batched else value.squeeze(0).squeeze(0)

        states = tuple(out(s) for s in outcome.states)
        result = states if len(states) > 1 else states[0]
        return (result, {n: out(of[0]) for n, of in outcome.recorded.items()}) if names else result

    def _in_inference(
        self, x: object, states: Sequence[object] | None
    ) -> tuple[Tensor, ...] | None:
        """A plain call without gradients, as a sequence of one step; None if this is not one."""
        if not self.hidden_size or not self._may_run_plain():
            return None
        return run_step(self.plan, self._parameters, x, states)

    @property
    def _function(self) -> str:
        """PyTorch's name of the function."""
        return self.kind

    def _handed_over(self, x: object) -> bool:
        """Whether PyTorch's cell runs this call, as it is quicker."""
        plan = self.__dict__.get("plan")  # none in a cell of no units
        return plan is not None and step_handed_over(plan, self.kind, x)

    def to_torch(self) -> nn.RNNCellBase:
        """The same network as PyTorch's module of this name; see ``gatewise.nn.convert``. Raises
        InputError."""
        if self.hidden_size:  # a cell of no units has no extras
            check_extras(self, "PyTorch")
        more = {"nonlinearity": self.nonlinearity} if isinstance(self, nn.RNNCell) else {}
        names = ("weight_ih", "weight_hh", *(("bias_ih", "bias_hh") if self.bias else ()))
        weights = {name: self.parameter(name) for name in names}
        cell = cell_to_torch(
            self.kind, weights, self.input_size, self.hidden_size, self.bias, **more
        )
        return cell.train(self.training)

    def extra_repr(self) -> str:
        return super().extra_repr() + self._repr_of_extras()

    def _states_given(self, hx: CallerStates) -> Sequence[object] | None:
        return None if hx is None else [hx]

    _labels: tuple[str, ...] = ("hidden",)


def _settings(
    input_size: int,
    hidden_size: int,
    bias: bool,
    chunks: int,
    device: torch.device | str | None,
    dtype: torch.dtype | None,
) -> CellSettings:
    return {
        "input_size": input_size,
        "hidden_size": hidden_size,
        "bias": bias,
        "num_chunks": chunks,
        "device": device,
        "dtype": dtype,
    }


class LSTMCell(StepCell, nn.LSTMCell):
    """``torch.nn.LSTMCell`` with zoneout, recurrent_dropout, layer_norm, learned_initial_state, record.

    Raises what PyTorch's constructor raises, and InputError or CellError for an extra that does not fit.
    """

    kind = "LSTM"
    _labels = ("hx[0]", "hx[1]")

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        backend: str = "auto",
        **extras: Unpack[ExtrasArguments],
    ) -> None:
        super().__init__(
            _settings(input_size, hidden_size, bias, 4, device, dtype), backend, extras
        )

    def _states_given(self, hx: CallerStates) -> Sequence[object] | None:
        if hx is None:
            return None
        if isinstance(hx, Tensor) or len(hx) != 2:
            raise CallError("LSTMCell expects two hidden states: pass hx as a tuple (h, c)")
        return list(hx)


class GRUCell(StepCell, nn.GRUCell):
    """``torch.nn.GRUCell`` with zoneout, recurrent_dropout, layer_norm, learned_initial_state, record.

    Raises what PyTorch's constructor raises, and InputError or CellError for an extra that does not fit.
    """

    kind = "GRU"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        backend: str = "auto",
        **extras: Unpack[ExtrasArguments],
    ) -> None:
        super().__init__(
            _settings(input_size, hidden_size, bias, 3, device, dtype), backend, extras
        )


class RNNCell(StepCell, nn.RNNCell):
    """``torch.nn.RNNCell`` with zoneout, recurrent_dropout, layer_norm, learned_initial_state, record.

    Raises what PyTorch's constructor raises, and InputError or CellError for an extra that does not fit.
    """

    kind = "RNN"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        backend: str = "auto",
        **extras: Unpack[ExtrasArguments],
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise CallError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        self.nonlinearity: str = nonlinearity
        super().__init__(
            _settings(input_size, hidden_size, bias, 1, device, dtype), backend, extras
        )

    @property
    def _function(self) -> str:
        return f"RNN_{self.nonlinearity.upper()}"

    def _plain_cell(self) -> Cell:
        return cells.get("rnn")(nonlinearity=self.nonlinearity)
