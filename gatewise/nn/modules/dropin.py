"""What the drop-ins for PyTorch's ``nn.LSTM``, ``nn.GRU`` and ``nn.RNN`` share.

Constructor, call forms, parameters, their initial values under a seed and ``state_dict`` are those of
PyTorch, whose ``nn.RNNBase`` keeps the parameters here too. (Not ``nn.LSTM`` itself: torch.compile
refuses every subclass of it.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from gatewise.arrays import Array
from gatewise.lang.cell import Cell
from gatewise.nn.compiled.low_types import LOW
from gatewise.nn.convert.to_keras import to_keras_weights
from gatewise.nn.convert.to_torch import to_torch
from gatewise.nn.execution.by_pytorch import Layers, torch_sequence
from gatewise.nn.execution.call_checks import CallerStates, Lengths
from gatewise.nn.execution.cudnn import Mode, obstacle, run_vendor
from gatewise.nn.execution.dispatch import VENDOR, check_backend
from gatewise.nn.execution.handover import LEAST_WIDE, REFUSALS, sequence_handed_over, wide_training
from gatewise.nn.modules.base import CallResult, CheckedCall, RecurrentBase, States, Steps
from gatewise.nn.plan.cell_rewrites import without_biases
from gatewise.nn.plan.extras import Extras, ExtrasArguments
from gatewise.nn.plan.module_plan import ModulePlan
from gatewise.nn.plan.param_layout import Stack
from gatewise.nn.plan.torch_stacks import STACKS
from gatewise.nn.plan.walk import Walk


class TorchSettings(TypedDict):
    """The arguments of PyTorch's ``nn.RNNBase`` but the mode."""

    input_size: int
    hidden_size: int
    num_layers: int
    bias: bool
    batch_first: bool
    dropout: float
    bidirectional: bool
    proj_size: NotRequired[int]
    device: torch.device | str | None
    dtype: torch.dtype | None


class DropIn(RecurrentBase, nn.RNNBase):
    """What ``LSTM``, ``GRU`` and ``RNN`` share.

    Constructor, call forms, outputs, parameters and their initial values under a seed, errors and
    ``state_dict`` are those of PyTorch's module of the same name; either loads the other's
    ``state_dict``.

    Besides the arguments of PyTorch's constructor, the constructors take by keyword only:
        backend: "auto", "eager", "interpreter", "llvm", "triton" or "vendor"; ``explain`` says what "auto" takes, and why.
        **extras: the fields of ``gatewise.nn.Extras``: zoneout, layer_norm and so on.

    Raises:
        ValueError, TypeError: as PyTorch's constructor.
        InputError, CellError: for an extra out of range, or that does not fit the cell.
    """

    plan: ModulePlan

    def __init__(
        self, mode: str, settings: TorchSettings, backend: str, extras: ExtrasArguments
    ) -> None:
        checked = Extras.of(extras, (*settings, "backend"), type(self).__name__)
        backend = check_backend(backend)
        super().__init__(mode, **settings)
        self._adopt(checked, backend)
        first = next(self.parameters())
        self._add_parameters(settings["device"] or first.device, first.dtype)
        self._reset_extras(_names(self._stacks_of()))

    def _adopt(self, extras: Extras, backend: str) -> None:
        """Become ours, given the parameters and settings of an ``nn.RNNBase``."""
        self.backend = backend
        more = {"P": self.proj_size} if self.proj_size else {}
        cell = self._plain_cell()
        self.plan = ModulePlan(
            (cell if self.bias else without_biases(cell)).program,
            extras,
            (self.input_size,),
            self.hidden_size,
            self.num_layers,
            2 if self.bidirectional else 1,
            more=more,
            prescribed=self._stacks_of(),
        )
        self._check_joins()

    def _plain_cell(self) -> Cell:
        raise NotImplementedError

    def _stacks_of(self) -> tuple[Stack, ...]:
        return STACKS[self.mode.split("_")[0]]

    def reset_parameters(self) -> None:
        """Draw all parameters anew: PyTorch's as PyTorch does, those of the extras as declared."""
        bound = self.hidden_size**-0.5
        for names in self._all_weights:
            for name in names:
                nn.init.uniform_(self.parameter(name), -bound, bound)
        if "plan" in self.__dict__:  # not yet while PyTorch's constructor runs
            self._reset_extras(_names(self._stacks_of()))

    # --- the call -------------------------------------------------------------------------------

    def _states_given(self, hx: CallerStates) -> Sequence[object] | None:
        return None if hx is None else [hx]

    _labels: tuple[str, ...] = ("hidden",)

    def forward(
        self,
        input: Tensor | PackedSequence,
        hx: CallerStates = None,
        *,
        lengths: Lengths = None,
        reset: Tensor | None = None,
        record: str | Sequence[str] | None = None,
    ) -> Any:
        """Run sequences, as PyTorch's module of this name does.

        Args:
            input: [T, B, I] ([B, T, I] if batch_first), unbatched [T, I], or a PackedSequence.
            hx: initial states, h or for an LSTM (h, c), each [layers * directions, B, size].
            lengths: [B] whole numbers on the CPU, 0 .. T, in any order. Padding is never read; its
                outputs are zero.
            reset: [T, B] truth values ([B, T] if batch_first): before these steps the state is set
                back to zero, or to the learned initial state.
            record: names of quantities to return at every step: i, f, z, o, h and c of an LSTM.

        Returns:
            ``(output, hx)`` as PyTorch's module; with ``record`` a third: a dict from each name to a
            tuple over layer * directions + direction of tensors [T, B, size].

        Raises:
            CallError: (a ValueError and a RuntimeError) for tensors that do not fit.
            ProgramError: for an unknown name in ``record``.
        """
        plain = lengths is None and reset is None and record is None
        # not asked of the most frequent calls, and the shortest: without gradients, small, in float32
        asked = (
            torch.is_grad_enabled()
            or self.plan.values >= LEAST_WIDE
            or type(input) is PackedSequence
            or getattr(input, "dtype", None) in LOW
        )
        if plain and asked and self.backend == "auto" and self._handed_over(input):
            try:
                return self._by_pytorch(input, hx)
            except REFUSALS:
                pass  # what does not fit is said below
        return self._call(input, hx, lengths, reset, record)

    def _by_pytorch(self, input: Steps, hx: CallerStates) -> tuple[Steps, States]:
        """What PyTorch's module of this name gives."""
        parameters = self._parameters
        # parametrized ones are not among them: they go the usual way
        weights = [parameters[name] for name in self._flat_weights_names]
        widths, lstm = self.plan.widths, self.mode == "LSTM"
        layers = Layers(
            self.mode,
            widths,
            (self.bias, self.num_layers, self.dropout, self.training, self.bidirectional),
            # oneDNN's kernel of the LSTM has no projections, and no second derivatives by itself
            onednn=not lstm or (widths[0] == widths[-1] and self._by_onednn(input)),
        )
        return torch_sequence(layers, weights, input, hx, self.batch_first)

    def _by_onednn(self, input: object) -> bool:
        """Whether oneDNN may run a call that is handed over."""
        return not torch.is_grad_enabled() or wide_training(
            self.plan, self.mode, input, self.batch_first
        )

    def _handed_over(self, input: object) -> bool:
        """Whether PyTorch's function runs this call, as it is quicker."""
        return sequence_handed_over(self.plan, self.mode, input, self.batch_first)

    def walk(
        self,
        input: object,
        hx: CallerStates = None,
        *,
        lengths: Lengths = None,
        reset: object = None,
        record: object = None,
        context: object = None,
    ) -> Walk[CallResult] | None:
        plain = lengths is None and reset is None and record is None
        if plain and self.backend == "auto" and self._handed_over(input):
            return None  # the same bits as by itself
        return super().walk(input, hx, lengths=lengths, reset=reset, record=record, context=context)

    def _open(
        self,
        input: object,
        start: Sequence[object] | None,
        lengths: Lengths,
        reset: object,
        record: object,
        context: object,
    ) -> CheckedCall:
        names = self._record(record)
        form = self._form((input,), lengths, reset)
        first = self._start(form, start, self._labels)
        choice = self._choose(form.inputs[0].device, lengths, reset, names)
        return CheckedCall(form, first, names, choice.name)

    def _finish(self, opened: CheckedCall) -> CallResult:
        if opened.backend != VENDOR:
            return super()._finish(opened)
        weights = [self.parameter(n) for names in self._all_weights for n in names]
        mode = Mode(self.mode, self.bias, self.dropout, self.training)
        result = run_vendor(self.plan, weights, opened.form, opened.start, mode)
        # its output is as the caller has sequences
        return result.output, self._states_returned(opened.form.states_out(result.states))

    def _states_returned(self, states: tuple[Tensor, ...]) -> States:
        return states[0]

    def _vendor_obstacle(self, lengths: Lengths, reset: object, record: tuple[str, ...]) -> str:
        arguments = [("lengths", lengths), ("reset", reset), ("record", record or None)]
        return obstacle(self.plan.extras.changed, [n for n, v in arguments if v is not None])

    # --- other forms of the same network --------------------------------------------------------

    def to_torch(self) -> nn.RNNBase:
        """The same network as PyTorch's module; see ``gatewise.nn.convert``. Raises InputError."""
        return to_torch(self)

    def to_keras_weights(self, layer: int = 0) -> list[Array]:
        """The weights of a layer in Keras's order; see ``gatewise.nn.convert``. Raises InputError."""
        return to_keras_weights(self, layer)

    def extra_repr(self) -> str:
        return super().extra_repr() + self._repr_of_extras()


def _names(stacks: Sequence[Stack]) -> tuple[str, ...]:
    return tuple(s.name for s in stacks)
