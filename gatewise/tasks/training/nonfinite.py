"""Finds where a loss or a gradient became NaN or infinite: the weights, an input, a module, which examples."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from gatewise.errors import some_of
from gatewise.nn import Recurrent
from gatewise.tasks.training.problem import Problem, Recipe

# scaled values are of the order of one
HUGE = 1e9
# names of examples or parameters in a message
SHOWN = 3


def diagnosis(
    network: nn.Module, problem: Problem, batch: Any, recipe: Recipe, step: int, loss: float
) -> str:
    """What went wrong at a step, where it began and what to do. The network has the weights before the step."""
    slower = f"try a lower learning rate than {recipe.learning_rate:g}"
    if recipe.precision == "bf16-mixed":
        slower += ', or precision="32-true"'
    names = [n for n, p in network.named_parameters() if not torch.isfinite(p).all()]
    if names:
        return (
            f"the weights stopped being numbers before step {step}, first in {some_of(names, SHOWN)}: "
            f"{slower}"
        )
    if math.isfinite(loss):
        names = [
            n
            for n, p in network.named_parameters()
            if p.grad is not None and not torch.isfinite(p.grad).all()
        ]
        where = f" of {some_of(names, SHOWN)}" if names else ""
        return f"the loss is {loss:g} at step {step}, but its gradient{where} is not a number: {slower}"
    bad, place = _examples(network, problem, batch)
    if not bad:
        return f"the loss is {loss} at step {step}, though every example alone is finite: {slower}"
    if place.producer:
        where, cure = place.producer, slower
    elif place.receiver:
        where, cure = f"the input of {place.receiver}", "check the values there"
    else:
        where = f"the loss itself (the largest output of the network is {place.largest:.2g})"
        cure = slower if place.largest > HUGE else "check the values there"
    return (
        f"the loss is {loss} at step {step}. It began in {where}, for {some_of(bad, SHOWN)}: {cure}"
    )


@dataclass
class _Origin:
    """Where a NaN or an infinity appeared first.

    Attributes:
        receiver: the first module with one in its input; "" if there is none.
        producer: the first module with one in its output alone; "" if there is none.
        largest: the largest value in the network's output.
    """

    receiver: str = ""
    producer: str = ""
    largest: float = 0.0


def _examples(network: nn.Module, problem: Problem, batch: Any) -> tuple[list[str], _Origin]:
    """Examples whose own loss is not finite, and where the first of them goes wrong."""
    bad: list[str] = []
    first = _Origin()
    for k in range(len(batch) if isinstance(batch, Sized) else 0):
        part, place = problem.part(batch, k, len(batch)), _Origin()
        with torch.no_grad(), _watched(network, place):
            total, weight = problem.loss(network, part)
        if not torch.isfinite(total / weight):
            first = first if bad else place
            bad.append(problem.describe(part))
    return bad, first


@contextmanager
def _watched(network: nn.Module, place: _Origin) -> Iterator[None]:
    """Fill in ``place`` while the network runs."""

    def hook(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def look(module: nn.Module, inputs: Any, output: Any) -> None:
            if place.receiver or place.producer:
                return
            if not _finite(inputs):
                place.receiver = name
            elif not _finite(output):
                # set first: _quantity runs the module, and with it this hook, again
                place.producer = name
                place.producer += _quantity(module, inputs)
            elif module is network and isinstance(output, Tensor):
                place.largest = output.abs().max().item()

        return look

    hooks = [
        module.register_forward_hook(hook(name or type(module).__name__))
        for name, module in network.named_modules()
    ]
    try:
        yield
    finally:
        for one in hooks:
            one.remove()


def _quantity(module: nn.Module, inputs: Any) -> str:
    """For a recurrent layer, the first quantity of its cell that is not finite, and its step."""
    if not isinstance(module, Recurrent):
        return ""
    names = [name for name, _ in module.plan.cell.program.names]
    recorded = module(*inputs, record=names)[2]
    first_wrong = []
    for k, name in enumerate(names):
        wrong = ~torch.isfinite(recorded[name][0]).flatten(1).all(1)  # [T]
        if wrong.any():
            first_wrong.append((int(wrong.int().argmax()), k))
    # nothing if it began in another layer or direction than the first
    if not first_wrong:
        return ""
    step, k = min(first_wrong)
    return f" ({names[k]!r} first, at step {step + 1} of the sequence)"


def _finite(value: Any) -> bool:
    if isinstance(value, Tensor):
        return not value.is_floating_point() or bool(torch.isfinite(value).all())
    if isinstance(value, tuple | list):
        return all(_finite(v) for v in value)
    return True
