"""Random configurations of every backend against the interpreter: any cell, any sequences, all results.

    python -m pytest -m slow tests/reliability/test_configurations.py

One again: ``python -m tests.reliability.test_configurations SEED``.
"""

from __future__ import annotations

import functools
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from gatewise.cells import layer_norm, project, recurrent_dropout, zoneout
from gatewise.compile import layer_for
from gatewise.errors import CellError, SizeError
from gatewise.interp import Sequences
from gatewise.ir import Program
from tests.backends.eager.test_eager import by_eager
from tests.backends.llvm.helpers import CELLS, by_interpreter, by_layer, draw, poisoned, resets
from tests.generated import seeded
from tests.reliability.agreement import Others, agree, nearby

COUNT = 500
UNITS = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 40)  # lanes, tiles, and what lies beside them
STEPS = (0, 1, 2, 3, 5, 8, 13, 33)  # 32 steps are computed ahead
ROWS = (0, 1, 2, 3, 5, 8, 9, 13, 17)


def pick(rng: np.random.Generator, choices: Any) -> Any:
    return choices[int(rng.integers(len(choices)))]


def some_program(rng: np.random.Generator) -> Program:
    """A cell of the catalogue, with options or combinators, or one that nobody has thought of."""
    if rng.random() < 0.3:
        return replace(seeded(int(rng.integers(2**31))), outputs=())
    cell = CELLS[pick(rng, list(CELLS))]
    combinators = (
        lambda c: layer_norm(c),
        lambda c: zoneout(c, 0.3),
        lambda c: recurrent_dropout(c, 0.4, pick(rng, ("semeniuta", "gal"))),
        lambda c: project(c),
    )
    for _ in range(int(rng.choice([0, 0, 0, 1, 2]))):
        try:
            cell = pick(rng, combinators)(cell)
        except CellError:  # not every cell takes every one
            continue
    return cell.program


def some_sizes(rng: np.random.Generator, program: Program) -> dict[str, int]:
    """Sizes that fit: some cells have units that come in pairs."""
    for _ in range(1000):
        try:
            return program.bind(**{n: int(pick(rng, UNITS)) for n in program.sizes})
        except SizeError:
            continue
    raise AssertionError(f"{program.name}: no sizes fit")


def check(seed: int) -> str:
    """One configuration. Returns what it is; raises Disagreement, with that in a note."""
    rng = np.random.default_rng([2027, seed])
    program = some_program(rng)
    sizes = some_sizes(rng, program)
    steps, batch = int(pick(rng, STEPS)), int(pick(rng, ROWS))
    lengths = rng.integers(0, steps + 1, batch) if rng.random() < 0.5 else None
    marks = resets(steps, batch, seed=seed) if rng.random() < 0.4 else None
    seq = Sequences(steps, batch, lengths, marks, bool(rng.random() < 0.4))
    names = [n for n, _ in program.names if rng.random() < 0.3]
    record = tuple(dict.fromkeys((program.states[0].name, *names)))
    with_states, threads = bool(rng.random() < 0.6), int(rng.integers(1, 5))
    dtype = "float64" if rng.random() < 0.6 else "float32"
    inputs_too = bool(rng.random() < 0.7)
    shown = (
        f"seed {seed}: {program.name} {sizes} {dtype}, {steps} steps, {batch} rows, "
        f"lengths {lengths is not None}, resets {marks is not None}, reverse {seq.reverse}, "
        f"states given {with_states}, record {record}, {threads} threads, inputs too {inputs_too}"
    )
    p = draw(program, sizes, seq, record, with_states=with_states, seed=seed)
    limits: dict[str, Any] = {"dtype": dtype, "slack": 1.0, "spread": 30.0}
    try:
        layer = layer_for.__wrapped__(program, tuple(sizes.items()), dtype, record)
        want = by_interpreter(p)
        others: Others = functools.cache(lambda: nearby(p, True, dtype, noise=1.0))
        with poisoned():
            got = by_layer(layer, p, threads=threads, inputs_too=inputs_too)
        inputs = {k for k in want if k.startswith("d.input.")}
        wanted = want if inputs_too else {k: a for k, a in want.items() if k not in inputs}
        agree("kernels", {k: got[k] for k in wanted}, wanted, others, **limits)
        agree("eager", by_eager(p, getattr(torch, dtype)), want, others, **limits)
        e = p.evaluation()
        want = by_interpreter(e, False)
        others = functools.cache(lambda: nearby(e, False, dtype, noise=1.0))
        with poisoned():
            got = by_layer(layer, e, backward=False, threads=threads)
        agree("kernels in inference", got, want, others, **limits)
        agree(
            "eager in evaluation",
            by_eager(e, getattr(torch, dtype), backward=False),
            want,
            others,
            **limits,
        )
    except Exception as error:
        error.add_note(shown)
        raise
    return shown


@pytest.mark.parametrize("seed", range(3))
def test_a_few_random_configurations(seed: int) -> None:
    check(seed)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_five_hundred_random_configurations() -> None:
    wrong = []
    for seed in range(COUNT):
        try:
            check(seed)
        except Exception as error:
            wrong.append(f"{type(error).__name__}: {error}\n  {error.__notes__[0]}")
    assert not wrong, f"{len(wrong)} of {COUNT}:\n" + "\n".join(wrong)


if __name__ == "__main__":
    for number in sys.argv[1:]:
        print(check(int(number)))
