"""Many gradients at once: ``autograd.grad(..., is_grads_batched=True)``, ``jacobian(...,
vectorize=True)`` and ``torch.func.vmap`` over ``autograd.grad``.

They go back over a forward pass with tensors that stand for many. The kernels cannot read those: such
a backward pass is taken through the eager backend, as second derivatives are.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

_KEYS = ("Batched", "FuncTorchBatched")  # of autograd's own vmap, and of torch.func's


def batched(tensors: Iterable[Tensor | None]) -> bool:
    """Whether one of the tensors stands for many."""
    for t in tensors:
        if t is not None:
            keys = torch._C._dispatch_keys(t)
            if any([keys.has(key) for key in _KEYS]):
                return True
    return False
