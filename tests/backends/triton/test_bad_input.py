"""Calls of modules on a GPU that do not fit, as fake tensors of one: each is refused with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor
from torch._subclasses import FakeTensorMode

import gatewise as gw
from gatewise.backends import triton
from gatewise.nn import CallError


@pytest.fixture(autouse=True)
def gpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A GPU is taken to be there."""
    monkeypatch.setattr(triton, "_gpu_obstacle", lambda: "")
    with FakeTensorMode(), torch.no_grad():
        yield


def module(dtype: torch.dtype = torch.float32) -> gw.nn.Recurrent:
    """Its parameters put there one by one: torch for CPUs moves nothing to a GPU, even a fake one."""
    recurrent = gw.nn.Recurrent(gw.cells.mgu, 5, 8, backend="triton")
    for part in recurrent.modules():
        for name, p in list(part.named_parameters(recurse=False)):
            setattr(part, name, torch.nn.Parameter(tensor(*p.shape, dtype=dtype)))
    return recurrent


def tensor(*shape: int, device: str = "cuda", dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.empty(shape, device=device, dtype=dtype)


BAD: dict[str, tuple[Callable[[], Any], str]] = {
    "an input on the CPU": (
        lambda: module()(tensor(3, 2, 5, device="cpu")),
        "not at the same device, found input tensor at cpu and parameter tensor at cuda",
    ),
    "a state on the CPU": (
        lambda: module()(tensor(3, 2, 5), tensor(1, 2, 8, device="cpu")),
        "not at the same device, found input tensor at cuda:0 and hidden tensor at cpu",
    ),
    "lengths on the GPU": (
        lambda: module()(tensor(3, 2, 5), lengths=torch.ones(2, device="cuda").long()),
        "lengths must be on the CPU, not on cuda",
    ),
    "boundaries on the CPU": (
        lambda: module()(tensor(3, 2, 5), reset=torch.ones(3, 2, dtype=torch.bool)),
        "reset is on cpu, the input on cuda",
    ),
    "another type": (
        lambda: module()(tensor(3, 2, 5, dtype=torch.float16)),
        "(?i)dtype|float16",
    ),
    "no steps": (lambda: module()(tensor(0, 2, 5)), "sequence length to be larger than 0"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_calls(what: str) -> None:
    call, message = BAD[what]
    with pytest.raises(CallError, match=message):
        call()


def test_a_call_that_fits() -> None:
    for rows in (0, 2):
        output, (state,) = module(torch.bfloat16)(tensor(3, rows, 5, dtype=torch.bfloat16))
        assert output.shape == (3, rows, 8) and state.shape == (1, rows, 8)
        assert output.device.type == "cuda" and output.dtype == torch.bfloat16
