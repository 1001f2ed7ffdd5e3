"""What the tests of the CPU backend share: problems drawn for a Program, and two ways to solve one.

``by_interpreter`` runs the Program as it is written and ``differentiate``'s derivative as it comes,
without any other pass; ``by_kernels`` runs what the compiler makes of them. Both give all results as
arrays by name: ``output``, ``state.c``, ``record.i``, and after a backward pass ``d.input.x``,
``d.param.W.i``, ``d.first.h``, ``d.restart.h``.
"""

from __future__ import annotations

import functools
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gatewise as gw
from gatewise import interp
from gatewise.backends.llvm.run import (
    buffers,
    call_frame,
    gradient_tasks,
    gradients,
    numpy_api,
    weights,
)
from gatewise.backends.llvm.run import compiled_layer as layer
from gatewise.cells import couple, layer_norm, project, recurrent_dropout, without, zoneout
from gatewise.compile import layer_for
from gatewise.interp import Sequences
from gatewise.ir import Program
from gatewise.ir.builder import spread
from gatewise.passes.cse import cse
from gatewise.passes.differentiate import differentiate
from gatewise.passes.expectation import expectation
from tests.tolerances import assert_close

Array = np.ndarray[Any, Any]
Results = dict[str, Array]

ROOT = Path(__file__).resolve().parents[3]  # where ``import tests`` works
NUMBERS = {"I": 3, "H": 7, "P": 5, "S": 2}

CATALOGUE: dict[str, gw.Cell] = {name: gw.cells.get(name) for name in gw.cells.names()}
_LSTM, _PEEPHOLE = gw.cells.lstm, gw.cells.peephole_lstm
OPTIONS: dict[str, gw.Cell] = {
    "lstm-cells": gw.cells.lstm(cells=2, input_bias=False),
    "lstm_1997-cells": gw.cells.lstm_1997(cells=2),
    "rnn-relu": gw.cells.rnn(nonlinearity="relu"),
    "slstm-heads": gw.cells.slstm(heads=2, forget="exp"),
    "mlstm-heads": gw.cells.mlstm(heads=2),
    "minlstm-plain": gw.cells.minlstm(log_space=False),
    "mut1-raw": gw.cells.mut1(project=False),
    "sru-tanh": gw.cells.sru(activation="tanh", alpha=1.5, project=False),
}
COMPOSED: dict[str, gw.Cell] = {
    "layer_norm-gru": layer_norm(gw.cells.gru),
    "layer_norm-fgr": layer_norm(gw.cells.fgr),
    "zoneout-lstm": zoneout(_LSTM, h=0.3, c=0.5),
    "zoneout-slstm": zoneout(gw.cells.slstm(heads=2), h=0.3),
    "semeniuta-gru_v3": recurrent_dropout(gw.cells.gru_v3, 0.4),
    "gal-peephole": recurrent_dropout(_PEEPHOLE, 0.25, "gal"),
    "project-peephole": project(_PEEPHOLE),
    "couple-layernorm": couple(gw.cells.layernorm_lstm),
    "without-f": without(_PEEPHOLE, "f"),
    "without-U": without(gw.cells.gru, "U"),
    "all": project(layer_norm(zoneout(recurrent_dropout(couple(_PEEPHOLE), 0.25, "gal"), c=0.5))),
}
CELLS = CATALOGUE | OPTIONS | COMPOSED
EVEN = {name for name in CELLS if name.endswith(("-cells", "-heads")) or name == "zoneout-slstm"}


def sizes_of(name: str, **numbers: int) -> dict[str, int]:
    """Sizes for a cell of this table; units that come in pairs get one more where they are odd."""
    known = NUMBERS | numbers
    if name in EVEN:
        known["H"] += known["H"] % 2
    return {n: known[n] for n in CELLS[name].program.sizes}


# --- problems -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Problem:
    """A Program in training form with everything a run and its gradients need.

    Numbers are whole float32 values. Inputs, masks and gradients hold NaN where a row has ended:
    nothing may read them there. ``states`` and ``restart`` None mean the declared ones.
    """

    program: Program
    sizes: dict[str, int]
    seq: Sequences
    inputs: dict[str, Array]
    params: dict[str, Array]
    states: list[Array] | None
    restart: list[Array] | None
    seeds: dict[str, Array]
    ends: list[Array]  # gradients of the final states

    @property
    def record(self) -> tuple[str, ...]:
        return tuple(self.seeds)

    def of_type(self, dtype: Any) -> Problem:
        """The same numbers in another float type; arrays that have it stay as they lie."""
        return self.map(lambda a: a.astype(dtype, copy=False))

    def map(self, f: Callable[[Array], Array]) -> Problem:
        """``f`` of every array of numbers."""

        def named(group: dict[str, Array]) -> dict[str, Array]:
            return {n: f(a) for n, a in group.items()}

        def listed(group: list[Array] | None) -> list[Array] | None:
            return None if group is None else [f(a) for a in group]

        return replace(
            self,
            inputs=named(self.inputs),
            params=named(self.params),
            seeds=named(self.seeds),
            states=listed(self.states),
            restart=listed(self.restart),
            ends=listed(self.ends),
        )

    def evaluation(self) -> Problem:
        """Random masks averaged out: what inference computes."""
        program = expectation(cse(self.program))
        inputs = {i.name for i in program.inputs}
        return replace(
            self, program=program, inputs={n: a for n, a in self.inputs.items() if n in inputs}
        )


def draw(
    program: Program,
    sizes: Mapping[str, int],
    seq: Sequences,
    record: Sequence[str] = (),
    *,
    with_states: bool = True,
    seed: int = 0,
) -> Problem:
    """Random arrays, each from its own name. ``with_states`` False leaves states as they are declared."""

    def rng(what: str) -> np.random.Generator:
        return np.random.default_rng([seed, zlib.crc32(f"{program.name} {what}".encode())])

    def normal(what: str, shape: tuple[int, ...], scale: float = 1.0) -> Array:
        values = scale * rng(what).standard_normal(shape)
        return values.astype(np.float32).astype(np.float64)

    def per_step(what: str, units: int) -> Array:
        return normal(what, (seq.steps, seq.batch, units))

    def parameter(name: str, shape: tuple[int, ...]) -> Array:
        if program.name.startswith("phased") and name == "r":
            return rng(name).uniform(0.3, 0.9, shape).astype(np.float32).astype(np.float64)
        return normal(name, shape, min(0.6, 1.5 / shape[-1] ** 0.5) if len(shape) > 1 else 0.6)

    params = {p.name: parameter(p.name, p.shape(sizes)) for p in program.trainable}
    inputs = {}
    for item in program.inputs:
        units = item.size.evaluate(sizes)
        shape = (seq.steps, seq.batch, units) if item.per == "step" else (seq.batch, units)
        inputs[item.name] = normal(item.name, shape)
        if item.rate is not None:
            inputs[item.name] = (rng(item.name).random(shape) < item.rate).astype(np.float64)
    if "t" in inputs:
        steps = rng("t").uniform(0.05, 0.4, inputs["t"].shape).cumsum(0)
        inputs["t"] = steps.astype(np.float32).astype(np.float64)

    def states(when: str) -> list[Array] | None:
        drawn = [normal(when + s.name, (seq.batch, s.size.evaluate(sizes))) for s in program.states]
        # the normaliser of an sLSTM is a sum of positive terms
        positive = [s.name == "n" for s in program.states]
        drawn = [
            (np.abs(a) + 1).astype(np.float32).astype(np.float64) if p else a
            for a, p in zip(drawn, positive, strict=True)
        ]
        return drawn if with_states else None

    full = spread(program)
    units = {name: full.nodes[full.named(name)].size.evaluate(sizes) for name in record}
    seeds = {name: per_step(f"seed {name}", n) for name, n in units.items()}
    ends = [normal(f"end {s.name}", (seq.batch, s.size.evaluate(sizes))) for s in program.states]
    problem = Problem(
        program, dict(sizes), seq, inputs, params, states("first"), states("restart"), seeds, ends
    )
    return _poison_padding(problem)


def _poison_padding(problem: Problem) -> Problem:
    if problem.seq.lengths is None:
        return problem
    padding = np.arange(problem.seq.steps)[:, None] >= problem.seq.lengths[None, :]
    for arrays_by_name in (problem.inputs, problem.seeds):
        for array in arrays_by_name.values():
            if array.ndim == 3:
                array[padding] = np.nan
    return problem


def resets(steps: int, batch: int, rate: float = 0.2, seed: int = 0) -> Array:
    """Boundaries here and there, and at the first and the last step of every other row."""
    marks = np.random.default_rng(seed).random((steps, batch)) < rate
    if steps:
        marks[0, ::2] = True
        marks[-1, 1::2] = True
    return marks


def packing(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that gets longer whenever weights are packed."""
    packed: list[int] = []
    pack = weights.WeightPacker._write

    def counted(self: weights.WeightPacker, *args: Any) -> None:
        packed.append(1)
        pack(self, *args)

    monkeypatch.setattr(weights.WeightPacker, "_write", counted)
    return packed


# --- two ways to solve them -----------------------------------------------------------------------


@functools.lru_cache(maxsize=64)
def _derivative(program: Program, record: tuple[str, ...]) -> Program:
    return differentiate(program, record)


def by_interpreter(problem: Problem, backward: bool = True, dtype: Any = np.float64) -> Results:
    """The definition, in float64."""
    p = problem
    run = interp.run(
        p.program,
        p.inputs,
        p.params,
        p.sizes,
        p.seq,
        states=p.states,
        restart=p.restart,
        record=p.record,
        dtype=dtype,
    )
    results = _forward_results(p, run.output, run.states, run.recorded)
    if not backward:
        return results
    first = p.program.states[0].name
    seeds = p.seeds if first in p.seeds else {first: np.zeros(run.output.shape), **p.seeds}
    got = interp.run_backward(
        p.program,
        _derivative(p.program, tuple(seeds)),
        run,
        p.inputs,
        p.params,
        p.sizes,
        p.seq,
        seeds=seeds,
        d_states=p.ends,
        dtype=dtype,
    )
    return results | _backward_results(p, got)


def by_kernels(
    problem: Problem,
    dtype: str = "float64",
    *,
    backward: bool = True,
    threads: int | None = 1,
    target: str = "",
) -> Results:
    """The compiled kernels: the forward pass for training and back, or the one for inference."""
    p = problem
    compiled = layer_for(p.program, tuple(p.sizes.items()), dtype, p.record, target)
    return by_layer(compiled, problem, backward=backward, threads=threads)


def by_layer(
    compiled: layer.CompiledLayer,
    problem: Problem,
    *,
    backward: bool = True,
    threads: int | None = 1,
    as_it_is: bool = False,
    inputs_too: bool = True,
) -> Results:
    """The same with kernels at hand. For inference the problem must be an ``evaluation()``.
    Arrays are brought to the type of the kernels first, unless they shall go in ``as_it_is``."""
    p = problem if as_it_is else problem.of_type(compiled.dtype)
    run = numpy_api.run(
        compiled,
        p.inputs,
        p.params,
        p.seq.steps,
        p.seq.batch,
        states=p.states,
        restart=p.restart,
        lengths=p.seq.lengths,
        reset=p.seq.reset,
        reverse=p.seq.reverse,
        training=backward,
        threads=threads,
    )
    results = _forward_results(p, run.output, run.states, run.recorded)
    if not backward:
        return results
    assert run.tape is not None
    got = numpy_api.run_backward(
        compiled,
        run.tape,
        p.inputs,
        p.params,
        seeds=p.seeds,
        d_states=p.ends,
        inputs_too=inputs_too,
        threads=threads,
    )
    results |= _backward_results(p, got)
    run.tape.free()
    return results


def _forward_results(
    problem: Problem, output: Array, states: Sequence[Array], recorded: Mapping[str, Array]
) -> Results:
    names = [s.name for s in problem.program.states]
    results = {"output": output}
    results |= {f"state.{n}": a for n, a in zip(names, states, strict=True)}
    return results | {f"record.{n}": a for n, a in recorded.items()}


def _backward_results(problem: Problem, got: Any) -> Results:
    """What has no gradient at all (a parameter that is only compared) has zeros."""
    p, names = problem.program, [s.name for s in problem.program.states]
    gradients = {
        f"d.input.{i.name}": np.zeros_like(problem.inputs[i.name])
        for i in p.inputs
        if i.rate is None
    }
    gradients = {name: np.nan_to_num(a) for name, a in gradients.items()}
    gradients |= {f"d.param.{q.name}": np.zeros_like(problem.params[q.name]) for q in p.trainable}
    gradients |= {f"d.input.{n}": a for n, a in got.inputs.items()}
    gradients |= {f"d.param.{n}": a for n, a in got.params.items()}
    for role, group in (("first", got.states), ("restart", got.restart)):
        gradients |= {f"d.{role}.{n}": a for n, a in zip(names, group, strict=True)}
    return gradients


def assert_same(got: Results, want: Results, dtype: str, *, name: str = "") -> None:
    """All results agree within the table of tolerances."""
    assert got.keys() == want.keys()
    for key, expected in want.items():
        quantity = "gradient" if key.startswith("d.") else "forward"
        assert_close(
            got[key],
            expected,
            dtype,
            "state" if key.startswith("state.") else quantity,
            name=f"{name} {key}".strip(),
        )


def assert_identical(got: Results, want: Results) -> None:
    """The same bits."""
    assert got.keys() == want.keys()
    for key, expected in want.items():
        assert got[key].dtype == expected.dtype
        assert got[key].tobytes() == expected.tobytes(), f"{key} differs"


# --- memory that holds NaN ------------------------------------------------------------------------


class _PoisonedNumpy:
    """NumPy whose ``empty`` is full of NaN."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    @staticmethod
    def empty(*args: Any, **more: Any) -> Array:
        return poison(np.empty(*args, **more))

    @staticmethod
    def empty_like(*args: Any, **more: Any) -> Array:
        return poison(np.empty_like(*args, **more))


def poison(array: Array) -> Array:
    """Fill with NaN (of whole numbers: with the largest or minus one)."""
    array[...] = np.nan if array.dtype.kind == "f" else np.array(-1).astype(array.dtype)
    return array


def _poisoned_take(take: Callable[..., Array]) -> Callable[..., Array]:
    def taken(self: Any, count: int, dtype: Any, zeroed: bool = False) -> Array:
        array = take(self, count, dtype, zeroed)
        return array if zeroed else poison(array)

    return taken


def _poisoned_give(give: Callable[..., None]) -> Callable[..., None]:
    def gave(self: Any, array: Array) -> None:
        give(self, poison(array))

    return gave


def _poisoned_run(run: Callable[..., None]) -> Callable[..., None]:
    def ran(self: Any, *args: Any) -> None:
        poison(self.workspace.rows)
        run(self, *args)

    return ran


@contextmanager
def poisoned() -> Iterator[None]:
    """Within it, memory that the backend takes without asking for zeros holds NaN, memory that it
    gives back does so at once, and so does the workspace of every call, zero only when it is new."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buffers.Buffers, "take", _poisoned_take(buffers.Buffers.take))
        patch.setattr(buffers.Buffers, "give", _poisoned_give(buffers.Buffers.give))
        patch.setattr(call_frame.CallFrame, "run", _poisoned_run(call_frame.CallFrame.run))
        for module in (numpy_api, gradients, gradient_tasks, buffers):
            patch.setattr(module, "np", _PoisonedNumpy())
        yield


# --- surroundings ---------------------------------------------------------------------------------


def child(code: str, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own, which may crash or hang without harm."""
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        cwd=ROOT,
    )
