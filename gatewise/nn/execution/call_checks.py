"""What a call is checked for. Messages say what PyTorch's say, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from gatewise.errors import InputError
from gatewise.nn.compiled.low_types import go_together


class CallError(InputError, RuntimeError):
    """A recurrent module was called with tensors that do not fit it.

    PyTorch's modules raise RuntimeError or ValueError; this is both.
    """


def check_input(x: Any, who: str, weight: Tensor | None, size: int, packed: bool) -> None:
    """The first input: dimensions, type, size, steps, device. Raises CallError or TypeError.

    ``weight`` is None where there are no parameters: any type of real numbers will do.
    """
    if not isinstance(x, Tensor):
        raise TypeError(
            f"{who}: input must be a tensor or a PackedSequence, not {type(x).__name__}"
        )
    if x.layout is not torch.strided:
        raise CallError(f"{who}: input must be dense, not {x.layout}: pass input.to_dense()")
    dims = (2,) if packed else (2, 3)
    if x.dim() not in dims:
        wanted = "2D" if packed else "2D or 3D"
        raise CallError(f"{who}: Expected input to be {wanted}, got {x.dim()}D instead")
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


def check_steps(steps: int) -> None:
    """Raises CallError for a sequence without steps."""
    if steps < 1:
        raise CallError("Expected sequence length to be larger than 0 in RNN, got 0 steps")


def check_more_input(x: Any, name: str, wanted: tuple[int, ...], like: Tensor) -> None:
    """An input beside the first: its shape, type and device. Raises CallError or TypeError."""
    if not isinstance(x, Tensor):
        raise TypeError(f"input {name} must be a tensor, not {type(x).__name__}")
    if tuple(x.shape) != wanted:
        raise CallError(f"input {name} must have the shape {wanted}, got {list(x.shape)}")
    if x.device != like.device or not go_together(x.dtype, like.dtype, like.device.type):
        raise CallError(
            f"input {name} is {x.dtype} on {x.device}, the first input {like.dtype} on {like.device}"
        )


def check_context(given: Any, who: str, size: int) -> int:
    """How many values of the input are left for the steps. Raises CallError or TypeError."""
    if not isinstance(given, Tensor):
        raise TypeError(f"context must be a tensor, not {type(given).__name__}")
    if not given.dim() or not 0 < given.shape[-1] < size:
        raise CallError(
            f"{who}: context {list(given.shape)} is a part of the input, which has {size} values a step: "
            "it needs one at least, and at least one must be left that comes at every step"
        )
    return int(size - given.shape[-1])


def check_rest(x: Any, who: str, width: int, context: Tensor) -> None:
    """The input beside a context has the rest of the values. Raises CallError."""
    if isinstance(x, Tensor) and x.dim() and x.shape[-1] != width:
        total = width + context.shape[-1]
        raise CallError(
            f"{who}: input and context have {x.shape[-1]} and {context.shape[-1]} values a step; "
            f"together they are the input of {total}"
        )


def check_states(
    states: Any, labels: Sequence[str], wanted: Sequence[tuple[int, ...]], like: Tensor
) -> None:
    """The initial states: how many, which shapes, types and devices. Raises CallError or TypeError.

    ``labels`` are how messages call them (``hidden[0]``), ``wanted`` their shapes.
    """
    if not isinstance(states, Sequence):
        raise TypeError(f"{labels[0]} must be a tensor, not {type(states).__name__}")
    if len(states) != len(labels):
        expects = {1: "one hidden state", 2: "two hidden states"}
        count = expects.get(len(labels), f"{len(labels)} states")
        raise CallError(f"expects {count}, {', '.join(labels)}; got {len(states)}")
    for state, label in zip(states, labels, strict=True):
        if not isinstance(state, Tensor):
            raise TypeError(f"{label} must be a tensor, not {type(state).__name__}")
    dims = len(wanted[0])
    if any(s.dim() != dims for s in states):
        kind = "batched 3-D" if dims == 3 else "unbatched 2-D"
        subject, noun = ("hx", "tensor") if len(states) == 1 else ("hx and cx", "tensors")
        got = ", ".join(f"{s.dim()}-D" for s in states)
        got = got if len(states) == 1 else f"({got})"
        raise CallError(f"For {kind} input, {subject} should also be {dims}-D but got {got} {noun}")
    for state, label, shape in zip(states, labels, wanted, strict=True):
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


def check_lengths(lengths: Any, steps: int, batch: int) -> Tensor:
    """Lengths as whole numbers [B] on the CPU. Raises CallError."""
    if isinstance(lengths, Tensor) and lengths.device.type != "cpu":
        raise CallError(
            f"lengths must be on the CPU, not on {lengths.device}: pass lengths.cpu() (they steer the "
            "loop over time, and fetching them would wait for the device)"
        )
    try:
        made = torch.as_tensor(lengths)
    except (TypeError, ValueError, RuntimeError):
        raise CallError(f"lengths must be {batch} whole numbers, not {lengths!r}") from None
    if made.dtype == torch.bool or made.is_floating_point() or made.is_complex():
        raise CallError(f"lengths must be whole numbers, not {made.dtype}")
    if tuple(made.shape) != (batch,):
        raise CallError(f"lengths must have the shape ({batch},), one for each sequence, "
                        f"got {list(made.shape)}")  # fmt: skip
    if batch and not torch.compiler.is_compiling():
        low, high = int(made.min()), int(made.max())
        if low < 0 or high > steps:
            raise CallError(
                f"lengths must lie in 0..{steps} (the steps of the input), got {low}..{high}"
            )
    return made.to(torch.int64)


def check_reset(reset: Any, wanted: tuple[int, ...], axes: str, device: torch.device) -> Tensor:
    """A reset mask. ``axes`` says what its axes are. Raises CallError."""
    if not isinstance(reset, Tensor) or reset.dtype != torch.bool:
        got = reset.dtype if isinstance(reset, Tensor) else type(reset).__name__
        raise CallError(f"reset must be a tensor of truth values (torch.bool), not {got}: "
                        "pass reset.bool()")  # fmt: skip
    if tuple(reset.shape) != wanted:
        raise CallError(f"reset must have the shape {wanted} ({axes}), got {list(reset.shape)}")
    if reset.device != device:
        raise CallError(f"reset is on {reset.device}, the input on {device}: pass reset.to(...)")
    return reset
