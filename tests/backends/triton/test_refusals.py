"""What the backend cannot serve, said before anything runs."""

from __future__ import annotations

import importlib.util

import pytest
import torch

import gatewise as gw
from gatewise.backends import triton
from gatewise.errors import BackendError

CUDA = "cuda"


def test_without_triton(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "triton" else real(name)
    )
    assert triton.backend.missing().startswith("Triton is missing: install torch for CUDA")


@pytest.mark.parametrize(
    "hip, available, capability, message",
    [
        ("6.0", True, (9, 0), "NVIDIA GPUs, and this is one of AMD"),
        (None, False, (9, 0), "there is no GPU"),
        (None, True, (7, 5), "compute capability 7.5, its kernels need 8.0"),
        (None, True, (8, 0), ""),
        (None, True, (12, 0), ""),
    ],
)
def test_gpus(
    hip: str | None,
    available: bool,
    capability: tuple[int, int],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.version, "hip", hip)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda *device: capability)
    obstacle = triton.backend.obstacle(CUDA, "float32")
    assert message in obstacle and bool(message) == bool(obstacle)


def test_types_and_devices() -> None:
    assert "not float64" in triton.backend.obstacle(CUDA, "float64")
    assert "run on a GPU, not on cpu" in triton.backend.obstacle("cpu", "float32")
    module = gw.nn.Recurrent(gw.cells.mgu, 3, 4, backend="triton")
    with pytest.raises(BackendError, match="its kernels run on a GPU, not on cpu"):
        module(torch.zeros(2, 1, 3))
