"""The check of a cell: right cells pass, wrong derivatives and bad values do not."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import gatewise as gw
from gatewise import lang
from gatewise.errors import SizeError
from gatewise.inspect.check import TOLERANCE, check, fitting_sizes, small_sizes
from gatewise.ir import OPS


def checked(cell: gw.Cell, seed: int = 0):  # type: ignore[no-untyped-def]
    return check(cell.program, small_sizes(cell.program), seed)


@pytest.mark.parametrize("name", ["rnn", "gru_v3", "slstm", "phased_lstm", "ealstm", "indrnn"])
def test_cells_of_the_catalogue_are_right(name: str) -> None:
    cell = gw.cells.get(name)
    report = checked(cell)
    assert report.ok
    names = {(c.kind, c.name) for c in report.compared}
    assert names >= {("parameter", p.name) for p in cell.program.params}
    assert names >= {("input", i.name) for i in cell.program.inputs}
    assert names >= {("state", s.name) for s in cell.program.states}
    assert all(c.entries > c.skipped for c in report.compared)


@pytest.mark.parametrize("op", ["tanh", "sigmoid", "mul", "matvec"])
def test_a_wrong_derivative_is_found(monkeypatch: pytest.MonkeyPatch, op: str) -> None:
    right = OPS[op].vjp

    def wrong(b, y, xs, g):  # type: ignore[no-untyped-def]
        parts = right(b, y, xs, g)  # type: ignore[misc]
        last = b("mul", parts[-1], b.const(1.001))
        return (*parts[:-1], last)

    monkeypatch.setitem(OPS, op, replace(OPS[op], vjp=wrong))
    report = checked(gw.cells.get("lstm"))
    assert not report.ok
    assert max(c.error for c in report.compared) > 1e-5


def test_a_derivative_that_is_wrong_for_one_family_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = OPS["matvec"].vjp

    def no_weights(b, y, xs, g):  # type: ignore[no-untyped-def]
        return None, right(b, y, xs, g)[1]  # type: ignore[misc]

    monkeypatch.setitem(OPS, "matvec", replace(OPS["matvec"], vjp=no_weights))
    report = checked(gw.cells.get("rnn"))
    assert {c.name for c in report.compared if not c.ok} == {"W", "U"}


def test_differences_do_not_step_over_kinks() -> None:
    @gw.cell
    def steps(x, /, h, *, W, U, b):
        v = W @ x + U @ h + b
        h = lang.tanh(abs(v) - lang.floor(3.0 * v) / 3.0) + lang.maximum(v, 0.1) + lang.relu(v)
        return h

    reports = [checked(steps, seed) for seed in range(6)]
    assert all(r.ok for r in reports)

    @gw.cell
    def fine_steps(x, /, h, *, W, U, b):
        v = W @ x + U @ h + b
        h = lang.tanh(v) + 1e-3 * (2000.0 * v - lang.floor(2000.0 * v))
        return h

    report = checked(fine_steps)
    assert report.ok
    assert sum(c.skipped for c in report.compared) > 0
    assert any("floor(2000" in place and count > 0 for place, count in report.kinks)


def test_values_that_overflow_are_told_where_they_begin() -> None:
    @gw.cell
    def grows(x, /, h, *, W, U):
        s = lang.exp(lang.exp(3.0 * (W @ x + U @ h)))
        h = s - s * lang.tanh(h)
        return h

    report = checked(grows)
    assert not report.ok
    assert any("overflows at step" in text for text in report.bad_values)
    steps = {text.rsplit("step ", 1)[1] for text in report.bad_values}
    assert len(steps) == 1


def test_a_nan_is_told_with_its_equation() -> None:
    @gw.cell
    def rooted(x, /, h, *, W, U):
        root = lang.sqrt(W @ x + U @ h)
        h = lang.tanh(root)
        return h

    (text,) = checked(rooted).bad_values
    assert text.startswith("root = sqrt(W @ x + U @ h) becomes NaN at step 0")


def test_minus_infinity_that_a_cell_declares_is_no_overflow() -> None:
    assert math.isinf(gw.cells.get("slstm").program.state("m").initial)
    assert checked(gw.cells.get("slstm")).bad_values == ()


def test_states_that_nothing_reads_are_named() -> None:
    @gw.cell(sizes={"d": "H", "e": "H"})
    def idle(x, /, h, d, e, *, W, U):
        h = lang.tanh(W @ x + U @ h)
        return h, e, h  # d is never read, e becomes d

    assert checked(idle).unread == ("d",)


def test_random_masks_are_part_of_the_check() -> None:
    zoned = gw.cells.zoneout(gw.cells.recurrent_dropout(gw.cells.get("gru"), 0.3), 0.2)
    report = checked(zoned)
    assert report.ok
    assert {c.name for c in report.compared if c.kind == "input"} == {"x"}


def test_large_arrays_are_sampled_and_compared_along_a_direction() -> None:
    report = check(gw.cells.get("rnn").program, {"I": 3, "H": 20})
    entries = {c.name: c.entries for c in report.compared}
    assert report.ok
    assert entries["U"] == 65  # 64 entries and a direction
    assert entries["b"] == 20


def test_the_seed_decides_the_data() -> None:
    program = gw.cells.get("gru").program
    first, again, other = (check(program, {"I": 3, "H": 4}, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_sizes_are_checked() -> None:
    with pytest.raises(SizeError, match="H"):
        check(gw.cells.get("lstm").program, {"I": 3})


def test_sizes_that_fit_are_found() -> None:
    heads = gw.cells.get("slstm")(heads=6)
    assert small_sizes(heads.program)["H"] % 6 == 0
    assert fitting_sizes(gw.cells.get("lstmp").program, {"I": 5, "H": 7}, 3) == {
        "I": 5,
        "P": 3,
        "H": 7,
    }
    assert np.finfo(np.float64).eps < TOLERANCE
