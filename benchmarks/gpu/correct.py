"""Results and every gradient against plain operations in float64 on the CPU: fresh random numbers each time,
new memory full of NaN."""

from __future__ import annotations

import copy
import secrets
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor, nn

from benchmarks.gpu.cases import Case, cases_of, device, input_of, module_of, way_of

STEPS = 37  # more than a graph of 32 takes
# of the largest value of each result; products of float32 are rounded to TF32 where torch allows it
ALLOWED = {"float32": 1e-2, "float16": 2e-2, "bfloat16": 6e-2}


def cases(arguments: Namespace) -> dict[str, Callable[[], dict[str, Any]]]:
    """A check of each case."""
    steps = 3 if arguments.rehearse else STEPS
    return {str(case): partial(_check, case, steps) for case in cases_of(arguments)}


def _check(case: Case, steps: int) -> dict[str, Any]:
    seed = secrets.randbits(32)
    torch.manual_seed(seed)
    with way_of(case):
        module, x = module_of(case), input_of(case, steps)
        weight = torch.randn(steps, case.batch, case.units)
        reference = copy.deepcopy(module).cpu().double()
        reference.backend = "eager"
        wanted = _results(reference, x.detach().cpu().double().requires_grad_(), weight.double())
        with _poisoned():
            for _ in range(2):  # a graph is recorded by the second call
                results = _results(module, x, weight.to(x.device, x.dtype))
    largest = {name: float(value.abs().max()) for name, value in wanted.items()}
    errors = {}
    for name, value in results.items():
        alike = [n for n in wanted if n[:2] == name[:2] and wanted[n].dim() == wanted[name].dim()]
        # a gradient that is nearly zero beside the others is a difference of large sums
        scale = max(largest[name], 0.01 * max(largest[n] for n in alike), 1e-6)
        errors[name] = float((value.cpu().double() - wanted[name]).abs().max()) / scale
    bad = {n: e for n, e in errors.items() if not e <= ALLOWED[case.dtype]}
    worst = max(errors, key=lambda n: float("inf") if errors[n] != errors[n] else errors[n])
    return {
        "right": not bad,
        "worst": worst,
        "error": None,
        "off": errors[worst],
        "bad": bad,
        "seed": seed,
    }


def _results(module: nn.Module, x: Tensor, weight: Tensor) -> dict[str, Tensor]:
    """Output, final states and all gradients by name."""
    x.grad = None
    module.zero_grad(set_to_none=True)
    output, states = module(x)
    final = list(states.values()) if isinstance(states, dict) else list(_flat(states))
    loss = (output * weight).sum() + sum((s * 0.5).sum() for s in final)
    loss.backward()
    results = {"output": output, "d.x": x.grad}
    results |= {f"state {k}": s for k, s in enumerate(final)}
    results |= {f"d.{n}": p.grad for n, p in module.named_parameters()}
    return {n: t.detach().clone() for n, t in results.items() if t is not None}


def _flat(states: Any) -> Iterator[Tensor]:
    if isinstance(states, Tensor):
        yield states
    else:
        for state in states:
            yield from _flat(state)


@contextmanager
def _poisoned() -> Iterator[None]:
    """New memory of the backend is full of NaN."""
    real = torch.Tensor.new_empty

    def new_empty(self: Tensor, *size: Any, **options: Any) -> Tensor:
        new = real(self, *size, **options)
        recording = device() == "cuda" and torch.cuda.is_current_stream_capturing()
        return new.fill_(float("nan")) if new.is_floating_point() and not recording else new

    with patch.object(torch.Tensor, "new_empty", new_empty):
        yield
