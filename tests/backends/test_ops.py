"""An op that is added is finished: every backend has it or refuses it by name, and every list knows it."""

from __future__ import annotations

import inspect
from dataclasses import replace

import numpy as np
import pytest
import torch

import gatewise as gw
from gatewise import lang
from gatewise.backends import base, eager, llvm
from gatewise.backends.eager import run
from gatewise.backends.llvm.emit.math import FUNCTIONS
from gatewise.compile import new_layer
from gatewise.errors import BackendError
from gatewise.ir import OPS, gates
from gatewise.lang import functions, reductions
from gatewise.lang.refusals import NAMES
from tests import generated
from tests.backends.llvm.emit import test_math
from tests.interp import naive_loop
from tests.lang import test_cell

KINDS = {
    kind: {op.name for op in OPS.values() if op.kind == kind}
    for kind in ("unary", "binary", "mask")
}
# what no function or operator of the language is, but derivatives and inference make
NOT_SAID = {"neg", "lt", "le", "eq"}


@pytest.mark.parametrize("name", base.names())
@pytest.mark.parametrize("op", OPS)
def test_every_backend_has_every_op_or_refuses_it_by_name(op: str, name: str) -> None:
    backend = base.named(name)
    assert backend.ops <= OPS.keys()
    if op in backend.ops:
        return
    assert (name, op) in {("eager", "outer")}, f"{name} declares no {op!r}"


@pytest.mark.parametrize("op", ["sigmoid", "matvec"])
def test_what_a_backend_lacks_is_refused_with_the_op_and_the_cell(
    op: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = replace(gw.cells.lstm.program, name=f"one of {op}")
    for kind in (llvm.Llvm, eager.Eager):
        fewer = base.find(kind.name).ops - {op}
        monkeypatch.setattr(kind, "ops", property(lambda self, fewer=fewer: fewer))
    message = f"has no op '{op}', which the cell one of {op} needs"
    with pytest.raises(BackendError, match=f"backend llvm {message}"):
        new_layer(program, (("I", 2), ("H", 3)))
    inputs = {"x": torch.zeros(1, 1, 2)}
    params = {p.name: torch.zeros(p.shape({"I": 2, "H": 3})) for p in program.params}
    states = [torch.zeros(1, 3)] * 2
    with pytest.raises(BackendError, match=f"backend eager {message}"):
        run.run(program, inputs, params, {"I": 2, "H": 3}, states=states, restart=states)


def test_equations_can_say_every_op_of_units() -> None:
    said = {name for name in dir(lang) if not name.startswith("_")}
    said |= {"max", "min"} if {"maximum", "minimum"} <= said else set()
    operators = {"add", "sub", "mul", "div"}
    defined = {
        n
        for n, f in vars(lang).items()
        if inspect.isfunction(f) and f.__module__ in (functions.__name__, reductions.__name__)
    }
    assert defined == set(NAMES), "gatewise.lang.refusals.NAMES"
    for kind in KINDS.values():
        unsaid = kind - said - operators - NOT_SAID
        assert not unsaid, f"gatewise/lang/__init__.py has no function for {sorted(unsaid)}"


def rises(name: str) -> bool:
    """Whether an op of one operand grows with it, wherever it has a value."""
    meaning = OPS[name].meaning
    assert meaning is not None
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.asarray(meaning(np, None, np.linspace(-2.0, 2.0, 41)))
    return bool((np.diff(values[np.isfinite(values)]) > 0).all())


UNITS = set().union(*KINDS.values())
KERNELS = {*KINDS["unary"], "log_sigmoid"} - {"neg", "stop_gradient"}
# a list that names ops by hand -> what it names, and what it is to name
LISTS: dict[str, tuple[set[str], set[str]]] = {
    "UNITS of tests/interp/naive_loop.py": ({*naive_loop.UNITS}, UNITS),
    "UNARY of tests/generated.py": ({*generated.UNARY}, KINDS["unary"]),
    "BINARY of tests/generated.py": ({*generated.BINARY}, KINDS["binary"]),
    "COMPARED of tests/generated.py": ({*generated.COMPARED, "where"}, KINDS["mask"]),
    "FUNCTIONS of backends/llvm/emit/math.py": ({*FUNCTIONS}, KERNELS),
    "EXACT of tests/backends/llvm/emit/test_math.py": ({*test_math.EXACT}, KERNELS),
    "MEANINGS of tests/lang/test_cell.py": (
        {*test_cell.MEANINGS} & KINDS["unary"],
        KINDS["unary"] - NOT_SAID - {"stop_gradient"},
    ),
    "RISING of ir/gates.py": (
        {*gates.RISING} & KINDS["unary"],
        {*filter(rises, sorted(KINDS["unary"]))},
    ),
}


@pytest.mark.parametrize("where", LISTS)
def test_lists_by_hand_name_every_op(where: str) -> None:
    names, due = LISTS[where]
    assert not due - names, f"{where} lacks {sorted(due - names)}"
    assert not names - due, f"{where} names {sorted(names - due)}, which it should not"


def test_the_naive_loop_agrees_with_the_records() -> None:
    for op in UNITS & naive_loop.UNITS.keys():
        arity = OPS[op].arity
        assert arity is not None
        values = [0.25, 0.5, 0.75][:arity]
        meaning = OPS[op].meaning
        assert meaning is not None
        got = float(np.asarray(meaning(np, None, *map(np.float64, values))))
        assert got == pytest.approx(naive_loop.UNITS[op](*values))
