"""The eager backend against the interpreter: every cell, every kind of sequence, all gradients."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import gatewise as gw
from gatewise import interp
from gatewise.backends.base import find
from gatewise.backends.eager.run import Result, run
from gatewise.interp import Sequences
from gatewise.lang import tanh
from tests.backends.llvm.helpers import (
    CELLS,
    Problem,
    Results,
    assert_same,
    by_interpreter,
    draw,
    resets,
    sizes_of,
)
from tests.backends.llvm.test_contract import SITUATIONS, recorded


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Operations here are too small for more."""
    count = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(count)


ALL = pytest.mark.parametrize("name", CELLS)


class Leaves:
    """A problem as tensors that want a gradient, masks apart."""

    def __init__(self, p: Problem, dtype: torch.dtype, device: str = "cpu") -> None:
        self.p, self.dtype, self.device = p, dtype, device
        masks = {i.name for i in p.program.inputs if i.rate is not None}
        self.inputs = {n: self.tensor(a, n not in masks) for n, a in p.inputs.items()}
        self.params = {n: self.tensor(a) for n, a in p.params.items()}
        declared = interp.initial_states(p.program, p.seq.batch, p.sizes, np.float64)
        self.states = [self.tensor(a) for a in (declared if p.states is None else p.states)]
        self.restart = [self.tensor(a) for a in (declared if p.restart is None else p.restart)]

    def tensor(self, array: Any, gradient: bool = True) -> Tensor:
        leaf = torch.tensor(array, dtype=self.dtype, device=self.device)
        return leaf.requires_grad_(gradient)

    def run(self) -> Result:
        p, seq = self.p, self.p.seq
        return run(
            p.program,
            self.inputs,
            self.params,
            p.sizes,
            states=self.states,
            restart=self.restart,
            lengths=None if seq.lengths is None else torch.tensor(seq.lengths),
            reset=None if seq.reset is None else torch.tensor(seq.reset, device=self.device),
            reverse=seq.reverse,
            record=p.record,
        )


def by_eager(p: Problem, dtype: torch.dtype = torch.float64, *, backward: bool = True) -> Results:
    """All results by name, gradients by autograd."""
    leaves, names = Leaves(p, dtype), [s.name for s in p.program.states]
    result = leaves.run()
    arrays = {"output": result.output}
    arrays |= {f"state.{n}": a for n, a in zip(names, result.states, strict=True)}
    arrays |= {f"record.{n}": a for n, a in result.recorded.items()}
    if backward:
        arrays |= gradients(p, leaves, result)
    return {name: a.detach().numpy() for name, a in arrays.items()}


def gradients(p: Problem, leaves: Leaves, result: Result) -> dict[str, Tensor]:
    names = [s.name for s in p.program.states]
    at = {f"d.input.{n}": a for n, a in leaves.inputs.items() if a.requires_grad}
    at |= {f"d.param.{n}": a for n, a in leaves.params.items()}
    at |= {f"d.first.{n}": a for n, a in zip(names, leaves.states, strict=True)}
    at |= {f"d.restart.{n}": a for n, a in zip(names, leaves.restart, strict=True)}
    outputs: list[Tensor] = [*result.recorded.values(), *result.states]
    like: Any = {"dtype": leaves.dtype, "device": leaves.device}
    seeds = [torch.tensor(np.nan_to_num(a), **like) for a in p.seeds.values()]
    seeds += [torch.tensor(a, **like) for a in p.ends]
    reached = [(o, s) for o, s in zip(outputs, seeds, strict=True) if o.requires_grad]
    got = torch.autograd.grad(
        [o for o, _ in reached],
        list(at.values()),
        [s for _, s in reached],
        materialize_grads=True,
    )
    return dict(zip(at, got, strict=True))


# --- against the interpreter ----------------------------------------------------------------------


@ALL
def test_training_with_everything_recorded(name: str) -> None:
    program, record = CELLS[name].program, recorded(name)
    for situation in ("ragged", "reset-declared", "no-steps"):
        seq, with_states = SITUATIONS[situation]
        p = draw(program, sizes_of(name), seq, record, with_states=with_states)
        assert_same(by_eager(p), by_interpreter(p), "float64", name=situation)


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("name", ["lstm", "gru_v3", "ealstm", "zoneout-slstm"])
def test_every_situation(name: str, situation: str) -> None:
    seq, with_states = SITUATIONS[situation]
    p = draw(CELLS[name].program, sizes_of(name), seq, recorded(name), with_states=with_states)
    assert_same(by_eager(p), by_interpreter(p), "float64")


@gw.cell
def divided(x, /, h, *, U, b):
    """An input that may not be zero."""
    return tanh(U.h @ h + b.x / x)


def test_padding_has_no_gradient_where_zero_would_have_none() -> None:
    program = divided.program
    p = draw(program, {n: 3 for n in program.sizes}, SITUATIONS["ragged"][0], ("h",))
    assert_same(by_eager(p), by_interpreter(p), "float64")


@ALL
def test_evaluation(name: str) -> None:
    """Random masks averaged out."""
    program = CELLS[name].program
    seq, with_states = SITUATIONS["ragged-reverse"]
    p = draw(
        program, sizes_of(name), seq, (program.states[0].name,), with_states=with_states
    ).evaluation()
    want = by_interpreter(p, backward=False)
    assert_same(by_eager(p, backward=False), want, "float64")


@pytest.mark.parametrize("name", ["lstm", "gru_v3", "layernorm_lstm", "slstm-heads", "ealstm"])
def test_float32(name: str) -> None:
    program = CELLS[name].program
    seq, _ = SITUATIONS["ragged"]
    p = draw(program, sizes_of(name, H=17), seq, (program.states[0].name,))
    assert_same(by_eager(p, torch.float32), by_interpreter(p), "float32")


@pytest.mark.parametrize("name", ["lstm", "zoneout-lstm", "ealstm"])
def test_bfloat16(name: str) -> None:
    """Less exact, but the type stays what it is."""
    program = CELLS[name].program
    p = draw(program, sizes_of(name), SITUATIONS["ragged"][0], (program.states[0].name,))
    result = Leaves(p, torch.bfloat16).run()
    assert result.output.dtype == torch.bfloat16
    want = by_interpreter(p, backward=False)
    error = np.abs(result.output.detach().double().numpy() - want["output"])
    assert error.max() < 0.05 * np.abs(want["output"]).max()


def test_weights_of_both_kinds() -> None:
    """Parameters of one type and inputs of another are refused by torch, not converted."""
    p = draw(CELLS["lstm"].program, sizes_of("lstm"), Sequences(2, 2), ("h",))
    leaves = Leaves(p, torch.float64)
    leaves.params = {n: a.detach().float() for n, a in leaves.params.items()}
    with pytest.raises(RuntimeError, match="dtype"):
        leaves.run()


# --- what autograd asks for beyond ----------------------------------------------------------------

DOUBLE = ("lstm", "gru_v3", "layernorm_lstm", "slstm-heads", "phased_lstm", "zoneout-lstm", "sru")


@pytest.mark.parametrize("name", DOUBLE)
def test_gradients_of_gradients(name: str) -> None:
    program = CELLS[name].program
    seq = Sequences(3, 2, np.array([3, 1]), resets(3, 2))
    p = draw(program, sizes_of(name, I=2, H=2), seq, (program.states[0].name,))
    for array in p.inputs.values():
        array[np.isnan(array)] = 0.0  # finite differences look there too
    leaves = Leaves(p, torch.float64)
    names = [n for n, a in leaves.inputs.items() if a.requires_grad]
    count = len(names), len(leaves.params), len(leaves.states)

    def output(*tensors: Tensor) -> tuple[Tensor, ...]:
        rest = list(tensors)
        for n in names:
            leaves.inputs[n] = rest.pop(0)
        leaves.params = {n: rest.pop(0) for n in leaves.params}
        leaves.states = [rest.pop(0) for _ in leaves.states]
        leaves.restart = rest
        result = leaves.run()
        return (result.output, *result.states)

    start = [leaves.inputs[n] for n in names] + [*leaves.params.values()]
    start += [*leaves.states, *leaves.restart]
    assert len(start) == sum(count) + count[2]
    torch.manual_seed(0)
    assert torch.autograd.gradgradcheck(output, start, fast_mode=True, nondet_tol=0.0)


@pytest.mark.parametrize("name", ["lstm", "gru_v3", "slstm-heads"])
def test_torch_func(name: str) -> None:
    """Gradients by sample, with vmap over grad, are those of each sample alone."""
    program = CELLS[name].program
    p = draw(program, sizes_of(name), Sequences(3, 4), (program.states[0].name,))
    leaves = Leaves(p, torch.float64)
    params = {n: a.detach() for n, a in leaves.params.items()}
    x, states = leaves.inputs["x"].detach(), [s.detach() for s in leaves.states]

    def loss(params: Mapping[str, Tensor], x: Tensor, *states: Tensor) -> Tensor:
        rows = [s[None] for s in states]
        result = run(program, {"x": x[:, None]}, params, p.sizes, states=rows, restart=rows)
        return (result.output**2).sum()

    by_row = (None, 1, *(0 for _ in states))
    each = torch.func.vmap(torch.func.grad(loss), by_row)(params, x, *states)
    for k in range(4):
        alone = torch.func.grad(loss)(params, x[:, k], *(s[k] for s in states))
        for n in params:
            torch.testing.assert_close(each[n][k], alone[n])


def test_it_is_found_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = find("eager")
    assert backend.name == "eager" and backend.missing() == ""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "gatewise[torch]" in backend.missing()
