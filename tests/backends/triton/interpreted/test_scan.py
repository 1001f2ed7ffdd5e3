"""Linear states whose steps are joined by a scan: several pieces of time, several programs a row."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import gatewise as gw
from gatewise.backends.triton import choice
from gatewise.backends.triton.layer import layer_for
from gatewise.cells import without
from tests.backends.llvm.helpers import CELLS, NUMBERS, assert_same, by_interpreter, draw
from tests.backends.llvm.test_contract import SITUATIONS
from tests.backends.triton.interpreted.solving import by_triton, kernels_run
from tests.backends.triton.test_linear import chained, gated, turning

LINEAR: dict[str, gw.Cell] = {
    "minlstm": gw.cells.minlstm,
    "minlstm-plain": CELLS["minlstm-plain"],
    "mingru": gw.cells.mingru,
    "rg_lru": gw.cells.rg_lru,
    "linear-sru": without(gw.cells.sru, "v"),
    "gru-without-U": CELLS["without-U"],
    "gated": gated,
    "chained": chained,
}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(choice, "LIMITS", choice.Limits(scan_steps=4, scan_units=4))
    layer_for.cache_clear()
    yield
    layer_for.cache_clear()


def scanned(cell: gw.Cell, situation: str) -> list[bool]:
    """Whether each kernel joins steps by a scan; all results are those of the interpreter."""
    program = cell.program
    seq, with_states = SITUATIONS[situation]
    names = tuple(s.name for s in program.states)
    p = draw(program, {n: NUMBERS[n] for n in program.sizes}, seq, names, with_states=with_states)
    with kernels_run() as texts:
        solved = by_triton(p)
    assert_same(solved, by_interpreter(p), "float32")
    return ["associative_scan" in text for text in texts]


@pytest.mark.parametrize("name", LINEAR)
def test_every_state_is_linear(name: str) -> None:
    assert scanned(LINEAR[name], "ragged") == [True, True]


@pytest.mark.parametrize(
    ("name", "situation"),
    [
        ("minlstm", "plain"),
        ("linear-sru", "one-step"),
        ("chained", "ragged-reverse"),
        ("gated", "reset-declared"),
    ],
)
def test_other_sequences(name: str, situation: str) -> None:
    assert scanned(LINEAR[name], situation) == [True, True]


@pytest.mark.parametrize("name", ["sru", "indrnn"])
def test_only_the_way_back_is_linear(name: str) -> None:
    """Their gates read the old state; gradients are linear in gradients."""
    assert scanned(gw.cells.get(name), "ragged") == [False, True]


def test_states_that_turn_go_step_by_step() -> None:
    assert scanned(turning, "ragged") == [False, False]
