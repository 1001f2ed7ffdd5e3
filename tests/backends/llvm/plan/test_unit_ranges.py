"""Cells whose units do not meet: a tile can be a range of units, and the bits stay the same."""

from __future__ import annotations

import functools
import sys
from typing import Any

import numpy as np
import pytest

from gatewise.backends.llvm.plan import unit_ranges
from gatewise.compile import layer_for
from gatewise.interp import Sequences
from tests.backends.llvm.helpers import (
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

# "sru-tanh" reads the raw input too: matrices all of it, each unit its own
APART = ("sru", "sru-tanh", "minlstm", "minlstm-plain", "mingru", "indrnn")
LENGTHS = np.array([9, 0, 1])


def layer_of(name: str, sizes: dict[str, int], dtype: str = "float32", target: str = "") -> Any:
    program = CELLS[name].program
    return layer_for(program, tuple(sizes.items()), dtype, (program.states[0].name,), target)


def problem_of(name: str, sizes: dict[str, int], seq: Sequences) -> Problem:
    program = CELLS[name].program
    return draw(program, sizes, seq, (program.states[0].name,))


@pytest.fixture
def ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many ranges as there can be, in every call."""
    monkeypatch.setattr(
        unit_ranges, "count", lambda plan, tiles, threads: plan.unit_blocks // unit_ranges.GRAIN
    )


@pytest.mark.parametrize("name", [*APART, "lstm", "janet", "layernorm_lstm", "slstm-heads"])
def test_which_cells_are_apart(name: str) -> None:
    """Those without a matrix over a state."""
    layer = layer_of(name, sizes_of(name, I=24, H=256))
    expected = name in APART
    assert [layer.plan(k).strategy.apart for k in ("inference", "forward", "lean")] == [
        expected
    ] * 3
    assert not layer.plan("backward").strategy.apart, (
        "a gradient of the input is a sum over all units"
    )


@pytest.mark.parametrize("units", [64, 100, 130])
def test_not_for_units_that_do_not_fill_panels(units: int) -> None:
    layer = layer_of("sru", sizes_of("sru", H=units), target="avx2")
    assert layer.plan("inference").strategy.apart == (units == 64)


@pytest.mark.parametrize("inputs", [3, 40, 128])
@pytest.mark.parametrize("name", APART)
def test_ranges_change_no_bit(name: str, inputs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forward and for training; one row (many steps ahead) and rows that end at different times."""
    sizes = sizes_of(name, I=inputs, H=128)
    layer = layer_of(name, sizes)
    for seq in (
        Sequences(40, 1, None, resets(40, 1)),
        Sequences(9, 3, LENGTHS, resets(9, 3), reverse=True),
    ):
        problem = problem_of(name, sizes, seq)
        whole = by_layer(layer, problem), by_layer(layer, problem.evaluation(), backward=False)
        with monkeypatch.context() as patch, poisoned():
            patch.setattr(
                unit_ranges,
                "count",
                lambda plan, tiles, threads: plan.unit_blocks // unit_ranges.GRAIN,
            )
            assert_identical(by_layer(layer, problem), whole[0])
            inferred = by_layer(layer, problem.evaluation(), backward=False)
            assert_identical(inferred, whole[1])
        if inputs == 40:
            assert_same(whole[0], by_interpreter(problem), "float32")


@pytest.mark.parametrize("name", APART)
def test_parameter_gradients_in_ranges(name: str, ranges: None) -> None:
    """Through PyTorch, where nobody wants the gradient of the input; against the eager backend."""
    torch = pytest.importorskip("torch")
    from gatewise import nn

    torch.manual_seed(0)
    width = 128 if "I" not in CELLS[name].program.sizes else 20
    x = torch.randn(30, 2, width)
    module = nn.Recurrent(CELLS[name], width, 128, bidirectional=True)
    lengths = torch.tensor([30, 11])
    gradients = {}
    for backend in ("llvm", "eager"):
        module.backend = backend
        module.zero_grad()
        output, states = module(x, lengths=lengths)
        (output.square().sum() + states[0].sum()).backward()
        gradients[backend] = {n: p.grad.numpy().copy() for n, p in module.named_parameters()}
    for n, expected in gradients["eager"].items():
        scale = np.abs(expected).max()
        np.testing.assert_allclose(gradients["llvm"][n], expected, rtol=1e-4, atol=1e-5 * scale)


def test_as_many_ranges_as_keep_all_threads_busy() -> None:
    lanes = layer_of("sru", sizes_of("sru", H=64)).plan("inference").t.lanes
    units = 8 * unit_ranges.GRAIN * lanes  # 512 where a vector has 16
    plan = layer_of("sru", sizes_of("sru", H=units)).plan("inference")
    assert plan.unit_blocks // unit_ranges.GRAIN == 8
    ranges = {
        (tiles, n): unit_ranges.count(plan, tiles, n) for tiles in (0, 1, 2, 8) for n in (1, 2, 16)
    }
    assert ranges[1, 2] == 4
    assert ranges[1, 16] == 8, "no more than there are panels"
    assert ranges[2, 2] == 2
    assert ranges[8, 2] == ranges[0, 2] == ranges[1, 1] == 1


@pytest.mark.parametrize("threads", [2, 3])
def test_threads_share_one_row(threads: int) -> None:
    """Enough work that other threads are woken; 256 units in ranges."""
    sizes = sizes_of("sru", I=64, H=256)
    layer = layer_of("sru", sizes)
    problem = problem_of("sru", sizes, Sequences(60, 1))
    one = by_layer(layer, problem, threads=1)
    assert_identical(by_layer(layer, problem, threads=threads), one)


def run_at_a_fence() -> None:
    """In the child; see ``test_guard.py``."""
    from tests.backends.llvm.test_guard import SIDES, _fence_problem, fenced

    unit_ranges.count = lambda plan, tiles, threads: plan.unit_blocks // unit_ranges.GRAIN  # type: ignore[assignment]
    for name in ("sru", "mingru"):
        sizes = sizes_of(name, I=5, H=128)
        program = CELLS[name].program
        layer = functools.partial(
            layer_for.__wrapped__, program, tuple(sizes.items()), "float32", ("h",)
        )
        for seq in (Sequences(40, 1), Sequences(5, 3, np.array([5, 0, 2]), reverse=True)):
            problem = problem_of(name, sizes, seq)
            apart_ = by_layer(layer(), problem)
            for side in SIDES:
                print("at the", side, flush=True)
                with fenced(side) as fence:
                    at = _fence_problem(problem, fence, "float32")
                    assert_identical(by_layer(layer(), at), apart_)
                    by_layer(layer(), at.evaluation(), backward=False)
    print("survived")


@pytest.mark.skipif(sys.platform != "linux", reason="mprotect by way of the C library")
def test_nothing_beyond_an_array_is_touched() -> None:
    done = child("from tests.backends.llvm.plan.test_unit_ranges import *; run_at_a_fence()")
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip().endswith("survived")
