"""Which step and which feature an answer came from: integrated gradients.

Sundararajan, Taly & Yan (2017), Axiomatic attribution for deep networks, ICML. The attributions add up to the
difference between the answer and that for the baseline; how far they miss it is part of the result.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.nn.modules.base import RecurrentBase

Target = int | Callable[[Any], Tensor]


@dataclass(frozen=True)
class Attribution:
    """Attributions of every step and feature.

    Attributes:
        values: of the shape of the input.
        answer, baseline: [B] what the model says for the input and for the baseline.
        error: [B] the completeness error: the sum of the attributions less the difference of the two.
    """

    values: Array
    answer: Array
    baseline: Array
    error: Array


def attribution(
    model: nn.Module,
    x: Tensor,
    target: Target,
    *,
    baseline: Tensor | float = 0.0,
    steps: int = 64,
    batch_first: bool | None = None,
) -> Attribution:
    """Integrated gradients of a model's answer over steps and features, in float64 and evaluation mode.

    Args:
        model: a recurrent module, or a network whose forward takes x.
        x: [T, B, I]; [B, T, I] if batch_first.
        target: which output is explained: its number, of the last axis; if there are outputs at every step, of the
            last step. Or a function from what the model returns to [B] numbers.
        baseline: what stands for no input: a number, or a tensor of the shape of x.
        steps: points of the Gauss-Legendre quadrature between the baseline and x.
        batch_first: of x; by default as the recurrent module says.

    Raises:
        InputError: for an x that is no tensor of numbers [T, B, I], a target out of range, an answer that is not one
            number a sequence, or a baseline of another shape.
    """
    if not isinstance(model, nn.Module):
        raise InputError(f"model must be a torch module, not {type(model).__name__}")
    if not isinstance(x, Tensor) or not x.is_floating_point() or x.dim() != 3:
        raise InputError("x must be a tensor of numbers [T, B, I]; of symbols, give their vectors")
    if isinstance(steps, bool) or not isinstance(steps, int) or not 1 <= steps <= 4096:
        raise InputError(f"steps must be a whole number from 1 to 4096, not {steps!r}")
    inner = copy.deepcopy(model).to("cpu", torch.float64).eval()
    first = _batch_first(inner) if batch_first is None else batch_first
    x = x.detach().to("cpu", torch.float64)
    try:
        start = torch.as_tensor(baseline, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        raise InputError(
            f"baseline must be a number or a tensor of the shape of x, not {baseline!r}"
        ) from None
    if not bool(x.isfinite().all()) or not bool(start.isfinite().all()):
        raise InputError(
            "x and the baseline must be finite: of NaN or infinite values replace them first"
        )
    if start.dim() and start.shape != x.shape:
        raise InputError(f"the baseline has the shape {tuple(start.shape)}, and x {tuple(x.shape)}")
    start = start.expand_as(x)
    B = x.shape[0 if first else 1]

    def answer(inputs: Tensor) -> Tensor:
        returned = inner(inputs)
        value = target(returned) if callable(target) else _chosen(returned, target, first)
        if value.shape != (B,):
            raise InputError(
                f"the target must give one number a sequence, [{B}], not {tuple(value.shape)}"
            )
        return value

    points, weights = np.polynomial.legendre.leggauss(steps)
    total = torch.zeros_like(x)
    for point, weight in zip((points + 1) / 2, weights / 2, strict=True):
        between = (start + float(point) * (x - start)).requires_grad_()
        (gradient,) = torch.autograd.grad(answer(between).sum(), between)
        total += float(weight) * gradient
    values = total * (x - start)
    with torch.no_grad():
        end, begin = answer(x), answer(start.clone())
    missed = values.sum((1, 2) if first else (0, 2)) - (end - begin)
    return Attribution(values.numpy(), end.numpy(), begin.numpy(), missed.numpy())


def _batch_first(model: nn.Module) -> bool:
    return any(m.batch_first for m in model.modules() if isinstance(m, RecurrentBase))


def _chosen(returned: Any, target: int, batch_first: bool) -> Tensor:
    output = returned[0] if isinstance(returned, tuple) else returned
    if output.dim() == 3:
        output = output[:, -1] if batch_first else output[-1]
    whole = isinstance(target, int) and not isinstance(target, bool)
    if not whole or not 0 <= target < output.shape[-1]:
        raise InputError(f"there is no output {target!r}: there are {output.shape[-1]}, from 0 on")
    return torch.as_tensor(output[:, target])
