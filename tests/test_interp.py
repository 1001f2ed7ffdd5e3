"""The interpreter against a naive loop: one row, one step, one number at a time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gatewise as gw
from gatewise.errors import InputError, ProgramError, SizeError
from gatewise.interp import Gradients, Run, Sequences, run, run_backward
from gatewise.interp.arguments import constant_array
from gatewise.ir import REVERSE, Axes, Node, Program, Size, builder
from gatewise.lang import repeat, sigmoid, tanh, where
from gatewise.passes.differentiate import differentiate
from tests.generated import Sample, many, programs, sample
from tests.tolerances import assert_close

Numbers = list[float]
INF = math.inf


# --- the naive loop -------------------------------------------------------------------------------


def softplus(a: float) -> float:
    return a if a > 30 else math.log1p(math.exp(a))


UNITS: dict[str, Callable[..., float]] = {
    "neg": lambda a: -a,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "tanh": math.tanh,
    "softplus": softplus,
    "sin": math.sin,
    "cos": math.cos,
    "erf": math.erf,
    "stop_gradient": lambda a: a,
    "abs": abs,
    "floor": math.floor,
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "max": max,
    "min": min,
    "lt": lambda a, b: float(a < b),
    "le": lambda a, b: float(a <= b),
    "eq": lambda a, b: float(a == b),
    "where": lambda c, a, b: a if c != 0 else b,
}


def dense(at: Sample, name: str) -> list[Numbers]:
    """A matrix in full, zeros outside of its blocks."""
    array, param = at.params[name], at.program.param(name)
    if param.blocks == 1:
        return [[float(v) for v in row] for row in array]
    rows, cols = array.shape[1:]
    full = [[0.0] * (cols * param.blocks) for _ in range(rows * param.blocks)]
    for k in range(param.blocks):
        for r in range(rows):
            for c in range(cols):
                full[k * rows + r][k * cols + c] = float(array[k, r, c])
    return full


def value(at: Sample, node: Node, args: list[Any], leaves: dict[str, Numbers]) -> Any:
    """One node for one row: a list of numbers, or of rows for a matrix."""
    attr, units = node.attr, node.size.evaluate(at.sizes)
    if node.op in ("input", "state"):
        return leaves[str(attr)]
    if node.op == "param":
        if at.program.param(str(attr)).values is not None:
            fixed = constant_array(at.program.param(str(attr))).tolist()
            return fixed
        if node.cols is None:
            return [float(v) for v in at.params[str(attr)]]
        return dense(at, str(attr))
    if node.op in ("const", "size"):
        return [float(attr.evaluate(at.sizes) if isinstance(attr, Size) else attr)]
    if node.op == "matvec":
        return [sum(w * v for w, v in zip(row, args[1], strict=True)) for row in args[0]]
    if node.op == "matvec_t":
        columns = zip(*args[0], strict=True)
        return [sum(w * v for w, v in zip(column, args[1], strict=True)) for column in columns]
    if node.op == "outer":
        return [[a * b for b in args[1]] for a in args[0]]
    if node.op == "concat":
        return [v for part in args for v in part]
    if node.op == "slice":
        start = 0 if attr == Size() else attr.evaluate(at.sizes)
        return args[0][start : start + units]
    if node.op == "sum":
        run_length = attr.evaluate(at.sizes)
        return [sum(args[0][k : k + run_length]) for k in range(0, len(args[0]), run_length)]
    if node.op == "amax":
        run_length = attr.evaluate(at.sizes)
        return [max(args[0][k : k + run_length]) for k in range(0, len(args[0]), run_length)]
    if node.op == "cumsum":
        if attr == REVERSE:
            return list(itertools.accumulate(args[0][::-1]))[::-1]
        return list(itertools.accumulate(args[0]))
    if isinstance(attr, Axes):
        return entries(node.op, *attr.numbers(at.sizes), args[0])
    if node.op == "repeat":
        return [v for v in args[0] for _ in range(attr.evaluate(at.sizes))]
    wide = [a * units if len(a) == 1 else a for a in args]
    return [float(UNITS[node.op](*(a[k] for a in wide))) for k in range(units)]


def entries(op: str, rows: int, cols: int, blocks: int, v: Numbers) -> Numbers:
    """A matrix of a vector along its rows or columns, or its sums, entry by entry: block k has row r // (rows
    of a block) = k, and the same part of the columns."""
    high, wide = rows // blocks, cols // blocks
    places = [(r, r // high * wide + c) for r in range(rows) for c in range(wide)]
    if op == "row_repeat":
        return [v[r] for r, _ in places]
    if op == "column_repeat":
        return [v[c] for _, c in places]
    of_row = op == "row_sum"
    count = rows if of_row else cols
    return [
        sum(value for value, (r, c) in zip(v, places, strict=True) if (r if of_row else c) == k)
        for k in range(count)
    ]


class Row:
    """One row of the batch, from its initial state to its final one."""

    def __init__(self, at: Sample, b: int) -> None:
        program, seq = at.program, at.seq
        length = seq.steps if seq.lengths is None else int(seq.lengths[b])
        state = {n: [float(v) for v in a[b]] for n, a in at.states.items()}
        self.values: dict[int, list[Any]] = {}
        for t in range(length)[:: -1 if seq.reverse else 1]:
            boundary = t + 1 if seq.reverse else t
            if seq.reset is not None and boundary < length and seq.reset[boundary, b]:
                state = {n: [float(v) for v in a[b]] for n, a in at.restart.items()}
            leaves = dict(state)
            for item in program.inputs:
                here = at.inputs[item.name][t] if item.per == "step" else at.inputs[item.name]
                leaves[item.name] = [float(v) for v in here[b]]
            values: list[Any] = []
            for node in program.nodes:
                values.append(value(at, node, [values[a] for a in node.args], leaves))
            self.values[t] = values
            state = {
                s.name: spread(values[n], s.size.evaluate(at.sizes))
                for s, n in zip(program.states, program.next, strict=True)
            }
        self.final = list(state.values())


def spread(v: Numbers, units: int) -> Numbers:
    return v * units if len(v) == 1 else v


def packed(at: Sample, name: str, full: Any) -> Any:
    """The blocks of a matrix that was computed in full."""
    node = next(at.program.nodes[o.node] for o in at.program.outputs if o.name == name)
    blocks = node.attr if isinstance(node.attr, int) else 1
    if blocks == 1:
        return full
    rows, cols = (n // blocks for n in full.shape)
    return np.stack(
        [full[k * rows : k * rows + rows, k * cols : k * cols + cols] for k in range(blocks)]
    )


def near(actual: Any, expected: Any, name: str) -> None:
    """Equal but for rounding, which is all that is left where a norm centres equal units."""
    np.testing.assert_allclose(actual, expected, rtol=1e-10, atol=1e-12, err_msg=name)


def check_against_rows(at: Sample, got: Run, record: list[str]) -> None:
    rows = [Row(at, b) for b in range(at.seq.batch)]
    p, shape = at.program, (at.seq.steps, at.seq.batch)

    def by_step(node: int, units: int) -> Any:
        out = np.zeros((*shape, units))
        for b, row in enumerate(rows):
            for t, values in row.values.items():
                out[t, b] = spread(values[node], units)
        return out

    first = p.states[0].size.evaluate(at.sizes)
    near(got.output, by_step(p.next[0], first), "output")
    for k, final in enumerate(got.states):
        want = np.array([row.final[k] for row in rows]).reshape(final.shape)
        near(final, want, p.states[k].name)
    full = builder.spread(p)  # the name of a state means all of its units
    for name in record:
        node = p.named(name)
        units = full.nodes[full.named(name)].size.evaluate(at.sizes)
        near(got.recorded[name], by_step(node, units), name)
    for output in p.outputs:
        parts = [[np.array(v[output.node]) for v in row.values.values()] for row in rows]
        result = got.results[output.name]
        if output.over == "step":
            want = by_step(output.node, result.shape[-1])
        elif output.over == "row":
            want = np.array([sum(part, np.zeros(result.shape[-1])) for part in parts])
        else:
            blank = np.zeros(np.shape(result))
            total = sum((v for part in parts for v in part), 0.0)
            want = blank + (packed(at, output.name, total) if np.ndim(total) == 2 else total)
        near(result, want, output.name)


@many(120)
@given(program=programs(), seed=st.integers(0, 10_000))
def test_generated_programs(program: Program, seed: int) -> None:
    record = [n for n, _ in program.names]
    at = sample(program, seed, steps=4, batch=3)
    check_against_rows(at, at.run(record=record), record)


@pytest.mark.parametrize("name", gw.cells.names())
def test_catalogue(name: str) -> None:
    program = gw.cells.get(name).program
    at = sample(program, 11, steps=4, batch=3, ragged=True)
    at.inputs.update(t=np.abs(at.inputs["t"]).cumsum(0)) if "t" in at.inputs else None
    record = [n for n, _ in program.names]
    check_against_rows(at, at.run(record=record), record)


# --- a cell with everything -----------------------------------------------------------------------


@gw.cell(static="s", scalar="t", initial={"m": -INF}, blocks={"U": 2}, sizes={"k": "H/2"})
def everything(x: Any, s: Any, t: Any, /, h: Any, k: Any, m: Any, *, W: Any, U: Any, b: Any) -> Any:
    i = sigmoid(W.i @ x + W.s @ s + U.i @ h + b.i * t)
    k = where(t > 0, tanh(W.k @ x) + k, k)
    m = where(m < i, i, m)
    h = i * h + (1 - i) * tanh(repeat(k, 2) + U.n @ (i * h) + m)
    return h, k, m


def ragged(steps: int = 5, batch: int = 4, reverse: bool = False, seed: int = 0) -> Sample:
    at = sample(everything.program, seed, steps=steps, batch=batch, ragged=False)
    rng = np.random.default_rng(seed)
    lengths = rng.integers(0, steps + 1, batch)
    lengths[:2] = steps, 0
    reset = rng.random((steps, batch)) < 0.4
    return replace(at, seq=Sequences(steps, batch, lengths, reset, reverse))


def gradients(at: Sample, seeds: dict[str, Any], record: tuple[str, ...], **more: Any) -> Gradients:
    forward = at.run(record=record, **more)
    backward = differentiate(at.program, record)
    finals = [np.ones_like(a) for a in forward.states]
    return run_backward(
        at.program,
        backward,
        forward,
        at.inputs,
        at.params,
        at.sizes,
        at.seq,
        seeds=seeds,
        d_states=finals,
        **more,
    )


@pytest.mark.parametrize("reverse", [False, True])
def test_padding_holds_nan_and_never_leaks(reverse: bool) -> None:
    at, record = ragged(reverse=reverse), ("h", "i", "k")
    hole = np.arange(at.seq.steps)[:, None] >= np.asarray(at.seq.lengths)
    clean = at.run(record=record)
    seeds = {n: np.ones_like(a) for n, a in clean.recorded.items()}
    want = gradients(at, seeds, record)

    per_step = {i.name for i in at.program.inputs if i.per == "step"}
    poisoned = {
        n: np.where(hole[..., None], np.nan, a) if n in per_step else a
        for n, a in at.inputs.items()
    }
    for marks in (True, False):  # what reset says in the padding does not matter either
        seq = replace(at.seq, reset=np.where(hole, marks, np.asarray(at.seq.reset)))
        dirty = replace(at, inputs=poisoned, seq=seq)
        got = dirty.run(record=record)
        for name in record:
            assert np.array_equal(got.recorded[name], clean.recorded[name])
            assert not got.recorded[name][hole].any()
        assert np.array_equal(got.output, clean.output)
        assert all(np.array_equal(a, b) for a, b in zip(got.states, clean.states, strict=True))
        bad_seeds = {n: np.where(hole[..., None], np.nan, a) for n, a in seeds.items()}
        found = gradients(dirty, bad_seeds, record)
        for group in ("inputs", "params"):
            for name, array in getattr(want, group).items():
                assert np.array_equal(getattr(found, group)[name], array), name
        for name in per_step:
            assert not found.inputs[name][hole].any()
        for ours, theirs in zip(
            found.states + found.restart, want.states + want.restart, strict=True
        ):
            assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("reverse", [False, True])
def test_rows_are_independent(reverse: bool) -> None:
    """Each row alone, cut to its length, gives the same; sums over the batch are sums of the rows."""
    at = ragged(reverse=reverse, seed=3)
    record = ("h", "i")
    whole = at.run(record=record)
    seeds = {
        n: np.random.default_rng(1).standard_normal(a.shape) for n, a in whole.recorded.items()
    }
    together = gradients(at, seeds, record)
    totals = {n: np.zeros_like(a) for n, a in together.params.items()}
    for b, length in enumerate(np.asarray(at.seq.lengths)):
        alone = replace(
            at,
            seq=Sequences(int(length), 1, None, np.asarray(at.seq.reset)[:length, [b]], reverse),
            inputs={
                i.name: at.inputs[i.name][:length, [b]]
                if i.per == "step"
                else at.inputs[i.name][[b]]
                for i in at.program.inputs
            },
            states={n: a[[b]] for n, a in at.states.items()},
            restart={n: a[[b]] for n, a in at.restart.items()},
        )
        got = alone.run(record=record)
        assert_close(got.output[:, 0], whole.output[:length, b], "float64", "forward")
        for ours, theirs in zip(got.states, whole.states, strict=True):
            assert_close(ours[0], theirs[b], "float64", "state")
        found = gradients(alone, {n: a[:length, [b]] for n, a in seeds.items()}, record)
        for name, array in found.params.items():
            totals[name] += array
        assert_close(found.inputs["s"][0], together.inputs["s"][b], "float64", "gradient")
        assert_close(
            found.inputs["x"][:, 0], together.inputs["x"][:length, b], "float64", "gradient"
        )
        for ours, theirs in zip(
            found.states + found.restart, together.states + together.restart, strict=True
        ):
            assert_close(ours[0], theirs[b], "float64", "gradient")
    for name, array in together.params.items():
        assert_close(array, totals[name], "float64", "gradient", name=name)


def test_a_carried_run_continues() -> None:
    """Two halves with the state carried are one run; a reset inside still restarts."""
    at = sample(everything.program, 2, steps=6, batch=2, ragged=False)
    reset = np.zeros((6, 2), bool)
    reset[4, 1] = True
    at = replace(at, seq=Sequences(6, 2, None, reset))
    whole = at.run()

    def part(steps: slice, states: dict[str, Any]) -> Run:
        return replace(
            at,
            seq=Sequences(3, 2, None, reset[steps]),
            inputs={
                i.name: at.inputs[i.name][steps] if i.per == "step" else at.inputs[i.name]
                for i in at.program.inputs
            },
            states=states,
        ).run()

    first = part(slice(0, 3), at.states)
    names = [s.name for s in at.program.states]
    second = part(slice(3, 6), dict(zip(names, first.states, strict=True)))
    assert np.array_equal(np.concatenate([first.output, second.output]), whole.output)
    assert all(np.array_equal(a, b) for a, b in zip(second.states, whole.states, strict=True))


def test_declared_initial_states_are_the_default_and_what_resets_restore() -> None:
    at = sample(everything.program, 4, steps=3, batch=2, ragged=False)
    reset = np.zeros((3, 2), bool)
    reset[0, 0] = reset[2, 1] = True
    seq = Sequences(3, 2, None, reset)
    declared = [np.full((2, s.size.evaluate(at.sizes)), s.initial) for s in at.program.states]
    assert declared[2][0, 0] == -INF
    plain = run(at.program, at.inputs, at.params, at.sizes, seq)
    given_ = run(at.program, at.inputs, at.params, at.sizes, seq, states=declared, restart=declared)
    assert np.array_equal(plain.output, given_.output)
    carried = run(at.program, at.inputs, at.params, at.sizes, seq, states=list(at.states.values()))
    assert np.array_equal(carried.output[:, 0], plain.output[:, 0])  # the boundary at step 0
    assert not np.array_equal(carried.output[0, 1], plain.output[0, 1])
    alone = run(
        at.program,
        {n: a[2:] if n != "s" else a for n, a in at.inputs.items()},
        at.params,
        at.sizes,
        Sequences(1, 2),
    )
    assert np.array_equal(carried.output[2, 1], alone.output[0, 1])


@pytest.mark.parametrize(("steps", "batch"), [(0, 3), (3, 0), (0, 0), (1, 1), (3, 1)])
@pytest.mark.parametrize("with_lengths", [False, True])
def test_nothing_to_do(steps: int, batch: int, with_lengths: bool) -> None:
    at = sample(everything.program, 1, steps=steps, batch=batch, ragged=False)
    if with_lengths:
        none = np.zeros(batch, int)
        at = replace(at, seq=Sequences(steps, batch, none, np.ones((steps, batch), bool)))
    got = at.run(record=("i",))
    assert got.output.shape == (steps, batch, 4)
    assert got.recorded["i"].shape == (steps, batch, 4)
    found = gradients(at, {"h": np.ones((steps, batch, 4))}, ("h",))
    assert {n: a.shape for n, a in found.params.items()} == {
        n: a.shape for n, a in at.params.items()
    }
    assert {n: a.shape for n, a in found.inputs.items()} == {
        n: a.shape for n, a in at.inputs.items()
    }
    if with_lengths or not steps * batch:
        assert not any(a.any() for a in found.params.values())
        for ours, theirs in zip(got.states, at.states.values(), strict=True):
            assert np.array_equal(ours, theirs)
        assert all((a == 1).all() for a in found.states)
        assert not any(a.any() for a in found.restart)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_float_types(dtype: Any) -> None:
    at = ragged(reverse=True)
    exact = at.run(record=("i",))
    got = at.run(record=("i",), dtype=dtype)
    found = gradients(at, {"h": np.ones_like(exact.output)}, ("h",), dtype=dtype)
    want = gradients(at, {"h": np.ones_like(exact.output)}, ("h",))
    arrays = [
        got.output,
        *got.states,
        got.recorded["i"],
        *found.params.values(),
        *found.inputs.values(),
        *found.states,
        *found.restart,
    ]
    assert {a.dtype for a in arrays} == {np.dtype(dtype)}
    name = "float32" if dtype == np.float32 else "float64"
    assert_close(got.output, exact.output, name, "forward")
    for key, array in found.params.items():
        assert_close(array, want.params[key], name, "gradient", name=key)


def test_recorded_output_is_the_output() -> None:
    at = ragged()
    got = at.run(record=("h", "k", "m"))
    assert np.array_equal(got.recorded["h"], got.output)
    with pytest.raises(ProgramError, match=r"'j' is not .* everything\. It has: i, k, m, h"):
        at.run(record=("j",))


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "say"),
    [
        ({"lengths": np.array([1, 2])}, "lengths must be 4 whole numbers"),
        ({"lengths": np.array([1.0, 2, 3, 4])}, "lengths must be 4 whole numbers"),
        ({"lengths": np.array([1, 2, 3, 6])}, r"lengths must lie in 0\.\.5"),
        ({"lengths": np.array([1, 2, 3, -1])}, r"lengths must lie in 0\.\.5"),
        ({"reset": np.zeros((4, 5), bool)}, "reset must be truth values of shape"),
        ({"reset": np.zeros((5, 4))}, "not float64 of shape"),
    ],
)
def test_wrong_sequences(change: dict[str, Any], say: str) -> None:
    with pytest.raises(InputError, match=say):
        Sequences(5, 4, **change)


def test_wrong_arrays() -> None:
    at = ragged()
    p, states = at.program, list(at.states.values())
    good: dict[str, Any] = {"inputs": at.inputs, "params": at.params, "sizes": at.sizes}

    def refused(error: type[Exception], say: str, **change: Any) -> None:
        given_ = good | change
        with pytest.raises(error, match=say):
            run(
                p, given_.pop("inputs"), given_.pop("params"), given_.pop("sizes"), at.seq, **given_
            )

    without = {n: a for n, a in at.inputs.items() if n != "x"}
    refused(InputError, "the input 'x' is missing", inputs=without)
    refused(
        InputError, "the input 'x' must have shape", inputs=at.inputs | {"x": at.inputs["x"][0]}
    )
    refused(InputError, "the input 's' must have shape", inputs=at.inputs | {"s": at.inputs["x"]})
    refused(InputError, "the parameter 'W.i' is missing", params={})
    wrong = at.params | {"W.i": at.params["W.i"].T}
    refused(InputError, "the parameter 'W.i' must have shape", params=wrong)
    refused(InputError, "2 states given, it has h, k, m", states=states[:2])
    refused(InputError, "the state 'k' must have shape", states=[states[0]] * 3)
    refused(InputError, "the state 'h' must have shape", restart=[a[0] for a in states])
    refused(SizeError, "needs the sizes H", sizes={"I": 3, "I_s": 2})
    refused(SizeError, "H/2 with H=3 is 3/2", sizes=at.sizes | {"H": 3})
    refused(SizeError, "has no size 'Q'", sizes=at.sizes | {"Q": 3})
