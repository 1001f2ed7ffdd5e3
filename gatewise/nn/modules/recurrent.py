"""Layers of any cell."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from gatewise import cells
from gatewise.arrays import Array
from gatewise.ir import validate_cell
from gatewise.lang.cell import Cell
from gatewise.nn.convert.to_keras import to_keras_weights
from gatewise.nn.convert.to_torch import to_torch
from gatewise.nn.execution.call_checks import CallerStates, Lengths
from gatewise.nn.execution.dispatch import check_backend
from gatewise.nn.modules.arguments import check_dropout, flag
from gatewise.nn.modules.base import CheckedCall, RecurrentBase
from gatewise.nn.plan.extras import Extras, ExtrasArguments
from gatewise.nn.plan.module_plan import ModulePlan
from gatewise.nn.plan.sizes import input_sizes, whole


class Recurrent(RecurrentBase):
    """Layers of any cell over sequences.

    Parameters are stacked by family: ``W_l0`` holds W.i, W.f, ... of layer 0 above each other, and
    ``W_l0_reverse`` those of the other direction; ``equation_parameters`` gives them by name. They
    start as the cell declares.

    Args:
        cell: a name of the catalogue (``"peephole_lstm"``), a cell or a composed one.
        input_size: the size I of the first input; for a cell with several inputs a tuple.
        hidden_size: the size H.
        num_layers: layers; each but the first reads the output of the one below. Other inputs than
            the first are given to all layers.
        bidirectional: run every layer in both directions; outputs are joined along the units.
        batch_first: inputs and outputs are [B, T, n] instead of [T, B, n]. States never are.
        dropout: probability that an output of a layer but the last is dropped, each by itself.
        backend: "auto", "eager", "interpreter", "llvm", "triton" or "vendor"; ``explain`` says what "auto" takes, and why.
        sizes: the cell's further sizes, such as ``{"P": 16}`` for the projection of an LSTMP.
        device, dtype: of the parameters.
        **extras: the fields of ``gatewise.nn.Extras``.

    Raises:
        CellError: for a cell that the catalogue does not have, or an extra that it cannot take.
        ProgramError: for a cell whose Program is not legal.
        SizeError: for sizes that do not fit.
        InputError: for an extra out of range.
        TypeError: for an argument of a wrong type or an unknown keyword.
    """

    def __init__(
        self,
        cell: str | Cell,
        input_size: int | Sequence[int],
        hidden_size: int,
        num_layers: int = 1,
        *,
        bidirectional: bool = False,
        batch_first: bool = False,
        dropout: float = 0.0,
        backend: str = "auto",
        sizes: Mapping[str, int] | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        **extras: Unpack[ExtrasArguments],
    ) -> None:
        super().__init__()
        checked = Extras.of(extras, inspect.signature(Recurrent).parameters, "Recurrent")
        chosen = cells.get(cell) if isinstance(cell, str) else cell
        if not isinstance(chosen, Cell):
            raise TypeError(
                f"cell must be a name of the catalogue or a cell, not {type(cell).__name__}"
            )
        self.backend = check_backend(backend)
        self.batch_first = flag("batch_first", batch_first)
        self.bidirectional = flag("bidirectional", bidirectional)
        self.hidden_size = whole("hidden_size", hidden_size)
        self.num_layers = whole("num_layers", num_layers)
        self.dropout = check_dropout(dropout, num_layers)
        widths = input_sizes(validate_cell(chosen.program), input_size)
        self.input_size = widths[0] if len(widths) == 1 else widths
        self.plan = ModulePlan(
            chosen.program,
            checked,
            widths,
            hidden_size,
            num_layers,
            directions=2 if bidirectional else 1,
            more=dict(sizes or {}),
        )
        self._check_joins()
        self._add_parameters(device, dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters anew, as the cell declares them."""
        self._reset_extras()

    def forward(
        self,
        input: Tensor | PackedSequence | Sequence[Tensor],
        hx: CallerStates = None,
        *,
        lengths: Lengths = None,
        reset: Tensor | None = None,
        record: str | Sequence[str] | None = None,
        context: Tensor | None = None,
    ) -> Any:
        """Run sequences.

        Args:
            input: [T, B, I] ([B, T, I] if batch_first), unbatched [T, I], or a PackedSequence. For a
                cell with several inputs a tuple of them: static ones are [B, S], scalar ones [T, B, 1].
            hx: initial states in the cell's order, each [layers * directions, B, size] (unbatched
                [layers * directions, size]); what the cell declares or has learned if left out.
            lengths: [B] whole numbers on the CPU, 0 .. T, in any order: the steps of each sequence.
                Padding is never read; its outputs are zero.
            reset: [T, B] truth values ([B, T] if batch_first): before these steps the state is set
                back to the cell's own initial one (declared or learned).
            record: names of quantities to return at every step.
            context: [B, S] (unbatched [S]) values that are the same at every step. Input has S values
                less then: the result is that of ``context`` before ``input`` at every step, and where
                the cell's equations allow it (its input is read by matrices only) their products are
                taken once a sequence.

        Returns:
            ``(output, states)``: output [T, B, directions * size of the first state], and a tuple of
            the final states [layers * directions, B, size]. With ``record`` a third: a dict from each
            name to a tuple over layer * directions + direction of tensors [T, B, size].

        Raises:
            CallError: (a ValueError and a RuntimeError) for tensors that do not fit.
            ProgramError: for an unknown name in ``record``.
        """
        return self._call(input, hx, lengths, reset, record, context)

    def _states_given(self, hx: CallerStates) -> Sequence[object] | None:
        return [hx] if isinstance(hx, Tensor) else hx

    def _open(
        self,
        input: object,
        start: Sequence[object] | None,
        lengths: Lengths,
        reset: object,
        record: object,
        context: object,
    ) -> CheckedCall:
        inputs: Sequence[object] = (input,)
        if isinstance(input, tuple | list) and not isinstance(input, PackedSequence):
            inputs = input
        form = self._form(inputs, lengths, reset, context)
        program = self.plan.cell.program
        first = self._start(form, start, [f"hidden state {s.name}" for s in program.states])
        names = self._record(record)
        x = form.inputs[0]
        choice = self._choose(x.device, lengths, reset, names, x.dtype)
        return CheckedCall(form, first, names, choice.name)

    def to_torch(self) -> torch.nn.Module:
        """The same network as a module of PyTorch; see ``gatewise.nn.convert``. Raises InputError."""
        return to_torch(self)

    def to_keras_weights(self, layer: int = 0) -> list[Array]:
        """The weights of a layer in Keras's order; see ``gatewise.nn.convert``. Raises InputError."""
        return to_keras_weights(self, layer)

    def extra_repr(self) -> str:
        parts = [self.plan.cell.name, f"{self.input_size}", f"{self.hidden_size}"]
        for name, plain in (
            ("num_layers", 1),
            ("batch_first", False),
            ("dropout", 0.0),
            ("bidirectional", False),
            ("backend", "auto"),
        ):
            value = getattr(self, name)
            parts += [] if value == plain else [f"{name}={value}"]
        return ", ".join(
            [*parts, *(f"{n}={getattr(self.plan.extras, n)}" for n in self.plan.extras.changed)]
        )
