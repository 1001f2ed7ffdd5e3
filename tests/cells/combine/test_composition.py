"""Combinators on combinators, in every order and on every cell of the catalogue."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest

import gatewise as gw
from gatewise.cells.combine import couple, layer_norm, project, recurrent_dropout, without, zoneout
from gatewise.errors import CellError
from gatewise.ir import validate
from tests.cells.combine.support import case, check_gradients, in_evaluation
from tests.tolerances import assert_close

lstm, peephole = gw.cells.lstm, gw.cells.peephole_lstm

COMBINATORS = {
    "layer_norm": layer_norm,
    "zoneout": lambda cell: zoneout(cell, h=0.3, **({"c": 0.5} if has_state(cell, "c") else {})),
    "semeniuta": lambda cell: recurrent_dropout(cell, 0.4),
    "gal": lambda cell: recurrent_dropout(cell, 0.25, "gal"),
    "project": project,
    "couple": couple,
    "without": lambda cell: without(cell, "U.f" if "U.f" in params(cell) else "b"),
}


def has_state(cell: gw.Cell, name: str) -> bool:
    return any(s.name == name for s in cell.program.states)


def params(cell: gw.Cell) -> set[str]:
    return {p.name for p in cell.program.params}


def apply(cell: gw.Cell, names) -> gw.Cell:
    for name in names:
        cell = COMBINATORS[name](cell)
    return cell


def names_of(cell: gw.Cell) -> set[str]:
    return {n for n in cell.names if "#" not in n}


@pytest.mark.parametrize("pair", list(itertools.combinations(COMBINATORS, 2)), ids="-".join)
def test_two_combinators_in_any_order_give_the_same_cell(pair) -> None:
    one, other = apply(peephole, pair), apply(peephole, pair[::-1])
    for cell in (one, other):
        assert names_of(cell) == names_of(peephole)
        masks = [i.name for i in cell.program.inputs]
        assert len(masks) == len(set(masks))
    assert set(one.program.inputs) == set(other.program.inputs)
    assert set(one.program.params) == set(other.program.params)
    assert one.program.sizes == other.program.sizes
    at = case(one)
    like = case(other, inputs=at.inputs, params=at.params)
    like.states = at.states
    got, want = at.run(), like.run()
    assert_close(got.output, want.output, "float64", "forward")
    for a, b in zip(got.states, want.states, strict=True):
        assert_close(a, b, "float64", "state")


ORDERS = [
    ("couple", "project", "zoneout", "layer_norm"),
    ("layer_norm", "zoneout", "project", "couple"),
    ("gal", "semeniuta", "zoneout", "without", "couple", "project", "layer_norm"),
    ("layer_norm", "project", "couple", "without", "zoneout", "semeniuta", "gal"),
    ("zoneout", "zoneout", "gal", "gal", "semeniuta", "semeniuta"),
]


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_long_compositions(order) -> None:
    cell = apply(lstm, order)
    assert names_of(cell) == names_of(lstm)
    assert gw.load_cell(cell.to_json()) == cell
    check_gradients(cell)
    evaluated = in_evaluation(cell)
    assert all(i.rate is None for i in evaluated.inputs)
    check_gradients(case(evaluated, steps=3, batch=2))


def test_a_long_composition_is_the_same_in_another_order() -> None:
    one, other = (apply(lstm, order) for order in ORDERS[2:4])
    at = case(one)
    like = case(other, inputs=at.inputs, params=at.params)
    like.states = at.states
    assert set(at.params) == set(like.params) and set(at.inputs) == set(like.inputs)
    assert_close(at.run().output, like.run().output, "float64", "forward")


def test_masks_are_selected_in_the_expectation_of_a_long_composition() -> None:
    """The mean over all masks of a linear cell is what the expectation gives."""

    @gw.cell
    def linear(x, /, h, *, u):
        z = x + u
        h = h + z
        return h

    cell = zoneout(recurrent_dropout(linear, 0.25, on="z"), h=0.4)
    at = case(cell, steps=1, batch=1)
    at.sizes = {"H": 4}
    total = np.zeros((1, 1, 4))
    for keep, hold in itertools.product((0.0, 1.0), repeat=2):
        at.inputs["dropout.z"][...], at.inputs["zoneout.h"][...] = keep, hold
        chance = (0.75 if keep else 0.25) * (0.4 if hold else 0.6)
        total += chance * at.run().output
    evaluated = case(in_evaluation(cell), steps=1, batch=1, inputs=at.inputs, params=at.params)
    evaluated.states = at.states
    assert_close(evaluated.run().output, total, "float64", "forward")


LATER = {"antisymmetric_rnn", "lmu", "on_lstm", "lem", "lru", "hgrn", "rg_lru"}
REFUSED = {
    "layer_norm": {"layernorm_lstm"},
    "zoneout": {"lem", "lru"},  # whose output is no h
    "semeniuta": {"rnn", "indrnn", "sublstm", "mlstm"} | LATER,
    "gal": set(),
    "project": {
        "gru",
        "gru_v3",
        "mgu",
        "janet",
        "mut1",
        "mut2",
        "mut3",
        "minlstm",
        "mingru",
        "indrnn",
        "phased_lstm",
        "lstmp",
        "antisymmetric_rnn",
        "lem",
        "rg_lru",
    },
    "couple": LATER - {"on_lstm"}
    | {
        "rnn",
        "lstm_1997",
        "cifg",
        "nig",
        "nfg",
        "gru",
        "gru_v3",
        "mgu",
        "janet",
        "mut1",
        "mut2",
        "mut3",
        "mingru",
        "indrnn",
        "sru",
    },
    "without": {"lru"},  # it has no b
}


@pytest.mark.parametrize("name", gw.cells.names())
def test_every_combinator_on_every_cell(name: str) -> None:
    cell, refused = gw.cells.get(name), set()
    for by, combinator in COMBINATORS.items():
        try:
            combined = combinator(cell)
        except CellError:
            refused.add(by)
            continue
        validate(combined.program)
        assert combined.name.split("(")[0] in by or by in ("semeniuta", "gal")
        assert combined.doc.startswith(cell.doc) and len(combined.doc) > len(cell.doc)
        assert gw.load_cell(combined.to_json()) == combined
        at = case(combined, steps=2, batch=2)
        got = at.run(*combined.names)
        assert np.isfinite(got.output).all()
        assert {n: got.recorded[n].shape[-1] for n in names_of(cell) & {*combined.names}} == {
            n: node_size(combined, n, at.sizes) for n in names_of(cell) & {*combined.names}
        }
        case(in_evaluation(combined), steps=2, batch=2).run()
    assert refused == {by for by, cells in REFUSED.items() if name in cells}


def node_size(cell: gw.Cell, name: str, sizes: dict[str, int]) -> int:
    return cell.program.nodes[cell.program.named(name)].size.evaluate(sizes)


def test_the_description_tells_what_was_done() -> None:
    cell = layer_norm(zoneout(project(couple(lstm)), h=0.05, c=0.5))
    assert cell.name == "layer_norm(zoneout(project(couple(lstm))))"
    assert [line for line in cell.doc.splitlines() if line][-4:] == [
        "Coupled gates, i = 1 - f: Greff et al. (2017).",
        "Output projected by a matrix of [P, H]: Sak et al. (2014).",
        "Zoneout of h (0.05), c (0.5): Krueger et al. (2017).",
        "Layer normalisation of the matrix products and c: Ba et al. (2016).",
    ]


def test_the_cell_that_is_combined_stays_as_it_is() -> None:
    before = lstm.program
    for combinator in COMBINATORS.values():
        combinator(lstm)
    assert lstm.program is before and hash(lstm.program) == hash(before)
    with pytest.raises(CellError, match="options are settled"):
        functools.reduce(lambda cell, f: f(cell), [couple, project], lstm)(cells=2)
