"""What is declared: for whole families, for members that an option leaves out, and as a start."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import gatewise as gw
from gatewise.errors import CellError
from gatewise.lang import relu, tanh


def test_a_size_for_all_members_of_a_family() -> None:
    @gw.cell(sizes={"E": "Z"})
    def embedded(x: Any, /, h: Any, *, E: Any, D: Any) -> Any:
        return tanh(D @ ((E.x @ x) * (E.h @ h) + E.other @ x))

    rows = {p.name: str(p.rows) for p in embedded.program.params}
    assert rows == {"E.x": "Z", "E.h": "Z", "E.other": "Z", "D": "H"}
    with pytest.raises(CellError, match="'F' is declared, but it is not in the equations"):
        gw.cell(sizes={"F": "Z"})(lambda x, /, h, *, W: h + W @ x)


def highway(x: Any, /, h: Any, *, W: Any, R: Any, b: Any, depth: int = 2) -> Any:
    for k in range(depth):
        h = h + tanh(R[f"r{k}"] @ (1 * h) + b[f"r{k}"] + W @ x)
    return h


def test_an_option_may_leave_out_what_is_declared() -> None:
    deep = gw.cell(init={"b.r0": 0.5, "b.r1": -2.0})(highway)
    assert [p.name for p in deep(depth=1).program.params] == ["R.r0", "b.r0", "W"]
    with pytest.raises(CellError, match=r"'b.r2' is declared"):  # in no form that it starts with
        gw.cell(init={"b.r2": 0.5})(highway)


def test_a_matrix_starts_as_the_identity() -> None:
    """Le, Jaitly & Hinton 2015: a ReLU network whose recurrent matrix starts so."""

    def irnn(x: Any, /, h: Any, *, W: Any, U: Any, b: Any) -> Any:
        return relu(W @ x + U @ h + b)

    cell = gw.cell(init={"U": "identity", "b": 0.0})(irnn)
    assert torch.equal(gw.nn.Recurrent(cell, 2, 5).equation_parameters()["U"], torch.eye(5))
    scaled = gw.cell(init={"U": ("identity", 0.5)}, blocks={"U": 2})(irnn)
    U = gw.nn.Recurrent(scaled, 2, 6).equation_parameters()["U"]
    assert torch.equal(U, torch.eye(3).mul(0.5).expand(2, 3, 3))
    assert gw.load_cell(scaled.to_json()) == scaled
    with pytest.raises(CellError, match="parameter b is a vector"):
        gw.cell(init={"b": "identity"})(irnn)
