"""Sizes are inferred; what they cannot say is declared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gatewise as gw
from gatewise.errors import CellError, SizeError
from gatewise.ir import Size
from gatewise.lang import mean, norm, repeat, sigmoid, tanh
from gatewise.lang.sizes import Sizes


def sizes_of(cell: gw.Cell) -> dict[str, str]:
    p = cell.program
    sizes = {i.name: str(i.size) for i in (*p.inputs, *p.states)}
    sizes |= {n: str(p.nodes[k].size) for n, k in p.names if n not in sizes}
    for param in p.params:
        sizes[param.name] = f"{param.rows}" + (f", {param.cols}" if param.cols else "")
    return sizes


def test_input_and_hidden_size() -> None:
    @gw.cell
    def cell(x: Any, /, h: Any, *, W: Any, U: Any, b: Any) -> Any:
        return tanh(W.h @ x + U.h @ h + b.h)

    assert cell.program.sizes == ("I", "H")
    assert sizes_of(cell) == {"x": "I", "h": "H", "W.h": "H, I", "U.h": "H, H", "b.h": "H"}
    assert cell.parameter_count(I=2, H=3) == 6 + 9 + 3


def test_both_notations_give_one_matrix_over_the_concatenation() -> None:
    @gw.cell
    def cell(x: Any, /, h: Any, *, W: Any) -> Any:
        f = sigmoid(W.f @ [h, x])
        return f * tanh(W.z @ (h, x))

    assert sizes_of(cell)["W.f"] == sizes_of(cell)["W.z"] == "H, H + I"
    assert cell.program.param("W.f").shape({"H": 3, "I": 2}) == (3, 5)


def test_raw_input_makes_the_sizes_equal() -> None:
    @gw.cell
    def cell(x: Any, /, h: Any, *, U: Any) -> Any:
        return tanh(x + U.h @ h)

    assert cell.program.sizes == ("H",)
    assert sizes_of(cell) == {"x": "H", "h": "H", "U.h": "H, H"}


def test_several_inputs_have_letters_of_their_own() -> None:
    @gw.cell(static="s", scalar="t")
    def cell(x: Any, y: Any, s: Any, t: Any, /, h: Any, *, W: Any) -> Any:
        return tanh(W.x @ x + W.y @ y + W.s @ s + W["t"] @ t + h * t)

    assert cell.program.sizes == ("I", "I_y", "I_s", "H")
    assert sizes_of(cell)["W.t"] == "H, 1"
    assert [i.per for i in cell.program.inputs] == ["step", "step", "sequence", "step"]


def test_a_projection_declares_one_letter() -> None:
    @gw.cell(sizes={"h": "P", "c": "H"})
    def cell(x: Any, /, h: Any, c: Any, *, W: Any, U: Any) -> Any:
        i = sigmoid(W.i @ x + U.i @ h)
        c = (1 - i) * c + i * tanh(W.z @ x)
        h = W.p @ tanh(c)
        return h, c

    assert cell.program.sizes == ("I", "P", "H")
    assert sizes_of(cell)["W.p"] == "P, H"
    assert sizes_of(cell)["U.i"] == "H, P"


def test_declared_letters_mean_what_they_stand_for() -> None:
    @gw.cell(sizes={"m": "H", "k": "2*I", "q": "K"})
    def cell(x: Any, /, h: Any, m: Any, *, W: Any) -> Any:
        k = tanh(W.k @ x)
        q = W.q @ k
        return tanh(W.h @ q + h), m

    assert sizes_of(cell)["m"] == "H"
    assert sizes_of(cell)["W.k"] == "2*I, I"
    assert sizes_of(cell)["W.q"] == "K, 2*I"
    assert set(cell.program.sizes) == {"I", "H", "K"}


def test_a_declared_hidden_size_frees_its_letter() -> None:
    @gw.cell(sizes={"h": "2*H"})
    def cell(x: Any, /, h: Any, *, W: Any) -> Any:
        return tanh(W.h @ x) + h

    assert sizes_of(cell)["W.h"] == "2*H, I"


def test_one_gate_for_all_units_by_its_local_name() -> None:
    @gw.cell(sizes={"g": 1, "b.s": 1})
    def cell(x: Any, /, h: Any, *, W: Any, b: Any) -> Any:
        g = sigmoid(W.g @ x + b.g)
        h = g * tanh(W.h @ x * b.s) + (1 - g) * h
        return h

    assert sizes_of(cell)["W.g"] == "1, I"
    assert sizes_of(cell)["b.g"] == sizes_of(cell)["b.s"] == "1"
    assert sizes_of(cell)["W.h"] == "H, I"


def test_fixed_numbers() -> None:
    @gw.cell(sizes={"k": 3})
    def cell(x: Any, /, h: Any, *, W: Any) -> Any:
        k = tanh(W.k @ x)
        return tanh(W.h @ k) + h

    assert cell.program.param("W.k").shape({"I": 5, "H": 2}) == (3, 5)


def test_blocks_share_a_gate() -> None:
    @gw.cell
    def cell(x: Any, /, h: Any, c: Any, *, W: Any, cells: int = 2) -> Any:
        i = sigmoid(W.i @ x)
        c = c + repeat(i, cells) * tanh(W.z @ x)
        h = tanh(c) + h
        return h, c

    assert sizes_of(cell)["W.i"] == "H/2, I"
    assert sizes_of(cell(cells=4))["W.i"] == "H/4, I"
    with pytest.raises(SizeError, match="size H/2 with H=3 is 3/2: it must divide evenly"):
        cell.parameter_count(I=1, H=3)
    assert cell.parameter_count(I=1, H=4) == 2 + 4


def test_gates_carried_as_states_need_no_declaration() -> None:
    @gw.cell
    def cell(x: Any, /, h: Any, i: Any, *, W: Any, R: Any) -> Any:
        i = sigmoid(W.i @ x + R["if"] @ i)
        return i * tanh(W.z @ x + R.z @ h), i

    assert set(sizes_of(cell).values()) >= {"H", "H, H", "H, I"}
    assert sizes_of(cell)["R.if"] == "H, H"


def test_block_diagonal_families() -> None:
    @gw.cell(blocks={"U": "heads"})
    def cell(x: Any, /, h: Any, *, W: Any, U: Any, b: Any, heads: int = 2) -> Any:
        return tanh(W.h @ x + U.h @ h + b.h)

    assert cell.program.param("U.h").shape({"H": 6, "I": 1}) == (2, 3, 3)
    assert cell(heads=3).program.param("U.h").shape({"H": 6, "I": 1}) == (3, 2, 2)
    assert cell(heads=1).program.param("U.h").shape({"H": 6, "I": 1}) == (6, 6)
    assert cell.parameter_count(I=1, H=6) == 6 + 18 + 6
    with pytest.raises(SizeError, match="divide evenly"):
        cell(heads=4).parameter_count(I=1, H=6)


def test_a_scalar_result_is_spread_over_the_state() -> None:
    @gw.cell
    def cell(x: Any, /, h: Any, m: Any, *, W: Any) -> Any:
        h = tanh(W.h @ x) + h * m
        m = mean(h)
        return h, m

    program = cell.program
    assert program.nodes[program.named("m")].size == Size.of("H")
    assert cell.names == ("h", "m")


def test_one_size_from_a_sum_of_others() -> None:
    """W.a is used over [x, y] and over h: then H = I + I_y, and nothing is free besides."""

    @gw.cell
    def cell(x: Any, y: Any, /, h: Any, *, W: Any) -> Any:
        return tanh(W.a @ [x, y] + W.a @ h)

    assert gw.load_cell(cell.to_json()) == cell
    sizes = dict.fromkeys(cell.program.sizes, 5) | {"H": 7}
    sizes = {n: v for n, v in sizes.items() if n in cell.program.sizes}
    p = cell.program
    assert p.input("x").size.evaluate(sizes) + p.input("y").size.evaluate(sizes) == p.state(
        "h"
    ).size.evaluate(sizes)


def test_a_joint_norm_counts_all_units() -> None:
    @gw.cell
    def cell(x: Any, /, h: Any, *, W: Any, g: Any) -> Any:
        i, z = norm(W.i @ x, W.z @ [h, x])
        return sigmoid(g.i * i) * tanh(g.z * z) + h

    counts = [n.attr for n in cell.program.nodes if n.op == "size"]
    assert counts == [Size.of("2*H")]


def test_a_cell_without_a_single_parameter() -> None:
    @gw.cell
    def cell(x: Any, h: Any) -> Any:
        return 0.5 * (x + h)

    assert cell.program.params == ()
    assert cell.parameter_count(H=3) == 0


def test_an_input_that_is_never_read_keeps_its_letter() -> None:
    @gw.cell
    def cell(x: Any, /, h: Any, *, U: Any) -> Any:
        return tanh(U.h @ h)

    assert cell.program.sizes == ("I", "H")


def test_impossible_sizes_are_refused() -> None:
    with pytest.raises(CellError, match="sizes cannot be unified"):

        @gw.cell
        def longer_than_itself(x: Any, /, h: Any, *, W: Any) -> Any:
            return W.a @ h + W.a @ [h, x]

    with pytest.raises(CellError, match="sizes cannot be unified"):

        @gw.cell(sizes={"h": 3})
        def half_a_unit(x: Any, /, h: Any, c: Any, *, W: Any) -> Any:
            return h + repeat(c, 2), W.c @ x


def test_bind_names_what_is_wrong() -> None:
    @gw.cell
    def cell(x: Any, /, h: Any, *, W: Any) -> Any:
        return tanh(W.h @ x) + h

    for wrong, say in (
        ({"I": 2}, "needs the sizes H"),
        ({"I": 2, "H": 3, "P": 1}, "has no size 'P'. Its sizes: I, H"),
        ({"I": 2, "H": 0}, "at least 1, not 0"),
        ({"I": 2, "H": 2.0}, "at least 1, not 2.0"),
        ({"I": True, "H": 2}, "at least 1, not True"),
    ):
        with pytest.raises(SizeError, match=say):
            cell.parameter_count(**wrong)  # type: ignore[arg-type]


def test_numbers_for_sizes_may_be_numpys() -> None:
    cell = gw.cell(lambda x, /, h, *, W: tanh(W.h @ x) + h)
    assert cell.parameter_count(I=np.int64(2), H=np.uint8(200)) == 400


def test_any_word_may_be_a_letter_or_an_option() -> None:
    @gw.cell(sizes={"k": "self"})
    def cell(x: Any, /, h: Any, *, W: Any, self: float = 1.0, name: str = "n") -> Any:
        k = self * tanh(W.k @ x)
        return h + W.h @ k

    assert cell.parameter_count(I=1, H=2, self=3) == 3 + 6
    assert cell(self=2.0, name="m") != cell


# --- the solver ---------------------------------------------------------------------------------


def test_unification_is_elimination() -> None:
    sizes = Sizes()
    a, b, c = (sizes.fresh() for _ in range(3))
    assert sizes.unify(a + b, c)
    assert sizes.unify(c, Size.of("4*K"))
    assert sizes.unify(a, b)
    assert sizes.resolve(a) == sizes.resolve(b) == Size.of("2*K")
    assert sizes.unify(a + a, c)
    assert not sizes.unify(a, c)
    assert not sizes.unify(Size.of("K"), Size.of("L"))
    assert sizes.unknowns(a + b + c) == []


def test_a_refused_equation_changes_nothing() -> None:
    sizes = Sizes()
    a, b = sizes.fresh(), sizes.fresh()
    assert sizes.unify(a, b * 2)
    before = sizes.resolve(a), sizes.resolve(b)
    assert not sizes.unify(a + Size.of("K"), a)
    assert not sizes.unify(sizes.fresh() * 2, Size.of(3))
    assert not sizes.unify(a, a * 2)
    assert (sizes.resolve(a), sizes.resolve(b)) == before
