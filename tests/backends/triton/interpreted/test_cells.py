"""Every cell against the interpreter: outputs, states, what is recorded, every gradient."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gatewise.interp import Sequences
from tests.backends.llvm.helpers import (
    CELLS,
    assert_same,
    by_interpreter,
    draw,
    resets,
    sizes_of,
)
from tests.backends.llvm.test_contract import SITUATIONS, recorded
from tests.backends.triton.interpreted.solving import by_triton

# each launch takes its time when it is interpreted
SHORT = Sequences(3, 4, np.array([3, 0, 2, 1]), resets(3, 4))
# of an mLSTM the gradient of q is a small difference of large sums: with some sizes torch's own
# operations in float32 are further off than the table allows, and so are these kernels
UNITS = {"mlstm": 5, "mlstm-heads": 4}


@pytest.mark.parametrize("way", ["", "steps"], indirect=True, ids=["chosen", "steps"])
@pytest.mark.parametrize("name", CELLS)
def test_training_with_everything_recorded(name: str, way: str) -> None:
    seq = SHORT if way else SITUATIONS["ragged-reverse"][0]
    sizes = sizes_of(name, H=UNITS.get(name, 7))
    p = draw(CELLS[name].program, sizes, seq, recorded(name), with_states=True)
    assert_same(by_triton(p), by_interpreter(p), "float32")


@pytest.mark.parametrize("way", ["", "steps"], indirect=True, ids=["chosen", "steps"])
@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("name", ["gru_v3", "ealstm", "zoneout-slstm"])
def test_every_situation(name: str, situation: str, way: str) -> None:
    seq, with_states = SITUATIONS[situation]
    p = draw(CELLS[name].program, sizes_of(name), seq, recorded(name), with_states=with_states)
    assert_same(by_triton(p), by_interpreter(p), "float32")


@pytest.mark.parametrize("name", ["lstm", "zoneout-lstm", "lmu", "hgrn"])
def test_inference(name: str) -> None:
    """Without a backward step nothing is saved; random masks are averaged out."""
    program = CELLS[name].program
    seq, with_states = SITUATIONS["ragged"]
    p = draw(program, sizes_of(name), seq, recorded(name), with_states=with_states).evaluation()
    want = by_interpreter(p, backward=False)
    assert_same(by_triton(p, backward=False), want, "float32")


@pytest.mark.parametrize("way", ["rows", "steps"], indirect=True)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", ["lstm", "peephole_lstm", "gru_v3"])
def test_low_types(name: str, dtype: str, way: str) -> None:
    program = CELLS[name].program
    p = draw(program, sizes_of(name), Sequences(4, 5), (program.states[0].name,), with_states=True)
    low = getattr(torch, dtype)
    # the same numbers for both: those of the low type
    p = p.map(lambda a: torch.tensor(np.asarray(a)).to(low).double().numpy())
    assert_same(by_triton(p, low), by_interpreter(p), dtype)


@pytest.mark.parametrize("units", [1, 16, 33])
def test_sizes_that_do_not_fit_a_tile(units: int) -> None:
    program = CELLS["lstm"].program
    for batch in (1, 17):
        seq = Sequences(3, batch)
        p = draw(program, sizes_of("lstm", H=units, I=1), seq, ("h",), with_states=True)
        assert_same(by_triton(p), by_interpreter(p), "float32", name=f"B={batch}")
