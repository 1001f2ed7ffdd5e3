"""Gradients that decay over many steps: no operation on a subnormal number, in kernels or around them.

What a processor saw is in its control word (x86), so nothing has to be timed. The marks of kernels are
theirs alone; those of torch's operations around them are the calling thread's.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

import gatewise as gw
import gatewise.nn as gnn
from tests import control_word

STEPS, BATCH, HIDDEN = 1000, 3, 5
LEAST = torch.finfo(torch.float32).smallest_normal


@pytest.fixture(autouse=True)
def plain() -> Iterator[None]:
    """The caller does not flush, and nothing is marked."""
    before = control_word.read()
    control_word.write(before & ~control_word.word().flush)
    yield
    control_word.write(before)


def gradients(module: torch.nn.Module, *inputs: Tensor) -> list[Tensor]:
    """Of a loss at the last step alone."""
    for x in inputs:
        x.requires_grad_()
    output = module(inputs[0] if len(inputs) == 1 else inputs)[0]
    output[-1].sum().backward()
    gradients_ = [x.grad for x in (*inputs, *module.parameters())]
    return [g for g in gradients_ if g is not None]


def recurrent(name: str) -> tuple[torch.nn.Module, list[Tensor]]:
    torch.manual_seed(0)
    cell = gw.cells.get(name)
    extra = {k: {"S": 2, "P": 3}[k] for k in cell.program.sizes if k not in "IH"}
    sizes = {"I": 2, "H": HIDDEN, **extra}
    widths = [item.size.evaluate(sizes) for item in cell.program.inputs]
    free = {k: v for k, v in extra.items() if k != "S"}
    options = {"sizes": free} if free else {}
    module = gnn.Recurrent(
        cell, widths[0] if len(widths) == 1 else tuple(widths), HIDDEN, **options
    )
    inputs = [
        torch.randn(*((STEPS, BATCH) if item.per == "step" else (BATCH,)), units)
        for item, units in zip(cell.program.inputs, widths, strict=True)
    ]
    return module, inputs


@pytest.mark.parametrize("name", gw.cells.names())
def test_no_gradient_is_subnormal(name: str) -> None:
    module, inputs = recurrent(name)
    for g in gradients(module, *inputs):
        assert not ((g != 0) & (g.abs() < LEAST)).any()
    assert not control_word.subnormal()


def test_such_gradients_are_subnormal_without_the_mode() -> None:
    """PyTorch's own LSTM, whose gradients have them: what the other tests look for is there to be seen."""
    torch.manual_seed(0)
    gradients_ = gradients(torch.nn.LSTM(2, HIDDEN), torch.randn(STEPS, BATCH, 2))
    assert any(((g != 0) & (g.abs() < LEAST)).any() for g in gradients_)
    if control_word.word().subnormal:
        assert control_word.subnormal()


@pytest.mark.parametrize("options", [{}, {"bidirectional": True}, {"num_layers": 2}])
@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_the_modules_in_place_of_pytorchs(kind: str, options: dict[str, int]) -> None:
    torch.manual_seed(0)
    for g in gradients(getattr(gnn, kind)(2, HIDDEN, **options), torch.randn(STEPS, BATCH, 2)):
        assert not ((g != 0) & (g.abs() < LEAST)).any()
    assert not control_word.subnormal()


@pytest.mark.parametrize("threads", [1, 2])
def test_the_bits_do_not_depend_on_the_number_of_threads(threads: int) -> None:
    before = torch.get_num_threads()
    torch.manual_seed(0)
    module = gnn.Recurrent("lstm", 2, HIDDEN)
    wide = torch.randn(STEPS, 40, 2)
    try:
        torch.set_num_threads(1)
        alone = gradients(module, wide.clone())
        module.zero_grad()
        torch.set_num_threads(threads)
        several = gradients(module, wide.clone())
    finally:
        torch.set_num_threads(before)
    for a, b in zip(alone, several, strict=True):
        assert torch.equal(a, b)
        assert not ((b != 0) & (b.abs() < LEAST)).any()


def test_one_step_with_subnormal_inputs_and_states() -> None:
    """They are as good as zeros."""
    torch.manual_seed(0)
    module = gnn.LSTM(2, HIDDEN)
    state = (torch.zeros(1, 1, HIDDEN), torch.zeros(1, 1, HIDDEN))
    with torch.inference_mode():
        want, _ = module(torch.zeros(1, 1, 2), state)
        tiny = torch.full((1, 1, 2), 1e-40), tuple(s + 1e-40 for s in state)
        control_word.write(control_word.read())
        got, _ = module(*tiny)
        assert not control_word.subnormal()
    assert torch.equal(got, want)
