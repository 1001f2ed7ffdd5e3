"""Several vectors at once in the unit-by-unit loops: the same bits as one after the other."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from gatewise.backends.llvm.emit.loop_body import WIDE
from gatewise.backends.llvm.emit.pointwise import Units
from gatewise.backends.llvm.run.kernel import kernel_text
from gatewise.compile import layer_for
from gatewise.interp import Sequences
from tests.backends.llvm.helpers import (
    CATALOGUE,
    CELLS,
    assert_identical,
    assert_same,
    by_interpreter,
    by_layer,
    draw,
    poisoned,
    sizes_of,
)

LANES = {"float32": 16, "float64": 8}  # of the vectors for which this is done
# two wide vectors, and one that is not full
UNITS = {dtype: (2 * WIDE + 1) * lanes - 4 for dtype, lanes in LANES.items()}


def layer_of(name: str, dtype: str) -> Any:
    """A layer of its own, not one that another test has compiled."""
    program = CELLS[name].program
    sizes = tuple(sizes_of(name, H=UNITS[dtype]).items())
    return layer_for.__wrapped__(program, sizes, dtype, (program.states[0].name,))


@pytest.mark.parametrize(
    ("name", "dtype"),
    [*((n, "float32") for n in CATALOGUE), ("lstm", "float64"), ("slstm", "float64")],
)
def test_every_cell(name: str, dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = CELLS[name].program
    problem = draw(
        program, sizes_of(name, H=UNITS[dtype]), Sequences(3, 2), (program.states[0].name,)
    ).evaluation()
    with poisoned():
        got = by_layer(layer_of(name, dtype), problem, backward=False)
    assert_same(got, by_interpreter(problem, backward=False), dtype, name=name)
    monkeypatch.setattr(Units, "wide", lambda self, *work: False)
    assert_identical(by_layer(layer_of(name, dtype), problem, backward=False), got)


def test_where_it_is_done() -> None:
    """In inference, with registers enough; what a training run keeps goes line after line."""
    program = CELLS["lstm"].program
    sizes, lanes = sizes_of("lstm", H=UNITS["float32"]), LANES["float32"]
    named = functools.partial(layer_for, program, tuple(sizes.items()), "float32", ("h",))
    wide = f"<{WIDE * lanes} x float>"
    for target, vectors in (("", lanes), ("avx2", 8)):
        layer = named(target)
        if layer.shared.t.lanes != vectors:
            pytest.skip("this processor has no vectors of 64 bytes")
        texts = [kernel_text(layer.plan(k), layer.target) for k in ("inference", "forward")]
        assert [wide in text for text in texts] == [vectors == lanes, False]
