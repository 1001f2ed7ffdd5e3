"""What ``gw.explain(cell, "triton")`` says, on a machine that may have no Triton."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

import gatewise as gw
from gatewise.backends.triton import explain
from gatewise.errors import BackendError


@pytest.fixture
def nothing_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Triton is not installed."""
    real = importlib.util.find_spec

    def find_spec(name: str, *rest: Any) -> Any:
        return None if name == "triton" else real(name, *rest)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)


@pytest.mark.usefixtures("nothing_compiles")
@pytest.mark.parametrize(
    ("cell", "reasons"),
    [
        ("lstm", ["forward: grid (the units are spread", "not rows: matrices of 532,480 bytes"]),
        ("sru", ["forward: apart", "as the state c is not linear", "every state is linear"]),
        ("layernorm_lstm", ["steps (a product of a library", "18 sums over all units"]),
    ],
)
def test_the_way_and_why(cell: str, reasons: list[str]) -> None:
    text = gw.explain(gw.cells.get(cell), "triton", I=256, H=256)
    assert "=== triton: 16 rows in bfloat16, compute capability 9.0, I=256, H=256" in text
    assert "(Triton is not installed, so nothing is compiled)" in text
    assert "def kernel(" in text
    for reason in reasons:
        assert reason in text


def test_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None)
    with pytest.raises(BackendError, match="cannot be explained here: pip install"):
        gw.explain(gw.cells.rnn, "triton")


def test_a_kernel_that_does_not_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("triton", reason="kernels are compiled by Triton")

    def refuse(*arguments: object) -> None:
        raise RuntimeError("no ptxas\nfor this machine")

    monkeypatch.setattr(explain, "of_step", refuse)
    monkeypatch.setattr(explain, "interpreted", lambda: False)
    text = gw.explain(gw.cells.rnn, "triton", I=8, H=16)
    assert "(a kernel cannot be compiled here: no ptxas for this machine)" in text
    monkeypatch.setattr(explain, "interpreted", lambda: True)
    assert "(Triton interprets kernels here" in gw.explain(gw.cells.rnn, "triton", I=8, H=16)
