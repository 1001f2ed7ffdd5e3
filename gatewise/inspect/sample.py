"""Random data that a cell can be tried on: inputs, parameters, states, lengths, resets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from gatewise.arrays import Array
from gatewise.interp import Run, Sequences, initial_states, run
from gatewise.ir import Param, Program

Kind = Literal["parameter", "input", "state"]

BATCH = 3


class Sample:
    """Arrays for one comparison: inputs, parameters, initial states, lengths, resets, seeds."""

    def __init__(self, program: Program, sizes: Mapping[str, int], seed: int, steps: int) -> None:
        rng = np.random.default_rng(seed)
        self.program, self.sizes, self.steps = program, dict(sizes), steps
        self.params: dict[str, Array] = {}
        for param in sorted(program.trainable, key=lambda p: p.init.kind == "negative"):
            self.params[param.name] = self._parameter(rng, param)
        self.inputs: dict[str, Array] = {}
        self.held: dict[str, Array] = {}  # inputs that stay as they are
        for item in program.inputs:
            lead = (steps, BATCH) if item.per == "step" else (BATCH,)
            shape = (*lead, item.size.evaluate(sizes))
            if item.rate is not None:
                self.inputs[item.name] = (rng.random(shape) < item.rate).astype(float)
            else:
                self.inputs[item.name] = rng.standard_normal(shape)
        lengths = np.array([steps, max(1, steps - 2), max(1, steps // 2)])
        reset = rng.random((steps, BATCH)) < 0.15
        reset[1:3, 0] = (True, False)  # one for certain, inside the longest row
        reset[0] = False
        self.seq = Sequences(steps, BATCH, lengths, reset)
        self.states = self._warm(rng)
        self.weights = rng.standard_normal((steps, BATCH, program.states[0].size.evaluate(sizes)))
        self.final = [np.asarray(rng.standard_normal(s.shape)) for s in self.states]

    def _parameter(self, rng: np.random.Generator, param: Param) -> Array:
        """Values around what the cell declares, so that they stay in its domain."""
        shape, args = param.shape(self.sizes), param.init.args
        normal = rng.standard_normal(shape)
        numbers = [float(a) for a in args if not isinstance(a, str)]
        if param.init.kind == "constant":
            return numbers[0] + 0.1 * (abs(numbers[0]) or 1.0) * normal
        if param.init.kind == "uniform":
            return rng.uniform(numbers[0], numbers[1], shape)
        if param.init.kind == "log_uniform":
            return np.log(rng.uniform(numbers[0], numbers[1], shape))
        if param.init.kind == "chrono":
            return np.log(rng.uniform(1, max(numbers[0] - 1, 1.5), shape))
        if param.init.kind == "negative" and str(args[0]) in self.params:
            return -self.params[str(args[0])] + 0.1 * normal
        return normal / np.sqrt(shape[-1]) if param.cols is not None else 0.5 * normal

    def _warm(self, rng: np.random.Generator) -> list[Array]:
        """Initial states as the cell itself reaches them, moved a little."""
        first = Sequences(self.steps, BATCH)
        with np.errstate(all="ignore"):
            reached = run(self.program, self.inputs, self.params, self.sizes, first).states
        start = initial_states(self.program, BATCH, self.sizes, np.float64)
        moved = []
        for state, declared in zip(reached, start, strict=True):
            finite = np.where(
                np.isfinite(state), state, np.where(np.isfinite(declared), declared, 0)
            )
            moved.append(finite + 0.05 * rng.standard_normal(finite.shape))
        return moved

    def run(self, program: Program, record: Sequence[str], dtype: Any = np.float64) -> Run:
        """The forward run of this data."""
        return run(
            program,
            {**self.inputs, **self.held},
            self.params,
            self.sizes,
            self.seq,
            states=self.states,
            record=record,
            dtype=dtype,
        )

    def arrays(self) -> list[tuple[str, Kind, Array]]:
        """What gradients are compared for: the arrays themselves, to be changed in place."""
        masks = {i.name for i in self.program.inputs if i.rate is not None}
        arrays: list[tuple[str, Kind, Array]] = [
            (n, "parameter", a) for n, a in self.params.items()
        ]
        arrays += [(n, "input", a) for n, a in self.inputs.items() if n not in masks]
        names = [s.name for s in self.program.states]
        return arrays + [(n, "state", a) for n, a in zip(names, self.states, strict=True)]
