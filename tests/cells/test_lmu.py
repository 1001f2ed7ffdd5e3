"""The fixed matrices of an LMU: the exponential of the paper's, for windows of any length."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch

import gatewise as gw
from gatewise.errors import CellError
from gatewise.ir.constants import numbers


def constants_of(order: int, theta: float) -> tuple[np.ndarray, np.ndarray]:
    program = gw.cells.lmu(order=order, theta=theta).program
    A, B = (np.array(numbers(p)) for p in program.params if p.values is not None)
    return A.reshape(order, order), B


@pytest.mark.parametrize(
    ("order", "theta"), [(1, 5.0), (2, 0.3), (6, 100.0), (12, 2.5), (12, 1.0), (40, 784.0)]
)
def test_against_the_exponential_of_a_matrix(order: int, theta: float) -> None:
    number = torch.arange(order, dtype=torch.float64)
    i, j = torch.meshgrid(number, number, indexing="ij")
    both = torch.zeros(order + 1, order + 1, dtype=torch.float64)
    both[:-1, :-1] = (2 * i + 1) / theta * torch.where(i < j, -1.0, (-1.0) ** (i - j + 1))
    both[:-1, -1] = (2 * number + 1) / theta * (-1.0) ** number
    want = torch.matrix_exp(both).numpy()
    A, B = constants_of(order, theta)
    np.testing.assert_allclose(A, want[:-1, :-1], rtol=0, atol=1e-11)
    np.testing.assert_allclose(B, want[:-1, -1], rtol=0, atol=1e-11)


def test_the_largest_order_is_defined_in_seconds() -> None:
    started = time.process_time()
    A, _ = constants_of(256, 784.0)  # permuted digits, as in the paper
    assert time.process_time() - started < 5
    largest = np.abs(np.linalg.eigvals(A)).max()
    assert 0.9 < largest < 1  # it forgets, slowly


@pytest.mark.parametrize(
    "options", [{"order": 0}, {"order": 257}, {"theta": 0.0}, {"theta": float("inf")}]
)
def test_what_is_no_window(options: dict[str, float]) -> None:
    with pytest.raises(CellError, match="order is a whole number"):
        gw.cells.lmu(**options)
