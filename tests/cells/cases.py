"""The cells that are tested, with their options, and everything that a run of one needs."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

import gatewise as gw
from gatewise import interp
from tests.cells.papers import STEPS

Array = np.ndarray[Any, Any]

SIZES = {"I": 3, "H": 4, "P": 2, "S": 2}

# Options beside the defaults. Raw inputs want as many inputs as units: there the test says I = 4.
OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("rnn", {"nonlinearity": "relu"}),
    ("lstm_1997", {"cells": 2}),
    ("lstm_1997", {"cells": 2, "input_bias": False}),
    ("lstm", {"cells": 2, "input_bias": False}),
    *(("peephole_lstm", {"peepholes": gates}) for gates in ("i", "f", "o", "if", "io", "fo")),
    ("janet", {"beta": 0.0}),
    ("mut1", {"project": False}),
    ("mut2", {"project": False}),
    ("slstm", {"heads": 2}),
    ("slstm", {"forget": "exp"}),
    ("mlstm", {"heads": 2}),
    ("minlstm", {"log_space": False}),
    ("mingru", {"log_space": False}),
    ("sru", {"project": False}),
    ("sru", {"activation": "tanh", "alpha": 1.5}),
    ("phased_lstm", {"alpha": 0.0}),
    ("antisymmetric_rnn", {"epsilon": 0.3, "gamma": 0.2, "gated": True}),
    ("lmu", {"order": 3, "theta": 4.0}),
    ("on_lstm", {"chunk": 2}),
    ("lem", {"dt": 0.5}),
    ("lru", {"gamma": "none"}),
    ("hgrn", {"lower": 0.4}),
    ("rg_lru", {"c": 2.0, "project": False}),
)


@dataclass(frozen=True)
class Case:
    """A cell with its options, at small sizes."""

    name: str
    options: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def cell(self) -> gw.Cell:
        cell = gw.cells.get(self.name)
        return cell(**self.options) if self.options else cell

    @property
    def sizes(self) -> dict[str, int]:
        known = SIZES | {"I": SIZES["H"]}
        return {name: known[name] if self.raw else SIZES[name] for name in self.cell.program.sizes}

    @property
    def raw(self) -> bool:
        """Whether the cell uses its input as it is, so that the only size left is H."""
        return self.options.get("project") is False

    def __str__(self) -> str:
        return self.name + "".join(f"-{k}={v}" for k, v in self.options.items())


CASES = tuple(Case(name) for name in gw.cells.names()) + tuple(Case(n, o) for n, o in OPTIONS)


@dataclass(frozen=True)
class Values:
    """Arrays by name: what a run reads and what can have a gradient."""

    params: dict[str, Array]
    inputs: dict[str, Array]
    states: dict[str, Array]
    restart: dict[str, Array]

    GROUPS = ("params", "inputs", "states", "restart")

    def map(self, f: Callable[[str, Array], Any]) -> Any:
        """The same record with ``f`` of each array; its name is given as ``params.W.i``."""
        groups = {
            g: {n: f(f"{g}.{n}", a) for n, a in getattr(self, g).items()} for g in self.GROUPS
        }
        return replace(self, **groups)

    def flat(self) -> dict[str, Array]:
        return {f"{g}.{n}": a for g in self.GROUPS for n, a in getattr(self, g).items()}


def draw(case: Case, steps: int, batch: int, seed: int = 0) -> Values:
    """Random values, each from its own name, so that none depends on the order of others."""
    program, sizes = case.cell.program, case.sizes

    def rng(what: str) -> np.random.Generator:
        return np.random.default_rng([seed, zlib.crc32(f"{case} {what}".encode())])

    def normal(what: str, shape: tuple[int, ...], scale: float = 1.0) -> Array:
        return scale * rng(what).standard_normal(shape)

    params = {p.name: normal(p.name, p.shape(sizes), 0.6) for p in program.trainable}
    if case.name == "phased_lstm":
        params["r"] = rng("r").uniform(0.3, 0.9, params["r"].shape)
    inputs = {}
    for item in program.inputs:
        lead = (steps, batch) if item.per == "step" else (batch,)
        inputs[item.name] = normal(item.name, (*lead, item.size.evaluate(sizes)))
    if case.name == "phased_lstm":
        inputs["t"] = rng("t").uniform(0.1, 1.0, inputs["t"].shape).cumsum(0)
    states, restart = (
        {s.name: normal(when + s.name, (batch, s.size.evaluate(sizes))) for s in program.states}
        for when in ("state ", "restart ")
    )
    if case.name == "slstm":  # the normaliser is a sum of positive terms
        states["n"], restart["n"] = np.abs(states["n"]) + 0.1, np.abs(restart["n"]) + 0.1
    return Values(params, inputs, states, restart)


def tensors(values: Values) -> Values:
    """The same values as float64 tensors that want a gradient."""
    leaves: Values = values.map(
        lambda _, a: torch.tensor(a, dtype=torch.float64, requires_grad=True)
    )
    return leaves


def by_paper(case: Case, values: Any, seq: interp.Sequences) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Run the plain step over a batch, one sequence after the other: outputs and final states."""
    outputs, finals = [], []
    for b in range(seq.batch):
        length = seq.steps if seq.lengths is None else int(seq.lengths[b])
        first = tuple(a[b] for a in values.states.values())
        restart = tuple(a[b] for a in values.restart.values())
        boundaries = [False] * seq.steps if seq.reset is None else seq.reset[:, b].tolist()
        h, final = _row(case, values, b, first, restart, length, boundaries, seq)
        outputs.append(h)
        finals.append(final)
    final = tuple(torch.stack(rows) for rows in zip(*finals, strict=True))
    return torch.stack(outputs, 1), final


def _row(
    case: Case,
    values: Any,
    b: int,
    state: tuple[Tensor, ...],
    restart: tuple[Tensor, ...],
    length: int,
    boundaries: list[bool],
    seq: interp.Sequences,
) -> tuple[Tensor, tuple[Tensor, ...]]:
    out = [torch.zeros_like(state[0])] * seq.steps
    for t in reversed(range(length)) if seq.reverse else range(length):
        crossed = t + 1 if seq.reverse else t  # the boundary lies before this index
        if crossed < length and boundaries[crossed]:
            state = restart
        state = STEPS[case.name](
            values.params,
            *_read(values.inputs, t, b),
            state,
            **case.options,
            **_extra(values.inputs, t, b),
        )
        out[t] = state[0]
    return torch.stack(out), state


def _read(inputs: Mapping[str, Tensor], t: int, b: int) -> tuple[Tensor]:
    return (inputs["x"][t, b],)


def _extra(inputs: Mapping[str, Tensor], t: int, b: int) -> dict[str, Tensor]:
    """Further inputs: the time of the phased LSTM, what is static for the entity-aware one."""
    extra = {"t": inputs["t"][t, b]} if "t" in inputs else {}
    return extra | ({"static": inputs["s"][b]} if "s" in inputs else {})


def by_interpreter(case: Case, values: Values, seq: interp.Sequences, **more: Any) -> interp.Run:
    """Run the cell's Program in NumPy."""
    return interp.run(
        more.pop("program", case.cell.program),
        values.inputs,
        values.params,
        case.sizes,
        seq,
        states=list(values.states.values()),
        restart=list(values.restart.values()),
        **more,
    )
