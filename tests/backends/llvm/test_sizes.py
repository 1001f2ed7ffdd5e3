"""The CPU kernels at odd sizes: units, inputs, rows and steps that fill no vector and no tile.

Sizes are part of a kernel, rows and steps are not: few sizes for every kind of cell, many batches
for two of them.
"""

from __future__ import annotations

import numpy as np
import pytest

from gatewise import interp
from gatewise.compile import layer_for
from gatewise.errors import BackendError, SizeError
from tests.backends.llvm.helpers import (
    CELLS,
    assert_same,
    by_interpreter,
    by_layer,
    draw,
    poisoned,
    resets,
    sizes_of,
)

# One of each kind: one phase, two, norms, no matrix state, projection, blocks, inputs of all kinds.
KINDS = (
    "lstm",
    "gru_v3",
    "layernorm_lstm",
    "sru",
    "lstmp",
    "slstm-heads",
    "lstm_1997-cells",
    "phased_lstm",
    "ealstm",
    "all",
)

# (H, I, P): below, at and above the vectors of every machine. In float32 a single unit's gradient
# is one sum that may cancel, and norms of a single input's products do; the table is not for them.
SIZES = {
    "float64": ((1, 1, 1), (100, 3, 17), (16, 8, 8)),
    "float32": ((100, 17, 7), (16, 33, 32)),
}
# (T, B, lengths and resets)
BATCHES = ((7, 1, False), (7, 13, True), (3, 5, False))


def check(name: str, dtype: str, size: tuple[int, int, int], batches: object = BATCHES) -> None:
    h, i, p = size
    sizes, program = sizes_of(name, H=h, I=i, P=p), CELLS[name].program
    first = (program.states[0].name,)
    layer = layer_for(program, tuple(sizes.items()), dtype, first)
    for steps, batch, ragged in batches:  # type: ignore[attr-defined]
        lengths = np.random.default_rng(batch).integers(0, steps + 1, batch) if ragged else None
        marks = resets(steps, batch) if ragged else None
        seq = interp.Sequences(steps, batch, lengths, marks, reverse=batch % 4 == 1)
        problem = draw(program, sizes, seq, first)
        with poisoned():
            got = by_layer(layer, problem)
        assert_same(got, by_interpreter(problem), dtype, name=f"T={steps} B={batch}")
        evaluation = problem.evaluation()
        with poisoned():
            got = by_layer(layer, evaluation, backward=False)
        assert_same(got, by_interpreter(evaluation, backward=False), dtype, name="inference")


CASES = [(dtype, size) for dtype, sizes in SIZES.items() for size in sizes]


@pytest.mark.parametrize(("dtype", "size"), CASES, ids=lambda v: str(v).replace(" ", ""))
@pytest.mark.parametrize("name", KINDS)
def test_odd_sizes(name: str, dtype: str, size: tuple[int, int, int]) -> None:
    check(name, dtype, size)


@pytest.mark.slow
@pytest.mark.parametrize(("dtype", "size"), CASES, ids=lambda v: str(v).replace(" ", ""))
@pytest.mark.parametrize("name", [n for n in CELLS if n not in KINDS])
def test_odd_sizes_of_the_other_cells(name: str, dtype: str, size: tuple[int, int, int]) -> None:
    check(name, dtype, size)


@pytest.mark.parametrize("name", ["lstm", "gru_v3"])
def test_every_batch_up_to_three_tiles(name: str) -> None:
    batches = [(4, batch, batch % 2 == 1) for batch in (*range(20), 64, 300)]
    check(name, "float64", (9, 5, 5), batches)


@pytest.mark.parametrize("name", ["lstm", "gru_v3", "fgr", "mut1", "ealstm"])
def test_one_row_through_many_steps(name: str) -> None:
    """One row alone takes products over inputs for many steps at once: 32, and what is left."""
    batches = [(steps, 1, ragged) for steps in (1, 31, 32, 33, 70) for ragged in (False, True)]
    check(name, "float64", (9, 5, 5), batches)


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_many_steps_of_few_rows(name: str) -> None:
    """The weight gradient sums over blocks of 128 visited steps."""
    check(name, "float64", (5, 3, 3), [(130, 2, True), (64, 2, False), (43, 3, False)])


@pytest.mark.parametrize("name", ["lstm", "gru_v3"])
def test_more_units_than_a_cache_holds(name: str) -> None:
    check(name, "float32", (257, 130, 5), [(3, 7, True), (2, 1, False)])


def test_sizes_that_do_not_fit_are_refused() -> None:
    program = CELLS["slstm-heads"].program
    with pytest.raises(SizeError, match="divide"):
        layer_for(program, (("I", 3), ("H", 7)))
    with pytest.raises(SizeError, match="at least 1"):
        layer_for(CELLS["lstm"].program, (("I", 0), ("H", 7)))
    with pytest.raises(SizeError, match="needs the sizes"):
        layer_for(CELLS["lstm"].program, (("H", 7),))


@pytest.mark.parametrize(("target", "lanes"), [("avx512", 16), ("avx2", 8), ("sse2", 4)])
def test_masks_are_kept_as_bits(target: str, lanes: int) -> None:
    """IndRNN keeps the state that enters a step, and where the unit was off: 16 bits a vector."""
    program = CELLS["indrnn"].program
    sizes = {"I": 3, "H": 5 * lanes + 1}
    try:
        layer = layer_for(program, tuple(sizes.items()), "float32", ("h",), target)
    except BackendError:
        pytest.skip(f"this processor has no {target}")
    vectors = 7  # six, and an odd number of them
    assert layer.saved_values == (vectors + -(-6 * 2 // 4 // lanes)) * lanes
    seq = interp.Sequences(4, 3, np.array([4, 1, 3]), resets(4, 3))
    problem = draw(program, sizes, seq, ("h",))
    assert_same(by_layer(layer, problem), by_interpreter(problem), "float32")
    off = by_interpreter(problem, backward=False)["output"] == 0
    assert 0.2 < off[:1].mean() < 0.8, "units of both kinds"
