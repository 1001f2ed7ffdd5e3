"""Each cell under the interpreter does what its paper says, to the last digits of float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import gatewise as gw
from gatewise import interp
from tests.cells.cases import CASES, Case, by_interpreter, by_paper, draw, tensors
from tests.cells.papers import STEPS
from tests.tolerances import assert_close


def test_every_cell_has_a_reference() -> None:
    assert set(STEPS) == set(gw.cells.names())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_outputs_and_final_states(case: Case) -> None:
    seq = interp.Sequences(steps=5, batch=3)
    values = draw(case, seq.steps, seq.batch)
    with torch.no_grad():
        output, final = by_paper(case, tensors(values), seq)
    got = by_interpreter(case, values, seq)
    assert_close(got.output, output, "float64", "forward")
    for state, ours, theirs in zip(case.cell.program.states, got.states, final, strict=True):
        assert_close(ours, theirs, "float64", "state", name=f"final {state.name}")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_unit_and_one_input(case: Case) -> None:
    """Sizes of one meet the rules of broadcasting; blocks and heads keep two units."""
    units = max(case.options.get(grouped, 1) for grouped in ("cells", "heads", "chunk"))
    seq = interp.Sequences(steps=3, batch=2)
    sizes = {name: units if name == "H" else 1 for name in case.cell.program.sizes}
    shrunk = _Sized(case.name, case.options, sizes)
    values = draw(shrunk, seq.steps, seq.batch)
    with torch.no_grad():
        output, _ = by_paper(shrunk, tensors(values), seq)
    assert_close(by_interpreter(shrunk, values, seq).output, output, "float64", "forward")


class _Sized(Case):
    """A case at sizes of its own."""

    def __init__(self, name: str, options: dict[str, object], sizes: dict[str, int]) -> None:
        super().__init__(name, options)
        object.__setattr__(self, "_sizes", sizes)

    @property
    def sizes(self) -> dict[str, int]:
        return self._sizes  # type: ignore[attr-defined, no-any-return]


def test_slstm_without_its_stabiliser() -> None:
    """From its declared start sLSTM equals its equations with bare exponentials, gradients too."""
    case = Case("slstm")
    steps, batch, units = 6, 2, 4
    seq = interp.Sequences(steps, batch)
    values = draw(case, steps, batch)
    p = tensors(values).params
    h = c = n = torch.zeros(batch, units, dtype=torch.float64)
    outputs = []
    for x in torch.tensor(values.inputs["x"]):
        a = {k: x @ p[f"W.{k}"].T + h @ p[f"R.{k}"].T + p[f"b.{k}"] for k in "ifzo"}
        i, f = torch.exp(a["i"]), torch.sigmoid(a["f"])
        c, n = f * c + i * torch.tanh(a["z"]), f * n + i
        h = torch.sigmoid(a["o"]) * c / n
        outputs.append(h)
    got = interp.run(case.cell.program, values.inputs, values.params, case.sizes, seq)
    assert_close(got.output, torch.stack(outputs), "float64", "forward")


@pytest.mark.parametrize("name", gw.cells.names())
@pytest.mark.parametrize("scale", [1e3, 1e6])
def test_huge_inputs_stay_finite(name: str, scale: float) -> None:
    """From the declared start no gate overflows into NaN; what is squashed stays bounded."""
    case = Case(name)
    seq = interp.Sequences(steps=4, batch=3)
    values = draw(case, seq.steps, seq.batch)
    inputs = {n: a * scale if n == "x" else a for n, a in values.inputs.items()}
    got = interp.run(case.cell.program, inputs, values.params, case.sizes, seq)
    assert np.isfinite(got.output).all()
    assert all(np.isfinite(s).all() for s in got.states)


def test_slstm_forgets_everything_where_it_starts() -> None:
    """Minus infinity in the stabiliser makes the first forget gate 0 and the input gate 1."""
    case = Case("slstm")
    seq = interp.Sequences(2, 3, reset=np.array([[False] * 3, [True] * 3]))
    values = draw(case, 2, 3)
    got = interp.run(
        case.cell.program, values.inputs, values.params, case.sizes, seq, record=("i", "f", "n")
    )
    assert (got.recorded["i"] == 1).all()
    assert (got.recorded["f"] == 0).all()
    assert (got.recorded["n"] == 1).all()
