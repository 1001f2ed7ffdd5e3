"""Cells as values: options, initialisation, equality, saving; and what the functions mean."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import gatewise as gw
from gatewise import lang
from gatewise.errors import CellError, InputError, ProgramError
from gatewise.interp import Sequences, run
from gatewise.ir import Init
from gatewise.lang import tanh
from tests.tolerances import assert_close


@gw.cell(init={"b.f": 1.0, "U": "orthogonal", "b": ("normal", 0.1)}, initial={"m": -np.inf})
def sample(x: Any, /, h: Any, m: Any, *, W: Any, U: Any, b: Any, beta: float = 1.0) -> Any:
    """A line that says what it is.

    And who wrote it.
    """
    f = lang.sigmoid(W.f @ x + U.f @ h + b.f - beta)
    h = f * h + (1 - f) * tanh(W.z @ x + b.z)
    m = lang.maximum(m, h)
    return h, m


def test_a_cell_is_a_value() -> None:
    again = gw.cell(
        init={"b.f": 1.0, "U": "orthogonal", "b": ("normal", 0.1)}, initial={"m": -np.inf}
    )(sample.definition.function)
    assert again == sample
    assert hash(again) == hash(sample)
    assert len({sample, again, sample(beta=2.0)}) == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        sample.program = again.program
    with pytest.raises(dataclasses.FrozenInstanceError):
        sample.program.name = "other"
    assert sample.doc == "A line that says what it is.\n\nAnd who wrote it."


def test_options() -> None:
    assert sample(beta=2.0) != sample
    assert sample(beta=2.0)(beta=1.0) == sample
    assert sample() == sample
    with pytest.raises(CellError, match=r"has no option 'betta'. Did you mean 'beta'"):
        sample(betta=1.0)
    with pytest.raises(CellError, match="the option beta=None is a NoneType"):
        sample(beta=None)
    with pytest.raises(CellError, match="options are settled"):
        gw.load_cell(sample.to_json())(beta=1.0)


def test_initialisation_by_member_family_or_default() -> None:
    inits = {p.name: p.init for p in sample.program.params}
    assert inits["b.f"] == Init("constant", (1.0,))
    assert inits["b.z"] == Init("normal", (0.1,))
    assert inits["U.f"] == Init("orthogonal", (1.0,))
    assert inits["W.f"] == Init("uniform_hidden")
    changed = sample.with_init({"W": 0.0, "b.z": ("uniform", -1, 1), "b.f": ("chrono", 100)})
    inits = {p.name: p.init for p in changed.program.params}
    assert inits["W.f"] == inits["W.z"] == Init("constant", (0.0,))
    assert inits["b.z"] == Init("uniform", (-1.0, 1.0))
    assert inits["b.f"] == Init("chrono", (100.0,))
    with pytest.raises(CellError, match=r"has no parameter 'b.ff'. Did you mean 'b.f'"):
        sample.with_init({"b.ff": 1.0})
    for wrong in ("chrono", ("chrono", 1), ("uniform", 1), ("normal", "x"), ("what", 1), True, ()):
        with pytest.raises(CellError, match=r"Fix: one of uniform_hidden"):
            sample.with_init({"b": wrong})


def test_saving_needs_none_of_the_python(tmp_path: Path) -> None:
    path = tmp_path / "sample.json"
    sample.save(path)
    for loaded in (
        gw.load_cell(path),
        gw.load_cell(str(path)),
        gw.load_cell(sample.to_json()),
        gw.load_cell(sample.to_json(indent=2).encode()),
    ):
        assert loaded == sample
        assert loaded.definition is None
        assert loaded.doc == sample.doc


def test_loading_what_is_not_there(tmp_path: Path) -> None:
    for missing in (tmp_path / "no.json", str(tmp_path), "", "no\0file", "x" * 5000):
        with pytest.raises(InputError, match="cannot read the cell"):
            gw.load_cell(missing)
    damaged = tmp_path / "damaged.json"
    damaged.write_bytes(b"\xff\xfe{\x00")
    with pytest.raises(ProgramError, match="not the JSON of a program"):
        gw.load_cell(damaged)


def test_a_name_that_the_language_lacks() -> None:
    with pytest.raises(ImportError, match="Did you mean 'sigmoid'"):
        from gatewise.lang import sigmod  # noqa: F401
    assert not hasattr(lang, "no_such_function")


# --- what the functions mean ---------------------------------------------------------------------

V = np.array([-np.inf, -800.0, -3.0, -1.5, -1.0, -0.0, 0.0, 0.3, 1.0, 2.5, 3.0, 7.0, 800.0, np.inf])

MEANINGS = {
    "sigmoid": (lambda v: lang.sigmoid(v), torch.sigmoid),
    "tanh": (lambda v: lang.tanh(v), torch.tanh),
    "exp": (lambda v: lang.exp(v), torch.exp),
    "log": (lambda v: lang.log(v), torch.log),
    "sqrt": (lambda v: lang.sqrt(v), torch.sqrt),
    "log_sigmoid": (lambda v: lang.log_sigmoid(v), torch.nn.functional.logsigmoid),
    "softplus": (lambda v: lang.softplus(v), lambda v: torch.logaddexp(v, torch.zeros_like(v))),
    "sin": (lambda v: lang.sin(v), torch.sin),
    "cos": (lambda v: lang.cos(v), torch.cos),
    "erf": (lambda v: lang.erf(v), torch.erf),
    "relu": (lambda v: lang.relu(v), torch.relu),
    "hard_sigmoid": (lambda v: lang.hard_sigmoid(v), torch.nn.functional.hardsigmoid),
    "abs": (lambda v: lang.abs(v), torch.abs),
    "builtin abs": (lambda v: abs(v), torch.abs),
    "floor": (lambda v: lang.floor(v), torch.floor),
    "minimum": (lambda v: lang.minimum(v, 1.0), lambda v: torch.minimum(v, torch.ones(()))),
    "maximum": (lambda v: lang.maximum(1.0, v), lambda v: torch.maximum(torch.ones(()), v)),
    "where": (lambda v: lang.where(v > 0, v, 3.0), lambda v: torch.where(v > 0, v, 3.0)),
    "clip": (lambda v: lang.clip(v, -1, 1), lambda v: torch.clamp(v, -1, 1)),
    "and": (lambda v: (v > -2) & (v < 2), lambda v: ((v > -2) & (v < 2)).double()),
    "or": (lambda v: (v <= -2) | (v >= 2), lambda v: ((v <= -2) | (v >= 2)).double()),
    "not": (lambda v: ~(v == 1), lambda v: (v != 1).double()),
    "not equal": (lambda v: v != 1, lambda v: (v != 1).double()),
    "compared with a number": (
        lambda v: (1 < v) | (-1 >= v),
        lambda v: ((v > 1) | (v <= -1)).double(),
    ),
    "cube": (lambda v: v**3, lambda v: v**3),
    "float power": (lambda v: v**2.0, lambda v: v**2.0),
    "inverse": (lambda v: v**-2, lambda v: v**-2),
    "root": (lambda v: v**0.5, lambda v: v**0.5),
    "remainder": (lambda v: v % 2, lambda v: torch.where(v.isinf(), torch.nan, v % 2)),
    "remainder of a number": (
        lambda v: 2 % (v + 0.5),
        lambda v: 2 - torch.floor(2 / (v + 0.5)) * (v + 0.5),
    ),
    "floor division": (lambda v: v // 2, lambda v: torch.floor(v / 2)),
    "a number floor divided": (lambda v: 2 // v, lambda v: torch.floor(2 / v)),
    "a number less": (lambda v: 1 - v, lambda v: 1 - v),
    "a number divided": (lambda v: 1 / v, lambda v: 1 / v),
    "negative": (lambda v: -v, lambda v: -v),
    "positive": (lambda v: +v, lambda v: v),
    "numpy scalars": (
        lambda v: np.float64(2) * v - np.float32(1) / np.int64(2) + np.add(v, 1.5),
        lambda v: 2 * v - 0.5 + v + 1.5,
    ),
    "functions of numbers": (
        lambda v: v + lang.exp(1) + lang.relu(-1) + lang.clip(3, 0, 2),
        lambda v: v + np.e + 2,
    ),
}


@pytest.mark.parametrize("name", MEANINGS)
def test_functions_mean_what_torch_means(name: str) -> None:
    ours, theirs = MEANINGS[name]
    cell = gw.cell(lambda x, h: ours(x) + 0.0 * lang.where(h == 0, 0.0, 0.0))
    x = V.reshape(1, 1, -1)
    got = run(cell.program, {"x": x}, {}, {"H": V.size}, Sequences(1, 1))
    assert_close(got.output[0, 0], theirs(torch.from_numpy(V)), "float64", "forward", name=name)


def test_sums_means_and_norms() -> None:
    @gw.cell(sizes={"m": "M"})
    def cell(x: Any, y: Any, /, h: Any, k: Any, n: Any, m: Any) -> Any:
        a, b = lang.norm(x, y, eps=1e-3)
        total = lang.sum(x) + lang.sum(lang.sum(x)) - lang.sum(x)
        return lang.norm(x) + 0 * h, a + 0 * k, b + 0 * n, total * m + lang.mean(y)

    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((1, 2, 3)), rng.standard_normal((1, 2, 5))
    sizes = {str(i.size): s for i, s in zip(cell.program.inputs, (3, 5), strict=True)}
    sizes |= {n: 4 for n in cell.program.sizes if n not in sizes}
    states = [np.zeros((2, s.size.evaluate(sizes))) for s in cell.program.states]
    states[3] += 1
    got = run(cell.program, {"x": x, "y": y}, {}, sizes, Sequences(1, 2), states=states)
    norm = torch.nn.functional.layer_norm(torch.from_numpy(x[0]), (3,))
    both = torch.nn.functional.layer_norm(
        torch.from_numpy(np.concatenate([x[0], y[0]], -1)), (8,), eps=1e-3
    )
    assert_close(got.states[0], norm, "float64", "forward")
    assert_close(got.states[1], both[:, :3], "float64", "forward")
    assert_close(got.states[2], both[:, 3:], "float64", "forward")
    expected = x[0].sum(-1, keepdims=True) + y[0].mean(-1, keepdims=True)
    assert_close(
        got.states[3], np.broadcast_to(expected, got.states[3].shape), "float64", "forward"
    )


def test_repeat_shares_each_unit_with_a_block() -> None:
    cell = gw.cell(lambda x, h: lang.repeat(x, 3) + 0 * h)
    got = run(cell.program, {"x": np.array([[[1.0, 2.0]]])}, {}, {"H": 6}, Sequences(1, 1))
    assert got.output.ravel().tolist() == [1, 1, 1, 2, 2, 2]


def test_printed_it_shows_its_equations() -> None:
    shown = str(gw.cells.lstm)
    assert shown == repr(gw.cells.lstm) == f"{gw.cells.lstm}"
    assert shown.splitlines() == [
        "lstm(x, /, h, c, *, W, U, b, cells=1, input_bias=True)",
        "    i = sigmoid(W.i @ x + U.i @ h + b.i)",
        "    f = sigmoid(W.f @ x + U.f @ h + b.f)",
        "    z = tanh(W.z @ x + U.z @ h + b.z)",
        "    o = sigmoid(W.o @ x + U.o @ h + b.o)",
        "    c' = f * c + i * z",
        "    h' = o * tanh(c')",
        "names: i f z o c h",
    ]
    assert "heads=4" in str(gw.cells.slstm(heads=4))
    assert "i = sigmoid(g_W.i * norm(W.i @ x, " in str(gw.cells.layer_norm(gw.cells.lstm))


@pytest.mark.parametrize("name", gw.cells.names())
def test_printed_it_is_short_and_names_what_can_be_recorded(name: str) -> None:
    cell = gw.cells.get(name)
    shown = str(cell)
    assert len(shown) < 1000 and "Fraction(" not in shown and "Node(" not in shown
    assert shown.splitlines()[-1] == " ".join(["names:", *cell.names])


@pytest.mark.parametrize("op", ["product", "sum", "many names"])
def test_of_a_long_cell_the_print_is_cut(op: str) -> None:
    def equations(x, /, h, *, W):
        v = W @ x
        for _ in range(1500):
            v = v * h if op == "product" else v + h
        return v + h

    if op == "many names":
        lines = "".join(f"    v{k} = v{k - 1} + h\n" for k in range(1, 300))
        text = f"def equations(x, /, h, *, W):\n    v0 = W @ x\n{lines}    return v299\n"
        names: dict[str, Any] = {}
        exec(text, names)
        equations = names["equations"]
    shown = str(gw.cell(equations))
    assert len(shown) < 8000 and "..." in shown
