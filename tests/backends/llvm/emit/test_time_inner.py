"""Time innermost: one row of a cell whose units do not meet. The same bits as in the usual order."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import gatewise as gw
from gatewise.backends.llvm.plan import strategy, unit_ranges
from gatewise.compile import layer_for
from gatewise.interp import Sequences
from gatewise.lang import sigmoid
from tests.backends.llvm.helpers import (
    CELLS,
    Problem,
    Results,
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
from tests.backends.llvm.test_guard import SIDES, _fence_problem, fenced

APART = ("sru", "sru-tanh", "minlstm", "minlstm-plain", "mingru", "indrnn")


def problem_of(name: str, h: int, i: int, seq: Sequences) -> Problem:
    program = CELLS[name].program
    return draw(program, sizes_of(name, H=h, I=i), seq, (program.states[0].name,))


def solved(p: Problem, dtype: str, target: str = "", threads: int = 1) -> Results:
    """Inference, training, and training without gradients of inputs, by kernels of their own."""
    make = functools.partial(
        layer_for.__wrapped__, p.program, tuple(p.sizes.items()), dtype, p.record, target
    )
    with poisoned():
        inferred = by_layer(make(), p.evaluation(), backward=False, threads=threads)
        lean = by_layer(make(), p, inputs_too=False, threads=threads)
        trained = by_layer(make(), p, threads=threads)
    results = {f"inferred {n}": a for n, a in inferred.items()}
    results |= {f"lean {n}": a for n, a in lean.items() if not n.startswith("d.input")}
    return results | trained


@pytest.mark.parametrize("steps", [1, 31, 32, 33, 70])
@pytest.mark.parametrize("name", APART)
def test_both_orders_give_the_same_bits(
    name: str, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seq = Sequences(steps, 1, None, None, reverse=steps % 2 == 0)
    p = problem_of(name, 32, 20, seq)
    inner = solved(p, "float32")
    with monkeypatch.context() as patch:
        patch.setattr(strategy, "can_run_time_inner", lambda plan: False)
        assert_identical(inner, solved(p, "float32"))
    if steps == 33:
        trained = {n: a for n, a in inner.items() if not n.startswith(("inferred", "lean"))}
        assert_same(trained, by_interpreter(p), "float32")


@pytest.mark.parametrize(
    ("dtype", "target"), [("float64", ""), ("float32", "avx2"), ("float32", "sse2")]
)
@pytest.mark.parametrize("name", APART)
def test_types_and_levels(name: str, dtype: str, target: str) -> None:
    """Several rows as well, of which one is a tile by itself."""
    for seq in (
        Sequences(37, 1),
        Sequences(34, 7, np.array([34, 1, 0, 5, 33, 34, 2]), reverse=True),
    ):
        p = problem_of(name, 64, 3, seq)
        results = solved(p, dtype, target)
        trained = {n: a for n, a in results.items() if not n.startswith(("inferred", "lean"))}
        assert_same(trained, by_interpreter(p), dtype)


@pytest.mark.parametrize("name", ["minlstm", "mingru"])
def test_ranges_and_threads(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    p = problem_of(name, 256, 24, Sequences(40, 1))
    one = solved(p, "float32")
    monkeypatch.setattr(
        unit_ranges, "count", lambda plan, tiles, threads: plan.unit_blocks // unit_ranges.GRAIN
    )
    for threads in (1, 3):
        assert_identical(solved(p, "float32", threads=threads), one)


@gw.cell
def leaky(x, /, h, *, W, u):
    """Decays by itself."""
    h = u.h * h + sigmoid(W.x @ x)
    return h


@gw.cell
def waiting(x, /, h, *, W, u):
    """Its gate reads the state."""
    f = sigmoid(W.f @ x + u.h * h)
    h = f * h + W.x @ x
    return h


@pytest.mark.parametrize(("cell", "expected"), [(leaky, True), (waiting, False)])
def test_a_chain_through_a_function_keeps_the_usual_order(cell: gw.Cell, expected: bool) -> None:
    p = draw(cell.program, {"I": 5, "H": 64}, Sequences(40, 1), ("h",))
    layer = layer_for(p.program, tuple(p.sizes.items()), "float64", ("h",))
    assert layer.plan("inference").strategy.innermost == expected
    assert_same(by_layer(layer, p), by_interpreter(p), "float64")


@pytest.mark.parametrize("name", ["mingru", "indrnn"])
def test_with_resets_the_usual_order_is_taken(name: str) -> None:
    p = problem_of(name, 32, 8, Sequences(40, 1, None, resets(40, 1)))
    layer = layer_for(p.program, tuple(p.sizes.items()), "float64", p.record)
    assert_same(by_layer(layer, p), by_interpreter(p), "float64")


@pytest.mark.parametrize("name", [*APART, "lstm", "janet", "slstm-heads", "ealstm"])
@pytest.mark.parametrize("units", [32, 33])
def test_which_plans_have_it(name: str, units: int) -> None:
    program = CELLS[name].program
    sizes = tuple(sizes_of(name, H=units, I=48).items())
    layer = layer_for(program, sizes, "float32", (program.states[0].name,), "avx2")
    # in an SRU the forget gate reads the cell: each step waits for the sigmoid of the one before
    expected = name in APART and not name.startswith("sru") and units == 32
    kinds = {k: layer.plan(k).strategy.innermost for k in ("inference", "forward", "lean")}
    assert kinds == dict.fromkeys(kinds, expected)


def run_at_a_fence() -> None:
    """In the child: inference, training, and back without gradients of inputs."""
    for name, h, i, steps in (("mingru", 32, 3, 33), ("indrnn", 64, 17, 40), ("minlstm", 16, 1, 5)):
        for dtype, target in (("float32", ""), ("float64", "avx2"), ("float32", "sse2")):
            print(name, h, i, steps, dtype, target, flush=True)
            p = problem_of(name, h, i, Sequences(steps, 1, reverse=steps == 40))
            make = functools.partial(
                layer_for.__wrapped__, p.program, tuple(p.sizes.items()), dtype, p.record, target
            )
            for back, lean in ((False, False), (True, False), (True, True)):
                evaluated = p if back else p.evaluation()
                run = functools.partial(by_layer, backward=back, inputs_too=not lean)
                want = run(make(), evaluated)
                for side in SIDES:
                    print("at the", side, flush=True)
                    with fenced(side) as fence:
                        got = run(make(), _fence_problem(evaluated, fence, dtype))
                    for key in got.keys() - {f"d.input.{n}" for n in p.inputs} if lean else got:
                        assert got[key].tobytes() == want[key].tobytes(), key
    print("survived")


def test_nothing_beyond_an_array_is_touched() -> None:
    done = child("from tests.backends.llvm.emit.test_time_inner import *; run_at_a_fence()")
    where = done.stdout.strip().splitlines()[-2:]
    assert done.returncode == 0, f"{where}\n{done.stderr[-3000:]}"
    assert where[-1:] == ["survived"]
