"""The interpreter against a naive loop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gatewise as gw
from gatewise.interp import Run
from gatewise.ir import Program, builder
from tests.generated import Sample, many, programs, sample
from tests.interp.naive_loop import (
    Row,
    near,
    packed,
    spread,
)


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
