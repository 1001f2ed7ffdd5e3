"""What autograd hands to both ways of a Function: torch gives it no types that say what may be kept in it."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor


class AutogradContext(Protocol):
    """A context. Functions extend it by what their way forward keeps for their way back.

    Attributes:
        saved_tensors: what ``save_for_backward`` was given; None where that was None.
        needs_input_grad: of each argument of the way forward, whether it wants a gradient.
    """

    saved_tensors: tuple[Tensor, ...]
    needs_input_grad: tuple[bool, ...]

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors, and notice if they are changed in place."""

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """These results have no gradient."""

    def set_materialize_grads(self, value: bool) -> None:
        """Whether gradients that nobody gives are zeros; otherwise they are None."""
