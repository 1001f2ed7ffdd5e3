"""Several vectors at once in the unit-by-unit loops: the same bits as one after the other."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from gatewise.backends.llvm.kernel import kernel_text
from gatewise.backends.llvm.pointwise import WIDE, Units
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
from tests.backends.llvm.helpers import own_cache as own_cache

LANES = 16  # of float32 in the vectors for which this is done
UNITS = (2 * WIDE + 1) * LANES - 4  # two wide vectors, and one that is not full


def layer_of(name: str) -> Any:
    """A layer of its own, not one that another test has compiled."""
    program = CELLS[name].program
    sizes = tuple(sizes_of(name, H=UNITS).items())
    return layer_for.__wrapped__(program, sizes, "float32", (program.states[0].name,))


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_cell(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = CELLS[name].program
    problem = draw(
        program, sizes_of(name, H=UNITS), Sequences(3, 2), (program.states[0].name,)
    ).evaluation()
    with poisoned():
        got = by_layer(layer_of(name), problem, backward=False)
    assert_same(got, by_interpreter(problem, backward=False), "float32", name=name)
    monkeypatch.setattr(Units, "_wide", lambda self, *work: False)
    assert_identical(by_layer(layer_of(name), problem, backward=False), got)


def test_where_it_is_done() -> None:
    """In inference, with registers enough; what a training run keeps goes line after line."""
    program = CELLS["lstm"].program
    named = functools.partial(
        layer_for, program, tuple(sizes_of("lstm", H=UNITS).items()), "float32", ("h",)
    )
    wide = f"<{WIDE * LANES} x float>"
    for target, vectors in (("", LANES), ("avx2", 8)):
        layer = named(target)
        if layer.shared.t.lanes != vectors:
            pytest.skip("this processor has no vectors of 64 bytes")
        texts = [kernel_text(layer.plan(k), layer.target) for k in ("inference", "forward")]
        assert [wide in text for text in texts] == [vectors == LANES, False]
