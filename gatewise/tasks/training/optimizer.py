"""torch's AdamW without the import of torch's compiler.

The methods of torch's optimizers are wrapped so that ``torch.compile`` passes over them, and the wrappers
import the compiler when they are called first. That takes a second, more than many a fit, and
nothing is compiled here.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

_METHODS = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")


class AdamW(torch.optim.AdamW):
    """``torch.optim.AdamW`` with its fused kernel (Loshchilov & Hutter 2019)."""

    def __init__(self, weights: Iterable[Tensor], rate: float, weight_decay: float) -> None:
        super().__init__(weights, lr=rate, weight_decay=weight_decay, fused=True)

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Move the weights along their gradients."""
        return _step(self, closure)


_step = inspect.unwrap(torch.optim.AdamW.step)
for _name in _METHODS:
    setattr(AdamW, _name, inspect.unwrap(getattr(torch.optim.AdamW, _name)))
