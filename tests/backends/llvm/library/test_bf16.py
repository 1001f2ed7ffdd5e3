"""Matrices in bfloat16: the kernels against the interpreter that rounds the same things.

A single step reads vectors that both have to the last bit, so it agrees as float32 does. Later a
state next to a tie may be rounded one way here and the other way there: then the table of bfloat16.
"""

from __future__ import annotations

import functools
import re
from typing import Any

import numpy as np
import pytest

from gatewise import interp
from gatewise.backends.llvm.library import bf16
from gatewise.backends.llvm.plan.tiles import CORES, FEW
from gatewise.compile import layer_for
from gatewise.errors import BackendError
from gatewise.interp import Sequences
from tests.backends.llvm.helpers import (
    CATALOGUE,
    CELLS,
    Problem,
    Results,
    assert_identical,
    assert_same,
    by_layer,
    child,
    draw,
    poisoned,
    resets,
    sizes_of,
)

LENGTHS = np.array([5, 0, 1, 4, 5, 3, 2])
RAGGED = Sequences(5, 7, LENGTHS, resets(5, 7), reverse=True)
LEVELS = ("avx512bf16", "avx512", "avx2", "sse2", "neon")


def narrow(name: str, sizes: dict[str, int], target: str = "") -> Any:
    """A layer whose matrices are bfloat16 in inference."""
    program = CELLS[name].program
    first = (program.states[0].name,)
    try:
        return layer_for(
            program, tuple(sizes.items()), "float32", first, target, weights="bfloat16"
        )
    except BackendError:
        pytest.skip(f"this processor has no {target}")


def problem_of(name: str, sizes: dict[str, int], seq: Sequences) -> Problem:
    program = CELLS[name].program
    return draw(program, sizes, seq, (program.states[0].name,)).evaluation()


def by_definition(problem: Problem) -> Results:
    """The interpreter in float64, matrices and what they are applied to rounded."""
    p = problem
    ran = interp.run(
        p.program,
        p.inputs,
        p.params,
        p.sizes,
        p.seq,
        states=p.states,
        restart=p.restart,
        record=p.record,
        weights="bfloat16",
    )
    results = {"output": ran.output}
    results |= {f"state.{s.name}": a for s, a in zip(p.program.states, ran.states, strict=True)}
    return results | {f"record.{n}": a for n, a in ran.recorded.items()}


def check(name: str, target: str, batch: int = 7, **numbers: int) -> None:
    sizes = sizes_of(name, **numbers)
    layer = narrow(name, sizes, target)
    for seq, dtype in (
        (Sequences(1, batch), "float32"),
        (Sequences(1, 1), "float32"),
        (RAGGED, "bfloat16"),
        (Sequences(40, 1), "bfloat16"),  # one row alone works many steps ahead
    ):
        problem = problem_of(name, sizes, seq)
        with poisoned():
            got = by_layer(layer, problem, backward=False)
        assert_same(got, by_definition(problem), dtype, name=f"{name} {target} {sizes}")


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_cell(name: str) -> None:
    check(name, "", H=17)


@pytest.mark.parametrize("target", LEVELS)
@pytest.mark.parametrize("name", ["lstm", "gru_v3", "lstm_1997", "layernorm_lstm"])
def test_every_level(name: str, target: str) -> None:
    check(name, target, H=10)


@pytest.mark.parametrize(
    ("inputs", "units", "batch"), [(1, 1, 2), (3, 7, 13), (5, 100, 5), (64, 33, 4)]
)
def test_odd_sizes(inputs: int, units: int, batch: int) -> None:
    check("gru", "", batch, I=inputs, H=units)


@pytest.mark.parametrize("target", ["", "avx2"])
def test_tall_tiles(target: str) -> None:
    """Weights beyond a core's cache: many rows share one pass over them, the last ones not a whole
    register tile."""
    sizes = sizes_of("lstm", I=130, H=200)
    layer = narrow("lstm", sizes, target)
    assert layer.tile_for(1, 2 * FEW, False) > 6
    problem = problem_of("lstm", sizes, Sequences(1, 6 * CORES + 5))
    with poisoned():
        got = by_layer(layer, problem, backward=False)
    assert_same(got, by_definition(problem), "float32")


def test_what_rounding_changes() -> None:
    """The rounding is there: without it the result lies as far off as bfloat16 says, not less."""
    sizes = sizes_of("lstm", I=64, H=33)
    problem = problem_of("lstm", sizes, Sequences(1, 4))
    got = by_layer(narrow("lstm", sizes), problem, backward=False)
    exact = interp.run(
        problem.program,
        problem.inputs,
        problem.params,
        sizes,
        problem.seq,
        states=problem.states,
        restart=problem.restart,
    )
    error = np.abs(got["output"] - exact.output).max()
    assert 1e-4 < error < 3e-2


@pytest.mark.parametrize("target", ["", "avx2"])
def test_ties_go_to_even(target: str) -> None:
    """Matrices and inputs that lie in the middle between two bfloat16."""
    sizes = sizes_of("rnn", I=70, H=33)
    problem = problem_of("rnn", sizes, Sequences(1, 3))
    for array in (problem.inputs["x"], problem.params["W"], problem.params["U"]):
        bits = array.astype(np.float32).view(np.uint32)
        array[...] = (bits & np.uint32(0xFFFF0000) | np.uint32(0x8000)).view(np.float32)
    got = by_layer(narrow("rnn", sizes, target), problem, backward=False)
    assert_same(got, by_definition(problem), "float32")


def test_two_terms_over_one_vector_are_added_before_rounding() -> None:
    """W.a @ x + W.b @ x is one matrix when packed."""
    import gatewise as gw

    @gw.cell
    def twice(x, /, h, *, W, U):  # type: ignore[no-untyped-def]
        """Two matrices over the input."""
        return W.a @ x + W.b @ x + U @ h

    sizes = {"I": 5, "H": 9}
    layer = layer_for(twice.program, tuple(sizes.items()), "float32", (), weights="bfloat16")
    problem = draw(twice.program, sizes, Sequences(2, 3))
    got = by_layer(layer, problem, backward=False)
    want = by_definition(problem)
    assert_same(got, want, "bfloat16")


def test_the_same_bits_for_any_number_of_threads() -> None:
    sizes = sizes_of("lstm", I=40, H=70)
    layer, problem = narrow("lstm", sizes), problem_of("lstm", sizes, Sequences(30, 26))
    one, *more = (by_layer(layer, problem, backward=False, threads=n) for n in (1, 2, 4))
    for other in more:
        assert_identical(other, one)


def test_a_row_does_not_depend_on_its_neighbours() -> None:
    sizes = sizes_of("gru", I=20, H=30)
    layer, whole = narrow("gru", sizes), problem_of("gru", sizes, Sequences(3, 13))
    together = by_layer(layer, whole, backward=False)["output"]
    for row in range(13):
        assert whole.states is not None
        assert whole.restart is not None
        alone = problem_of("gru", sizes, Sequences(3, 1))
        alone.inputs.update({n: a[:, row : row + 1] for n, a in whole.inputs.items()})
        for mine, theirs in ((alone.states, whole.states), (alone.restart, whole.restart)):
            assert mine is not None
            mine[:] = [s[row : row + 1] for s in theirs]
        got = by_layer(layer, alone, backward=False)["output"]
        assert got[:, 0].tobytes() == together[:, row].tobytes()


def test_changed_weights_are_packed_again() -> None:
    sizes = sizes_of("lstm")
    layer, problem = narrow("lstm", sizes), problem_of("lstm", sizes, Sequences(2, 3))
    before = by_layer(layer, problem, backward=False)
    problem.params["U.f"][0, 0] += 1.0
    after = by_layer(layer, problem, backward=False)
    assert not np.array_equal(before["output"], after["output"])
    assert_same(after, by_definition(problem), "bfloat16")


def test_training_reads_the_parameters_as_they_are() -> None:
    sizes = sizes_of("lstm")
    program = CELLS["lstm"].program
    problem = draw(program, sizes, Sequences(3, 4), ("h",))
    plain = layer_for(program, tuple(sizes.items()), "float32", ("h",))
    assert_identical(by_layer(narrow("lstm", sizes), problem), by_layer(plain, problem))


def test_nan_and_infinity_pass() -> None:
    sizes = sizes_of("rnn", I=5, H=40)
    layer, problem = narrow("rnn", sizes), problem_of("rnn", sizes, Sequences(1, 2))
    problem.inputs["x"][0, 0, 4] = np.nan
    problem.inputs["x"][0, 1] = 3e38
    problem.params["W"][3] = 3.4e38
    got = by_layer(layer, problem, backward=False)["output"][0]
    assert np.isnan(got[0]).all()
    assert got[1, 3] == 1.0  # tanh of infinity


def test_other_types_are_refused() -> None:
    program, sizes = CELLS["lstm"].program, tuple(sizes_of("lstm").items())
    for dtype, weights in (("float64", "bfloat16"), ("float32", "int8")):
        with pytest.raises(BackendError, match="bfloat16 with float32"):
            layer_for(program, sizes, dtype, (), weights=weights)


def test_the_processor_s_dot_product_is_used_where_there_is_one() -> None:
    from gatewise.backends.llvm.ir_text import Lanes
    from gatewise.backends.llvm.library.register_tile import shape_for
    from gatewise.backends.llvm.machine import jit
    from gatewise.backends.llvm.machine.target import Target

    target = Target.named("x86_64-linux+avx512bf16")
    lanes, shape = Lanes("float", 16), shape_for(target.registers)
    assert bf16.has_dot(lanes, target)
    code = jit.assembly(bf16.library(lanes, shape, dot=True), target)
    assert code.count("vdpbf16ps") >= 24
    lesser = Target.named("x86_64-linux+avx512")
    assert not bf16.has_dot(lanes, lesser)
    code = jit.assembly(bf16.library(lanes, shape, dot=False), lesser)
    assert "bf16ps" not in code
    assert code.count("vfmadd") >= 24


@pytest.mark.parametrize(
    "machine", ["x86_64-linux", "x86_64-windows+avx2", "aarch64", "aarch64-macos"]
)
def test_other_machines(machine: str) -> None:
    """Cross-compiled: a shift widens, and nothing becomes a library call."""
    from gatewise.backends.llvm.ir_text import Lanes
    from gatewise.backends.llvm.library.register_tile import shape_for
    from gatewise.backends.llvm.machine import jit
    from gatewise.backends.llvm.machine.target import Target

    target = Target.named(machine)
    lanes, shape = Lanes("float", target.lanes(4)), shape_for(target.registers)
    dot = bf16.has_dot(lanes, target)
    assert not dot
    code = jit.assembly(bf16.library(lanes, shape, dot), target)
    calls = re.findall(r"^\s+(?:call\w*|bl)\s+(\S+)", code, re.M)
    assert calls
    assert all(name.lstrip("_").startswith(("bf16_", "gw_")) for name in calls), set(calls)


def test_rounding_of_the_interpreter_is_pytorch_s() -> None:
    torch = pytest.importorskip("torch")
    bits = np.random.default_rng(0).integers(0, 1 << 32, 200_000, dtype=np.uint32)
    ties = np.arange(0, 1 << 16, dtype=np.uint32) << 16 | 0x8000
    values = np.concatenate([bits, ties, ties + 1, ties - 1]).view(np.float32)
    want = torch.from_numpy(values).to(torch.bfloat16).float().numpy()
    np.testing.assert_array_equal(interp.bfloat16(values), want)


def run_at_a_fence() -> None:
    """In the child; see ``test_guard.py``."""
    from tests.backends.llvm.test_guard import SIDES, _fence_problem, fenced

    for name, (units, inputs, batch) in {
        "lstm": (7, 3, 5),
        "gru_v3": (17, 33, 13),
        "sru": (33, 5, 6),
        "rnn": (1, 1, 1),
    }.items():
        program = CELLS[name].program
        sizes = sizes_of(name, H=units, I=inputs)
        for target in ("", "avx2", "sse2"):
            layer = functools.partial(  # kernels of their own, as they keep memory
                layer_for.__wrapped__,
                program,
                tuple(sizes.items()),
                "float32",
                (program.states[0].name,),
                target,
                weights="bfloat16",
            )
            for seq in (Sequences(5, batch), Sequences(40, 1, reverse=True)):
                print(name, target, seq, flush=True)
                problem = problem_of(name, sizes, seq)
                apart = by_layer(layer(), problem, backward=False)
                for side in SIDES:
                    print("at the", side, flush=True)
                    with fenced(side) as fence:
                        at = _fence_problem(problem, fence, "float32")
                        assert_identical(by_layer(layer(), at, backward=False), apart)
    print("survived")


@pytest.mark.skipif("sys.platform != 'linux'", reason="mprotect by way of the C library")
def test_nothing_beyond_an_array_is_touched() -> None:
    done = child("from tests.backends.llvm.library.test_bf16 import *; run_at_a_fence()")
    where = done.stdout.strip().splitlines()[-2:]
    assert done.returncode == 0, f"{where}\n{done.stderr[-3000:]}"
    assert where[-1:] == ["survived"]
