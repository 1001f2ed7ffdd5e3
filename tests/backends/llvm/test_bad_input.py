"""What a caller may hand over: arrays of every layout work, wrong ones are one clear error, and
extreme values stay where they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gatewise.backends.llvm.run import numpy_api
from gatewise.compile import layer_for
from gatewise.errors import InputError, ProgramError
from gatewise.interp import Sequences
from tests.backends.llvm.helpers import (
    CELLS,
    Problem,
    Results,
    assert_identical,
    by_kernels,
    by_layer,
    child,
    draw,
    resets,
    sizes_of,
)

Array = np.ndarray[Any, Any]
STEPS, BATCH = 5, 4
LENGTHS = np.array([5, 2, 0, 1])


def problem(name: str = "ealstm", seq: Sequences | None = None, **sizes: int) -> Problem:
    program = CELLS[name].program
    seq = seq or Sequences(STEPS, BATCH, LENGTHS, resets(STEPS, BATCH))
    return draw(program, sizes_of(name, **sizes), seq, (program.states[0].name,))


def as_it_is(p: Problem) -> Results:
    """Training and gradients in float64, the arrays handed over as they are."""
    layer = layer_for(p.program, tuple(p.sizes.items()), "float64", p.record)
    return by_layer(layer, p, as_it_is=True)


# --- layouts --------------------------------------------------------------------------------------


def apart(a: Array) -> Array:
    """Every second value of a larger array."""
    wide = np.full(tuple(2 * n for n in a.shape), np.nan, a.dtype)
    view = wide[tuple(slice(None, None, 2) for _ in a.shape)]
    view[...] = a
    return view


def backwards(a: Array) -> Array:
    """Negative distances along every axis."""
    turn = tuple(slice(None, None, -1) for _ in a.shape)
    return np.ascontiguousarray(a[turn])[turn]


def rows_backwards(a: Array) -> Array:
    """Negative distances along every axis but the units'."""
    turn = (*(slice(None, None, -1) for _ in a.shape[:-1]), slice(None))
    return np.ascontiguousarray(a[turn])[turn]


def in_records(a: Array) -> Array:
    """Units side by side, rows at a distance that is no whole number of values, nothing aligned."""
    record = np.dtype([("tag", "u1"), ("values", a.dtype, a.shape[-1])])
    records = np.zeros(a.shape[:-1], record)
    records["values"] = a
    return records["values"]


LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "fortran": np.asfortranarray,
    "apart": apart,
    "backwards": backwards,
    "rows-backwards": rows_backwards,
    "batch-first": lambda a: a.swapaxes(0, 1).copy().swapaxes(0, 1) if a.ndim == 3 else a,
    "in-records": in_records,
    "big-endian": lambda a: a.astype(a.dtype.newbyteorder(">")),
    "read-only": lambda a: np.lib.stride_tricks.as_strided(a.copy(), writeable=False),
    "float32": lambda a: a.astype(np.float32),
    "longdouble": lambda a: a.astype(np.longdouble),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["ealstm", "slstm-heads", "zoneout-lstm"])
@pytest.mark.parametrize("inputs", [1, 3])
def test_any_layout_gives_the_same_bits(name: str, layout: str, inputs: int) -> None:
    p = problem(name, I=inputs)
    assert_identical(as_it_is(p.map(LAYOUTS[layout])), by_kernels(p))


def test_broadcast_arrays() -> None:
    """Distances of zero: one row for the whole batch, one step for all time."""
    p = problem(seq=Sequences(STEPS, BATCH))
    x, s = p.inputs["x"][:1, :1], p.inputs["s"][:1]
    h = np.zeros((1, 1))
    spread = replace(
        p,
        inputs={
            "x": np.broadcast_to(x, p.inputs["x"].shape),
            "s": np.broadcast_to(s, p.inputs["s"].shape),
        },
        states=[np.broadcast_to(h, a.shape) for a in p.states or []],
    )
    assert_identical(as_it_is(spread), as_it_is(spread.map(np.ascontiguousarray)))


def test_inputs_that_overlap() -> None:
    """Windows over one series: neighbouring rows share most of their values."""
    p = problem("lstm", Sequences(STEPS, BATCH), I=3)
    series = np.random.default_rng(0).standard_normal(40)
    step = series.itemsize
    windows = np.lib.stride_tricks.as_strided(series, (STEPS, BATCH, 3), (2 * step, step, step))
    overlapping = replace(p, inputs={"x": windows})
    assert_identical(as_it_is(overlapping), as_it_is(replace(p, inputs={"x": windows.copy()})))


def test_integers_and_truth_values_are_numbers() -> None:
    p = problem("lstm", Sequences(STEPS, BATCH))
    for dtype in (np.int64, np.uint8, np.bool_):
        x = np.random.default_rng(0).integers(0, 2, p.inputs["x"].shape).astype(dtype)
        converted = replace(p, inputs={"x": x})
        assert_identical(as_it_is(converted), as_it_is(replace(p, inputs={"x": x.astype(float)})))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint64"])
def test_lengths_of_any_whole_type(dtype: str) -> None:
    p = problem()
    typed = replace(p, seq=replace(p.seq, lengths=LENGTHS.astype(dtype)))
    assert_identical(by_kernels(typed), by_kernels(p))


# --- errors ---------------------------------------------------------------------------------------

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "lengths negative": ({"lengths": np.array([5, -1, 0, 1])}, r"lie in 0\.\.5"),
    "lengths too large": ({"lengths": np.array([5, 6, 0, 1])}, r"lie in 0\.\.5"),
    "lengths huge": ({"lengths": np.full(4, 2**62)}, r"lie in 0\.\.5"),
    "lengths beyond int64": ({"lengths": np.full(4, 2**64 - 1, np.uint64)}, r"lie in 0\.\.5"),
    "lengths broken": ({"lengths": np.array([5.0, 2.5, 0.0, 1.0])}, "4 whole numbers"),
    "lengths NaN": ({"lengths": np.full(4, np.nan)}, "4 whole numbers"),
    "lengths too few": ({"lengths": np.array([5, 2, 0])}, "4 whole numbers"),
    "lengths one number": ({"lengths": 5}, "4 whole numbers"),
    "lengths words": ({"lengths": ["5", "2", "0", "1"]}, "4 whole numbers"),
    "lengths truth values": ({"lengths": np.ones(4, bool)}, "4 whole numbers"),
    "reset turned": ({"reset": np.zeros((BATCH, STEPS), bool)}, r"shape \(5, 4\)"),
    "reset too short": ({"reset": np.zeros((STEPS - 1, BATCH), bool)}, r"shape \(5, 4\)"),
    "reset of a batch": ({"reset": np.zeros(BATCH, bool)}, r"shape \(5, 4\)"),
    "reset numbers": ({"reset": np.zeros((STEPS, BATCH))}, "truth values"),
    "states too few": ({"states": [np.zeros((BATCH, 7))]}, "2 states, 1 were given"),
    "states of wrong rows": ({"states": [np.zeros((3, 7))] * 2}, r"must have shape \(4, 7\)"),
    "states flat": ({"states": [np.zeros(7)] * 2}, r"must have shape \(4, 7\)"),
    "restart of wrong units": ({"restart": [np.zeros((BATCH, 8))] * 2}, "must have shape"),
}


def infer(p: Problem, **more: Any) -> Array:
    """The output of inference, with some arguments replaced."""
    layer = layer_for(p.program, tuple(p.sizes.items()), "float64")
    arguments = {"states": p.states, "lengths": p.seq.lengths, "reset": p.seq.reset} | more
    return numpy_api.run(layer, p.inputs, p.params, p.seq.steps, p.seq.batch, **arguments).output


@pytest.mark.parametrize("what", WRONG)
def test_wrong_sequences_and_states(what: str) -> None:
    arguments, message = WRONG[what]
    with pytest.raises(InputError, match=message):
        infer(problem(), **arguments)


BAD_ARRAYS: dict[str, tuple[Callable[[Array], Any] | None, str]] = {
    "missing": (None, "is missing"),
    "one unit more": (lambda a: np.concatenate([a, a], -1), "must have shape"),
    "one row fewer": (lambda a: a[:-1], "must have shape"),
    "an axis more": (lambda a: a[None], "must have shape"),
    "a number": (lambda a: 1.0, "must have shape"),
    "none": (lambda a: None, "must have shape"),
    "complex": (lambda a: a + 1j, "real numbers"),
    "words": (lambda a: a.astype(str), "real numbers"),
    "objects": (lambda a: a.astype(object), "real numbers"),
    "dates": (lambda a: np.full(a.shape, np.datetime64("2020-01-01")), "real numbers"),
}


@pytest.mark.parametrize("what", BAD_ARRAYS)
@pytest.mark.parametrize("name", ["x", "s", "W.i", "b.i"])
def test_wrong_arrays(name: str, what: str) -> None:
    spoil, message = BAD_ARRAYS[what]
    p = problem()
    for group in (p.inputs, p.params):
        if name in group:
            old = group.pop(name)
            if spoil is not None:
                group[name] = spoil(old)
    with pytest.raises(InputError, match=message) as caught:
        infer(p)
    assert repr(name) in str(caught.value)


def trained(p: Problem) -> tuple[Any, numpy_api.Tape]:
    layer = layer_for(p.program, tuple(p.sizes.items()), "float64", p.record)
    run = numpy_api.run(
        layer, p.inputs, p.params, p.seq.steps, p.seq.batch, lengths=p.seq.lengths, training=True
    )
    assert run.tape is not None
    return layer, run.tape


def test_wrong_arguments_of_the_backward_pass() -> None:
    p = problem()
    layer, tape = trained(p)
    good: dict[str, Any] = {"seeds": p.seeds, "d_states": p.ends}
    for wrong, message in (
        ({"seeds": {"g": p.seeds["h"]}}, "'g' is not recorded.*Recorded: h"),
        ({"seeds": {"h": p.seeds["h"][:-1]}}, r"'h' must have shape \(5, 4, 7\)"),
        ({"seeds": {"h": p.seeds["h"] + 1j}}, "real numbers"),
        ({"d_states": p.ends[:1]}, "2 states, 1 were given"),
        ({"d_states": [e[:1] for e in p.ends]}, "must have shape"),
    ):
        with pytest.raises(InputError, match=message):
            numpy_api.run_backward(layer, tape, p.inputs, p.params, **good | wrong)
    with pytest.raises(InputError, match="'x' is missing"):
        numpy_api.run_backward(layer, tape, {"s": p.inputs["s"]}, p.params, **good)
    numpy_api.run_backward(layer, tape, p.inputs, p.params, **good)
    other, _ = trained(problem("gru"))
    with pytest.raises(InputError, match="another layer"):
        numpy_api.run_backward(other, tape, p.inputs, p.params, **good)
    tape.free()
    with pytest.raises(InputError, match="was freed"):
        numpy_api.run_backward(layer, tape, p.inputs, p.params, **good)


def test_unknown_names_to_record() -> None:
    program = CELLS["lstm"].program
    with pytest.raises(ProgramError, match="'forget' is not a quantity"):
        layer_for(program, (("I", 3), ("H", 7)), "float64", ("forget",))


RISKY = """
import itertools
import numpy as np
from gatewise.errors import GatewiseError
from tests.backends.llvm.test_bad_input import *

p, good, wrong = problem(), 0, 0
odd = [None, -1, 0, 1.5, "x", np.zeros(0), np.zeros((5, 4)), np.full(4, 3), np.full((5, 4), True),
       np.full(4, -2**63), [[1, 2], [3]], {}, np.zeros((5, 4, 7)), [np.zeros((4, 7))] * 2]
for name in ("lengths", "reset", "states", "restart"):
    for value in odd:
        try:
            infer(p, **{name: value})
            good += 1
        except (GatewiseError, TypeError, ValueError):
            wrong += 1
for steps, batch in itertools.product((-1, 0, 4, 6, 2**40), (-1, 0, 3, 5, 2**40)):
    try:
        layer = layer_for(p.program, tuple(p.sizes.items()), "float64")
        numpy_api.run(layer, p.inputs, p.params, steps, batch)
        raise SystemExit(f"{steps} steps of {batch} rows were accepted")
    except GatewiseError:
        wrong += 1
print("alive", good > 4 and wrong > 40)
"""


def test_nothing_kills_the_process() -> None:
    """Every odd argument in a child: an error of Python at the worst."""
    done = child(RISKY)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip() == "alive True"
