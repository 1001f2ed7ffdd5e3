"""The interpreter on sequences: lengths, resets, states carried on, float types, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import gatewise as gw
from gatewise.errors import InputError, ProgramError, SizeError
from gatewise.interp import Gradients, Run, Sequences, run, run_backward
from gatewise.lang import repeat, sigmoid, tanh, where
from gatewise.passes.differentiate import differentiate
from tests.generated import Sample, sample
from tests.interp.naive_loop import (
    INF,
)
from tests.tolerances import assert_close


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
        derived = gradients(dirty, bad_seeds, record)
        for group in ("inputs", "params"):
            for name, array in getattr(want, group).items():
                assert np.array_equal(getattr(derived, group)[name], array), name
        for name in per_step:
            assert not derived.inputs[name][hole].any()
        for ours, theirs in zip(
            derived.states + derived.restart, want.states + want.restart, strict=True
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
        derived = gradients(alone, {n: a[:length, [b]] for n, a in seeds.items()}, record)
        for name, array in derived.params.items():
            totals[name] += array
        assert_close(derived.inputs["s"][0], together.inputs["s"][b], "float64", "gradient")
        assert_close(
            derived.inputs["x"][:, 0], together.inputs["x"][:length, b], "float64", "gradient"
        )
        for ours, theirs in zip(
            derived.states + derived.restart, together.states + together.restart, strict=True
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
    derived = gradients(at, {"h": np.ones((steps, batch, 4))}, ("h",))
    assert {n: a.shape for n, a in derived.params.items()} == {
        n: a.shape for n, a in at.params.items()
    }
    assert {n: a.shape for n, a in derived.inputs.items()} == {
        n: a.shape for n, a in at.inputs.items()
    }
    if with_lengths or not steps * batch:
        assert not any(a.any() for a in derived.params.values())
        for ours, theirs in zip(got.states, at.states.values(), strict=True):
            assert np.array_equal(ours, theirs)
        assert all((a == 1).all() for a in derived.states)
        assert not any(a.any() for a in derived.restart)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_float_types(dtype: Any) -> None:
    at = ragged(reverse=True)
    exact = at.run(record=("i",))
    got = at.run(record=("i",), dtype=dtype)
    derived = gradients(at, {"h": np.ones_like(exact.output)}, ("h",), dtype=dtype)
    want = gradients(at, {"h": np.ones_like(exact.output)}, ("h",))
    arrays = [
        got.output,
        *got.states,
        got.recorded["i"],
        *derived.params.values(),
        *derived.inputs.values(),
        *derived.states,
        *derived.restart,
    ]
    assert {a.dtype for a in arrays} == {np.dtype(dtype)}
    name = "float32" if dtype == np.float32 else "float64"
    assert_close(got.output, exact.output, name, "forward")
    for key, array in derived.params.items():
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
