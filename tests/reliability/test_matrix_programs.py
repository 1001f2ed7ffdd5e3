"""Random Programs whose states are matrices: gradients against differences, kernels against the interpreter.

    python -m pytest -m slow tests/reliability/test_matrix_programs.py

tries 300 of them. One again: ``python -m tests.reliability.test_matrix_programs SEED``.
"""

from __future__ import annotations

import sys

import numpy as np
import pytest

from gatewise.ir import Program
from tests.backends.llvm import test_generated as kernels
from tests.generated import seeded
from tests.passes import test_differentiate as differences

COUNT = 300


def check(seed: int) -> None:
    """One Program: forward, final states and every gradient."""
    program = seeded(seed, stops=False, matrices=True)
    rng = np.random.default_rng([2028, seed])
    record = tuple(name for name, _ in program.names if rng.random() < 0.2)
    differences.check(program, record)
    kernels.check(program, seed)


def has_matrix(program: Program) -> bool:
    return any(state.axes is not None for state in program.states)


# 236 reads masks that are saved as bits for several vectors at once; 7099 looks for the largest entry of a matrix that is
# computed once more
@pytest.mark.parametrize("seed", [0, 1, 236, 7099])
def test_a_few(seed: int) -> None:
    assert has_matrix(seeded(seed, stops=False, matrices=True))
    check(seed)


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_three_hundred() -> None:
    for seed in range(COUNT):
        try:
            check(seed)
        except BaseException as error:
            error.add_note(f"seed {seed}")
            raise


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        check(int(argument))
