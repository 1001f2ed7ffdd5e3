"""Matrices in bfloat16 in training as well: both ways against the interpreter and the float32 kernels.

Where the processor has a unit for tiles (``amx.py``), products and weight gradients are its own.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import gatewise as gw
from gatewise import interp
from gatewise.backends.base import THROUGHOUT
from gatewise.backends.llvm.ir_text import Lanes
from gatewise.backends.llvm.library import bf16
from gatewise.backends.llvm.library.amx import GROUP, ROWS
from gatewise.backends.llvm.library.register_tile import shape_for
from gatewise.backends.llvm.machine import jit
from gatewise.backends.llvm.machine.target import Target
from gatewise.backends.llvm.plan.tiles import CORES
from gatewise.compile import layer_for
from gatewise.errors import BackendError
from gatewise.interp import Sequences
from gatewise.ir import Program
from tests.backends.llvm.helpers import (
    CATALOGUE,
    CELLS,
    Problem,
    assert_identical,
    assert_same,
    by_interpreter,
    by_layer,
    child,
    draw,
    poisoned,
    resets,
    sizes_of,
)

RAGGED = Sequences(5, 7, np.array([5, 0, 1, 4, 5, 3, 2]), resets(5, 7), reverse=True)


def program_of(name: str) -> Program:
    """The program of a cell. The matrix of a long window of an LMU is no matrix of bfloat16."""
    return gw.cells.lmu(theta=5.0).program if name == "lmu" else CELLS[name].program


def throughout(name: str, sizes: dict[str, int], target: str = "") -> Any:
    """A layer whose matrices are bfloat16 in training, too."""
    program = program_of(name)
    first = (program.states[0].name,)
    try:
        return layer_for(
            program, tuple(sizes.items()), "float32", first, target, weights=THROUGHOUT
        )
    except BackendError:
        pytest.skip(f"this processor has no {target}")


def problem_of(name: str, sizes: dict[str, int], seq: Sequences) -> Problem:
    """Of numbers that bfloat16 has: what is left to round are states, and gradients on their way."""
    program = program_of(name)
    return draw(program, sizes, seq, (program.states[0].name,)).map(interp.bfloat16)


def check(name: str, target: str = "", seq: Sequences = RAGGED, **numbers: int) -> None:
    sizes = sizes_of(name, **numbers)
    problem = problem_of(name, sizes, seq)
    with poisoned():
        got = by_layer(throughout(name, sizes, target), problem)
    assert_same(got, by_interpreter(problem), "bfloat16", name=f"{name} {target} {sizes}")


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_cell(name: str) -> None:
    check(name, H=17)


@pytest.mark.parametrize("target", ["avx512bf16", "avx2", "neon"])
@pytest.mark.parametrize("name", ["lstm", "gru_v3"])
def test_every_level(name: str, target: str) -> None:
    check(name, target, H=10)


@pytest.mark.parametrize(
    ("inputs", "units", "batch", "steps"),
    # depths and steps around the pairs and chunks of a tile; rows around one tile and two
    [(1, 1, 2, 3), (5, 100, 5, 7), (31, 33, 16, 4), (64, 48, 33, 10), (96, 80, 70, 9)],
)
def test_odd_sizes(inputs: int, units: int, batch: int, steps: int) -> None:
    check("gru", "", Sequences(steps, batch), I=inputs, H=units)


def test_weight_gradients_over_several_stretches_of_steps() -> None:
    """What is laid out at once is 256 steps and 32 vectors."""
    check("lstm", "", Sequences(150, 5), I=17, H=140)


def test_the_same_bits_for_any_number_of_threads() -> None:
    sizes = sizes_of("lstm", I=40, H=70)
    layer, problem = throughout("lstm", sizes), problem_of("lstm", sizes, Sequences(30, 70))
    one, *more = (by_layer(layer, problem, threads=n) for n in (1, 2, 4))
    for other in more:
        assert_identical(other, one)


@pytest.mark.parametrize("batch", [15, 16, 21, 32, 33])
def test_one_group_of_the_tile_unit_is_halved_for_two_threads(batch: int) -> None:
    """In training on any machine of several cores, in inference where there are threads: the same bits."""
    sizes = sizes_of("lstm", I=40, H=70)
    layer = throughout("lstm", sizes)
    problem = problem_of("lstm", sizes, Sequences(12, batch))
    with poisoned():
        inferred, *more = (by_layer(layer, problem, backward=False, threads=n) for n in (1, 2, 3))
        for other in more:
            assert_identical(other, inferred)
        got = by_layer(layer, problem, threads=1)
        assert_identical(by_layer(layer, problem, threads=2), got)
    assert_same(got, by_interpreter(problem), "bfloat16")
    halved = replace(
        layer._carried, training=GROUP, inference=GROUP, alone=(False, False), unpacked=False
    )
    whole = batch not in range(ROWS, GROUP + 1)
    assert halved.in_inference(12, batch, 2) == (GROUP if whole else ROWS)
    assert halved.in_inference(12, batch, 1) == GROUP
    assert halved.in_training(12, batch) == (GROUP if whole or CORES == 1 else ROWS)


def tiled(level: str = "avx512bf16") -> Target:
    """A machine with a unit for tiles, to compile for."""
    plain = Target.named(f"x86_64-linux+{level}")
    features = f"{plain.features},+amx-tile,+amx-bf16"
    return replace(plain, features=features, has_tiles=True)


def test_the_tile_unit_is_used_where_there_is_one() -> None:
    lanes, target = Lanes("float", 16), tiled()
    assert bf16.has_tiles(lanes, target)
    assert not bf16.has_tiles(lanes, tiled("avx2"))
    text = bf16.library(lanes, shape_for(target.registers), dot=True, tiles=True)
    code = jit.assembly(text, target)
    assert code.count("tdpbf16ps") >= 20
    # a function that sets the unit up lets go of it
    assert code.count("ldtilecfg") and code.count("tilerelease") == 2


def run_at_a_fence() -> None:
    """In the child; see ``test_guard.py``."""
    from tests.backends.llvm.test_guard import SIDES, _fence_problem, fenced

    for name, (units, inputs, batch) in {"lstm": (33, 35, 5), "gru_v3": (17, 64, 40)}.items():
        program = CELLS[name].program
        sizes = sizes_of(name, H=units, I=inputs)
        layer = functools.partial(  # kernels of their own, as they keep memory
            layer_for.__wrapped__,
            program,
            tuple(sizes.items()),
            "float32",
            (program.states[0].name,),
            weights=THROUGHOUT,
        )
        problem = problem_of(name, sizes, Sequences(9, batch))
        apart = by_layer(layer(), problem)
        for side in SIDES:
            print("at the", side, flush=True)
            with fenced(side) as fence:
                at = _fence_problem(problem, fence, "float32")
                assert_identical(by_layer(layer(), at), apart)
    print("survived")


@pytest.mark.skipif("sys.platform != 'linux'", reason="mprotect by way of the C library")
def test_nothing_beyond_an_array_is_touched() -> None:
    module = "tests.backends.llvm.library.test_bf16_training"
    done = child(f"from {module} import *; run_at_a_fence()")
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip().endswith("survived")
