"""The forms in which sequences come: batch first or not, unbatched, packed; and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from gatewise.ir import Input
from gatewise.nn.execution.call_checks import (
    CallError,
    Lengths,
    check_beside_context,
    check_context,
    check_input,
    check_lengths,
    check_more_input,
    check_reset,
    check_steps,
)


@dataclass(slots=True)
class SequenceFormat:
    """One call's tensors, time-major and batched, and how the caller had them.

    ``inputs`` [T, B, n] (static ones [B, n]), ``lengths`` [B], ``reset`` [T, B], ``context``
    [B, S]. A PackedSequence is kept sorted by length, as it comes; ``order`` sorts what the caller gives
    besides.
    """

    batch_first: bool
    inputs: list[Tensor]
    steps: int
    batch: int
    batched: bool = True
    packed: PackedSequence | None = None
    lengths: Tensor | None = None
    reset: Tensor | None = None
    context: Tensor | None = None

    @property
    def order(self) -> Tensor | None:
        """Indices that sort the caller's batch."""
        return None if self.packed is None else self.packed.sorted_indices

    def states_in(self, states: Sequence[Tensor]) -> list[Tensor]:
        """The caller's states, batched and in the order of the inputs."""
        if not self.batched:
            return [s.unsqueeze(1) for s in states]
        return [s if self.order is None else s.index_select(1, self.order) for s in states]

    def states_out(self, states: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """States as the caller has them."""
        if not self.batched:
            return tuple(s.squeeze(1) for s in states)
        back = None if self.packed is None else self.packed.unsorted_indices
        return tuple(s if back is None else s.index_select(1, back) for s in states)

    def steps_out(self, value: Tensor) -> Tensor | PackedSequence:
        """A tensor [T, B, n] as the caller has his sequences: a PackedSequence if he gave one."""
        if self.packed is not None:
            assert self.lengths is not None
            data = pack_padded_sequence(value, self.lengths).data
            sorted_, back = self.packed.sorted_indices, self.packed.unsorted_indices
            return PackedSequence(data, self.packed.batch_sizes, sorted_, back)
        if not self.batched:
            return value.squeeze(1)
        return value.transpose(0, 1) if self.batch_first else value


def format_of(
    who: str,
    items: Sequence[Input],
    sizes: Sequence[int],
    inputs: Sequence[object],
    weight: Tensor | None,
    batch_first: bool,
    lengths: Lengths,
    reset: object,
    context: object = None,
) -> SequenceFormat:
    """Check the inputs of a call and bring them to one form.

    Args:
        who: the name of the module, for messages.
        items: the cell's inputs, with their ``sizes``.
        inputs: what the caller gave for them.
        weight: any parameter: its type and device are the module's. None takes any of the input's.
        lengths, reset, context: as the caller gave them.

    Raises:
        CallError: for whatever does not fit.
    """
    if len(inputs) != len(items):
        names = ", ".join(i.name for i in items)
        raise CallError(
            f"{who} takes the inputs {names} as a tuple of {len(items)}, got {len(inputs)}"
        )
    first = inputs[0]
    if context is not None:
        context = check_context(context, who, sizes[0])
        sizes = [sizes[0] - context.shape[-1], *sizes[1:]]
        data = first.data if isinstance(first, PackedSequence) else first
        check_beside_context(data, who, sizes[0], context)
    if isinstance(first, PackedSequence):
        if len(inputs) > 1:
            raise CallError(f"{who}: with several inputs, pass padded tensors and lengths=")
        form = _packed(who, first, sizes[0], weight, batch_first, lengths)
    else:
        form = _padded(who, items, sizes, inputs, weight, batch_first)
        if lengths is not None:
            if not form.batched and isinstance(lengths, int):
                lengths = [lengths]
            form.lengths = check_lengths(lengths, form.steps, form.batch)
    if reset is not None:
        form.reset = _reset(form, reset)
    if context is not None:
        form.context = _context(form, context)
    return form


def _padded(
    who: str,
    items: Sequence[Input],
    sizes: Sequence[int],
    from_caller: Sequence[object],
    weight: Tensor | None,
    batch_first: bool,
) -> SequenceFormat:
    first = check_input(from_caller[0], who, weight, sizes[0], packed=False)
    batched = first.dim() == 3
    inputs = [first]
    for item, size, x in zip(items[1:], sizes[1:], from_caller[1:], strict=True):
        lead = tuple(first.shape[:-1])  # the caller's axes of time and batch
        static = (lead[0 if batch_first else 1],) if batched else ()
        shape = (*(lead if item.per == "step" else static), size)
        inputs.append(check_more_input(x, item.name, shape, first))
    if not batched:
        inputs = [
            x.unsqueeze(1 if i.per == "step" else 0) for i, x in zip(items, inputs, strict=True)
        ]
    elif batch_first:
        inputs = [
            x.transpose(0, 1) if i.per == "step" else x for i, x in zip(items, inputs, strict=True)
        ]
    steps, batch = inputs[0].shape[:2]
    check_steps(steps)
    return SequenceFormat(batch_first, inputs, steps, batch, batched)


def _packed(
    who: str,
    sequences: PackedSequence,
    size: int,
    weight: Tensor | None,
    batch_first: bool,
    lengths: Lengths,
) -> SequenceFormat:
    if lengths is not None:
        raise CallError("a PackedSequence has its lengths: leave out lengths=")
    check_input(sequences.data, who, weight, size, packed=True)
    padded, counted = pad_packed_sequence(PackedSequence(sequences.data, sequences.batch_sizes))
    steps, batch = padded.shape[:2]
    return SequenceFormat(batch_first, [padded], steps, batch, packed=sequences, lengths=counted)


def _context(form: SequenceFormat, context: Tensor) -> Tensor:
    lead = (form.batch,) if form.batched else ()
    check_more_input(context, "context", (*lead, context.shape[-1]), form.inputs[0])
    if not form.batched:
        return context.unsqueeze(0)
    return context if form.order is None else context.index_select(0, form.order)


def _reset(form: SequenceFormat, mask: object) -> Tensor:
    device = form.inputs[0].device
    if not form.batched:
        return check_reset(mask, (form.steps,), "steps", device).unsqueeze(1)
    if form.batch_first:
        reset = check_reset(mask, (form.batch, form.steps), "batch, steps", device).transpose(0, 1)
    else:
        reset = check_reset(mask, (form.steps, form.batch), "steps, batch", device)
    return reset if form.order is None else reset.index_select(1, form.order)
