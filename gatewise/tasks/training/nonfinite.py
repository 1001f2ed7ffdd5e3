"""Where a loss or a gradient stopped being a number: weights, inputs, a module, the examples."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from gatewise.nn import Recurrent
from gatewise.tasks.training.problem import Problem, Recipe

HUGE = 1e9  # scaled values are of the order of one
SHOWN = 3  # examples or parameters that a message names


def diagnosis(
    network: nn.Module, problem: Problem, batch: Any, recipe: Recipe, step: int, loss: float
) -> str:
    """What went wrong at a step, where it began and what to do. The weights are those before it."""
    slower = f"take a lower learning rate than {recipe.learning_rate:g}"
    if recipe.precision == "bf16-mixed":
        slower += ', or precision="32-true"'
    names = [n for n, p in network.named_parameters() if not torch.isfinite(p).all()]
    if names:
        return (
            f"the weights stopped being numbers before step {step}, first in {_some(names)}: "
            f"{slower}"
        )
    if math.isfinite(loss):
        names = [
            n
            for n, p in network.named_parameters()
            if p.grad is not None and not torch.isfinite(p.grad).all()
        ]
        where = f" of {_some(names)}" if names else ""
        return f"the loss is {loss:g} at step {step}, but its gradient{where} is not a number: {slower}"
    bad, place = _examples(network, problem, batch)
    if not bad:
        return f"the loss is {loss} at step {step}, of no example alone: {slower}"
    if place.made:
        where, cure = place.made, slower
    elif place.given:
        where, cure = f"what {place.given} is given", "look at the values there"
    else:
        where = f"the loss itself, the network's output being {place.largest:.2g} at most"
        cure = slower if place.largest > HUGE else "look at the values there"
    return f"the loss is {loss} at step {step}. It began in {where}, for {_some(bad)}: {cure}"


@dataclass
class _Origin:
    """The first module that is given what is no number, or makes it; else the largest output."""

    given: str = ""
    made: str = ""
    largest: float = 0.0


def _examples(network: nn.Module, problem: Problem, batch: Any) -> tuple[list[str], _Origin]:
    """Examples whose own loss is no number, and the place where the first of them goes wrong."""
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
    """Fill in the place while the network runs."""

    def hook(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def look(module: nn.Module, given: Any, made: Any) -> None:
            if place.given or place.made:
                return
            if not _finite(given):
                place.given = name
            elif not _finite(made):
                place.made = name
                place.made += _quantity(module, given)
            elif module is network and isinstance(made, Tensor):
                place.largest = made.abs().max().item()

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


def _quantity(module: nn.Module, given: Any) -> str:
    """Of a recurrent layer the first quantity of its cell that is no number, and the step."""
    if not isinstance(module, Recurrent):
        return ""
    names = [name for name, _ in module.plan.cell.program.names]
    recorded = module(*given, record=names)[2]
    found = []
    for k, name in enumerate(names):
        wrong = ~torch.isfinite(recorded[name][0]).flatten(1).all(1)  # [T]
        if wrong.any():
            found.append((int(wrong.int().argmax()), k))
    if not found:  # it began in another layer or direction than the first
        return ""
    step, k = min(found)
    return f" ({names[k]!r} first, at step {step + 1} of the sequence)"


def _finite(value: Any) -> bool:
    if isinstance(value, Tensor):
        return not value.is_floating_point() or bool(torch.isfinite(value).all())
    if isinstance(value, tuple | list):
        return all(_finite(v) for v in value)
    return True


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
