"""Units spread over programs that wait for each other, run in random order between barriers."""

from __future__ import annotations

import numpy as np
import pytest

from tests.backends.llvm.helpers import CELLS, Problem, assert_same, by_interpreter, draw, sizes_of
from tests.backends.llvm.test_contract import SITUATIONS, recorded
from tests.backends.triton.interpreted.solving import by_triton, many_programs

CELLS_WITH_BARRIERS = ["lstm", "peephole_lstm", "gru_v3", "lstmp", "slstm-heads", "ealstm", "all"]


def problem(name: str, situation: str = "ragged", record: tuple[str, ...] | None = None) -> Problem:
    """More units than one program takes; more rows too."""
    seq, with_states = SITUATIONS[situation]
    names = recorded(name) if record is None else record
    return draw(
        CELLS[name].program, sizes_of(name, H=20, P=18), seq, names, with_states=with_states
    )


@pytest.fixture(autouse=True)
def grid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWISE_TRITON_WAY", "grid")


@pytest.mark.parametrize("name", CELLS_WITH_BARRIERS)
def test_every_gradient(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from gatewise.backends.triton import choice

    monkeypatch.setattr(choice, "LIMITS", choice.Limits(sums=100))
    p = problem(name)
    with many_programs(seed=1) as ran:
        solved = by_triton(p)
    assert_same(solved, by_interpreter(p), "float32")
    assert ran and all(kernel.barriers == kernel.written * p.seq.steps for kernel in ran)


def test_the_order_of_programs_changes_nothing() -> None:
    p = problem("gru_v3", "reset-declared")
    solved = []
    for seed in (1, 2, 3):
        with many_programs(seed):
            solved.append(by_triton(p))
    for other in solved[1:]:
        for name, array in solved[0].items():
            np.testing.assert_array_equal(array, other[name], err_msg=name)


@pytest.mark.parametrize("barrier", [1, 2])
def test_a_missing_barrier_is_noticed(barrier: int) -> None:
    """Of the GRU v3, which has two in each direction, either one left out."""
    p = problem("gru_v3", "plain")
    want = by_interpreter(p)
    with many_programs(seed=1, left_out=barrier) as ran:
        solved = by_triton(p)
    assert len(ran) == 2 and all(kernel.written == 2 for kernel in ran)
    with pytest.raises(AssertionError):
        assert_same(solved, want, "float32")
