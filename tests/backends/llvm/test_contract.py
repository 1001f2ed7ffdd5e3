"""The CPU kernels of every cell against the interpreter: all results, in both types.

Each cell is compiled once for float64, with every quantity recorded, and once for float32, and then
run over all kinds of sequences, with memory that holds NaN wherever nothing was written.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from gatewise import interp
from gatewise.compile import layer_for
from tests.backends.llvm.helpers import (
    CATALOGUE,
    CELLS,
    Problem,
    assert_same,
    by_interpreter,
    by_layer,
    child,
    draw,
    poisoned,
    resets,
    sizes_of,
)

LENGTHS = np.array([7, 0, 1, 6, 7, 3, 2, 5, 1, 0, 4, 7, 7])

# name -> sequences, and whether states are given (else the cell's own initial values)
SITUATIONS: dict[str, tuple[interp.Sequences, bool]] = {
    "plain": (interp.Sequences(7, 5), True),
    "declared": (interp.Sequences(3, 1), False),
    "ragged": (interp.Sequences(7, 13, LENGTHS, resets(7, 13)), True),
    "ragged-reverse": (interp.Sequences(7, 13, LENGTHS, resets(7, 13), reverse=True), True),
    "reset-declared": (interp.Sequences(7, 5, None, resets(7, 5), reverse=True), False),
    "one-step": (interp.Sequences(1, 5, np.array([1, 0, 1, 1, 0]), resets(1, 5)), True),
    "no-steps": (interp.Sequences(0, 5), True),
    "no-visits": (interp.Sequences(4, 3, np.zeros(3, int), resets(4, 3)), True),
    "no-rows": (interp.Sequences(4, 0), True),
}

ALL = pytest.mark.parametrize("name", CELLS)


def recorded(name: str) -> tuple[str, ...]:
    """Everything that has a name, the output first."""
    program = CELLS[name].program
    return tuple(dict.fromkeys((program.states[0].name, *(n for n, _ in program.names))))


def check(
    name: str, dtype: str, sizes: dict[str, int], record: tuple[str, ...], situations: Iterable[str]
) -> None:
    """Inference, training and gradients in some situations."""
    program = CELLS[name].program
    layer = layer_for(program, tuple(sizes.items()), dtype, record)
    for situation in situations:
        seq, with_states = SITUATIONS[situation]
        problem = draw(program, sizes, seq, record, with_states=with_states)
        with poisoned():
            got = by_layer(layer, problem)
        want = by_interpreter(problem)
        assert_same(got, want, dtype, name=situation)
        evaluation = problem.evaluation()
        with poisoned():
            got = by_layer(layer, evaluation, backward=False)
        if any(i.rate is not None for i in program.inputs):  # else it is the same Program
            want = by_interpreter(evaluation, backward=False)
        forward = {k: a for k, a in want.items() if not k.startswith("d.")}
        assert_same(got, forward, dtype, name=f"{situation}, inference,")


@ALL
def test_in_float64_with_everything_recorded(name: str) -> None:
    check(name, "float64", sizes_of(name, H=7), recorded(name), SITUATIONS)


@pytest.mark.parametrize(
    "name", [n if n in CATALOGUE else pytest.param(n, marks=pytest.mark.slow) for n in CELLS]
)
def test_in_float32(name: str) -> None:
    record = (CELLS[name].program.states[0].name,)
    check(name, "float32", sizes_of(name, H=17), record, ("ragged", "ragged-reverse", "declared"))


def test_the_poison_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that leaves a value unwritten fails: here the last row of the output."""
    from gatewise.backends.llvm.run import call_frame as frame

    run = frame.CallFrame.run

    def without_a_row(self: frame.CallFrame, rows: object) -> None:
        self.arguments.set("out.h:b", 0)
        run(self, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(frame.CallFrame, "run", without_a_row)
    sizes = sizes_of("lstm")
    problem = draw(CELLS["lstm"].program, sizes, interp.Sequences(3, 2), ("h",))
    layer = layer_for(CELLS["lstm"].program, tuple(sizes.items()), "float64", ("h",))
    with poisoned():
        got = by_layer(layer, problem, backward=False)
    assert np.isnan(got["output"][:, 1]).all()


ALONE = """
import sys

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "triton", "onnx", "jax", "numba", "scipy"):
            raise ImportError(f"{name} must not be imported")
        if name.startswith("gatewise.backends.") and name.split(".")[2] not in ("base", "schedule", "llvm"):
            raise ImportError(f"{name} must not be imported")

sys.meta_path.insert(0, Refused())
from tests.backends.llvm.test_contract import alone
alone()
print("all", "torch" in sys.modules)
"""


def alone() -> None:
    """Every cell of the catalogue, forward and back, in one situation."""
    seq, with_states = SITUATIONS["ragged"]
    for name, cell in CATALOGUE.items():
        first = (cell.program.states[0].name,)
        sizes = sizes_of(name, H=17)
        layer = layer_for(cell.program, tuple(sizes.items()), "float32", first)
        problem: Problem = draw(cell.program, sizes, seq, first, with_states=with_states)
        assert_same(by_layer(layer, problem), by_interpreter(problem), "float32", name=name)
        evaluation = problem.evaluation()
        got = by_layer(layer, evaluation, backward=False)
        assert_same(got, by_interpreter(evaluation, backward=False), "float32", name=name)


def test_without_the_other_backends() -> None:
    """With PyTorch and every other backend unimportable: no cell of the catalogue falls back."""
    done = child(ALONE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "all False"
