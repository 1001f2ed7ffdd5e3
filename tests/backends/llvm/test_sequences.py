"""What lengths, resets, direction and carried states mean, held against the kernels themselves.

``test_contract`` compares with the interpreter. Here stand the laws that follow from
``ir/sequence.py`` and need no reference: mostly to the last bit, as a row's result must not depend
on its company.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gatewise.backends.llvm.run import numpy_api
from gatewise.compile import layer_for
from gatewise.interp import Sequences
from tests.backends.llvm.helpers import (
    CELLS,
    Problem,
    Results,
    assert_identical,
    assert_same,
    by_interpreter,
    by_kernels,
    by_layer,
    draw,
    poisoned,
    resets,
    sizes_of,
)

NAMES = ("lstm", "gru_v3", "layernorm_lstm", "slstm-heads", "ealstm", "zoneout-lstm")
ALL = pytest.mark.parametrize("name", NAMES)
STEPS, BATCH = 9, 7
LENGTHS = np.array([9, 4, 0, 1, 9, 8, 6])


def problem(name: str, seq: Sequences, **more: Any) -> Problem:
    program = CELLS[name].program
    return draw(program, sizes_of(name), seq, (program.states[0].name,), **more)


def rows(p: Problem, which: list[int] | slice) -> Problem:
    """Some rows of a problem."""
    seq = p.seq
    count = len(np.arange(seq.batch)[which])
    some = Sequences(
        seq.steps,
        count,
        None if seq.lengths is None else seq.lengths[which],
        None if seq.reset is None else seq.reset[:, which],
        seq.reverse,
    )
    assert p.states is not None and p.restart is not None
    return replace(
        p,
        seq=some,
        inputs={n: a[..., which, :] for n, a in p.inputs.items()},
        seeds={n: a[..., which, :] for n, a in p.seeds.items()},
        states=[a[which] for a in p.states],
        restart=[a[which] for a in p.restart],
        ends=[a[which] for a in p.ends],
    )


def times(p: Problem, which: slice, states: list[np.ndarray[Any, Any]] | None = None) -> Problem:
    """Some steps of a problem whose rows are all whole."""
    seq = p.seq
    marks = None if seq.reset is None else seq.reset[which]
    steps = len(range(seq.steps)[which])
    per_step = {i.name for i in p.program.inputs if i.per == "step"}
    return replace(
        p,
        seq=Sequences(steps, seq.batch, None, marks, seq.reverse),
        inputs={n: a[which] if n in per_step else a for n, a in p.inputs.items()},
        seeds={n: a[which] for n, a in p.seeds.items()},
        states=p.states if states is None else states,
    )


def of_rows(results: Results, which: list[int] | slice) -> Results:
    """What belongs to some rows; sums over the batch do not."""
    mine = {k: a for k, a in results.items() if not k.startswith("d.param")}
    return {k: a[:, which] if a.ndim == 3 else a[which] for k, a in mine.items()}


def states_of(p: Problem, results: Results) -> list[np.ndarray[Any, Any]]:
    return [results[f"state.{s.name}"] for s in p.program.states]


@ALL
@pytest.mark.parametrize("reverse", [False, True])
def test_a_row_does_not_depend_on_its_company(name: str, reverse: bool) -> None:
    """Alone, with some others, or last in the batch: the same bits, forward and back."""
    whole = problem(name, Sequences(STEPS, BATCH, LENGTHS, resets(STEPS, BATCH), reverse))
    together = by_kernels(whole)
    for which in ([0], [3], [2], [5, 1], [6, 5, 4, 3]):
        some = by_kernels(rows(whole, which))
        assert_identical(of_rows(some, slice(None)), of_rows(together, which))


@ALL
def test_rows_in_another_order_give_the_same_rows(name: str) -> None:
    whole = problem(name, Sequences(STEPS, BATCH, LENGTHS, resets(STEPS, BATCH)))
    order = [3, 1, 6, 0, 2, 5, 4]
    assert_identical(
        of_rows(by_kernels(rows(whole, order)), slice(None)), of_rows(by_kernels(whole), order)
    )


@ALL
@pytest.mark.parametrize("reverse", [False, True])
def test_padding_is_neither_read_nor_written(name: str, reverse: bool) -> None:
    """Zeros stand beyond a row's length; a row of no steps keeps its states and their gradients."""
    p = problem(name, Sequences(STEPS, BATCH, LENGTHS, resets(STEPS, BATCH), reverse))
    with poisoned():
        got = by_kernels(p)
    padding = np.arange(STEPS)[:, None] >= LENGTHS
    for key, array in got.items():
        if array.ndim == 3 and array.shape[:2] == padding.shape:
            assert not array[padding].any(), key
        assert np.isfinite(array).all(), key
    assert p.states is not None
    for state, first, end in zip(p.program.states, p.states, p.ends, strict=True):
        assert (got[f"state.{state.name}"][2] == first[2]).all()
        assert (got[f"d.first.{state.name}"][2] == end[2]).all()
        assert not got[f"d.restart.{state.name}"][2].any()


@ALL
@pytest.mark.parametrize("reverse", [False, True])
def test_lengths_cut_a_row_off(name: str, reverse: bool) -> None:
    """A row of length 4 is a row of four steps."""
    ragged = problem(name, Sequences(STEPS, 1, np.array([4]), resets(STEPS, 1), reverse))
    short = times(ragged, slice(0, 4))
    a, b = by_kernels(ragged), by_kernels(short)
    a = {k: v[:4] if v.shape[:1] == (STEPS,) else v for k, v in a.items()}
    assert_identical(a, b)


@ALL
@pytest.mark.parametrize("reverse", [False, True])
def test_full_lengths_are_no_lengths(name: str, reverse: bool) -> None:
    p = problem(name, Sequences(STEPS, BATCH, None, resets(STEPS, BATCH), reverse))
    full = replace(p, seq=replace(p.seq, lengths=np.full(BATCH, STEPS)))
    assert_identical(by_kernels(full), by_kernels(p))


@ALL
@pytest.mark.parametrize("reverse", [False, True])
def test_states_carry_a_sequence_on(name: str, reverse: bool) -> None:
    """Two halves, the states handed over, are the whole: forward, and the gradients back."""
    p = problem(name, Sequences(STEPS, BATCH, None, None, reverse))
    whole = by_kernels(p)
    first, second = (slice(5, None), slice(0, 5)) if reverse else (slice(0, 5), slice(5, None))
    begun = by_kernels(times(p, first), backward=True)
    ended = by_kernels(times(p, second, states_of(p, begun)))
    joined = [ended["output"], begun["output"]][:: 1 if reverse else -1]
    assert np.concatenate(joined).tobytes() == whole["output"].tobytes()
    back = replace(times(p, first), ends=[ended[f"d.first.{s.name}"] for s in p.program.states])
    begun = by_kernels(back)
    for key, array in whole.items():
        if key.startswith("d.first") or key.startswith("state"):
            assert (begun if key.startswith("d.") else ended)[key].tobytes() == array.tobytes()
        if key.startswith("d.param"):
            assert_same({key: begun[key] + ended[key]}, {key: array}, "float64")


@ALL
def test_a_reset_begins_anew(name: str) -> None:
    """Steps from a boundary on are a sequence that starts from the restart states."""
    p = problem(name, Sequences(STEPS, BATCH))
    marks = np.zeros((STEPS, BATCH), bool)
    marks[5] = True
    joined = by_kernels(replace(p, seq=replace(p.seq, reset=marks)))
    begun = by_kernels(times(replace(p, ends=[np.zeros_like(e) for e in p.ends]), slice(0, 5)))
    anew = by_kernels(times(p, slice(5, None), p.restart))
    assert joined["output"].tobytes() == np.concatenate([begun["output"], anew["output"]]).tobytes()
    for state in p.program.states:
        n = state.name
        assert joined[f"state.{n}"].tobytes() == anew[f"state.{n}"].tobytes()
        assert joined[f"d.first.{n}"].tobytes() == begun[f"d.first.{n}"].tobytes()
        assert joined[f"d.restart.{n}"].tobytes() == (anew[f"d.first.{n}"] + 0.0).tobytes()


@ALL
def test_reverse_is_the_same_with_time_turned_round(name: str) -> None:
    p = problem(name, Sequences(STEPS, BATCH, None, None, reverse=True))
    per_step = {i.name for i in p.program.inputs if i.per == "step"}
    turned = replace(
        p,
        seq=Sequences(STEPS, BATCH),
        inputs={n: a[::-1] if n in per_step else a for n, a in p.inputs.items()},
        seeds={n: a[::-1] for n, a in p.seeds.items()},
    )
    back, forth = by_kernels(p), by_kernels(turned)
    for key, array in forth.items():
        if array.shape[:2] == (STEPS, BATCH):
            array = array[::-1]
        if key.startswith("d.param"):  # summed in another order
            assert_same({key: back[key]}, {key: array}, "float64")
        else:
            assert np.array_equal(back[key], array), key


@ALL
@pytest.mark.parametrize("seed", range(3))
def test_any_lengths_and_any_resets(name: str, seed: int) -> None:
    """Against the interpreter, drawn at random; marks in the padding mean nothing."""
    rng = np.random.default_rng(seed)
    for _ in range(4):
        steps, batch = int(rng.integers(1, 10)), int(rng.integers(1, 16))
        lengths = rng.integers(0, steps + 1, batch)
        marks = rng.random((steps, batch)) < rng.choice([0.05, 0.5, 1.0])
        p = problem(name, Sequences(steps, batch, lengths, marks, bool(rng.integers(2))))
        with poisoned():
            got = by_kernels(p, threads=2)
        assert_same(got, by_interpreter(p), "float64", name=str(p.seq))


@pytest.mark.parametrize("name", ["lstm", "gru_v3", "slstm-heads"])
def test_many_thousand_steps(name: str) -> None:
    """As one run or as many: the same bits, and gradients that add up."""
    steps, part = 20000, 1000
    p = problem(name, Sequences(steps, 2))
    p = replace(p, params={n: 0.5 * a for n, a in p.params.items()})
    whole = by_kernels(p)
    runs, states = [], p.states
    for k in range(0, steps, part):
        runs.append(by_kernels(times(p, slice(k, k + part), states)))
        states = states_of(p, runs[-1])
    assert np.concatenate([r["output"] for r in runs]).tobytes() == whole["output"].tobytes()
    ends, back = p.ends, []
    for k in range(0, steps, part):
        begun = p.states if k == 0 else states_of(p, runs[k // part - 1])
        back.append(times(p, slice(k, k + part), begun))
    total = {k: np.zeros_like(a) for k, a in whole.items() if k.startswith("d.param")}
    for half in reversed(back):
        got = by_kernels(replace(half, ends=ends))
        ends = [got[f"d.first.{s.name}"] for s in p.program.states]
        total = {k: a + got[k] for k, a in total.items()}
    assert_same(total, {k: whole[k] for k in total}, "float64")


@ALL
def test_a_tape_can_be_gone_back_over_twice(name: str) -> None:
    p = problem(name, Sequences(STEPS, BATCH, LENGTHS, resets(STEPS, BATCH)))
    layer = layer_for(p.program, tuple(p.sizes.items()), "float64", p.record)
    run = numpy_api.run(
        layer,
        p.inputs,
        p.params,
        STEPS,
        BATCH,
        states=p.states,
        restart=p.restart,
        lengths=LENGTHS,
        reset=p.seq.reset,
        training=True,
    )
    assert run.tape is not None
    a, b = (
        numpy_api.run_backward(layer, run.tape, p.inputs, p.params, seeds=p.seeds, d_states=p.ends)
        for _ in range(2)
    )
    run.tape.free()
    run.tape.free()
    assert_identical(a.inputs | a.params, b.inputs | b.params)
    assert_identical(dict(enumerate(a.restart)), dict(enumerate(b.restart)))  # type: ignore[arg-type]


@ALL
def test_without_gradients_of_inputs(name: str) -> None:
    """The kernel that leaves them out gives the others to the last bit."""
    p = problem(name, Sequences(STEPS, BATCH, LENGTHS, resets(STEPS, BATCH)))
    layer = layer_for(p.program, tuple(p.sizes.items()), "float64", p.record)
    full = by_layer(layer, p)
    lean = by_layer(layer, p, inputs_too=False)
    assert "lean" in layer._kernels
    names = [k for k in full if not k.startswith("d.input")]
    assert_identical({k: lean[k] for k in names}, {k: full[k] for k in names})
    assert not any(lean[k].any() for k in full if k.startswith("d.input"))
