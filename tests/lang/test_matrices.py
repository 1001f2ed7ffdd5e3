"""Matrices among the quantities of a step: sizes, blocks, equations, refusals."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import gatewise as gw
from gatewise.errors import CellError
from gatewise.interp import Sequences, run
from gatewise.ir import ONE, Axes, Size
from gatewise.lang import (
    columns,
    cumsum,
    dot,
    max,
    mean,
    min,
    outer,
    repeat,
    rows,
    sigmoid,
    softmax,
    sum,
    tanh,
    transpose,
    units,
)


def test_sizes_follow_from_the_vectors() -> None:
    @gw.cell(sizes={"k": "K"})
    def memory(x, /, h, S, *, W):
        k = W.k @ x
        S = 0.9 * S + outer(W.v @ x, k)
        return S @ k, S

    state = memory.program.state("S")
    assert state.axes == Axes(Size.of("H"), Size.of("K"))
    assert str(state.size) == "H*K"
    assert gw.load_cell(memory.to_json()) == memory
    assert dict(memory.equations)["h'"] == "S' @ k"


def test_a_gate_that_meets_a_matrix_is_one_number() -> None:
    @gw.cell(sizes={"k": "K"})
    def gated(x, /, h, S, *, W, b):
        k = W.k @ x
        S = sigmoid(W.f @ x + b.f) * S + outer(W.v @ x, k)
        return S @ k, S

    assert gated.program.param("W.f").rows == ONE


def test_another_state_may_take_the_value_of_a_matrix() -> None:
    @gw.cell(sizes={"k": "K"})
    def delayed(x, /, h, S, last, *, W):
        k = W.k @ x
        return last @ k, 0.5 * S + outer(W.v @ x, k), S

    assert delayed.program.state("last").axes == delayed.program.state("S").axes


def test_products_and_sums_mean_what_they_say() -> None:
    @gw.cell(blocks={"S": "heads"}, sizes={"k": "K", "g": "heads"})
    def mixed(x, /, h, S, t, g, *, W, heads=2):
        k, v = W.k @ x, W.v @ x
        S = rows(repeat(g)) * S + columns(k) * outer(v, k)
        return S @ k, S, transpose(S) @ v + 0 * k, g * units(v) / units(v)

    sizes = {"I": 3, "H": 4, "K": 6}
    assert set(mixed.program.sizes) == set(sizes)
    rng = np.random.default_rng(0)
    params = {p.name: rng.standard_normal(p.shape(sizes)) for p in mixed.program.params}
    x = rng.standard_normal((1, 1, 3))
    first = [rng.standard_normal((1, s.size.evaluate(sizes))) for s in mixed.program.states]
    got = run(mixed.program, {"x": x}, params, sizes, Sequences(1, 1), states=first)
    key, value = params["W.k"] @ x[0, 0], params["W.v"] @ x[0, 0]
    for head in range(2):
        k, v = key[3 * head : 3 * head + 3], value[2 * head : 2 * head + 2]
        old = first[1][0].reshape(2, 2, 3)[head]
        new = first[3][0, head] * old + k * np.outer(v, k)
        np.testing.assert_allclose(got.states[1][0].reshape(2, 2, 3)[head], new)
        np.testing.assert_allclose(got.states[0][0, 2 * head : 2 * head + 2], new @ k)
        np.testing.assert_allclose(got.states[2][0, 3 * head : 3 * head + 3], new.T @ v)


@pytest.mark.parametrize("heads", [1, 2])
def test_largest_entries_and_softmax_by_rows(heads: int) -> None:
    @gw.cell(blocks={"S": "heads"}, sizes={"W.k": "K", "top": 1, "least": 1})
    def attended(x, /, h, S, top, least, *, W, heads=1):
        S = S + outer(W.v @ x, W.k @ x)
        P = softmax(S)
        return h + P @ (W.q @ x), S, max(S), min(P)

    program = attended(heads=heads).program
    sizes = {"I": 3, "H": 4, "K": 6}
    rng = np.random.default_rng(0)
    params = {p.name: rng.standard_normal(p.shape(sizes)) for p in program.params}
    x = rng.standard_normal((1, 1, 3))
    first = [rng.standard_normal((1, s.size.evaluate(sizes))) for s in program.states]
    got = run(program, {"x": x}, params, sizes, Sequences(1, 1), states=first, record=("P",))
    S = torch.tensor(got.states[1][0]).view(4, 6 // heads)  # a row of each block after the other
    P = torch.softmax(S, -1)
    np.testing.assert_allclose(got.recorded["P"][0, 0].reshape(P.shape), P)
    q = torch.tensor(params["W.q"] @ x[0, 0]).view(heads, 1, -1).expand(-1, 4 // heads, -1)
    want = torch.tensor(first[0][0]) + (P * q.reshape(P.shape)).sum(-1)
    np.testing.assert_allclose(got.states[0][0], want)
    np.testing.assert_allclose([got.states[2][0, 0], got.states[3][0, 0]], [S.max(), P.min()])
    equations = dict(attended.equations)
    assert equations["P"] == "softmax(S')" and equations["top'"] == "max(S')"
    assert equations["least'"] == "min(P)"


def test_rows_and_columns_one_by_one() -> None:
    @gw.cell(blocks={"S": "heads"}, sizes={"W.k": "K"})
    def sides(x, /, h, S, a, b, c, d, e, *, W, heads=2):
        S = S + outer(W.v @ x, W.k @ x)
        a, b = sum(S, by="rows"), sum(S, by="columns")
        c, d, e = mean(S, by="rows"), max(S, by="rows"), min(tanh(S), by="rows")
        return h + c, S, a, b, c, d, e

    sizes = {"I": 3, "H": 4, "K": 6}
    rng = np.random.default_rng(0)
    params = {p.name: rng.standard_normal(p.shape(sizes)) for p in sides.program.params}
    x = rng.standard_normal((1, 1, 3))
    first = [rng.standard_normal((1, s.size.evaluate(sizes))) for s in sides.program.states]
    got = run(sides.program, {"x": x}, params, sizes, Sequences(1, 1), states=first)
    S = got.states[1][0].reshape(2, 2, 3)  # two blocks of two rows and three columns
    want = S.sum(-1), S.sum(-2), S.mean(-1), S.max(-1), np.tanh(S).min(-1)
    for state, values in zip(got.states[2:], want, strict=True):
        np.testing.assert_allclose(state[0], values.ravel())
    equations = dict(sides.equations)
    assert equations["a'"] == 'sum(S\', by="rows")' and equations["b'"] == 'sum(S\', by="columns")'
    assert equations["d'"] == 'max(S\', by="rows")'
    assert equations["e'"] == 'min(tanh(S\'), by="rows")'


def vector_meets(x: Any, /, h: Any, S: Any, *, W: Any, b: Any) -> Any:
    v = W.v @ x
    S = tanh(v + h) * S + outer(v + h, W.k @ x)
    return h, S


def product_of_two(x: Any, /, h: Any, S: Any, *, W: Any) -> Any:
    S = S + outer(h, W.k @ x)
    return S @ S, S


def parameter_times(x: Any, /, h: Any, S: Any, *, W: Any) -> Any:
    new = outer(h, W.k @ x)
    return W.m @ new, S + new


def output_is(x: Any, /, S: Any, h: Any, *, W: Any) -> Any:
    return S + outer(W.v @ x, W.k @ x), h


def rows_differ(x: Any, /, h: Any, S: Any, *, W: Any) -> Any:
    S = S + outer(W.v @ h, x) + outer(x, W.v @ h)
    return S @ x, S


def never_settled(x: Any, /, h: Any, S: Any, *, W: Any) -> Any:
    S = 0.5 * S + outer(W.v @ x, W.k @ x)
    return h + sum(S), S


def no_matrix_returned(x: Any, /, h: Any, S: Any, *, W: Any) -> Any:
    return S @ h, W.s @ x


def added_up(x: Any, /, h: Any, S: Any, *, W: Any) -> Any:
    S = 0.5 * S + outer(h, h)
    return cumsum(S) @ h, S


def summed_in_parts(x: Any, /, h: Any, S: Any, *, W: Any) -> Any:
    S = 0.5 * S + outer(h, h)
    return h + sum(S, 2), S


def by_columns(x: Any, /, h: Any, S: Any, *, W: Any) -> Any:
    S = 0.5 * S + outer(h, h)
    return max(S, by="columns"), S


def by_something(x: Any, /, h: Any, S: Any, *, W: Any) -> Any:
    S = 0.5 * S + outer(h, h)
    return sum(S, by="row"), S


def of_a_vector(x: Any, /, h: Any, S: Any, *, W: Any) -> Any:
    v = W.v @ x
    return h + sum(v, by="rows"), 0.5 * S + outer(h, v)


def pythons(x: Any, /, h: Any, S: Any, *, W: Any) -> Any:
    S = 0.5 * S + outer(h, h)
    return builtins.sum(S, by="rows"), S  # type: ignore[call-overload]


def axis(x: Any, /, h: Any, S: Any, *, W: Any) -> Any:
    S = 0.5 * S + outer(h, h)
    return sum(S, axis=1), S  # type: ignore[call-arg]


def gated_by_its_value(x: Any, /, h: Any, S: Any, *, W: Any) -> Any:
    v, k = W.v @ x, W.k @ x
    S = S + outer(v, k)
    return v * S @ k, S


def gated_before(x: Any, /, h: Any, S: Any, *, W: Any) -> Any:
    """Not a matrix of one row, either, though v was taken for a number when it met S."""
    v, k = W.v @ x, W.k @ x
    S = v * S + outer(v, k)
    return S @ k, S


def behind(x: Any, /, h: Any, S: Any, *, W: Any) -> Any:
    q, k = W.q @ x, W.k @ x
    S = S + outer(h, k)
    return q @ S, S


def weighed(x: Any, /, h: Any, S: Any, *, W: Any) -> Any:
    S = S + outer(h, W.k @ x)
    return W.j @ S, S


def in_parts(x: Any, /, h: Any, S: Any, *, W: Any) -> Any:
    S = 0.5 * S + outer(h, h)
    return softmax(S, parts=2) @ h, S


@pytest.mark.parametrize(
    ("function", "problem", "fix"),
    [
        (added_up, "S is a matrix: cumsum", "outer(v, cumsum(k))"),
        (in_parts, "softmax in parts takes a vector", "of each row anyway"),
        (summed_in_parts, "sum in parts takes a vector", 'by="rows"'),
        (by_columns, "the max of each column", "rows and columns exchanged"),
        (by_something, "by='row'", 'by="rows" or by="columns"'),
        (of_a_vector, "takes a matrix, and v is a vector", "leave `by` out"),
        (pythons, "'by' is an invalid keyword", "from gatewise.lang import sum"),
        (axis, "unexpected keyword argument 'axis'", 'by="rows"'),
        (gated_by_its_value, "the vector v meets the matrix S", "rows(v)"),
        (gated_before, "the vector v meets the matrix S", "rows(v)"),
        (behind, "q is a vector, and the matrix S stands behind it", "transpose(S) @ q"),
        (weighed, "S is a matrix: W.j @ v takes a vector", "apply it"),
        (vector_meets, "meets the matrix", "rows"),
        (product_of_two, "product of two matrices", "apply it to a vector"),
        (parameter_times, "is a matrix", "apply it to a vector"),
        (output_is, "is the output, and a matrix", "return a vector first"),
        (never_settled, "does not follow", "declare it"),
        (no_matrix_returned, "the left side of @ is not a parameter", "dot"),
    ],
)
def test_refusals(function: Callable[..., Any], problem: str, fix: str) -> None:
    with pytest.raises(CellError) as refusal:
        gw.cell(function)
    said, _, way_out = str(refusal.value).partition("Fix:")
    assert problem in said and fix in way_out


def test_one_size_of_rows_and_columns_makes_a_square() -> None:
    """Rows and columns unify like all sizes: both outer products have the size of x both ways."""
    axes = gw.cell(rows_differ).program.state("S").axes
    assert axes is not None and axes.rows == axes.cols


def test_a_state_may_declare_its_rows_and_columns() -> None:
    @gw.cell(sizes={"S": ("H", "K"), "D": ("2*H", "K")})
    def declared(x, /, h, S, D, *, W):
        k = W.k @ x
        S, D = S + outer(W.v @ x, k), 0.5 * D + outer(W.w @ x, k)
        return S @ k, S, D

    program = declared.program
    assert str(program.state("S").axes) == "H, K" and str(program.state("D").axes) == "2*H, K"
    assert program.sizes == ("I", "H", "K")
    with pytest.raises(CellError, match="no matrix is returned for it"):

        @gw.cell(sizes={"c": ("H", "K")})
        def vector(x, /, h, c, *, W):
            return h + W @ x, c + h

    with pytest.raises(CellError, match="sizes cannot be unified"):

        @gw.cell(sizes={"S": ("H", 3), "k": 4})
        def differs(x, /, h, S, *, W):
            k = W.k @ x
            return S @ k, S + outer(h, k)


def test_blocks_of_a_state_that_is_no_matrix() -> None:
    with pytest.raises(CellError, match="is no matrix"):

        @gw.cell(blocks={"c": 2})
        def wrong(x, /, h, c, *, W):
            return tanh(W @ x), c + h


def test_a_dot_product_is_one_number() -> None:
    @gw.cell
    def lengths(x, /, h, *, W):
        v = W @ x
        return h + v / (dot(v, v) + 1)

    assert dict(lengths.equations)["h'"] == "h + v / (sum(v ** 2) + 1)"
