"""What a call is checked for. Messages say what PyTorch's say, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import torch
from torch import Tensor

from gatewise.errors import InputError
from gatewise.nn.compiled.low_types import go_together

# what a caller may give for initial states: None is the cell's own
CallerStates: TypeAlias = Tensor | Sequence[Tensor] | None
# what a caller may give for ``lengths``
Lengths: TypeAlias = Tensor | Sequence[int] | int | None


class CallError(InputError, RuntimeError):
    """A recurrent module was called with tensors that do not fit it.

    PyTorch's modules raise RuntimeError or ValueError; this is both.
    """


def _tensor(x: object, what: str) -> Tensor:
    if not isinstance(x, Tensor):
        raise TypeError(f"{what} must be a tensor, not {type(x).__name__}")
    return x


def _check_axes(x: Tensor, what: str, axes: tuple[int, ...]) -> None:
    if x.dim() not in axes:
        wanted = " or ".join(f"{n}D" for n in axes)
        raise CallError(f"{what} to be {wanted}, got {x.dim()}D instead")


def check_input(x: object, who: str, weight: Tensor | None, size: int, packed: bool) -> Tensor:
    """The first input: dimensions, type, size, steps, device. Raises CallError or TypeError.

    ``weight`` is None where there are no parameters: any type of real numbers will do.
    """
    if not isinstance(x, Tensor):
        raise TypeError(
            f"{who}: input must be a tensor or a PackedSequence, not {type(x).__name__}"
        )
    if x.layout is not torch.strided:
        raise CallError(f"{who}: input must be dense, not {x.layout}: pass input.to_dense()")
    _check_axes(x, f"{who}: Expected input", (2,) if packed else (2, 3))
    if weight is None:
        if not x.is_floating_point():
            raise CallError(f"{who}: input must hold floats, not {x.dtype}: pass input.float()")
        weight = x
    if not go_together(x.dtype, weight.dtype, x.device.type):
        raise CallError(
            f"RNN input dtype ({x.dtype}) does not match weight dtype ({weight.dtype}). Convert "
            f"input: input.to({weight.dtype}), or convert model: model.to({x.dtype})"
        )
    if x.shape[-1] != size:
        raise CallError(
            f"input.size(-1) must be equal to input_size. Expected {size}, got {x.shape[-1]}"
        )
    if x.device != weight.device:
        raise CallError(
            "Input and parameter tensors are not at the same device, found input tensor at "
            f"{x.device} and parameter tensor at {weight.device}"
        )
    return x


def check_steps(steps: int) -> None:
    """Raises CallError for a sequence without steps."""
    if steps < 1:
        raise CallError("Expected sequence length to be larger than 0 in RNN, got 0 steps")


def check_more_input(x: object, name: str, wanted: tuple[int, ...], like: Tensor) -> Tensor:
    """An input beside the first: its shape, type and device. Raises CallError or TypeError."""
    x = _tensor(x, f"input {name}")
    if tuple(x.shape) != wanted:
        raise CallError(f"input {name} must have the shape {wanted}, got {list(x.shape)}")
    if x.device != like.device or not go_together(x.dtype, like.dtype, like.device.type):
        raise CallError(
            f"input {name} is {x.dtype} on {x.device}, the first input {like.dtype} on {like.device}"
        )
    return x


def check_context(context: object, who: str, size: int) -> Tensor:
    """A context leaves values of the input to the steps. Raises CallError or TypeError."""
    context = _tensor(context, "context")
    if not context.dim() or not 0 < context.shape[-1] < size:
        raise CallError(
            f"{who}: context {list(context.shape)} is a part of the input, which has {size} values a step: "
            "it needs one at least, and at least one must be left that comes at every step"
        )
    return context


def check_beside_context(x: object, who: str, width: int, context: Tensor) -> None:
    """The input beside a context has the rest of the values. Raises CallError."""
    if isinstance(x, Tensor) and x.dim() and x.shape[-1] != width:
        total = width + context.shape[-1]
        raise CallError(
            f"{who}: input and context have {x.shape[-1]} and {context.shape[-1]} values a step; "
            f"together they are the input of {total}"
        )


def check_states(
    states: object, labels: Sequence[str], wanted: Sequence[tuple[int, ...]], like: Tensor
) -> list[Tensor]:
    """The initial states: how many, which shapes, types and devices. Raises CallError or TypeError.

    ``labels`` are how messages call them (``hidden[0]``), ``wanted`` their shapes.
    """
    if not isinstance(states, Sequence):
        raise TypeError(f"{labels[0]} must be a tensor, not {type(states).__name__}")
    if len(states) != len(labels):
        expects = {1: "one hidden state", 2: "two hidden states"}
        count = expects.get(len(labels), f"{len(labels)} states")
        raise CallError(f"expects {count}, {', '.join(labels)}; got {len(states)}")
    tensors = [_tensor(state, label) for state, label in zip(states, labels, strict=True)]
    dims = len(wanted[0])
    if any(s.dim() != dims for s in tensors):
        kind = "batched 3-D" if dims == 3 else "unbatched 2-D"
        subject, noun = ("hx", "tensor") if len(states) == 1 else ("hx and cx", "tensors")
        got = ", ".join(f"{s.dim()}-D" for s in tensors)
        got = got if len(states) == 1 else f"({got})"
        raise CallError(f"For {kind} input, {subject} should also be {dims}-D but got {got} {noun}")
    for state, label, shape in zip(tensors, labels, wanted, strict=True):
        if tuple(state.shape) != shape:
            raise CallError(f"Expected {label} size {shape}, got {list(state.shape)}")
        if state.device != like.device:
            raise CallError(
                "Input and hidden tensors are not at the same device, found input tensor at "
                f"{like.device} and hidden tensor at {state.device}"
            )
        if not go_together(state.dtype, like.dtype, like.device.type):
            raise CallError(
                "Input and hidden tensors are not the same dtype, found input tensor with "
                f"{like.dtype} and hidden tensor with {state.dtype}: convert one of them with .to()"
            )
    return tensors


def check_lengths(lengths: Lengths, steps: int, batch: int) -> Tensor:
    """Lengths as whole numbers [B] on the CPU. Raises CallError."""
    if isinstance(lengths, Tensor) and lengths.device.type != "cpu":
        raise CallError(
            f"lengths must be on the CPU, not on {lengths.device}: pass lengths.cpu() (they steer the "
            "loop over time, and fetching them would wait for the device)"
        )
    try:
        counts = torch.as_tensor(lengths)
    except (TypeError, ValueError, RuntimeError):
        raise CallError(f"lengths must be {batch} whole numbers, not {lengths!r}") from None
    if counts.dtype == torch.bool or counts.is_floating_point() or counts.is_complex():
        raise CallError(f"lengths must be whole numbers, not {counts.dtype}")
    if tuple(counts.shape) != (batch,):
        raise CallError(
            f"lengths must have the shape ({batch},), one for each sequence, got {list(counts.shape)}"
        )
    if batch and not torch.compiler.is_compiling():
        low, high = int(counts.min()), int(counts.max())
        if low < 0 or high > steps:
            raise CallError(
                f"lengths must lie in 0..{steps} (the steps of the input), got {low}..{high}"
            )
    return counts.to(torch.int64)


def check_reset(reset: object, wanted: tuple[int, ...], axes: str, device: torch.device) -> Tensor:
    """A reset mask. ``axes`` says what its axes are. Raises CallError."""
    if not isinstance(reset, Tensor) or reset.dtype != torch.bool:
        got = reset.dtype if isinstance(reset, Tensor) else type(reset).__name__
        raise CallError(
            f"reset must be a tensor of truth values (torch.bool), not {got}: pass reset.bool()"
        )
    if tuple(reset.shape) != wanted:
        raise CallError(f"reset must have the shape {wanted} ({axes}), got {list(reset.shape)}")
    if reset.device != device:
        raise CallError(f"reset is on {reset.device}, the input on {device}: pass reset.to(...)")
    return reset


def check_step(
    x: object,
    states: Sequence[object] | None,
    labels: Sequence[str],
    who: str,
    weight: Tensor,
    sizes: tuple[int, int],
) -> tuple[Tensor, list[Tensor] | None]:
    """A call of a module that runs one step: input [B, I] or [I], states alike. Raises CallError or TypeError.

    ``states`` are None where the caller gave none; ``labels`` are how messages call them, ``sizes`` I and H.
    """
    input_size, hidden_size = sizes
    x = _tensor(x, f"{who}: input")
    _check_axes(x, f"{who}: Expected input", (1, 2))
    if x.shape[-1] != input_size:
        raise CallError(
            f"input has inconsistent input_size: got {x.shape[-1]} expected {input_size}"
        )
    tensors: list[Tensor] = []
    labelled = [] if states is None else zip(labels, states, strict=True)
    for k, (label, value) in enumerate(labelled):
        state = _tensor(value, f"{who}: {label}")
        _check_axes(state, f"{who}: Expected {label}", (1, 2))
        if state.dim() != x.dim():
            raise CallError(
                f"{who}: input is {x.dim()}D, {label} {state.dim()}D: batch both or none"
            )
        if state.shape[-1] != hidden_size:
            raise CallError(
                f"hidden{k} has inconsistent hidden_size: got {state.shape[-1]}, expected {hidden_size}"
            )
        if state.shape[0] != x.shape[0] and x.dim() == 2:
            raise CallError(
                f"Input batch size {x.shape[0]} doesn't match hidden{k} batch size {state.shape[0]}"
            )
        tensors.append(state)
    for label, tensor in (("input", x), *zip(labels, tensors, strict=False)):
        fits = go_together(tensor.dtype, weight.dtype, weight.device.type)
        if tensor.device != weight.device or not fits:
            raise CallError(
                f"{who}: {label} is {tensor.dtype} on {tensor.device}, the parameters are "
                f"{weight.dtype} on {weight.device}: convert one with .to()"
            )
    return x, None if states is None else tensors
